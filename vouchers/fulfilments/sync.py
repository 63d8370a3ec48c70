"""The mirror of fulfilments, as the engine sees it. Loaded by the sync app."""

from msgspec import UNSET

from smartbis_admin.api.brazil import voucher_code_key
from smartbis_admin.api.capabilities import Resource
from smartbis_admin.sync.engine import MirrorSpec, register, status_word
from vouchers.fulfilments.models import Fulfilment

register(
    MirrorSpec(
        resource=Resource.FULFILMENTS,
        model=Fulfilment,
        columns={
            "name": "name",
            "code": "code",
            "customer_remote_id": "customer_remote_id",
            "status": "status",
            "usage": "usage",
            "image_url": "image_url",
            "action_text": "action_text",
            "action_url": "action_url",
            "usage_instructions": "usage_instructions",
            "terms_and_conditions": "terms_and_conditions",
            "expires_at": "expires_at",
            "used_at": "used_at",
            "remote_created_at": "created_at",
            "remote_updated_at": "updated_at",
        },
        derived={
            "status_word": status_word,
            "usage_word": lambda record: "" if record.usage_word is UNSET else record.usage_word,
            "code_key": lambda record: voucher_code_key(record.code) if record.code else "",
        },
    )
)
