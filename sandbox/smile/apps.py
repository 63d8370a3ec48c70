"""Django's name for the Smile.io part of the sandbox."""

from django.apps import AppConfig


class SmileConfig(AppConfig):
    """The tables of the shop programme."""

    name = "sandbox.smile"
    label = "smile"
    default_auto_field = "django.db.models.BigAutoField"
