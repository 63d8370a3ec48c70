"""The owner's view of the ledger; it cannot be changed."""

from django.contrib import admin

from smartbis_admin.ui.admin import ReadOnlyAdmin
from smartbis_admin.writes.models import Write


@admin.register(Write)
class WriteAdmin(ReadOnlyAdmin):
    list_display = ("created_at", "kind", "state", "code", "actor", "store")
    list_filter = ("kind", "state", "connection")
    list_select_related = ("actor", "store")
    # Payloads hold personal data; the screens show them masked.
    exclude = ("payload", "result", "before", "subject")
