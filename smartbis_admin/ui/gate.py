"""The gate of every view: who may open it is declared on the class and checked at import."""

from typing import Any, ClassVar
from urllib.parse import urlsplit

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.cache import add_never_cache_headers
from django.utils.functional import Promise
from django.views import generic
from django_htmx.http import HttpResponseClientRedirect

from smartbis_admin.staff.access import ANYONE, LABELS, SIGNED_IN, Access
from smartbis_admin.ui.navigation import may

Text = str | Promise
#: Pairs of label and URL, from the start page down, the page itself excluded.
Breadcrumbs = list[tuple[Text, str]]


class AccessMixin(generic.View):
    """Asks for the declared `access` before anything else happens.

    Anonymous people are sent to the login page and come back; signed-in people without the permission
    get a 403 page that says which one is missing and whom to ask. Put it first among the bases. A class
    meant only as a base says `abstract = True` in its own body.
    """

    access: ClassVar[Access | str]
    abstract = True
    title: Text = ""

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        if cls.__dict__.get("abstract"):
            return
        access = getattr(cls, "access", None)
        if not isinstance(access, Access) and access not in (ANYONE, SIGNED_IN):
            raise ImproperlyConfigured(f"{cls.__module__}.{cls.__qualname__}: declare access, not {access!r}")

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if self.access == ANYONE:
            return super().dispatch(request, *args, **kwargs)
        allowed = may(request.user, self.access)
        response = super().dispatch(request, *args, **kwargs) if allowed else self.refuse()
        # Personal data: a signed-out browser must not find it again with "back".
        add_never_cache_headers(response)
        return response

    def refuse(self) -> HttpResponse:
        """The answer to somebody who may not: the login page, or a 403 that says what is missing."""
        request = self.request
        if request.user.is_authenticated:
            context = {"missing": LABELS[Access(self.access)]}
            return render(request, "403.html", context, status=403)
        if request.htmx:  # type: ignore[attr-defined]
            here = urlsplit(request.htmx.current_url or "/")  # type: ignore[attr-defined]
            login = redirect_to_login(here._replace(scheme="", netloc="").geturl())
            return HttpResponseClientRedirect(login.url)
        return redirect_to_login(request.get_full_path())

    def get_title(self) -> Text:
        """The page's heading and the first words of the window's title."""
        return self.title

    def get_breadcrumbs(self) -> Breadcrumbs:
        """The way to this page, itself excluded: pairs of label and URL."""
        return []

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        kwargs.setdefault("page_title", self.get_title())
        kwargs.setdefault("breadcrumbs", self.get_breadcrumbs())
        parent = super().get_context_data  # type: ignore[misc]
        return parent(**kwargs)
