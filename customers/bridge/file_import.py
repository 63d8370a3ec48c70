"""The job that imports a file of sales, five hundred rows at a time, each batch with its count in one transaction.

A worker that dies leaves the file where its last batch ended; the next one goes on from there.
"""

import uuid
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import islice
from zoneinfo import ZoneInfo

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from customers.bridge.content import unusable
from customers.bridge.file_rows import RowError
from customers.bridge.files import Row, data_rows, read_sale, ring_for
from customers.bridge.models import PosFile, PosFileContent, PosFileError, Road
from customers.bridge.places import Places
from customers.bridge.receiving import BATCH, Receipt, receive
from customers.bridge.working import ring
from customers.imports.reading import UnreadableFileError
from smartbis_admin.api.pos import PosSaleRecord

State = PosFile.State
#: A worker that was silent for so long is taken for dead and its lease is void.
STALE_AFTER = timedelta(seconds=90)


@dataclass
class _Batch:
    """Rows read and not stored yet."""

    read: int = 0
    good: defaultdict[timedelta, list[PosSaleRecord]] = field(default_factory=lambda: defaultdict(list))
    bad: list[PosFileError] = field(default_factory=list)


def work(file_id: int) -> None:
    """Import a file to its end, or from where a dead worker stopped. Safe to call twice at a time."""
    now, worker = timezone.now(), uuid.uuid4()
    free = Q(worker=None) | Q(heartbeat_at__lt=now - STALE_AFTER)
    held = PosFile.objects.filter(free, pk=file_id, state=State.RUNNING).update(
        worker=worker, heartbeat_at=now
    )
    if not held:
        return
    file = PosFile.objects.select_related("bridge__connection", "bridge__target").get(pk=file_id)
    try:
        _import(file)
    except UnreadableFileError as error:
        _finish(file, State.FAILED, error.reason)
    ring(file.bridge_id)


def sweep() -> None:
    """Ring for files whose message was lost or whose worker died."""
    stale = Q(worker=None) | Q(heartbeat_at__lt=timezone.now() - STALE_AFTER)
    for key in PosFile.objects.filter(stale, state=State.RUNNING).values_list("pk", flat=True):
        ring_for(key)


def _import(file: PosFile) -> None:
    content = bytes(PosFileContent.objects.values_list("content", flat=True).get(file=file))
    places, zone = Places(file.bridge), ZoneInfo(file.bridge.connection.time_zone)
    rows = islice(data_rows(content, file), file.rows_read, None)
    while lines := list(islice(rows, BATCH)):
        batch = _read_batch(lines, file, zone)
        if not _store(file, batch, places):
            return
        # Sales already stored can go their way while the rest is read.
        ring(file.bridge_id)
    _finish(file, State.DONE)


def _read_batch(lines: Sequence[Row], file: PosFile, zone: ZoneInfo) -> _Batch:
    batch, now = _Batch(read=len(lines)), timezone.now()
    for number, cells in lines:
        try:
            record, within = read_sale(cells, file, zone)
            if reason := unusable(record, now=now):
                raise RowError("", reason)
            batch.good[within].append(record)
        except RowError as error:
            batch.bad.append(
                PosFileError(file=file, number=number, field=error.field, reason=error.reason, cells=cells)
            )
    return batch


@transaction.atomic
def _store(file: PosFile, batch: _Batch, places: Places) -> bool:
    """One batch and the count of it, together. False: the file is somebody else's by now."""
    mine = PosFile.objects.filter(pk=file.pk, worker=file.worker, state=State.RUNNING)
    if not mine.update(heartbeat_at=timezone.now()):
        return False
    total = Receipt()
    for within, records in batch.good.items():
        got = receive(bridge=file.bridge, records=records, road=Road.FILE, places=places, within=within)
        total.new += got.new
        total.changed += got.changed
        total.duplicates += got.duplicates
    PosFileError.objects.bulk_create(batch.bad, ignore_conflicts=True)
    mine.update(
        rows_read=F("rows_read") + batch.read,
        rows_new=F("rows_new") + total.new,
        rows_changed=F("rows_changed") + total.changed,
        rows_duplicate=F("rows_duplicate") + total.duplicates,
        rows_bad=F("rows_bad") + len(batch.bad),
    )
    return True


def _finish(file: PosFile, state: State, reason: str = "") -> None:
    with transaction.atomic():
        done = PosFile.objects.filter(pk=file.pk, worker=file.worker, state=State.RUNNING).update(
            state=state, reason=reason, worker=None, finished_at=timezone.now(), rows_total=F("rows_read")
        )
        if done:
            PosFileContent.objects.filter(file=file).delete()
