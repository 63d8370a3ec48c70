"""Puts records into their mirror: new and changed rows are written, unchanged ones are not.

The one place that decides what is written, for pages of a walk and for single records learnt elsewhere
(the reply of a write, a lookup); `writing` does it. Knows nothing of runs; it never marks anything missing.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from smartbis_admin.api.records import UNSET, Page, Record, RowIssue
from smartbis_admin.connections.models import Connection
from smartbis_admin.sync.drift.rules import Change
from smartbis_admin.sync.engine.preparing import Batch, Prepared, in_batches, prepare
from smartbis_admin.sync.engine.specs import MirrorSpec, Move, content_hashes, spec_of
from smartbis_admin.sync.engine.writing import Known, Row, table_of
from smartbis_admin.sync.models import Mirrored


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
    #: Changed rows before and after, at most `keep` of them; keys of the first `keep` rows that came back.
    changes: list[Change] = field(default_factory=list)
    returned: list[int] = field(default_factory=list)
    keep: int = 0


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
    with transaction.atomic():
        stored = keep_records(connection, resource, records, known_at=known_at)
    rows = {row.remote_id: row for row in spec_of(resource).rows(connection).filter(pk__in=stored.keys)}
    return [rows[record.remote_id] for record in records if record.remote_id in rows]


def keep_records(
    connection: Connection,
    resource: str,
    records: Sequence[Record],
    *,
    known_at: datetime | None = None,
) -> Stored:
    """`store_records` inside the caller's transaction, for who does not want the rows."""
    spec, stored = spec_of(resource), Stored()
    _store(spec, connection, prepare(spec, records), known_at or timezone.now(), stored)
    return stored


def keep_known(connection: Connection, resource: str, record: Record, row: Mirrored) -> None:
    """`keep_records` for one record whose row was just read: nearly always by a single statement.

    It says so itself where the row is no longer as it was read; then the row is looked up as ever.
    """
    spec, known_at = spec_of(resource), timezone.now()
    if row.remote_id == record.remote_id and row.missing_since is None and spec.follow is None:
        [values], _problems, partial = spec.contents([record])
        if partial:
            held = [getattr(row, name) for name in spec.names]
            values = tuple(
                before if value is UNSET else value for value, before in zip(values, held, strict=True)
            )
        [digest], was = content_hashes([values]), bytes(row.content_hash)
        sent = Row(row.remote_id, values, digest)
        if digest != was and table_of(spec).update_if_same(connection, known_at, sent, pk=row.pk, was=was):
            return
    keep_records(connection, resource, [record], known_at=known_at)


def store_page(
    spec: MirrorSpec,
    connection: Connection,
    page: Page[Any],
    known_at: datetime,
    *,
    keep: int = 0,
    prepared: Prepared | None = None,
) -> Stored:
    """Store one page of a walk inside the caller's transaction. `keep`: how many changes to hand back.

    `prepared`: its records, if they were made ready before.
    """
    stored = Stored(issues=list(page.issues), keep=keep)
    _store(spec, connection, prepared or prepare(spec, page.records), known_at, stored)
    ids = {issue.remote_id for issue in page.issues if issue.row_lost and issue.remote_id is not None}
    if ids:
        ids.difference_update(record.remote_id for record in page.records)
        _find_unreadable(spec, connection, ids, stored)
    return stored


def _store(
    spec: MirrorSpec, connection: Connection, prepared: Prepared, known_at: datetime, stored: Stored
) -> None:
    stored.issues += prepared.issues
    stored.strays |= prepared.strays
    for batch in prepared.batches:
        _store_batch(spec, connection, batch, known_at, stored)


def _store_batch(
    spec: MirrorSpec, connection: Connection, batch: Batch, known_at: datetime, stored: Stored
) -> None:
    table = table_of(spec)
    known = table.known(connection, batch.ids)
    rows, digests = batch.rows, batch.digests
    if not digests:
        rows = _completed(spec, batch, known)
        digests = content_hashes(rows)
    new: list[Row] = []
    changed: dict[int, Row] = {}
    returned: list[int] = []
    for sent in map(Row, batch.ids, rows, digests):
        row = known.get(sent.remote_id)
        if row is None:
            new.append(sent)
            continue
        stored.keys.add(row.pk)
        if row.missing_since is not None:
            returned.append(row.pk)
        if row.content_hash != sent.digest:
            changed[row.pk] = sent
    if returned:
        stored.back += len(returned)
        stored.returned += returned[: stored.keep - len(stored.returned)]
        spec.rows(connection).filter(pk__in=returned).update(missing_since=None, withdrawn_at=None)
    stored.created += len(new)
    stored.changed += len(changed)
    if changed and len(stored.changes) < stored.keep:
        stored.changes += _changes(spec, changed, known_at, stored.keep - len(stored.changes))
    moves = _moves(spec, connection, changed, known_at) if changed else []
    if new or changed:
        stored.keys.update(table.write(connection, known_at, new=new, changed=changed))
    if moves and spec.follow:
        spec.follow.note(connection, moves)


def _completed(spec: MirrorSpec, batch: Batch, known: Mapping[str, Known]) -> list[tuple[Any, ...]]:
    """The rows with what stands in ours, or the column's default, where the platform said nothing."""
    ours = spec.rows().filter(pk__in=[row.pk for row in known.values()])
    held = {remote_id: values for remote_id, *values in ours.values_list("remote_id", *spec.names)}
    return [
        tuple(
            before if value is UNSET else value
            for value, before in zip(values, held.get(remote_id, spec.defaults), strict=True)
        )
        for remote_id, values in zip(batch.ids, batch.rows, strict=True)
    ]


def _changes(spec: MirrorSpec, changed: Mapping[int, Row], known_at: datetime, room: int) -> list[Change]:
    """What the rows about to be written hold now, and what they will hold; one query whatever their number."""
    rows = spec.rows().filter(pk__in=list(changed)[:room], stored_at__lte=known_at)
    return [
        Change(
            pk,
            remote_id,
            since,
            dict(zip(spec.names, before, strict=True)),
            dict(zip(spec.names, changed[pk].values, strict=True)),
        )
        for pk, remote_id, since, *before in rows.values_list("pk", "remote_id", "stored_at", *spec.names)
    ]


def _moves(
    spec: MirrorSpec, connection: Connection, changed: Mapping[int, Row], known_at: datetime
) -> list[Move]:
    """Which of the rows about to be written change their followed column.

    The rows are held until they are written, so that two processes with the same news see one move.
    """
    follow = spec.follow
    if follow is None or not follow.told_by(connection):
        return []
    place = spec.names.index(follow.column)
    held = spec.rows().filter(pk__in=[*changed], stored_at__lte=known_at).order_by("remote_id")
    rows = held.select_for_update().values_list("pk", "remote_id", follow.column)
    return [
        Move(remote_id, before, after)
        for pk, remote_id, before in rows
        if before != (after := changed[pk].values[place])
    ]


def _find_unreadable(spec: MirrorSpec, connection: Connection, ids: set[str], stored: Stored) -> None:
    """Rows that could not be read were sent all the same: their local rows count as seen."""
    for batch in in_batches(sorted(ids)):
        found = spec.rows(connection).filter(remote_id__in=batch)
        keys = dict(found.values_list("remote_id", "pk"))
        returned = found.filter(~Q(missing_since=None))
        stored.back += returned.update(missing_since=None, withdrawn_at=None)
        stored.keys.update(keys.values())
        stored.strays.update(set(batch) - keys.keys())
