"""Django's name for the SmartPOS part of the sandbox."""

from django.apps import AppConfig


class SmartPosConfig(AppConfig):
    """The tables of the card machines."""

    name = "sandbox.smartpos"
    label = "smartpos"
    default_auto_field = "django.db.models.BigAutoField"
