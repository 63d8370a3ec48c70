from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ConnectionsConfig(AppConfig):
    name = "smartbis_admin.connections"
    verbose_name = _("Integrações")
