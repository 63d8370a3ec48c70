"""What only some platforms tell of a customer: names apart, referral link, tier. Packed into one column.

Most customers are of platforms that know none of it; for them the column is empty and costs nothing.
"""

from datetime import datetime
from decimal import Decimal
from operator import attrgetter

import msgspec
from msgspec import UNSET

from smartbis_admin.api.records import CustomerRecord

_encoder = msgspec.json.Encoder(decimal_format="string")


class Standing(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Names, links and the way to the next tier; None = not known. Amounts are points or money, as the tiers."""

    first_name: str | None = None
    last_name: str | None = None
    referral_url: str | None = None
    tier_expires_at: datetime | None = None
    tier_progress: Decimal | None = None
    tier_period_ends_at: datetime | None = None
    to_keep_tier: Decimal | None = None
    next_tier_remote_id: str | None = None
    to_next_tier: Decimal | None = None


_decoder = msgspec.json.Decoder(Standing)
_FIELDS = Standing.__struct_fields__
_all = attrgetter(*_FIELDS)
_NOTHING = (UNSET,) * len(_FIELDS)


def pack(record: CustomerRecord) -> str:
    """The column's text for what a listing says; empty where it says nothing of the kind."""
    values = _all(record)
    if values == _NOTHING:
        return ""
    said = {name: value for name, value in zip(_FIELDS, values, strict=True) if value is not UNSET}
    return _encoder.encode(Standing(**said)).decode()


def unpack(text: str) -> Standing:
    """What a column holds."""
    return _decoder.decode(text) if text else Standing()
