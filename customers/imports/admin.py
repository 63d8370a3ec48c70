"""The owner's administration of imports: to look at."""

from django.contrib import admin

from customers.imports.models import Import
from smartbis_admin.ui.admin import ReadOnlyAdmin


@admin.register(Import)
class ImportAdmin(ReadOnlyAdmin):
    list_display = ("file_name", "kind", "connection", "state", "created_by", "created_at")
    list_select_related = ("connection", "created_by")
    exclude = ("sample",)
    ordering = ("-created_at", "-pk")
