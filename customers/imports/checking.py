"""The check of a file: every row read, understood and compared with what we know. Nothing leaves.

This is the dry run a person sees before sending. A check that dies begins again: it drops its rows first.
"""

from itertools import islice

from django.db import transaction
from django.utils import timezone

from customers.imports.fields import fingerprint, read_row
from customers.imports.identity import first_write_ids
from customers.imports.kinds import KINDS, mark
from customers.imports.models import Import, ImportFile, ImportRow
from customers.imports.reading import Layout, UnreadableFileError, read_rows
from customers.imports.services import beat, let_go
from smartbis_admin.writes.models import Write

RowState = ImportRow.State
#: Rows stored at once, between two heartbeats.
CHUNK = 1000
#: A write in one of these may have acted: its row is not sent again.
_SPENT = (Write.State.DONE, Write.State.ABANDONED, *Write.OPEN)


def check(batch: Import) -> None:
    """Read the whole file into rows, each with its state and its problems, and release the import.

    `batch` is claimed. Stops without a trace of its own when the lease is lost.
    """
    batch.rows.all().delete()
    content = ImportFile.objects.values_list("content", flat=True).get(batch=batch)
    layout = Layout(batch.format, batch.encoding, batch.delimiter)
    rows = read_rows(bytes(content), layout)
    #: What a row is about -> line, for what stands twice in the file.
    seen: dict[str, int] = {}
    read, doubt = 0, KINDS[batch.kind].begin(batch)
    try:
        if batch.has_header:
            next(rows, None)
        while chunk := list(islice(rows, CHUNK)):
            made = [_row(batch, number, cells, seen) for number, cells in chunk]
            _compare(batch, made)
            read += len(made)
            with transaction.atomic():
                # The lease first: whoever lost it must not add rows to somebody else's check.
                if not beat(batch, rows_read=read):
                    return
                ImportRow.objects.bulk_create(made, batch_size=500)
    except UnreadableFileError as error:
        batch.rows.all().delete()
        let_go(batch, state=Import.State.MAPPING, reason=error.reason, rows_read=0)
        return
    let_go(batch, state=Import.State.CHECKED, rows_read=read, reason=doubt, heartbeat_at=timezone.now())


def _row(batch: Import, number: int, cells: list[str], seen: dict[str, int]) -> ImportRow:
    values, problems = read_row(batch.kind, cells, batch.mapping)
    row = ImportRow(batch=batch, number=number, cells=cells, values=values, state=RowState.READY)
    if problems:
        row.problems, row.state = problems, RowState.INVALID
        return row
    kind = KINDS[batch.kind]
    row.fingerprint = fingerprint(batch.kind, values, scope=str(batch.pk) if kind.repeatable else "")
    first = seen.setdefault(kind.same(row), number)
    if first != number:
        mark(row, RowState.REPEATED, ["", "same_as_line", first])
    return row


def _compare(batch: Import, rows: list[ImportRow]) -> None:
    """Mark what was sent before and what the mirror knows already."""
    ids = first_write_ids(batch, [row for row in rows if row.state == RowState.READY])
    spent = set(Write.objects.filter(pk__in=list(ids), state__in=_SPENT).values_list("pk", flat=True))
    for write_id, row in ids.items():
        if write_id in spent:
            mark(row, RowState.REPEATED, ["", "sent_before"])
    KINDS[batch.kind].compare(batch, [row for row in rows if row.state == RowState.READY])
