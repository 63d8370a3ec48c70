"""One page is asked for while the last one is stored, and nothing that a walk concludes changes by it."""

import threading
from typing import Any

import pytest
from django.db import transaction

from customers.models import Customer
from smartbis_admin.api.errors import Unreachable
from smartbis_admin.connections.models import Connection
from smartbis_admin.connections.services import create_connection
from smartbis_admin.sync.engine import execute, store_records
from smartbis_admin.sync.models import SyncRun
from smartbis_admin.sync.services import cancel_run
from tests.sync.platform import Platform, changed, claimed, customers

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("pages_of_ten")]
State = SyncRun.State


@pytest.fixture
def account(transactional_db: None) -> Connection:
    return create_connection(
        by=None, provider="smartbis", name="Conta", base_url="http://127.0.0.1:9/v2/", credentials={}
    )


def walked(account: Connection, platform: Platform, on_page: Any = None) -> SyncRun:
    run = claimed(account)
    execute(run, client=platform, on_page=on_page)
    run.refresh_from_db()
    return run


def test_the_next_page_is_asked_for_before_the_last_one_is_stored(account: Connection) -> None:
    platform = Platform(customers(25))
    asked = {number: threading.Event() for number in (2, 3)}
    threads = set()

    def note(number: int) -> Any:
        return lambda: (threads.add(threading.current_thread().name), asked[number].set())

    platform.hooks = {number: note(number) for number in asked}
    early = []
    run = walked(
        account,
        platform,
        lambda run: early.append(run.pages == 3 or asked[run.pages + 1].wait(10)),
    )
    assert (run.state, run.rows_seen, run.rows_created) == (State.DONE, 25, 25)
    assert (early, platform.served) == ([True] * 3, [1, 2, 3])
    assert {name.partition("_")[0] for name in threads} == {"sync-ahead"}


def test_the_page_before_a_failed_one_is_stored(account: Connection) -> None:
    platform = Platform(customers(25))

    def fail() -> None:
        raise Unreachable("away", "ref", "connect")

    platform.hooks[2] = fail
    run = walked(account, platform)
    assert (run.state, run.pages, Customer.objects.count()) == (State.REQUESTED, 1, 10)
    SyncRun.objects.update(not_before=None)
    run = walked(account, platform)
    assert (run.state, run.rows_seen, platform.served) == (State.DONE, 25, [1, 2, 3])


def test_a_page_asked_for_in_vain_is_dropped(account: Connection) -> None:
    """A first page that comes again starts the list anew, while a third page of the old size is on its way."""
    platform = Platform(customers(30), enveloped=False)
    platform.repeats = True
    run = walked(account, platform)
    assert (run.state, run.paging_ignored, run.rows_missing) == (State.INCOMPLETE, True, 0)
    assert Customer.objects.count() == 10


def test_cancelled_within_a_page(account: Connection) -> None:
    platform = Platform(customers(60))
    run = walked(account, platform, lambda run: cancel_run(run=run) if run.pages == 2 else None)
    assert (run.state, run.pages, Customer.objects.count()) == (State.CANCELLED, 2, 20)
    # The third page had come and the fourth was on its way; neither is stored.
    assert platform.served == [1, 2, 3, 4]


def test_a_till_that_writes_while_a_page_waits_keeps_its_knowledge(account: Connection) -> None:
    """Page 2 was asked for before page 1 was stored: what was learnt meanwhile is newer than page 2."""
    platform = Platform(customers(20))
    came = threading.Event()
    platform.hooks[2] = came.set
    walked(account, platform)
    rows = customers(20)
    rows[14] = changed(rows[14], name="Da lista")
    platform = Platform(rows)
    came.clear()
    platform.hooks[2] = came.set

    def learn(run: SyncRun) -> None:
        if run.pages == 1:
            assert came.wait(10)
            store_records(account, "customers", [changed(customers(20)[14], name="Do caixa")])

    walked(account, platform, learn)
    assert Customer.objects.get(remote_id="15").name == "Do caixa"


def test_inside_a_transaction_one_page_follows_the_other(account: Connection) -> None:
    platform = Platform(customers(25))
    where = set()
    platform.hooks = {number: lambda: where.add(threading.current_thread()) for number in (1, 2, 3)}
    with transaction.atomic():
        run = walked(account, platform)
    assert (run.state, where) == (State.DONE, {threading.current_thread()})
