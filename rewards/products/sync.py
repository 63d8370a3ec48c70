"""The mirrors of points products and offers. Loaded by the sync app."""

from typing import Any

from msgspec import UNSET

from rewards.products.models import Offer, PointsProduct
from smartbis_admin.api.capabilities import Resource
from smartbis_admin.api.points import CatalogueReward, PointsProductRecord
from smartbis_admin.sync.engine import MirrorSpec, register, status_word


def _of_reward(record: PointsProductRecord, name: str) -> Any:
    reward = record.reward
    return getattr(reward, name) if isinstance(reward, CatalogueReward) else reward


register(
    MirrorSpec(
        resource=Resource.POINTS_PRODUCTS,
        model=PointsProduct,
        columns={
            "exchange_type": "exchange_type",
            "exchange_description": "exchange_description",
            "price": "price",
            "step": "step",
            "step_value": "step_value",
            "minimum": "minimum",
            "maximum": "maximum",
            "remote_created_at": "created_at",
            "remote_updated_at": "updated_at",
        },
        derived={
            "exchange_word": lambda record: "" if record.exchange_word is UNSET else record.exchange_word,
            "reward_name": lambda record: _of_reward(record, "name"),
            "reward_description": lambda record: _of_reward(record, "description"),
            "image_url": lambda record: _of_reward(record, "image_url"),
        },
    )
)
register(
    MirrorSpec(
        resource=Resource.OFFERS,
        model=Offer,
        columns={
            "name": "name",
            "description": "description",
            "points_cost": "points_cost",
            "auto_claim": "auto_claim",
            "status": "status",
        },
        derived={"status_word": status_word},
    )
)
