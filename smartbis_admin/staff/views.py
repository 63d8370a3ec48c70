"""Signing in and out, the language of one's screens, and the health check."""

from django.contrib.auth import views as auth
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.i18n import set_language

from smartbis_admin.staff.access import ANYONE, SIGNED_IN
from smartbis_admin.ui.gate import AccessMixin


class LoginView(AccessMixin, auth.LoginView):
    """Sign in with e-mail and password."""

    access = ANYONE
    template_name = "staff/login.html"
    redirect_authenticated_user = True


class LogoutView(AccessMixin, auth.LogoutView):  # type: ignore[misc]
    """Sign out (POST)."""

    access = SIGNED_IN


class LanguageView(AccessMixin):
    """Choose the language of one's screens (POST `language`)."""

    access = ANYONE
    http_method_names = ["post"]

    def post(self, request: HttpRequest) -> HttpResponse:
        return set_language(request)


@method_decorator(never_cache, name="dispatch")
class HealthView(AccessMixin):
    """200 "ok" when the program answers and its database does too; for load balancers and `make run`."""

    access = ANYONE

    def get(self, request: HttpRequest) -> HttpResponse:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
        return HttpResponse("ok", content_type="text/plain")
