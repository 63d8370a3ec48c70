"""Every name Smile.io uses on the wire, in its older text and in today's API; here paths, query, errors, lists.

Both editions are read by the same tables: `objects` and `rules`; what is sent is in `bodies`. It must not know
HTTP or who calls. The identity call is not here: it takes an app's token, which no merchant has, and a merchant's
key can neither create nor edit a customer (`contracts/smile-v1.md` §3, §6.7). Sources: `contracts/smile-v1.md`
§2-§4; seed 004 is the older text.
"""

from typing import Any, NamedTuple

import msgspec

from smartbis_admin.api import decode as read
from smartbis_admin.api.capabilities import Resource
from smartbis_admin.api.points import PointsLabel
from smartbis_admin.api.refusals import ErrorShape
from smartbis_admin.api.shapes import Envelope, Shape
from smartbis_admin.api.smile.wire import objects, rules

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
    Resource.CUSTOMERS: List(CUSTOMERS, objects.PERSON, {Q_INCLUDE: INCLUDE_STATUS}),
    Resource.POINTS_TRANSACTIONS: List(TRANSACTIONS, objects.POINTS_TRANSACTION),
    Resource.FULFILMENTS: List(FULFILMENTS, objects.FULFILMENT_SHAPE),
    Resource.EARNING_RULES: List(EARNING_RULES, rules.EARNING_RULE),
    Resource.VIP_TIERS: List(VIP_TIERS, objects.VIP_TIER, {Q_INCLUDE: INCLUDE_PERKS}),
    Resource.POINTS_PRODUCTS: List(PRODUCTS, objects.POINTS_PRODUCT),
}
