"""What a complete walk may conclude about rows it did not list: missing once, withdrawn at the second time.

Only the end of a complete walk comes here. A brake holds back a withdrawal that is too large to be
believed; a person then decides. Source: `architecture.md` mechanism 1, step 3.
"""

from array import array
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from smartbis_admin.staff.models import User
from smartbis_admin.staff.services import audit
from smartbis_admin.sync.drift import recording
from smartbis_admin.sync.engine import runs
from smartbis_admin.sync.engine.position import Position
from smartbis_admin.sync.engine.seen import SeenRows
from smartbis_admin.sync.engine.specs import MirrorSpec, spec_of
from smartbis_admin.sync.models import SyncRun

State = SyncRun.State
#: Primary keys, eight bytes each.
Keys: TypeAlias = "array[int]"
#: Rows marked by one statement.
CHUNK = 1000
#: Rows looked at per round trip.
SCAN = 5000


class NotDecidableError(Exception):
    """The run holds no open withdrawal: it was decided, or a newer walk knows better."""


@dataclass
class Unseen:
    """Local rows a complete walk did not list, by primary key."""

    #: Rows not withdrawn when the walk ended.
    standing: int
    #: Not listed for the first time.
    once: Keys
    #: Not listed by the complete walk before either.
    twice: Keys


def conclude(run: SyncRun, spec: MirrorSpec, seen: SeenRows, upto: int) -> None:
    """End a complete walk: mark what it missed, or stop at the brake."""
    unseen = find_unseen(run, spec, seen, upto)
    if is_braked(withdrawn=len(unseen.twice), standing=unseen.standing):
        with transaction.atomic():
            runs.hold(run)
            held = {"reason": runs.Reason.BRAKE, "rows_held": len(unseen.twice)}
            runs.finish(run, State.NEEDS_ATTENTION, seen=seen.pack(), **held)
        return
    with transaction.atomic():
        runs.hold(run)
        counts = _mark(run, spec, unseen, timezone.now())
        drift = {"drift_count": run.drift_count, "drift_skipped": run.drift_skipped}
        runs.finish(run, State.DONE, **counts, **drift)


def is_braked(*, withdrawn: int, standing: int) -> bool:
    """Whether withdrawing so many of the standing rows is too much to do without a person."""
    return withdrawn >= settings.SYNC_BRAKE_ROWS and withdrawn * 100 > standing * settings.SYNC_BRAKE_PERCENT


def find_unseen(run: SyncRun, spec: MirrorSpec, seen: SeenRows, upto: int) -> Unseen:
    """Compare the mirror with what the walk saw. Rows that came after it began (pk > `upto`) are left out."""
    unseen = Unseen(0, array("q"), array("q"))
    rows = spec.rows(run.connection).filter(withdrawn_at=None, pk__lte=upto)
    if (count := rows.count()) == seen.count_to(upto):
        # A row that is seen is not withdrawn: as many seen as there are, so none is left to look for.
        unseen.standing = count
        return unseen
    for pk, missing_since in rows.values_list("pk", "missing_since").iterator(chunk_size=SCAN):
        unseen.standing += 1
        if pk not in seen:
            (unseen.once if missing_since is None else unseen.twice).append(pk)
    return unseen


def accept(*, run: SyncRun, by: User | None) -> SyncRun:
    """Withdraw what the brake held back. `by` None: at the command line. Raises `NotDecidableError`."""
    spec = spec_of(run.resource)
    with transaction.atomic():
        _decide(run, by, runs.Reason.WITHDRAWAL_ACCEPTED)
        position = Position.of(run)
        unseen = find_unseen(run, spec, SeenRows(run.seen), position.upto)
        counts = _mark(run, spec, unseen, timezone.now())
        drift = {"drift_count": run.drift_count, "drift_skipped": run.drift_skipped}
        SyncRun.objects.filter(pk=run.pk).update(**counts, **drift, position=None, seen=None)
        audit(actor=by, action="sync.withdrawal_accepted", subject=f"sync_run:{run.pk}", **counts)
    run.refresh_from_db()
    return run


def dismiss(*, run: SyncRun, by: User | None) -> SyncRun:
    """Keep the rows: that walk is not believed and concludes nothing. Raises `NotDecidableError`."""
    with transaction.atomic():
        _decide(run, by, runs.Reason.WITHDRAWAL_DISMISSED)
        SyncRun.objects.filter(pk=run.pk).update(position=None, seen=None)
        audit(actor=by, action="sync.withdrawal_dismissed", subject=f"sync_run:{run.pk}", rows=run.rows_held)
    run.refresh_from_db()
    return run


def _decide(run: SyncRun, by: User | None, reason: runs.Reason) -> None:
    """Take the decision, once. A walk that began later makes the question void: it has seen rows since."""
    decided = SyncRun.objects.filter(pk=run.pk, state=State.NEEDS_ATTENTION).update(
        state=State.DONE, reason=reason, decided_by=by, decided_at=timezone.now()
    )
    newer = SyncRun.objects.filter(connection=run.connection, resource=run.resource, pk__gt=run.pk)
    if not decided or newer.exclude(started_at=None).exists():
        raise NotDecidableError
    run.refresh_from_db()


def _mark(run: SyncRun, spec: MirrorSpec, unseen: Unseen, now: datetime) -> dict[str, int]:
    """Write the marks. A row seen again since the comparison (by a lookup, say) is not withdrawn."""
    missing = sum(
        spec.rows().filter(pk__in=chunk, missing_since=None).update(missing_since=now)
        for chunk in _chunks(unseen.once)
    )
    withdrawn = sum(
        spec.rows()
        .filter(pk__in=chunk, missing_since__isnull=False, withdrawn_at=None)
        .update(withdrawn_at=now)
        for chunk in _chunks(unseen.twice)
    )
    recording.record_gone(run, spec, unseen.once, "missing_since", now)
    recording.record_gone(run, spec, unseen.twice, "withdrawn_at", now)
    return {"rows_missing": missing, "rows_withdrawn": withdrawn}


def _chunks(keys: Keys) -> Iterator[Keys]:
    for start in range(0, len(keys), CHUNK):
        yield keys[start : start + CHUNK]
