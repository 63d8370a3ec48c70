"""What is done about offers; how each write is sent and settled is in `writes.py`."""

import uuid
from collections.abc import Mapping

from rewards.products.models import Offer
from smartbis_admin.connections.models import Connection
from smartbis_admin.staff.models import User
from smartbis_admin.writes.models import Write
from smartbis_admin.writes.services import perform


def create_offer(
    *,
    id: uuid.UUID,
    connection: Connection,
    name: str,
    description: str,
    points_cost: int,
    auto_claim: bool,
    actor: User,
) -> Write:
    """Create an offer; it begins as a draft. Raises `SubjectBusyError` while one of that name is being made."""
    return perform(
        id=id,
        connection=connection,
        kind="create_offer",
        payload={
            "name": name,
            "description": description,
            "points_cost": points_cost,
            "auto_claim": auto_claim,
        },
        subject=f"new_offer:{name}"[:160],
        actor=actor,
    )


def update_offer(*, id: uuid.UUID, offer: Offer, changes: Mapping[str, object], actor: User) -> Write:
    """Change name, description, points_cost or auto_claim; only what is given."""
    return _change(offer, "update", changes, id=id, actor=actor)


def move_offer(*, id: uuid.UUID, offer: Offer, act: str, actor: User) -> Write:
    """`publish` a draft, `cancel` a published offer, or `delete` a draft."""
    return _change(offer, act, {}, id=id, actor=actor)


def _change(offer: Offer, act: str, changes: Mapping[str, object], *, id: uuid.UUID, actor: User) -> Write:
    """One write on an offer at a time, whatever its kind. Raises `SubjectBusyError`."""
    return perform(
        id=id,
        connection=offer.connection,
        kind=f"{act}_offer",
        payload={"offer_remote_id": offer.remote_id, **changes},
        subject=f"offer:{offer.remote_id}",
        actor=actor,
    )
