"""The work of an act on many rows: draft, preview, start, do piece by piece, take back.

Each piece is one transaction that moves the job's position by a conditional update first: of two workers on
the same piece one waits and then finds it done, and one that dies leaves nothing half done.
"""

import uuid
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import structlog
from celery import current_app
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from kombu.exceptions import OperationalError

from smartbis_admin.ui.bulk.actions import GONE, GONE_TEXT, BulkAction, Text, action_named
from smartbis_admin.ui.journal import note
from smartbis_admin.ui.models import BulkJob

log = structlog.get_logger(__name__)
State = BulkJob.State

#: Rows one act may take.
MOST = 10_000
#: Rows done at once; a job of no more is done while the person waits.
PIECE = 200
EXAMPLES = 5
WORK_TASK = "smartbis_admin.ui.tasks.work_bulk"
STALE_AFTER = timedelta(seconds=60)
DRAFT_LIFE, JOB_LIFE = timedelta(days=1), timedelta(days=90)


@dataclass
class Group:
    """Rows with the same fate: how many, and the first few of them."""

    count: int = 0
    examples: list[str] = field(default_factory=list)
    reason: Text = ""

    @property
    def others(self) -> int:
        """How many are not named."""
        return self.count - len(self.examples)

    def add(self, row: str | None) -> None:
        self.count += 1
        if row and len(self.examples) < EXAMPLES:
            self.examples.append(row)


def picked(rows: QuerySet[Any], keys: Iterable[str]) -> QuerySet[Any]:
    """The rows of the list with these primary keys; what is no key at all fits nobody."""
    to_python = rows.model._meta.pk.to_python
    wanted = []
    for key in keys:
        try:
            wanted.append(to_python(key))
        except ValidationError:
            continue
    return rows.filter(pk__in=wanted[:MOST])


def draft(*, action: BulkAction, rows: QuerySet[Any], by: Any, title: str, url: str) -> BulkJob:
    """Keep what was picked, in the list's order, so that what is confirmed is what was previewed."""
    pks = [str(pk) for pk in rows.values_list("pk", flat=True)[: MOST + 1]]
    return BulkJob.objects.create(
        user=by,
        action=action.name,
        values=None if action.form_class else {},
        list_title=title[:200],
        list_url=url if len(url) <= 1500 else url.partition("?")[0],
        pks=pks[:MOST],
        has_more=len(pks) > MOST,
    )


def preview(job: BulkJob, action: BulkAction) -> tuple[Group, list[Group]]:
    """The rows something will happen to, and those left out by reason."""
    doing = Group()
    left: dict[str, Group] = {}
    for piece in _pieces(job.pks):
        rows = _rows(action, piece)
        out = action.leave_out([row for _pk, row in rows if row], job.values or {})
        for _pk, row in rows:
            code = GONE if row is None else out.get(row.pk)
            group = doing if code is None else left.setdefault(code, Group(reason=reason_of(action, code)))
            group.add(row and action.show(row))
    return doing, list(left.values())


def reason_of(action: BulkAction, code: str) -> Text:
    """Why rows were left out, in words."""
    return GONE_TEXT if code == GONE else action.reasons[code]


def start(job: BulkJob, action: BulkAction) -> bool:
    """Begin, or go on after an error. False when it was started already. Few rows are done at once."""
    begun = job.state == State.STOPPED
    with transaction.atomic():
        if not BulkJob.objects.filter(pk=job.pk, state__in=[State.DRAFT, State.STOPPED]).update(
            state=State.RUNNING, heartbeat_at=timezone.now()
        ):
            return False
        if not begun:
            note(job.user, "bulk.started", f"bulk:{job.pk}", act=action.name, rows=len(job.pks))
    if len(job.pks) <= PIECE:
        work(job.pk)
    else:
        ring(job.pk)
    return True


def ring(job_id: uuid.UUID) -> None:
    """Tell the workers that a job waits."""
    try:
        current_app.send_task(WORK_TASK, args=[str(job_id)], expires=120, retry=False)
    except (OperationalError, OSError):
        # The row waits; the sweeper finds it.
        log.warning("doorbell_failed", bulk=str(job_id), exc_info=True)


def work(job_id: uuid.UUID) -> None:
    """Do a job to its end. An error stops it between two pieces and is raised."""
    try:
        while _do_piece(job_id):
            pass
    except Exception:
        BulkJob.objects.filter(pk=job_id, state=State.RUNNING).update(state=State.STOPPED)
        raise


@transaction.atomic
def _do_piece(job_id: uuid.UUID) -> bool:
    """One piece. False: nothing is left, or somebody else does it."""
    job = BulkJob.objects.select_related("user").filter(pk=job_id, state=State.RUNNING).first()
    action = action_named(job.action) if job else None
    if job is None or action is None:
        return False
    piece = job.pks[job.position : job.position + PIECE]
    end = job.position + len(piece)
    mine = BulkJob.objects.filter(pk=job_id, state=State.RUNNING, position=job.position)
    if not mine.update(position=end, heartbeat_at=timezone.now()):
        return False
    values = job.values or {}
    rows = _rows(action, piece)
    out = action.leave_out([row for _pk, row in rows if row], values)
    doing = [(pk, row) for pk, row in rows if row and row.pk not in out]
    left = Counter(job.left_out)
    left.update(GONE if row is None else out[row.pk] for _pk, row in rows if row is None or row.pk in out)
    if doing:
        action.perform([row for _pk, row in doing], values, by=job.user)
    changes: dict[str, Any] = {
        "changed": [*job.changed, *(pk for pk, _row in doing)],
        "left_out": dict(left),
    }
    over = end >= len(job.pks)
    if over:
        changes |= {"state": State.DONE, "finished_at": timezone.now()}
    BulkJob.objects.filter(pk=job_id).update(**changes)
    return not over


def undo(job: BulkJob, action: BulkAction) -> bool:
    """Take a finished job back, all of it or nothing. False when it was taken back already."""
    with transaction.atomic():
        if not BulkJob.objects.filter(pk=job.pk, state=State.DONE).update(state=State.UNDONE):
            return False
        for piece in _pieces(job.changed):
            rows = [row for _pk, row in _rows(action, piece) if row]
            action.undo(rows, job.values or {}, by=job.user)
        note(job.user, "bulk.undone", f"bulk:{job.pk}", act=action.name, rows=len(job.changed))
    return True


def sweep() -> None:
    """Ring for jobs nobody works on, and forget old ones."""
    now = timezone.now()
    stale = BulkJob.objects.filter(state=State.RUNNING, heartbeat_at__lt=now - STALE_AFTER)
    for job_id in stale.values_list("pk", flat=True):
        ring(job_id)
    BulkJob.objects.filter(state=State.DRAFT, created_at__lt=now - DRAFT_LIFE).delete()
    BulkJob.objects.filter(
        state__in=[State.DONE, State.UNDONE, State.STOPPED], created_at__lt=now - JOB_LIFE
    ).delete()


def _pieces(pks: list[str]) -> Iterator[list[str]]:
    for start_at in range(0, len(pks), PIECE):
        yield pks[start_at : start_at + PIECE]


def _rows(action: BulkAction, piece: list[str]) -> list[tuple[str, Any]]:
    """Primary key and row, in the order they were picked; None for a row that is gone."""
    found = {str(row.pk): row for row in action.get_rows().filter(pk__in=piece)}
    return [(pk, found.get(pk)) for pk in piece]
