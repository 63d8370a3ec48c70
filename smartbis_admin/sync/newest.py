"""Reads the last pages of a list between two full walks, so that new rows are here within minutes.

Lists come oldest first as far as the contract knows, so what is new stands on the last pages. That is a hope
and not a promise: such a reading stores the rows it brings and concludes nothing from those it does not
(`docs/decisions`, "What a reading of the newest pages may conclude").
"""

from contextlib import closing
from datetime import timedelta
from math import ceil
from typing import Any, Protocol

import structlog
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from smartbis_admin.api.capabilities import Resource
from smartbis_admin.api.errors import ApiError
from smartbis_admin.api.walk import WalkState
from smartbis_admin.connections.models import Connection
from smartbis_admin.connections.services import client_for, note_error, note_ok
from smartbis_admin.sync.drift import recording
from smartbis_admin.sync.engine import spec_of, walking
from smartbis_admin.sync.engine.store import Stored, store_page
from smartbis_admin.sync.models import NewestReading, SyncRun

log = structlog.get_logger(__name__)

#: Lists that grow at their end all day long.
GROWING = (Resource.CUSTOMERS, Resource.VOUCHERS, Resource.POINTS_TRANSACTIONS, Resource.FULFILMENTS)
#: Pages read at a time; a list that grew more is caught up with by the next readings.
MOST_PAGES = 5
#: A claim older than this belongs to a process that died.
CLAIM_LIFE = timedelta(minutes=2)


def read_newest(
    connection: Connection, resource: str, *, client: walking.Client | None = None
) -> NewestReading | None:
    """Read the last pages of a list and store what they bring. None: it was not the moment.

    It is not while the list was never read completely, while a run of the connection is under way (it
    brings the same rows), or while another process reads. A failure is kept in the returned row.
    """
    start = _last_known_page(connection, resource)
    reading = None if start is None else take_turn(connection, resource)
    if start is None or reading is None:
        return None
    return carry_out(reading, _Pages(connection, resource, max(start, reading.last_page)), client)


class Work(Protocol):
    """What one reading does with a client, and what it came to."""

    created: int
    changed: int

    def read(self, client: Any) -> None:
        """Read and store. Raises the `ApiError` family; what was stored stays."""

    def place(self) -> dict[str, Any]:
        """Columns of the reading's row that say where the next one begins."""


def take_turn(connection: Connection, resource: str) -> NewestReading | None:
    """Claim the next reading of a list. None: a run of the connection is under way, or another process reads."""
    if connection.runs.filter(state=SyncRun.State.RUNNING).exists():
        return None
    reading, _new = NewestReading.objects.get_or_create(connection=connection, resource=resource)
    now = timezone.now()
    free = Q(started_at=None) | Q(started_at__lt=now - CLAIM_LIFE)
    ours = NewestReading.objects.filter(pk=reading.pk)
    return reading if ours.filter(free).update(started_at=now) else None


def carry_out(reading: NewestReading, work: Work, client: walking.Client | None) -> NewestReading:
    """Do a claimed reading with this client, or the connection's own, and keep what came of it in its row."""
    connection, outcome = reading.connection, {"reason": "", "cause": ""}
    try:
        if client is not None:
            work.read(client)
        else:
            with closing(client_for(connection)) as own:
                work.read(own)
        note_ok(connection)
    except ApiError as error:
        note_error(connection, error)
        kind = type(error).__name__
        log.warning("newest_failed", connection=connection.pk, resource=reading.resource, reason=kind)
        outcome = {"reason": kind, "cause": error.reason}
    finally:
        NewestReading.objects.filter(pk=reading.pk).update(
            started_at=None,
            finished_at=timezone.now(),
            rows_created=work.created,
            rows_changed=work.changed,
            **work.place(),
            **outcome,
        )
    reading.refresh_from_db()
    return reading


def _last_known_page(connection: Connection, resource: str) -> int | None:
    complete = (SyncRun.State.DONE, SyncRun.State.NEEDS_ATTENTION)
    runs = connection.runs.filter(resource=resource, state__in=complete).order_by("-pk")
    rows = runs.values_list("rows_seen", flat=True).first()
    return None if rows is None else max(1, ceil(rows / walking.PER_PAGE))


class _Pages:
    """One reading: forward to the end of the list, then back as long as pages bring news."""

    def __init__(self, connection: Connection, resource: str, start: int) -> None:
        self.connection = connection
        self.spec = spec_of(resource)
        self.end = start
        self.created = self.changed = 0

    def place(self) -> dict[str, Any]:
        return {"last_page": self.end}

    def read(self, client: walking.Client) -> None:
        first = number = self.end
        left = MOST_PAGES
        while left:
            left -= 1
            _stored, following = self._take(client, number)
            self.end = number
            if following is None or following == number:
                break
            if following < number:
                # The list became shorter: its end lies before the page we began with.
                first = following
            number = following
        earlier, news = min(first, self.end) - 1, True
        while left and earlier >= 1 and news:
            left -= 1
            stored, _following = self._take(client, earlier)
            news = bool(stored.created or stored.changed)
            earlier -= 1

    def _take(self, client: walking.Client, number: int) -> tuple[Stored, int | None]:
        """Store page `number`; also say which page to read on the way to the end. None: this is the end."""
        asked_at = timezone.now()
        state = WalkState(page=number, per_page=walking.PER_PAGE)
        page = client.walk(self.spec.resource, state=state).fetch()
        if page is None:
            return Stored(), None
        with transaction.atomic():
            stored = store_page(self.spec, self.connection, page, asked_at, keep=recording.KEPT)
            recording.record(self.connection, self.spec, stored)
        self.created += stored.created
        self.changed += stored.changed
        if page.total is not None:
            last = max(1, ceil(page.total / walking.PER_PAGE))
            return stored, None if last == number else number + 1 if last > number else last
        if page.row_count == 0:
            return stored, number - 1 if number > 1 else None
        full = page.row_count >= walking.PER_PAGE
        return stored, number + 1 if full and stored.created else None
