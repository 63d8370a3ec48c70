"""A platform in memory behind the real walk: rows that can be cut, repeated or spoilt between pages."""

from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import msgspec
from django.db import connection as database
from django.test.utils import CaptureQueriesContext

from customers.models import Customer
from smartbis_admin.api.records import CustomerRecord, Page, RowIssue, VoucherRecord, VoucherStatus
from smartbis_admin.api.shapes import Listing
from smartbis_admin.api.walk import Walk, WalkState
from smartbis_admin.connections.models import Connection
from smartbis_admin.sync.engine import execute, request_run, runs, spec_of
from smartbis_admin.sync.models import Mirrored, SyncRun

NOON = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)


def customer(number: int, **changes: Any) -> CustomerRecord:
    """Customer `number`, every field known."""
    fields = {
        "remote_id": str(number),
        "name": f"Cliente {number}",
        "cpf": f"{number:011d}",
        "phone": f"+551199{number:07d}",
        "email": f"c{number}@example.test",
        "birth_date": None,
        "points_balance": Decimal("10.50"),
        "cashback_balance": Decimal("1.00"),
        "created_at": NOON + timedelta(minutes=number),
        "updated_at": NOON,
    }
    return CustomerRecord(**(fields | changes))


def customers(count: int, start: int = 1) -> list[CustomerRecord]:
    """Customers `start` … `start + count - 1`."""
    return [customer(number) for number in range(start, start + count)]


def voucher(code: str, **changes: Any) -> VoucherRecord:
    """An issued voucher of which only the status is known, unless said otherwise."""
    return VoucherRecord(remote_id=code, **({"status": VoucherStatus.ISSUED} | changes))


def lost(remote_id: str | None) -> RowIssue:
    """A row that cannot be read."""
    return RowIssue(remote_id=remote_id, field="points_balance", problem="not_a_number")


class Platform:
    """Serves `rows` (records, or issues for rows that cannot be read) page by page.

    `hooks[n]` runs before page `n` is served (an exception leaves as the call's fault). `total`: what
    the envelope claims instead of the truth. `enveloped` False: bare lists. `repeats`: every page is the
    first one.
    """

    def __init__(self, rows: Iterable[Any], *, total: int | None = None, enveloped: bool = True) -> None:
        self.rows: Sequence[Any] = list(rows)
        self.total = total
        self.enveloped = enveloped
        self.repeats = False
        self.hooks: dict[int, Callable[[], object]] = {}
        self.unknown_fields: dict[str, int] = {}
        self.served: list[int] = []

    def walk(self, resource: str, *, state: WalkState | None = None, per_page: int = 250) -> Walk[Any]:
        return Walk(self.serve, state or WalkState(per_page=per_page))

    def serve(self, number: int, per_page: int) -> Listing[Any]:
        if hook := self.hooks.pop(number, None):
            hook()
        self.served.append(number)
        start = 0 if self.repeats else (number - 1) * per_page
        rows = self.rows[start : start + per_page]
        total = len(self.rows) if self.total is None else self.total
        page = Page(
            records=[row for row in rows if not isinstance(row, RowIssue)],
            issues=[row for row in rows if isinstance(row, RowIssue)],
            number=number,
            row_count=len(rows),
            total=total if self.enveloped else None,
            unknown_fields=self.unknown_fields,
        )
        if not self.enveloped:
            return Listing(page, None, None)
        return Listing(page, number, max(1, -(-len(self.rows) // per_page)))


def ask(connection: Connection, resource: str = "customers") -> SyncRun:
    """A run asked for by a person."""
    return request_run(connection=connection, resource=resource, trigger=SyncRun.Trigger.MANUAL)


def claimed(connection: Connection, resource: str = "customers") -> SyncRun:
    """A run that is ours."""
    run = ask(connection, resource)
    assert runs.claim(run)
    return run


def sync(connection: Connection, platform: Any, resource: str = "customers") -> SyncRun:
    """One whole run over the platform."""
    run = claimed(connection, resource)
    execute(run, client=platform)
    run.refresh_from_db()
    return run


def mirror(resource: str = "customers", connection: Connection | None = None) -> list[dict[str, Any]]:
    """The mirrored values with their marks, without local keys and times; ordered by id."""
    spec = spec_of(resource)
    return [
        {
            "id": row.remote_id,
            "missing": row.missing_since is not None,
            "withdrawn": row.withdrawn_at is not None,
        }
        | {name: getattr(row, name) for name in spec.names}
        for row in spec.rows(connection).order_by("remote_id")
    ]


def frozen(model: type[Mirrored] = Customer) -> list[tuple[Any, ...]]:
    """Every column of every row, byte for byte: equal before and after means that nothing was written."""
    return [
        tuple(bytes(value) if isinstance(value, memoryview) else value for value in row)
        for row in model._default_manager.order_by("pk").values_list()
    ]


def marks(model: type[Mirrored] = Customer) -> dict[str, str]:
    """`{id: "here" | "missing" | "withdrawn"}`."""
    return {
        row.remote_id: "withdrawn" if row.withdrawn_at else "missing" if row.missing_since else "here"
        for row in model._default_manager.order_by("pk")
    }


class Writes(AbstractContextManager["Writes"]):
    """Counts the statements that change a table while it is open."""

    def __init__(self, table: str) -> None:
        self._table = table
        self._captured = CaptureQueriesContext(database)
        self.statements: list[str] = []

    def __enter__(self) -> "Writes":
        self._captured.__enter__()
        return self

    def __exit__(self, *exc: Any) -> None:
        self._captured.__exit__(*exc)
        verbs = ("INSERT", "UPDATE", "DELETE")
        # executemany is logged as "12 times: INSERT …".
        said = [query["sql"].rpartition(" times: ")[2] for query in self._captured.captured_queries]
        self.statements = [
            sql
            for sql in said
            if sql.lstrip().startswith(verbs) and f'"{self._table}"' in sql.split("WHERE")[0]
        ]


def changed(record: Any, **changes: Any) -> Any:
    """The record with other values."""
    return msgspec.structs.replace(record, **changes)
