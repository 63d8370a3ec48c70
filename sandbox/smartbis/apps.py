"""Django's name for the Smartbis part of the sandbox."""

from django.apps import AppConfig


class SmartbisConfig(AppConfig):
    """The only app of the sandbox with tables."""

    name = "sandbox.smartbis"
    label = "smartbis"
    default_auto_field = "django.db.models.BigAutoField"
