"""Noted uses in the administration: to be read, never changed."""

from django.contrib import admin

from smartbis_admin.ui.admin import ReadOnlyAdmin
from vouchers.elsewhere.models import LocalUse


@admin.register(LocalUse)
class LocalUseAdmin(ReadOnlyAdmin):
    list_display = ("noted_at", "kind", "connection", "noted_by", "taken_back_at")
    list_filter = ("kind", "connection")
    list_select_related = ("connection", "noted_by")
