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
    "CpfLookup",
    "CustomerDraft",
    "CustomerRecord",
    "CustomerState",
    "Page",
    "Probe",
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


class CustomerState(StrEnum):
    """How a person stands in a programme: known to the shop only, member, or shut out."""

    CANDIDATE = "candidate"
    MEMBER = "member"
    DISABLED = "disabled"
    UNKNOWN = "unknown"


#: Year of a birth date of which only day and month are known (`smile-v1.md` §4).
BIRTH_YEAR_UNKNOWN = 1004


class Record(msgspec.Struct, frozen=True, kw_only=True):
    """Base of the mirrored records. `remote_id` is the platform's id as text."""

    remote_id: str


class CategoryRecord(Record, frozen=True, kw_only=True):
    """A coupon category."""

    name: str
    created_at: datetime | UnsetType | None = UNSET


class RewardRecord(Record, frozen=True, kw_only=True):
    """A reward (coupon definition). `stock` None = unlimited; `points_required` None = no points needed."""

    name: str
    description: str | UnsetType | None = UNSET
    image_url: str | UnsetType | None = UNSET
    category_remote_id: str | UnsetType | None = UNSET
    points_required: Decimal | UnsetType | None = UNSET
    stock: int | UnsetType | None = UNSET
    limit_per_customer: int | UnsetType | None = UNSET
    starts_at: datetime | UnsetType | None = UNSET
    ends_at: datetime | UnsetType | None = UNSET
    rules: str | UnsetType | None = UNSET
    status: RewardStatus | UnsetType = UNSET
    #: The vendor's own word, kept when it is not in the alias table.
    status_word: str | UnsetType = UNSET
    updated_at: datetime | UnsetType | None = UNSET


class CustomerRecord(Record, frozen=True, kw_only=True):
    """A customer. `cpf` is 11 digits with valid check digits; `phone` is E.164.

    What follows the balances is known on some platforms only. Amounts around tiers are in the unit of the
    programme, points or money.
    """

    name: str
    first_name: str | UnsetType | None = UNSET
    last_name: str | UnsetType | None = UNSET
    cpf: str | UnsetType | None = UNSET
    phone: str | UnsetType | None = UNSET
    email: str | UnsetType | None = UNSET
    birth_date: date | UnsetType | None = UNSET
    points_balance: Decimal | UnsetType | None = UNSET
    cashback_balance: Decimal | UnsetType | None = UNSET
    state: CustomerState | UnsetType = UNSET
    state_word: str | UnsetType = UNSET
    referral_url: str | UnsetType | None = UNSET
    #: Address of the customer's wallet card.
    card_url: str | UnsetType | None = UNSET
    #: The number on that card.
    card_serial: str | UnsetType | None = UNSET
    tier_remote_id: str | UnsetType | None = UNSET
    tier_expires_at: datetime | UnsetType | None = UNSET
    #: What was reached in the period that counts for the tier, and when that period ends.
    tier_progress: Decimal | UnsetType | None = UNSET
    tier_period_ends_at: datetime | UnsetType | None = UNSET
    #: What is missing to keep the tier, and to reach the next one.
    to_keep_tier: Decimal | UnsetType | None = UNSET
    next_tier_remote_id: str | UnsetType | None = UNSET
    to_next_tier: Decimal | UnsetType | None = UNSET
    created_at: datetime | UnsetType | None = UNSET
    updated_at: datetime | UnsetType | None = UNSET


class VoucherRecord(Record, frozen=True, kw_only=True):
    """A voucher (issued code). `remote_id` is its code, exactly as the platform writes it."""

    status: VoucherStatus | UnsetType = UNSET
    status_word: str | UnsetType = UNSET
    customer_remote_id: str | UnsetType | None = UNSET
    reward_remote_id: str | UnsetType | None = UNSET
    reward_name: str | UnsetType | None = UNSET
    origin: VoucherOrigin | UnsetType = UNSET
    value: Decimal | UnsetType | None = UNSET
    minimum_purchase: Decimal | UnsetType | None = UNSET
    issued_at: datetime | UnsetType | None = UNSET
    starts_at: datetime | UnsetType | None = UNSET
    expires_at: datetime | UnsetType | None = UNSET
    used_at: datetime | UnsetType | None = UNSET
    store: str | UnsetType | None = UNSET


class SaleRecord(Record, frozen=True, kw_only=True):
    """A registered sale and the benefit the platform's rule gave for it."""

    customer_remote_id: str | UnsetType | None = UNSET
    sale_amount: Decimal | UnsetType | None = UNSET
    cashback_amount: Decimal | UnsetType | None = UNSET
    points_earned: Decimal | UnsetType | None = UNSET
    vouchers: list[VoucherRecord] | UnsetType = UNSET
    created_at: datetime | UnsetType | None = UNSET


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
    #: Which page of the walk this is, from 1.
    number: int = 1
    #: Rows on the page as the platform sent it, readable or not.
    row_count: int
    #: How many rows the platform says there are in all; None where it does not say.
    total: int | None = None
    #: Field names never described by the contract -> how often on this page.
    unknown_fields: dict[str, int] = {}
    #: Fields the contract describes that no row of this page carried.
    missing_fields: frozenset[str] = frozenset()


class CpfLookup(msgspec.Struct, frozen=True, kw_only=True):
    """What a search by CPF found.

    No match with `filter_honoured` means that nobody has that CPF. No match without it proves nothing:
    the platform sent other rows, so the whole list has to be walked before concluding.
    """

    matches: list[CustomerRecord]
    filter_honoured: bool


class Probe(msgspec.Struct, frozen=True, kw_only=True):
    """What one small read showed about a listing, for "testar conexão". Field names are the vendor's."""

    status: int
    latency_ms: int
    row_count: int
    recognised: frozenset[str]
    #: Described by the contract, carried by no row; empty when there was no row.
    missing: frozenset[str]
    #: Not described by the contract -> how often.
    unknown: dict[str, int]
    issues: list[RowIssue]
    reference: str
