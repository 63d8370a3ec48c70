"""The statements that write mirrored rows: row by row for a few, by way of a staging table where that is faster.

Knows tables, columns and databases. What is new, changed or newer is decided in `store`; both ways leave
the same rows behind.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, partial
from typing import Any, NamedTuple, cast

from django.db import DEFAULT_DB_ALIAS, connections, models, router
from django.db.backends.utils import CursorWrapper

from smartbis_admin.connections.models import Connection
from smartbis_admin.sync.engine.specs import MirrorSpec

#: Rows from which PostgreSQL takes them by COPY; below, making the staging table costs more than it saves.
COPY_FROM = 20


class Row(NamedTuple):
    """One row to be written: every mirrored column, and the hash that stands for them."""

    remote_id: str
    values: list[Any]
    digest: bytes


def write_rows(
    spec: MirrorSpec,
    connection: Connection,
    known_at: datetime,
    *,
    new: Sequence[Row],
    changed: Mapping[int, Row],
) -> None:
    """Insert the new rows and update the changed ones (by primary key), each kind in one go.

    To be called in a transaction. Written by hand because the ORM's bulk statements are several times
    slower and cannot say "unless it holds newer knowledge": a page fetched before a till validated a
    voucher must not make it look unused again. Changed rows are not upserted, because that would use up a
    primary key for each on PostgreSQL.
    """
    table = _Table(spec, connections[router.db_for_write(spec.model) or DEFAULT_DB_ALIAS])
    same = table.same_in_every_row(connection, known_at)
    fresh = (table.adapted(same, row) for row in new)
    known = ([*table.adapted(same, row), pk] for pk, row in changed.items())
    with table.database.cursor() as cursor:
        if table.database.vendor == "postgresql" and len(new) + len(changed) >= COPY_FROM:
            _copy(cursor, table, [[*row, None] for row in fresh], known)
            return
        if new:
            cursor.executemany(table.insert, list(fresh))
        if changed:
            # The key, then once more the moment: what the row holds must not be newer.
            cursor.executemany(table.update, [[*row[2:], row[2]] for row in known])


@dataclass(frozen=True)
class _Table:
    """The mirror's table in the words of its database."""

    spec: MirrorSpec
    database: Any

    @cached_property
    def fields(self) -> list[Any]:
        names = ["connection", "remote_id", "stored_at", "content_hash", *self.spec.names]
        return [self.spec.model._meta.get_field(name) for name in names]

    @cached_property
    def _adapters(self) -> list[Callable[[Any], Any] | None]:
        return [_adapter(field, self.database) for field in self.fields[3:]]

    def same_in_every_row(self, connection: Connection, known_at: datetime) -> tuple[Any, Any]:
        """What the driver takes for the first and the third column."""
        return connection.pk, self.database.ops.adapt_datetimefield_value(known_at)

    def adapted(self, same: tuple[Any, Any], row: Row) -> list[Any]:
        """The row as the driver takes it, in the order of `columns`."""
        owner, at = same
        values = (row.digest, *row.values)
        return [
            owner,
            row.remote_id,
            at,
            *(
                value if value is None or adapt is None else adapt(value)
                for adapt, value in zip(self._adapters, values, strict=True)
            ),
        ]

    def quoted(self, name: str) -> str:
        return str(self.database.ops.quote_name(name))

    @cached_property
    def name(self) -> str:
        return self.quoted(self.spec.model._meta.db_table)

    @cached_property
    def stage(self) -> str:
        return self.quoted(f"stage_{self.spec.model._meta.db_table}")

    @cached_property
    def key(self) -> str:
        key: Any = self.spec.model._meta.pk
        return self.quoted(key.column)

    @cached_property
    def columns(self) -> list[str]:
        return [self.quoted(field.column) for field in self.fields]

    @cached_property
    def _on_conflict(self) -> str:
        owner, remote_id, stored_at, *_contents = self.columns
        sets = ", ".join(f"{column} = excluded.{column}" for column in self.columns[2:])
        return (
            f"ON CONFLICT ({owner}, {remote_id}) DO UPDATE SET {sets} "
            f"WHERE {self.name}.{stored_at} <= excluded.{stored_at}"
        )

    @cached_property
    def insert(self) -> str:
        places = ", ".join(["%s"] * len(self.columns))
        return (
            f"INSERT INTO {self.name} ({', '.join(self.columns)}) VALUES ({places}) "  # noqa: S608
            f"{self._on_conflict}"
        )

    @cached_property
    def update(self) -> str:
        sets = ", ".join(f"{column} = %s" for column in self.columns[2:])
        return f"UPDATE {self.name} SET {sets} WHERE {self.key} = %s AND {self.columns[2]} <= %s"  # noqa: S608

    @cached_property
    def create_stage(self) -> str:
        return (
            f"CREATE TEMPORARY TABLE IF NOT EXISTS {self.stage} ON COMMIT DELETE ROWS AS "  # noqa: S608
            f"SELECT {', '.join(self.columns)}, {self.key} FROM {self.name} WITH NO DATA"
        )

    @cached_property
    def copy(self) -> str:
        return f"COPY {self.stage} ({', '.join(self.columns)}, {self.key}) FROM STDIN"

    # Two processes that write the same rows take them in one order, that of the ids' code points, as `store`
    # does: neither can hold what the other waits for.
    @cached_property
    def insert_staged(self) -> str:
        columns = ", ".join(self.columns)
        return (
            f"INSERT INTO {self.name} ({columns}) SELECT {columns} FROM {self.stage} "  # noqa: S608
            f'WHERE {self.key} IS NULL ORDER BY {self.columns[1]} COLLATE "C" {self._on_conflict}'
        )

    @cached_property
    def lock_staged(self) -> str:
        return (
            f"SELECT 1 FROM {self.name} WHERE {self.key} IN (SELECT {self.key} FROM {self.stage}) "  # noqa: S608
            f'ORDER BY {self.columns[1]} COLLATE "C" FOR UPDATE'
        )

    @cached_property
    def update_staged(self) -> str:
        stored_at = self.columns[2]
        sets = ", ".join(f"{column} = {self.stage}.{column}" for column in self.columns[2:])
        return (
            f"UPDATE {self.name} SET {sets} FROM {self.stage} "  # noqa: S608
            f"WHERE {self.name}.{self.key} = {self.stage}.{self.key} "
            f"AND {self.name}.{stored_at} <= {self.stage}.{stored_at}"
        )


def _adapter(field: Any, database: Any) -> Callable[[Any], Any] | None:
    """What the database's driver takes for a value of a column; None: the value as it is.

    The values are of their column's own type and fit it (see `specs`). Asking the field, which would look
    again, costs more than the rest of the row.
    """
    ops = database.ops
    if isinstance(field, models.DateTimeField):
        return cast("Callable[[Any], Any]", ops.adapt_datetimefield_value)
    if isinstance(field, models.DateField):
        return cast("Callable[[Any], Any]", ops.adapt_datefield_value)
    if isinstance(field, models.DecimalField):
        limits = {"max_digits": field.max_digits, "decimal_places": field.decimal_places}
        return partial(ops.adapt_decimalfield_value, **limits)
    if isinstance(field, models.CharField | models.TextField):
        return None
    return partial(field.get_db_prep_save, connection=database)


def _copy(cursor: CursorWrapper, table: _Table, new: list[list[Any]], changed: Iterable[list[Any]]) -> None:
    """One COPY into a staging table of this session, then one statement for each kind."""
    known = list(changed)
    cursor.execute(table.create_stage)
    # Django passes `copy` through to the driver and translates nobody's errors on the way.
    with table.database.wrap_database_errors, cursor.copy(table.copy) as copy:
        for row in (*new, *known):
            copy.write_row(row)
    if new:
        cursor.execute(table.insert_staged)
    if known:
        cursor.execute(table.lock_staged)
        cursor.execute(table.update_staged)
    # The same transaction may bring more.
    cursor.execute(f"TRUNCATE {table.stage}")
