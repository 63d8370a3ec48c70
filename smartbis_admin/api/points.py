"""Neutral records of programmes that run on points, tiers and offers; beside those of `records`.

Points are exact `Decimal`, times aware and in UTC, ids text; `UNSET` means not known, as there. No wire
name appears here. Sources: `contracts/smile-v1.md` §4, `contracts/smartpasses-v1.md` §3.
"""

from datetime import datetime
from decimal import Decimal
from enum import StrEnum

import msgspec
from msgspec import UNSET, UnsetType

from smartbis_admin.api.records import CustomerRecord, Record

Text = str | UnsetType | None
Moment = datetime | UnsetType | None
Amount = Decimal | UnsetType | None


class ExchangeType(StrEnum):
    """Whether a points product has one price or a sum of points the customer chooses."""

    FIXED = "fixed"
    VARIABLE = "variable"
    UNKNOWN = "unknown"


class FulfilmentStatus(StrEnum):
    """Whether a bought reward was handed out."""

    PENDING = "pending"
    ISSUED = "issued"
    CANCELLED = "cancelled"
    FAILED = "failed"
    UNKNOWN = "unknown"


class Usage(StrEnum):
    """Whether a fulfilment was used. `UNTRACKED`: nobody tells the platform, so nothing is known."""

    USED = "used"
    UNUSED = "unused"
    UNTRACKED = "untracked"
    UNKNOWN = "unknown"


class OfferStatus(StrEnum):
    """Life of an offer: draft, published, cancelled, never back."""

    DRAFT = "draft"
    PUBLISHED = "published"
    CANCELLED = "cancelled"
    UNKNOWN = "unknown"


class PointsTransactionRecord(Record, frozen=True, kw_only=True):
    """One change of a balance. `description` is for the customer, `internal_note` for staff."""

    customer_remote_id: Text = UNSET
    points_change: Amount = UNSET
    description: Text = UNSET
    internal_note: Text = UNSET
    created_at: Moment = UNSET
    updated_at: Moment = UNSET


class CatalogueReward(Record, frozen=True, kw_only=True):
    """What a points product gives, or what comes with a tier."""

    name: str
    description: Text = UNSET
    image_url: Text = UNSET
    created_at: Moment = UNSET
    updated_at: Moment = UNSET


class PointsProductRecord(Record, frozen=True, kw_only=True):
    """Something points can buy. `price` for fixed ones; step, minimum and maximum (points) for variable ones."""

    exchange_type: ExchangeType | UnsetType = UNSET
    exchange_word: str | UnsetType = UNSET
    exchange_description: Text = UNSET
    price: Amount = UNSET
    step: Amount = UNSET
    #: What one step is worth, in the reward's own unit.
    step_value: Amount = UNSET
    minimum: Amount = UNSET
    maximum: Amount = UNSET
    reward: CatalogueReward | UnsetType | None = UNSET
    created_at: Moment = UNSET
    updated_at: Moment = UNSET


class FulfilmentRecord(Record, frozen=True, kw_only=True):
    """A reward a customer got, usually a code. Inside a purchase only id, name, code and times may be known."""

    name: Text = UNSET
    code: Text = UNSET
    image_url: Text = UNSET
    action_text: Text = UNSET
    action_url: Text = UNSET
    usage_instructions: Text = UNSET
    terms_and_conditions: Text = UNSET
    expires_at: Moment = UNSET
    used_at: Moment = UNSET
    customer_remote_id: Text = UNSET
    status: FulfilmentStatus | UnsetType = UNSET
    status_word: str | UnsetType = UNSET
    usage: Usage | UnsetType = UNSET
    usage_word: str | UnsetType = UNSET
    created_at: Moment = UNSET
    updated_at: Moment = UNSET


class BalanceRecord(Record, frozen=True, kw_only=True):
    """A customer's points after a change, where the platform answers with nothing else."""

    points_balance: Amount = UNSET


class PurchaseRecord(Record, frozen=True, kw_only=True):
    """Points spent on a product, and what the customer got for them."""

    customer_remote_id: Text = UNSET
    product_remote_id: Text = UNSET
    points_spent: Amount = UNSET
    fulfilment: FulfilmentRecord | UnsetType | None = UNSET
    created_at: Moment = UNSET
    updated_at: Moment = UNSET


class VipTierRecord(Record, frozen=True, kw_only=True):
    """A level of the programme. `milestone` is in points or money, as the programme counts."""

    name: str
    image_url: Text = UNSET
    milestone: Amount = UNSET
    perks: list[str] | UnsetType = UNSET
    entry_rewards: list[CatalogueReward] | UnsetType = UNSET


class VipTierChangeRecord(Record, frozen=True, kw_only=True):
    """A move of a customer from one tier to another; None: no tier."""

    previous: VipTierRecord | UnsetType | None = UNSET
    current: VipTierRecord | UnsetType | None = UNSET
    description: Text = UNSET


class ReferralRecord(Record, frozen=True, kw_only=True):
    """A friend brought by a customer. Receiver and the sender's reward are known after the friend's order."""

    receiver: CustomerRecord | UnsetType | None = UNSET
    receiver_email: Text = UNSET
    receiver_fulfilment: FulfilmentRecord | UnsetType | None = UNSET
    sender: CustomerRecord | UnsetType | None = UNSET
    sender_fulfilment: FulfilmentRecord | UnsetType | None = UNSET
    created_at: Moment = UNSET
    updated_at: Moment = UNSET


class EarningRuleRecord(Record, frozen=True, kw_only=True):
    """A way to earn points: `points` at once, or `points` for every `per_amount`.

    `limit` times at most, in `limit_days` days or, without them, in a lifetime; None = no limit.
    """

    name: str
    image_url: Text = UNSET
    action_text: Text = UNSET
    action_url: Text = UNSET
    #: Empty: for everybody.
    tier_remote_ids: list[str] | UnsetType = UNSET
    points: Amount = UNSET
    per_amount: Amount = UNSET
    limit: int | UnsetType | None = UNSET
    limit_days: int | UnsetType | None = UNSET


class ActivityRecord(Record, frozen=True, kw_only=True):
    """An event sent to the programme; its points come later."""

    customer_remote_id: Text = UNSET
    token: Text = UNSET
    distinct_id: Text = UNSET
    happened_at: Moment = UNSET
    created_at: Moment = UNSET
    updated_at: Moment = UNSET


class OfferRecord(Record, frozen=True, kw_only=True):
    """An offer of a wallet programme: what points buy there. `auto_claim`: claimed without a press."""

    name: str
    description: Text = UNSET
    points_cost: Amount = UNSET
    auto_claim: bool | UnsetType | None = UNSET
    status: OfferStatus | UnsetType = UNSET
    status_word: str | UnsetType = UNSET


class PointsLabel(msgspec.Struct, frozen=True, kw_only=True):
    """What the programme calls its points, for one and for others."""

    one: str
    other: str


class PointsDraft(msgspec.Struct, frozen=True, kw_only=True):
    """A change of a balance to be made: whole points, not zero. `reference` is the intent's own id."""

    customer_remote_id: str
    points_change: int
    description: str
    reference: str
    internal_note: str = ""


class ActivityDraft(msgspec.Struct, frozen=True, kw_only=True):
    """An event to be sent. `distinct_id` makes a second sending harmless."""

    customer_remote_id: str
    token: str
    distinct_id: str
    happened_at: datetime | None = None


class PersonDraft(msgspec.Struct, frozen=True, kw_only=True):
    """What a person is created or changed with; None leaves a value as it is. `phone` is E.164."""

    first_name: str | None = None
    last_name: str | None = None
    email: str | None = None
    phone: str | None = None

    def __repr__(self) -> str:
        return "PersonDraft(…)"


class OfferDraft(msgspec.Struct, frozen=True, kw_only=True):
    """What an offer is created or changed with; None leaves a value as it is."""

    name: str | None = None
    description: str | None = None
    points_cost: int | None = None
    auto_claim: bool | None = None
