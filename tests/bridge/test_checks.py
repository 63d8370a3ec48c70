"""What earns: the checks in the contract's order, the rule of the day of the sale, suspected duplicates."""

import uuid
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from customers.bridge import checks, matching
from customers.bridge.models import Bridge, PosSale
from customers.models import Customer, Sale
from customers.rules.models import RuleVersion
from smartbis_admin.api.pos import PosMethod, PosStatus
from smartbis_admin.connections.models import Connection
from smartbis_admin.staff.models import Store, User
from smartbis_admin.writes.models import Write
from tests.bridge.conftest import CPFS, received, record

pytestmark = pytest.mark.django_db


@pytest.fixture
def rule(connection: Connection) -> RuleVersion:
    return RuleVersion.objects.create(
        connection=connection, valid_from=timezone.now() - timedelta(days=900), cashback_percent=5
    )


@pytest.fixture
def buyer(customer: Any) -> Customer:
    made: Customer = customer(cpf=CPFS[0])
    return made


def checked(bridge: Bridge, *sales: PosSale) -> list[str]:
    """Match and check; the reason each sale failed with, or `eligible`."""
    matching.match_received(bridge)
    checks.check_matched(bridge)
    for sale in sales:
        sale.refresh_from_db()
    return [sale.reason or sale.state for sale in sales]


def test_the_first_failing_check_is_the_reason(
    bridge: Bridge, buyer: Customer, rule: RuleVersion, connection: Connection
) -> None:
    """Everything is wrong at first; what is checked first is put right first."""
    centre = Store.objects.create(name="Loja Centro")
    ago = timezone.now() - timedelta(days=31)
    told: dict[str, Any] = {
        "status": PosStatus.CANCELLED,
        "amount": Decimal("-1.00"),
        "sold_at": ago,
        "store_id": "Loja Centro",
        "payment_method": PosMethod.CASH,
        "acquirer": "Stone",
        "terminal_serial": "T1",
        "nsu": "1",
        "cpf": CPFS[0],
    }
    received(bridge, record("before", **(told | {"status": PosStatus.APPROVED, "amount": Decimal("9.00")})))
    PosSale.objects.update(state="registered")
    Customer.objects.update(state=Customer.State.DISABLED)
    RuleVersion.objects.update(
        excluded_stores=[centre.pk],
        excluded_methods=["cash"],
        minimum_to_earn=Decimal("100.00"),
        last_day=timezone.localdate(ago) - timedelta(days=1),
    )
    Bridge.objects.update(mode="observe")

    def observe_no_more() -> None:
        Bridge.objects.update(mode="register")

    right: list[tuple[str, Any]] = [
        ("panel_connection", observe_no_more),
        ("status_not_approved", lambda: told.update(status=PosStatus.APPROVED)),
        ("amount_not_positive", lambda: told.update(amount=Decimal("10.00"))),
        ("duplicate", lambda: told.update(nsu="2")),
        ("customer_blocked", lambda: Customer.objects.update(state="")),
        ("store_excluded", lambda: RuleVersion.objects.update(excluded_stores=[])),
        ("method_excluded", lambda: RuleVersion.objects.update(excluded_methods=[])),
        ("below_minimum", lambda: RuleVersion.objects.update(minimum_to_earn=0)),
        ("outside_period", lambda: RuleVersion.objects.update(last_day=None)),
        ("too_old", lambda: told.update(sold_at=timezone.now() - timedelta(days=29))),
        ("eligible", lambda: None),
    ]
    for number, (reason, put_right) in enumerate(right):
        bridge.refresh_from_db()
        [sale] = received(bridge, record(f"n{number}", **told))
        assert checked(bridge, sale) == [reason]
        # What passed must not be what the next one is a duplicate of.
        PosSale.objects.filter(pk=sale.pk).update(state="ineligible")
        put_right()


def test_the_rule_is_that_of_the_day_of_the_sale(bridge: Bridge, buyer: Customer, rule: RuleVersion) -> None:
    RuleVersion.objects.create(
        connection=rule.connection,
        valid_from=timezone.now() - timedelta(days=2),
        cashback_percent=5,
        minimum_to_earn=Decimal("50.00"),
    )
    old, new = received(
        bridge,
        record(cpf=CPFS[0], amount=Decimal("20.00"), sold_at=timezone.now() - timedelta(days=3)),
        record(cpf=CPFS[0], amount=Decimal("20.00")),
    )
    assert checked(bridge, old, new) == ["eligible", "below_minimum"]


def test_without_a_rule_nothing_of_it_speaks_against_a_sale(bridge: Bridge, buyer: Customer) -> None:
    [sale] = received(bridge, record(cpf=CPFS[0], amount=Decimal("0.01")))
    assert checked(bridge, sale) == ["eligible"]


def test_a_customer_who_left_the_list_earns_nothing(bridge: Bridge, buyer: Customer) -> None:
    [sale] = received(bridge, record(cpf=CPFS[0]))
    matching.match_received(bridge)
    Customer.objects.update(withdrawn_at=timezone.now())
    assert checked(bridge, sale) == ["customer_blocked"]


SLIP = {"acquirer": "Stone", "terminal_serial": "T1", "nsu": "000123", "cpf": CPFS[0]}


def test_of_one_slip_under_two_ids_the_first_earns(bridge: Bridge, buyer: Customer) -> None:
    at = timezone.now()
    first, second, other_day, other_terminal = received(
        bridge,
        record(sold_at=at, **SLIP),
        record(sold_at=at + timedelta(minutes=3), **{**SLIP, "acquirer": "STONE"}),
        record(sold_at=at - timedelta(days=1), **SLIP),
        record(sold_at=at, **{**SLIP, "terminal_serial": "T2"}),
    )
    assert checked(bridge, first, second, other_day, other_terminal) == [
        "eligible", "duplicate", "eligible", "eligible",
    ]  # fmt: skip


def test_what_earned_nothing_makes_nobody_a_duplicate(bridge: Bridge, buyer: Customer) -> None:
    """The first came without a buyer and was given up on; the file brings it again with a CPF."""
    at = timezone.now()
    [lost] = received(bridge, record(sold_at=at, **{**SLIP, "cpf": ""}))
    PosSale.objects.filter(pk=lost.pk).update(state="ineligible", reason="not_identified")
    [again] = received(bridge, record(sold_at=at, **SLIP))
    assert checked(bridge, again) == ["eligible"]


@pytest.mark.parametrize(
    ("minutes", "amount", "state", "reason"),
    [
        (9, "129.90", Write.State.DONE, "duplicate"),
        (-9, "129.90", Write.State.IN_DOUBT, "duplicate"),
        (9, "129.90", Write.State.REFUSED, "eligible"),
        (11, "129.90", Write.State.DONE, "eligible"),
        (9, "129.91", Write.State.DONE, "eligible"),
    ],
)
def test_the_same_purchase_by_another_road(
    bridge: Bridge,
    buyer: Customer,
    owner: User,
    minutes: int,
    amount: str,
    state: Write.State,
    reason: str,
) -> None:
    """Somebody registered it at the counter as well."""
    at = timezone.now() - timedelta(hours=1)
    write = Write.objects.create(
        id=uuid.uuid4(), connection=buyer.connection, kind="register_sale", payload={}, state=state
    )
    Sale.objects.create(
        connection=buyer.connection,
        write=write,
        customer_remote_id=buyer.remote_id,
        amount=Decimal(amount),
        sold_at=at + timedelta(minutes=minutes),
        registered_by=owner,
    )
    [sale] = received(bridge, record(cpf=CPFS[0], sold_at=at))
    assert checked(bridge, sale) == [reason]


def test_two_equal_purchases_at_the_machine_are_two(bridge: Bridge, buyer: Customer, owner: User) -> None:
    """Two coffees: our own registration of the first is no other road."""
    at = timezone.now()
    [first] = received(bridge, record(cpf=CPFS[0], sold_at=at, nsu="1", terminal_serial="T1"))
    assert checked(bridge, first) == ["eligible"]
    write = Write.objects.create(
        connection=buyer.connection, kind="register_sale", payload={}, state=Write.State.DONE
    )
    Sale.objects.create(
        connection=buyer.connection,
        write=write,
        customer_remote_id=buyer.remote_id,
        amount=first.amount,
        sold_at=at,
        registered_by=owner,
    )
    PosSale.objects.filter(pk=first.pk).update(state="registered", write=write)
    [second] = received(bridge, record(cpf=CPFS[0], sold_at=at, nsu="2", terminal_serial="T1"))
    assert checked(bridge, second) == ["eligible"]


def test_a_batch_costs_the_same_whatever_its_size(bridge: Bridge, buyer: Customer, rule: RuleVersion) -> None:
    costs = []
    for size in (2, 3, 20):
        received(bridge, *[record(cpf=CPFS[0], nsu=f"{size}-{n}", terminal_serial="T") for n in range(size)])
        matching.match_received(bridge)
        with CaptureQueriesContext(database) as asked:
            assert checks.check_matched(bridge) == size
        costs.append(len(asked))
    assert costs[1] == costs[2] <= 13
