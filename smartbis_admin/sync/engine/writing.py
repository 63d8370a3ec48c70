"""The statements on mirrored rows: what is known of some ids, and writing, by COPY where that is faster.

Knows tables, columns and databases. What is new, changed or newer is decided in `store`; both ways leave
the same rows behind. Written by hand because the ORM's bulk statements are several times slower and cannot
say "unless it holds newer knowledge": a page fetched before a till validated a voucher must not make it look
unused again.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from functools import cached_property, lru_cache
from itertools import chain, repeat
from typing import Any, NamedTuple

from django.db import DEFAULT_DB_ALIAS, connections, models, router
from django.db.backends.utils import CursorWrapper

from smartbis_admin.connections.models import Connection
from smartbis_admin.sync.engine.specs import MirrorSpec
from smartbis_admin.sync.models import Mirrored

#: Rows from which PostgreSQL takes them by COPY; below, making the staging table costs more than it saves.
COPY_FROM = 20
#: Rows inserted by one statement elsewhere: SQLite's driver lets other threads run once for each statement.
TOGETHER = 25
_UTC_MARK = len("+00:00")

Adapter = Callable[[Sequence[Any]], Sequence[Any]]


class Row(NamedTuple):
    """One row to be written: every mirrored column, and the hash that stands for them."""

    remote_id: str
    values: tuple[Any, ...]
    digest: bytes


class Known(NamedTuple):
    """What a row of ours is compared by."""

    pk: int
    content_hash: bytes
    missing_since: Any


def table_of(spec: MirrorSpec) -> "Table":
    """The table of a mirror, in the words of its database."""
    return _table(spec.model, spec.names, router.db_for_write(spec.model) or DEFAULT_DB_ALIAS)


@lru_cache
def _table(model: type[Mirrored], names: tuple[str, ...], alias: str) -> "Table":
    return Table(model, names, alias)


class Table:
    """A mirror's table; its methods are to be called in a transaction."""

    def __init__(self, model: type[Mirrored], names: tuple[str, ...], alias: str) -> None:
        self._model = model
        self._alias = alias
        written = ["connection", "remote_id", "stored_at", "content_hash", *names]
        self._fields: list[Any] = [model._meta.get_field(name) for name in written]
        self._postgres = self._database.vendor == "postgresql"

    def known(self, connection: Connection, ids: Sequence[str]) -> dict[str, Known]:
        """The rows of a connection that have one of these ids (at least one), by id."""
        asked: list[Any] = [[*ids]] if self._postgres else [*ids]
        with self._database.cursor() as cursor:
            cursor.execute(self._select(len(asked)), [connection.pk, *asked])
            return {
                remote_id: Known(pk, bytes(digest), missing_since)
                for pk, remote_id, digest, missing_since in cursor.fetchall()
            }

    def write(
        self, connection: Connection, known_at: datetime, *, new: Sequence[Row], changed: Mapping[int, Row]
    ) -> Iterable[int]:
        """Insert the new rows and update the changed ones (by primary key); return the keys of the new ones.

        Changed rows are not upserted, because that would use up a primary key for each on PostgreSQL.
        """
        fresh = self._adapted(connection, known_at, new)
        known = self._adapted(connection, known_at, [*changed.values()])
        keys: list[int] = []
        with self._database.cursor() as cursor:
            if self._postgres and len(new) + len(changed) >= COPY_FROM:
                keys = self._copy(cursor, fresh, dict(zip(changed, known, strict=True)))
            else:
                self._insert_together(cursor, fresh)
                if changed:
                    # The key, then once more the moment: what the row holds must not be newer.
                    rows = [(*row[2:], pk, row[2]) for pk, row in zip(changed, known, strict=True)]
                    cursor.executemany(self._update, rows)
        if len(keys) < len(new):
            # Not told, or another process was first and knew better.
            found = self.known(connection, [row.remote_id for row in new])
            return [row.pk for row in found.values()]
        return keys

    def _insert_together(self, cursor: CursorWrapper, rows: list[tuple[Any, ...]]) -> None:
        apart = len(rows) % TOGETHER
        if rows[apart:]:
            parts = range(apart, len(rows), TOGETHER)
            together = [[*chain.from_iterable(rows[start : start + TOGETHER])] for start in parts]
            cursor.executemany(self._insert(TOGETHER), together)
        if apart:
            cursor.executemany(self._insert(1), rows[:apart])

    def _copy(
        self, cursor: CursorWrapper, new: Sequence[tuple[Any, ...]], changed: Mapping[int, tuple[Any, ...]]
    ) -> list[int]:
        """One COPY into a staging table of this session, then one statement for each kind."""
        keys: list[int] = []
        cursor.execute(self._create_stage)
        # Django passes `copy` through to the driver and translates nobody's errors on the way.
        with self._database.wrap_database_errors, cursor.copy(self._copy_in) as copy:
            for row in new:
                copy.write_row((*row, None))
            for pk, row in changed.items():
                copy.write_row((*row, pk))
        if new:
            cursor.execute(self._insert_staged)
            keys = [pk for (pk,) in cursor.fetchall()]
        if changed:
            cursor.execute(self._lock_staged)
            cursor.execute(self._update_staged)
        # The same transaction may bring more; its end empties the table without a trace.
        cursor.execute(f"DELETE FROM {self._stage}")  # noqa: S608
        return keys

    # --- values as the driver takes them ---------------------------------------------------------

    def _adapted(
        self, connection: Connection, known_at: datetime, rows: Sequence[Row]
    ) -> list[tuple[Any, ...]]:
        """The rows in the order of `_columns`, worked out column by column."""
        if not rows:
            return []
        ids, contents, digests = zip(*rows, strict=True)
        adapted = [
            adapt(column) for adapt, column in zip(self._adapters, zip(*contents, strict=True), strict=True)
        ]
        at = self._database.ops.adapt_datetimefield_value(known_at)
        # The constants have no end of their own.
        return [*zip(repeat(connection.pk), ids, repeat(at), digests, *adapted, strict=False)]

    @cached_property
    def _adapters(self) -> list[Adapter]:
        return [_adapter(field, self._database) for field in self._fields[4:]]

    @property
    def _database(self) -> Any:
        # Each thread has its own.
        return connections[self._alias]

    # --- statements ------------------------------------------------------------------------------

    def _quoted(self, name: str) -> str:
        return str(self._database.ops.quote_name(name))

    @cached_property
    def _name(self) -> str:
        return self._quoted(self._model._meta.db_table)

    @cached_property
    def _stage(self) -> str:
        return self._quoted(f"stage_{self._model._meta.db_table}")

    @cached_property
    def _key(self) -> str:
        key: Any = self._model._meta.pk
        return self._quoted(key.column)

    @cached_property
    def _columns(self) -> list[str]:
        return [self._quoted(field.column) for field in self._fields]

    @lru_cache(maxsize=2 * TOGETHER)  # noqa: B019 - tables live as long as the process
    def _select(self, count: int) -> str:
        owner, remote_id, _stored_at, digest = self._columns[:4]
        mark: Any = self._model._meta.get_field("missing_since")
        missing_since = self._quoted(mark.column)
        among = "= ANY(%s)" if self._postgres else f"IN ({', '.join(['%s'] * count)})"
        return (
            f"SELECT {self._key}, {remote_id}, {digest}, {missing_since} FROM {self._name} "  # noqa: S608
            f"WHERE {owner} = %s AND {remote_id} {among}"
        )

    @cached_property
    def _on_conflict(self) -> str:
        owner, remote_id, stored_at, *_contents = self._columns
        sets = ", ".join(f"{column} = excluded.{column}" for column in self._columns[2:])
        return (
            f"ON CONFLICT ({owner}, {remote_id}) DO UPDATE SET {sets} "
            f"WHERE {self._name}.{stored_at} <= excluded.{stored_at}"
        )

    @lru_cache(maxsize=2)  # noqa: B019 - tables live as long as the process
    def _insert(self, count: int) -> str:
        row = f"({', '.join(['%s'] * len(self._columns))})"
        return (
            f"INSERT INTO {self._name} ({', '.join(self._columns)}) VALUES {', '.join([row] * count)} "  # noqa: S608
            f"{self._on_conflict}"
        )

    @cached_property
    def _update(self) -> str:
        sets = ", ".join(f"{column} = %s" for column in self._columns[2:])
        return f"UPDATE {self._name} SET {sets} WHERE {self._key} = %s AND {self._columns[2]} <= %s"  # noqa: S608

    @cached_property
    def _create_stage(self) -> str:
        return (
            f"CREATE TEMPORARY TABLE IF NOT EXISTS {self._stage} ON COMMIT DELETE ROWS AS "  # noqa: S608
            f"SELECT {', '.join(self._columns)}, {self._key} FROM {self._name} WITH NO DATA"
        )

    @cached_property
    def _copy_in(self) -> str:
        return f"COPY {self._stage} ({', '.join(self._columns)}, {self._key}) FROM STDIN"

    # Two processes that write the same rows take them in one order, that of the ids' code points, as `store`
    # does: neither can hold what the other waits for.
    @cached_property
    def _insert_staged(self) -> str:
        columns = ", ".join(self._columns)
        return (
            f"INSERT INTO {self._name} ({columns}) SELECT {columns} FROM {self._stage} "  # noqa: S608
            f'WHERE {self._key} IS NULL ORDER BY {self._columns[1]} COLLATE "C" {self._on_conflict} '
            f"RETURNING {self._key}"
        )

    @cached_property
    def _lock_staged(self) -> str:
        return (
            f"SELECT 1 FROM {self._name} WHERE {self._key} IN (SELECT {self._key} FROM {self._stage}) "  # noqa: S608
            f'ORDER BY {self._columns[1]} COLLATE "C" FOR UPDATE'
        )

    @cached_property
    def _update_staged(self) -> str:
        stored_at = self._columns[2]
        sets = ", ".join(f"{column} = {self._stage}.{column}" for column in self._columns[2:])
        return (
            f"UPDATE {self._name} SET {sets} FROM {self._stage} "  # noqa: S608
            f"WHERE {self._name}.{self._key} = {self._stage}.{self._key} "
            f"AND {self._name}.{stored_at} <= {self._stage}.{stored_at}"
        )


def _adapter(field: Any, database: Any) -> Adapter:
    """How the database's driver takes the values of a column.

    The values are of their column's own type and fit it, times in UTC (see `specs`). Asking the field, which
    would look again, costs more than the rest of the row. PostgreSQL's driver takes them as they are.
    """
    if isinstance(field, models.CharField | models.TextField):
        return _as_it_is
    if isinstance(field, models.DateField | models.DecimalField):
        if database.vendor == "postgresql":
            return _as_it_is
        if isinstance(field, models.DateTimeField):
            # As Django writes it: the moment in UTC without saying so.
            return _each(lambda value: str(value)[:-_UTC_MARK])
        return _each(str if isinstance(field, models.DateField) else "{:f}".format)
    return _each(lambda value: field.get_db_prep_save(value, database))


def _as_it_is(values: Sequence[Any]) -> Sequence[Any]:
    return values


def _each(adapt: Callable[[Any], Any]) -> Adapter:
    return lambda values: [None if value is None else adapt(value) for value in values]
