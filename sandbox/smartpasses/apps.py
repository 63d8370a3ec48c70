"""Django's name for the Smart Passes part of the sandbox."""

from django.apps import AppConfig


class SmartPassesConfig(AppConfig):
    """The tables of the wallet programme."""

    name = "sandbox.smartpasses"
    label = "smartpasses"
    default_auto_field = "django.db.models.BigAutoField"
