"""Reads what changed in a list since the last time, where a platform can be asked for that.

Such a reading stores the rows it brings and concludes nothing from those it does not (`docs/decisions`, "What a
reading of the newest pages may conclude"): a row that vanished changes nothing any more. It begins a little
before the moment the last one began, so that no clock and no call on its way loses a row; what comes twice is the
same row. Source: `smile-v1.md` §6.9.
"""

from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from smartbis_admin.api.walk import WalkOutcome
from smartbis_admin.connections.models import Connection
from smartbis_admin.sync.drift import recording
from smartbis_admin.sync.engine import spec_of, walking
from smartbis_admin.sync.engine.store import store_page
from smartbis_admin.sync.models import NewestReading, SyncRun
from smartbis_admin.sync.newest import carry_out, take_turn

#: How far two readings overlap.
OVERLAP = timedelta(minutes=5)


def read_changed(connection: Connection, resource: str, *, client: Any = None) -> NewestReading | None:
    """Read what changed in a list and store it. None: it was not the moment.

    It is not while the list was never read completely, while a run of the connection is under way, or while
    another process reads. A failure is kept in the returned row; the next reading then begins where this one did.
    """
    since = _read_completely(connection, resource)
    reading = None if since is None else take_turn(connection, resource)
    if since is None or reading is None:
        return None
    return carry_out(reading, _Changes(reading, reading.known_until or since), client)


def _read_completely(connection: Connection, resource: str) -> datetime | None:
    """When the newest complete run over the list began."""
    complete = (SyncRun.State.DONE, SyncRun.State.NEEDS_ATTENTION)
    runs = connection.runs.filter(resource=resource, state__in=complete).order_by("-pk")
    began: datetime | None = runs.values_list("started_at", flat=True).first()
    return began


class _Changes:
    """One reading: every page of what changed since a moment."""

    def __init__(self, reading: NewestReading, since: datetime) -> None:
        self.reading = reading
        self.spec = spec_of(reading.resource)
        self.known_until = self.since = since
        self.created = self.changed = 0

    def place(self) -> dict[str, Any]:
        return {"known_until": self.known_until}

    def read(self, client: Any) -> None:
        began = asked_at = timezone.now()
        walk = client.walk(self.spec.resource, since=self.since - OVERLAP, per_page=walking.PER_PAGE)
        seen: set[str] = set()
        while (page := walk.fetch()) is not None:
            with transaction.atomic():
                stored = store_page(self.spec, self.reading.connection, page, asked_at, keep=recording.KEPT)
                recording.record(self.reading.connection, self.spec, stored)
            self.created += stored.created
            self.changed += stored.changed
            ids = {record.remote_id for record in page.records}
            walk.account(new=len(ids - seen))
            seen |= ids
            asked_at = timezone.now()
            # A long reading is not a dead one.
            NewestReading.objects.filter(pk=self.reading.pk).update(started_at=asked_at)
        if walk.outcome is WalkOutcome.COMPLETE and not walk.state.rows_without_id:
            # Written down as the platform's clock says it, which is the one its rows carry.
            self.known_until = began + timedelta(seconds=client.clock_skew or 0)
