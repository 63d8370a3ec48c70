"""What a record of the wire becomes in a row: columns, and the hashes two arrivals of one sale are compared by.

Pure: knows neither feeds nor the database. Identity is the id alone (`smartpos.md` §2.5).
"""

import hashlib
from collections.abc import Iterable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from django.utils import timezone

from smartbis_admin.api.brazil import normalise_cpf, normalise_phone
from smartbis_admin.api.pos import PosBuyer, PosCustomerRecord, PosSaleRecord

#: BRL. No machine takes so much in one sale; the row is a slip of the keyboard or of a decimal point.
ABSURD_AMOUNT = Decimal(1_000_000)
#: A machine's clock may be ahead of ours by this much.
AHEAD = timedelta(days=1)
_LENGTHS = {"buyer_cpf": 40, "buyer_phone": 40, "buyer_email": 254, "buyer_name": 200}
#: What "another amount, customer or time" means.
CORE = ("amount", "sold_at", *_LENGTHS)


def unusable(record: PosSaleRecord, *, now: datetime) -> str:
    """Why a sale that was read all the same cannot be one, in one word; empty when it can."""
    if not record.id:
        return "no_id"
    if abs(record.amount) > ABSURD_AMOUNT:
        return "absurd_amount"
    if record.sold_at > now + AHEAD:
        return "in_the_future"
    return ""


def columns_of(record: PosSaleRecord) -> dict[str, Any]:
    """The columns of a sale its record tells, without its id and its status."""
    return {
        "machine_remote_id": record.machine_id,
        "acquirer": record.acquirer,
        "terminal_serial": record.terminal_serial,
        "nsu": record.nsu,
        "authorization_code": record.authorization_code,
        "store_remote_id": record.store_id,
        "amount": record.amount,
        "installments": record.installments,
        "payment_method": record.payment_method.value,
        "sold_at": record.sold_at.astimezone(UTC),
        **buyer_columns(record.customer),
    }


def buyer_columns(buyer: PosBuyer | PosCustomerRecord | None) -> dict[str, str]:
    """Buyer data as it is stored: understood where that is possible, else as it came."""
    if buyer is None:
        return dict.fromkeys(_LENGTHS, "")
    cpf, phone = (buyer.cpf or "").strip(), (buyer.phone or "").strip()
    told = {
        "buyer_cpf": normalise_cpf(cpf) or cpf,
        "buyer_phone": normalise_phone(phone) or phone,
        "buyer_email": (buyer.email or "").strip().lower(),
        "buyer_name": (buyer.name or "").strip(),
    }
    return {name: value.replace("\x00", "")[: _LENGTHS[name]] for name, value in told.items()}


def differing(stored: Mapping[str, Any], told: Mapping[str, Any], *, within: timedelta) -> dict[str, Any]:
    """The columns an arrival tells differently from what is stored.

    What it leaves empty is no difference: a file may have fewer columns than the feed. Nor is a time that is
    equal `within` the precision it was told with.
    """
    other = {
        name: value
        for name, value in told.items()
        if value not in ("", stored[name]) and (name, value) != ("payment_method", "unknown")
    }
    if "sold_at" in other and within and _same_within(stored["sold_at"], other["sold_at"], within):
        del other["sold_at"]
    return other


def _same_within(stored: datetime, told: datetime, within: timedelta) -> bool:
    if within >= timedelta(days=1):
        return timezone.localdate(stored) == timezone.localdate(told)
    return stored.replace(second=0, microsecond=0) == told.replace(second=0, microsecond=0)


def digests(columns: Mapping[str, Any]) -> tuple[str, str]:
    """The hash of everything a record tells, and of amount, time and buyer alone."""
    return _digest(columns[name] for name in sorted(columns)), _digest(columns[name] for name in CORE)


def _digest(values: Iterable[Any]) -> str:
    told = (
        f"{value:.2f}" if isinstance(value, Decimal)
        else value.isoformat() if isinstance(value, datetime)
        else str(value)
        for value in values
    )  # fmt: skip
    return hashlib.blake2b("\x1f".join(told).encode(), digest_size=16).hexdigest()
