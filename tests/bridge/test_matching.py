"""Whose purchase it was: CPF, phone, e-mail; nobody, several, somebody else; later; never by name."""

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection as database
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from customers.bridge import matching, working
from customers.bridge.models import Bridge, PosSale
from customers.models import Customer
from sandbox.testing import SandboxServer
from tests.bridge.conftest import CPFS, life_of, posted, received, record

pytestmark = pytest.mark.django_db


@pytest.fixture
def people(customer: Any) -> dict[str, Customer]:
    return {
        "ana": customer(cpf=CPFS[0], phone="+5511988880001", email="Ana@cliente.example"),
        "bruno": customer(cpf=CPFS[1], phone="+5521977770002", email="familia@cliente.example"),
        "carla": customer(cpf=CPFS[2], phone="+5531966660003", email="familia@cliente.example"),
        "davi": customer(cpf=None, phone="+5541955550004", email=None),
        "gone": customer(cpf=CPFS[3], withdrawn_at=timezone.now()),
    }


@pytest.mark.parametrize(
    ("buyer", "who", "reason", "conflicting"),
    [
        ({"cpf": "529.982.247-25"}, "ana", "", False),
        ({"phone": "(11) 98888-0001"}, "ana", "", False),
        ({"email": "ANA@cliente.EXAMPLE"}, "ana", "", False),
        ({"cpf": "52998224724", "phone": "11988880001"}, "ana", "", False),
        ({"phone": "11 3333-0000", "email": "ana@cliente.example"}, "ana", "", False),
        # CPF beats the others, which point to somebody else.
        ({"cpf": CPFS[0], "phone": "21977770002"}, "ana", "", True),
        ({"phone": "11988880001", "email": "familia@cliente.example"}, "ana", "", True),
        # A good CPF nobody has: whoever has the phone and another CPF is somebody else.
        ({"cpf": CPFS[4], "phone": "11988880001"}, None, "unknown_buyer", True),
        ({"cpf": CPFS[4], "phone": "41955550004"}, "davi", "", False),
        ({"email": "familia@cliente.example"}, None, "ambiguous", False),
        ({"cpf": CPFS[3]}, None, "unknown_buyer", False),
        ({"cpf": "11111111111"}, None, "invalid_cpf", False),
        ({"cpf": "123"}, None, "invalid_cpf", False),
        ({"name": "Ana Prado"}, None, "no_buyer_data", False),
        ({}, None, "no_buyer_data", False),
    ],
)
def test_who_it_was(
    bridge: Bridge,
    people: dict[str, Customer],
    buyer: dict[str, str],
    who: str | None,
    reason: str,
    conflicting: bool,
) -> None:
    [sale] = received(bridge, record(**buyer))
    assert matching.match_received(bridge) == 1
    sale.refresh_from_db()
    found = (sale.state, sale.reason, sale.conflicting_data)
    assert found == ("matched" if who else "unidentified", reason, conflicting)
    assert sale.customer == (people[who] if who else None)


def test_the_same_person_in_another_programme_is_nobody_here(
    bridge: Bridge, make_connection: Any, customer: Any
) -> None:
    customer(connection=make_connection("bare"), cpf=CPFS[0])
    [sale] = received(bridge, record(cpf=CPFS[0]))
    matching.match_received(bridge)
    sale.refresh_from_db()
    assert (sale.state, sale.reason) == ("unidentified", "unknown_buyer")


def test_without_a_programme_sales_wait(bridge: Bridge) -> None:
    [sale] = received(bridge, record(cpf=CPFS[0]))
    bridge.target = None
    assert matching.match_received(bridge) == 0
    sale.refresh_from_db()
    assert sale.state == "received"


def test_a_customer_who_appears_later_is_matched_by_cpf(bridge: Bridge, customer: Any) -> None:
    late, other, vague = received(
        bridge, record(cpf=CPFS[0]), record(cpf=CPFS[1]), record(phone="11988880001")
    )
    matching.match_received(bridge)
    assert matching.match_appeared(bridge) == 0
    ana = customer(cpf=CPFS[0], phone="+5511988880001")
    customer(cpf=CPFS[1])
    customer(cpf=CPFS[1])
    assert matching.match_appeared(bridge) == 1
    for sale in (late, other, vague):
        sale.refresh_from_db()
    assert (late.state, late.customer) == ("matched", ana)
    assert life_of(late)[1:] == [("not_found", "unidentified"), ("identified", "matched")]
    assert (other.state, other.reason) == ("unidentified", "ambiguous")
    assert (vague.state, vague.reason) == ("unidentified", "unknown_buyer")


def test_new_buyer_data_move_the_link_while_nothing_was_sent(
    bridge: Bridge, people: dict[str, Customer], owner: Any
) -> None:
    at = timezone.now().replace(microsecond=0)
    by_us, by_hand = received(
        bridge, record("a", sold_at=at, cpf=CPFS[0]), record("b", sold_at=at, cpf=CPFS[0])
    )
    matching.match_received(bridge)
    PosSale.objects.filter(pk=by_hand.pk).update(linked_by=owner)
    received(bridge, record("a", sold_at=at, cpf=CPFS[1]), record("b", sold_at=at, cpf=CPFS[1]))
    for sale in (by_us, by_hand):
        sale.refresh_from_db()
    assert (by_us.state, by_us.customer) == ("matched", people["bruno"])
    assert (by_hand.state, by_hand.customer) == ("matched", people["ana"])


def test_after_seven_days_the_wait_ends(bridge: Bridge) -> None:
    [sale] = received(bridge, record())
    matching.match_received(bridge)
    with time_machine.travel(timezone.now() + timedelta(days=6, hours=23), tick=False):
        assert working.give_up() == 0
    with time_machine.travel(timezone.now() + timedelta(days=7, minutes=1), tick=False):
        assert working.give_up() == 1
    sale.refresh_from_db()
    assert (sale.state, sale.reason) == ("ineligible", "not_identified")


def test_a_batch_costs_the_same_whatever_its_size(bridge: Bridge, customer: Any) -> None:
    costs = []
    for size in (2, 3, 20):
        buyer = {"cpf": CPFS[0], "phone": "11988880001", "email": "x@y.example"}
        received(bridge, *[record(**buyer) for _number in range(size)])
        with CaptureQueriesContext(database) as asked:
            assert matching.match_received(bridge) == size
        costs.append(len(asked))
    assert costs[1] == costs[2] <= 13


def test_unknown_buyers_are_registered_only_where_that_is_allowed(
    bridge: Bridge, sandbox: SandboxServer
) -> None:
    whole = {"cpf": CPFS[0], "name": "Ana Prado", "phone": "11988880001"}
    sales = received(
        bridge,
        record(**whole),
        record(**whole),
        record(cpf=CPFS[1], name="Sem Telefone"),
        record(cpf=CPFS[2], phone="11988880003"),
        record(name="Sem CPF", phone="11988880004"),
    )
    matching.match_received(bridge)
    working.look_after_waiting()
    assert posted(sandbox, "customers") == 0
    Bridge.objects.filter(pk=bridge.pk).update(creates_customers=True)
    working.look_after_waiting()
    working.look_after_waiting()
    assert posted(sandbox, "customers") == 1
    for sale in sales:
        sale.refresh_from_db()
    assert [sale.state for sale in sales] == ["matched", "matched", *["unidentified"] * 3]
    assert Customer.objects.get().name == "Ana Prado"


def test_who_only_observes_registers_nobody(bridge: Bridge, sandbox: SandboxServer) -> None:
    Bridge.objects.filter(pk=bridge.pk).update(creates_customers=True, mode="observe")
    received(bridge, record(cpf=CPFS[0], name="Ana Prado", phone="11988880001"))
    matching.match_received(bridge)
    working.look_after_waiting()
    assert posted(sandbox, "customers") == 0
