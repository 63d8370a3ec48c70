"""Puts records into their mirror: new and changed rows are written, unchanged ones are not.

The one place that decides what is written, for pages of a walk and for single records learnt elsewhere
(the reply of a write, a lookup); `writing` does it. Knows nothing of runs; it never marks anything missing.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from smartbis_admin.api.records import UNSET, Page, Record, RowIssue
from smartbis_admin.connections.models import Connection
from smartbis_admin.sync.drift.rules import Change
from smartbis_admin.sync.engine.specs import MirrorSpec, content_hash, spec_of
from smartbis_admin.sync.engine.writing import Known, Row, table_of
from smartbis_admin.sync.models import Mirrored

#: Records handled at a time: below every database's limit of parameters in one statement.
BATCH = 500
_ID_LENGTH = Mirrored._meta.get_field("remote_id").max_length or 0


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
    spec = spec_of(resource)
    stored = Stored()
    with transaction.atomic():
        _store(spec, connection, records, known_at or timezone.now(), stored)
    rows = {row.remote_id: row for row in spec.rows(connection).filter(pk__in=stored.keys)}
    return [rows[record.remote_id] for record in records if record.remote_id in rows]


def store_page(
    spec: MirrorSpec, connection: Connection, page: Page[Any], known_at: datetime, *, keep: int = 0
) -> Stored:
    """Store one page of a walk inside the caller's transaction. `keep`: how many changes to hand back."""
    stored = Stored(issues=list(page.issues), keep=keep)
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
    ids = list(records)
    contents = spec.contents(list(records.values()))
    stored.issues += [
        RowIssue(remote_id=ids[place], field=column, problem=problem, row_lost=False)
        for place, column, problem in contents.problems
    ]
    table = table_of(spec)
    known = table.known(connection, ids)
    rows = _completed(spec, ids, contents.rows, known) if contents.partial else contents.rows
    new: list[Row] = []
    changed: dict[int, Row] = {}
    returned: list[int] = []
    for remote_id, values in zip(ids, rows, strict=True):
        digest = content_hash(values)
        row = known.get(remote_id)
        if row is None:
            new.append(Row(remote_id, values, digest))
            continue
        stored.keys.add(row.pk)
        if row.missing_since is not None:
            returned.append(row.pk)
        if row.content_hash != digest:
            changed[row.pk] = Row(remote_id, values, digest)
    if returned:
        stored.back += len(returned)
        stored.returned += returned[: stored.keep - len(stored.returned)]
        spec.rows(connection).filter(pk__in=returned).update(missing_since=None, withdrawn_at=None)
    stored.created += len(new)
    stored.changed += len(changed)
    if changed and len(stored.changes) < stored.keep:
        stored.changes += _changes(spec, changed, known_at, stored.keep - len(stored.changes))
    if new or changed:
        stored.keys.update(table.write(connection, known_at, new=new, changed=changed))


def _completed(
    spec: MirrorSpec, ids: list[str], rows: list[tuple[Any, ...]], known: Mapping[str, Known]
) -> list[tuple[Any, ...]]:
    """The rows with what stands in ours, or the column's default, where the platform said nothing."""
    ours = spec.rows().filter(pk__in=[row.pk for row in known.values()])
    held = {remote_id: values for remote_id, *values in ours.values_list("remote_id", *spec.names)}
    return [
        tuple(
            before if value is UNSET else value
            for value, before in zip(values, held.get(remote_id, spec.defaults), strict=True)
        )
        for remote_id, values in zip(ids, rows, strict=True)
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
