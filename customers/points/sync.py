"""The mirrors of points transactions, tiers and earning rules. Loaded by the sync app."""

from typing import Any

from msgspec import UNSET

from customers.points.models import EarningRule, PointsTransaction, VipTier, lines
from smartbis_admin.api.capabilities import Resource
from smartbis_admin.sync.engine import MirrorSpec, register


def _lines(values: Any) -> Any:
    return UNSET if values is UNSET else lines(values)


register(
    MirrorSpec(
        resource=Resource.POINTS_TRANSACTIONS,
        model=PointsTransaction,
        columns={
            "customer_remote_id": "customer_remote_id",
            "points_change": "points_change",
            "description": "description",
            "internal_note": "internal_note",
            "remote_created_at": "created_at",
            "remote_updated_at": "updated_at",
        },
    )
)
register(
    MirrorSpec(
        resource=Resource.VIP_TIERS,
        model=VipTier,
        columns={"name": "name", "image_url": "image_url", "milestone": "milestone"},
        derived={
            "perks": lambda record: _lines(record.perks),
            "entry_rewards": lambda record: (
                UNSET
                if record.entry_rewards is UNSET
                else lines(reward.name for reward in record.entry_rewards)
            ),
        },
    )
)
register(
    MirrorSpec(
        resource=Resource.EARNING_RULES,
        model=EarningRule,
        columns={
            "name": "name",
            "image_url": "image_url",
            "action_text": "action_text",
            "action_url": "action_url",
            "points": "points",
            "per_amount": "per_amount",
            "limit": "limit",
            "limit_days": "limit_days",
        },
        derived={"tier_remote_ids": lambda record: _lines(record.tier_remote_ids)},
    )
)
