"""Puts records into their mirror: new and changed rows are written, unchanged ones are not.

The one place that writes mirrored values, for pages of a walk and for single records learnt elsewhere
(the reply of a write, a lookup). Knows nothing of runs; it never marks anything missing.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from django.db import DEFAULT_DB_ALIAS, connections, router, transaction
from django.db.models import Q
from django.utils import timezone

from smartbis_admin.api.records import UNSET, Page, Record, RowIssue
from smartbis_admin.connections.models import Connection
from smartbis_admin.sync.engine.specs import MirrorSpec, content_hash, spec_of
from smartbis_admin.sync.models import Mirrored

#: Records handled at a time: below every database's limit of parameters in one statement.
BATCH = 500
_ID_LENGTH = Mirrored._meta.get_field("remote_id").max_length or 0
_FIRST_VALUE = 4

T = TypeVar("T")


@dataclass
class Stored:
    """What storing some records did."""

    #: Local keys of the rows that were sent, whether written or not, readable or not.
    keys: set[int] = field(default_factory=set)
    #: Ids that were sent unreadable and have no local row.
    strays: set[str] = field(default_factory=set)
    created: int = 0
    changed: int = 0
    #: Rows that had been missed by a complete walk before.
    back: int = 0
    issues: list[RowIssue] = field(default_factory=list)


def store_records(
    connection: Connection,
    resource: str,
    records: Sequence[Record],
    *,
    known_at: datetime | None = None,
) -> list[Mirrored]:
    """Store records learnt outside a walk and return their rows, in the order of `records`.

    Fields a record does not know (`UNSET`) keep their stored value, `None` clears. `known_at` is when
    the platform said it (now, when left out): a row that holds newer knowledge is left alone.
    """
    spec = spec_of(resource)
    stored = Stored()
    with transaction.atomic():
        _store(spec, connection, records, known_at or timezone.now(), stored)
    rows = {row.remote_id: row for row in spec.rows(connection).filter(pk__in=stored.keys)}
    return [rows[record.remote_id] for record in records if record.remote_id in rows]


def store_page(spec: MirrorSpec, connection: Connection, page: Page[Any], known_at: datetime) -> Stored:
    """Store one page of a walk inside the caller's transaction."""
    stored = Stored(issues=list(page.issues))
    _store(spec, connection, page.records, known_at, stored)
    ids = {issue.remote_id for issue in page.issues if issue.row_lost and issue.remote_id is not None}
    ids.difference_update(record.remote_id for record in page.records)
    _find_unreadable(spec, connection, ids, stored)
    return stored


def _store(
    spec: MirrorSpec, connection: Connection, records: Sequence[Record], known_at: datetime, stored: Stored
) -> None:
    # A list may repeat an id; the last row is the newest reading.
    unique = {record.remote_id: record for record in records}
    too_long = {remote_id for remote_id in unique if len(remote_id) > _ID_LENGTH or "\0" in remote_id}
    for remote_id in too_long:
        stored.issues.append(
            RowIssue(remote_id=_printable(remote_id), field="remote_id", problem="too_long", row_lost=True)
        )
    stored.strays |= too_long
    # Always in the same order, so that two processes storing the same rows cannot block each other.
    for batch in _batches(sorted(unique.keys() - too_long)):
        _store_batch(
            spec, connection, {remote_id: unique[remote_id] for remote_id in batch}, known_at, stored
        )


def _store_batch(
    spec: MirrorSpec, connection: Connection, records: dict[str, Record], known_at: datetime, stored: Stored
) -> None:
    given = {remote_id: spec.values(record) for remote_id, record in records.items()}
    columns: list[str] = ["pk", "remote_id", "content_hash", "missing_since"]
    if any(UNSET in values for values, _problems in given.values()):
        columns += spec.names
    rows = spec.rows(connection).filter(remote_id__in=given)
    known = {row[1]: row for row in rows.values_list(*columns)}
    to_write: list[tuple[str, list[Any], bytes]] = []
    returned: list[int] = []
    for remote_id, (values, problems) in given.items():
        stored.issues += [
            RowIssue(remote_id=remote_id, field=column, problem=problem, row_lost=False)
            for column, problem in problems
        ]
        row = known.get(remote_id)
        if UNSET in values:
            base = row[_FIRST_VALUE:] if row else spec.defaults
            values = [before if value is UNSET else value for value, before in zip(values, base, strict=True)]
        digest = content_hash(values)
        if row is None:
            stored.created += 1
            to_write.append((remote_id, values, digest))
            continue
        pk, _remote_id, old_digest, missing_since, *_values = row
        stored.keys.add(pk)
        if missing_since is not None:
            returned.append(pk)
        if bytes(old_digest) != digest:
            stored.changed += 1
            to_write.append((remote_id, values, digest))
    if returned:
        stored.back += len(returned)
        spec.rows(connection).filter(pk__in=returned).update(missing_since=None, withdrawn_at=None)
    if to_write:
        write_rows(spec, connection, to_write, known_at)
    fresh = given.keys() - known.keys()
    if fresh:
        stored.keys.update(rows.filter(remote_id__in=fresh).values_list("pk", flat=True))


def write_rows(
    spec: MirrorSpec,
    connection: Connection,
    rows: Sequence[tuple[str, list[Any], bytes]],
    known_at: datetime,
) -> None:
    """Insert or update (id, values, hash) in one go. A row that holds newer knowledge stays as it is.

    Written by hand because the ORM's bulk upsert is five times slower and cannot say "only if newer":
    a page fetched before a till validated a voucher must not make it look unused again.
    """
    meta = spec.model._meta
    database = connections[router.db_for_write(spec.model) or DEFAULT_DB_ALIAS]
    quote = database.ops.quote_name
    names = ["connection", "remote_id", "content_hash", "stored_at", *spec.names]
    fields: list[Any] = [meta.get_field(name) for name in names]
    adapt = [field.get_db_prep_save for field in fields]
    columns = [quote(field.column) for field in fields]
    table = quote(meta.db_table)
    updates = [f"{column} = excluded.{column}" for column in columns[2:]]
    statement = (
        f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({', '.join(['%s'] * len(columns))}) "  # noqa: S608
        f"ON CONFLICT ({columns[0]}, {columns[1]}) DO UPDATE SET {', '.join(updates)} "
        f"WHERE {table}.{columns[3]} <= excluded.{columns[3]}"
    )
    parameters = [
        [
            prepare(value, database)
            for prepare, value in zip(
                adapt, (connection.pk, remote_id, digest, known_at, *values), strict=True
            )
        ]
        for remote_id, values, digest in rows
    ]
    with database.cursor() as cursor:
        cursor.executemany(statement, parameters)


def _find_unreadable(spec: MirrorSpec, connection: Connection, ids: set[str], stored: Stored) -> None:
    """Rows that could not be read were sent all the same: their local rows count as seen."""
    for batch in _batches(sorted(ids)):
        found = spec.rows(connection).filter(remote_id__in=batch)
        keys = dict(found.values_list("remote_id", "pk"))
        returned = found.filter(~Q(missing_since=None))
        stored.back += returned.update(missing_since=None, withdrawn_at=None)
        stored.keys.update(keys.values())
        stored.strays.update(set(batch) - keys.keys())


def _batches(ids: list[str]) -> Iterator[list[str]]:
    for start in range(0, len(ids), BATCH):
        yield ids[start : start + BATCH]


def _printable(remote_id: str) -> str:
    return remote_id.replace("\0", "")[:_ID_LENGTH]
