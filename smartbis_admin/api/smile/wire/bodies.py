"""Request bodies: only these keys, a key left out rather than null; and our reference in a note.

Source: `contracts/smile-v1.md` §3, §6.3.
"""

import re
from datetime import datetime

import msgspec
from msgspec import UNSET, Raw, UnsetType


class TransactionBody(msgspec.Struct, kw_only=True):
    """Inside `points_transaction`."""

    customer_id: Raw | str
    points_change: int
    description: str
    internal_note: str


class TransactionEnvelope(msgspec.Struct):
    """`POST points_transactions`."""

    points_transaction: TransactionBody


class PurchaseBody(msgspec.Struct, kw_only=True):
    """`POST points_products/{id}/purchase`, the one body without a wrapper."""

    customer_id: Raw | str
    points_to_spend: int | UnsetType = UNSET


class ActivityBody(msgspec.Struct, kw_only=True):
    """Inside `activity`; the keys both editions know."""

    customer_id: Raw | str
    token: str
    distinct_id: str
    created_on_origin_at: datetime | UnsetType = UNSET


class ActivityEnvelope(msgspec.Struct):
    """`POST activities`."""

    activity: ActivityBody


_REFERENCE = re.compile(r"\[ref:([0-9a-zA-Z-]{1,64})\]")


def note_with(reference: str, note: str) -> str:
    """The internal note that carries our reference at its start (`smile-v1.md` §6.3)."""
    return f"[ref:{reference}] {note}".rstrip()


def reference_in(note: str | UnsetType | None) -> str:
    """Our reference in an internal note; empty where there is none."""
    found = _REFERENCE.match(note) if isinstance(note, str) else None
    return found[1] if found else ""
