"""Wiring of the integrations: every app's `integrations` module says what it knows of a connection (`panels`)."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class ConnectionsConfig(AppConfig):
    name = "smartbis_admin.connections"
    verbose_name = _("Integrações")

    def ready(self) -> None:
        autodiscover_modules("integrations")
