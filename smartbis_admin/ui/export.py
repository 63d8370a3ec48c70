"""A table as a CSV file that a Brazilian spreadsheet opens with a double click.

Rows are streamed from the database, so that the size of a list does not matter.
"""

import csv
from collections.abc import Iterator
from typing import Any

from django.http import StreamingHttpResponse
from django.utils import timezone, translation
from django.utils.text import capfirst, slugify
from django_tables2.rows import BoundRow

from smartbis_admin.ui.formats import export_value
from smartbis_admin.ui.tables import Table

_CHUNK = 2000


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


def csv_response(table: Table, title: str) -> StreamingHttpResponse:
    """The table as an attachment named after its title and today's date."""
    name = f"{slugify(title)}-{timezone.localdate():%Y-%m-%d}.csv"
    return StreamingHttpResponse(
        _csv_lines(table, translation.get_language()),
        content_type="text/csv; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}"'},
    )


def _csv_lines(table: Table, language: str) -> Iterator[str]:
    # The stream outlives the request's own language.
    with translation.override(language):
        write = csv.writer(_Echo(), delimiter=";").writerow
        yield "\ufeff"
        for row in export_rows(table):
            yield write([export_value(cell) for cell in row])
