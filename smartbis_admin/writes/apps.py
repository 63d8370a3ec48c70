"""Wiring of the ledger: every app's `writes` module registers its kinds when loaded."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class WritesConfig(AppConfig):
    name = "smartbis_admin.writes"
    verbose_name = _("Envios à plataforma")

    def ready(self) -> None:
        autodiscover_modules("writes")
