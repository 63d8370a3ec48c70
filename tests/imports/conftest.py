"""What the tests of imports stand on: quick faults, a file to upload, a job done to its end."""

import csv
import io
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from pytest_django import Settings

from customers.imports.models import Import
from customers.imports.sending import work
from customers.imports.services import choose_columns, upload
from smartbis_admin.api import transport
from smartbis_admin.connections.models import Connection
from smartbis_admin.staff.models import User

CPFS = ("52998224725", "11144477735", "12345678909", "98765432100", "15350946056")


@pytest.fixture(autouse=True)
def _no_waits(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    """Repeats follow at once and a silent platform is given up on soon."""
    monkeypatch.setattr(transport, "READ_WAITS", (0.0, 0.0, 0.0))
    settings.API_TILL_TIMEOUT = 1.0
    settings.API_PACE = {"smartbis": 500.0}


def csv_file(rows: Sequence[Sequence[Any]], *, delimiter: str = ";", encoding: str = "utf-8") -> bytes:
    """Rows as the bytes of a CSV file."""
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows(rows)
    return text.getvalue().encode(encoding)


CUSTOMERS = [
    ["Nome completo", "CPF", "Celular", "E-mail", "Nascimento"],
    ["Ana Prado", "529.982.247-25", "(11) 98888-0001", "ana@cliente.example", "05/03/1990"],
    ["José Ávila", "111.444.777-35", "(21) 97777-0002", "", ""],
]


@pytest.fixture
def checked(connection: Connection, manager: User) -> Callable[..., Import]:
    """Upload rows, take the guessed columns, check: `checked(rows, kind="sales")`."""

    def make(rows: Sequence[Sequence[Any]] = CUSTOMERS, kind: str = "customers", **fields: Any) -> Import:
        batch, _new = upload(
            kind=kind,
            connection=connection,
            name="planilha.csv",
            content=csv_file(rows),
            by=manager,
            **fields,
        )
        choose_columns(batch=batch, mapping=batch.mapping, has_header=batch.has_header)
        work(batch.pk)
        batch.refresh_from_db()
        return batch

    return make


def states(batch: Import) -> list[tuple[int, str]]:
    """Line and state of every row."""
    return list(batch.rows.values_list("number", "state"))
