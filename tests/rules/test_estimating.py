"""What a sale is expected to bring: the contract's amounts, the version of its moment, exceptions, campaigns."""

from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from customers.rules.arithmetic import best_factor, estimate
from customers.rules.estimating import Circumstances, RuleBook, expected_benefit, ineligibility
from customers.rules.models import Campaign, RuleVersion
from smartbis_admin.connections.models import Connection
from smartbis_admin.staff.models import Store

Make = Callable[..., Any]
#: Monday 2 March 2026, 15:00 in São Paulo.
MONDAY = datetime(2026, 3, 2, 18, tzinfo=UTC)


def sale(amount: str = "100", at: datetime = MONDAY, **told: Any) -> Circumstances:
    return Circumstances(Decimal(amount), at, **told)


def benefit(connection: Connection, circumstances: Circumstances) -> tuple[Decimal, Decimal]:
    expected = expected_benefit(connection=connection, circumstances=circumstances)
    return expected.cashback, expected.points


# --- The arithmetic (`communication-and-rules.md` §1) -----------------------------------------------------
@pytest.mark.one_database
@pytest.mark.parametrize(
    ("amount", "cashback", "points"),
    [
        ("129.90", "6.50", {"0.1": "12.99", "1": "129.90", "2": "259.80"}),
        ("33.33", "1.67", {"0.1": "3.33", "1": "33.33", "2": "66.66"}),
        ("9.99", "0.50", {"0.1": "0.99", "1": "9.99", "2": "19.98"}),
        ("0.10", "0.01", {"0.1": "0.01", "1": "0.10", "2": "0.20"}),
        ("0.09", "0.00", {"0.1": "0.00", "1": "0.09", "2": "0.18"}),
    ],
)
def test_the_contracts_table(amount: str, cashback: str, points: dict[str, str]) -> None:
    for rate, expected in points.items():
        told = estimate(Decimal(amount), cashback_percent=Decimal(5), points_per_brl=Decimal(rate))
        assert (str(told.cashback), str(told.points)) == (cashback, expected)


@pytest.mark.one_database
@given(
    amount=st.decimals("0.01", "99999.99", places=2),
    percent=st.decimals(0, 100, places=3),
    rate=st.decimals(0, 20, places=4),
    times=st.decimals(1, 9, places=2),
    again=st.decimals(1, 9, places=2),
)
def test_a_benefit_is_rounded_once(
    amount: Decimal, percent: Decimal, rate: Decimal, times: Decimal, again: Decimal
) -> None:
    factor = best_factor([times, again], [])
    told = estimate(
        amount,
        cashback_percent=percent,
        points_per_brl=rate,
        cashback_factor=factor,
        points_factor=factor,
    )
    share = min(Fraction(percent) * Fraction(times) * Fraction(again), Fraction(100)) / 100
    exact = Fraction(amount) * share * 100
    assert told.cashback * 100 == Decimal(int(exact + Fraction(1, 2)))
    assert told.cashback <= amount
    exact = Fraction(amount) * Fraction(rate) * Fraction(times) * Fraction(again) * 100
    assert told.points * 100 == Decimal(int(exact))
    assert (told.cashback.as_tuple().exponent, told.points.as_tuple().exponent) == (-2, -2)


@pytest.mark.one_database
def test_rounding_in_between_would_be_seen() -> None:
    """0.10 at 5 % is half a cent: rounded before the campaign it would be 2 cents, it is 1."""
    told = estimate(
        Decimal("0.10"), cashback_percent=Decimal(5), points_per_brl=Decimal("0.05"),
        cashback_factor=Decimal(2), points_factor=Decimal(2),
    )  # fmt: skip
    assert (told.cashback, told.points) == (Decimal("0.01"), Decimal("0.01"))
    early = (Decimal("0.10") * 5 / 100).quantize(Decimal("0.01"), ROUND_HALF_UP) * 2
    late = (Decimal("0.10") * Decimal("0.05")).quantize(Decimal("0.01"), ROUND_DOWN) * 2
    assert (early, late) == (Decimal("0.02"), 0)


# --- Versions ---------------------------------------------------------------------------------------------
def test_the_version_of_the_sales_moment_holds(plain_connection: Connection, make_version: Make) -> None:
    turn = MONDAY + timedelta(days=10)
    first = make_version(valid_from=MONDAY, cashback_percent=5, points_per_brl=1)
    second = make_version(valid_from=turn, cashback_percent=10, points_per_brl=Decimal("0.1"))
    make_version(valid_from=turn + timedelta(days=5), cashback_percent=99, cancelled_at=MONDAY)
    book = RuleBook(plain_connection)
    before = book.expect(sale(at=MONDAY - timedelta(seconds=1)))
    assert (before.version, before.cashback, before.points) == (None, 0, 0)
    for moment, version, cashback, points in (
        (MONDAY, first, "5.00", "100.00"),
        (turn - timedelta(microseconds=1), first, "5.00", "100.00"),
        (turn, second, "10.00", "10.00"),
        (turn + timedelta(days=400), second, "10.00", "10.00"),
    ):
        found = book.expect(sale(at=moment))
        assert (found.version, str(found.cashback), str(found.points)) == (version, cashback, points)


def test_another_programmes_rule_does_not_matter(plain_connection: Connection, make_version: Make) -> None:
    other = Connection.objects.create(name="Outra", base_url="https://api.invalid/v2/")
    make_version(connection=other, valid_from=MONDAY, cashback_percent=5)
    assert expected_benefit(connection=plain_connection, circumstances=sale()).version is None
    assert ineligibility(connection=plain_connection, circumstances=sale()) == ""


def test_reading_a_rule_is_two_queries(
    plain_connection: Connection, make_version: Make, make_campaign: Make, django_assert_num_queries: Make
) -> None:
    for days in range(20):
        make_version(valid_from=MONDAY - timedelta(days=days), cashback_percent=days)
        make_campaign(name=str(days), points_multiplier=2)
    with django_assert_num_queries(2):
        book = RuleBook(plain_connection)
        for _again in range(5):
            book.expect(sale())


# --- What earns nothing -----------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("terms", "told", "why"),
    [
        ({}, {}, ""),
        ({"minimum_to_earn": 100}, {}, ""),
        ({"minimum_to_earn": Decimal("100.01")}, {}, "below_minimum"),
        ({"excluded_methods": ["pix", "voucher"]}, {"payment_method": "pix"}, "method_excluded"),
        ({"excluded_methods": ["pix"]}, {"payment_method": "debit"}, ""),
        ({"excluded_methods": ["pix"]}, {}, ""),
        ({"first_day": date(2026, 3, 3)}, {}, "outside_period"),
        ({"first_day": date(2026, 3, 2), "last_day": date(2026, 3, 2)}, {}, ""),
        ({"last_day": date(2026, 3, 1)}, {}, "outside_period"),
        # The contract's order: the first reason is told.
        ({"minimum_to_earn": 500, "last_day": date(2026, 3, 1)}, {}, "below_minimum"),
        (
            {"minimum_to_earn": 500, "excluded_methods": ["pix"]},
            {"payment_method": "pix"},
            "method_excluded",
        ),
    ],
)
def test_what_earns_nothing_and_why(
    plain_connection: Connection, make_version: Make, terms: dict[str, Any], told: dict[str, str], why: str
) -> None:
    make_version(valid_from=MONDAY, cashback_percent=5, points_per_brl=1, **terms)
    circumstances = sale(**told)
    assert ineligibility(connection=plain_connection, circumstances=circumstances) == why
    expected = (0, 0) if why else (5, 100)
    assert benefit(plain_connection, circumstances) == expected


def test_an_excluded_store_earns_nothing(
    plain_connection: Connection, make_version: Make, store: Store
) -> None:
    other = Store.objects.create(name="Loja Norte")
    make_version(
        valid_from=MONDAY, cashback_percent=5, minimum_to_earn=500, excluded_stores=[store.pk, other.pk + 1]
    )
    for where, amount, why in (
        (store, "100", "store_excluded"),
        (other, "500", ""),
        (None, "500", ""),
        (other, "100", "below_minimum"),
    ):
        asked = sale(amount, store=where)
        assert ineligibility(connection=plain_connection, circumstances=asked) == why


def test_days_are_those_of_the_stores_clock(plain_connection: Connection, make_version: Make) -> None:
    """23:30 of 1 March in Manaus is 0:30 of the 2nd in São Paulo."""
    make_version(valid_from=MONDAY - timedelta(days=9), cashback_percent=5, last_day=date(2026, 3, 1))
    manaus = Store.objects.create(name="Manaus", time_zone="America/Manaus")
    moment = datetime(2026, 3, 2, 3, 30, tzinfo=UTC)
    assert benefit(plain_connection, sale(at=moment, store=manaus)) == (5, 0)
    assert benefit(plain_connection, sale(at=moment)) == (0, 0)


# --- Campaigns --------------------------------------------------------------------------------------------
@pytest.fixture
def rule(make_version: Make) -> RuleVersion:
    version: RuleVersion = make_version(
        valid_from=MONDAY - timedelta(days=60), cashback_percent=5, points_per_brl=1
    )
    return version


@pytest.mark.parametrize(
    ("condition", "told", "holds"),
    [
        ({}, {}, True),
        ({"first_day": date(2026, 3, 2), "last_day": date(2026, 3, 2)}, {}, True),
        ({"first_day": date(2026, 3, 3)}, {}, False),
        ({"last_day": date(2026, 3, 1)}, {}, False),
        ({"weekdays": [0, 4]}, {}, True),
        ({"weekdays": [1, 2, 3, 4, 5, 6]}, {}, False),
        ({"from_time": time(15)}, {}, True),
        ({"from_time": time(15, 1)}, {}, False),
        ({"until_time": time(15)}, {}, False),
        ({"until_time": time(15, 1)}, {}, True),
        ({"from_time": time(22), "until_time": time(2)}, {}, False),
        ({"from_time": time(22), "until_time": time(15, 30)}, {}, True),
        ({"machines": ["M-1", "M-2"]}, {"machine": "M-2"}, True),
        ({"machines": ["M-1"]}, {"machine": "M-2"}, False),
        ({"machines": ["M-1"]}, {}, False),
        ({"category": "Padaria"}, {"category": "padaria"}, True),
        ({"category": "Padaria"}, {"category": "Açougue"}, False),
        ({"category": "Padaria"}, {}, False),
        ({"ended_at": MONDAY}, {}, False),
        ({"ended_at": MONDAY + timedelta(seconds=1)}, {}, True),
    ],
)
def test_when_a_campaign_holds(
    plain_connection: Connection,
    rule: RuleVersion,
    make_campaign: Make,
    condition: dict[str, Any],
    told: dict[str, str],
    holds: bool,
) -> None:
    campaign = make_campaign(points_multiplier=2, **condition)
    found = expected_benefit(connection=plain_connection, circumstances=sale(**told))
    assert (found.cashback, found.points) == (5, 200 if holds else 100)
    assert found.campaigns == ((campaign,) if holds else ())


def test_a_campaign_of_a_store(
    plain_connection: Connection, rule: RuleVersion, make_campaign: Make, store: Store
) -> None:
    other = Store.objects.create(name="Loja Norte")
    make_campaign(cashback_multiplier=3, stores=[store.pk])
    for where, cashback in ((store, 15), (other, 5), (None, 5)):
        assert benefit(plain_connection, sale(store=where)) == (cashback, 100)


def test_those_that_stack_multiply_and_the_best_of_the_rest_competes(
    plain_connection: Connection, rule: RuleVersion, make_campaign: Make
) -> None:
    def said() -> tuple[Decimal, Decimal, list[str]]:
        found = expected_benefit(connection=plain_connection, circumstances=sale())
        return found.cashback, found.points, [campaign.name for campaign in found.campaigns]

    make_campaign(name="dobro", points_multiplier=2)
    make_campaign(name="triplo", points_multiplier=3)
    assert said() == (5, 300, ["triplo"])
    make_campaign(name="soma a", points_multiplier=2, cashback_multiplier=2, stacks=True)
    assert said() == (10, 300, ["triplo", "soma a"])
    make_campaign(name="soma b", points_multiplier=Decimal("1.75"), stacks=True)
    assert said() == (10, 350, ["soma a", "soma b"])
    Campaign.objects.filter(name="triplo").update(cashback_multiplier=3)
    assert said() == (15, 350, ["triplo", "soma a", "soma b"])


def test_cashback_never_exceeds_the_purchase(
    plain_connection: Connection, make_version: Make, make_campaign: Make
) -> None:
    make_version(valid_from=MONDAY, cashback_percent=40, points_per_brl=1)
    make_campaign(cashback_multiplier=3)
    assert benefit(plain_connection, sale("10")) == (10, 10)


def test_what_earns_nothing_earns_nothing_in_a_campaign_either(
    plain_connection: Connection, make_version: Make, make_campaign: Make
) -> None:
    make_version(valid_from=MONDAY, cashback_percent=5, points_per_brl=1, minimum_to_earn=200)
    make_campaign(points_multiplier=9)
    found = expected_benefit(connection=plain_connection, circumstances=sale())
    assert (found.cashback, found.points, found.campaigns) == (0, 0, ())


def test_a_campaign_on_what_the_rule_does_not_give_is_not_named(
    plain_connection: Connection, make_version: Make, make_campaign: Make
) -> None:
    make_version(valid_from=MONDAY, cashback_percent=5)
    make_campaign(points_multiplier=2)
    assert expected_benefit(connection=plain_connection, circumstances=sale()).campaigns == ()
