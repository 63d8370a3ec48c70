"""Deliveries the bridge sends to us: whether one is genuine, and what it says. Pure: no request, no storage.

`check_delivery` comes first and looks at nothing inside the body; only what it lets pass may be read or stored.
Source: `contracts/smartpos.md` §2.3.
"""

import hashlib
import hmac
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from smartbis_admin.api.decode import NOT_JSON, VALUE, Unreadable, read_start
from smartbis_admin.api.errors import Malformed
from smartbis_admin.api.pos import BadRow, PosSaleRecord
from smartbis_admin.api.smartpos import wire
from smartbis_admin.api.smartpos.client import HOME

#: Bytes and sales of one delivery.
MAX_BODY = 1024 * 1024
MAX_SALES = 500
#: Seconds a delivery may be old, or ahead of our clock.
WINDOW = 300
#: Secrets that count at a time; a second one only while the first is being changed.
MAX_SECRETS = 2
#: Signatures in one header that are looked at.
MAX_SIGNATURES = 8


class DeliveryRefused(Exception):
    """A delivery that is not taken: the HTTP status to answer with, and one word why."""

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(f"{status} {reason}")
        self.status = status
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Delivery:
    """What a genuine delivery says. `bad`: sales that could not be read."""

    event: str
    sent_at: datetime
    records: list[PosSaleRecord] = field(default_factory=list)
    bad: list[BadRow] = field(default_factory=list)

    @property
    def is_ping(self) -> bool:
        """Whether the bridge only tried the address."""
        return self.event == wire.PING


def check_delivery(*, headers: Mapping[str, str], body: bytes, secrets: Sequence[str], now: datetime) -> None:
    """Raise `DeliveryRefused` unless the body is what a holder of one of `secrets` sent just now.

    In the order of the contract: size (413 `too_large`), content type (415 `not_json`), timestamp (401 `stale`),
    signature in constant time (401 `bad_signature`). `now` is aware. A header's name is understood in any case.
    """
    given = {name.lower(): value for name, value in headers.items()}
    if len(body) > MAX_BODY:
        raise DeliveryRefused(413, "too_large")
    if given.get("content-type", "").partition(";")[0].strip().lower() != "application/json":
        raise DeliveryRefused(415, "not_json")
    timestamp = given.get(wire.H_TIMESTAMP.lower(), "").strip()
    plain = timestamp.isascii() and timestamp.isdigit() and len(timestamp) <= 12
    if not plain or abs(now.timestamp() - int(timestamp)) > WINDOW:
        raise DeliveryRefused(401, "stale")
    if not _is_signed(given.get(wire.H_SIGNATURE.lower(), ""), timestamp, body, secrets):
        raise DeliveryRefused(401, "bad_signature")


def signature(*, secret: str, timestamp: str, body: bytes) -> str:
    """The signature of a body, as it stands in the header."""
    message = timestamp.encode() + b"." + body
    return wire.SIGNATURE_VERSION + hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()


def _is_signed(header: str, timestamp: str, body: bytes, secrets: Sequence[str]) -> bool:
    """Whether one of the signatures fits one of the secrets; every pair is compared, whatever came out before."""
    shown = [text.strip().encode() for text in header.split(",", MAX_SIGNATURES)[:MAX_SIGNATURES]]
    holds = False
    # An empty secret is none: anybody could sign with it.
    for secret in [secret for secret in secrets if secret][:MAX_SECRETS]:
        due = signature(secret=secret, timestamp=timestamp, body=body).encode()
        for text in shown:
            holds |= hmac.compare_digest(due, text)
    return holds


def read_delivery(body: bytes, *, zone: ZoneInfo = HOME) -> Delivery:
    """What a delivery says, after `check_delivery`. Raises `DeliveryRefused` (422) when the envelope is not right:
    `envelope`, `event`, `sent_at`, `sales`, `too_many_sales`."""
    parts: Mapping[str, Any] = {}
    with suppress(*NOT_JSON):
        parts = wire.VALUES.decode(body)
    if not parts:
        raise DeliveryRefused(422, "envelope")
    event = _value(parts.get(wire.K_EVENT))
    if event not in (wire.UPSERTED, wire.PING):
        raise DeliveryRefused(422, "event")
    sent_at = _moment(_value(parts.get(wire.K_SENT_AT)), zone)
    sales = bytes(parts.get(wire.K_SALES, b""))
    if sales.lstrip()[:1] != b"[":
        raise DeliveryRefused(422, "sales")
    page = None
    with suppress(Malformed):
        page = wire.read_rows(sales, wire.SALE, zone)
    if page is None:
        raise DeliveryRefused(422, "sales")
    if page.row_count > MAX_SALES:
        raise DeliveryRefused(422, "too_many_sales")
    return Delivery(str(event), sent_at, page.records, wire.bad_rows(page))


def _value(raw: Any) -> object:
    with suppress(*NOT_JSON):
        return VALUE.decode(raw) if raw is not None else None
    return None


def _moment(value: object, zone: ZoneInfo) -> datetime:
    moment = None
    with suppress(Unreadable):
        moment = read_start(value, zone)
    if moment is None:
        raise DeliveryRefused(422, "sent_at")
    return moment
