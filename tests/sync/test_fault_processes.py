"""Every list call in every profile while our own side fails: a worker killed at any moment, two workers at once,
a database that is locked or restarted. Real processes and real locks; the kill is drawn from a seed.
"""

import os
import random
import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection as database
from django.db import connections

from sandbox.testing import SandboxServer
from smartbis_admin.connections.models import Connection
from smartbis_admin.sync import jobs
from smartbis_admin.sync.engine import execute, walking
from smartbis_admin.sync.models import SyncRun
from smartbis_admin.sync.words import explain_run
from tests.conftest import PROFILES
from tests.sync.platform import ask, claimed, mirror
from tests.sync.shop import PATHS, ROWS, client_of, counted, ended, in_child, open_shop, take_over, walk

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("pages_of_ten")]
State = SyncRun.State
KILLED = -9
AWAY = "O banco de dados não respondeu. Sincronize de novo em instantes."


@dataclass
class Shop:
    """One list of one profile: what an undisturbed load and a second walk leave and cost."""

    sandbox: SandboxServer
    resource: str
    connect: Callable[[], Connection]
    expected: list[dict[str, Any]]
    #: Statements of a first load, and of a walk over a mirror that has everything.
    statements: tuple[int, int]
    #: Calls of one walk.
    calls: int

    def asked(self) -> int:
        """How often the list was asked for."""
        return sum(row["path"].endswith(PATHS[self.resource]) for row in self.sandbox.log())


@pytest.fixture(
    params=[pytest.param((profile, name), id=f"{profile}-{name}") for profile in PROFILES for name in ROWS]
)
def shop(
    request: pytest.FixtureRequest, sandbox: SandboxServer, make_connection: Callable[..., Connection]
) -> Shop:
    profile, resource = request.param
    open_shop(sandbox, f"sandbox-{profile}", resource)

    def connect() -> Connection:
        connection = make_connection(profile)
        Connection.objects.filter(pk=connection.pk).update(name=f"Conta {connection.pk}")
        return connection

    calm, costs = connect(), []
    made = Shop(sandbox, resource, connect, [], (0, 0), 0)
    with closing(client_of(calm)) as client:
        for _walk in range(2):
            before = made.asked()
            run = claimed(calm, resource)
            with counted() as statements:
                execute(run, client=client)
            assert run.state == State.DONE
            costs.append(statements.count)
            made.calls = made.asked() - before
    made.expected, made.statements = mirror(resource, calm), (costs[0], costs[1])
    return made


def test_a_worker_killed_at_any_moment(shop: Shop, request: pytest.FixtureRequest) -> None:
    """A first load and a later walk die before a random statement; each is taken over."""
    chance = random.Random(request.node.name)
    connection = shop.connect()
    for most in shop.statements:
        run = claimed(connection, shop.resource)
        fatal = chance.randint(2, most - 4)
        assert ended(in_child(lambda run=run, fatal=fatal: die_at(fatal, run))) == KILLED
        run.refresh_from_db()
        assert run.state == State.RUNNING, fatal
        with closing(client_of(connection)) as client:
            taken = take_over(connection, shop.resource, client)
        assert (taken.pk, taken.state, explain_run(taken), taken.outages) == (run.pk, State.DONE, "", 1)
        assert mirror(shop.resource, connection) == shop.expected


def die_at(fatal: int, run: SyncRun) -> None:
    with closing(client_of(run.connection)) as client, counted(fatal):
        execute(run, client=client)


def test_of_two_workers_started_at_once_one_reads_the_list(shop: Shop) -> None:
    connection = shop.connect()
    run = ask(connection, shop.resource)
    before = shop.asked()
    held, start = os.pipe()

    def work() -> None:
        os.close(start)
        os.read(held, 1)
        jobs.work(connection.pk)

    workers = [in_child(work) for _worker in range(2)]
    os.close(held)
    os.close(start)
    assert [ended(worker) for worker in workers] == [0, 0]
    run.refresh_from_db()
    assert (run.state, explain_run(run), run.outages) == (State.DONE, "", 0)
    assert (SyncRun.objects.filter(connection=connection).count(), shop.asked() - before) == (1, shop.calls)
    assert mirror(shop.resource, connection) == shop.expected


class Held:
    """Somebody else's write transaction on SQLite."""

    def __init__(self) -> None:
        name = database.settings_dict["NAME"]
        self._other = sqlite3.connect(name, isolation_level=None, check_same_thread=False, timeout=20)

    def begin(self) -> None:
        self._other.execute("BEGIN IMMEDIATE")

    def end(self) -> None:
        self._other.close()


@pytest.fixture
def held() -> Iterator[Held]:
    made = Held()
    yield made
    made.end()


@contextmanager
def impatient() -> Iterator[None]:
    """SQLite waits for a lock for a twentieth of a second meanwhile."""
    options = database.settings_dict["OPTIONS"]
    patience, options["timeout"] = options["timeout"], 0.05
    database.close()
    try:
        yield
    finally:
        options["timeout"] = patience
        database.close()


def test_the_database_goes_away_for_a_while(shop: Shop) -> None:
    """PostgreSQL ends all our sessions, as a restart does; on SQLite somebody holds the lock for longer than a
    page takes, and shorter than we wait."""
    connection = shop.connect()
    is_postgres = database.vendor == "postgresql"
    lines = []
    for _walk in range(2):
        held = None if is_postgres else Held()

        def fail(held: Held | None = held) -> None:
            if held is None:
                end_all_sessions()
            else:
                held.begin()
                threading.Timer(0.3, held.end).start()

        with closing(client_of(connection)) as client:
            run = walk(connection, client, shop.resource, {2: fail})
            lines.append((run.state, explain_run(run)))
            if run.state == State.REQUESTED:
                assert walk(connection, client, shop.resource).state == State.DONE
        assert mirror(shop.resource, connection) == shop.expected
    assert lines == [(State.REQUESTED, AWAY) if is_postgres else (State.DONE, "")] * 2


def end_all_sessions() -> None:
    other = connections.create_connection("default")
    try:
        with other.cursor() as cursor:
            cursor.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                "WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
    finally:
        other.close()


@pytest.mark.one_database
def test_a_lock_that_outlasts_our_patience(shop: Shop, held: Held) -> None:
    """Not even the run's row can say so; it stays behind and is taken over."""
    connection = shop.connect()
    run = claimed(connection, shop.resource)
    with closing(client_of(connection)) as client:
        with impatient():
            execute(run, client=client, on_page=lambda run: held.begin() if run.pages == 1 else None)
            held.end()
        run.refresh_from_db()
        assert (run.state, run.pages) == (State.RUNNING, 1)
        taken = take_over(connection, shop.resource, client)
    assert (taken.pk, taken.state, explain_run(taken)) == (run.pk, State.DONE, "")
    assert mirror(shop.resource, connection) == shop.expected


@pytest.mark.one_database
def test_the_command_says_in_one_line_that_the_database_is_away(
    sandbox: SandboxServer, connection: Connection, held: Held, monkeypatch: pytest.MonkeyPatch
) -> None:
    open_shop(sandbox, "sandbox-laravel", "customers")
    take = walking.Walker.take

    def take_and_lock(walker: walking.Walker, *page: Any) -> None:
        take(walker, *page)
        held.begin()

    monkeypatch.setattr(walking.Walker, "take", take_and_lock)
    with impatient(), pytest.raises(CommandError) as ended:
        call_command("sync", "customers", "--no-input")
    assert (str(ended.value), ended.value.returncode) == (AWAY, 1)
