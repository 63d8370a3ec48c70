"""The demo data: enough, plausible, the same every time, and true to the engine."""

import sqlite3
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from typing import Any

import pytest
from stdnum.br import cpf as oracle

from sandbox.testing import SandboxServer
from tests.sandbox.support import Api

Query = Callable[..., list[Any]]


@pytest.fixture(scope="session")
def demo_rows(demo_server: SandboxServer) -> dict[str, list[dict[str, Any]]]:
    """Every list of the first credential, read over HTTP."""
    api = Api(demo_server)
    found: dict[str, list[dict[str, Any]]] = {}
    for name in ("customers", "coupons", "vouchers", "categories"):
        found[name], number = [], 1
        while rows := api.rows(f"{name}?per_page=250&page={number}"):
            found[name] += rows
            number += 1
    return found


@pytest.fixture(scope="session")
def demo_query(demo_server: SandboxServer) -> Query:
    """Ask the demo database."""

    def ask(sql: str, *values: Any) -> list[Any]:
        with closing(sqlite3.connect(demo_server.database)) as connection:
            return connection.execute(sql, values).fetchall()

    return ask


def share(rows: list[dict[str, Any]], key: str) -> float:
    return sum(row[key] is not None for row in rows) / len(rows)


def test_two_thousand_brazilians(demo_rows: dict[str, list[dict[str, Any]]]) -> None:
    people = demo_rows["customers"]
    assert len(people) == 2000
    assert all(oracle.is_valid(person["cpf"]) for person in people if person["cpf"])
    cpfs = [person["cpf"] for person in people if person["cpf"]]
    assert len(set(cpfs)) == len(cpfs)
    assert sum(not person["name"].isascii() for person in people) > 400
    assert len({person["name"] for person in people}) > 1500
    assert 0.90 < share(people, "cpf") < 0.96
    assert 0.94 < share(people, "phone") < 1
    assert 0.70 < share(people, "email") < 0.80
    assert 0.75 < share(people, "birth_date") < 0.85
    assert [person["created_at"] for person in people] == sorted(person["created_at"] for person in people)


def test_vouchers_in_every_state(demo_rows: dict[str, list[dict[str, Any]]]) -> None:
    vouchers = demo_rows["vouchers"]
    states = Counter((voucher["status"], voucher["value"] is not None) for voucher in vouchers)
    assert set(states) == {
        (word, value) for word in ("issued", "used", "expired", "cancelled") for value in (True, False)
    }
    assert min(states.values()) >= 20
    assert {voucher["origin"] for voucher in vouchers} == {"balance", "points", "cashback", "plan", "manual"}
    assert {voucher["store"] is not None for voucher in vouchers if voucher["status"] == "used"} == {True}
    assert sum(voucher["starts_at"] is not None for voucher in vouchers) >= 20
    assert {voucher["minimum_purchase"] for voucher in vouchers} == {None, "50.00"}
    assert len({voucher["code"] for voucher in vouchers}) == len(vouchers)


def test_coupons_of_every_kind(demo_rows: dict[str, list[dict[str, Any]]]) -> None:
    coupons = demo_rows["coupons"]
    assert {coupon["status"] for coupon in coupons} == {"active", "paused", "ended"}
    assert any(coupon["stock"] is None for coupon in coupons)
    assert any(coupon["stock"] == 0 for coupon in coupons)
    assert any(coupon["limit_per_customer"] for coupon in coupons)
    known = {category["id"] for category in demo_rows["categories"]} | {None}
    assert {coupon["category_id"] for coupon in coupons} == known


@pytest.mark.parametrize("profile", ["bare", "items"])
def test_the_other_credentials_have_a_small_copy(demo_server: SandboxServer, profile: str) -> None:
    api = Api(demo_server, profile)
    assert len(api.rows("customers?per_page=250")) == 120
    vouchers = [row for page in (1, 2, 3) for row in api.rows(f"vouchers?per_page=250&page={page}")]
    assert {row["status"].lower() for row in vouchers} == {"issued", "used", "expired", "cancelled"}
    assert len(api.rows("coupons")) == 25


def test_a_year_with_a_rhythm(demo_query: Query) -> None:
    days = dict(
        demo_query(
            "SELECT strftime('%w', created_at - 10800, 'unixepoch'), count(*) FROM smartbis_sale GROUP BY 1"
        )
    )
    assert days["6"] > 1.5 * days["1"] > 1.5 * days["0"]
    [(first, last, count)] = demo_query(
        "SELECT min(created_at), max(created_at), count(*) FROM smartbis_sale"
    )
    assert 360 < (last - first) / 86_400 <= 365
    assert count > 15_000


def test_balances_sales_and_vouchers_agree_to_the_centavo(demo_query: Query) -> None:
    wrong = demo_query(
        """
        SELECT c.id FROM smartbis_customer c
        LEFT JOIN (SELECT customer_id, sum(cashback_amount) AS cashback, sum(points_earned) AS points
                   FROM smartbis_sale GROUP BY 1) s ON s.customer_id = c.id
        LEFT JOIN (SELECT v.customer_id, sum(CASE v.origin WHEN 'cashback' THEN v.value END) AS value,
                          sum(CASE v.origin WHEN 'points' THEN k.points_required END) AS points
                   FROM smartbis_voucher v LEFT JOIN smartbis_coupon k ON k.id = v.coupon_id
                   GROUP BY 1) v ON v.customer_id = c.id
        WHERE c.cashback_balance <> ifnull(s.cashback, 0) - ifnull(v.value, 0)
           OR c.points_balance <> ifnull(s.points, 0) - ifnull(v.points, 0)
           OR c.cashback_balance NOT BETWEEN 0 AND 1999 OR c.points_balance < 0
        """
    )
    assert wrong == []


def test_no_voucher_precedes_its_customer_or_outlives_its_use(demo_query: Query) -> None:
    odd = demo_query(
        """
        SELECT v.code FROM smartbis_voucher v JOIN smartbis_customer c ON c.id = v.customer_id
        WHERE v.issued_at < c.created_at OR v.used_at < v.issued_at OR v.used_at > v.expires_at
        """
    )
    assert odd == []


def test_counters_tell_the_truth(demo_query: Query) -> None:
    for table, counter in (
        ("customer", "customers"),
        ("coupon", "coupons"),
        ("voucher", "vouchers"),
        ("category", "categories"),
    ):
        counted = demo_query(f"SELECT account_id, count(*) FROM smartbis_{table} GROUP BY 1 ORDER BY 1")
        assert counted == demo_query(f"SELECT id, {counter} FROM smartbis_account ORDER BY 1")


def test_the_same_data_every_time() -> None:
    dumps = []
    for _ in range(2):
        with (
            SandboxServer().start("demo", customers=150) as server,
            closing(sqlite3.connect(server.database)) as db,
        ):
            dumps.append([line for line in db.iterdump() if "django_migrations" not in line])
    assert dumps[0] == dumps[1]


def test_demo_comes_back_after_a_reset(sandbox: SandboxServer) -> None:
    sandbox.reset("demo")
    api = Api(sandbox)
    assert api.get("customers")["meta"]["total"] == 2000
    api.act("create_customer", {"name": "Ana"})
    sandbox.reset("demo")
    assert api.get("customers")["meta"]["total"] == 2000
    assert (
        api.post("customers", {"name": "Ana", "phone": "11988880001", "password": "x" * 8}).json()["data"][
            "id"
        ]
        == 20231
    )
