from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class FulfilmentsConfig(AppConfig):
    name = "vouchers.fulfilments"
    verbose_name = _("Resgates")
