"""Where a run stands between two pages, as it is kept in its row for whoever goes on with it.

Knows the shape alone; the map of seen rows lies beside it and is saved in the same statement.
"""

from hashlib import blake2b
from typing import Any

import msgspec

from smartbis_admin.api.walk import WalkState
from smartbis_admin.sync.models import SyncRun


class Position(msgspec.Struct, kw_only=True):
    """A resumable position. `upto`: the newest local row when the walk began."""

    walk: WalkState
    upto: int = 0
    #: Issues counted up to here.
    issues: int = 0
    #: Short hashes of the ids that were sent unreadable and have no local row.
    strays: list[str] = []

    @classmethod
    def of(cls, run: SyncRun) -> "Position":
        """The saved position. Raises `msgspec.ValidationError` for one another version left behind."""
        return msgspec.convert(run.position, cls)

    def plain(self) -> Any:
        """As JSON values."""
        return msgspec.to_builtins(self)


def stray_key(remote_id: str) -> str:
    """What a stray id is remembered by."""
    return blake2b(remote_id.encode(errors="replace"), digest_size=8).hexdigest()
