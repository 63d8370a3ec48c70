"""Django's own pages, on which the owner keeps people and places and looks at everything else: for whoever may manage
the staff, and no page can be changed that is not meant to be. The rest of the program does not depend on them.
"""

from typing import Any

from django.contrib import admin
from django.contrib.admin.apps import AdminConfig
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from smartbis_admin.staff.access import Access
from smartbis_admin.ui.navigation import may


def _is_owner(request: HttpRequest) -> bool:
    return may(request.user, Access.MANAGE_STAFF)


class AdministrationSite(admin.AdminSite):
    """Whom it lets in is said by the table of permissions, as everywhere, not by a mark on the person."""

    index_title = _("Administração")

    def has_permission(self, request: HttpRequest) -> bool:
        return _is_owner(request)


class AdministrationConfig(AdminConfig):
    """Django's administration with our site."""

    default_site = "smartbis_admin.ui.admin.AdministrationSite"


class ForOwners:
    """Mixed into a page of rows, or into rows on another's page: whoever manages the staff may do everything."""

    def has_module_permission(self, request: HttpRequest) -> bool:
        return _is_owner(request)

    def has_view_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _is_owner(request)

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _is_owner(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _is_owner(request)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return _is_owner(request)


class ReadOnlyAdmin(ForOwners, admin.ModelAdmin):
    """No adding, changing or deleting (mirrors, ledgers, the audit); counts of big tables are not asked for."""

    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False
