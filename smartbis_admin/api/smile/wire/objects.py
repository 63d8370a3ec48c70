"""The objects of both editions: wire name -> our field and how it is read. It must not know calls or bodies.

Source: `contracts/smile-v1.md` §4.
"""

from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from msgspec import UNSET, UnsetType

from smartbis_admin.api import decode as read
from smartbis_admin.api.points import (
    ActivityRecord,
    CatalogueReward,
    ExchangeType,
    FulfilmentRecord,
    FulfilmentStatus,
    PointsProductRecord,
    PointsTransactionRecord,
    PurchaseRecord,
    ReferralRecord,
    Usage,
    VipTierChangeRecord,
    VipTierRecord,
)
from smartbis_admin.api.records import CustomerRecord, CustomerState
from smartbis_admin.api.shapes import Field, Shape, nested_reader

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
