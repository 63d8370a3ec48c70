"""The owner's view of connections; changed on the integrations screens, where credentials are guarded."""

from django.contrib import admin

from smartbis_admin.connections.models import Connection
from smartbis_admin.ui.admin import ReadOnlyAdmin


@admin.register(Connection)
class ConnectionAdmin(ReadOnlyAdmin):
    list_display = ("name", "provider", "base_url", "is_active", "last_ok_at", "blocked_at")
