"""Contingency in the administration: to be read, never changed."""

from django.contrib import admin

from smartbis_admin.ui.admin import ReadOnlyAdmin
from vouchers.contingency.models import ContingencyRelease, ContingencyUse


@admin.register(ContingencyUse)
class ContingencyUseAdmin(ReadOnlyAdmin):
    list_display = ("accepted_at", "state", "breach", "till", "owner", "resolution")
    list_filter = ("state", "breach", "resolution")
    list_select_related = ("till__store", "owner")


@admin.register(ContingencyRelease)
class ContingencyReleaseAdmin(ReadOnlyAdmin):
    list_display = ("at", "until", "shift", "manager", "revoked_at")
    list_select_related = ("shift__till__store", "shift__cashier", "manager")
