"""Every name SmartPOS uses on the wire: paths, query and body keys, headers, envelopes, fields, words.

All of them are assumed (`contracts/smartpos.md` §2): when a real account shows other names, this file is edited and
nothing else. It must not know HTTP or who calls. One sale is read by one table, whichever road it came by.
"""

import re
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from smartbis_admin.api import decode as read
from smartbis_admin.api.capabilities import Reading
from smartbis_admin.api.errors import Malformed
from smartbis_admin.api.listings import read_listing
from smartbis_admin.api.pos import (
    AMOUNT_LIMIT,
    MAX_BUYER_TEXT,
    MAX_TEXT,
    BadRow,
    FeedPage,
    PosBuyer,
    PosCustomerRecord,
    PosMachineRecord,
    PosMethod,
    PosSaleRecord,
    PosStatus,
)
from smartbis_admin.api.records import Page
from smartbis_admin.api.refusals import ErrorShape
from smartbis_admin.api.shapes import Envelope, Field, Shape

# --- paths (relative to the base, which ends in a slash) and query keys ------------------------------------
AUTHORIZE = "v1/authorize"
SALES = "v1/sales"
MACHINES = "v1/machines"
CUSTOMERS = "v1/customers"
Q_CURSOR, Q_LIMIT = "cursor", "limit"
MAX_LIMIT = 500

# --- push --------------------------------------------------------------------------------------------------
H_TIMESTAMP = "X-SmartPOS-Timestamp"
H_SIGNATURE = "X-SmartPOS-Signature"
H_DELIVERY = "X-SmartPOS-Delivery"
SIGNATURE_VERSION = "v1="
K_EVENT, K_SENT_AT, K_SALES = "event", "sent_at", "sales"
UPSERTED, PING = "sale.upserted", "ping"

# --- envelope and errors -----------------------------------------------------------------------------------
ENVELOPE = Envelope(page=(), pages=(), total=())
K_NEXT = ("next_cursor", "nextCursor")
ERRORS = ErrorShape(
    codes=frozenset(), fields=("errors",), used_at=(), our_names={}, read_time=read.read_start
)

# --- words -------------------------------------------------------------------------------------------------
STATUS = read.word_reader(
    {status.value: status for status in PosStatus if status is not PosStatus.UNKNOWN}
    | {"canceled": PosStatus.CANCELLED},
    PosStatus.UNKNOWN,
)
METHOD = read.word_reader(
    {method.value: method for method in PosMethod if method is not PosMethod.UNKNOWN}, PosMethod.UNKNOWN
)


# --- values ------------------------------------------------------------------------------------------------
def _text(value: Any, zone: ZoneInfo) -> str:
    """Trimmed text; a number is taken for the text it would have been."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    text = read.read_text(value, zone).strip()
    if len(text) > MAX_TEXT:
        raise read.Unreadable("too_long")
    return text


def _id(value: Any, zone: ZoneInfo) -> str:
    text = read.read_id(value, zone)
    if not text.strip():
        raise read.Unreadable("not_an_id")
    if len(text) > MAX_TEXT:
        raise read.Unreadable("too_long")
    return text


def _amount(value: Any, zone: ZoneInfo) -> Decimal:
    """BRL with two decimals. What is no amount in cents cannot be right, and is not rounded to one."""
    amount = read.read_decimal(value, zone)
    if amount is None:
        raise read.Unreadable("missing")
    if abs(amount) >= AMOUNT_LIMIT:
        raise read.Unreadable("number_out_of_range")
    cents = amount.quantize(Decimal("0.01"))
    if cents != amount:
        raise read.Unreadable("not_in_cents")
    return cents


def _moment(value: Any, zone: ZoneInfo) -> datetime:
    moment = read.read_start(value, zone)
    if moment is None:
        raise read.Unreadable("missing")
    return moment


def _installments(value: Any, zone: ZoneInfo) -> int:
    number = read.read_count(value, zone)
    if number is None or not 1 <= number <= 999:
        raise read.Doubtful("not_positive")
    return number


def _flag(value: Any, zone: ZoneInfo) -> bool:
    if not isinstance(value, bool):
        raise read.Doubtful("not_a_flag")
    return value


def _buyer_text(value: Any, zone: ZoneInfo) -> str | None:
    """Trimmed text as it was typed; what cannot be such a text is nothing."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        return None
    text = read.read_text(value, zone).strip()
    return text if text and len(text) <= MAX_BUYER_TEXT else None


def _buyer(value: Any, zone: ZoneInfo) -> PosBuyer | None:
    """The buyer, or None when nothing is known. Dirty data about a buyer never cost the sale."""
    if not isinstance(value, dict):
        raise read.Doubtful("not_an_object")
    texts = {key: _buyer_text(value.get(key), zone) for key in ("cpf", "phone", "email", "name")}
    return PosBuyer(**texts) if any(texts.values()) else None


# --- objects: wire name -> our field and how it is read; camelCase spellings are understood by themselves ----
def _record(kind: type[Any], empty: dict[str, Any]) -> Callable[..., Any]:
    """A builder of such records; a null is what a missing field would have been, by `empty`."""

    def build(*, remote_id: str, **values: Any) -> Any:
        for name, value in empty.items():
            if name in values and values[name] is None:
                values[name] = value
        return kind(id=remote_id, **values)

    return build


_TEXTS = ("machine_id", "acquirer", "terminal_serial", "nsu", "authorization_code", "store_id", "label")
_NO_TEXT = dict.fromkeys(_TEXTS, "")

SALE = Shape[Any](
    _record(PosSaleRecord, _NO_TEXT | {"installments": 1, "payment_method": PosMethod.UNKNOWN}),
    singular="sale",
    plural="sales",
    fields={
        "id": Field("remote_id", _id, nullable=False, required=True),
        "machine_id": Field("machine_id", _text),
        "acquirer": Field("acquirer", _text),
        "terminal_serial": Field("terminal_serial", _text),
        "nsu": Field("nsu", _text),
        "authorization_code": Field("authorization_code", _text),
        "store_id": Field("store_id", _text),
        "amount": Field("amount", _amount, nullable=False, required=True),
        "installments": Field("installments", _installments, otherwise=1),
        "payment_method": Field("payment_method", METHOD, word="payment_word"),
        "status": Field(
            "status",
            STATUS,
            otherwise=PosStatus.UNKNOWN,
            nullable=False,
            required=True,
            word="status_word",
        ),
        "sold_at": Field("sold_at", _moment, nullable=False, required=True),
        "customer": Field("customer", _buyer),
    },
)
MACHINE = Shape[Any](
    _record(PosMachineRecord, _NO_TEXT | {"active": True}),
    singular="machine",
    plural="machines",
    fields={
        "id": Field("remote_id", _id, nullable=False, required=True),
        "acquirer": Field("acquirer", _text),
        "terminal_serial": Field("terminal_serial", _text),
        "label": Field("label", _text),
        "store_id": Field("store_id", _text),
        "active": Field("active", _flag, otherwise=True),
        "last_seen_at": Field("last_seen_at", read.read_start),
    },
)
CUSTOMER = Shape[Any](
    _record(PosCustomerRecord, {}),
    singular="customer",
    plural="customers",
    fields={
        "id": Field("remote_id", _id, nullable=False, required=True),
        "cpf": Field("cpf", _buyer_text),
        "phone": Field("phone", _buyer_text),
        "email": Field("email", _buyer_text),
        "name": Field("name", _buyer_text),
        "updated_at": Field("updated_at", read.read_start),
    },
)
READINGS: dict[Reading, tuple[str, Shape[Any]]] = {
    Reading.POS_SALES: (SALES, SALE),
    Reading.POS_MACHINES: (MACHINES, MACHINE),
    Reading.POS_CUSTOMERS: (CUSTOMERS, CUSTOMER),
}


def read_rows(body: bytes, shape: Shape[Any], zone: ZoneInfo, *, reference: str = "") -> Page[Any]:
    """The rows of a list in any of the forms of the contract. `Malformed` when it is none."""
    return read_listing(body, shape=shape, envelope=ENVELOPE, zone=zone, number=1, reference=reference).page


def bad_rows(page: Page[Any]) -> list[BadRow]:
    """The rows of a page that gave no record, and why."""
    lost = (issue for issue in page.issues if issue.row_lost)
    return [BadRow(issue.remote_id, issue.field.replace("remote_id", "id"), issue.problem) for issue in lost]


def read_feed(
    body: bytes, shape: Shape[Any], zone: ZoneInfo, *, cursor: str | None, reference: str
) -> FeedPage[Any]:
    """One page of a feed that was asked for with `cursor`. `Malformed` when it is none."""
    page = read_rows(body, shape, zone, reference=reference)
    return FeedPage(page.records, bad_rows(page), _next(body, cursor, reference), page.unknown_fields)


def _next(body: bytes, asked: str | None, reference: str) -> str | None:
    """Where the feed goes on. The cursor that was asked with leads nowhere else: nothing further now."""
    said = VALUES.decode(body) if body.lstrip()[:1] == b"{" else {}
    found = next((said[key] for key in K_NEXT if key in said), None)
    value = None if found is None else read.VALUE.decode(found)
    if value is None or value == "":
        return None
    if isinstance(value, bool) or not isinstance(value, str | int):
        raise Malformed("the reply names no usable cursor", reference, "unexpected")
    return None if str(value) == asked else str(value)


VALUES = msgspec.json.Decoder(dict[str, msgspec.Raw])


# --- request body and token reply --------------------------------------------------------------------------
class AuthorizeBody(msgspec.Struct, kw_only=True):
    """`POST v1/authorize`."""

    client_id: str
    client_secret: str
    grant_type: str = "client_credentials"


#: When no lifetime is given.
DEFAULT_LIFETIME = timedelta(seconds=600)


def read_token(reply: object, zone: ZoneInfo) -> tuple[str, timedelta | None, datetime | None]:
    """Value and lifetime of a token reply, as far as it says. Raises `ValueError`, `TypeError`."""
    if not isinstance(reply, dict):
        raise TypeError("not_an_object")
    value = reply.get("access_token", reply.get("accessToken"))
    # It becomes a header: anything but visible ASCII would break the request.
    if not isinstance(value, str) or not re.fullmatch(r"[!-~]+", value):
        raise ValueError("no_token")
    seconds = read.read_count(reply.get("expires_in", reply.get("expiresIn")) or 0, zone)
    return value, timedelta(seconds=seconds) if seconds and seconds > 0 else None, None
