"""A table as a CSV or XLSX file that a Brazilian spreadsheet opens with a double click.

Rows are streamed from the database, and an XLSX file is built on disk, so that the size of a list does not
matter. No cell can become a formula.
"""

import csv
import tempfile
from collections.abc import Iterable, Iterator
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from django.http import FileResponse, StreamingHttpResponse
from django.utils import timezone, translation
from django.utils.text import capfirst, slugify
from django_tables2.rows import BoundRow
from openpyxl import Workbook
from openpyxl.cell import WriteOnlyCell
from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from smartbis_admin.ui.formats import export_value
from smartbis_admin.ui.tables import Table

FORMATS = ("csv", "xlsx")
#: What a sheet can hold, the heading included.
XLSX_ROWS = 1_048_576
_XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
_CHUNK = 2000
_BOM = "\ufeff"


class _Echo:
    """A file that hands back what is written to it."""

    def write(self, text: str) -> str:
        return text


def export_rows(table: Table) -> Iterator[list[Any]]:
    """The header, then one list of plain values per row of the table's queryset, in its order."""
    columns = [column for column in table.columns.iterall() if not column.column.exclude_from_export]
    yield [capfirst(str(column.header)) for column in columns]
    for record in table.ordered().iterator(chunk_size=_CHUNK):
        row = BoundRow(record, table=table)
        yield [row.get_cell_value(column.name) for column in columns]


def export_response(table: Table, title: str, kind: str) -> StreamingHttpResponse | FileResponse:
    """The table as an attachment of one of `FORMATS`, named after its title and today's date."""
    return (
        xlsx_response(export_rows(table), title)
        if kind == "xlsx"
        else csv_response(export_rows(table), title)
    )


def csv_response(rows: Iterable[Iterable[Any]], title: str) -> StreamingHttpResponse:
    """Rows of plain values, the heading first, as a CSV attachment that is written while it is sent."""
    return StreamingHttpResponse(
        _csv_lines(rows, translation.get_language()),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{_file_name(title, "csv")}"'},
    )


def xlsx_response(rows: Iterable[Iterable[Any]], title: str) -> FileResponse:
    """Rows of plain values, the heading first, as an XLSX attachment. Rows beyond `XLSX_ROWS` are left out."""
    file = tempfile.TemporaryFile()  # noqa: SIM115  (the response closes it)
    book = Workbook(write_only=True)
    sheet = book.create_sheet(title[:31].translate({ord(sign): " " for sign in "[]:*?/\\"}))
    sheet.freeze_panes = "A2"
    for number, row in enumerate(rows):
        if number == XLSX_ROWS:
            break
        cells = [_xlsx_cell(sheet, value) for value in row]
        if number == 0:
            for column, cell in enumerate(cells, start=1):
                cell.font = Font(bold=True)
                sheet.column_dimensions[get_column_letter(column)].width = max(14, len(str(cell.value)) + 2)
        sheet.append(cells)
    book.save(file)
    file.seek(0)
    return FileResponse(file, as_attachment=True, filename=_file_name(title, "xlsx"), content_type=_XLSX_TYPE)


def _file_name(title: str, extension: str) -> str:
    return f"{slugify(title)}-{timezone.localdate():%Y-%m-%d}.{extension}"


def _csv_lines(rows: Iterable[Iterable[Any]], language: str) -> Iterator[str]:
    # The stream outlives the request's own language.
    with translation.override(language):
        write = csv.writer(_Echo(), delimiter=";").writerow
        yield _BOM
        for row in rows:
            yield write([export_value(cell) for cell in row])


def _xlsx_cell(sheet: Any, value: Any) -> Any:
    """A cell that stays a number, a date or a text; a text never becomes a formula."""
    if isinstance(value, datetime):
        cell = WriteOnlyCell(sheet, timezone.localtime(value).replace(tzinfo=None))
        cell.number_format = "dd/mm/yyyy hh:mm"
    elif isinstance(value, date):
        cell = WriteOnlyCell(sheet, value)
        cell.number_format = "dd/mm/yyyy"
    elif isinstance(value, Decimal):
        cell = WriteOnlyCell(sheet, value)
        cell.number_format = "#,##0.00"
    elif isinstance(value, int | float) and not isinstance(value, bool):
        cell = WriteOnlyCell(sheet, value)
    else:
        text = "" if value is None else export_value(value) if isinstance(value, bool) else str(value)
        cell = WriteOnlyCell(sheet, ILLEGAL_CHARACTERS_RE.sub("", text).replace("\xa0", " "))
        cell.data_type = "s"
    return cell
