"""The program's addresses. Every view behind them declares who may use it."""

from importlib.util import find_spec

from django.contrib import admin
from django.urls import include, path

from smartbis_admin.staff.views import LanguageView

APPS = (
    "smartbis_admin.staff",
    "smartbis_admin.connections",
    "smartbis_admin.writes",
    "smartbis_admin.sync",
    "customers",
    "rewards",
    "vouchers",
    "vouchers.dashboard",
)
urlpatterns = [
    path("admin/", admin.site.urls),
    path("idioma/", LanguageView.as_view(), name="set_language"),
    *(path("", include(f"{app}.urls")) for app in APPS if find_spec(f"{app}.urls")),
]
