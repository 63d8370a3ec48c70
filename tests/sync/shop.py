"""A platform at the sandbox with a few pages of every list, and a client that can be meddled with between pages.

Knows the sandbox's acts and the walk; concludes nothing.
"""

import os
import signal
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import requests
from django.db import connection as database
from django.db import connections
from django.utils import timezone

from sandbox.testing import SandboxServer
from smartbis_admin.api.smartbis import SmartbisClient
from smartbis_admin.api.transport import Timeouts
from smartbis_admin.api.walk import Walk, WalkState
from smartbis_admin.connections.models import Connection
from smartbis_admin.connections.wire import DatabaseTokenStore
from smartbis_admin.sync.engine import execute, runs
from smartbis_admin.sync.models import SyncRun
from tests.sync.platform import ask, claimed

#: Rows of each list; a page of the tests holds ten.
ROWS = {"categories": 23, "rewards": 22, "customers": 25, "vouchers": 23}
PATHS = {"categories": "categories", "rewards": "coupons", "customers": "customers", "vouchers": "vouchers"}
#: The sandbox's frozen moment; near ours, or every token would have expired long ago.
NOW = datetime.now(UTC).replace(microsecond=0)


class AtOnce:
    """A pace without a ceiling."""

    def wait(self) -> None:
        """Nothing to wait for."""

    def penalise(self, seconds: float) -> None:
        """The next call leaves at once all the same."""


def client_of(connection: Connection, *, read: float = 20) -> SmartbisClient:
    """The connection's own client, which waits for nothing between two calls or tries. To be closed."""
    return SmartbisClient(
        base_url=connection.base_url,
        api_key=connection.credentials["api_key"],
        api_secret=connection.credentials["api_secret"],
        tokens=DatabaseTokenStore(connection.pk),
        pace=AtOnce(),
        zone=ZoneInfo(connection.time_zone),
        timeouts=Timeouts(connect=5, read=read),
        sleep=lambda seconds: None,
    )


def open_shop(sandbox: SandboxServer, credential: str, resource: str) -> None:
    """An empty platform, and then three pages of one list (of one length for everybody who asks)."""
    sandbox.reset("empty")
    sandbox.clock(NOW)
    if resource == "categories":
        token = sandbox.token(credential)
        for number in range(ROWS[resource]):
            add_category(sandbox, token, f"Categoria {number}")
        return
    rows: list[dict[str, Any]] = [{"name": f"Linha {number}"} for number in range(ROWS[resource])]
    if resource == "vouchers":
        rows = [{"code": f"VALE-{number:02d}", "value": "20.00"} for number in range(ROWS[resource])]
    act = {"rewards": "create_coupon", "customers": "create_customer", "vouchers": "issue_voucher"}
    sandbox.act(act[resource], rows, credential=credential)


def add_category(sandbox: SandboxServer, token: str, name: str) -> None:
    """Create a category over the API: no act does it."""
    reply = requests.post(
        f"{sandbox.base}categories",
        json={"name": name},
        headers={"Authorization": f"Bearer {token}"},
        timeout=10,
    )
    assert reply.ok, reply.text


class Meddled:
    """A client; `before[n]` happens in its next walk just before page `n` is asked for, once."""

    def __init__(self, client: SmartbisClient, before: dict[int, Callable[[], object]] | None = None) -> None:
        self._client = client
        self.before = dict(before or {})

    def walk(self, resource: Any, *, state: WalkState | None = None, per_page: int = 250) -> Walk[Any]:
        inner = self._client.walk(resource, state=state, per_page=per_page)

        def load(number: int, size: int) -> Any:
            if meddle := self.before.pop(number, None):
                meddle()
            return inner.load(number, size)

        return Walk(load, inner.state)


def walk(
    connection: Connection, client: Any, resource: str, before: dict[int, Callable[[], object]] | None = None
) -> SyncRun:
    """One run to its end, whatever that is; one that an outage put back goes on at once."""
    waiting = SyncRun.objects.filter(connection=connection, resource=resource, state=SyncRun.State.REQUESTED)
    waiting.update(not_before=None)
    run = claimed(connection, resource)
    execute(run, client=Meddled(client, before))
    run.refresh_from_db()
    return run


def take_over(connection: Connection, resource: str, client: Any) -> SyncRun:
    """What the next worker does about a list whose process died."""
    running = SyncRun.objects.filter(connection=connection, state=SyncRun.State.RUNNING)
    running.update(heartbeat_at=timezone.now() - timedelta(seconds=61))
    ask(connection, resource)
    run = runs.next_run(connection.pk)
    assert run is not None
    execute(run, client=client)
    run.refresh_from_db()
    return run


class Statements:
    """Counts the statements of this thread's connection; at number `fatal` the process kills itself."""

    def __init__(self, fatal: int | None = None) -> None:
        self.fatal = fatal
        self.count = 0

    def __call__(self, run: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        self.count += 1
        if self.count == self.fatal:
            os.kill(os.getpid(), signal.SIGKILL)
        return run(sql, params, many, context)


@contextmanager
def counted(fatal: int | None = None) -> Iterator[Statements]:
    """Count (or die at) statements meanwhile."""
    statements = Statements(fatal)
    with database.execute_wrapper(statements):
        yield statements


def in_child(work: Callable[[], object]) -> int:
    """Do the work in a process of its own that shares nothing open with us; return its id."""
    connections.close_all()
    child = os.fork()
    if child:
        return child
    code = 1
    try:
        work()
        code = 0
    except BaseException:  # noqa: BLE001 - the child may not go on as a second pytest
        traceback.print_exc()
    finally:
        os._exit(code)


def ended(child: int) -> int:
    """Wait for it: its exit code, or minus the signal that killed it."""
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
