"""What the mirror offers to screens and to other rooms: ages, an overview, starting, stopping, deciding."""

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Max, Q
from django.utils import timezone
from django.utils.functional import Promise

from smartbis_admin.api.capabilities import Resource
from smartbis_admin.connections.models import Connection
from smartbis_admin.staff.models import User
from smartbis_admin.sync import jobs
from smartbis_admin.sync.engine import resources, runs, spec_of, withdrawal
from smartbis_admin.sync.engine.withdrawal import NotDecidableError
from smartbis_admin.sync.models import NewestReading, Pause, SyncRun

__all__ = [
    "NotDecidableError",
    "OverviewRow",
    "accept_withdrawal",
    "cancel_run",
    "data_age",
    "dismiss_withdrawal",
    "overview",
    "request_all",
    "request_one",
    "request_run",
    "resource_label",
    "retry_run",
]

State = SyncRun.State
Trigger = SyncRun.Trigger
#: States of a run that read its list to the end.
COMPLETE = (State.DONE, State.NEEDS_ATTENTION)


@dataclass(frozen=True)
class OverviewRow:
    """One list of one connection, as the sync screen shows it."""

    connection: Connection
    resource: str
    label: str | Promise
    #: The newest run, whatever its state.
    latest: SyncRun | None
    #: The newest run that read the list to its end.
    last_complete: SyncRun | None
    #: When the nightly chain starts next; None while it is switched off or the connection takes no part.
    next_at: datetime | None
    #: Rows of the mirror as of the newest complete listing (else read so far); never counted in the table.
    row_count: int
    #: Whether this list, or everything of its connection, is not read by itself now.
    paused: bool
    connection_paused: bool
    #: The latest reading of its last pages; None where there was none.
    newest: NewestReading | None


def resource_label(resource: str) -> str | Promise:
    """What people call a list: the plural name of its rows."""
    name: str | Promise = spec_of(resource).model._meta.verbose_name_plural or resource
    return name


def lists_in_use() -> list[Resource]:
    """The lists that at least one active connection has, in the order of a whole synchronisation."""
    active = [set(connection.lists) for connection in Connection.objects.filter(is_active=True)]
    return [resource for resource in resources() if any(resource in lists for lists in active)]


def data_age(connection: Connection | None, resource: str) -> datetime | None:
    """When the newest complete listing ended. For all connections (None): the oldest of theirs.

    None while there was no complete listing at all.
    """
    listings = SyncRun.objects.filter(resource=resource, state__in=COMPLETE)
    if connection is not None:
        newest: datetime | None = listings.filter(connection=connection).aggregate(at=Max("finished_at"))[
            "at"
        ]
        return newest
    active = listings.filter(connection__is_active=True).order_by()
    ages = active.values("connection").annotate(at=Max("finished_at")).values_list("at", flat=True)
    return min(ages, default=None)


def overview() -> list[OverviewRow]:
    """Every list of every active connection: a fixed number of queries, however many there are."""
    newest = (
        SyncRun.objects.order_by()
        .values_list("connection", "resource")
        .annotate(latest=Max("pk"), complete=Max("pk", filter=Q(state__in=COMPLETE)))
    )
    chosen = {(connection, resource): (latest, complete) for connection, resource, latest, complete in newest}
    wanted = {pk for pair in chosen.values() for pk in pair if pk is not None}
    light = SyncRun.objects.defer("seen", "position").select_related("requested_by", "decided_by")
    found = light.in_bulk(wanted)
    next_at = jobs.next_nightly(timezone.now())
    pauses = set(Pause.objects.values_list("connection", "resource"))
    readings = {
        (row.connection_id, row.resource): row for row in NewestReading.objects.exclude(finished_at=None)
    }
    rows = []
    for connection in Connection.objects.filter(is_active=True).order_by("name", "pk"):
        for resource in resources(connection):
            latest, complete = (
                found.get(pk) if pk else None for pk in chosen.get((connection.pk, resource), (None, None))
            )
            counted = complete or latest
            whole = (connection.pk, "") in pauses
            held_back = whole or (connection.pk, resource) in pauses
            rows.append(
                OverviewRow(
                    connection=connection,
                    resource=resource,
                    label=resource_label(resource),
                    latest=latest,
                    last_complete=complete,
                    next_at=None if connection.blocked_at or held_back else next_at,
                    row_count=counted.rows_seen if counted else 0,
                    paused=held_back,
                    connection_paused=whole,
                    newest=readings.get((connection.pk, resource)),
                )
            )
    return rows


def request_run(
    *, connection: Connection, resource: str, trigger: SyncRun.Trigger, requested_by: User | None = None
) -> SyncRun:
    """Ask for one list and ring the workers. Asked for twice, it is one run."""
    run = runs.request_run(
        connection=connection, resource=resource, trigger=trigger, requested_by=requested_by
    )
    jobs.ring(connection.pk)
    return run


def request_one(*, connection: Connection, resource: str, by: User | None) -> SyncRun:
    """A person wants one list now."""
    return request_run(connection=connection, resource=resource, trigger=Trigger.MANUAL, requested_by=by)


def request_all(*, connection: Connection, by: User | None) -> list[SyncRun]:
    """A person wants every list of a connection now; they run in the order they depend on each other."""
    return jobs.request_all(connection, Trigger.MANUAL, requested_by=by)


def cancel_run(*, run: SyncRun) -> SyncRun:
    """Stop a run: a waiting one at once, a running one before its next page is stored."""
    rows = SyncRun.objects.filter(pk=run.pk)
    if not rows.filter(state=State.REQUESTED).update(state=State.CANCELLED, finished_at=timezone.now()):
        rows.filter(state=State.RUNNING).update(cancel_requested=True)
    run.refresh_from_db()
    return run


def retry_run(*, run: SyncRun, by: User | None) -> SyncRun:
    """Ask again for the list of a run that ended (or rests after an outage)."""
    return request_one(connection=run.connection, resource=run.resource, by=by)


def accept_withdrawal(*, run: SyncRun, by: User | None) -> SyncRun:
    """Withdraw what the brake of this run held back. Raises `NotDecidableError` when nothing is open."""
    return withdrawal.accept(run=run, by=by)


def dismiss_withdrawal(*, run: SyncRun, by: User | None) -> SyncRun:
    """Keep the rows the brake of this run held back. Raises `NotDecidableError` when nothing is open."""
    return withdrawal.dismiss(run=run, by=by)
