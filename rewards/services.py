"""What the program does about rewards: set stock and create categories, as safe writes (`writes.py`)."""

import uuid

from django.db import transaction

from rewards.models import Reward, StockChange, StockWatch
from rewards.outlook import note_levels
from rewards.writes import read_all
from smartbis_admin.api.capabilities import Resource
from smartbis_admin.api.errors import ApiError
from smartbis_admin.connections.models import Connection
from smartbis_admin.connections.services import client_for
from smartbis_admin.staff.models import User
from smartbis_admin.staff.services import audit
from smartbis_admin.sync.engine import store_records
from smartbis_admin.writes.models import Write
from smartbis_admin.writes.services import open_write, perform, reopen, send


def set_stock(*, id: uuid.UUID, reward: Reward, seen: int | None, target: int, actor: User) -> StockChange:
    """Set a reward's stock to `target` pieces, if the platform still shows what the editor `seen`.

    `seen` None means unlimited. The write's outcome `refused` with code `stock_changed` means the number
    changed meanwhile and nothing was sent; its `before` then holds what the platform says now. Raises
    `SubjectBusyError` while another change of this stock is open.
    """
    change = StockChange.objects.filter(write_id=id).select_related("write__connection").first()
    if change is None:
        with transaction.atomic():
            write, new = open_write(
                id=id,
                connection=reward.connection,
                kind="set_stock",
                payload={"reward_remote_id": reward.remote_id, "seen": seen, "target": target},
                subject=f"stock:{reward.remote_id}",
                actor=actor,
            )
            change = (
                StockChange.objects.create(reward=reward, write=write, before=seen, target=target)
                if new
                else StockChange.objects.get(write=write)
            )
    write = change.write
    if write.state == Write.State.NOT_SENT:
        write = reopen(write)
    if write.state == Write.State.PENDING and write.attempts == 0:
        send(write)
        note_levels(reward=reward)
    change.refresh_from_db()
    return change


def warn_at(*, reward: Reward, low_at: int | None, by: User) -> None:
    """From how many pieces on the reward's stock counts as low; None: as the program's setting says."""
    with transaction.atomic():
        StockWatch.objects.update_or_create(reward=reward, defaults={"low_at": low_at})
        audit(actor=by, action="reward.low_stock", subject=f"reward:{reward.pk}", low_at=low_at)


def create_category(*, id: uuid.UUID, connection: Connection, name: str, actor: User) -> Write:
    """Create a category on the platform. Raises `SubjectBusyError` while one of this name is open."""
    write = perform(
        id=id,
        connection=connection,
        kind="create_category",
        payload={"name": name},
        subject=f"category:{name.casefold()}",
        actor=actor,
    )
    if write.state == Write.State.DONE and not write.result:
        _refresh_quietly(connection, Resource.CATEGORIES)
    return write


def refresh_rewards(connection: Connection) -> bool:
    """Read every reward as the platform describes it now. False: it could not be asked, nothing changed."""
    fetched = _refresh_quietly(connection, Resource.REWARDS, interactive=False)
    note_levels()
    return fetched


def _refresh_quietly(connection: Connection, resource: Resource, *, interactive: bool = True) -> bool:
    """Read a short list. A failure changes nothing: the next listing brings it."""
    try:
        records = list(read_all(client_for(connection, interactive=interactive), resource))
    except ApiError:
        return False
    store_records(connection, resource, records)
    return True
