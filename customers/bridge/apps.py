"""Wiring of the bridge: every app's `bridge_steps` module says what the assistant's last step asks of it."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class BridgeConfig(AppConfig):
    name = "customers.bridge"
    verbose_name = _("Vendas das maquininhas")

    def ready(self) -> None:
        autodiscover_modules("bridge_steps")
