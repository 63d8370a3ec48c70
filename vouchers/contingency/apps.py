from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ContingencyConfig(AppConfig):
    name = "vouchers.contingency"
    verbose_name = _("Contingência")
