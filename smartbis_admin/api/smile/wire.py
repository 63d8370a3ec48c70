"""Every name Smile.io uses on the wire, in its older text and in today's API: paths, keys, fields, words.

Both editions are read by the same tables. It must not know HTTP or who calls. Sources:
`contracts/smile-v1.md` §2-§4; seed 004 is the older text.
"""

import re
from datetime import datetime
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

import msgspec
from msgspec import UNSET, Raw, UnsetType

from smartbis_admin.api import decode as read
from smartbis_admin.api.capabilities import Resource
from smartbis_admin.api.points import (
    ActivityRecord,
    CatalogueReward,
    EarningRuleRecord,
    ExchangeType,
    FulfilmentRecord,
    FulfilmentStatus,
    PointsLabel,
    PointsProductRecord,
    PointsTransactionRecord,
    PurchaseRecord,
    ReferralRecord,
    Usage,
    VipTierChangeRecord,
    VipTierRecord,
)
from smartbis_admin.api.records import CustomerRecord, CustomerState
from smartbis_admin.api.refusals import ErrorShape
from smartbis_admin.api.shapes import Envelope, Field, Shape, nested_reader

# --- paths (relative to the base) and query keys ------------------------------------------------------
CUSTOMERS = "v1/customers"
CUSTOMER = "v1/customers/{customer_id}"
PRODUCTS = "v1/points_products"
PRODUCT = "v1/points_products/{points_product_id}"
PURCHASE = "v1/points_products/{points_product_id}/purchase"
TRANSACTIONS = "v1/points_transactions"
TRANSACTION = "v1/points_transactions/{points_transaction_id}"
ACTIVITIES = "v1/activities"
FULFILMENTS = "v1/reward_fulfillments"
EARNING_RULES = "v1/earning_rules"
VIP_TIERS = "v1/vip_tiers"
POINTS_SETTINGS = "v1/points_settings"
Q_LIMIT, Q_CURSOR, Q_PAGE, Q_PAGE_SIZE = "limit", "cursor", "page", "page_size"
Q_EMAIL, Q_CUSTOMER, Q_UPDATED, Q_INCLUDE = "email", "customer_id", "updated_at_min", "include"
MAX_LIMIT = 250
#: What a list of customers, one customer and the list of tiers may bring along; unknown words are ignored.
INCLUDE_STATUS = "vip_status"
INCLUDE_TIERS = "vip_status.vip_tier,vip_status.next_vip_tier"
INCLUDE_PERKS = "perks,entry_rewards"
#: Described for customers by one edition only, beside `vip_status` of the other.
EITHER = frozenset({"vip_tier"})

#: What a scoped key must hold for a path, beside reading or writing (`smile-v1.md` §3).
_SCOPES = {
    CUSTOMERS: "customer",
    CUSTOMER: "customer",
    PRODUCTS: "points_product",
    PRODUCT: "points_product",
    PURCHASE: "points_purchase",
    TRANSACTIONS: "points_transaction",
    TRANSACTION: "points_transaction",
    ACTIVITIES: "activity",
    FULFILMENTS: "reward_fulfillment",
    EARNING_RULES: "earning_rule",
    VIP_TIERS: "vip_tier",
    POINTS_SETTINGS: "points_settings",
}


def scope_of(method: str, path: str) -> str:
    """The right a key needs for a call, as the platform calls it."""
    return f"{_SCOPES[path]}:{'read' if method == 'GET' else 'write'}"


# --- envelope and errors ------------------------------------------------------------------------------
ENVELOPE = Envelope(page=(), pages=(), total=(), meta=())
ERRORS = ErrorShape(
    codes=frozenset(), fields=("errors",), used_at=(), our_names={}, read_time=read.read_start
)


class _Metadata(msgspec.Struct):
    next_cursor: str | None = None


class _Body(msgspec.Struct):
    metadata: _Metadata | None = None


_CURSOR = msgspec.json.Decoder(_Body)


def next_cursor(body: bytes) -> str | None:
    """The cursor behind a page: "" at the end, None where the reply says nothing about it."""
    try:
        metadata = _CURSOR.decode(body).metadata
    except msgspec.DecodeError:
        return None
    return None if metadata is None else metadata.next_cursor or ""


def request_id(body: bytes) -> str:
    """The vendor's id of a failed call; empty where it gives none."""
    try:
        error = read.VALUE.decode(body)["error"]
        found = error["request_id"]
    except (*read.NOT_JSON, TypeError, KeyError):
        return ""
    return found[:80] if isinstance(found, str) else ""


# --- status words ---------------------------------------------------------------------------------------
STATE = read.word_reader({state.value: state for state in CustomerState}, CustomerState.UNKNOWN)
EXCHANGE = read.word_reader({kind.value: kind for kind in ExchangeType}, ExchangeType.UNKNOWN)
FULFILMENT = read.word_reader(
    {status.value: status for status in FulfilmentStatus} | {"canceled": FulfilmentStatus.CANCELLED},
    FulfilmentStatus.UNKNOWN,
)
USAGE = read.word_reader({usage.value: usage for usage in Usage}, Usage.UNKNOWN)


# --- objects: wire name -> our field and how it is read ---------------------------------------------------
def _one(shape: Shape[Any]) -> read.Reader:
    """A reader of one object inside another; one that cannot be read is left out."""

    def read_one(value: Any, zone: ZoneInfo) -> Any:
        record, _issues = shape.read_record(value, zone)
        if record is None:
            raise read.Doubtful("unreadable_object")
        return record

    return read_one


def _texts(value: Any, zone: ZoneInfo) -> list[str]:
    """The names in a list of `{name}`."""
    if not isinstance(value, list):
        raise read.Unreadable("not_a_list")
    return [name for name in (read.read_named(entry, zone) for entry in value) if name]


def _ids(value: Any, zone: ZoneInfo) -> list[str]:
    if not isinstance(value, list):
        raise read.Unreadable("not_a_list")
    return [read.read_id(entry, zone) for entry in value]


class _Standing(NamedTuple):
    """`vip_status`, flat."""

    values: dict[str, Any]


_STANDING = {
    "vip_tier_id": Field("tier_remote_id", read.read_id),
    "vip_tier_expires_at": Field("tier_expires_at", read.read_start),
    "progress_value": Field("tier_progress", read.read_decimal),
    "current_vip_period_end": Field("tier_period_ends_at", read.read_end),
    "delta_to_retain_vip_tier": Field("to_keep_tier", read.read_decimal),
    "next_vip_tier_id": Field("next_tier_remote_id", read.read_id),
    "delta_to_next_vip_tier": Field("to_next_tier", read.read_decimal),
}


def _standing(value: Any, zone: ZoneInfo) -> _Standing:
    if not isinstance(value, dict):
        raise read.Doubtful("not_an_object")
    values: dict[str, Any] = {}
    for key, field in _STANDING.items():
        if key in value:
            values[field.name] = None if value[key] is None else field.read(value[key], zone)
    return _Standing(values)


def _customer(
    *,
    remote_id: str,
    standing: _Standing | UnsetType | None = UNSET,
    tier: VipTierRecord | UnsetType | None = UNSET,
    **values: Any,
) -> CustomerRecord:
    """A customer with one name (their number where the shop knows none), and the tier from wherever it is said."""
    if isinstance(tier, VipTierRecord):
        values["tier_remote_id"] = tier.remote_id
    if isinstance(standing, _Standing):
        values |= standing.values
    parts = (values.get("first_name"), values.get("last_name"))
    name = " ".join(part.strip() for part in parts if isinstance(part, str) and part.strip())
    return CustomerRecord(remote_id=remote_id, name=name or f"#{remote_id}", **values)


ID = Field("remote_id", read.read_id, nullable=False, required=True)
NAME = Field("name", read.read_name, otherwise="", nullable=False, required=True)
TIMES = {
    "created_at": Field("created_at", read.read_start),
    "updated_at": Field("updated_at", read.read_start),
}
REWARD = Shape(
    CatalogueReward,
    singular="reward",
    plural="rewards",
    fields={
        "id": ID,
        "name": NAME,
        "description": Field("description", read.read_text),
        "image_url": Field("image_url", read.read_text),
        **TIMES,
    },
)
VIP_TIER = Shape(
    VipTierRecord,
    singular="vip_tier",
    plural="vip_tiers",
    fields={
        "id": ID,
        "name": NAME,
        "image_url": Field("image_url", read.read_text),
        "milestone": Field("milestone", read.read_decimal),
        "perks": Field("perks", _texts, nullable=False),
        "entry_rewards": Field("entry_rewards", nested_reader(REWARD), nullable=False),
    },
)
VIP_TIER_CHANGE = Shape(
    VipTierChangeRecord,
    singular="vip_tier_change",
    plural="vip_tier_changes",
    fields={
        "id": ID,
        "previous_vip_tier": Field("previous", _one(VIP_TIER)),
        "current_vip_tier": Field("current", _one(VIP_TIER)),
        "description": Field("description", read.read_text),
    },
)
PERSON: Shape[CustomerRecord] = Shape(
    _customer,
    singular="customer",
    plural="customers",
    fields={
        "id": ID,
        "first_name": Field("first_name", read.read_text),
        "last_name": Field("last_name", read.read_text),
        "email": Field("email", read.read_text),
        "state": Field("state", STATE, nullable=False, word="state_word"),
        "date_of_birth": Field("birth_date", read.read_date),
        "points_balance": Field("points_balance", read.read_decimal),
        "referral_url": Field("referral_url", read.read_text),
        "vip_tier_id": Field("tier_remote_id", read.read_id),
        "vip_tier": Field("tier", _one(VIP_TIER)),
        "vip_status": Field("standing", _standing),
        **TIMES,
    },
)
POINTS_PRODUCT = Shape(
    PointsProductRecord,
    singular="points_product",
    plural="points_products",
    fields={
        "id": ID,
        "exchange_type": Field("exchange_type", EXCHANGE, nullable=False, word="exchange_word"),
        "exchange_description": Field("exchange_description", read.read_text),
        "points_price": Field("price", read.read_decimal),
        "variable_points_step": Field("step", read.read_decimal),
        "variable_points_step_reward_value": Field("step_value", read.read_decimal),
        "variable_points_min": Field("minimum", read.read_decimal),
        "variable_points_max": Field("maximum", read.read_decimal),
        "reward": Field("reward", _one(REWARD)),
        **TIMES,
    },
)
FULFILMENT_SHAPE = Shape(
    FulfilmentRecord,
    singular="reward_fulfillment",
    plural="reward_fulfillments",
    fields={
        "id": ID,
        "name": Field("name", read.read_text),
        "code": Field("code", read.read_text),
        "image_url": Field("image_url", read.read_text),
        "action_text": Field("action_text", read.read_text),
        "action_url": Field("action_url", read.read_text),
        "usage_instructions": Field("usage_instructions", read.read_text),
        "terms_and_conditions": Field("terms_and_conditions", read.read_text),
        "expires_at": Field("expires_at", read.read_end),
        "used_at": Field("used_at", read.read_start),
        "customer_id": Field("customer_remote_id", read.read_id),
        "fulfillment_status": Field("status", FULFILMENT, nullable=False, word="status_word"),
        "usage_status": Field("usage", USAGE, nullable=False, word="usage_word"),
        **TIMES,
    },
)
POINTS_PURCHASE = Shape(
    PurchaseRecord,
    singular="points_purchase",
    plural="points_purchases",
    fields={
        "id": ID,
        "customer_id": Field("customer_remote_id", read.read_id),
        "points_product_id": Field("product_remote_id", read.read_id),
        "points_spent": Field("points_spent", read.read_decimal),
        "reward_fulfillment": Field("fulfilment", _one(FULFILMENT_SHAPE)),
        **TIMES,
    },
)
POINTS_TRANSACTION = Shape(
    PointsTransactionRecord,
    singular="points_transaction",
    plural="points_transactions",
    fields={
        "id": ID,
        "customer_id": Field("customer_remote_id", read.read_id),
        "points_change": Field("points_change", read.read_decimal),
        "description": Field("description", read.read_text),
        "internal_note": Field("internal_note", read.read_text),
        **TIMES,
    },
)
REFERRAL = Shape(
    ReferralRecord,
    singular="referral",
    plural="referrals",
    fields={
        "id": ID,
        "receiver_customer": Field("receiver", _one(PERSON)),
        "receiver_customer_email": Field("receiver_email", read.read_text),
        "receiver_reward_fulfillment": Field("receiver_fulfilment", _one(FULFILMENT_SHAPE)),
        "sender_customer": Field("sender", _one(PERSON)),
        "sender_reward_fulfillment": Field("sender_fulfilment", _one(FULFILMENT_SHAPE)),
        **TIMES,
    },
)
ACTIVITY = Shape(
    ActivityRecord,
    singular="activity",
    plural="activities",
    fields={
        "id": ID,
        "customer_id": Field("customer_remote_id", read.read_id),
        "token": Field("token", read.read_text),
        "distinct_id": Field("distinct_id", read.read_text),
        "created_on_origin_at": Field("happened_at", read.read_start),
        **TIMES,
    },
)


class _Value(NamedTuple):
    points: Any
    per_amount: Any = UNSET


class _Limit(NamedTuple):
    times: int | None
    days: int | None


def _value(value: Any, zone: ZoneInfo) -> _Value:
    kind = value.get("type") if isinstance(value, dict) else None
    branch = value.get(kind) if kind in ("variable", "fixed") else None
    if not isinstance(branch, dict):
        raise read.Doubtful("unknown_kind")
    points = read.read_decimal(branch.get("value"), zone)
    return _Value(points, read.read_decimal(branch.get("per_amount"), zone) if kind == "variable" else None)


def _limit(value: Any, zone: ZoneInfo) -> _Limit:
    if not isinstance(value, dict):
        raise read.Doubtful("not_an_object")
    rolling = value.get("rolling")
    days = read.read_count(rolling.get("unit_count"), zone) if isinstance(rolling, dict) else None
    return _Limit(read.read_count(value.get("max"), zone), days)


def _rule(
    *,
    remote_id: str,
    name: str,
    value: _Value | UnsetType | None = UNSET,
    limit: _Limit | UnsetType | None = UNSET,
    kind: object = UNSET,
    **values: Any,
) -> EarningRuleRecord:
    """A rule, flat. `kind` only ever says "points"."""
    if isinstance(value, _Value):
        values |= {"points": value.points, "per_amount": value.per_amount}
    if isinstance(limit, _Limit):
        values |= {"limit": limit.times, "limit_days": limit.days}
    elif limit is None:
        values |= {"limit": None, "limit_days": None}
    return EarningRuleRecord(remote_id=remote_id, name=name, **values)


EARNING_RULE: Shape[EarningRuleRecord] = Shape(
    _rule,
    singular="earning_rule",
    plural="earning_rules",
    fields={
        "id": ID,
        "name": NAME,
        "image_url": Field("image_url", read.read_text),
        "action_text": Field("action_text", read.read_text),
        "action_url": Field("action_url", read.read_text),
        "restricted_to_vip_tier_ids": Field("tier_remote_ids", _ids, nullable=False),
        "reward": Field("kind", lambda value, zone: value),
        "reward_value": Field("value", _value),
        "earning_limit": Field("limit", _limit),
    },
)


def read_points_label(body: bytes) -> PointsLabel | None:
    """What `points_settings` calls the points; None when it does not say. `ValueError`: it is not JSON."""
    try:
        value = read.VALUE.decode(body)
    except read.NOT_JSON:
        raise ValueError("not_json") from None
    try:
        return msgspec.convert(value["points_settings"]["points_label"], PointsLabel)
    except (msgspec.ValidationError, TypeError, KeyError):
        return None


class List(NamedTuple):
    """One list: where, of what, and which query comes along."""

    path: str
    shape: Shape[Any]
    query: dict[str, str] = {}


LISTS: dict[Resource, List] = {
    Resource.CUSTOMERS: List(CUSTOMERS, PERSON, {Q_INCLUDE: INCLUDE_STATUS}),
    Resource.POINTS_TRANSACTIONS: List(TRANSACTIONS, POINTS_TRANSACTION),
    Resource.FULFILMENTS: List(FULFILMENTS, FULFILMENT_SHAPE),
    Resource.EARNING_RULES: List(EARNING_RULES, EARNING_RULE),
    Resource.VIP_TIERS: List(VIP_TIERS, VIP_TIER, {Q_INCLUDE: INCLUDE_PERKS}),
    Resource.POINTS_PRODUCTS: List(PRODUCTS, POINTS_PRODUCT),
}


# --- request bodies: only these keys, a key left out rather than null --------------------------------------
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
