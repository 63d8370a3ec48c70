"""The mirror of customers, as the engine sees it. Loaded by the sync app."""

from customers.models import Customer
from customers.points.tiers import TIER_MOVES
from customers.search import fold_name
from customers.standing import pack
from smartbis_admin.api.capabilities import Resource
from smartbis_admin.api.records import CustomerRecord
from smartbis_admin.sync.engine import MirrorSpec, register

#: Sorts behind every Latin letter on every database, so that people without a name come last.
_LAST = "ω"


def _search_key(record: CustomerRecord) -> str:
    """The words of the name; a number that stands for one keeps its place at the end."""
    key = fold_name(record.name)
    return f"{_LAST} {key}" if record.name.startswith("#") else key


register(
    MirrorSpec(
        resource=Resource.CUSTOMERS,
        model=Customer,
        columns={
            "name": "name",
            "cpf": "cpf",
            "phone": "phone",
            "email": "email",
            "birth_date": "birth_date",
            "points_balance": "points_balance",
            "cashback_balance": "cashback_balance",
            "remote_created_at": "created_at",
            "remote_updated_at": "updated_at",
        },
        derived={
            "name_search": _search_key,
            # What most platforms know nothing of is empty there, not "not known": it costs a page nothing.
            "state": lambda record: record.state or "",
            "state_word": lambda record: record.state_word or "",
            "tier_remote_id": lambda record: record.tier_remote_id or None,
            "standing_packed": pack,
        },
        follow=TIER_MOVES,
    )
)
