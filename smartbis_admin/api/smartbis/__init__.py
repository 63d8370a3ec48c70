"""Smartbis API v2: `wire` holds every name the vendor uses, `client` the calls. Nothing else knows either."""

from smartbis_admin.api.smartbis.client import SmartbisClient

__all__ = ["SmartbisClient"]
