"""SmartPOS, the bridge of card machines: `wire` holds every name, `client` what is pulled, `push` what comes in."""

from smartbis_admin.api.smartpos.client import SmartPosClient

__all__ = ["SmartPosClient"]
