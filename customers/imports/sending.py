"""The job that sends an import's rows, each as one safe write, and follows up what is in doubt.

Rows are claimed one by one by conditional update, so that undoing and sending cannot both have a row. A
worker that dies leaves its row `sending`; the next one performs the same intent again, which the ledger
answers with what became of it. Source: `architecture.md` mechanism 2.
"""

import time

from django.utils import timezone

from customers.imports.checking import check
from customers.imports.identity import next_intent
from customers.imports.kinds import KINDS, settle
from customers.imports.models import Import, ImportRow
from customers.imports.services import beat, claim, let_go, ring, waiting
from smartbis_admin.api.errors import ApiError
from smartbis_admin.writes.models import Write
from smartbis_admin.writes.services import SubjectBusyError

RowState = ImportRow.State
#: Seconds one message of the queue works before it lets other jobs have the worker.
SLICE = 20.0
_CHUNK = 100
#: Calls that never left, one after the other, after which the platform is left alone for a while.
_FAILURES = 3
#: These will not pass by waiting: a person has to do something first.
_FOR_A_PERSON = ("NotAllowed", "Misconfigured")

_BY_WRITE = {
    Write.State.DONE: RowState.DONE,
    Write.State.REFUSED: RowState.REFUSED,
    Write.State.PENDING: RowState.IN_DOUBT,
    Write.State.IN_DOUBT: RowState.IN_DOUBT,
    Write.State.NOT_SENT: RowState.READY,
    Write.State.NOT_DONE: RowState.NOT_DONE,
    Write.State.ABANDONED: RowState.ABANDONED,
}


class _NotSent(Exception):
    """A row's call never left; `error` and `cause` say why."""

    def __init__(self, error: str, cause: str) -> None:
        super().__init__(error)
        self.error, self.cause = error, cause


def work(import_id: int) -> None:
    """Do the next piece of an import's work, then ring for the piece after it. Safe to call twice at a time."""
    batch = claim(import_id)
    if batch is None:
        return
    if batch.state == Import.State.CHECKING:
        check(batch)
    elif send_slice(batch):
        ring(import_id)


def sweep() -> None:
    """Follow up rows in doubt, and ring where a message was lost or a worker died."""
    for batch in Import.objects.filter(rows__state=RowState.IN_DOUBT).distinct():
        follow_up(batch)
    for import_id in waiting():
        ring(import_id)


def follow_up(batch: Import) -> None:
    """Bring rows in doubt to what their writes were settled as."""
    rows = {row.write_id: row for row in batch.rows.filter(state=RowState.IN_DOUBT)}
    settled = Write.objects.filter(pk__in=[pk for pk in rows if pk]).exclude(state__in=Write.OPEN)
    for write in settled:
        _conclude(batch, rows[write.pk], write)
        if write.state == Write.State.NOT_SENT:
            # It never left after all, and was asked for: it goes on.
            Import.objects.filter(pk=batch.pk, state=Import.State.DONE).update(
                state=Import.State.RUNNING, finished_at=None
            )


def send_slice(batch: Import) -> bool:
    """Send rows of a claimed import until the slice is over. Returns whether more can be sent at once."""
    follow_up(batch)
    end, after, failures = time.monotonic() + SLICE, 0, 0
    while rows := list(
        batch.rows.filter(state__in=ImportRow.TO_SEND, number__gt=after).order_by("number")[:_CHUNK]
    ):
        for row in rows:
            after = row.number
            if not beat(batch, reason="", cause=""):
                let_go(batch)
                return False
            try:
                _send(batch, row)
                failures = 0
            except _NotSent as failure:
                failures += 1
                if failure.error in _FOR_A_PERSON:
                    let_go(batch, state=Import.State.PAUSED, reason=failure.error, cause=failure.cause)
                    return False
                if failures >= _FAILURES:
                    let_go(batch, reason=failure.error, cause=failure.cause)
                    return False
            if time.monotonic() > end:
                return let_go(batch)
    if batch.rows.filter(state__in=ImportRow.TO_SEND).exists():
        # What is left waits for another write on the same customer; the sweeper comes back to it.
        let_go(batch, reason="busy")
        return False
    let_go(batch, state=Import.State.DONE, finished_at=timezone.now(), reason="", cause="")
    return False


def _send(batch: Import, row: ImportRow) -> None:
    """One row: claim it, perform its intent, store what became of it. Raises `_NotSent`."""
    planned, earlier = next_intent(batch, row)
    ours = row.write_id == planned
    held = ImportRow.objects.filter(pk=row.pk, state=row.state).update(
        state=RowState.SENDING, write_id=planned
    )
    if not held:
        # Taken back meanwhile.
        return
    row.state, row.write_id = RowState.SENDING, planned
    if earlier and earlier.state != Write.State.NOT_SENT and not ours:
        # Another import sent the same row since the check.
        settle(row, RowState.REPEATED, ["", "sent_before"])
        return
    try:
        write = KINDS[batch.kind].perform(batch, row, planned, earlier)
    except SubjectBusyError:
        settle(row, RowState.READY, *row.problems)
        return
    except ApiError as error:
        settle(row, RowState.READY, *row.problems)
        raise _NotSent(type(error).__name__, error.reason) from error
    if write is None:
        return
    _conclude(batch, row, write)
    if write.state == Write.State.NOT_SENT:
        raise _NotSent(write.error, write.error_cause)


def _conclude(batch: Import, row: ImportRow, write: Write) -> None:
    """Store what became of a row's write."""
    state = _BY_WRITE[Write.State(write.state)]
    told = KINDS[batch.kind].refused(write) if state == RowState.REFUSED else None
    if told:
        settle(row, told[0], *told[1])
        return
    sentences = [text for texts in write.field_errors.values() for text in texts]
    settle(row, state, message=" ".join(sentences) or write.message)
