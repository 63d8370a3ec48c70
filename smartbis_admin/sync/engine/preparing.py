"""Makes records ready to be stored: one row of column values and one hash for each id, in the order of the ids.

Touches no database, so that the thread which fetched a page does it while the page before is being stored.
"""

from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

from smartbis_admin.api.records import Record, RowIssue
from smartbis_admin.sync.engine.specs import MirrorSpec, content_hashes
from smartbis_admin.sync.models import Mirrored

#: Records handled at a time: below every database's limit of parameters in one statement.
BATCH = 500
_ID_LENGTH = Mirrored._meta.get_field("remote_id").max_length or 0


class Batch(NamedTuple):
    """Records of different ids, as far as they can be worked out without our own rows."""

    ids: list[str]
    rows: list[tuple[Any, ...]]
    #: Of each row; empty while some value is UNSET.
    digests: list[bytes]


class Prepared(NamedTuple):
    """Records made ready, and what was found odd on the way."""

    batches: list[Batch]
    issues: list[RowIssue]
    #: Ids that no row of ours can have.
    strays: set[str]


def prepare(spec: MirrorSpec, records: Sequence[Record]) -> Prepared:
    """Make records ready for a mirror."""
    # A list may repeat an id; the last row is the newest reading.
    unique = {record.remote_id: record for record in records}
    strays = {remote_id for remote_id in unique if len(remote_id) > _ID_LENGTH or "\0" in remote_id}
    issues = [
        RowIssue(remote_id=_printable(remote_id), field="remote_id", problem="too_long", row_lost=True)
        for remote_id in strays
    ]
    batches = []
    # Always in the same order, so that two processes storing the same rows cannot block each other.
    for ids in in_batches(sorted(unique.keys() - strays)):
        contents = spec.contents([unique[remote_id] for remote_id in ids])
        issues += [
            RowIssue(remote_id=ids[place], field=column, problem=problem, row_lost=False)
            for place, column, problem in contents.problems
        ]
        digests = [] if contents.partial else content_hashes(contents.rows)
        batches.append(Batch(ids, contents.rows, digests))
    return Prepared(batches, issues, strays)


def in_batches(ids: list[str]) -> Iterator[list[str]]:
    """The ids, `BATCH` at a time."""
    for start in range(0, len(ids), BATCH):
        yield ids[start : start + BATCH]


def _printable(remote_id: str) -> str:
    return remote_id.replace("\0", "")[:_ID_LENGTH]
