"""Reversal cases in the administration: to be read, never changed."""

from django.contrib import admin

from smartbis_admin.ui.admin import ReadOnlyAdmin
from vouchers.reversals.models import ReversalCase


@admin.register(ReversalCase)
class ReversalCaseAdmin(ReadOnlyAdmin):
    list_display = ("opened_at", "state", "reason", "opened_by", "approver")
    list_filter = ("state", "reason")
    list_select_related = ("opened_by", "approver")
