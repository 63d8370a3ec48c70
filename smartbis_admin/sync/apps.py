"""Wiring of the mirror: every app's `sync` and `drift` modules register what they know when loaded."""

from importlib import import_module

from django.apps import AppConfig
from django.db.models.signals import post_migrate
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class SyncConfig(AppConfig):
    name = "smartbis_admin.sync"
    verbose_name = _("Sincronização")

    def ready(self) -> None:
        # Every process that may ring a worker's doorbell needs the Celery app, which knows the broker.
        import_module("smartbis_admin.celery")
        autodiscover_modules("sync", "drift")
        navigation = import_module("smartbis_admin.ui.navigation")
        navigation.register_lists(import_module("smartbis_admin.sync.services").lists_in_use)
        # Its tables are there by then; what it makes once, people change.
        schedules = import_module("smartbis_admin.sync.schedules")
        post_migrate.connect(schedules.keep_schedule, sender=self, dispatch_uid="sync.keep_schedule")
