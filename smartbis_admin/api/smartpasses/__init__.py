"""Smart Passes: the client and what it takes to make one."""

from smartbis_admin.api.smartpasses.client import SmartPassesClient

__all__ = ["SmartPassesClient"]
