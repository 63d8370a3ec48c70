"""Writes drift down while a run (or a reading of the newest rows) stores what it read.

Cheap by limits: a run keeps and looks at a bounded number of changes and counts the rest. Runs inside
the transaction that stores the page, so that a drift is kept exactly when its change is.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, Protocol

from smartbis_admin.connections.models import Connection
from smartbis_admin.sync.drift.rules import Change, DriftRule, as_text, label_of, rule_of
from smartbis_admin.sync.models import Drift, Mirrored, SyncRun

Kind = Drift.Kind
#: Rows of drift kept per run.
KEPT = 1000
#: Changed rows looked at per run, whether something of ours explains them or not.
LOOKED_AT = 5000
_GONE = {"missing_since": Kind.MISSING, "withdrawn_at": Kind.WITHDRAWN}


class Stored(Protocol):
    """What the engine hands over of one stored page."""

    changed: int
    changes: list[Change]
    returned: list[int]
    keep: int


class Spec(Protocol):
    """What is needed of a mirror."""

    @property
    def model(self) -> type[Mirrored]: ...

    @property
    def resource(self) -> str: ...


def room(run: SyncRun) -> int:
    """How many more changes of this run are looked at."""
    return max(0, min(KEPT - run.drift_count, LOOKED_AT - (run.rows_changed - run.drift_skipped)))


def record_page(run: SyncRun, spec: Spec, stored: Stored) -> None:
    """Keep what a page brought that nothing of ours explains; adds to the run's counts, unsaved."""
    if len(stored.changes) >= stored.keep:
        run.drift_skipped += max(0, stored.changed - len(stored.changes))
    run.drift_count += record(run.connection, spec, stored, run=run)


def record(connection: Connection, spec: Spec, stored: Stored, *, run: SyncRun | None = None) -> int:
    """Keep the drift of some stored rows and return how much it was."""
    rule = rule_of(spec.resource)
    if rule is None or not (stored.changes or stored.returned):
        return 0
    findings = rule.findings(connection, stored.changes) if stored.changes else []
    keys = {finding.change.pk for finding in findings} | set(stored.returned)
    rows = spec.model._default_manager.in_bulk(keys)
    place: dict[str, Any] = {"connection": connection, "run": run, "resource": spec.resource}
    found = [
        Drift(
            **place,
            kind=kind,
            remote_id=change.remote_id,
            label=label_of(rule, rows[change.pk]),
            before={name: as_text(change.before[name]) for name in columns},
            after={name: as_text(change.after[name]) for name in columns},
        )
        for change, kind, columns in findings
    ]
    returned = (rows[pk] for pk in stored.returned)
    found += _of_rows(rule, returned, Kind.BACK, place)
    return len(Drift.objects.bulk_create(found))


def record_gone(run: SyncRun, spec: Spec, keys: Sequence[int], mark: str, now: datetime) -> None:
    """Keep which rows were just marked (`missing_since` or `withdrawn_at`) as far as there is room."""
    rule, left = rule_of(spec.resource), max(0, KEPT - run.drift_count)
    if rule is None or not keys:
        return
    rows = spec.model._default_manager.filter(pk__in=list(keys[:left]), **{mark: now}).order_by("pk")
    place: dict[str, Any] = {"connection": run.connection, "run": run, "resource": spec.resource}
    run.drift_count += len(Drift.objects.bulk_create(_of_rows(rule, rows, _GONE[mark], place)))
    run.drift_skipped += max(0, len(keys) - left)


def record_field(run: SyncRun, name: str) -> None:
    """Keep that a list carried a field never seen before."""
    Drift.objects.create(
        connection=run.connection, run=run, resource=run.resource, kind=Kind.UNKNOWN_FIELD, label=name
    )
    run.drift_count += 1


def _of_rows(
    rule: DriftRule, rows: Iterable[Mirrored], kind: Drift.Kind, place: dict[str, Any]
) -> list[Drift]:
    return [Drift(**place, kind=kind, remote_id=row.remote_id, label=label_of(rule, row)) for row in rows]
