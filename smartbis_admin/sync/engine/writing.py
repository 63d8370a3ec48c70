"""The statements on mirrored rows: what is known of some ids, and writing, by COPY where that is faster.

Knows tables, columns and databases. What is new, changed or newer is decided in `store`; both ways leave
the same rows behind. Written by hand because the ORM's bulk statements are several times slower and cannot
say "unless it holds newer knowledge": a page fetched before a till validated a voucher must not make it look
unused again.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import cached_property, lru_cache
from itertools import chain, repeat
from typing import Any, NamedTuple

import msgspec
from django.db import DEFAULT_DB_ALIAS, IntegrityError, connections, router, transaction
from django.db.backends.utils import CursorWrapper

from smartbis_admin.connections.models import Connection
from smartbis_admin.prepared import executed
from smartbis_admin.sync.engine.adapting import Adapter, adapter_of
from smartbis_admin.sync.engine.specs import MirrorSpec
from smartbis_admin.sync.models import Mirrored

#: Rows from which PostgreSQL takes them by COPY; below, making the staging table costs more than it saves.
COPY_FROM = 20


_encoder = msgspec.json.Encoder()


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
        asked: list[Any] = [_array(ids)] if self._postgres else [*ids]
        with self._database.cursor() as cursor:
            cursor.execute(self._select(len(asked)), [*asked, connection.pk])
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
        with self._database.cursor() as cursor:
            if self._postgres and len(new) + len(changed) >= COPY_FROM:
                keys = self._copy(cursor, fresh, dict(zip(changed, known, strict=True)))
            else:
                keys = self._insert_each(cursor, fresh) if fresh else []
                if changed:
                    # The key, then once more the moment: what the row holds must not be newer.
                    rows = [(*row[2:], pk, row[2]) for pk, row in zip(changed, known, strict=True)]
                    cursor.executemany(self._update, rows)
        if len(keys) != len(new):
            # Not told, or another process was first and knew better.
            found = self.known(connection, [row.remote_id for row in new])
            return [row.pk for row in found.values()]
        return keys

    def update_if_same(
        self, connection: Connection, known_at: datetime, row: Row, *, pk: int, was: bytes
    ) -> bool:
        """Update one row, by its key, that still holds the contents with this hash; whether it did.

        The statement is the same for every row, so PostgreSQL plans it once in a connection.
        """
        [adapted] = self._adapted(connection, known_at, [row])
        _rows, count = executed(self._database, self._update_same, [*adapted[2:], pk, adapted[2], was])
        return bool(count)

    def _insert_each(self, cursor: CursorWrapper, rows: Sequence[tuple[Any, ...]]) -> Sequence[int]:
        """Insert the rows; their keys as far as they are told."""
        if self._postgres:
            cursor.executemany(self._insert, rows)
            return []
        # Nobody else writes to SQLite until this transaction ends: what is above the last key came from here.
        cursor.execute(self._last_key)
        [(last,)] = cursor.fetchall()
        cursor.executemany(self._insert, rows)
        cursor.execute(self._keys_above, [last])
        return [pk for (pk,) in cursor.fetchall()]

    def _copy(
        self, cursor: CursorWrapper, new: Sequence[tuple[Any, ...]], changed: Mapping[int, tuple[Any, ...]]
    ) -> Sequence[int]:
        keys = self._copy_straight(cursor, new) if new else []
        if keys is None:
            return self._copy_by_stage(cursor, new, changed)
        if changed:
            self._copy_by_stage(cursor, [], changed)
        return keys

    def _copy_straight(self, cursor: CursorWrapper, rows: Sequence[tuple[Any, ...]]) -> Sequence[int] | None:
        """COPY new rows into the table itself, under keys taken beforehand.

        None, and none of them is there, when another process has stored one meanwhile: COPY knows no conflict.
        """
        cursor.execute(self._take_keys, [len(rows)])
        keys = [pk for (pk,) in cursor.fetchall()]
        try:
            with transaction.atomic(using=self._alias):
                self._copy_in(cursor, self._name, ((*row, pk) for row, pk in zip(rows, keys, strict=True)))
        except IntegrityError:
            return None
        return keys

    def _copy_by_stage(
        self, cursor: CursorWrapper, new: Sequence[tuple[Any, ...]], changed: Mapping[int, tuple[Any, ...]]
    ) -> list[int]:
        """One COPY into a staging table of this session, then one statement for each kind."""
        keys: list[int] = []
        cursor.execute(self._create_stage)
        unkeyed = ((*row, None) for row in new)
        self._copy_in(cursor, self._stage, chain(unkeyed, ((*row, pk) for pk, row in changed.items())))
        if new:
            cursor.execute(self._insert_staged)
            keys = [pk for (pk,) in cursor.fetchall()]
        if changed:
            cursor.execute(self._lock_staged)
            cursor.execute(self._update_staged)
        # The same transaction may bring more; its end empties the table without a trace.
        cursor.execute(f"DELETE FROM {self._stage}")  # noqa: S608
        return keys

    def _copy_in(self, cursor: CursorWrapper, table: str, rows: Iterable[Sequence[Any]]) -> None:
        statement = f"COPY {table} ({', '.join(self._columns)}, {self._key}) FROM STDIN"
        # Django passes `copy` through to the driver and translates nobody's errors on the way.
        with self._database.wrap_database_errors, cursor.copy(statement) as copy:
            for row in rows:
                copy.write_row(row)

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
        return [adapter_of(field, self._database) for field in self._fields[4:]]

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

    @lru_cache(maxsize=50)  # noqa: B019 - tables live as long as the process
    def _select(self, count: int) -> str:
        owner, remote_id, _stored_at, digest = self._columns[:4]
        mark: Any = self._model._meta.get_field("missing_since")
        missing_since = self._quoted(mark.column)
        rows = f"SELECT {self._key}, {remote_id}, {digest}, {missing_since} FROM {self._name} "  # noqa: S608
        if not self._postgres:
            return f"{rows} WHERE {remote_id} IN ({', '.join(['%s'] * count)}) AND {owner} = %s"
        # One look into the unique index for each id. Of a table it has no statistics of yet, as during a first
        # walk, PostgreSQL would rather read every row of the connection for each page.
        return (
            f"SELECT mine.* FROM unnest(%s::text[]) AS asked(id), "  # noqa: S608
            f"LATERAL ({rows} WHERE {remote_id} = asked.id AND {owner} = %s LIMIT 1) AS mine"
        )

    @cached_property
    def _on_conflict(self) -> str:
        owner, remote_id, stored_at, *_contents = self._columns
        sets = ", ".join(f"{column} = excluded.{column}" for column in self._columns[2:])
        return (
            f"ON CONFLICT ({owner}, {remote_id}) DO UPDATE SET {sets} "
            f"WHERE {self._name}.{stored_at} <= excluded.{stored_at}"
        )

    @cached_property
    def _insert(self) -> str:
        places = ", ".join(["%s"] * len(self._columns))
        return f"INSERT INTO {self._name} ({', '.join(self._columns)}) VALUES ({places}) {self._on_conflict}"  # noqa: S608

    @cached_property
    def _last_key(self) -> str:
        return f"SELECT COALESCE(MAX({self._key}), 0) FROM {self._name}"  # noqa: S608

    @cached_property
    def _keys_above(self) -> str:
        return f"SELECT {self._key} FROM {self._name} WHERE {self._key} > %s"  # noqa: S608

    @cached_property
    def _take_keys(self) -> str:
        key: Any = self._model._meta.pk
        # Looked up once for all of them.
        sequence = f"(SELECT pg_get_serial_sequence('{self._name}', '{key.column}')::regclass)"
        return f"SELECT nextval({sequence}) FROM generate_series(1, %s)"  # noqa: S608

    @cached_property
    def _update(self) -> str:
        sets = ", ".join(f"{column} = %s" for column in self._columns[2:])
        return f"UPDATE {self._name} SET {sets} WHERE {self._key} = %s AND {self._columns[2]} <= %s"  # noqa: S608

    @cached_property
    def _update_same(self) -> str:
        return f"{self._update} AND {self._columns[3]} = %s"

    @cached_property
    def _create_stage(self) -> str:
        return (
            f"CREATE TEMPORARY TABLE IF NOT EXISTS {self._stage} ON COMMIT DELETE ROWS AS "  # noqa: S608
            f"SELECT {', '.join(self._columns)}, {self._key} FROM {self._name} WITH NO DATA"
        )

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


def _array(ids: Sequence[str]) -> Any:
    """Some ids as one text that PostgreSQL reads as an array; the driver would write each by itself."""
    text = _encoder.encode(ids).decode()[1:-1]
    # Inside quotes both read alike what needs no backslash.
    return [*ids] if "\\" in text else f"{{{text}}}"
