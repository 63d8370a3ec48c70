"""What complete walks conclude: missing, withdrawn, back; the brake and the person who decides."""

from typing import Any

import pytest
from pytest_django import Settings

from customers.models import Customer
from smartbis_admin.connections.models import Connection
from smartbis_admin.staff.models import AuditEvent, User
from smartbis_admin.sync.engine import execute, store_records
from smartbis_admin.sync.models import SyncRun
from smartbis_admin.sync.services import NotDecidableError, accept_withdrawal, dismiss_withdrawal
from tests.sync.platform import Platform, claimed, customer, customers, frozen, marks, sync

pytestmark = pytest.mark.usefixtures("pages_of_ten")
State = SyncRun.State


def names(mark: str) -> list[str]:
    return sorted((remote_id for remote_id, found in marks().items() if found == mark), key=int)


def test_missed_once_is_missing_and_twice_in_a_row_withdrawn(account: Connection) -> None:
    sync(account, Platform(customers(25)))
    first = sync(account, Platform(customers(23)))
    assert (first.state, first.rows_missing, first.rows_withdrawn) == (State.DONE, 2, 0)
    assert names("missing") == ["24", "25"]
    since = Customer.objects.get(remote_id="24").missing_since
    second = sync(account, Platform(customers(23)))
    assert (second.state, second.rows_missing, second.rows_withdrawn) == (State.DONE, 0, 2)
    assert (names("missing"), names("withdrawn")) == ([], ["24", "25"])
    row = Customer.objects.get(remote_id="24")
    assert row.missing_since == since
    assert row.withdrawn_at == second.finished_at or row.withdrawn_at <= second.finished_at


def test_a_withdrawn_row_stays_as_it_is(account: Connection) -> None:
    sync(account, Platform(customers(25)))
    sync(account, Platform(customers(23)))
    sync(account, Platform(customers(23)))
    before = frozen()
    third = sync(account, Platform(customers(23)))
    assert (third.rows_missing, third.rows_withdrawn, frozen() == before) == (0, 0, True)


@pytest.mark.parametrize("missed", [1, 2])
def test_a_row_seen_again_comes_back(account: Connection, missed: int) -> None:
    sync(account, Platform(customers(25)))
    for _night in range(missed):
        sync(account, Platform(customers(24)))
    assert names("here") == [str(number) for number in range(1, 25)]
    back = sync(account, Platform(customers(25)))
    assert (back.rows_back, back.rows_created, back.rows_changed) == (1, 0, 0)
    assert set(marks().values()) == {"here"}
    # The count begins anew: one more miss is a first one.
    sync(account, Platform(customers(24)))
    assert names("missing") == ["25"]


def test_only_complete_walks_count_as_two_in_a_row(account: Connection) -> None:
    sync(account, Platform(customers(25)))
    sync(account, Platform(customers(24)))
    cut = sync(account, Platform(customers(14), total=24))
    assert (cut.state, names("missing"), names("withdrawn")) == (State.INCOMPLETE, ["25"], [])
    sync(account, Platform(customers(24)))
    assert names("withdrawn") == ["25"]


def test_a_cut_walk_that_saw_a_missing_row_brings_it_back(account: Connection) -> None:
    sync(account, Platform(customers(25)))
    sync(account, Platform(customers(25, start=2)))
    assert names("missing") == ["1"]
    assert sync(account, Platform(customers(14), total=24)).state == State.INCOMPLETE
    assert names("missing") == []


def test_rows_that_came_after_the_walk_began_are_not_missed_by_it(account: Connection) -> None:
    """A customer created at the till while the list is read, on a page already behind us."""
    sync(account, Platform(customers(25)))
    platform = Platform(customers(25))
    platform.hooks[2] = lambda: store_records(account, "customers", [customer(99)])
    run = sync(account, platform)
    assert (run.state, run.rows_missing, marks()["99"]) == (State.DONE, 0, "here")
    sync(account, Platform(customers(25)))
    assert marks()["99"] == "missing"


def test_a_row_looked_up_after_it_was_missed_is_not_withdrawn(account: Connection) -> None:
    sync(account, Platform(customers(25)))
    sync(account, Platform(customers(24)))
    store_records(account, "customers", [customer(25)])
    run = sync(account, Platform(customers(24)))
    assert (run.rows_missing, run.rows_withdrawn, marks()["25"]) == (1, 0, "missing")


def test_other_connections_are_left_alone(account: Connection, other_account: Connection) -> None:
    sync(account, Platform(customers(25)))
    sync(other_account, Platform([]))
    sync(other_account, Platform([]))
    assert set(marks().values()) == {"here"}


# --- The brake ------------------------------------------------------------------------------------------
def gone_twice(account: Connection, *, standing: int, gone: int) -> SyncRun:
    """`standing` rows of which `gone` are missed by two complete walks; the second one is returned."""
    sync(account, Platform(customers(standing)))
    sync(account, Platform(customers(standing - gone)))
    return sync(account, Platform(customers(standing - gone)))


@pytest.mark.parametrize(
    ("standing", "gone", "braked"),
    [
        (19, 19, False),  # everything, but fewer than 20 rows
        (20, 20, True),
        (25, 20, True),
        (99, 20, True),  # 20.2 %
        (100, 20, False),  # exactly 20 %
        (101, 20, False),
        (104, 21, True),  # 20.19 %
        (105, 21, False),  # exactly 20 %
    ],
)
def test_the_brake_holds_from_twenty_rows_and_above_twenty_per_cent(
    account: Connection, standing: int, gone: int, braked: bool
) -> None:
    run = gone_twice(account, standing=standing, gone=gone)
    if braked:
        assert (run.state, run.reason, run.rows_held, run.rows_withdrawn) == (
            State.NEEDS_ATTENTION,
            "brake",
            gone,
            0,
        )
        assert (len(names("missing")), len(names("withdrawn"))) == (gone, 0)
    else:
        assert (run.state, run.reason, run.rows_held, run.rows_withdrawn) == (State.DONE, "", 0, gone)
        assert (len(names("missing")), len(names("withdrawn"))) == (0, gone)


def test_rows_withdrawn_before_do_not_make_the_share_smaller(account: Connection) -> None:
    """100 standing rows of which 21 go: the 20 withdrawn before are not counted as standing."""
    gone_twice(account, standing=120, gone=20)
    sync(account, Platform(customers(79)))
    run = sync(account, Platform(customers(79)))
    assert (run.state, run.rows_held) == (State.NEEDS_ATTENTION, 21)


def test_the_share_and_the_number_are_settings(account: Connection, settings: Settings) -> None:
    settings.SYNC_BRAKE_ROWS = 2
    settings.SYNC_BRAKE_PERCENT = 50.0
    assert gone_twice(account, standing=10, gone=5).state == State.DONE
    assert gone_twice(account, standing=10, gone=6).state == State.NEEDS_ATTENTION


def test_while_nobody_decides_the_brake_holds_every_night(account: Connection) -> None:
    gone_twice(account, standing=40, gone=20)
    before = frozen()
    again = sync(account, Platform(customers(20)))
    assert (again.state, again.rows_held, frozen() == before) == (State.NEEDS_ATTENTION, 20, True)


def test_an_accepted_withdrawal_is_done_and_remembered(account: Connection, manager: User) -> None:
    run = gone_twice(account, standing=40, gone=20)
    accept_withdrawal(run=run, by=manager)
    assert (run.state, run.reason, run.rows_withdrawn) == (State.DONE, "withdrawal_accepted", 20)
    assert (run.decided_by, run.decided_at is not None, run.position, run.seen) == (manager, True, None, None)
    assert names("withdrawn") == [str(number) for number in range(21, 41)]
    event = AuditEvent.objects.get(action="sync.withdrawal_accepted")
    assert (event.actor, event.subject, event.details) == (
        manager,
        f"sync_run:{run.pk}",
        {"rows_missing": 0, "rows_withdrawn": 20},
    )


def test_a_dismissed_withdrawal_changes_no_row_and_is_remembered(account: Connection, manager: User) -> None:
    run = gone_twice(account, standing=40, gone=20)
    before = frozen()
    dismiss_withdrawal(run=run, by=manager)
    assert (run.state, run.reason, run.rows_withdrawn, run.decided_by) == (
        State.DONE,
        "withdrawal_dismissed",
        0,
        manager,
    )
    assert frozen() == before
    assert AuditEvent.objects.get(action="sync.withdrawal_dismissed").details == {"rows": 20}


def test_a_row_seen_again_before_the_decision_stays(account: Connection, manager: User) -> None:
    run = gone_twice(account, standing=40, gone=20)
    store_records(account, "customers", [customer(30)])
    accept_withdrawal(run=run, by=manager)
    assert (run.rows_withdrawn, marks()["30"], marks()["31"]) == (19, "missing", "withdrawn")


@pytest.mark.parametrize("decide", [accept_withdrawal, dismiss_withdrawal])
@pytest.mark.parametrize("newer", ["done", "running", "decided"])
def test_a_question_that_is_no_longer_open_cannot_be_decided(
    account: Connection, manager: User, decide: Any, newer: str
) -> None:
    run = gone_twice(account, standing=40, gone=20)
    if newer == "decided":
        dismiss_withdrawal(run=run, by=manager)
    elif newer == "running":
        claimed(account)
    else:
        sync(account, Platform(customers(40)))
    before, events = frozen(), AuditEvent.objects.count()
    run.refresh_from_db()
    state = run.state
    with pytest.raises(NotDecidableError):
        decide(run=run, by=manager)
    run.refresh_from_db()
    assert (run.state, frozen() == before, AuditEvent.objects.count()) == (state, True, events)


def test_a_waiting_run_does_not_close_the_question(account: Connection, manager: User) -> None:
    run = gone_twice(account, standing=40, gone=20)
    SyncRun.objects.create(connection=account, resource="customers")
    accept_withdrawal(run=run, by=manager)
    assert run.rows_withdrawn == 20


def test_a_walk_retired_at_its_end_concludes_nothing(account: Connection) -> None:
    sync(account, Platform(customers(25)))
    run = claimed(account)

    def lose_the_claim(seen: SyncRun) -> None:
        if seen.pages == 2:
            SyncRun.objects.filter(pk=run.pk).update(claim="another")

    execute(run, client=Platform(customers(20)), on_page=lose_the_claim)
    run.refresh_from_db()
    assert (run.state, set(marks().values())) == (State.RUNNING, {"here"})
