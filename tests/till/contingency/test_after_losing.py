"""A scan that lost to one nothing came of, and whose benefit was handed over after all: the other is out of it."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from sandbox.testing import SandboxServer
from smartbis_admin.connections.models import Connection
from smartbis_admin.staff.models import Shift, Store, Till
from smartbis_admin.writes import settling
from tests.till.conftest import CODE, age, validations
from tests.till.contingency.conftest import cut, deliver, item, told
from vouchers.contingency.accepting import accept
from vouchers.contingency.handing import hand_over
from vouchers.models import Redemption
from vouchers.till.verdicts import verdict_of

Scan = Callable[..., Redemption]


@pytest.fixture
def rival(
    scan: Scan, other_till: Till, issued: list[str], sandbox: SandboxServer, settings: Settings
) -> Redemption:
    """The other till's scan of the voucher: its request was lost on the way, and it is in doubt."""
    settings.API_TILL_TIMEOUT = 0.5
    sandbox.fault("drop_before", method="POST", path="vouchers/*/validate")
    lost = scan(till=other_till)
    assert told(lost) == ("in_doubt", "", "")
    return lost


def settle_as_nothing(rival: Redemption) -> None:
    """Two looks at the list: the voucher was not used."""
    for _look in range(2):
        settling.look(str(age(rival.write, 61).pk))
    assert told(rival) == ("not_done", "not_done", "")


def used_elsewhere(mine: Redemption, connection: Connection, sandbox: SandboxServer) -> str:
    """Somebody uses the voucher elsewhere, mine is handed over; what its verdict then says."""
    sandbox.act("use_voucher", code=CODE, store="Loja Shopping")
    assert hand_over(connection) == 1
    assert told(mine) == ("used", "voucher_used", "conflict")
    mine = Redemption.objects.get(pk=mine.pk)
    assert mine.winner is None
    reason = str(verdict_of(mine).reason)
    assert "Caixa 2" not in reason
    return reason


def test_the_answer_to_a_loser_got_lost_and_the_page_accepted_it(
    rival: Redemption,
    scan: Scan,
    at_till: Client,
    shift: Shift,
    connection: Connection,
    sandbox: SandboxServer,
) -> None:
    read = item(shift)
    mine = scan(scan_id=uuid.UUID(read["id"]))
    assert mine.winner == rival
    settle_as_nothing(rival)
    assert told(mine) == ("not_done", "not_done", "")
    assert deliver(at_till, read)[0]["contingency"] == "waiting"
    assert told(mine) == ("contingency", "", "waiting")
    assert used_elsewhere(mine, connection, sandbox)


def test_accepted_outside_the_policy_it_names_nobody(
    rival: Redemption, scan: Scan, at_till: Client, shift: Shift
) -> None:
    read = item(shift)
    mine = scan(scan_id=uuid.UUID(read["id"]))
    settle_as_nothing(rival)
    Store.objects.update(contingency=Store.Contingency.REFUSE)
    deliver(at_till, read)
    assert told(mine) == ("refused", "outside_policy", "conflict")
    assert mine.winner is None


def test_a_manager_sends_what_lost_to_one_nothing_came_of(
    rival: Redemption,
    at_till: Client,
    manager_client: Client,
    shift: Shift,
    connection: Connection,
    sandbox: SandboxServer,
) -> None:
    answer = deliver(at_till, item(shift))[0]
    assert (answer["contingency"], answer["verdict"]["kind"], answer["verdict"]["reason"]) == (
        "conflict", "waiting", "Outra leitura deste voucher está sendo confirmada: Loja Centro · Caixa 2, Caio.",
    )  # fmt: skip
    mine = Redemption.objects.get(pk=answer["id"])
    settle_as_nothing(rival)
    assert told(mine) == ("not_done", "not_done", "conflict")
    manager_client.post(f"/contingencia/{mine.pk}/enviar/", {"confirmed": "1"})
    assert told(mine) == ("contingency", "", "waiting")
    assert used_elsewhere(mine, connection, sandbox)


def test_accepted_at_the_second_yes(
    issued: list[str],
    scan: Scan,
    shift: Shift,
    other_till: Till,
    connection: Connection,
    sandbox: SandboxServer,
    settings: Settings,
) -> None:
    """The first yes met a rival's open scan; nothing came of that one, and the cashier says yes again."""
    settings.API_TILL_TIMEOUT = 0.5
    with cut(connection):
        mine = scan(till=shift.till, shift=shift)
    sandbox.fault("drop_before", method="POST", path="vouchers/*/validate")
    rival = scan(till=other_till)
    yes: dict[str, Any] = {"shift": shift, "by": shift.cashier}
    assert accept(scan=mine, **yes).winner == rival
    assert told(mine) == ("refused", "being_confirmed", "")
    settle_as_nothing(rival)
    assert accept(scan=mine, **yes).winner is None
    assert told(mine) == ("contingency", "", "waiting")
    assert used_elsewhere(mine, connection, sandbox)
    assert len(validations(sandbox)) == 2
