"""Real processes: killed in the middle, started twice, stopped by Ctrl-C, woken by a doorbell."""

import signal
import sys
import threading
from collections.abc import Callable
from datetime import timedelta
from itertools import pairwise

import pytest
from django.db import connection as database
from django.db import transaction
from django.utils import timezone

from customers.models import Customer
from sandbox.testing import SandboxServer
from smartbis_admin.connections.models import Connection
from smartbis_admin.sync import jobs, services
from smartbis_admin.sync.engine import runs
from smartbis_admin.sync.models import SyncRun
from tests.sync.platform import ask, mirror
from tests.sync.processes import end, manage, start, wait_until

pytestmark = pytest.mark.django_db(transaction=True)
State = SyncRun.State
ROWS = 1100
PAGES = 5


@pytest.fixture
def shop(sandbox: SandboxServer, connection: Connection) -> Connection:
    """A connection to a platform with five pages of customers."""
    sandbox.act("create_customer", [{"name": f"Cliente {number}"} for number in range(ROWS)])
    return connection


def pages_asked_for(sandbox: SandboxServer) -> int:
    return sum(call["path"].endswith("customers") and call["method"] == "GET" for call in sandbox.log())


def stored_pages(connection: Connection) -> int:
    return SyncRun.objects.filter(connection=connection).values_list("pages", flat=True).last() or 0


def test_a_killed_process_is_taken_over_at_its_page(
    sandbox: SandboxServer, shop: Connection, make_connection: Callable[..., Connection]
) -> None:
    process = manage("sync", "customers", "--no-input", SMARTBIS_PACE="3")
    wait_until(lambda: stored_pages(shop) >= 2, process)
    process.send_signal(signal.SIGKILL)
    end(process)
    run = SyncRun.objects.get()
    at_death = run.pages
    assert (run.state, at_death < PAGES, run.rows_seen) == (State.RUNNING, True, 250 * at_death)
    jobs.work(shop.pk)
    run.refresh_from_db()
    assert (run.state, run.pages) == (State.RUNNING, at_death)

    SyncRun.objects.update(heartbeat_at=timezone.now() - timedelta(seconds=61))
    jobs.work(shop.pk)
    run.refresh_from_db()
    assert (run.state, run.rows_seen, run.rows_created, run.outages) == (State.DONE, ROWS, ROWS, 1)
    # At most the page that was on its way when the process died was asked for twice.
    assert pages_asked_for(sandbox) in (PAGES, PAGES + 1)
    Connection.objects.filter(pk=shop.pk).update(name="killed")
    calm = make_connection()
    jobs.request_all(calm, SyncRun.Trigger.MANUAL)
    for _resource in range(4):
        jobs.work(calm.pk)
    assert mirror(connection=shop) == mirror(connection=calm)


def test_two_workers_started_at_once_read_the_list_once(sandbox: SandboxServer, shop: Connection) -> None:
    services.request_one(connection=shop, resource="customers", by=None)
    answer = f"from smartbis_admin.sync import jobs; jobs.work({shop.pk})"
    both = [manage("shell", "--no-imports", "-c", answer, SMARTBIS_PACE="2") for _worker in range(2)]
    assert [end(process)[0] for process in both] == [0, 0]
    run = SyncRun.objects.get()
    assert (run.state, run.rows_seen, run.outages, pages_asked_for(sandbox)) == (State.DONE, ROWS, 0, PAGES)


def test_two_workers_at_one_moment_do_not_start_two_lists_of_a_connection(connection: Connection) -> None:
    """The first claim is not committed when the second worker looks for a rival: only the constraint meets it."""
    first, second = ask(connection, "categories"), ask(connection, "customers")
    won: list[bool] = []
    started = threading.Event()

    def claim_other() -> None:
        started.set()
        try:
            won.append(runs.claim(second))
        finally:
            database.close()

    rival = threading.Thread(target=claim_other)
    with transaction.atomic():
        assert runs.claim(first)
        rival.start()
        assert started.wait(10)
        # PostgreSQL lets it in and stops it at the constraint; SQLite at the door.
        while database.vendor == "postgresql" and rival.is_alive() and not is_anybody_blocked():
            rival.join(0.01)
    rival.join()
    assert won == [False]
    states = dict(SyncRun.objects.values_list("resource", "state"))
    assert states == {"categories": State.RUNNING, "customers": State.REQUESTED}


def is_anybody_blocked() -> bool:
    with database.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return bool(cursor.fetchone()[0])


def test_two_commands_started_at_once_take_turns(sandbox: SandboxServer, shop: Connection) -> None:
    both = [manage("sync", "customers", "--no-input") for _process in range(2)]
    for code, out, err in [end(process) for process in both]:
        assert code == 0, err
        assert "clientes: concluída. Linhas: 1.100;" in out
    ran = SyncRun.objects.order_by("started_at")
    assert {run.state for run in ran} == {State.DONE}
    assert sum(run.rows_created for run in ran) == ROWS
    # One run for both, or one each, the second after the first.
    assert pages_asked_for(sandbox) == PAGES * len(ran)
    for first, second in pairwise(ran):
        assert first.finished_at is not None
        assert second.started_at is not None
        assert first.finished_at <= second.started_at


def test_ctrl_c_cancels_the_run_and_keeps_what_was_read(shop: Connection) -> None:
    process = manage("sync", "customers", "vouchers", "--no-input", SMARTBIS_PACE="3")
    wait_until(lambda: stored_pages(shop) or SyncRun.objects.filter(pages__gt=0).exists(), process)
    process.send_signal(signal.SIGINT)
    code, out, err = end(process)
    assert (code, out) == (130, "")
    assert err.splitlines()[-1] == "Interrompido. O que já foi lido fica guardado."
    assert "Traceback" not in err
    assert list(SyncRun.objects.order_by("pk").values_list("resource", "state")) == [
        ("customers", State.CANCELLED),
        ("vouchers", State.CANCELLED),
    ]
    assert 250 <= Customer.objects.count() < ROWS


def test_a_worker_answers_the_doorbell_and_does_the_whole_chain(shop: Connection) -> None:
    worker = start(
        sys.executable, "-m", "celery", "-A", "smartbis_admin", "worker", "--pool=solo", "-l", "WARNING"
    )
    try:
        services.request_all(connection=shop, by=None)
        wait_until(lambda: SyncRun.objects.filter(state=State.DONE).count() == 4, worker)
    finally:
        worker.send_signal(signal.SIGTERM)
        end(worker)
    assert Customer.objects.count() == ROWS
    finished = SyncRun.objects.order_by("finished_at").values_list("resource", flat=True)
    assert list(finished) == ["categories", "rewards", "customers", "vouchers"]
