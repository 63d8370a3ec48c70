"""What a person does with a file: upload it, say what its columns are, have it checked, send, take back.

Nothing here reads a whole file or calls the platform: that is the job of `checking.py` and `sending.py`.
"""

import hashlib
import uuid
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import structlog
from celery import current_app
from django.db import IntegrityError, transaction
from django.db.models import Count, Q
from django.utils import timezone
from kombu.exceptions import OperationalError

from customers.imports.fields import FIELDS, guess_header, guess_mapping
from customers.imports.kinds import KINDS
from customers.imports.models import Import, ImportFile, ImportRow
from customers.imports.reading import detect, read_sample
from smartbis_admin.connections.models import Connection
from smartbis_admin.staff.models import Store, User
from smartbis_admin.staff.services import audit

log = structlog.get_logger(__name__)
State, RowState = Import.State, ImportRow.State

WORK_TASK = "customers.imports.tasks.work"
#: A worker that was silent for so long is taken for dead and its lease is void.
STALE_AFTER = timedelta(seconds=60)
#: Seconds after which an unheard doorbell is void; the sweeper rings again.
DOORBELL_LIFE = 120


class ImportRefusedError(Exception):
    """What was asked for does not fit the import's state; nothing changed. `reason`: see `words.py`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


def upload(
    *, kind: str, connection: Connection, name: str, content: bytes, by: User, store: Store | None = None
) -> tuple[Import, bool]:
    """Keep a file and guess its columns. Returns its import, and whether it is new.

    The same bytes for the same connection again return the first import untouched, unless that is done and
    its kind may be meant again. Raises `reading.UnreadableFileError`.
    """
    digest = hashlib.sha256(content).hexdigest()
    alike = Import.objects.filter(connection=connection, kind=kind)
    while known := alike.filter(digest=digest).first():
        if known.state != State.DONE or not KINDS[kind].repeatable:
            return known, False
        digest = hashlib.sha256(f"{digest}:{known.pk}".encode()).hexdigest()
    layout = detect(content)
    sample = read_sample(content, layout)
    has_header = guess_header(sample)
    try:
        with transaction.atomic():
            batch = Import.objects.create(
                kind=kind,
                connection=connection,
                store=store,
                file_name=name[-200:],
                digest=digest,
                format=layout.format,
                encoding=layout.encoding,
                delimiter=layout.delimiter,
                has_header=has_header,
                sample=sample,
                mapping=guess_mapping(kind, sample, has_header=has_header),
                created_by=by,
            )
            ImportFile.objects.create(batch=batch, content=content)
            audit(actor=by, action="import.uploaded", subject=f"import:{batch.pk}", kind=kind)
    except IntegrityError:
        # The same file was being uploaded at the same moment.
        return alike.get(digest=digest), False
    return batch, True


def choose_columns(*, batch: Import, mapping: Mapping[str, int], has_header: bool) -> None:
    """Say which column is what, and have every row checked. Rows of an earlier check are dropped.

    Raises `ImportRefusedError` once sending has begun, or while a check runs.
    """
    wanted = {field.name for field in FIELDS[batch.kind]}
    changes = {
        "mapping": {name: column for name, column in mapping.items() if name in wanted},
        "has_header": has_header,
        "rows_read": 0,
        "reason": "",
        "cause": "",
        "worker": None,
    }
    _move(batch, State.CHECKING, [State.MAPPING, State.CHECKED], **changes)
    ring(batch.pk)


def start(*, batch: Import, by: User) -> None:
    """Have the ready rows sent, or go on after a pause. Raises `ImportRefusedError`."""
    if not batch.rows.filter(state__in=ImportRow.TO_SEND).exists():
        raise ImportRefusedError("nothing_to_send")
    with transaction.atomic():
        _move(
            batch,
            State.RUNNING,
            [State.CHECKED, State.PAUSED],
            started_by=by,
            started_at=batch.started_at or timezone.now(),
            finished_at=None,
            reason="",
            cause="",
        )
        ImportFile.objects.filter(batch=batch).delete()
        audit(actor=by, action="import.started", subject=f"import:{batch.pk}")
    ring(batch.pk)


def pause(*, batch: Import, by: User) -> None:
    """Stop after the row that is on its way. Raises `ImportRefusedError` when it does not run."""
    with transaction.atomic():
        _move(batch, State.PAUSED, [State.RUNNING])
        audit(actor=by, action="import.paused", subject=f"import:{batch.pk}")


def undo(*, batch: Import, by: User) -> int:
    """Take back every row that has not left. Returns how many; what left stays as it is."""
    with transaction.atomic():
        undone = batch.rows.filter(state=RowState.READY).update(state=RowState.UNDONE)
        Import.objects.filter(pk=batch.pk, state__in=[State.CHECKED, State.RUNNING, State.PAUSED]).update(
            state=State.DONE, finished_at=timezone.now()
        )
        audit(actor=by, action="import.undone", subject=f"import:{batch.pk}", rows=undone)
    return undone


def discard(*, batch: Import, by: User) -> None:
    """Forget an import of which nothing was sent. Raises `ImportRefusedError` otherwise."""
    with transaction.atomic():
        gone = (
            Import.objects.filter(
                pk=batch.pk, state__in=[State.MAPPING, State.CHECKED, State.DONE], started_at=None
            )
            .filter(worker=None)
            .update(state=State.MAPPING)
        )
        if not gone:
            raise ImportRefusedError("began")
        audit(actor=by, action="import.discarded", subject=f"import:{batch.pk}")
        batch.rows.all().delete()
        ImportFile.objects.filter(batch=batch).delete()
        Import.objects.filter(pk=batch.pk).delete()


def count_rows(batch: Import) -> dict[str, int]:
    """How many rows are in each state; states without rows are 0."""
    counts = batch.rows.order_by().values_list("state").annotate(rows=Count("pk"))
    return {state.value: 0 for state in RowState} | (
        dict(counts) if batch.erased_at is None else batch.summary
    )


def ring(import_id: int) -> None:
    """Tell the workers, after the present transaction, that an import waits."""
    transaction.on_commit(lambda: _send_doorbell(import_id))


def _send_doorbell(import_id: int) -> None:
    try:
        current_app.send_task(WORK_TASK, args=[import_id], expires=DOORBELL_LIFE, retry=False)
    except (OperationalError, OSError):
        # The row waits; the sweeper finds it.
        log.warning("doorbell_failed", batch=import_id, exc_info=True)


def claim(import_id: int) -> Import | None:
    """Take the lease of an import that has work to do; None when it has none or somebody holds it."""
    now, worker = timezone.now(), uuid.uuid4()
    free = Q(worker=None) | Q(heartbeat_at=None) | Q(heartbeat_at__lt=now - STALE_AFTER)
    held = Import.objects.filter(free, pk=import_id, state__in=Import.WORKING).update(
        worker=worker, heartbeat_at=now
    )
    if not held:
        return None
    return Import.objects.select_related("connection", "store", "started_by").get(pk=import_id)


def beat(batch: Import, **changes: Any) -> bool:
    """Renew the lease and note progress. False: it was paused, taken over or discarded: stop at once."""
    held = Import.objects.filter(pk=batch.pk, worker=batch.worker, state=batch.state)
    return bool(held.update(heartbeat_at=timezone.now(), **changes))


def let_go(batch: Import, **changes: Any) -> bool:
    """Give the lease back, with the outcome if it is still ours and nobody changed the state meanwhile."""
    held = Import.objects.filter(pk=batch.pk, worker=batch.worker)
    done = bool(changes and held.filter(state=batch.state).update(worker=None, **changes))
    return bool(done or held.update(worker=None))


def waiting() -> list[int]:
    """Imports with work that nobody does."""
    stale = Q(worker=None) | Q(heartbeat_at__lt=timezone.now() - STALE_AFTER)
    return list(Import.objects.filter(stale, state__in=Import.WORKING).values_list("pk", flat=True))


def _move(batch: Import, state: str, allowed: list[Import.State], **changes: Any) -> None:
    """Change the state if it is one of `allowed`. Raises `ImportRefusedError` otherwise."""
    if not Import.objects.filter(pk=batch.pk, state__in=allowed).update(state=state, **changes):
        raise ImportRefusedError("other_state")
    batch.refresh_from_db()
