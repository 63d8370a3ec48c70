"""Reading what changed: from where it goes on, what it stores, and that it concludes nothing."""

from datetime import datetime, timedelta
from typing import Any

import pytest
from django.utils import timezone
from pytest_django import Settings

from customers.models import Customer
from customers.points.models import PointsTransaction, TierChange
from sandbox.testing import SandboxServer
from smartbis_admin.api import transport
from smartbis_admin.api.smile import SmileClient
from smartbis_admin.connections.models import Connection
from smartbis_admin.connections.providers import Provider
from smartbis_admin.connections.services import client_for, create_connection
from smartbis_admin.sync import jobs
from smartbis_admin.sync.changed import OVERLAP, read_changed
from smartbis_admin.sync.engine import store_records
from smartbis_admin.sync.models import NewestReading, SyncRun
from smartbis_admin.sync.services import data_age
from tests.sync.test_platforms import synced, wallet
from vouchers.fulfilments.models import Fulfilment

pytestmark = pytest.mark.django_db
KEY = "sandbox_smile_current"


@pytest.fixture(autouse=True)
def _no_waits(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    monkeypatch.setattr(transport, "READ_WAITS", (0.0, 0.0, 0.0))
    settings.API_PACE = {"smile": 500.0, "smartpasses": 500.0}


class Shop:
    """An account of the shop at the sandbox, with tiers and one member."""

    def __init__(self, sandbox: SandboxServer) -> None:
        self.sandbox = sandbox
        sandbox.switch("rate_limit", "off", credential=KEY, vendor="smile")
        for name, milestone in (("Bronze", 0), ("Prata", 500), ("Ouro", 2000)):
            self.act("add_tier", name=name, milestone=milestone)
        self.ana = self.act("add_customer", email="ana@loja.test", first_name="Ana", points_balance=0)
        self.connection: Connection = create_connection(
            by=None,
            provider=Provider.SMILE,
            name="Loja virtual",
            base_url=sandbox.smile_base,
            credentials={"secret_key": KEY},
        )
        synced(self.connection)

    def act(self, action: str, **args: Any) -> Any:
        return self.sandbox.act(action, credential=KEY, vendor="smile", **args)

    def asked(self, path: str) -> int:
        """How often a list was asked for."""
        return sum(row["path"].endswith(path) for row in self.sandbox.log("smile"))

    def later(self, minutes: int) -> None:
        """Let our runs and readings have been so long ago, at the platform too."""
        step = timedelta(minutes=minutes)
        for run in SyncRun.objects.all():
            SyncRun.objects.filter(pk=run.pk).update(started_at=(run.started_at or timezone.now()) - step)
        for row in NewestReading.objects.exclude(known_until=None):
            NewestReading.objects.filter(pk=row.pk).update(known_until=row.known_until - step)


@pytest.fixture
def shop(sandbox: SandboxServer) -> Shop:
    return Shop(sandbox)


def known_until(resource: str) -> datetime:
    moment = NewestReading.objects.get(resource=resource).known_until
    assert moment is not None
    return moment


def test_it_brings_what_changed_since_the_last_time_and_nothing_else(shop: Shop) -> None:
    shop.act("credit", customer_id=shop.ana["id"], points=70, description="Presente")
    shop.act("fulfil", customer_id=shop.ana["id"], name="Frete grátis", code="FRETE-1")
    for resource in ("points_transactions", "fulfilments", "customers"):
        jobs.newest_everywhere(resource)
    assert list(PointsTransaction.objects.values_list("points_change", "description")) == [(70, "Presente")]
    assert Fulfilment.objects.get().code == "FRETE-1"
    assert Customer.objects.get().points_balance == 70
    began = known_until("points_transactions")
    assert timezone.now() - began < timedelta(minutes=1)
    # Once more: the overlap brings the same row, which is not written again.
    NewestReading.objects.update(known_until=began - timedelta(minutes=1))
    reading = read_changed(shop.connection, "points_transactions")
    assert reading is not None
    assert (reading.rows_created, reading.rows_changed, reading.reason) == (0, 0, "")
    # The platform tells its clock in whole seconds.
    assert abs(known_until("points_transactions") - timezone.now()) < timedelta(seconds=10)


def test_the_question_names_the_last_beginning_less_the_overlap(shop: Shop) -> None:
    asked: list[datetime] = []

    class Listening:
        clock_skew = 90.0

        def walk(self, resource: str, **how: Any) -> Any:
            asked.append(how["since"])
            return client_for(shop.connection, SmileClient).walk(resource, **how)  # type: ignore[arg-type]

    run = SyncRun.objects.get(resource="customers")
    assert run.started_at is not None
    read_changed(shop.connection, "customers", client=Listening())
    assert asked == [run.started_at - OVERLAP]
    first = known_until("customers")
    # By the platform's clock, which is ahead.
    assert timedelta(seconds=80) < first - timezone.now() < timedelta(seconds=100)
    read_changed(shop.connection, "customers", client=Listening())
    assert asked[1] == first - OVERLAP


def test_a_failure_moves_nothing_and_the_next_reading_begins_where_it_did(shop: Shop) -> None:
    run = SyncRun.objects.get(resource="points_transactions")
    shop.act("credit", customer_id=shop.ana["id"], points=5)
    shop.sandbox.fault("error_before", method="GET", path="*points_transactions*", times=4, vendor="smile")
    reading = read_changed(shop.connection, "points_transactions")
    assert reading is not None
    assert (reading.reason, reading.started_at, reading.known_until) == ("Unreachable", None, run.started_at)
    assert PointsTransaction.objects.count() == 0
    read_changed(shop.connection, "points_transactions")
    assert PointsTransaction.objects.count() == 1


def test_what_it_does_not_bring_stays_and_no_age_changes(shop: Shop) -> None:
    age = data_age(shop.connection, "customers")
    shop.act("remove_customer", customer_id=shop.ana["id"])
    shop.later(60)
    for _time in range(3):
        read_changed(shop.connection, "customers")
    assert list(Customer.objects.values_list("missing_since", "withdrawn_at")) == [(None, None)]
    assert data_age(shop.connection, "customers") == age


def test_it_stays_away_from_lists_never_read_from_running_runs_and_from_a_rival(shop: Shop) -> None:
    SyncRun.objects.filter(resource="fulfilments").delete()
    assert read_changed(shop.connection, "fulfilments") is None
    run = SyncRun.objects.filter(resource="customers")
    run.update(state=SyncRun.State.RUNNING)
    assert read_changed(shop.connection, "points_transactions") is None
    run.update(state=SyncRun.State.DONE)
    NewestReading.objects.create(connection=shop.connection, resource="customers", started_at=timezone.now())
    assert read_changed(shop.connection, "customers") is None
    assert shop.asked("/points_transactions") == 1


def test_a_list_without_changes_to_ask_for_is_left_alone(shop: Shop) -> None:
    before = len(shop.sandbox.log("smile"))
    jobs.newest_everywhere("points_products")
    jobs.newest_everywhere("vouchers")
    assert len(shop.sandbox.log("smile")) == before


# --- Moves between tiers ------------------------------------------------------------------------------
def test_a_move_between_tiers_is_kept_once_whoever_reads_it(shop: Shop) -> None:
    before = Customer.objects.get().tier_remote_id
    shop.act("credit", customer_id=shop.ana["id"], points=600)
    read_changed(shop.connection, "customers")
    after = Customer.objects.get().tier_remote_id
    assert before != after
    moves = TierChange.objects.values_list("customer_remote_id", "previous_remote_id", "current_remote_id")
    assert list(moves) == [(str(shop.ana["id"]), before, after)]
    read_changed(shop.connection, "customers")
    synced(shop.connection)
    record = client_for(shop.connection, SmileClient).read_customer(str(shop.ana["id"]))
    assert record is not None
    store_records(shop.connection, "customers", [record])
    assert TierChange.objects.count() == 1


def test_older_news_is_no_move(shop: Shop) -> None:
    old = client_for(shop.connection, SmileClient).read_customer(str(shop.ana["id"]))
    assert old is not None
    asked_at = timezone.now()
    shop.act("credit", customer_id=shop.ana["id"], points=600)
    read_changed(shop.connection, "customers")
    store_records(shop.connection, "customers", [old], known_at=asked_at)
    assert TierChange.objects.count() == 1


def test_a_first_reading_is_no_move(shop: Shop) -> None:
    assert Customer.objects.get().tier_remote_id is not None
    assert TierChange.objects.count() == 0


# --- A list that comes whole ---------------------------------------------------------------------------
def test_a_whole_list_is_not_read_by_itself_again_within_a_quarter_of_an_hour(sandbox: SandboxServer) -> None:
    connection = wallet(sandbox)
    synced(connection)

    def lists() -> int:
        return len([row for row in sandbox.log("smartpasses") if row["method"] == "GET"])

    assert lists() == 2
    jobs.sync_everywhere("customers")
    assert jobs.request_all(connection, SyncRun.Trigger.NIGHTLY) == []
    assert lists() == 2
    # A person may.
    synced(connection)
    assert lists() == 4
    SyncRun.objects.update(started_at=timezone.now() - timedelta(minutes=16))
    jobs.sync_everywhere("customers")
    assert lists() == 5


def test_after_an_outage_a_whole_list_rests_as_long(sandbox: SandboxServer) -> None:
    connection = wallet(sandbox)
    sandbox.fault("error_before", method="GET", path="*customers*", times=4, vendor="smartpasses")
    run = synced(connection)["customers"]
    assert run.not_before is not None
    assert timedelta(minutes=14) < run.not_before - timezone.now() <= timedelta(minutes=15)
