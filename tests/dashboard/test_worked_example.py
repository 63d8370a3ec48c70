"""The worked example of `communication-and-rules.md` §4 with its exact values, through the real tables."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
import time_machine
from django.utils import translation

from customers.models import Customer, Sale
from rewards.models import Reward
from smartbis_admin.connections.models import Connection
from smartbis_admin.staff.models import User
from smartbis_admin.writes.models import Write
from vouchers.dashboard import figures
from vouchers.dashboard.behaviour import Period, behaviour, read_history
from vouchers.dashboard.catalogue import INDICATORS, Unit
from vouchers.dashboard.comparing import compare, difference, shown
from vouchers.models import Voucher

#: Noon of the 31st of March 2026 in São Paulo.
NOW = datetime(2026, 3, 31, 15, 0, tzinfo=UTC)
MARCH = Period(date(2026, 3, 1), date(2026, 3, 31))
SALES = [
    ("A", "2025-11-10", "100.00"), ("A", "2026-03-02", "50.00"), ("A", "2026-03-02", "30.00"),
    ("A", "2026-03-20", "20.00"), ("B", "2026-03-05", "200.00"), ("C", "2025-12-20", "80.00"),
    ("C", "2026-03-25", "40.00"), ("D", "2026-01-15", "60.00"), ("E", "2025-12-31", "10.00"),
]  # fmt: skip
BALANCES = {"A": "4.00", "B": "10.00", "C": "-1.00", "D": "0.00", "E": "0.00"}
VOUCHERS = [
    ("cashback", "10.00", "used"),
    ("cashback", "20.00", "issued"),
    ("cashback", "5.00", "cancelled"),
    ("points", None, "expired"),
]


def at(day: str, hour: int = 12) -> datetime:
    """An hour of a day on the wall clock of São Paulo."""
    return datetime.fromisoformat(f"{day}T{hour:02}:00:00+00:00") + timedelta(hours=3)


@pytest.fixture(autouse=True)
def _in_portuguese() -> Iterator[None]:
    """Whatever language the test before asked for."""
    with translation.override("pt-br"):
        yield


@pytest.fixture
def example(manager: User) -> Connection:
    there = Connection.objects.create(name="Smartbis", base_url="https://api.invalid/v2/")
    for who, balance in BALANCES.items():
        Customer.objects.create(
            connection=there, remote_id=who, name=who, cashback_balance=Decimal(balance), content_hash=b""
        )
    for who, day, amount in SALES:
        paid = Decimal(amount)
        Sale.objects.create(
            connection=there,
            write=Write.objects.create(connection=there, kind="register_sale", state=Write.State.DONE),
            customer_remote_id=who,
            amount=paid,
            sold_at=at(day),
            registered_by=manager,
            cashback_amount=paid * 5 / 100,
            points_earned=paid,
        )
    Reward.objects.create(
        connection=there, remote_id="41", name="Café", points_required=80, content_hash=b"", status="active"
    )
    for number, (origin, value, status) in enumerate(VOUCHERS):
        Voucher.objects.create(
            connection=there,
            remote_id=f"V{number}",
            code_key=f"V{number}",
            content_hash=b"",
            origin=origin,
            value=value and Decimal(value),
            status=status,
            issued_at=at("2026-03-02"),
            used_at=at("2026-03-20") if status == "used" else None,
            expires_at=at("2026-06-01") if status == "issued" else None,
            customer_remote_id="A",
            reward_remote_id="41" if origin == "points" else None,
        )
    return there


def test_how_customers_buy(example: Connection) -> None:
    told = behaviour(read_history(MARCH.first, NOW), MARCH)
    assert (told["active"], told["inactive"]) == (4, 1)
    assert (told["buyers"], shown(Unit.PERCENT, Decimal(told["repurchase_rate"]))) == (3, "66,7\xa0%")
    assert shown(Unit.RATIO, Decimal(told["recurrence"])) == "1,33"
    assert told["purchase_interval"] == "95"
    assert (told["sales"], told["amount"], told["average_ticket"]) == (5, "340.00", "68.00")
    assert (Decimal(told["cashback"]), Decimal(told["points"]), told["estimated"]) == (17, 340, 0)
    assert (told["recovered_customers"], told["recovered_sales"], told["recovered_amount"]) == (
        2,
        3,
        "120.00",
    )
    # A used the voucher on the 20th, and came back on the 2nd.
    assert told["recovered_by_benefit"] == 0


def test_vouchers_and_what_is_owed(example: Connection) -> None:
    rows = Voucher.objects.order_by()
    told = figures.voucher_figures(rows, MARCH, NOW)
    assert (told["issued"], told["used"]) == (3, 1)
    assert shown(Unit.PERCENT, Decimal(told["usage_rate"])) == "33,3\xa0%"
    assert (told["of_money"], Decimal(told["of_points"])) == ("30.00", 80)
    people = behaviour(read_history(MARCH.first, NOW), MARCH)
    known = {
        "people": {"march": people},
        "vouchers": {"march": told, **figures.vouchers(NOW)},
        "customers": figures.customers(NOW),
        "snapshots": {},
    }
    for key, expected in {
        "taxa-de-resgate-de-cashback": "176,5\xa0%",
        "taxa-de-resgate-de-pontos": "23,5\xa0%",
        "passivo-em-aberto": "R$\xa034,00",
        "ticket-medio": "R$\xa068,00",
        "intervalo-entre-compras": "95 dias",
    }.items():
        indicator = INDICATORS[key]
        assert shown(indicator.unit, indicator.read(known, "march")) == expected, key


def test_recovered_with_a_benefit_needs_a_voucher_used_that_day(example: Connection) -> None:
    Voucher.objects.filter(remote_id="V0").update(used_at=at("2026-03-02", 9))
    assert behaviour(read_history(MARCH.first, NOW), MARCH)["recovered_by_benefit"] == 2


def test_a_sale_without_details_counts_with_the_estimate_and_a_mark(example: Connection) -> None:
    Sale.objects.filter(amount=200).update(
        cashback_amount=None,
        points_earned=None,
        cashback_estimate=Decimal("9.00"),
        points_estimate=Decimal("100"),
    )
    told = behaviour(read_history(MARCH.first, NOW), MARCH)
    assert (Decimal(told["cashback"]), Decimal(told["points"]), told["estimated"]) == (16, 240, 1)


def test_only_sales_the_platform_confirmed_count(example: Connection) -> None:
    Write.objects.exclude(sale__amount=200).update(state=Write.State.IN_DOUBT)
    told = behaviour(read_history(MARCH.first, NOW), MARCH)
    assert (told["sales"], told["buyers"], told["active"], told["inactive"]) == (1, 1, 1, 0)


def test_over_nothing_there_is_no_rate(db: None) -> None:
    told = behaviour(read_history(MARCH.first, NOW), MARCH)
    assert [
        told[name] for name in ("average_ticket", "repurchase_rate", "recurrence", "purchase_interval")
    ] == [None] * 4
    assert shown(Unit.PERCENT, None) == "—"
    assert figures.voucher_figures(Voucher.objects.order_by(), MARCH, NOW)["usage_rate"] is None


def test_the_history_reads_the_same_number_of_queries(
    example: Connection, django_assert_num_queries: pytest.FixtureRequest
) -> None:
    with time_machine.travel(NOW, tick=False), django_assert_num_queries(4):  # type: ignore[operator]
        read_history(MARCH.first, NOW)


@pytest.mark.parametrize(
    ("unit", "now", "before", "sentence", "gap"),
    [
        (Unit.COUNT, "12", "8", "50,0\xa0% a mais que nos 30 dias anteriores (8)", "+4"),
        (Unit.COUNT, "3", "4", "25,0\xa0% a menos que nos 30 dias anteriores (4)", "−1"),
        (Unit.COUNT, "4", "4", "igual aos 30 dias anteriores", "0"),
        (Unit.COUNT, "4", None, "sem valor dos 30 dias anteriores para comparar", "—"),
        (Unit.COUNT, "5", "0", "5 a mais que nos 30 dias anteriores (0)", "+5"),
        (
            Unit.PERCENT,
            "0.667",
            "0.657",
            "1,0 ponto percentual a mais que nos 30 dias anteriores (65,7\xa0%)",
            "+1,0 ponto percentual",
        ),
        (Unit.DAYS, "1", "2", "50,0\xa0% a menos que nos 30 dias anteriores (2 dias)", "−1 dia"),
        (
            Unit.MONEY,
            "0.125",
            "0.25",
            "50,0\xa0% a menos que nos 30 dias anteriores (R$\xa00,25)",
            "−R$\xa00,13",
        ),
    ],
)
def test_a_difference_is_said_in_words(
    unit: Unit, now: str, before: str | None, sentence: str, gap: str
) -> None:
    pair = Decimal(now), None if before is None else Decimal(before)
    assert compare(unit, *pair, span="month", at_moment=False).sentence == sentence
    assert difference(unit, *pair) == gap
