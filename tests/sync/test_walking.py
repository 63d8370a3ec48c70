"""One run from its first page to its end: what is stored, what is concluded, how it fails."""

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
from smartbis_admin.sync.models import RowIssue, SyncRun, UnknownField
from smartbis_admin.sync.services import cancel_run
from tests.sync.platform import (
    Platform,
    Writes,
    ask,
    changed,
    claimed,
    customers,
    frozen,
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


def test_a_whole_list_is_mirrored_and_counted(account: Connection) -> None:
    run = sync(account, Platform(customers(25)))
    assert (run.state, run.reason, run.pages) == (State.DONE, "", 3)
    assert (run.rows_seen, run.rows_expected, run.rows_created, run.rows_changed) == (25, 25, 25, 0)
    assert (run.rows_missing, run.rows_withdrawn, run.rows_held, run.rows_back, run.issue_count) == (0,) * 5
    assert (run.position, run.seen, run.percent) == (None, None, 100)
    assert run.started_at is not None
    assert run.finished_at is not None
    assert run.started_at <= run.finished_at
    assert marks() == {str(number): "here" for number in range(1, 26)}


def test_an_empty_list_is_a_complete_one(account: Connection) -> None:
    run = sync(account, Platform([]))
    assert (run.state, run.rows_seen, run.pages, Customer.objects.count()) == (State.DONE, 0, 1, 0)


def test_a_second_run_writes_no_mirror_row(account: Connection) -> None:
    sync(account, Platform(customers(25)))
    before = frozen()
    with Writes("customers_customer") as writes:
        run = sync(account, Platform(customers(25)))
    assert (run.state, run.rows_seen, run.rows_created, run.rows_changed) == (State.DONE, 25, 0, 0)
    assert writes.statements == []
    assert frozen() == before


def test_a_second_run_writes_exactly_what_changed(account: Connection) -> None:
    sync(account, Platform(customers(25)))
    rows = customers(26)
    rows[11] = changed(rows[11], name="Outro nome")
    with Writes("customers_customer") as writes:
        run = sync(account, Platform(rows))
    assert (run.rows_created, run.rows_changed, len(writes.statements)) == (1, 1, 2)
    assert Customer.objects.get(remote_id="12").name == "Outro nome"


def test_bare_lists_end_with_a_short_page(account: Connection) -> None:
    run = sync(account, Platform(customers(25), enveloped=False))
    assert (run.state, run.rows_seen, run.rows_expected, run.percent) == (State.DONE, 25, None, 100)


def test_one_bad_row_costs_that_row_alone(account: Connection) -> None:
    sync(account, Platform(customers(25)))
    before = frozen()
    rows: list[Any] = customers(25)
    rows[7] = lost("8")
    for _night in range(2):
        run = sync(account, Platform(rows))
        assert (run.state, run.rows_seen, run.issue_count) == (State.DONE, 25, 1)
        issue = run.issues.get()
        assert (issue.remote_id, issue.field, issue.row_lost) == ("8", "points_balance", True)
    assert frozen() == before
    assert marks()["8"] == "here"


def test_a_row_without_a_readable_id_marks_nothing_as_missing(account: Connection) -> None:
    """It may be any of ours."""
    sync(account, Platform(customers(25)))
    rows: list[Any] = customers(25)
    rows[7] = lost(None)
    for _night in range(3):
        run = sync(account, Platform(rows))
        assert (run.state, run.reason) == (State.INCOMPLETE, "unreadable_ids")
    assert set(marks().values()) == {"here"}


def test_issues_are_kept_up_to_a_number_and_counted_beyond(
    account: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(walking, "KEPT_ISSUES", 14)
    run = sync(account, Platform([lost(str(number)) for number in range(1, 26)]))
    assert (run.state, run.rows_seen, run.issue_count, run.issues.count()) == (State.DONE, 25, 25, 14)


def test_a_list_of_nothing_but_unreadable_rows_is_a_fault(
    account: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(walking, "MOST_STRAYS", 20)
    run = sync(account, Platform([lost(str(number)) for number in range(1, 26)]))
    assert (run.state, run.reason, run.pages) == (State.FAILED, "Malformed", 2)


def test_fields_the_contract_does_not_describe_are_counted_over_runs(account: Connection) -> None:
    platform = Platform(customers(15))
    platform.unknown_fields = {"origin_system": 10, "links": 1}
    sync(account, platform)
    sync(account, platform)
    found = UnknownField.objects.filter(connection=account, resource="customers").order_by("name")
    assert list(found.values_list("name", "count")) == [("links", 4), ("origin_system", 40)]
    assert all(field.first_seen_at <= field.last_seen_at for field in found)


@pytest.mark.parametrize("cut", ["total", "last_page", "empty_page"])
def test_a_cut_listing_concludes_nothing(account: Connection, cut: str) -> None:
    sync(account, Platform(customers(25)))
    for _night in range(3):
        platform = Platform(customers(25))
        if cut == "total":
            platform = Platform(customers(14), total=25)
        elif cut == "empty_page":
            platform.hooks[3] = lambda it=platform: setattr(it, "rows", [])
        else:
            platform.hooks[2] = lambda it=platform: setattr(it, "rows", customers(12))
        run = sync(account, platform)
        assert (run.state, run.reason) == (State.INCOMPLETE, "cut_listing")
        assert (run.rows_missing, run.rows_withdrawn) == (0, 0)
    assert set(marks().values()) == {"here"}


def test_a_cut_listing_keeps_what_came(account: Connection) -> None:
    run = sync(account, Platform(customers(14), total=25))
    assert (run.state, run.rows_seen, run.rows_created, Customer.objects.count()) == (
        State.INCOMPLETE,
        14,
        14,
        14,
    )


class Whole(Platform):
    """A bare list that comes whole, whatever page is asked for."""

    def serve(self, number: int, per_page: int) -> Any:
        self.enveloped = False
        return super().serve(1, 1000)


@pytest.mark.parametrize("count", [9, 10, 11, 29])
def test_a_list_that_always_comes_whole_is_complete(account: Connection, count: int) -> None:
    """With exactly as many rows as asked for, it is read once more with another page size to be sure."""
    sync(account, Platform(customers(count + 1)))
    run = sync(account, Whole(customers(count)))
    assert (run.state, run.rows_seen, run.rows_missing) == (State.DONE, count, 1)
    assert run.paging_ignored == (count >= 10)
    assert [remote_id for remote_id, mark in marks().items() if mark == "missing"] == [str(count + 1)]


def test_a_first_page_that_always_comes_again_is_not_the_list(account: Connection) -> None:
    """Ten of twelve rows, and the second reading, of eight a page, brings eight: there is more."""
    sync(account, Platform(customers(12)))
    platform = Platform(customers(12), enveloped=False)
    platform.repeats = True
    run = sync(account, platform)
    assert (run.state, run.reason, run.paging_ignored) == (State.INCOMPLETE, "cut_listing", True)
    assert set(marks().values()) == {"here"}


def test_a_repeated_page_counts_each_row_once(account: Connection) -> None:
    platform = Platform(customers(25))
    platform.hooks[2] = lambda: setattr(
        platform, "rows", customers(10) + customers(10) + customers(5, start=21)
    )
    run = sync(account, platform)
    assert (run.state, run.reason, run.rows_seen, Customer.objects.count()) == (
        State.INCOMPLETE,
        "cut_listing",
        10,
        10,
    )


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
