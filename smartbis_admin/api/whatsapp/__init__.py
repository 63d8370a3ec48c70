"""WhatsApp's Cloud API: `wire` holds every name, `client` what is sent, `webhook` what comes back."""

from smartbis_admin.api.whatsapp.client import WhatsAppClient

__all__ = ["WhatsAppClient"]
