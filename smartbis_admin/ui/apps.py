"""Wiring of the screen kit: every app's `searchers` module registers what the search box finds, its `bulk`
module what can be done with many rows of its lists.
"""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class UiConfig(AppConfig):
    name = "smartbis_admin.ui"
    verbose_name = _("Interface")

    def ready(self) -> None:
        autodiscover_modules("searchers", "bulk")
