"""What screens ask: ages, the overview, starting, stopping."""

from datetime import timedelta

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries, DjangoCaptureOnCommitCallbacks

from smartbis_admin.connections.models import Connection
from smartbis_admin.connections.services import create_connection
from smartbis_admin.staff.models import User
from smartbis_admin.sync import jobs, services
from smartbis_admin.sync.models import SyncRun
from tests.sync.platform import Platform, ask, claimed, customers, sync

State = SyncRun.State
pytestmark = pytest.mark.usefixtures("pages_of_ten", "doorbells")


def ended(
    connection: Connection, state: str, hours_ago: int, resource: str = "customers", rows: int = 0
) -> SyncRun:
    return SyncRun.objects.create(
        connection=connection,
        resource=resource,
        state=state,
        rows_seen=rows,
        finished_at=timezone.now() - timedelta(hours=hours_ago),
    )


def test_the_age_is_that_of_the_newest_complete_listing(account: Connection) -> None:
    assert services.data_age(account, "customers") is None
    ended(account, State.DONE, 30)
    newest = ended(account, State.NEEDS_ATTENTION, 20)
    for state in (State.INCOMPLETE, State.FAILED, State.CANCELLED, State.RUNNING):
        ended(account, state, 1)
    ended(account, State.DONE, 2, resource="vouchers")
    assert services.data_age(account, "customers") == newest.finished_at
    assert services.data_age(None, "customers") == newest.finished_at


def test_the_age_of_all_connections_is_the_oldest_of_the_newest(
    account: Connection, other_account: Connection
) -> None:
    ended(account, State.DONE, 30)
    newest = ended(account, State.DONE, 5)
    ended(other_account, State.DONE, 1)
    assert services.data_age(None, "customers") == newest.finished_at
    Connection.objects.filter(pk=account.pk).update(is_active=False)
    assert services.data_age(None, "customers") == services.data_age(other_account, "customers")


def test_the_overview_shows_every_list_of_every_active_connection(
    account: Connection, other_account: Connection
) -> None:
    complete = ended(account, State.DONE, 5, rows=12)
    running = claimed(account)
    ended(other_account, State.FAILED, 5, rows=3)
    rows = {(row.connection, row.resource): row for row in services.overview()}
    assert [resource for connection, resource in rows if connection == account] == [
        "categories",
        "rewards",
        "customers",
        "vouchers",
    ]
    row = rows[account, "customers"]
    assert (row.latest, row.last_complete, row.row_count, row.label) == (running, complete, 12, "clientes")
    failed = rows[other_account, "customers"]
    assert (failed.last_complete, failed.row_count, failed.paused) == (None, 3, False)
    assert (rows[account, "vouchers"].latest, rows[account, "vouchers"].row_count) == (None, 0)


def test_the_overview_asks_as_often_for_one_connection_as_for_many(
    account: Connection, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    ended(account, State.DONE, 5)
    with django_assert_num_queries(6):
        assert len(services.overview()) == 4
    for number in range(5):
        another = create_connection(
            by=None,
            provider="smartbis",
            name=f"Conta {number}",
            base_url="http://127.0.0.1:9/v2/",
            credentials={},
        )
        ended(another, State.DONE, 5)
    with django_assert_num_queries(6):
        assert len(services.overview()) == 24


def test_a_person_starts_one_list_and_rings(
    account: Connection,
    manager: User,
    doorbells: list[object],
    django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks,
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        run = services.request_one(connection=account, resource="vouchers", by=manager)
    assert (run.resource, run.trigger, run.requested_by) == ("vouchers", "manual", manager)
    assert doorbells == [(jobs.RUN_TASK, [account.pk])]


def test_a_person_starts_every_list(account: Connection, manager: User) -> None:
    asked = services.request_all(connection=account, by=manager)
    assert [(run.resource, run.requested_by) for run in asked] == [
        ("categories", manager),
        ("rewards", manager),
        ("customers", manager),
        ("vouchers", manager),
    ]


def test_a_waiting_run_is_cancelled_at_once_and_a_running_one_is_asked_to_stop(account: Connection) -> None:
    running = claimed(account)
    waiting = ask(account)
    services.cancel_run(run=waiting)
    assert (waiting.state, waiting.finished_at is not None) == (State.CANCELLED, True)
    services.cancel_run(run=running)
    assert (running.state, running.cancel_requested) == (State.RUNNING, True)


def test_a_finished_run_cannot_be_cancelled(account: Connection) -> None:
    run = sync(account, Platform(customers(5)))
    services.cancel_run(run=run)
    assert (run.state, run.cancel_requested) == (State.DONE, False)


def test_a_failed_run_is_asked_for_again(account: Connection, manager: User) -> None:
    run = ended(account, State.FAILED, 1)
    again = services.retry_run(run=run, by=manager)
    assert (again != run, again.resource, again.state, again.requested_by) == (
        True,
        "customers",
        State.REQUESTED,
        manager,
    )
