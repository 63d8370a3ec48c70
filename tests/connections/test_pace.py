"""The shared pace: nobody's calls together leave faster than the ceiling, and a high ceiling costs few writes."""

from typing import Any

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext

from smartbis_admin.connections import wire
from smartbis_admin.connections.models import Connection, WireState
from smartbis_admin.connections.services import create_connection
from smartbis_admin.connections.wire import DatabasePace

NOON = 1_800_000_000.0


class Clock:
    """A clock that only sleeping moves."""

    def __init__(self) -> None:
        self.now = NOON

    def time(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(wire.time, "time", clock.time)
    monkeypatch.setattr(wire.time, "sleep", clock.sleep)
    return clock


@pytest.fixture
def account(db: None) -> Connection:
    return create_connection(
        by=None, provider="smartbis", name="Conta", base_url="http://127.0.0.1:9/v2/", credentials={}
    )


def left(pace: DatabasePace, clock: Clock, calls: int) -> list[float]:
    """When so many calls left, in seconds after noon."""
    moments = []
    for _call in range(calls):
        pace.wait()
        moments.append(round(clock.now - NOON, 3))
    return moments


def pace(account: Connection, **given: Any) -> DatabasePace:
    return DatabasePace(account.pk, **({"per_second": 5.0, "interactive": False} | given))


def test_nightly_calls_leave_one_by_one(account: Connection, clock: Clock) -> None:
    assert left(pace(account), clock, 4) == [0.0, 0.2, 0.4, 0.6]


def test_a_person_may_use_a_short_burst(account: Connection, clock: Clock) -> None:
    assert left(pace(account, interactive=True), clock, 7) == [0.0] * 5 + [0.2, 0.4]


@pytest.mark.parametrize(("per_second", "writes"), [(5.0, 20), (50.0, 2), (1000.0, 2)])
def test_a_high_ceiling_costs_few_writes(
    account: Connection, clock: Clock, per_second: float, writes: int
) -> None:
    with CaptureQueriesContext(database) as queries:
        moments = left(pace(account, per_second=per_second), clock, 20)
    assert moments == [round(call / per_second, 3) for call in range(20)]
    assert sum(query["sql"].startswith("UPDATE") for query in queries.captured_queries) == writes


def test_two_processes_share_the_ceiling(account: Connection, clock: Clock) -> None:
    """Places one has reserved are not the other's, and a till waits for no more than those."""
    first, second = pace(account, per_second=50.0), pace(account, per_second=50.0)
    assert left(first, clock, 2) == [0.0, 0.02]
    assert left(second, clock, 1) == [0.2]
    assert left(first, clock, 1) == [0.2]
    till = pace(account, per_second=50.0, interactive=True)
    assert left(till, clock, 1) == [0.32]


def test_no_more_is_held_at_a_higher_ceiling(account: Connection, clock: Clock) -> None:
    first, second = pace(account, per_second=1000.0), pace(account, per_second=1000.0)
    assert left(first, clock, 1) == [0.0]
    assert left(second, clock, 1) == [0.01]


def test_places_that_passed_unused_are_no_burst(account: Connection, clock: Clock) -> None:
    it = pace(account, per_second=50.0)
    assert left(it, clock, 1) == [0.0]
    clock.sleep(60)
    assert left(it, clock, 3) == [60.0, 60.02, 60.04]


def test_a_refusal_holds_back_what_was_reserved(account: Connection, clock: Clock) -> None:
    it = pace(account, per_second=50.0)
    assert left(it, clock, 1) == [0.0]
    it.penalise(7)
    assert left(it, clock, 2) == [7.0, 7.02]
    assert WireState.objects.get(pk=account.pk).next_call_at == pytest.approx(NOON + 7.2)
