"""Jobs of the mirror: what the workers, the schedule and the sweeper do.

Every job is a `SyncRun` row; the broker's message is only a doorbell, and the sweeper rings again where
one was lost. Knows nothing of walking a list.
"""

from datetime import datetime, timedelta

import structlog
from celery import current_app
from celery.schedules import BaseSchedule
from django.db import transaction
from django.db.models import Max
from django.utils import timezone
from django_celery_beat.models import PeriodicTask
from kombu.exceptions import OperationalError

from smartbis_admin.connections.models import Connection
from smartbis_admin.staff.models import User
from smartbis_admin.sync.changed import read_changed
from smartbis_admin.sync.drift import mail
from smartbis_admin.sync.engine import execute, request_run, resources, runs
from smartbis_admin.sync.models import Pause, SyncRun
from smartbis_admin.sync.newest import read_newest

log = structlog.get_logger(__name__)
Trigger = SyncRun.Trigger

RUN_TASK = "smartbis_admin.sync.tasks.run"
NIGHTLY_TASK = "smartbis_admin.sync.tasks.nightly"
EVERYWHERE_TASK = "smartbis_admin.sync.tasks.everywhere"
NEWEST_TASK = "smartbis_admin.sync.tasks.newest"
#: Triggers that are nobody's wish at this moment: a pause holds them back.
BY_ITSELF = (Trigger.NIGHTLY, Trigger.SCHEDULED)
#: A night counts as missed when nothing was asked for so long after it was due.
NIGHT_GRACE = timedelta(hours=2)
#: Seconds after which an unheard doorbell is void; the sweeper rings again.
DOORBELL_LIFE = 120


def ring(connection_id: int) -> None:
    """Tell the workers, after the present transaction, that a connection has runs waiting."""
    transaction.on_commit(lambda: _send_doorbell(connection_id))


def _send_doorbell(connection_id: int) -> None:
    try:
        current_app.send_task(RUN_TASK, args=[connection_id], expires=DOORBELL_LIFE, retry=False)
    except (OperationalError, OSError):
        # The row waits; the sweeper finds it.
        log.warning("doorbell_failed", connection=connection_id, exc_info=True)


def work(connection_id: int) -> None:
    """Do the next run of a connection, then ring for the one after it, if there is one."""
    run = runs.next_run(connection_id)
    if run is None:
        return
    execute(run)
    if runs.waiting(connection_id).exists():
        ring(connection_id)


def nightly() -> None:
    """Ask for every list of every connection; they run one after the other, whatever becomes of each."""
    for connection in _live_connections():
        request_all(connection, Trigger.NIGHTLY)


def request_all(
    connection: Connection, trigger: SyncRun.Trigger, *, requested_by: User | None = None
) -> list[SyncRun]:
    """Ask for every list of a connection, in the order they depend on each other, and ring.

    Paused ones are left out unless a person asks.
    """
    held_back = paused(connection) | just_read(connection) if trigger in BY_ITSELF else set()
    asked = [
        request_run(connection=connection, resource=resource, trigger=trigger, requested_by=requested_by)
        for resource in resources(connection)
        if resource not in held_back
    ]
    ring(connection.pk)
    return asked


def sync_everywhere(resource: str) -> None:
    """Walk one list of every connection now; what a schedule of its own calls."""
    for connection in _live_connections():
        if resource in set(resources(connection)) - paused(connection) - just_read(connection):
            request_run(connection=connection, resource=resource, trigger=Trigger.SCHEDULED)
            work(connection.pk)


def newest_everywhere(resource: str) -> None:
    """Read what is new in one list of every connection: what changed, or the last pages, as its platform can."""
    for connection in _live_connections():
        if resource not in set(resources(connection)) - paused(connection):
            continue
        if resource in connection.spec.tells_changes:
            read_changed(connection, resource)
        elif connection.spec.grows_at_its_end:
            read_newest(connection, resource)


def paused(connection: Connection) -> set[str]:
    """Lists of a connection that are not read by themselves now."""
    held_back = set(Pause.objects.filter(connection=connection).values_list("resource", flat=True))
    return {str(name) for name in resources(connection)} if "" in held_back else held_back


def just_read(connection: Connection) -> set[str]:
    """Lists of a connection that were read so lately that the platform wants to be left alone with them."""
    rest = connection.spec.list_rest
    if not rest:
        return set()
    lately = connection.runs.filter(started_at__gt=timezone.now() - rest)
    return set(lately.values_list("resource", flat=True))


def sweep() -> None:
    """Find what a lost message, a dead worker or a missed night left behind, and who was never read."""
    now = timezone.now()
    for connection in _live_connections():
        if not connection.runs.exists():
            request_all(connection, Trigger.FIRST)
        if _missed_a_night(connection, now) and set(resources(connection)) - paused(connection):
            log.warning("night_missed", connection=connection.pk)
            request_all(connection, Trigger.NIGHTLY)
    abandoned = set(runs.stale(now).values_list("connection_id", flat=True))
    for connection_id in Connection.objects.values_list("pk", flat=True):
        if connection_id in abandoned or runs.waiting(connection_id).exists():
            ring(connection_id)
    mail.watch_outages()
    mail.send_digest(now)


def next_nightly(now: datetime | None = None) -> datetime | None:
    """When the schedule starts the next nightly chain; None while it is switched off."""
    now = now or timezone.now()
    waits = [schedule.remaining_estimate(now) for schedule in _night_schedules()]
    # The estimate is some thousandths short of the full minute it means.
    return (now + min(waits) + timedelta(milliseconds=500)).replace(microsecond=0) if waits else None


def _missed_a_night(connection: Connection, now: datetime) -> bool:
    """Whether the schedule was due since the connection's last chain, and nobody asked for it."""
    chains = connection.runs.filter(trigger__in=[Trigger.NIGHTLY, Trigger.FIRST])
    last = chains.aggregate(last=Max("requested_at"))["last"] or connection.created_at
    return any(schedule.remaining_estimate(last) < -NIGHT_GRACE for schedule in _night_schedules())


def _night_schedules() -> list[BaseSchedule]:
    tasks = PeriodicTask.objects.filter(task=NIGHTLY_TASK, enabled=True)
    return [task.schedule for task in tasks.select_related("crontab", "interval", "solar", "clocked")]


def _live_connections() -> list[Connection]:
    return list(Connection.objects.programmes().filter(is_active=True, blocked_at=None).order_by("pk"))
