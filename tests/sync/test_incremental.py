"""Reading the newest pages: what it brings, what it never concludes, and when it stays away."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from customers.models import Customer
from sandbox.testing import SandboxServer
from smartbis_admin.api.errors import Unreachable
from smartbis_admin.connections.models import Connection
from smartbis_admin.staff.models import User
from smartbis_admin.sync import jobs, schedules
from smartbis_admin.sync.engine import execute
from smartbis_admin.sync.models import Drift, NewestReading, SyncRun
from smartbis_admin.sync.newest import read_newest
from smartbis_admin.sync.services import data_age
from tests.sync.platform import Platform, ask, changed, claimed, customers, marks, sync

pytestmark = pytest.mark.usefixtures("pages_of_ten")


def read(connection: Connection, platform: Any) -> NewestReading:
    reading = read_newest(connection, "customers", client=platform)
    assert reading is not None
    return reading


def test_a_list_never_read_completely_is_left_to_the_first_run(account: Connection) -> None:
    platform = Platform(customers(5))
    assert read_newest(account, "customers", client=platform) is None
    assert (platform.served, NewestReading.objects.count()) == ([], 0)


@pytest.mark.parametrize("enveloped", [True, False])
def test_the_end_of_the_list_brings_what_is_new(account: Connection, enveloped: bool) -> None:
    sync(account, Platform(customers(35), enveloped=enveloped))
    platform = Platform(customers(52), enveloped=enveloped)
    reading = read(account, platform)
    assert (reading.rows_created, reading.rows_changed, reading.last_page) == (17, 0, 6)
    assert Customer.objects.count() == 52
    # Forward from the page that was the last one to the end, then one page back, which brings nothing new.
    assert platform.served == [4, 5, 6, 3]


def test_an_unchanged_end_costs_two_pages_and_writes_no_row(account: Connection) -> None:
    sync(account, Platform(customers(35)))
    platform = Platform(customers(35))
    reading = read(account, platform)
    assert (platform.served, reading.rows_created, reading.rows_changed) == ([4, 3], 0, 0)


def test_a_list_that_grew_much_is_caught_up_with_by_the_next_readings(account: Connection) -> None:
    sync(account, Platform(customers(10)))
    platform = Platform(customers(95))
    pages = [read(account, platform).last_page for _time in range(2)]
    assert (pages, Customer.objects.count()) == ([5, 9], 90)
    assert read(account, platform).last_page == 10
    assert Customer.objects.count() == 95


def test_it_concludes_nothing_from_what_it_did_not_bring(account: Connection) -> None:
    sync(account, Platform(customers(35)))
    age = data_age(account, "customers")
    for _time in range(3):
        read(account, Platform(customers(20)))
    assert set(marks().values()) == {"here"}
    assert data_age(account, "customers") == age
    assert SyncRun.objects.count() == 1


def test_a_missing_row_it_brings_is_back(account: Connection) -> None:
    sync(account, Platform(customers(35)))
    sync(account, Platform(customers(34)))
    assert marks()["35"] == "missing"
    read(account, Platform(customers(35)))
    assert marks()["35"] == "here"
    assert list(Drift.objects.order_by("pk").values_list("kind", "run_id", "remote_id")) == [
        ("missing", SyncRun.objects.order_by("-pk")[0].pk, "35"),
        ("back", None, "35"),
    ]


def test_what_changed_on_its_pages_is_kept_as_drift(account: Connection) -> None:
    sync(account, Platform(customers(15)))
    people = customers(15)
    people[14] = changed(people[14], name="Outra Pessoa")
    assert read(account, Platform(people)).rows_changed == 1
    kept = Drift.objects.get()
    assert (kept.kind, kept.run, kept.after) == ("changed", None, {"name": "Outra Pessoa"})


def test_it_stays_away_while_a_run_reads_or_another_process_does(account: Connection) -> None:
    sync(account, Platform(customers(15)))
    platform = Platform(customers(20))
    run = claimed(account, "vouchers")
    assert read_newest(account, "customers", client=platform) is None
    SyncRun.objects.filter(pk=run.pk).update(state=SyncRun.State.DONE)
    read(account, Platform(customers(15)))
    NewestReading.objects.update(started_at=timezone.now())
    assert read_newest(account, "customers", client=platform) is None
    assert (platform.served, Customer.objects.count()) == ([], 15)
    NewestReading.objects.update(started_at=timezone.now() - timedelta(minutes=3))
    assert read(account, platform).rows_created == 5


def test_a_failure_is_kept_and_what_was_read_stays(account: Connection) -> None:
    sync(account, Platform(customers(15)))
    platform = Platform(customers(35))

    def fail() -> None:
        raise Unreachable("customers: no answer", "ref", "timeout")

    platform.hooks[3] = fail
    reading = read(account, platform)
    assert (reading.reason, reading.cause, reading.started_at) == ("Unreachable", "timeout", None)
    assert (reading.rows_created, Customer.objects.count()) == (5, 20)
    assert read(account, Platform(customers(35))).reason == ""
    assert Customer.objects.count() == 35


def test_a_paused_list_is_not_read_by_itself(account: Connection, manager: User) -> None:
    Connection.objects.filter(pk=account.pk).update(base_url="http://shop.example.com/v2/")
    sync(account, Platform(customers(5)))
    schedules.pause(connection=account, resource="customers", by=manager)
    jobs.newest_everywhere("customers")
    assert NewestReading.objects.count() == 0
    schedules.resume(connection=account, resource="customers", by=manager)
    jobs.newest_everywhere("customers")
    assert NewestReading.objects.get().reason == "Misconfigured"


def test_against_the_sandbox_in_every_profile(sandbox: SandboxServer, each_connection: Connection) -> None:
    key = each_connection.credentials["api_key"]
    for number in range(12):
        sandbox.act("create_customer", credential=key, name=f"Cliente {number}")
    run = ask(each_connection)
    assert jobs.runs.claim(run)
    execute(run)
    sandbox.act("create_customer", credential=key, name="Nova Pessoa")
    reading = read_newest(each_connection, "customers")
    assert reading is not None
    assert (reading.reason, reading.rows_created, reading.last_page) == ("", 1, 2)
    assert Customer.objects.filter(name="Nova Pessoa").count() == 1
