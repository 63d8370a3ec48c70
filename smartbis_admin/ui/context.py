"""What the frame of every page needs: navigation, languages, version, demo mode."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from smartbis_admin.ui.navigation import entries


def shell(request: HttpRequest) -> dict[str, Any]:
    """Context processor; the navigation is built only when a template asks for it."""
    return {
        "navigation": lambda: entries(request) if hasattr(request, "user") else [],
        "version": settings.VERSION,
        "demo": settings.DEMO,
        "languages": settings.LANGUAGES,
    }
