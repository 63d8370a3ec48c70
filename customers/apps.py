"""Wiring of this room: every app's `timeline` module registers what it tells of a customer."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class CustomersConfig(AppConfig):
    name = "customers"
    verbose_name = _("Clientes")

    def ready(self) -> None:
        autodiscover_modules("timeline")
