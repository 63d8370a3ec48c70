"""The demo data of the shop and the wallet programme: plausible, true to themselves, and full of the stores' people."""

import sqlite3
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from sandbox.testing import SandboxServer
from tests.sandbox.smartpasses.support import Passes
from tests.sandbox.smile.support import Smile


@pytest.fixture(scope="module")
def db(demo_server: SandboxServer) -> Iterator[sqlite3.Connection]:
    """The demo database, to ask."""
    with closing(sqlite3.connect(demo_server.database)) as connection:
        yield connection


def one(db: sqlite3.Connection, sql: str) -> Any:
    [(value,)] = db.execute(sql).fetchall()
    return value


SHOP = "smile_customer s WHERE s.account_id = 1"
STORES = "(SELECT DISTINCT lower(email) AS email FROM smartbis_customer WHERE account_id = 1)"


def test_how_much_there_is(db: sqlite3.Connection) -> None:
    assert one(db, f"SELECT count(*) FROM {SHOP}") == 1500
    assert one(db, "SELECT count(*) FROM smile_customer WHERE account_id = 2") == 120
    assert one(db, "SELECT count(*) FROM smartpasses_customer") == 600
    assert one(db, "SELECT count(*) FROM smile_pointstransaction WHERE account_id = 1") > 8_000
    states = Counter(dict(db.execute(f"SELECT state, count(*) FROM {SHOP} GROUP BY 1")))
    assert set(states) == {"candidate", "member", "disabled"}
    assert states["member"] > 900
    held = dict(
        db.execute("SELECT vip_tier_id % 10, count(*) FROM smile_customer WHERE account_id = 1 GROUP BY 1")
    )
    assert min(held.values()) >= 10
    assert set(held) == {None, 6, 7, 8, 9}
    kinds = db.execute(
        "SELECT DISTINCT fulfillment_status, usage_status FROM smile_rewardfulfillment"
    ).fetchall()
    assert {status for status, _ in kinds} == {"pending", "issued", "cancelled", "failed"}
    assert {usage for _, usage in kinds} == {"used", "unused", "untracked"}
    offers = dict(db.execute("SELECT status, count(*) FROM smartpasses_offer GROUP BY 1"))
    assert offers == {"Draft": 2, "Published": 4, "Cancelled": 2}


def test_the_same_people_in_several_programmes(db: sqlite3.Connection) -> None:
    met = one(db, f"SELECT count(*) FROM {SHOP} AND s.email_key IN {STORES}")
    assert 500 < met < 800
    namesakes = """
        SELECT count(*) FROM smile_customer s JOIN smartbis_customer c ON lower(c.email) = s.email_key
        WHERE s.account_id = 1 AND c.account_id = 1 AND coalesce(s.first_name || ' ' || s.last_name, '') <> c.name
    """
    # Somebody else of the household under the same e-mail: a person must say whether it is the same one.
    assert 20 < one(db, namesakes) < 80
    twice = f"SELECT count(*) FROM (SELECT 1 FROM {SHOP} GROUP BY email_key HAVING count(*) > 1)"
    assert 5 <= one(db, twice) <= 40
    by_phone = """
        SELECT count(*) FROM smartpasses_customer p JOIN smartbis_customer c ON '+55' || c.phone = p.phone
        WHERE c.account_id = 1
    """
    assert 200 < one(db, by_phone) < 330
    in_all_three = (
        f"{by_phone} AND lower(c.email) IN (SELECT email_key FROM smile_customer WHERE account_id = 1)"
    )
    assert one(db, in_all_three) > 40
    assert one(db, "SELECT count(*) FROM smartpasses_customer WHERE first_name = '' AND phone = ''") > 60


def test_what_the_shop_tells_fits_together(db: sqlite3.Connection) -> None:
    wrong = db.execute(
        """
        SELECT s.id FROM smile_customer s
        LEFT JOIN (SELECT customer_id, sum(points_change) AS points, max(updated_at) AS last
                   FROM smile_pointstransaction GROUP BY 1) t ON t.customer_id = s.id
        WHERE s.points_balance < 0 OR s.points_balance > ifnull(t.points, 0) OR s.updated_at < s.created_at
           OR (s.state = 'member') <> (s.vip_tier_id IS NOT NULL) OR s.updated_at < t.last
        """
    ).fetchall()
    assert wrong == []
    odd = db.execute(
        """
        SELECT f.id FROM smile_rewardfulfillment f JOIN smile_customer c ON c.id = f.customer_id
        WHERE f.created_at < c.created_at OR f.used_at < f.created_at
        """
    ).fetchall()
    assert odd == []
    for table in ("customer", "pointstransaction", "rewardfulfillment", "viptierchange"):
        before = "lag(created_at) OVER (PARTITION BY account_id ORDER BY id) AS before"
        rows = f"SELECT created_at, {before} FROM smile_{table}"
        assert one(db, f"SELECT count(*) FROM ({rows}) WHERE created_at < before") == 0
    for kind, following in db.execute("SELECT kind, next FROM smile_serial WHERE account_id = 1").fetchall():
        if kind != "Activity":
            assert (
                one(db, f"SELECT max(id) % 1000000000000 + 1 FROM smile_{kind.lower()} WHERE account_id = 1")
                == following
            )


def test_both_go_on_where_the_demo_ends(sandbox: SandboxServer) -> None:
    sandbox.reset("demo")
    smile, passes = Smile(sandbox), Passes(sandbox)
    smile.switch("rate_limit", "off")
    assert smile.act("add_customer", email="a@loja.example")["id"] == 1501
    [newest] = smile.get("customers?limit=1")["customers"]
    assert newest["email"] == "a@loja.example"
    rich = next(row for row in smile.walk("customers") if row["points_balance"] >= 300)
    assert smile.post("points_products/21/purchase", {"customer_id": rich["id"]}).status_code == 201
    numbers = {row["id"] for row in passes.get("customers")}
    assert {len(str(number)) for number in numbers} == {4, 16}
    made = passes.call("POST", "customers", {}).json()["id"]
    assert made not in numbers
