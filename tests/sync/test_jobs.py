"""Doorbells, the nightly chain, and what the sweeper finds."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from celery import Celery, current_app
from django.utils import timezone
from django_celery_beat.models import CrontabSchedule, PeriodicTask
from kombu.exceptions import OperationalError
from pytest_django import DjangoCaptureOnCommitCallbacks

from smartbis_admin.connections.models import Connection
from smartbis_admin.sync import jobs, tasks
from smartbis_admin.sync.engine import resources, runs
from smartbis_admin.sync.models import SyncRun
from tests.sync.platform import ask, claimed

State = SyncRun.State
Trigger = SyncRun.Trigger
CHAIN = ["categories", "rewards", "customers", "vouchers"]
Doorbells = list[tuple[str, Any]]
pytestmark = pytest.mark.usefixtures("doorbells")


@pytest.fixture
def ring_now(django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks) -> Any:
    """Run something and let its doorbells ring."""

    def act(do: Any, *args: Any) -> Any:
        with django_capture_on_commit_callbacks(execute=True):
            return do(*args)

    return act


@pytest.fixture
def night(db: None) -> PeriodicTask:
    """The nightly chain at 03:15 in São Paulo, as beat keeps it."""
    crontab = CrontabSchedule.objects.create(minute="15", hour="3", timezone="America/Sao_Paulo")
    PeriodicTask.objects.filter(task=jobs.NIGHTLY_TASK).delete()
    return PeriodicTask.objects.create(name="nightly", task=jobs.NIGHTLY_TASK, crontab=crontab)


def rang(connection: Connection) -> tuple[str, list[int]]:
    return (jobs.RUN_TASK, [connection.pk])


def test_the_tasks_have_the_names_the_schedule_and_the_doorbell_use() -> None:
    assert (tasks.run.name, tasks.nightly.name) == (jobs.RUN_TASK, jobs.NIGHTLY_TASK)
    assert tasks.sweep.name == "smartbis_admin.sync.tasks.sweep"
    assert current_app.main == "smartbis_admin"


def test_every_list_is_registered_in_the_order_they_depend_on_each_other() -> None:
    assert [name for name in resources() if name in CHAIN] == CHAIN


def test_the_night_asks_for_every_list_of_every_live_connection(
    account: Connection, other_account: Connection, doorbells: Doorbells, ring_now: Any
) -> None:
    Connection.objects.filter(pk=other_account.pk).update(is_active=False)
    ring_now(jobs.nightly)
    asked = SyncRun.objects.order_by("pk")
    assert [(run.connection, run.resource, run.trigger, run.state) for run in asked] == [
        (account, resource, Trigger.NIGHTLY, State.REQUESTED) for resource in CHAIN
    ]
    assert doorbells == [rang(account)]


def test_a_night_asked_for_twice_is_one_night(account: Connection, ring_now: Any) -> None:
    ring_now(jobs.nightly)
    ring_now(jobs.nightly)
    assert SyncRun.objects.count() == 4


def test_a_doorbell_answered_does_one_run_and_rings_for_the_next(
    account: Connection, doorbells: Doorbells, ring_now: Any
) -> None:
    """The address is refused before anything leaves: every list fails, and the chain goes on past each."""
    Connection.objects.filter(pk=account.pk).update(base_url="http://shop.example.com/v2/")
    ring_now(jobs.nightly)
    for number in range(1, 5):
        doorbells.clear()
        ring_now(jobs.work, account.pk)
        failed = SyncRun.objects.filter(state=State.FAILED).order_by("pk")
        assert [(run.resource, run.reason) for run in failed] == [
            (resource, "Misconfigured") for resource in CHAIN[:number]
        ]
        assert doorbells == ([rang(account)] if number < 4 else [])


def test_a_doorbell_for_nothing_does_nothing(
    account: Connection, doorbells: Doorbells, ring_now: Any
) -> None:
    ring_now(jobs.work, account.pk)
    assert (SyncRun.objects.count(), doorbells) == (0, [])


def test_a_broker_that_is_away_leaves_the_run_waiting(
    account: Connection, monkeypatch: pytest.MonkeyPatch, ring_now: Any
) -> None:
    def refuse(*args: Any, **kwargs: Any) -> None:
        raise OperationalError("no broker")

    monkeypatch.setattr(Celery, "send_task", refuse)
    ring_now(jobs.request_all, account, Trigger.MANUAL)
    assert SyncRun.objects.filter(state=State.REQUESTED).count() == 4


# --- The sweeper ----------------------------------------------------------------------------------------
def test_the_sweeper_rings_where_a_message_was_lost(
    account: Connection, other_account: Connection, doorbells: Doorbells, ring_now: Any
) -> None:
    ask(account)
    last_chain(other_account, timezone.now())
    ring_now(jobs.sweep)
    assert doorbells == [rang(account)]


def test_the_sweeper_rings_for_a_run_whose_worker_died(
    account: Connection, doorbells: Doorbells, ring_now: Any
) -> None:
    run = claimed(account)
    ring_now(jobs.sweep)
    assert doorbells == []
    SyncRun.objects.filter(pk=run.pk).update(heartbeat_at=timezone.now() - timedelta(seconds=61))
    ring_now(jobs.sweep)
    assert doorbells == [rang(account)]


def test_the_sweeper_lets_a_run_rest_after_an_outage(
    account: Connection, doorbells: Doorbells, ring_now: Any
) -> None:
    run = claimed(account)
    runs.put_back(run, reason="Unreachable")
    ring_now(jobs.sweep)
    assert doorbells == []
    with time_machine.travel(timezone.now() + timedelta(minutes=1, seconds=1), tick=False):
        ring_now(jobs.sweep)
    assert doorbells == [rang(account)]


# --- A missed night ---------------------------------------------------------------------------------------
#: 03:15 in São Paulo is 06:15 UTC.
EVENING = datetime(2026, 3, 10, 21, 0, tzinfo=UTC)


def last_chain(connection: Connection, at: datetime, trigger: str = Trigger.NIGHTLY) -> None:
    run = SyncRun.objects.create(
        connection=connection, resource="customers", trigger=trigger, state=State.DONE, finished_at=at
    )
    SyncRun.objects.filter(pk=run.pk).update(requested_at=at)


@pytest.mark.parametrize(
    ("now", "caught_up"),
    [
        (datetime(2026, 3, 11, 6, 14, tzinfo=UTC), False),
        (datetime(2026, 3, 11, 8, 14, tzinfo=UTC), False),
        (datetime(2026, 3, 11, 8, 16, tzinfo=UTC), True),
        (datetime(2026, 3, 14, 12, 0, tzinfo=UTC), True),
    ],
)
@pytest.mark.parametrize("trigger", [Trigger.NIGHTLY, Trigger.FIRST])
def test_a_missed_night_is_caught_up_two_hours_after_it_was_due(
    account: Connection,
    night: PeriodicTask,
    doorbells: Doorbells,
    ring_now: Any,
    now: datetime,
    caught_up: bool,
    trigger: str,
) -> None:
    last_chain(account, EVENING, trigger)
    with time_machine.travel(now, tick=False):
        ring_now(jobs.sweep)
        ring_now(jobs.sweep)
    asked = SyncRun.objects.filter(state=State.REQUESTED).values_list("resource", "trigger")
    assert list(asked.order_by("pk")) == ([(name, "nightly") for name in CHAIN] if caught_up else [])
    assert (rang(account) in doorbells) == caught_up


def test_a_run_by_hand_does_not_stand_for_the_night(
    account: Connection, night: PeriodicTask, ring_now: Any
) -> None:
    last_chain(account, EVENING)
    last_chain(account, EVENING + timedelta(hours=14), Trigger.MANUAL)
    with time_machine.travel(EVENING + timedelta(hours=15), tick=False):
        ring_now(jobs.sweep)
    assert SyncRun.objects.filter(trigger=Trigger.NIGHTLY, state=State.REQUESTED).count() == 4


def test_a_new_connection_is_read_at_once_and_only_once(
    account: Connection, night: PeriodicTask, doorbells: Doorbells, ring_now: Any
) -> None:
    for _round in range(2):
        ring_now(jobs.sweep)
    asked = SyncRun.objects.filter(connection=account).order_by("pk").values_list("resource", "trigger")
    assert list(asked) == [(name, Trigger.FIRST) for name in CHAIN]
    assert doorbells[0] == rang(account)


def test_a_stopped_connection_is_not_read_first(account: Connection, ring_now: Any) -> None:
    Connection.objects.filter(pk=account.pk).update(blocked_at=timezone.now())
    ring_now(jobs.sweep)
    assert SyncRun.objects.count() == 0


@pytest.mark.parametrize("off", ["paused", "weekly", "no schedule"])
def test_a_night_that_was_not_due_is_not_caught_up(
    account: Connection, night: PeriodicTask, ring_now: Any, off: str
) -> None:
    last_chain(account, EVENING)
    if off == "paused":
        PeriodicTask.objects.update(enabled=False)
    elif off == "weekly":
        # The evening is a Tuesday; the chain now runs on Mondays.
        CrontabSchedule.objects.update(day_of_week="1")
    else:
        night.delete()
    with time_machine.travel(EVENING + timedelta(days=4), tick=False):
        ring_now(jobs.sweep)
        following = jobs.next_nightly()
    assert SyncRun.objects.filter(state=State.REQUESTED).count() == 0
    assert following == (datetime(2026, 3, 16, 6, 15, tzinfo=UTC) if off == "weekly" else None)


def test_the_next_night_is_read_from_the_schedule(night: PeriodicTask) -> None:
    with time_machine.travel(EVENING, tick=False):
        assert jobs.next_nightly() == datetime(2026, 3, 11, 6, 15, tzinfo=UTC)


def test_a_blocked_connection_is_left_alone_at_night(
    account: Connection, night: PeriodicTask, doorbells: Doorbells, ring_now: Any
) -> None:
    Connection.objects.filter(pk=account.pk).update(blocked_at=timezone.now())
    last_chain(account, timezone.now() - timedelta(days=3))
    ring_now(jobs.nightly)
    ring_now(jobs.sweep)
    assert (SyncRun.objects.filter(state=State.REQUESTED).count(), doorbells) == (0, [])
