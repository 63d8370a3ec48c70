"""The register of vendors: what a vendor must offer so that the shared parts can serve it.

A vendor is a package beside this module with a `vendor.py` that holds one `Vendor`; its dotted name stands in
`settings.SANDBOX_VENDORS`. The control plane, the gate and the datasets know vendors only through this
register.
"""

import sqlite3
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

import msgspec
from django.conf import settings
from django.http import HttpResponse
from django.utils.module_loading import import_string


class ActRefused(Exception):
    """An act or a switch that cannot be done; the text says why, for the person who asked."""


@dataclass(frozen=True)
class Reply:
    """A complete HTTP reply: status, headers without length, body."""

    status: int
    body: bytes = b""
    headers: tuple[tuple[str, str], ...] = (("Content-Type", "application/json"),)


def json_reply(body: Any, status: int = 200, headers: tuple[tuple[str, str], ...] = ()) -> Reply:
    """A reply with a JSON body."""
    return Reply(status, msgspec.json.encode(body), (("Content-Type", "application/json"), *headers))


def http(reply: Reply) -> HttpResponse:
    """A reply as Django wants it."""
    return HttpResponse(reply.body, status=reply.status, headers=dict(reply.headers))


@dataclass(frozen=True)
class Switch:
    """The words a switch may hold; the first is the default."""

    values: tuple[str, ...]


@dataclass(frozen=True)
class Vendor:
    """Everything the shared parts need of one vendor.

    `prefix` is the path all its calls begin with, slash at the end; `urls` the module that serves them;
    `openapi` its document, if it has one, and `production` the server address in it that the sandbox puts
    itself in place of. `secret` belongs to every credential; some vendors know keys only. `hint` is what a
    person must know beside that.
    `refuse(environ, status)` gives the vendor's own refusal in the caller's wire profile, for 401/403, 429
    and 500. `acts` change data behind the client's back. `prepare` fills an empty database with what must
    always exist; `demo(connection, customers, today)` adds the demo data of so many customers, `today` being
    the local midnight (seconds) the demo year ends with. `forget` drops what the vendor remembers about the
    data, after the data were replaced.
    """

    name: str
    title: str
    prefix: str
    urls: str
    credentials: tuple[str, ...]
    unauthorized: int
    refuse: Callable[[Mapping[str, Any], int], Reply]
    acts: Mapping[str, Callable[[str, Mapping[str, Any]], Any]]
    prepare: Callable[[sqlite3.Connection], None]
    demo: Callable[[sqlite3.Connection, int, int], None]
    forget: Callable[[], None]
    switches: Mapping[str, Switch] = field(default_factory=dict)
    openapi: Path | None = None
    production: str = ""
    secret: str = ""
    hint: str = ""


@cache
def vendors() -> Mapping[str, Vendor]:
    """The registered vendors by name, in the order of the settings."""
    found: Iterable[Vendor] = (import_string(f"{path}.VENDOR") for path in settings.SANDBOX_VENDORS)
    return {vendor.name: vendor for vendor in found}


def vendor_of(path: str) -> Vendor | None:
    """The vendor whose calls begin like `path`."""
    return next((vendor for vendor in vendors().values() if path.startswith(vendor.prefix)), None)
