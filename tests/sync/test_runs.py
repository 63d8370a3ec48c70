"""Who may walk a list: claims, rivals in the gap, dead processes, retired ones. Races are forced."""

import time
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError
from django.db.models import QuerySet
from django.utils import timezone
from pytest_django import Settings

from smartbis_admin.connections.models import Connection
from smartbis_admin.staff.models import User
from smartbis_admin.sync.engine import execute, request_run, runs
from smartbis_admin.sync.models import SyncRun
from tests.sync.platform import Platform, ask, claimed, customers, frozen, marks, sync

pytestmark = pytest.mark.usefixtures("pages_of_ten")
State = SyncRun.State
Trigger = SyncRun.Trigger


def same(run: SyncRun) -> SyncRun:
    """The row as another process reads it."""
    return SyncRun.objects.get(pk=run.pk)


def die(run: SyncRun, ago: timedelta = timedelta(minutes=2)) -> None:
    """Its process has not been heard of for so long."""
    SyncRun.objects.filter(pk=run.pk).update(heartbeat_at=timezone.now() - ago)


def in_the_gap(monkeypatch: pytest.MonkeyPatch, rival: Callable[[], object]) -> None:
    """Let the rival act once between a claim's reading and its writing."""
    original = runs._new_lease
    waiting = [rival]

    def new_lease(*args: Any) -> dict[str, Any]:
        if waiting:
            waiting.pop()()
        return original(*args)

    monkeypatch.setattr(runs, "_new_lease", new_lease)


# --- Asking ---------------------------------------------------------------------------------------------
def test_asked_for_twice_it_is_one_run(account: Connection, manager: User) -> None:
    first = request_run(connection=account, resource="customers", trigger=Trigger.NIGHTLY)
    again = request_run(
        connection=account, resource="customers", trigger=Trigger.MANUAL, requested_by=manager
    )
    assert (again, again.trigger, again.requested_by) == (first, Trigger.NIGHTLY, None)
    assert SyncRun.objects.count() == 1


def test_while_one_runs_another_may_wait(account: Connection) -> None:
    running = claimed(account)
    waiting = ask(account)
    assert waiting != running
    assert not runs.claim(waiting)
    assert (same(waiting).state, same(running).state) == (State.REQUESTED, State.RUNNING)


def test_a_person_ends_the_rest_after_an_outage_and_the_schedule_does_not(account: Connection) -> None:
    run = ask(account)
    later = timezone.now() + timedelta(minutes=5)
    SyncRun.objects.update(not_before=later)
    request_run(connection=account, resource="customers", trigger=Trigger.NIGHTLY)
    assert same(run).not_before == later
    ask(account)
    assert same(run).not_before is None


def test_asking_survives_a_claim_in_the_gap(account: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    """The waiting run is claimed after our insert was refused and before we look for it."""
    waiting = ask(account)
    refused = SyncRun.objects.get_or_create
    calls = []

    def get_or_create(**kwargs: Any) -> Any:
        calls.append(kwargs)
        if len(calls) == 1:
            assert runs.claim(waiting)
            raise IntegrityError
        return refused(**kwargs)

    monkeypatch.setattr(SyncRun.objects, "get_or_create", get_or_create)
    run = ask(account)
    assert (run != waiting, run.state, len(calls)) == (True, State.REQUESTED, 2)


# --- Claiming -------------------------------------------------------------------------------------------
def test_a_claimed_run_has_a_word_and_a_beat(account: Connection) -> None:
    run = claimed(account)
    assert (run.state, len(run.claim), run.started_at, run.outages) == (
        State.RUNNING,
        32,
        run.heartbeat_at,
        0,
    )


def test_of_two_workers_one_claims(account: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    mine = ask(account)
    theirs = same(mine)
    in_the_gap(monkeypatch, lambda: runs.claim(theirs))
    assert not runs.claim(mine)
    assert (same(mine).claim, same(mine).state) == (theirs.claim, State.RUNNING)
    assert runs.mine(theirs).exists()


@pytest.mark.parametrize("resource", ["customers", "vouchers"])
def test_the_database_forbids_two_running_runs_of_one_connection(account: Connection, resource: str) -> None:
    claimed(account)
    waiting = ask(account, resource)
    with pytest.raises(IntegrityError, match=r"sync_syncrun|one_running_sync"):
        SyncRun.objects.filter(pk=waiting.pk).update(state=State.RUNNING)


def test_one_list_at_a_time_on_a_connection(account: Connection, other_account: Connection) -> None:
    claimed(account, "categories")
    ask(account, "customers")
    ask(other_account, "customers")
    assert runs.next_run(account.pk) is None
    other = runs.next_run(other_account.pk)
    assert other is not None
    assert other.connection == other_account


def test_runs_are_taken_in_the_order_they_were_asked_for(account: Connection) -> None:
    for resource in ("rewards", "categories", "vouchers"):
        ask(account, resource)
    taken = []
    while run := runs.next_run(account.pk):
        taken.append(run.resource)
        runs.finish(run, State.FAILED)
    assert taken == ["rewards", "categories", "vouchers"]


@pytest.mark.parametrize("stopped", [{"is_active": False}, {"blocked_at": timezone.now()}])
def test_nothing_is_taken_for_a_connection_that_is_off(account: Connection, stopped: dict[str, Any]) -> None:
    ask(account)
    Connection.objects.filter(pk=account.pk).update(**stopped)
    assert runs.next_run(account.pk) is None


# --- Taking over ----------------------------------------------------------------------------------------
def test_a_run_that_beats_is_not_taken_over(account: Connection) -> None:
    run = claimed(account)
    die(run, ago=timedelta(seconds=59))
    assert not runs.take_over(same(run))
    assert runs.next_run(account.pk) is None
    assert same(run).claim == run.claim


def test_a_dead_run_is_taken_over_before_a_waiting_one(account: Connection) -> None:
    run = claimed(account)
    ask(account, "vouchers")
    die(run)
    taken = runs.next_run(account.pk)
    assert taken == run
    assert (taken.claim != run.claim, taken.outages, taken.state) == (True, 1, State.RUNNING)


def test_of_two_workers_one_takes_over(account: Connection, monkeypatch: pytest.MonkeyPatch) -> None:
    run = claimed(account)
    die(run)
    mine, theirs = same(run), same(run)
    in_the_gap(monkeypatch, lambda: runs.take_over(theirs))
    assert not runs.take_over(mine)
    assert (same(run).claim, same(run).outages) == (theirs.claim, 1)


def test_a_process_that_beats_in_the_gap_keeps_its_run(
    account: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = claimed(account)
    die(run)
    in_the_gap(monkeypatch, lambda: runs.hold(run))
    assert not runs.take_over(same(run))
    assert runs.mine(run).exists()


def test_a_run_whose_processes_die_again_and_again_fails(account: Connection) -> None:
    run = claimed(account)
    taken = 0
    die(run)
    while next_one := runs.next_run(account.pk):
        assert next_one == run
        taken += 1
        die(run)
    last = same(run)
    assert (taken, last.state, last.reason) == (len(runs.RESTS), State.FAILED, "interrupted")
    assert last.finished_at is not None


def test_a_taken_over_run_goes_on_at_the_saved_page(account: Connection) -> None:
    class Killed(BaseException):
        pass

    platform = Platform(customers(45))

    def killed() -> None:
        raise Killed

    platform.hooks[4] = killed
    run = claimed(account)
    with pytest.raises(Killed):
        execute(run, client=platform)
    assert same(run).state == State.RUNNING
    die(run)
    taken = runs.next_run(account.pk)
    assert taken is not None
    execute(taken, client=platform)
    assert platform.served == [1, 2, 3, 4, 5]
    assert (taken.state, taken.rows_seen, taken.rows_created) == (State.DONE, 45, 45)
    assert set(marks().values()) == {"here"}


def test_the_time_a_run_lay_still_is_kept_apart(account: Connection) -> None:
    run = claimed(account)
    assert same(run).rested == timedelta()
    for minutes in (2, 3):
        die(run, ago=timedelta(minutes=minutes))
        assert runs.take_over(same(run))
    rested = same(run).rested
    assert timedelta(minutes=5) <= rested < timedelta(minutes=5, seconds=20)
    die(run, ago=runs.RESUME_WITHIN + timedelta(minutes=1))
    assert runs.take_over(same(run))
    assert same(run).rested == timedelta()


def test_after_a_long_pause_the_walk_begins_anew(account: Connection) -> None:
    """Half a picture of this morning and half of this evening are no picture."""
    platform = Platform(customers(45))
    run = claimed(account)
    execute(run, client=platform, on_page=lambda seen: SyncRun.objects.filter(pk=seen.pk).update(claim="x"))
    die(run, ago=timedelta(minutes=61))
    taken = runs.next_run(account.pk)
    assert taken is not None
    assert (taken.position, taken.seen, taken.pages, taken.rows_seen) == (None, None, 0, 0)
    execute(taken, client=platform)
    assert (taken.state, taken.rows_seen, platform.served) == (State.DONE, 45, [1, 2, 1, 2, 3, 4, 5])


# --- Being retired --------------------------------------------------------------------------------------
def two_walkers(account: Connection) -> tuple[SyncRun, Platform]:
    """A slow worker reads an old answer of 25 rows; before its third page it is taken over by a quick one
    that sees all 30. Returns the run after both are through."""
    sync(account, Platform(customers(30)))
    slow, quick = Platform(customers(25)), Platform(customers(30))
    run = claimed(account)

    def taken_over() -> None:
        die(run)
        taken = runs.next_run(account.pk)
        assert taken is not None
        execute(taken, client=quick)
        assert same(run).state == State.DONE

    slow.hooks[3] = taken_over
    execute(run, client=slow)
    # The last page was full, so the one behind it is asked for as well.
    assert quick.served == [3, 4]
    return same(run), slow


def test_a_retired_worker_stops_and_writes_nothing(account: Connection) -> None:
    run, slow = two_walkers(account)
    assert (run.state, run.rows_seen, run.rows_expected, run.rows_missing) == (State.DONE, 30, 30, 0)
    assert set(marks().values()) == {"here"}
    assert slow.served == [1, 2, 3]


def test_without_the_claim_check_a_retired_worker_would_do_harm(
    account: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The proof that the test above proves something: with the guard off its every assertion is wrong."""

    def anybodys(run: SyncRun) -> QuerySet[SyncRun]:
        return SyncRun.objects.filter(pk=run.pk)

    monkeypatch.setattr(runs, "mine", anybodys)
    monkeypatch.setattr(runs, "hold", lambda run: anybodys(run).update(heartbeat_at=timezone.now()))
    monkeypatch.setattr(runs, "keep", lambda run, **changes: anybodys(run).update(**changes))
    run, _slow = two_walkers(account)
    assert (run.rows_seen, run.rows_expected, run.rows_missing) == (25, 25, 5)
    assert sorted(key for key, mark in marks().items() if mark == "missing") == ["26", "27", "28", "29", "30"]


@pytest.mark.parametrize("ending", ["fails", "put back", "cancelled"])
def test_a_retired_worker_cannot_end_the_run_of_another(account: Connection, ending: str) -> None:
    run = claimed(account)
    SyncRun.objects.filter(pk=run.pk).update(claim="another", cancel_requested=ending == "cancelled")
    if ending == "fails":
        assert not runs.finish(run, State.FAILED, reason="unexpected")
    elif ending == "put back":
        assert not runs.put_back(run, reason="Unreachable")
    else:
        execute(run, client=Platform(customers(5)))
    row = same(run)
    assert (row.state, row.claim, row.reason, row.outages) == (State.RUNNING, "another", "", 0)
    assert frozen() == []


# --- Beating --------------------------------------------------------------------------------------------
@pytest.mark.django_db(transaction=True)
def test_a_slow_page_beats_while_it_is_waited_for(account: Connection, settings: Settings) -> None:
    settings.SYNC_STALE_AFTER = 0.2
    platform = Platform(customers(5))
    run = claimed(account)
    beats = []

    def wait_for_two_beats() -> None:
        deadline = time.monotonic() + 20
        last = same(run).heartbeat_at
        while len(beats) < 2 and time.monotonic() < deadline:
            now = same(run).heartbeat_at
            if now != last:
                beats.append(now)
                last = now

    platform.hooks[1] = wait_for_two_beats
    execute(run, client=platform)
    assert (len(beats), run.state) == (2, State.DONE)
