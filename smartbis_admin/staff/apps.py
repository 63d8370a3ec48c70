"""Wiring of the staff app: the four roles are kept as Django groups after every migration, and the kit's own acts
go into the audit trail.
"""

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.translation import gettext_lazy as _

from smartbis_admin.staff.roles import keep_roles
from smartbis_admin.ui.journal import keep_with


class StaffConfig(AppConfig):
    name = "smartbis_admin.staff"
    verbose_name = _("Equipe")

    def ready(self) -> None:
        post_migrate.connect(keep_roles, sender=self, dispatch_uid="staff.keep_roles")
        keep_with("smartbis_admin.staff.services.audit")
