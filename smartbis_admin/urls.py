"""The program's addresses. Every view behind them declares who may use it."""

from django.contrib import admin
from django.urls import include, path

APPS = (
    # Patterns are tried in this order, and at the till a queue is waiting.
    "vouchers",
    "smartbis_admin.ui",
    "smartbis_admin.staff",
    "smartbis_admin.connections",
    "smartbis_admin.writes",
    "smartbis_admin.sync",
    "customers",
    "customers.imports",
    "customers.bridge",
    "customers.points",
    "customers.wallet",
    "customers.persons",
    "customers.rules",
    "rewards",
    "rewards.offers",
    "rewards.products",
    "vouchers.fulfilments",
    "vouchers.elsewhere",
    "vouchers.dashboard",
    "vouchers.reversals",
    "vouchers.contingency",
    "vouchers.outreach",
)
urlpatterns = [
    path("admin/", admin.site.urls),
    *(path("", include(f"{app}.urls")) for app in APPS),
]
