"""What card machines tell of sales: neutral records of a bridge, whichever road they come by.

Like `records`: no wire name, ids and codes are text and compared as text, money is BRL and exact, times are aware
and in UTC. A text that is not there is empty. Source: `contracts/smartpos.md` §2.1.
"""

from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Generic, TypeVar

T = TypeVar("T")

#: The longest id, code or label, in characters; a row with a longer one cannot be read.
MAX_TEXT = 120
#: The longest text about a buyer; a longer one is left out.
MAX_BUYER_TEXT = 254
#: Amounts are smaller than this, in BRL.
AMOUNT_LIMIT = Decimal(10) ** 10


class PosStatus(StrEnum):
    """Life of a sale at the machine; `REFUNDED` is in full. An unknown word is kept beside it: not usable."""

    APPROVED = "approved"
    CANCELLED = "cancelled"
    REFUNDED = "refunded"
    UNKNOWN = "unknown"


class PosMethod(StrEnum):
    """How was paid. `VOUCHER` is a meal or food card, never a voucher of the programme."""

    CREDIT = "credit"
    DEBIT = "debit"
    PIX = "pix"
    VOUCHER = "voucher"
    CASH = "cash"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, repr=False)
class PosBuyer:
    """What the machine knows of the buyer: raw trimmed texts, unchecked; at least one is given."""

    cpf: str | None = None
    phone: str | None = None
    email: str | None = None
    name: str | None = None

    def __repr__(self) -> str:
        return "PosBuyer(…)"


@dataclass(frozen=True, slots=True)
class PosSaleRecord:
    """A sale at a machine. `id` is unique in its connection; `amount` has two decimals and may be zero or less."""

    id: str
    amount: Decimal
    status: PosStatus
    sold_at: datetime
    machine_id: str = ""
    acquirer: str = ""
    terminal_serial: str = ""
    #: Leading zeros are kept.
    nsu: str = ""
    authorization_code: str = ""
    store_id: str = ""
    installments: int = 1
    payment_method: PosMethod = PosMethod.UNKNOWN
    customer: PosBuyer | None = None
    #: The machine's own words, where they are none of ours.
    status_word: str = ""
    payment_word: str = ""


@dataclass(frozen=True, slots=True)
class PosMachineRecord:
    """A card machine."""

    id: str
    acquirer: str = ""
    terminal_serial: str = ""
    label: str = ""
    store_id: str = ""
    active: bool = True
    last_seen_at: datetime | None = None


@dataclass(frozen=True, slots=True, repr=False)
class PosCustomerRecord:
    """A buyer the bridge knows by an id; the texts are raw, as in `PosBuyer`."""

    id: str
    cpf: str | None = None
    phone: str | None = None
    email: str | None = None
    name: str | None = None
    updated_at: datetime | None = None

    def __repr__(self) -> str:
        return "PosCustomerRecord(…)"


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that could not be read. Holds no value of it but its id, None where that cannot be read either."""

    id: str | None
    #: The field it failed at, in the vendor's word; empty for the row as a whole.
    field: str
    #: One word: `missing`, `not_a_number`, `not_a_time`, `too_long`, …
    reason: str


@dataclass(frozen=True, slots=True)
class FeedPage(Generic[T]):
    """One page of a feed, in the order of change. `next_cursor` None: nothing further now."""

    records: list[T]
    bad: list[BadRow] = field(default_factory=list)
    next_cursor: str | None = None
    #: Field names the contract does not describe -> how often on this page.
    unknown_fields: dict[str, int] = field(default_factory=dict)
