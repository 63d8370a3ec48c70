"""One run from its first page to its end: what is stored, counted and concluded."""

from typing import Any

import pytest

from customers.models import Customer
from smartbis_admin.connections.models import Connection
from smartbis_admin.sync.engine import walking
from smartbis_admin.sync.models import SyncRun, UnknownField
from tests.sync.platform import (
    Platform,
    Writes,
    changed,
    customers,
    frozen,
    lost,
    marks,
    sync,
)

pytestmark = pytest.mark.usefixtures("pages_of_ten")
State = SyncRun.State


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
