"""A voucher is read where it was last seen before the whole list is: counted in calls at the platform."""

from collections.abc import Callable, Iterator
from contextlib import closing

import pytest

from sandbox.testing import SandboxServer
from smartbis_admin.api.smartbis import SmartbisClient
from smartbis_admin.connections.models import Connection
from smartbis_admin.connections.services import client_for
from smartbis_admin.sync.engine import walking
from smartbis_admin.writes import settling
from tests.till.conftest import age
from vouchers.finding import find_vouchers
from vouchers.models import Redemption, Voucher

ISSUED = 95
PAGES = 10


@pytest.fixture
def calls(
    sandbox: SandboxServer,
    connection: Connection,
    mirror: Callable[[], None],
    monkeypatch: pytest.MonkeyPatch,
) -> Callable[[], int]:
    """Ten pages of vouchers, known here. Gives how often their list was asked for since the last question."""
    monkeypatch.setattr(walking, "PER_PAGE", 10)
    sandbox.clock("2026-03-10T15:00:00Z")
    rows = [{"code": f"VALE-{number:02d}", "value": "20.00", "expires_at": None} for number in range(ISSUED)]
    sandbox.act("issue_voucher", rows)
    sandbox.clock(None)
    mirror()
    seen = 0

    def since() -> int:
        nonlocal seen
        before, seen = seen, sum(row["path"].endswith("/vouchers") for row in sandbox.log())
        return seen - before

    since()
    return since


@pytest.fixture
def client(connection: Connection) -> Iterator[SmartbisClient]:
    with closing(client_for(connection, SmartbisClient)) as made:
        yield made


def test_it_is_found_on_the_page_where_it_was_last_seen(
    calls: Callable[[], int], client: SmartbisClient, connection: Connection
) -> None:
    for code in ("VALE-00", "VALE-09", "VALE-10", "VALE-47", "VALE-94"):
        found, whole = find_vouchers(client, connection, [code])
        assert ([*found], whole, calls()) == ([code], True, 1)
    found, _whole = find_vouchers(client, connection, ["VALE-11", "VALE-12"])
    assert (sorted(found), calls()) == (["VALE-11", "VALE-12"], 1)


@pytest.mark.parametrize(("come", "go", "code", "asked"), [(3, 0, "VALE-28", 2), (0, 3, "VALE-31", 3)])
def test_rows_that_came_or_went_before_it_move_it_to_the_next_page(
    calls: Callable[[], int],
    client: SmartbisClient,
    connection: Connection,
    sandbox: SandboxServer,
    come: int,
    go: int,
    code: str,
    asked: int,
) -> None:
    sandbox.clock("2026-03-09T15:00:00Z")
    for number in range(come):
        sandbox.act("issue_voucher", code=f"ANTES-{number}")
    for number in range(go):
        sandbox.act("remove_voucher", code=f"VALE-{number:02d}")
    sandbox.clock(None)
    found, whole = find_vouchers(client, connection, [code])
    assert ([*found], whole, calls()) == ([code], True, asked)


def test_one_that_is_not_where_it_was_is_looked_for_everywhere(
    calls: Callable[[], int], client: SmartbisClient, connection: Connection, sandbox: SandboxServer
) -> None:
    sandbox.act("remove_voucher", code="VALE-50")
    found, whole = find_vouchers(client, connection, ["VALE-50"])
    assert (found, whole, calls()) == ({}, True, 3 + PAGES)
    Voucher.objects.filter(remote_id="VALE-51").update(issued_at=None)
    found, whole = find_vouchers(client, connection, ["VALE-51"])
    assert ([*found], whole, calls()) == (["VALE-51"], True, 6)
    found, whole = find_vouchers(client, connection, [f"VALE-{number}" for number in range(90, 95)])
    assert (len(found), whole, calls()) == (5, True, PAGES)


def test_a_lost_validation_is_settled_with_one_reading(
    calls: Callable[[], int], scan: Callable[..., Redemption], sandbox: SandboxServer
) -> None:
    sandbox.fault("drop_after", method="POST", path="vouchers/*/validate")
    lost = scan("VALE-72")
    assert lost.state == Redemption.State.IN_DOUBT
    settling.look(str(age(lost.write, 61).pk))
    lost.refresh_from_db()
    assert (lost.state, calls()) == (Redemption.State.VALID, 1)
