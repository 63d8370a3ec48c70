"""Pages for people: what this is, and the vendors' own documentation with a form to try each call.

Everything is served from here, Swagger UI included (django-ninja ships it); nothing is fetched from anywhere
else.
"""

import json
from pathlib import Path

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from sandbox.control.clock import clock, rfc3339
from sandbox.control.faults import faults
from sandbox.control.switches import switches
from sandbox.vendors import Vendor, vendors


def index(request: HttpRequest) -> HttpResponse:
    """What the sandbox is, its credentials, its present state."""
    context = {
        "vendors": vendors().values(),
        "now": rfc3339(clock.now()),
        "frozen": clock.frozen,
        "faults": faults.waiting(),
        "switches": switches.rows(),
    }
    return render(request, "sandbox/index.html", context)


def docs(request: HttpRequest, vendor: str) -> HttpResponse:
    """Swagger UI over one vendor's OpenAPI document."""
    found, _ = _documented(vendor)
    # No validator badge: it would ask a server on the internet.
    swagger = {
        "url": reverse("openapi", args=[vendor]),
        "layout": "BaseLayout",
        "deepLinking": True,
        "validatorUrl": None,
        "persistAuthorization": True,
    }
    return render(request, "sandbox/docs.html", {"vendor": found, "swagger": json.dumps(swagger)})


def openapi(request: HttpRequest, vendor: str) -> HttpResponse:
    """One vendor's OpenAPI document, with this sandbox as its server."""
    found, document = _documented(vendor)
    text = document.read_text(encoding="utf-8").replace(found.production, found.prefix.rstrip("/"))
    return HttpResponse(text, content_type="application/yaml; charset=utf-8")


def _documented(name: str) -> tuple[Vendor, Path]:
    vendor = vendors().get(name)
    if vendor is None or vendor.openapi is None:
        raise Http404
    return vendor, vendor.openapi
