"""XLSX files of a list: real numbers and dates, texts that never compute, any size on disk."""

import io
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from openpyxl import load_workbook

from smartbis_admin.ui import export
from smartbis_admin.ui.export import xlsx_response

# Closing a response ends its request, which looks after the database.
pytestmark = pytest.mark.django_db


def _sheet(rows: list[list[Any]], title: str = "Pessoas: todas") -> Any:
    response = xlsx_response(rows, title)
    content = b"".join(response.streaming_content)
    response.close()
    return load_workbook(io.BytesIO(content)).active


def test_values_keep_their_kind_and_brazilian_looks() -> None:
    moment = datetime(2026, 3, 5, 17, 31, tzinfo=UTC)
    sheet = _sheet(
        [
            ["Nome", "Valor", "Dia", "Quando", "Nº", "Ativo"],
            ["Ana", Decimal("1234.56"), date(2026, 3, 5), moment, 7, True],
        ]
    )
    assert [cell.value for cell in sheet[2]] == [
        "Ana",
        1234.56,
        datetime(2026, 3, 5),  # noqa: DTZ001
        datetime(2026, 3, 5, 14, 31),  # noqa: DTZ001
        7,
        "Sim",
    ]
    assert [cell.number_format for cell in sheet[2]][1:4] == ["#,##0.00", "dd/mm/yyyy", "dd/mm/yyyy hh:mm"]
    assert (sheet["A1"].font.b, sheet.freeze_panes, sheet.title) == (True, "A2", "Pessoas  todas")


@pytest.mark.parametrize("text", ["=1+1", "+55", "-1", "@x", '=HYPERLINK("x")', "#REF!"])
def test_a_text_never_becomes_a_formula(text: str) -> None:
    cell = _sheet([["Nome"], [text]])["A2"]
    assert (cell.value, cell.data_type) == (text, "s")


def test_signs_a_sheet_cannot_hold_are_left_out() -> None:
    assert _sheet([["Nome"], ["A\x0bna\x00"]])["A2"].value == "Ana"


def test_rows_beyond_what_a_sheet_holds_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(export, "XLSX_ROWS", 3)
    assert _sheet([["Nome"], ["a"], ["b"], ["c"]]).max_row == 3


def test_a_list_leaves_as_xlsx_as_it_is_filtered(manager_client: Client, make_person: Any) -> None:
    make_person("heitor")
    response = manager_client.get("/demo/?q=heitor&export=xlsx")
    assert response.headers["Content-Disposition"].startswith('attachment; filename="pessoas-')
    rows = list(load_workbook(io.BytesIO(b"".join(response.streaming_content))).active.values)
    assert (rows[0][:2], rows[1][:2], len(rows)) == (
        ("Primeiro nome", "E-mail"),
        ("Heitor", "heitor@people.test"),
        2,
    )
