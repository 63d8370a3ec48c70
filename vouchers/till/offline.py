"""The till as a page that works without its own link: its manifest, its service worker, and the shell they keep.

The shell is the till of the open shift without any scan or customer in it. What the page does with it is in
`static/till/offline/`; what it may ask of the server meanwhile in `vouchers.contingency`.
"""

import hashlib
import json

from django.conf import settings
from django.contrib.staticfiles.storage import staticfiles_storage
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.templatetags.static import static
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from smartbis_admin.staff.access import ANYONE
from smartbis_admin.ui.views import AccessMixin
from vouchers.till import notices
from vouchers.till.views import TillView

#: Says that a page is the shell, and not a login page or a gate that was answered in its place.
SHELL_HEADER = "X-Till-Shell"
#: What the shell loads by the address the manifest of static files gives it, …
NAMED = (
    "ui/logo.svg",
    "ui/theme.js",
    "ui/tokens.css",
    "ui/ui.css",
    "ui/ui.js",
    "ui/omnibox.js",
    "ui/vendor/icons.svg",
    "ui/vendor/tabler.min.css",
    "ui/vendor/tabler.min.js",
    "django_htmx/htmx-2.min.js",
    "till/till.css",
    "till/till.js",
    "till/vendor/zxing_reader.js",
    "till/vendor/zxing_reader.wasm",
)
#: … and the modules that others import by their plain names.
IMPORTED = (
    "till/camera.js",
    "till/input.js",
    "till/keypad.js",
    "till/queue.js",
    "till/sound.js",
    "till/viewfinder.js",
    "till/watch.js",
    "till/offline/api.js",
    "till/offline/codes.js",
    "till/offline/database.js",
    "till/offline/desk.js",
    "till/offline/link.js",
    "till/offline/outbox.js",
    "till/offline/page.js",
    "till/offline/policy.js",
    "till/offline/vault.js",
)
ICON_SIZES = (192, 512)


def shell_files() -> list[str]:
    """Addresses of everything the shell needs."""
    return [*map(static, NAMED), *(settings.STATIC_URL + path for path in IMPORTED)]


def shell_version() -> str:
    """Changes whenever a static file does, and with every version of the program."""
    manifest = getattr(staticfiles_storage, "manifest_hash", "")
    return hashlib.sha256(f"{settings.VERSION} {manifest}".encode()).hexdigest()[:16]


class ManifestView(AccessMixin):
    """What makes the till a program of its own on a tablet's or a computer's start screen."""

    access = ANYONE

    def get(self, request: HttpRequest) -> HttpResponse:
        till = reverse("vouchers:till")
        icons = [
            {"src": static(f"till/icons/till-{size}.png"), "sizes": f"{size}x{size}", "type": "image/png"}
            for size in ICON_SIZES
        ]
        manifest = {
            "id": till,
            "name": _("Caixa – Smartbis Admin"),
            "short_name": pgettext("screen", "Caixa"),
            "description": _("Validação de vouchers no ponto de caixa."),
            "lang": request.LANGUAGE_CODE,
            "start_url": till,
            "scope": till,
            "display": "standalone",
            "background_color": "#f4f6fa",
            "theme_color": "#3451b2",
            "icons": [icon | {"purpose": purpose} for icon in icons for purpose in ("any", "maskable")],
        }
        return JsonResponse(manifest, content_type="application/manifest+json")


class WorkerView(AccessMixin):
    """The service worker's own small script; a browser sees a new version of the till by its change."""

    access = ANYONE

    def get(self, request: HttpRequest) -> HttpResponse:
        shell = {
            "version": shell_version(),
            "files": shell_files(),
            "page": reverse("vouchers:till"),
            "delivery": reverse("vouchers:till") + "contingencia/entrega/",
        }
        context = {"worker": static("till/worker.js"), "shell": json.dumps(shell)}
        response = render(request, "vouchers/till/worker.js", context, content_type="text/javascript")
        response["Cache-Control"] = "no-cache"
        response["Service-Worker-Allowed"] = reverse("vouchers:till")
        return response


class ShellView(TillView):
    """The till of the open shift as it is kept in the browser: no scan, no customer, nothing that was read."""

    def get(self, request: HttpRequest) -> HttpResponse:  # type: ignore[override]
        response = self.render_page(None, notices.STAGES["idle"], is_shell=True, lines=[], around=None)
        response[SHELL_HEADER] = str(self.shift.pk)
        return response
