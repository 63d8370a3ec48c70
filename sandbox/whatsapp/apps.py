"""Django's name for the WhatsApp part of the sandbox."""

from django.apps import AppConfig


class WhatsAppConfig(AppConfig):
    """The tables of the messages."""

    name = "sandbox.whatsapp"
    label = "whatsapp"
    default_auto_field = "django.db.models.BigAutoField"
