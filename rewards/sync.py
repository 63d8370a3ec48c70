"""The mirrors of categories and rewards, as the engine sees them. Loaded by the sync app."""

from rewards.models import Category, Reward
from smartbis_admin.api.capabilities import Resource
from smartbis_admin.sync.engine import MirrorSpec, register, status_word

register(
    MirrorSpec(
        resource=Resource.CATEGORIES,
        model=Category,
        columns={"name": "name", "remote_created_at": "created_at"},
    )
)
register(
    MirrorSpec(
        resource=Resource.REWARDS,
        model=Reward,
        columns={
            "name": "name",
            "description": "description",
            "image_url": "image_url",
            "category_remote_id": "category_remote_id",
            "points_required": "points_required",
            "stock": "stock",
            "limit_per_customer": "limit_per_customer",
            "starts_at": "starts_at",
            "ends_at": "ends_at",
            "rules": "rules",
            "status": "status",
            "remote_updated_at": "updated_at",
        },
        derived={"status_word": status_word},
    )
)
