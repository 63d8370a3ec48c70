"""Every name Smart Passes uses on the wire: paths, keys, fields, words. It must not know HTTP or who calls.

Sources: `contracts/smartpasses-v1.md` and its OpenAPI; seed 002 is the published text.
"""

import re
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import msgspec
from msgspec import UNSET, UnsetType

from smartbis_admin.api import decode as read
from smartbis_admin.api.brazil import normalise_phone
from smartbis_admin.api.capabilities import Resource
from smartbis_admin.api.points import BalanceRecord, OfferRecord, OfferStatus
from smartbis_admin.api.records import CustomerRecord
from smartbis_admin.api.refusals import ErrorShape
from smartbis_admin.api.shapes import Envelope, Field, Shape

# --- paths (relative to the base, which ends in a slash) -------------------------------------------------
CUSTOMERS = "programs/{program_id}/customers"
CUSTOMER = "programs/{program_id}/customers/{customer_id}"
POINTS_ADD = "programs/{program_id}/customers/{customer_id}/points/add"
OFFERS = "programs/{program_id}/offers"
OFFER = "programs/{program_id}/offers/{offer_id}"
PUBLISH = "programs/{program_id}/offers/{offer_id}/publish"
CANCEL = "programs/{program_id}/offers/{offer_id}/cancel"

# --- envelope and errors ------------------------------------------------------------------------------
ENVELOPE = Envelope(page=(), pages=(), total=(), meta=())
ERRORS = ErrorShape(
    codes=frozenset(), fields=("errors",), used_at=(), our_names={}, read_time=read.read_start
)

OFFER_STATUS = read.word_reader(
    {status.value: status for status in OfferStatus} | {"canceled": OfferStatus.CANCELLED},
    OfferStatus.UNKNOWN,
)

# --- objects ------------------------------------------------------------------------------------------
_E164 = re.compile(r"\+[1-9][0-9]{7,14}")


def is_e164(phone: str) -> bool:
    """Tell whether this is a phone as it goes on the wire."""
    return _E164.fullmatch(phone) is not None


def read_international(value: Any, zone: ZoneInfo) -> str | None:
    """A phone of any country in E.164; one without a country is taken for Brazilian."""
    if isinstance(value, str):
        digits = "+" + re.sub(r"[^0-9]", "", value) if value.strip().startswith("+") else ""
        if _E164.fullmatch(digits):
            return digits
        if not value.strip():
            return None
        known = normalise_phone(value)
        if known is None:
            raise read.Doubtful("invalid_phone")
        return known
    raise read.Unreadable("not_text")


def _filled(value: Any, zone: ZoneInfo) -> str | None:
    """Text; what is empty is nothing, as anonymous customers have it."""
    return read.read_text(value, zone).strip() or None


def _flag(value: Any, zone: ZoneInfo) -> bool:
    if not isinstance(value, bool):
        raise read.Doubtful("not_a_flag")
    return value


class _Card(NamedTuple):
    """A new customer's card: its address, and the number its barcode may carry."""

    url: str | None
    serial: str | None


def _card(value: Any, zone: ZoneInfo) -> _Card:
    """The card; it may be one object or a list of them."""
    cards = [card for card in (value if isinstance(value, list) else [value]) if isinstance(card, dict)]
    found = (
        next((text for card in cards if isinstance(text := card.get(key), str) and text), None)
        for key in ("url", "serialNumber")
    )
    return _Card(*found)


def _customer(
    *,
    remote_id: str,
    human_name: str | UnsetType | None = UNSET,
    card: _Card | UnsetType | None = UNSET,
    **values: Any,
) -> CustomerRecord:
    """A customer with one name: their own, else the one the platform made up for an anonymous one."""
    if isinstance(card, _Card):
        values |= {"card_url": card.url, "card_serial": card.serial}
    parts = (values.get("first_name"), values.get("last_name"))
    name = " ".join(part for part in parts if isinstance(part, str) and part)
    return CustomerRecord(
        remote_id=remote_id, name=name or (human_name if isinstance(human_name, str) else ""), **values
    )


ID = Field("remote_id", read.read_id, nullable=False, required=True)
PERSON = Shape(
    _customer,
    singular="customer",
    plural="customers",
    fields={
        "id": ID,
        "first_name": Field("first_name", _filled),
        "last_name": Field("last_name", _filled),
        "email": Field("email", _filled),
        "phone": Field("phone", read_international),
        "points": Field("points_balance", read.read_decimal),
        "human_name": Field("human_name", _filled),
        "card": Field("card", _card),
    },
)
BALANCE = Shape(
    BalanceRecord,
    singular="customer",
    plural="customers",
    fields={"id": ID, "points": Field("points_balance", read.read_decimal)},
)
OFFER_SHAPE = Shape(
    OfferRecord,
    singular="offer",
    plural="offers",
    fields={
        "id": ID,
        "name": Field("name", read.read_name, otherwise="", nullable=False, required=True),
        "description": Field("description", read.read_text),
        "points_cost": Field("points_cost", read.read_decimal),
        "auto_claim": Field("auto_claim", _flag),
        "status": Field("status", OFFER_STATUS, nullable=False, word="status_word"),
    },
)
LISTS: dict[Resource, tuple[str, Shape[Any]]] = {
    Resource.CUSTOMERS: (CUSTOMERS, PERSON),
    Resource.OFFERS: (OFFERS, OFFER_SHAPE),
}
#: The field only a new customer's reply carries: its absence from a list says nothing.
NOT_LISTED = frozenset({"card"})


# --- request bodies: only these keys, a key left out rather than null ----------------------------------------
class PersonBody(msgspec.Struct, kw_only=True, rename="camel"):
    """`POST customers`, `PUT customers/{id}`. `points` is never among them: it would overwrite the balance."""

    first_name: str | UnsetType = UNSET
    last_name: str | UnsetType = UNSET
    email: str | UnsetType = UNSET
    phone: str | UnsetType = UNSET


class PointsBody(msgspec.Struct):
    """`POST customers/{id}/points/add`."""

    points: int


class OfferBody(msgspec.Struct, kw_only=True, rename="camel"):
    """`POST offers`, `POST offers/{id}`."""

    name: str | UnsetType = UNSET
    description: str | UnsetType = UNSET
    points_cost: int | UnsetType = UNSET
    auto_claim: bool | UnsetType = UNSET
