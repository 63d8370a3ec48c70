"""Neutral records: what every provider's client yields and every command returns.

No wire name appears outside a vendor's module; outside `api` only these types travel. Ids are text,
compared as text. Money is BRL and points are points, both exact `Decimal`. Times are aware, in UTC.

`UNSET` means *not known* (the reply left the field out) and differs from `None` (the platform says
it is empty): a mirror keeps its last value for `UNSET` and clears it for `None`.
"""

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from typing import Generic, TypeVar

import msgspec
from msgspec import UNSET, UnsetType

__all__ = [
    "UNSET",
    "CategoryRecord",
    "CustomerDraft",
    "CustomerRecord",
    "Page",
    "RewardRecord",
    "RewardStatus",
    "RowIssue",
    "SaleDraft",
    "SaleRecord",
    "UnsetType",
    "VoucherOrigin",
    "VoucherRecord",
    "VoucherStatus",
]


class RewardStatus(StrEnum):
    """Life of a reward (coupon definition). An unknown word is kept as `UNKNOWN`: not usable."""

    ACTIVE = "active"
    PAUSED = "paused"
    ENDED = "ended"
    UNKNOWN = "unknown"


class VoucherStatus(StrEnum):
    """Life of a voucher as the platform words it. `UNKNOWN` is never offered for validation."""

    ISSUED = "issued"
    USED = "used"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"


class VoucherOrigin(StrEnum):
    """What the voucher was made from."""

    BALANCE = "balance"
    POINTS = "points"
    CASHBACK = "cashback"
    PLAN = "plan"
    MANUAL = "manual"
    UNKNOWN = "unknown"


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """Base of the mirrored records. `remote_id` is the platform's id as text."""

    remote_id: str


class CategoryRecord(Record, frozen=True, kw_only=True):
    """A coupon category."""

    name: str
    created_at: datetime | None | UnsetType = UNSET


class RewardRecord(Record, frozen=True, kw_only=True):
    """A reward (coupon definition). `stock` None = unlimited; `points_required` None = not paid with points."""

    name: str
    description: str | None | UnsetType = UNSET
    image_url: str | None | UnsetType = UNSET
    category_remote_id: str | None | UnsetType = UNSET
    points_required: Decimal | None | UnsetType = UNSET
    stock: int | None | UnsetType = UNSET
    limit_per_customer: int | None | UnsetType = UNSET
    starts_at: datetime | None | UnsetType = UNSET
    ends_at: datetime | None | UnsetType = UNSET
    rules: str | None | UnsetType = UNSET
    status: RewardStatus | UnsetType = UNSET
    #: The vendor's own word, kept when it is not in the alias table.
    status_word: str | UnsetType = UNSET
    updated_at: datetime | None | UnsetType = UNSET


class CustomerRecord(Record, frozen=True, kw_only=True):
    """A customer. `cpf` is 11 digits with valid check digits; `phone` is E.164."""

    name: str
    cpf: str | None | UnsetType = UNSET
    phone: str | None | UnsetType = UNSET
    email: str | None | UnsetType = UNSET
    birth_date: date | None | UnsetType = UNSET
    points_balance: Decimal | None | UnsetType = UNSET
    cashback_balance: Decimal | None | UnsetType = UNSET
    created_at: datetime | None | UnsetType = UNSET
    updated_at: datetime | None | UnsetType = UNSET


class VoucherRecord(Record, frozen=True, kw_only=True):
    """A voucher (issued code). `remote_id` is its code, exactly as the platform writes it."""

    status: VoucherStatus | UnsetType = UNSET
    status_word: str | UnsetType = UNSET
    customer_remote_id: str | None | UnsetType = UNSET
    reward_remote_id: str | None | UnsetType = UNSET
    reward_name: str | None | UnsetType = UNSET
    origin: VoucherOrigin | UnsetType = UNSET
    value: Decimal | None | UnsetType = UNSET
    minimum_purchase: Decimal | None | UnsetType = UNSET
    issued_at: datetime | None | UnsetType = UNSET
    starts_at: datetime | None | UnsetType = UNSET
    expires_at: datetime | None | UnsetType = UNSET
    used_at: datetime | None | UnsetType = UNSET
    store: str | None | UnsetType = UNSET


class SaleRecord(Record, frozen=True, kw_only=True):
    """A registered sale and the benefit the platform's rule gave for it."""

    customer_remote_id: str | None | UnsetType = UNSET
    sale_amount: Decimal | None | UnsetType = UNSET
    cashback_amount: Decimal | None | UnsetType = UNSET
    points_earned: Decimal | None | UnsetType = UNSET
    vouchers: list[VoucherRecord] | UnsetType = UNSET
    created_at: datetime | None | UnsetType = UNSET


class CustomerDraft(msgspec.Struct, frozen=True, kw_only=True):
    """What is sent to create a customer. `password` is passed through: never stored, never logged."""

    name: str
    cpf: str
    phone: str
    password: str | None = None
    email: str | None = None
    birth_date: date | None = None

    def __repr__(self) -> str:
        return "CustomerDraft(…)"


class SaleDraft(msgspec.Struct, frozen=True, kw_only=True):
    """What is sent to register a sale: who (exactly one of the two) and how much, in BRL."""

    amount: Decimal
    cpf: str | None = None
    customer_remote_id: str | None = None


class RowIssue(msgspec.Struct, frozen=True, kw_only=True):
    """One row of a page that could not be read, or was read with a doubt. Holds no personal value."""

    remote_id: str | None
    field: str
    problem: str
    #: False when a record was made all the same (e.g. an invalid CPF was left out).
    row_lost: bool = True


R = TypeVar("R", bound=Record)


class Page(msgspec.Struct, Generic[R], frozen=True, kw_only=True):
    """One page of a walk, in the order the platform sent it."""

    records: list[R]
    #: Issues, including rows that gave no record; such a row still counts as seen.
    issues: list[RowIssue] = []
    #: Rows on the page as the platform sent it, readable or not.
    row_count: int
    #: How many rows the platform says there are in all; None where it does not say.
    total: int | None = None
    #: Field names never described by the contract -> how often on this page.
    unknown_fields: dict[str, int] = {}
    #: Fields the contract describes that no row of this page carried.
    missing_fields: frozenset[str] = frozenset()
