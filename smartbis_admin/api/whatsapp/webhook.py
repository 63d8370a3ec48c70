"""What WhatsApp calls back with: receipts of what we sent, and what people wrote. Pure: no request, no storage.

`signature_holds` comes first; only a body it lets pass may be read. The same delivery may come twice, and receipts of
one message in any order. Source: Meta, "Webhooks", messages and statuses.
"""

import hashlib
import hmac
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from smartbis_admin.api.decode import NOT_JSON, VALUE
from smartbis_admin.api.errors import Malformed
from smartbis_admin.api.whatsapp import wire

#: Name of the header with the signature.
SIGNATURE_HEADER = "X-Hub-Signature-256"
_SCHEME = "sha256="
#: A Brazilian mobile number as WhatsApp knows older accounts: without the ninth digit.
_WITHOUT_NINE = re.compile(r"55([1-9][1-9])([6-9][0-9]{7})")


class Receipt(StrEnum):
    """How far a message came."""

    SENT = "sent"
    DELIVERED = "delivered"
    READ = "read"
    FAILED = "failed"


_RECEIPTS = {receipt.value: receipt for receipt in Receipt}


@dataclass(frozen=True, slots=True)
class ReceiptRecord:
    """One receipt. `reference` is what was sent along, empty where it does not come back."""

    message_id: str
    reference: str
    status: Receipt
    at: datetime
    #: Meta's number of a failure, None without one; `wire.word_of` names it.
    error_code: int | None = None


@dataclass(frozen=True, slots=True, repr=False)
class IncomingRecord:
    """A message to us. `text` is empty for a picture, a voice message and the like."""

    message_id: str
    sender_e164: str
    text: str
    at: datetime

    def __repr__(self) -> str:
        return f"IncomingRecord({self.message_id!r}, …)"


@dataclass(frozen=True, slots=True)
class Webhook:
    """What one call brought, in its order; what it brings besides is none of ours."""

    statuses: list[ReceiptRecord] = field(default_factory=list)
    messages: list[IncomingRecord] = field(default_factory=list)


def signature_holds(*, app_secret: str, body: bytes, header: str) -> bool:
    """Whether the body was signed by a holder of the secret; in constant time. An empty secret never holds."""
    if not app_secret:
        return False
    due = _SCHEME + hmac.new(app_secret.encode(), body, hashlib.sha256).hexdigest()
    return hmac.compare_digest(due.encode(), header.strip().encode())


def read_webhook(body: bytes, *, phone_number_id: str = "") -> Webhook:
    """What a call says; with `phone_number_id`, of that number alone. `Malformed` when it is not JSON of the kind."""
    value: Any = None
    with suppress(*NOT_JSON):
        value = VALUE.decode(body)
    if not isinstance(value, dict) or not isinstance(value.get("entry"), list):
        raise Malformed("webhook: the body is not what WhatsApp sends", reason="unexpected")
    found = Webhook()
    for change in _changes(value):
        if phone_number_id and _number_of(change) not in ("", phone_number_id):
            continue
        found.statuses.extend(_read_all(change.get("statuses"), _receipt))
        found.messages.extend(_read_all(change.get("messages"), _incoming))
    return found


def _changes(value: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    for entry in _objects(value.get("entry")):
        for change in _objects(entry.get("changes")):
            if change.get("field") == "messages" and isinstance(change.get("value"), dict):
                yield change["value"]


def _number_of(change: Mapping[str, Any]) -> str:
    metadata = change.get("metadata")
    return str(metadata.get("phone_number_id", "")) if isinstance(metadata, dict) else ""


def _objects(value: Any) -> Iterator[Mapping[str, Any]]:
    yield from (row for row in value if isinstance(row, dict)) if isinstance(value, list) else ()


def _read_all(rows: Any, read: Any) -> list[Any]:
    """The records of the rows; what is none of the known kinds, or lacks its id or time, is left out."""
    return [record for row in _objects(rows) if (record := read(row)) is not None]


def _receipt(row: Mapping[str, Any]) -> ReceiptRecord | None:
    known, at, reference = row.get("id"), _moment(row.get("timestamp")), row.get("biz_opaque_callback_data")
    status = _RECEIPTS.get(str(row.get("status", "")).lower())
    if not isinstance(known, str) or not known or at is None or status is None:
        return None
    first = next(_objects(row.get("errors")), None)
    return ReceiptRecord(
        message_id=known,
        reference=reference if isinstance(reference, str) else "",
        status=status,
        at=at,
        error_code=None if first is None else wire.number_in(first.get("code")),
    )


def _incoming(row: Mapping[str, Any]) -> IncomingRecord | None:
    known, at, sender = row.get("id"), _moment(row.get("timestamp")), sender_of(str(row.get("from", "")))
    if not isinstance(known, str) or not known or at is None or not sender:
        return None
    return IncomingRecord(message_id=known, sender_e164=sender, text=_text(row), at=at)


def sender_of(wa_id: str) -> str:
    """The phone in E.164 behind WhatsApp's id of a person; a Brazilian mobile gets its ninth digit. Empty: none."""
    digits = wa_id.strip().removeprefix("+")
    if not re.fullmatch(r"[1-9][0-9]{7,14}", digits):
        return ""
    old = _WITHOUT_NINE.fullmatch(digits)
    return f"+55{old[1]}9{old[2]}" if old else f"+{digits}"


def _text(row: Mapping[str, Any]) -> str:
    """What was written, or the words of the button that was pressed."""
    kind = row.get("type")
    part = row.get(kind) if isinstance(kind, str) else None
    if kind == "interactive" and isinstance(part, dict):
        part = next(_objects([part.get("button_reply"), part.get("list_reply")]), None)
    if not isinstance(part, dict):
        return ""
    said = part.get({"text": "body", "button": "text", "interactive": "title"}.get(str(kind), ""))
    return said.replace("\x00", "")[: wire.MAX_TEXT] if isinstance(said, str) else ""


def _moment(value: Any) -> datetime | None:
    """Unix seconds, as number or text."""
    seconds = str(value)
    if isinstance(value, bool) or not (seconds.isascii() and seconds.isdigit() and len(seconds) <= 11):
        return None
    return datetime.fromtimestamp(int(seconds), UTC)
