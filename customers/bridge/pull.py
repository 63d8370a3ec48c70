"""Reads SmartPOS's feed: sales every minute, machines and buyers every hour (`smartpos.md` §2.2).

A cursor is stored only after the page it follows is committed; the last one used is kept and asked with again, so
pages overlap and the overlap adds nothing.
"""

import time
import uuid
from datetime import datetime, timedelta

import structlog
from django.utils import timezone

from customers.bridge import leases
from customers.bridge.content import buyer_columns
from customers.bridge.issues import Problem, keep_problems
from customers.bridge.models import Bridge, PosBuyer, PosMachine, Road
from customers.bridge.places import Places
from customers.bridge.receiving import receive
from customers.bridge.working import ring
from smartbis_admin.api.errors import ApiError, CursorExpired
from smartbis_admin.api.pos import PosCustomerRecord, PosMachineRecord
from smartbis_admin.api.smartpos import SmartPosClient
from smartbis_admin.connections.services import client_for, note_error, note_ok

log = structlog.get_logger(__name__)
#: Seconds one reading lasts at the most; the next minute goes on where it stopped.
SLICE = 45.0
HOURLY = timedelta(hours=1)
_MACHINE = (
    "acquirer",
    "terminal_serial",
    "label",
    "store_remote_id",
    "is_active",
    "is_listed",
    "last_seen_at",
)


def pull_all() -> None:
    """Read the feeds of every bridge whose connection is in use."""
    for key in Bridge.objects.filter(connection__is_active=True).values_list("pk", flat=True):
        pull(key)


def pull(bridge_id: int, *, everything: bool = False) -> ApiError | None:
    """Read a bridge's feeds, unless somebody does. `everything`: also what is read hourly, whatever its age.

    Returns the failure it ended with; the connection's health remembers it too.
    """
    worker = leases.take(bridge_id, "pull")
    if worker is None:
        return None
    bridge = Bridge.objects.select_related("connection", "target").get(pk=bridge_id)
    try:
        client = client_for(bridge.connection, SmartPosClient)
        if everything or _is_old(bridge.machines_at):
            pull_machines(bridge, client)
        pull_sales(bridge, client, worker)
        if everything or _is_old(bridge.buyers_at):
            pull_buyers(bridge, client, worker)
    except ApiError as error:
        note_error(bridge.connection, error)
        log.info("pull_failed", bridge=bridge_id, error=type(error).__name__, cause=error.reason)
        return error
    finally:
        leases.give_back(bridge_id, "pull", worker)
    note_ok(bridge.connection)
    return None


def pull_sales(bridge: Bridge, client: SmartPosClient, worker: uuid.UUID) -> None:
    """Read sales from where the last reading stopped, until nothing further or the time is over."""
    end, cursor, places = time.monotonic() + SLICE, bridge.sales_cursor or None, Places(bridge)
    rows = Bridge.objects.filter(pk=bridge.pk, pull_worker=worker)
    while True:
        try:
            page = client.sales(cursor=cursor)
        except CursorExpired:
            if cursor is None:
                raise
            cursor = None
            rows.update(sales_cursor="")
            keep_problems(bridge, Road.PULL, [Problem("cursor_expired", subject="delivery", lost=False)])
            continue
        receipt = receive(bridge=bridge, records=page.records, road=Road.PULL, bad=page.bad, places=places)
        if receipt.accepted:
            ring(bridge.pk)
        if page.next_cursor is None or page.next_cursor == cursor:
            rows.update(pulled_at=timezone.now())
            return
        cursor = page.next_cursor
        if not rows.update(sales_cursor=cursor) or not leases.keep(bridge.pk, "pull", worker):
            return
        if time.monotonic() > end:
            return


def pull_machines(bridge: Bridge, client: SmartPosClient) -> None:
    """Read the whole list of machines; one that is no longer in it stays, and says so."""
    page = client.machines()
    known = {row.remote_id: row for row in PosMachine.objects.filter(bridge=bridge)}
    fresh, changed, listed = [], [], set()
    for record in page.records:
        listed.add(record.id)
        told = _machine_columns(record)
        row = known.get(record.id)
        if row is None:
            fresh.append(PosMachine(bridge=bridge, remote_id=record.id, **told))
        elif any(getattr(row, name) != value for name, value in told.items()):
            for name, value in told.items():
                setattr(row, name, value)
            changed.append(row)
    PosMachine.objects.bulk_create(fresh, batch_size=500, ignore_conflicts=True)
    PosMachine.objects.bulk_update(changed, _MACHINE, batch_size=500)
    gone = [row.pk for row in known.values() if row.is_listed and row.remote_id not in listed]
    # A row that could not be read may be one of these: then nothing is concluded.
    if not page.bad:
        PosMachine.objects.filter(pk__in=gone).update(is_listed=False)
    Places(bridge).prepare([], (record.store_id for record in page.records))
    keep_problems(bridge, Road.PULL, [Problem(row.reason, row.id or "", "machine") for row in page.bad])
    bridge.machines_at = timezone.now()
    bridge.save(update_fields=["machines_at"])


def pull_buyers(bridge: Bridge, client: SmartPosClient, worker: uuid.UUID) -> None:
    """Read the buyers that changed. They only help a person to find a customer."""
    end, cursor = time.monotonic() + SLICE, bridge.buyers_cursor or None
    rows = Bridge.objects.filter(pk=bridge.pk, pull_worker=worker)
    while time.monotonic() < end:
        try:
            page = client.customers(cursor=cursor)
        except CursorExpired:
            if cursor is None:
                raise
            cursor = None
            rows.update(buyers_cursor="")
            continue
        _store_buyers(bridge, page.records)
        keep_problems(bridge, Road.PULL, [Problem(row.reason, row.id or "", "buyer") for row in page.bad])
        if page.next_cursor is None or page.next_cursor == cursor:
            rows.update(buyers_at=timezone.now())
            return
        cursor = page.next_cursor
        if not rows.update(buyers_cursor=cursor) or not leases.keep(bridge.pk, "pull", worker):
            return


def _store_buyers(bridge: Bridge, records: list[PosCustomerRecord]) -> None:
    now = timezone.now()
    told = {
        record.id: {name.removeprefix("buyer_"): value for name, value in buyer_columns(record).items()}
        | {"updated_at": record.updated_at or now}
        for record in records
    }
    PosBuyer.objects.bulk_create(
        [PosBuyer(bridge=bridge, remote_id=key, **columns) for key, columns in told.items()],
        update_conflicts=True,
        unique_fields=["bridge", "remote_id"],
        update_fields=["cpf", "phone", "email", "name", "updated_at"],
    )


def _machine_columns(record: PosMachineRecord) -> dict[str, object]:
    return {
        "acquirer": record.acquirer,
        "terminal_serial": record.terminal_serial,
        "label": record.label,
        "store_remote_id": record.store_id,
        "is_active": record.active,
        "is_listed": True,
        "last_seen_at": record.last_seen_at,
    }


def _is_old(at: datetime | None) -> bool:
    return at is None or at < timezone.now() - HOURLY
