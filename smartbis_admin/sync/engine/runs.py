"""The life of a `SyncRun` row: asked for, claimed, held, put back, finished, each by a conditional update.

Two processes never walk the same list at once: the unique constraint decides who claims, and a process
whose claim was taken over finds out at its next page, before it writes anything. Knows nothing of
listings or mirrors.
"""

import secrets
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from enum import StrEnum
from functools import cache
from typing import Any

import structlog
from django.conf import settings
from django.db import DatabaseError, IntegrityError, connections, transaction
from django.db.models import BigIntegerField, CharField, DateTimeField, Exists, F, Q, QuerySet
from django.utils import timezone

from smartbis_admin.connections.models import Connection
from smartbis_admin.prepared import PreparedUpdate, Slot
from smartbis_admin.staff.models import User
from smartbis_admin.sync.models import SyncRun

log = structlog.get_logger(__name__)
State = SyncRun.State

#: Rests after an outage; after the last one the run has failed.
RESTS = (timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15), timedelta(minutes=30))
#: A walk is a picture of one moment: after a longer pause it begins anew instead of going on.
RESUME_WITHIN = timedelta(hours=1)
#: A page in the making beats this much more often than a run is called stale.
BEATS_PER_LEASE = 4


class Reason(StrEnum):
    """Why a run ended as it did, where no `ApiError` says it."""

    CUT_LISTING = "cut_listing"
    #: A row came whose id could not be read: it may be any of ours, so none may be called missing.
    UNREADABLE_IDS = "unreadable_ids"
    BRAKE = "brake"
    NOT_OFFERED = "not_offered"
    WITHDRAWAL_ACCEPTED = "withdrawal_accepted"
    WITHDRAWAL_DISMISSED = "withdrawal_dismissed"
    #: Its processes died again and again.
    INTERRUPTED = "interrupted"
    DATABASE = "database"
    UNEXPECTED = "unexpected"


class Retired(Exception):
    """The run is another process's now (or over): stop, write nothing."""


class Cancelled(Exception):
    """A person asked to stop."""


def request_run(
    *, connection: Connection, resource: str, trigger: SyncRun.Trigger, requested_by: User | None = None
) -> SyncRun:
    """Ask for a run. One that already waits is returned instead; when a person asks, its rest is over."""
    asked = {"trigger": trigger, "requested_by": requested_by}
    place = {"connection": connection, "resource": resource, "state": State.REQUESTED}
    try:
        run, new = SyncRun.objects.get_or_create(**place, defaults=asked)
    except IntegrityError:
        # The waiting one was claimed between our insert and our look: there is room for a new one.
        run, new = SyncRun.objects.get_or_create(**place, defaults=asked)
    if not new and trigger in {SyncRun.Trigger.MANUAL, SyncRun.Trigger.COMMAND}:
        SyncRun.objects.filter(pk=run.pk, state=State.REQUESTED).update(not_before=None)
    return run


def waiting(connection_id: int) -> QuerySet[SyncRun]:
    """Runs of a connection that may be claimed now, in the order they were asked for."""
    due = Q(not_before=None) | Q(not_before__lte=timezone.now())
    return SyncRun.objects.filter(
        due,
        connection_id=connection_id,
        state=State.REQUESTED,
        connection__is_active=True,
        connection__blocked_at=None,
    ).order_by("pk")


def stale(now: datetime) -> QuerySet[SyncRun]:
    """Running runs whose process has not been heard of for too long."""
    return SyncRun.objects.filter(
        state=State.RUNNING, heartbeat_at__lt=now - timedelta(seconds=settings.SYNC_STALE_AFTER)
    )


def next_run(connection_id: int) -> SyncRun | None:
    """Claim what this connection needs next: an abandoned run before a waiting one. None: nothing to do."""
    for run in stale(timezone.now()).filter(connection_id=connection_id):
        if take_over(run):
            return run
    for run in waiting(connection_id):
        if claim(run):
            return run
    return None


def claim(run: SyncRun) -> bool:
    """Make a waiting run ours, if nobody else did and nothing else runs on its connection.

    One list at a time on a connection, or two walks would share its pace and both take twice as long. A rival
    that another worker claims at the very same moment is not to be seen yet: the constraint meets it.
    """
    rivals = SyncRun.objects.filter(connection_id=run.connection_id, state=State.RUNNING)
    cleared = {"not_before": None, "reason": "", "cause": "", "reference": ""}
    try:
        with transaction.atomic():
            # Inside, where a database that locks as a whole has let us in: a run begins after its rival ended.
            changes = _new_lease(run, timezone.now()) | cleared
            ours = SyncRun.objects.filter(~Exists(rivals), pk=run.pk, state=State.REQUESTED).update(
                state=State.RUNNING, **changes
            )
    except IntegrityError:
        return False
    run.refresh_from_db()
    return bool(ours)


def take_over(run: SyncRun) -> bool:
    """Retire a dead process by giving its run a new claim word. False: it lives, or another came first."""
    now = timezone.now()
    dead = stale(now).filter(pk=run.pk, claim=run.claim)
    if run.outages >= len(RESTS):
        dead.update(state=State.FAILED, finished_at=now, reason=Reason.INTERRUPTED, position=None, seen=None)
        return False
    if not dead.update(**_new_lease(run, now), outages=F("outages") + 1):
        return False
    run.refresh_from_db()
    log.warning("sync_taken_over", run=run.pk, resource=run.resource)
    return True


def _new_lease(run: SyncRun, now: datetime) -> dict[str, Any]:
    changes: dict[str, Any] = {"claim": secrets.token_hex(16), "heartbeat_at": now}
    if run.heartbeat_at is None or now - run.heartbeat_at > RESUME_WITHIN:
        changes |= {"started_at": now, "position": None, "seen": None, "pages": 0, "rows_seen": 0}
        changes["rested"] = timedelta()
    else:
        changes["rested"] = run.rested + (now - run.heartbeat_at)
    return changes


def mine(run: SyncRun) -> QuerySet[SyncRun]:
    """The run's row, as long as it is ours."""
    return SyncRun.objects.filter(pk=run.pk, claim=run.claim, state=State.RUNNING)


# Every page makes these two: as query sets they would take longer than the page's rows do to be compared.
def _ours() -> QuerySet[SyncRun]:
    return SyncRun.objects.filter(
        pk=Slot("run", BigIntegerField()), claim=Slot("word", CharField()), state=State.RUNNING
    )


_HOLD = PreparedUpdate(
    lambda: _ours().filter(cancel_requested=False), heartbeat_at=Slot("now", DateTimeField())
)


@cache
def _keeping(names: frozenset[str]) -> PreparedUpdate:
    fields: dict[str, Any] = {name: SyncRun._meta.get_field(name) for name in names}
    return PreparedUpdate(_ours, **{name: Slot(name, field) for name, field in fields.items()})


def hold(run: SyncRun) -> None:
    """Renew our claim as the first statement of a transaction: until its end nobody can take the run over.

    Raises `Retired` when it is not ours any more and `Cancelled` when a person asked to stop.
    """
    if not _HOLD(run=run.pk, word=run.claim, now=timezone.now()):
        raise Cancelled if mine(run).exists() else Retired


def keep(run: SyncRun, **changes: Any) -> None:
    """Save counts and position in the run's row. Raises `Retired` when it is not ours any more."""
    if not _keeping(frozenset(changes))(run=run.pk, word=run.claim, **changes):
        raise Retired


@contextmanager
def kept_alive(run: SyncRun) -> Iterator[None]:
    """Beat beside the work: a page may take minutes (retries, a long wait after a 429) without being dead."""
    done = threading.Event()

    def beat() -> None:
        while not done.wait(settings.SYNC_STALE_AFTER / BEATS_PER_LEASE):
            try:
                mine(run).update(heartbeat_at=timezone.now())
            except DatabaseError:
                log.warning("sync_heartbeat_missed", run=run.pk, exc_info=True)
            finally:
                # Beats are rare: a connection of the thread's own is not worth keeping between two.
                connections.close_all()

    thread = threading.Thread(target=beat, name=f"sync-heartbeat-{run.pk}", daemon=True)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()


def finish(run: SyncRun, state: SyncRun.State, **changes: Any) -> bool:
    """End our run. False, and nothing changed, when it is not ours any more."""
    if state != State.NEEDS_ATTENTION:
        changes |= {"position": None, "seen": None}
    ours = mine(run).update(state=state, finished_at=timezone.now(), **changes)
    run.refresh_from_db()
    if ours:
        log.info("sync_finished", run=run.pk, resource=run.resource, state=run.state, reason=run.reason)
    return bool(ours)


def put_back(run: SyncRun, *, wait: float = 0, **why: str) -> bool:
    """After an outage: back into the queue where it stopped, to rest for a while (at least `wait` seconds).

    It has failed instead when it has rested often enough, or when somebody asked for a new one meanwhile.
    `why`: reason, cause, reference.
    """
    if run.outages < len(RESTS):
        rest = max(RESTS[run.outages], timedelta(seconds=wait))
        try:
            with transaction.atomic():
                ours = mine(run).update(
                    state=State.REQUESTED,
                    claim="",
                    outages=F("outages") + 1,
                    not_before=timezone.now() + rest,
                    **why,
                )
            run.refresh_from_db()
            return bool(ours)
        except IntegrityError:
            log.info("sync_superseded", run=run.pk, resource=run.resource)
    return finish(run, State.FAILED, **why)
