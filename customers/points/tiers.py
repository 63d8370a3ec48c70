"""Moves of customers between tiers, kept as readings show them: the platform lists none (`smile-v1.md` §3)."""

from collections.abc import Sequence

from customers.points.models import TierChange
from smartbis_admin.api.capabilities import Capability
from smartbis_admin.connections.models import Connection
from smartbis_admin.sync.engine import Follow, Move


def _has_tiers(connection: Connection) -> bool:
    return connection.can(Capability.LIST_VIP_TIERS)


def _note(connection: Connection, moves: Sequence[Move]) -> None:
    TierChange.objects.bulk_create(
        TierChange(
            connection=connection,
            customer_remote_id=move.remote_id,
            previous_remote_id=move.before,
            current_remote_id=move.after,
        )
        for move in moves
    )


#: For the mirror of customers.
TIER_MOVES = Follow(column="tier_remote_id", told_by=_has_tiers, note=_note)
