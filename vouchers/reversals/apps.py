from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ReversalsConfig(AppConfig):
    name = "vouchers.reversals"
    verbose_name = _("Estornos")
