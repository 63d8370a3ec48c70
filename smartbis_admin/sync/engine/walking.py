"""Drives one claimed run from its first page to its end.

Every page is fetched outside any transaction, while the one before it is stored in a short one of its own
that begins by holding the claim. Whatever was stored stays. Source: `architecture.md` mechanism 1.
"""

import secrets
import time
from collections.abc import Callable
from contextlib import closing, suppress
from typing import Any, Protocol

import msgspec
import structlog
from django.conf import settings
from django.db import InterfaceError, OperationalError, close_old_connections, transaction
from django.db.models import F, Max
from django.utils import timezone

from smartbis_admin.api.capabilities import Resource
from smartbis_admin.api.errors import ApiError, Malformed, RateLimited, Refused, Unreachable
from smartbis_admin.api.records import Page
from smartbis_admin.api.walk import Step, Walk, WalkOutcome, WalkState
from smartbis_admin.connections.services import client_for, note_absent, note_error, note_ok
from smartbis_admin.sync.drift import recording
from smartbis_admin.sync.engine import runs, withdrawal
from smartbis_admin.sync.engine.ahead import Fetched, pages_of
from smartbis_admin.sync.engine.position import Position, stray_key
from smartbis_admin.sync.engine.preparing import Prepared, prepare
from smartbis_admin.sync.engine.seen import SeenRows
from smartbis_admin.sync.engine.specs import MirrorSpec, spec_of
from smartbis_admin.sync.engine.store import Stored, store_page
from smartbis_admin.sync.models import RowIssue, SyncRun, UnknownField

log = structlog.get_logger(__name__)
State = SyncRun.State

#: Rows asked for at a time: the contract's ceiling.
PER_PAGE = 250
#: Issues kept in full per run; the rest is only counted.
KEPT_ISSUES = 1000
#: Unreadable rows unknown here; more of them are no list any more.
MOST_STRAYS = 10_000
#: A map of seen rows up to this size (bytes) is saved with every page, a larger one every two seconds.
SMALL_MAP = 16_384
CHECKPOINT_EVERY = 2.0
_LARGEST_COUNT = 2**31 - 1


class Client(Protocol):
    """What the engine needs of a provider's client."""

    def walk(
        self, resource: Resource, *, state: WalkState | None = None, per_page: int = PER_PAGE
    ) -> Walk[Any]:
        """A walk over a list, from its start or from a saved state."""


def execute(
    run: SyncRun, *, client: Client | None = None, on_page: Callable[[SyncRun], None] | None = None
) -> None:
    """Bring a run we claimed to an end; the run's row says which. Raises only what no row could tell.

    `client` None: the connection's own. `on_page` is called after every stored page.
    """
    connection = run.connection
    try:
        with runs.kept_alive(run):
            runs.hold(run)
            if client is not None:
                Walker(run, client, on_page).walk_to_end()
            else:
                with closing(client_for(connection)) as own:
                    Walker(run, own, on_page).walk_to_end()
    except runs.Retired:
        log.warning("sync_retired", run=run.pk, resource=run.resource)
    except runs.Cancelled:
        runs.finish(run, State.CANCELLED)
    except (Unreachable, RateLimited) as error:
        note_error(connection, error)
        asked_to_wait = error.retry_after if isinstance(error, RateLimited) else 0
        wait = max(asked_to_wait, connection.spec.list_rest.total_seconds())
        runs.put_back(run, wait=wait, **_why(error))
    except ApiError as error:
        if isinstance(error, Refused) and error.code == "not_offered":
            note_absent(connection, run.resource)
            runs.finish(run, State.CANCELLED, reason=runs.Reason.NOT_OFFERED)
            return
        note_error(connection, error)
        runs.finish(run, State.FAILED, **_why(error))
    except (OperationalError, InterfaceError):
        # The database is away or locked. If it is still away, the run stays behind and is taken over.
        log.warning("sync_database_fault", run=run.pk, exc_info=True)
        if not transaction.get_connection().in_atomic_block:
            # A restarted server has forgotten our connection to it.
            close_old_connections()
        with suppress(OperationalError, InterfaceError):
            runs.put_back(run, reason=runs.Reason.DATABASE)
    except KeyboardInterrupt:
        runs.finish(run, State.CANCELLED)
        raise
    except Exception:
        reference = secrets.token_hex(4)
        log.exception("sync_failed", run=run.pk, resource=run.resource, reference=reference)
        runs.finish(run, State.FAILED, reason=runs.Reason.UNEXPECTED, reference=reference)


def _why(error: ApiError) -> dict[str, str]:
    return {"reason": type(error).__name__, "cause": error.reason, "reference": error.reference}


class Walker:
    """One pass of this process over a list: the walk, what it has seen, and the counts in its run's row."""

    def __init__(
        self, run: SyncRun, client: Client, on_page: Callable[[SyncRun], None] | None = None
    ) -> None:
        self.run = run
        self.spec: MirrorSpec = spec_of(run.resource)
        self._on_page = on_page
        self._saved_at = self._noted_at = float("-inf")
        saved = _saved_position(run)
        if saved is None:
            self.seen = SeenRows()
            self._upto = self.spec.rows(run.connection).aggregate(newest=Max("pk"))["newest"] or 0
            self._strays: set[str] = set()
            run.issue_count = 0
        else:
            self.seen = SeenRows(run.seen)
            self._upto = saved.upto
            self._strays = set(saved.strays)
            run.issue_count = saved.issues
        self._drop_issues_after(run.issue_count)
        self.walk: Walk[Any] = client.walk(
            self.spec.resource, state=saved.walk if saved else None, per_page=PER_PAGE
        )

    def walk_to_end(self) -> None:
        """Store page after page, then conclude what the walk allows."""
        with pages_of(self.walk, lambda page: prepare(self.spec, page.records)) as pages:
            while (fetched := pages.fetch()) is not None:
                self.take(fetched)
        note_ok(self.run.connection)
        if self.walk.outcome is WalkOutcome.INCOMPLETE:
            log.warning("sync_cut_listing", run=self.run.pk, why=self.walk.reason)
            why = {"reason": runs.Reason.CUT_LISTING, "cause": self.walk.reason}
            runs.finish(self.run, State.INCOMPLETE, **why)
        elif self.walk.state.rows_without_id:
            runs.finish(self.run, State.INCOMPLETE, reason=runs.Reason.UNREADABLE_IDS)
        else:
            withdrawal.conclude(self.run, self.spec, self.seen, self._upto)

    def take(self, fetched: Fetched[Prepared]) -> None:
        """Store a page, and the run's new position with it."""
        page, asked_at, prepared = fetched
        with transaction.atomic():
            runs.hold(self.run)
            keep = recording.room(self.run)
            stored = store_page(self.spec, self.run.connection, page, asked_at, keep=keep, prepared=prepared)
            self._record_issues(stored)
            recording.record_page(self.run, self.spec, stored)
            self._record_unknown_fields(page)
            self._advance(stored)
            self._save()
        if time.monotonic() - self._noted_at > settings.SYNC_STALE_AFTER:
            self._noted_at = time.monotonic()
            note_ok(self.run.connection)
        if self._on_page:
            self._on_page(self.run)

    def _advance(self, stored: Stored) -> None:
        """Tell the walk how much of the page was new in it, and add the page to the counts."""
        strays = {stray_key(remote_id) for remote_id in stored.strays} - self._strays
        self._strays |= strays
        if len(self._strays) > MOST_STRAYS:
            raise Malformed("too many rows cannot be read")
        step = self.walk.account(new=self.seen.add(stored.keys) + len(strays))
        if step is Step.RERUN:
            # The list is read once more from its start; what counts is what that pass sees.
            self.seen = SeenRows()
            self._strays = set()
        run, state = self.run, self.walk.state
        run.pages = state.pages
        run.rows_seen = state.rows
        run.rows_expected = None if state.total is None else min(state.total, _LARGEST_COUNT)
        run.paging_ignored = state.paging_ignored
        run.rows_created += stored.created
        run.rows_changed += stored.changed
        run.rows_back += stored.back
        run.issue_count += len(stored.issues)

    def _save(self) -> None:
        """Counts with every page; the position with the map of seen rows, at least every two seconds."""
        run = self.run
        names = ["pages", "rows_seen", "rows_expected", "paging_ignored"]
        names += ["rows_created", "rows_changed", "rows_back", "issue_count"]
        names += ["drift_count", "drift_skipped"]
        changes = {name: getattr(run, name) for name in names}
        now = time.monotonic()
        if self.seen.size <= SMALL_MAP or now - self._saved_at >= CHECKPOINT_EVERY:
            self._saved_at = now
            position = Position(
                walk=self.walk.state, upto=self._upto, issues=run.issue_count, strays=sorted(self._strays)
            )
            changes |= {"position": position.plain(), "seen": self.seen.pack()}
        runs.keep(run, **changes)

    def _record_issues(self, stored: Stored) -> None:
        room = max(0, KEPT_ISSUES - self.run.issue_count)
        RowIssue.objects.bulk_create(
            RowIssue(
                run=self.run,
                remote_id=(issue.remote_id or "")[:128],
                field=issue.field[:60],
                problem=issue.problem[:200],
                row_lost=issue.row_lost,
            )
            for issue in stored.issues[:room]
        )

    def _drop_issues_after(self, count: int) -> None:
        """Pages read again after a takeover bring their issues again."""
        kept = self.run.issues.order_by("pk").values_list("pk", flat=True)[: min(count, KEPT_ISSUES)]
        self.run.issues.exclude(pk__in=list(kept)).delete()

    def _record_unknown_fields(self, page: Page[Any]) -> None:
        for name, count in page.unknown_fields.items():
            place = {"connection": self.run.connection, "resource": self.run.resource, "name": name[:80]}
            changes = {"count": F("count") + count, "last_seen_at": timezone.now()}
            if not UnknownField.objects.filter(**place).update(**changes):
                UnknownField.objects.create(**place, count=count)
                recording.record_field(self.run, name[:80])


def _saved_position(run: SyncRun) -> Position | None:
    """Where to go on; None begins anew, also after a position that this version cannot read."""
    if run.position is None:
        return None
    try:
        return Position.of(run)
    except msgspec.ValidationError:
        log.warning("sync_position_unreadable", run=run.pk)
        return None
