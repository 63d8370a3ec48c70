from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class BridgeConfig(AppConfig):
    name = "customers.bridge"
    verbose_name = _("Vendas das maquininhas")
