"""The mirror's own tables: mirrored rows and runs, what changed unasked, and how the whole is watched."""

from smartbis_admin.sync.models.drift import Drift
from smartbis_admin.sync.models.runs import Mirrored, RowIssue, SyncRun, UnknownField, remote_link
from smartbis_admin.sync.models.watch import Digest, MailChoice, NewestReading, Outage, Pause

__all__ = [
    "Digest",
    "Drift",
    "MailChoice",
    "Mirrored",
    "NewestReading",
    "Outage",
    "Pause",
    "RowIssue",
    "SyncRun",
    "UnknownField",
    "remote_link",
]
