"""Smile.io: the client and what it takes to make one."""

from smartbis_admin.api.smile.client import SmileClient

__all__ = ["SmileClient"]
