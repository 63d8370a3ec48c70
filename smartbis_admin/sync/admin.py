"""The owner's view of runs; they cannot be changed. Schedules are edited under "Periodic Tasks"."""

from django.contrib import admin

from smartbis_admin.sync.models import SyncRun
from smartbis_admin.ui.admin import ReadOnlyAdmin


@admin.register(SyncRun)
class SyncRunAdmin(ReadOnlyAdmin):
    list_display = ("resource", "connection", "state", "trigger", "requested_at", "rows_seen", "rows_changed")
    list_filter = ("resource", "state", "connection")
    list_select_related = ("connection",)
    exclude = ("seen", "position", "claim")
