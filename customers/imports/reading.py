"""A file of a spreadsheet program as rows of texts: CSV in any usual encoding and separator, or XLSX.

Knows formats and nothing of customers, sales or the database. Rows are read one after the other; only the
bytes of the file are held whole.
"""

import codecs
import csv
import io
import zipfile
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import date, datetime, time
from itertools import islice
from typing import Any

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

#: Bytes of an upload, and of everything inside an XLSX once unpacked.
MAX_BYTES = 20 * 1024 * 1024
MAX_UNPACKED = 300 * 1024 * 1024
MAX_ROWS = 100_000
MAX_COLUMNS = 60
MAX_CELL = 500
_SAMPLE_ROWS = 12
_DELIMITERS = ";,\t|"
_OLD_EXCEL = b"\xd0\xcf\x11\xe0"
_BOMS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}


class UnreadableFileError(Exception):
    """The file cannot be read; `reason` is a word of `words.FILE_PROBLEMS`."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True)
class Layout:
    """How a file is to be read. `encoding` and `delimiter` are empty for XLSX."""

    format: str
    encoding: str = ""
    delimiter: str = ""


def detect(content: bytes) -> Layout:
    """How to read these bytes. Raises `UnreadableFileError` for what is no table."""
    if not content.strip():
        raise UnreadableFileError("empty")
    if len(content) > MAX_BYTES:
        raise UnreadableFileError("too_large")
    if content.startswith(b"PK"):
        _refuse_bomb(content)
        return Layout("xlsx")
    if content.startswith(_OLD_EXCEL):
        raise UnreadableFileError("old_excel")
    encoding = _encoding(content)
    if encoding != "utf-16" and b"\x00" in content:
        raise UnreadableFileError("no_table")
    return Layout("csv", encoding, _delimiter(content[: 256 * 1024].decode(encoding, "ignore")))


def read_rows(content: bytes, layout: Layout) -> Iterator[tuple[int, list[str]]]:
    """Every row with something in it, as its line number (from 1) and its cells as trimmed texts.

    Raises `UnreadableFileError` half-way when the file turns out broken or has too many rows.
    """
    source = _xlsx_rows(content) if layout.format == "xlsx" else _csv_rows(content, layout)
    count = 0
    for number, cells in source:
        if not any(cells):
            continue
        count += 1
        if count > MAX_ROWS + 1:
            raise UnreadableFileError("too_many_rows")
        yield number, cells


def read_sample(content: bytes, layout: Layout) -> list[list[str]]:
    """The first rows, all of one width. Raises `UnreadableFileError` when there is none."""
    rows = [cells for _number, cells in islice(read_rows(content, layout), _SAMPLE_ROWS)]
    if not rows:
        raise UnreadableFileError("empty")
    width = max(map(len, rows))
    return [row + [""] * (width - len(row)) for row in rows]


def _refuse_bomb(content: bytes) -> None:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            if sum(entry.file_size for entry in archive.infolist()) > MAX_UNPACKED:
                raise UnreadableFileError("too_large")
    except zipfile.BadZipFile:
        raise UnreadableFileError("broken") from None


def _encoding(content: bytes) -> str:
    for bom, name in _BOMS.items():
        if content.startswith(bom):
            return name
    try:
        content.decode("utf-8")
    except UnicodeDecodeError:
        # What Excel in Brazil writes; five bytes mean nothing in it and become a replacement sign.
        return "cp1252"
    return "utf-8"


def _delimiter(text: str) -> str:
    """The separator that cuts the first lines into the most columns, the same number in each."""
    if text.startswith("sep=") and text[4:5] in _DELIMITERS:
        return text[4]
    lines = [line for line in text.splitlines()[:30] if line.strip()]
    # The last line of a long file may be cut off.
    lines = lines[:-1] if len(lines) > 2 else lines

    def quality(delimiter: str) -> tuple[float, int]:
        widths = [len(row) for row in csv.reader(lines, delimiter=delimiter)]
        usual = max(set(widths), key=widths.count) if widths else 1
        return (0.0 if usual == 1 else widths.count(usual) / len(widths), usual)

    return max(_DELIMITERS, key=quality)


def _csv_rows(content: bytes, layout: Layout) -> Iterator[tuple[int, list[str]]]:
    text = io.TextIOWrapper(io.BytesIO(content), encoding=layout.encoding, errors="replace", newline="")
    reader = csv.reader(text, delimiter=layout.delimiter)
    line = 1
    try:
        for row in reader:
            if not (line == 1 and row and row[0].startswith("sep=")):
                yield line, [_tidy(cell) for cell in row[:MAX_COLUMNS]]
            line = reader.line_num + 1
    except csv.Error:
        raise UnreadableFileError("broken") from None


def _xlsx_rows(content: bytes) -> Iterator[tuple[int, list[str]]]:
    try:
        book = load_workbook(io.BytesIO(content), read_only=True, data_only=True)
    except (InvalidFileException, zipfile.BadZipFile, KeyError, ValueError, OSError):
        raise UnreadableFileError("broken") from None
    with closing(book):
        if not book.worksheets:
            raise UnreadableFileError("empty")
        sheet: Any = book.worksheets[0]
        # Some programs write a wrong size; without it the rows themselves are believed.
        sheet.reset_dimensions()
        try:
            for number, row in enumerate(sheet.iter_rows(values_only=True, max_col=MAX_COLUMNS), start=1):
                yield number, _without_tail([_cell_text(cell) for cell in row])
        except (zipfile.BadZipFile, KeyError, ValueError, SyntaxError):
            raise UnreadableFileError("broken") from None


def _without_tail(cells: list[str]) -> list[str]:
    while cells and not cells[-1]:
        cells.pop()
    return cells


def _cell_text(value: Any) -> str:
    """A spreadsheet's typed cell as a person would have written it: whole numbers without decimals."""
    if value is None or isinstance(value, bool):
        return ""
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() else repr(round(value, 6))
    if isinstance(value, datetime):
        return value.strftime("%d/%m/%Y" if value.time() == time() else "%d/%m/%Y %H:%M:%S")
    if isinstance(value, date):
        return value.strftime("%d/%m/%Y")
    return _tidy(str(value))


def _tidy(text: str) -> str:
    """Trimmed, without the apostrophe that keeps a spreadsheet from computing, and cut at a sane length."""
    text = text.replace("\xa0", " ").replace("\x00", "").strip()
    if len(text) > 1 and text[0] == "'" and text[1] in "=+-@":
        text = text[1:]
    return text[:MAX_CELL]
