"""Files of sales as the bridge prints them: upload, preview, import in the background, what was wrong.

A row is read by `file_rows.py` and stored by `receiving.py` as any other sale, so the same file twice, and a file after
the feed, add nothing. Rows stream: only the bytes of the file are held whole.
"""

import hashlib
import io
import re
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import islice
from zoneinfo import ZoneInfo

import structlog
from celery import current_app
from django.db import IntegrityError, transaction
from django.utils import timezone
from kombu.exceptions import OperationalError

from customers.bridge.content import unusable
from customers.bridge.file_rows import RowError, read_header, read_row
from customers.bridge.models import Bridge, PosFile, PosFileContent, PosFileError, PosSale
from customers.imports.reading import Layout, UnreadableFileError, detect, read_rows
from smartbis_admin.api.pos import PosSaleRecord
from smartbis_admin.staff.models import User
from smartbis_admin.staff.services import audit

log = structlog.get_logger(__name__)
State = PosFile.State
WORK_TASK = "customers.bridge.tasks.import_file"
DOORBELL_LIFE = 120
_PREVIEW_ROWS = 20
_SHEET = "xl/worksheets/sheet1.xml"
Row = tuple[int, list[str]]


class FileRefusedError(Exception):
    """What was asked for cannot be done; nothing changed. `reason`: a word of `words.PROBLEMS`, `other_state`,
    or of `imports.words.FILE_PROBLEMS`; `field`: the column it is about."""

    def __init__(self, reason: str, field: str = "") -> None:
        super().__init__(f"{reason} {field}".strip())
        self.reason, self.field = reason, field


@dataclass(frozen=True)
class PreviewRow:
    """A row of the preview: what it would become, or the field and the word for what is wrong."""

    number: int
    cells: list[str]
    record: PosSaleRecord | None = None
    is_known: bool = False
    field: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Preview:
    """The first rows of a file, as they would be imported."""

    rows: list[PreviewRow] = field(default_factory=list)

    @property
    def good(self) -> int:
        """How many of these rows can be imported."""
        return sum(row.record is not None for row in self.rows)

    @property
    def bad(self) -> int:
        """How many cannot."""
        return len(self.rows) - self.good


def upload(*, bridge: Bridge, name: str, content: bytes, by: User) -> tuple[PosFile, bool]:
    """Keep a file for its preview. Returns it, and whether it is new: the same bytes again are the first upload.

    Raises `FileRefusedError` for what is no table, or has not the columns of the contract.
    """
    digest = hashlib.sha256(content).hexdigest()
    if known := PosFile.objects.filter(bridge=bridge, digest=digest).first():
        return known, False
    try:
        layout = detect(content)
        header = next(_rows(content, layout), None)
        if header is None:
            raise FileRefusedError("empty")
        columns, ignored = read_header(header[1])
        total = _count(content, layout)
    except UnreadableFileError as error:
        raise FileRefusedError(error.reason) from None
    except RowError as error:
        raise FileRefusedError(error.reason, error.field) from None
    try:
        with transaction.atomic():
            made = PosFile.objects.create(
                bridge=bridge,
                name=name[-200:],
                digest=digest,
                format=layout.format,
                encoding=layout.encoding,
                delimiter=layout.delimiter,
                header=header[1],
                columns=columns,
                ignored=ignored,
                rows_total=total,
                created_by=by,
            )
            PosFileContent.objects.create(file=made, content=content)
            audit(actor=by, action="bridge.file_uploaded", subject=f"pos_file:{made.pk}")
    except IntegrityError:
        # The same file was being uploaded at the same moment.
        return PosFile.objects.get(bridge=bridge, digest=digest), False
    return made, True


def preview(file: PosFile, *, rows: int = _PREVIEW_ROWS) -> Preview:
    """What the first rows would become. Empty once the bytes are gone."""
    content = PosFileContent.objects.filter(file=file).values_list("content", flat=True).first()
    if content is None:
        return Preview()
    zone, now, shown = ZoneInfo(file.bridge.connection.time_zone), timezone.now(), []
    for number, cells in islice(data_rows(bytes(content), file), rows):
        try:
            record, _within = read_sale(cells, file, zone)
            if reason := unusable(record, now=now):
                raise RowError("", reason)
            shown.append(PreviewRow(number, cells, record))
        except RowError as error:
            shown.append(PreviewRow(number, cells, field=error.field, reason=error.reason))
    ids = [row.record.id for row in shown if row.record]
    known = set(
        PosSale.objects.filter(bridge=file.bridge, remote_id__in=ids).values_list("remote_id", flat=True)
    )
    return Preview(
        [
            PreviewRow(row.number, row.cells, row.record, is_known=True)
            if row.record and row.record.id in known
            else row
            for row in shown
        ]
    )


def start(*, file: PosFile, by: User) -> None:
    """Have a previewed file imported. Raises `FileRefusedError("other_state")`."""
    now = timezone.now()
    with transaction.atomic():
        begun = PosFile.objects.filter(pk=file.pk, state=State.PREVIEW).update(
            state=State.RUNNING, started_at=now, heartbeat_at=now
        )
        if not begun:
            raise FileRefusedError("other_state")
        audit(actor=by, action="bridge.file_started", subject=f"pos_file:{file.pk}")
    file.refresh_from_db()
    ring_for(file.pk)


def discard(*, file: PosFile, by: User) -> None:
    """Forget a file that was only previewed. Raises `FileRefusedError("other_state")`."""
    with transaction.atomic():
        gone, _kinds = PosFile.objects.filter(pk=file.pk, state=State.PREVIEW).delete()
        if not gone:
            raise FileRefusedError("other_state")
        audit(actor=by, action="bridge.file_discarded", subject=f"pos_file:{file.pk}")


def error_lines(file: PosFile) -> Iterator[tuple[PosFileError, list[str]]]:
    """The rows that could not be imported, with their cells as read, in the order of the file."""
    for error in file.errors.order_by("number").iterator(chunk_size=1000):
        yield error, list(error.cells)


def read_sale(cells: list[str], file: PosFile, zone: ZoneInfo) -> tuple[PosSaleRecord, timedelta]:
    """The sale of a row, and how exactly its time is told. Raises `RowError`."""
    if cells == file.header:
        raise RowError("", "repeated_header")
    columns: Mapping[str, list[int]] = file.columns
    return read_row(cells, columns, zone)


def data_rows(content: bytes, file: PosFile) -> Iterator[Row]:
    """The rows under the header, with their line numbers."""
    rows = _rows(content, Layout(file.format, file.encoding, file.delimiter))
    next(rows, None)
    return rows


def _rows(content: bytes, layout: Layout) -> Iterator[Row]:
    for number, cells in read_rows(content, layout):
        yield number, [_one_encoding(cell) for cell in cells] if layout.encoding == "cp1252" else cells


def _one_encoding(cell: str) -> str:
    """A cell in UTF-8 of a file that is not UTF-8 as a whole, as it was meant."""
    if cell.isascii():
        return cell
    try:
        return cell.encode("cp1252").decode("utf-8")
    except UnicodeError:
        return cell


def _count(content: bytes, layout: Layout) -> int:
    """Rows of data, near enough to show before the file is read."""
    if layout.format == "xlsx":
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if _SHEET not in archive.namelist():
                return 0
            with archive.open(_SHEET) as sheet:
                found = sum(
                    len(re.findall(rb"<row[ >]", part)) for part in iter(lambda: sheet.read(1 << 20), b"")
                )
    else:
        found = sum(1 for _row in read_rows(content, layout))
    return max(found - 1, 0)


def ring_for(file_id: int) -> None:
    """Tell the workers, after the present transaction, that a file waits."""
    transaction.on_commit(lambda: _send_doorbell(file_id))


def _send_doorbell(file_id: int) -> None:
    try:
        current_app.send_task(WORK_TASK, args=[file_id], expires=DOORBELL_LIFE, retry=False)
    except (OperationalError, OSError):
        # The row waits; the sweeper finds it.
        log.warning("doorbell_failed", file=file_id, exc_info=True)
