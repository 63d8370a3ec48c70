"""Wiring of the mirror: every app's `sync` module registers its mirrors when loaded."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class SyncConfig(AppConfig):
    name = "smartbis_admin.sync"
    verbose_name = _("Sincronização")

    def ready(self) -> None:
        autodiscover_modules("sync")
