"""Every name Smartbis uses on the wire: paths, query and body keys, envelopes, fields, words, codes, formats.

Most of them are assumed (`smartbis-v2.md` §3): when a real account shows other names, this file is
edited and nothing else. It must not know HTTP or who calls.
"""

import re
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import msgspec
from msgspec import UNSET, Raw, UnsetType

from smartbis_admin.api import decode as read
from smartbis_admin.api.capabilities import Resource
from smartbis_admin.api.records import (
    CategoryRecord,
    CustomerRecord,
    RewardRecord,
    RewardStatus,
    SaleRecord,
    VoucherOrigin,
    VoucherRecord,
    VoucherStatus,
)
from smartbis_admin.api.refusals import ErrorShape
from smartbis_admin.api.shapes import Envelope, Field, Shape, nested_reader

# --- paths (relative to the base, which ends in a slash) and query keys -------------------------------
AUTH = "auth/token"
CUSTOMERS = "customers"
SALES = "sales"
COUPONS = "coupons"
COUPON_STOCK = "coupons/{coupon_id}/stock"
VOUCHERS = "vouchers"
VALIDATE = "vouchers/{voucher_code}/validate"
CATEGORIES = "categories"
Q_CPF, Q_PAGE, Q_PER_PAGE = "cpf", "page", "per_page"
MAX_PER_PAGE = 250

# --- envelope and errors --------------------------------------------------------------------------
ENVELOPE = Envelope(
    page=("current_page", "currentPage", "page"), pages=("last_page", "lastPage", "pages"), total=("total",)
)
ERRORS = ErrorShape(
    codes=frozenset(
        {
            "token_expired",
            "invalid_credentials",
            "validation_failed",
            "too_many_requests",
            "customer_duplicate_cpf",
            "customer_not_found",
            "category_duplicate_name",
            "coupon_not_found",
            "voucher_not_found",
            "voucher_used",
            "voucher_expired",
            "voucher_not_started",
            "voucher_cancelled",
        }
    ),
    fields=("errors", "fields"),
    used_at=("used_at",),
    our_names={"sale_amount": "amount", "customer_id": "customer_remote_id"},
    read_time=read.read_start,
)

# --- status words ---------------------------------------------------------------------------------
COUPON_STATUS = read.word_reader(
    {"active": RewardStatus.ACTIVE, "paused": RewardStatus.PAUSED, "ended": RewardStatus.ENDED},
    RewardStatus.UNKNOWN,
)
VOUCHER_STATUS = read.word_reader(
    {
        "issued": VoucherStatus.ISSUED,
        "used": VoucherStatus.USED,
        "expired": VoucherStatus.EXPIRED,
        "cancelled": VoucherStatus.CANCELLED,
    },
    VoucherStatus.UNKNOWN,
)
ORIGIN = read.word_reader(
    {
        "balance": VoucherOrigin.BALANCE,
        "points": VoucherOrigin.POINTS,
        "cashback": VoucherOrigin.CASHBACK,
        "plan": VoucherOrigin.PLAN,
        "manual": VoucherOrigin.MANUAL,
    },
    VoucherOrigin.UNKNOWN,
)

# --- objects: wire name -> our field and how it is read; camelCase spellings are understood by themselves
ID = Field("remote_id", read.read_id, nullable=False, required=True)
NAME = Field("name", read.read_name, otherwise="", nullable=False, required=True)

CATEGORY = Shape(
    CategoryRecord,
    singular="category",
    plural="categories",
    fields={"id": ID, "name": NAME, "created_at": Field("created_at", read.read_start)},
)
CUSTOMER = Shape(
    CustomerRecord,
    singular="customer",
    plural="customers",
    fields={
        "id": ID,
        "name": NAME,
        "cpf": Field("cpf", read.read_cpf),
        "phone": Field("phone", read.read_phone),
        "email": Field("email", read.read_text),
        "birth_date": Field("birth_date", read.read_date),
        "points_balance": Field("points_balance", read.read_decimal),
        "cashback_balance": Field("cashback_balance", read.read_decimal),
        "created_at": Field("created_at", read.read_start),
        "updated_at": Field("updated_at", read.read_start),
    },
)
COUPON = Shape(
    RewardRecord,
    singular="coupon",
    plural="coupons",
    fields={
        "id": ID,
        "name": NAME,
        "description": Field("description", read.read_text),
        "image_url": Field("image_url", read.read_text),
        "category_id": Field("category_remote_id", read.read_id),
        "points_required": Field("points_required", read.read_decimal),
        "stock": Field("stock", read.read_count),
        "limit_per_customer": Field("limit_per_customer", read.read_count),
        "starts_at": Field("starts_at", read.read_start),
        "ends_at": Field("ends_at", read.read_end),
        "rules": Field("rules", read.read_text),
        "status": Field("status", COUPON_STATUS, nullable=False, word="status_word"),
        "updated_at": Field("updated_at", read.read_start),
    },
)
VOUCHER = Shape(
    VoucherRecord,
    singular="voucher",
    plural="vouchers",
    fields={
        "code": ID,
        "status": Field("status", VOUCHER_STATUS, nullable=False, word="status_word"),
        "customer_id": Field("customer_remote_id", read.read_id),
        "coupon_id": Field("reward_remote_id", read.read_id),
        "coupon_name": Field("reward_name", read.read_text),
        "origin": Field("origin", ORIGIN, nullable=False),
        "value": Field("value", read.read_decimal),
        "minimum_purchase": Field("minimum_purchase", read.read_decimal),
        "issued_at": Field("issued_at", read.read_start),
        "starts_at": Field("starts_at", read.read_start),
        "expires_at": Field("expires_at", read.read_end),
        "used_at": Field("used_at", read.read_start),
        "store": Field("store", read.read_named),
    },
)
SALE = Shape(
    SaleRecord,
    singular="sale",
    plural="sales",
    fields={
        "id": ID,
        "customer_id": Field("customer_remote_id", read.read_id),
        "sale_amount": Field("sale_amount", read.read_decimal),
        "cashback_amount": Field("cashback_amount", read.read_decimal),
        "points_earned": Field("points_earned", read.read_decimal),
        "vouchers": Field("vouchers", nested_reader(VOUCHER), nullable=False),
        "created_at": Field("created_at", read.read_start),
    },
)
LISTS: dict[Resource, tuple[str, Shape]] = {
    Resource.CATEGORIES: (CATEGORIES, CATEGORY),
    Resource.REWARDS: (COUPONS, COUPON),
    Resource.CUSTOMERS: (CUSTOMERS, CUSTOMER),
    Resource.VOUCHERS: (VOUCHERS, VOUCHER),
}


# --- request bodies: only these keys, a key left out rather than null ------------------------------
class TokenBody(msgspec.Struct, kw_only=True):
    """`POST auth/token`."""

    api_key: str
    api_secret: str


class CustomerBody(msgspec.Struct, kw_only=True):
    """`POST customers`: phone as 10 or 11 digits, date as YYYY-MM-DD."""

    name: str
    phone: str
    password: str
    cpf: str
    email: str | UnsetType = UNSET
    birth_date: date | UnsetType = UNSET


class SaleBody(msgspec.Struct, kw_only=True):
    """`POST sales`: the amount as a JSON number with two decimals, exactly one of the other keys."""

    sale_amount: Decimal
    cpf: str | UnsetType = UNSET
    customer_id: Raw | str | UnsetType = UNSET


class StockBody(msgspec.Struct, kw_only=True):
    """`PATCH coupons/{coupon_id}/stock`: the new absolute stock."""

    stock: int


class ValidateBody(msgspec.Struct):
    """`POST vouchers/{voucher_code}/validate`: no key is published."""


class CategoryBody(msgspec.Struct, kw_only=True):
    """`POST categories`."""

    name: str


# --- token reply ------------------------------------------------------------------------------------
TOKEN_KEYS = ("access_token", "accessToken")
LIFETIME_KEYS = ("expires_in", "expiresIn")
END_KEYS = ("expires_at", "expiresAt")
#: When no lifetime is given.
DEFAULT_LIFETIME = timedelta(seconds=600)


def read_token(reply: object, zone: ZoneInfo) -> tuple[str, timedelta | None, datetime | None]:
    """Value, lifetime and absolute end of a token reply, as far as it says. Raises `ValueError`."""
    if not isinstance(reply, dict):
        raise TypeError("not_an_object")
    value = next((reply[key] for key in TOKEN_KEYS if key in reply), None)
    # It becomes a header: anything but visible ASCII would break the request.
    if not isinstance(value, str) or not re.fullmatch(r"[!-~]+", value):
        raise ValueError("no_token")
    lifetime = next((read.read_count(reply[key], zone) for key in LIFETIME_KEYS if reply.get(key)), None)
    end = next((read.read_start(reply[key], zone) for key in END_KEYS if reply.get(key)), None)
    return value, timedelta(seconds=lifetime) if lifetime and lifetime > 0 else None, end
