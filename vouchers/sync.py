"""The mirror of vouchers, as the engine sees it. Loaded by the sync app."""

from smartbis_admin.api.brazil import voucher_code_key
from smartbis_admin.api.capabilities import Resource
from smartbis_admin.sync.engine import MirrorSpec, register, status_word
from vouchers.models import Voucher

register(
    MirrorSpec(
        resource=Resource.VOUCHERS,
        model=Voucher,
        columns={
            "status": "status",
            "customer_remote_id": "customer_remote_id",
            "reward_remote_id": "reward_remote_id",
            "reward_name": "reward_name",
            "origin": "origin",
            "value": "value",
            "minimum_purchase": "minimum_purchase",
            "issued_at": "issued_at",
            "starts_at": "starts_at",
            "expires_at": "expires_at",
            "used_at": "used_at",
            "store_name": "store",
        },
        derived={
            "status_word": status_word,
            "code_key": lambda record: voucher_code_key(record.remote_id),
        },
    )
)
