"""Wiring of the imports: every app's `import_kinds` module registers the kinds of files it has."""

from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules
from django.utils.translation import gettext_lazy as _


class ImportsConfig(AppConfig):
    name = "customers.imports"
    verbose_name = _("Importações")

    def ready(self) -> None:
        autodiscover_modules("import_kinds")
