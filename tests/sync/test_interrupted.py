"""A run that is stopped, fails, rests after an outage, and goes on."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError
from django.utils import timezone

from customers.models import Customer
from smartbis_admin.api.errors import (
    ApiError,
    Malformed,
    Misconfigured,
    NotAllowed,
    RateLimited,
    Refused,
    Unreachable,
)
from smartbis_admin.connections.models import Connection
from smartbis_admin.staff.models import AuditEvent
from smartbis_admin.sync.engine import execute, runs, walking
from smartbis_admin.sync.models import RowIssue, SyncRun
from smartbis_admin.sync.services import cancel_run
from tests.sync.platform import (
    Platform,
    ask,
    claimed,
    customers,
    lost,
    marks,
    mirror,
    sync,
)

pytestmark = pytest.mark.usefixtures("pages_of_ten")
State = SyncRun.State


def raising(error: BaseException) -> Any:
    def hook() -> None:
        raise error

    return hook


# --- Stopping -------------------------------------------------------------------------------------------
def test_a_cancelled_run_stops_before_it_stores_the_next_page(account: Connection) -> None:
    platform = Platform(customers(25))
    run = claimed(account)
    platform.hooks[2] = lambda: cancel_run(run=SyncRun.objects.get(pk=run.pk))
    execute(run, client=platform)
    run.refresh_from_db()
    assert (run.state, run.pages, run.rows_seen, Customer.objects.count()) == (State.CANCELLED, 1, 10, 10)
    assert platform.served == [1, 2]
    assert (run.position, run.seen) == (None, None)


def test_a_run_cancelled_after_its_last_page_concludes_nothing(account: Connection) -> None:
    sync(account, Platform(customers(25)))
    run = claimed(account)

    def cancel(seen: SyncRun) -> None:
        if seen.pages == 2:
            cancel_run(run=SyncRun.objects.get(pk=run.pk))

    execute(run, client=Platform(customers(20)), on_page=cancel)
    run.refresh_from_db()
    assert (run.state, set(marks().values())) == (State.CANCELLED, {"here"})


def test_ctrl_c_cancels_and_keeps_what_came(account: Connection) -> None:
    platform = Platform(customers(25))
    platform.hooks[3] = raising(KeyboardInterrupt())
    run = claimed(account)
    with pytest.raises(KeyboardInterrupt):
        execute(run, client=platform)
    run.refresh_from_db()
    assert (run.state, Customer.objects.count()) == (State.CANCELLED, 20)
    assert sync(account, Platform(customers(25))).state == State.DONE


# --- Failing --------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "error",
    [
        Malformed("nonsense", "ref1", "not_json"),
        Misconfigured("moved", "ref1", "redirect"),
        Refused("no", "ref1"),
    ],
)
def test_a_fault_that_time_does_not_mend_fails_the_run_and_keeps_what_came(
    account: Connection, error: ApiError
) -> None:
    sync(account, Platform(customers(25)))
    platform = Platform(customers(5))
    platform.rows = customers(25)[::-1]
    platform.hooks[2] = raising(error)
    run = sync(account, platform)
    assert (run.state, run.reason, run.reference) == (State.FAILED, type(error).__name__, "ref1")
    assert (run.cause, run.outages, run.finished_at is not None) == (error.reason, 0, True)
    assert set(marks().values()) == {"here"}
    account.refresh_from_db()
    assert (account.last_error, account.blocked_at) == (type(error).__name__, None)


def test_refused_credentials_stop_the_connection(account: Connection) -> None:
    platform = Platform(customers(25))
    platform.hooks[2] = raising(NotAllowed("no", "ref1", "credentials"))
    run = sync(account, platform)
    account.refresh_from_db()
    assert (run.state, run.reason, account.last_error) == (State.FAILED, "NotAllowed", "NotAllowed")
    assert account.blocked_at is not None
    assert AuditEvent.objects.get(action="connection.blocked").subject == f"connection:{account.pk}"
    ask(account)
    assert runs.next_run(account.pk) is None


@pytest.mark.parametrize(
    ("error", "rest"),
    [
        (Unreachable("gone", "ref1", "timeout"), timedelta(minutes=1)),
        (RateLimited("slow down", "ref1", retry_after=600), timedelta(minutes=10)),
        (OperationalError("database is locked"), timedelta(minutes=1)),
    ],
)
def test_an_outage_puts_the_run_back_where_it_stopped(
    account: Connection, error: Exception, rest: timedelta
) -> None:
    platform = Platform(customers(25))
    platform.hooks[3] = raising(error)
    before = timezone.now()
    run = sync(account, platform)
    assert (run.state, run.outages, run.rows_seen) == (State.REQUESTED, 1, 20)
    assert run.reason == ("database" if isinstance(error, OperationalError) else type(error).__name__)
    assert run.not_before is not None
    assert before + rest <= run.not_before <= timezone.now() + rest
    assert runs.next_run(account.pk) is None

    SyncRun.objects.filter(pk=run.pk).update(not_before=before)
    again = runs.next_run(account.pk)
    assert again == run
    execute(again, client=platform)
    assert (again.state, again.rows_seen, again.rows_created, again.reason) == (State.DONE, 25, 25, "")
    assert platform.served == [1, 2, 3]


def test_outages_end_as_a_failure_after_a_few_rests(account: Connection) -> None:
    run = ask(account)
    rests = []
    while run.state == State.REQUESTED:
        SyncRun.objects.filter(pk=run.pk).update(not_before=None)
        assert runs.claim(run)
        platform = Platform(customers(5))
        platform.hooks[1] = raising(Unreachable("gone"))
        execute(run, client=platform)
        run.refresh_from_db()
        rests.append(run.not_before and round((run.not_before - timezone.now()).total_seconds() / 60))
    assert (run.state, run.reason, rests) == (State.FAILED, "Unreachable", [1, 5, 15, 30, None])


def test_an_outage_gives_way_to_a_run_asked_for_meanwhile(account: Connection) -> None:
    platform = Platform(customers(25))
    run = claimed(account)

    def asked_again_then_gone() -> None:
        ask(account)
        raise Unreachable("gone")

    platform.hooks[2] = asked_again_then_gone
    execute(run, client=platform)
    run.refresh_from_db()
    assert (run.state, run.reason) == (State.FAILED, "Unreachable")
    assert SyncRun.objects.filter(state=State.REQUESTED).count() == 1


def test_a_fault_of_ours_fails_the_run_and_frees_the_list(account: Connection) -> None:
    platform = Platform(customers(25))
    platform.hooks[2] = raising(ZeroDivisionError())
    run = sync(account, platform)
    assert (run.state, run.reason, len(run.reference)) == (State.FAILED, "unexpected", 8)
    assert sync(account, Platform(customers(25))).state == State.DONE


def test_a_page_that_cannot_be_stored_leaves_no_half_of_it(account: Connection) -> None:
    """An error within the page's transaction takes the page back, and the position with it."""
    platform = Platform(customers(25))
    run = claimed(account)
    pages = []

    def break_second_page(seen: SyncRun) -> None:
        pages.append(seen.pages)
        platform.unknown_fields = {"x": 2**70}

    execute(run, client=platform, on_page=break_second_page)
    run.refresh_from_db()
    assert (pages, run.state, Customer.objects.count(), run.rows_seen) == ([1], State.FAILED, 10, 10)


def test_health_is_noted(account: Connection) -> None:
    sync(account, Platform(customers(5)))
    account.refresh_from_db()
    assert account.last_ok_at is not None
    assert account.last_error_at is None


# --- Going on -------------------------------------------------------------------------------------------
def test_progress_is_in_the_row_while_it_runs(account: Connection) -> None:
    run = claimed(account)
    seen = []

    def look(_run: SyncRun) -> None:
        row = SyncRun.objects.get(pk=run.pk)
        seen.append((row.state, row.pages, row.rows_seen, row.percent))

    execute(run, client=Platform(customers(25)), on_page=look)
    assert seen == [("running", 1, 10, 40), ("running", 2, 20, 80), ("running", 3, 25, 99)]


def test_a_resumed_run_counts_every_row_and_issue_once(
    account: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Between two checkpoints only counts are saved; pages read again bring their issues again."""
    monkeypatch.setattr(walking, "SMALL_MAP", -1)
    rows: list[Any] = [*customers(44), lost("45")]
    rows[12] = lost("13")
    platform = Platform(rows)
    platform.hooks[5] = raising(Unreachable("gone"))
    run = sync(account, platform)
    assert (run.pages, run.rows_seen, run.issue_count) == (4, 40, 1)
    SyncRun.objects.filter(pk=run.pk).update(not_before=None)
    assert runs.claim(run)
    execute(run, client=platform)
    # The only checkpoint was made with the first page.
    assert platform.served == [1, 2, 3, 4, 2, 3, 4, 5]
    assert (run.state, run.rows_seen, run.rows_created, run.issue_count) == (State.DONE, 45, 43, 2)
    assert list(RowIssue.objects.values_list("remote_id", flat=True)) == ["13", "45"]


def test_a_position_of_another_version_begins_anew(account: Connection) -> None:
    platform = Platform(customers(25))
    platform.hooks[3] = raising(Unreachable("gone"))
    run = sync(account, platform)
    SyncRun.objects.filter(pk=run.pk).update(not_before=None, position={"walk": {"page": "three"}})
    run.refresh_from_db()
    assert runs.claim(run)
    execute(run, client=platform)
    assert (run.state, run.rows_seen, platform.served) == (State.DONE, 25, [1, 2, 1, 2, 3])


def test_the_mirror_is_the_same_after_any_interruption(
    account: Connection, other_account: Connection
) -> None:
    rows: list[Any] = [*customers(30), lost("31")]
    sync(account, Platform(rows))
    undisturbed = mirror(connection=account)
    for page in (1, 2, 3, 4):
        platform = Platform(rows)
        platform.hooks[page] = raising(Unreachable("gone"))
        run = sync(other_account, platform)
        SyncRun.objects.filter(pk=run.pk).update(not_before=None)
        assert runs.claim(run)
        execute(run, client=platform)
        assert (run.state, run.rows_seen) == (State.DONE, 31)
    assert mirror(connection=other_account) == undisturbed
