"""What the program does about rewards: set stock and create categories, as safe writes (`writes.py`)."""

import uuid

from django.db import transaction

from rewards.models import Reward, StockChange
from rewards.writes import read_all
from smartbis_admin.api.capabilities import Resource
from smartbis_admin.api.errors import ApiError
from smartbis_admin.connections.models import Connection
from smartbis_admin.connections.services import client_for
from smartbis_admin.staff.models import User
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
    change.refresh_from_db()
    return change


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
        _refresh_categories_quietly(connection)
    return write


def _refresh_categories_quietly(connection: Connection) -> None:
    """Fetch what an answer left out. A failure changes nothing: the next listing brings it."""
    try:
        records = list(read_all(client_for(connection, interactive=True), Resource.CATEGORIES))
    except ApiError:
        return
    store_records(connection, Resource.CATEGORIES, records)
