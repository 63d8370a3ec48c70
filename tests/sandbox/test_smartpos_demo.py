"""The demo's card machines: plausible sales of the last weeks, most of them of people the stores know."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest

from sandbox.testing import SandboxServer
from tests.sandbox.posted import Pos

KNOWN = """
    SELECT count(*) FROM smartpos_sale s WHERE s.account_id = 1 AND EXISTS (
        SELECT 1 FROM smartbis_customer c WHERE c.account_id = 1
        AND (c.cpf = nullif(s.cpf, '') OR s.cpf = '' AND c.phone = nullif(s.phone, ''))
    )
"""


@pytest.fixture(scope="module")
def db(demo_server: SandboxServer) -> Iterator[sqlite3.Connection]:
    """The demo database, to ask."""
    with closing(sqlite3.connect(demo_server.database)) as connection:
        yield connection


def one(db: sqlite3.Connection, sql: str) -> Any:
    [(value,)] = db.execute(sql).fetchall()
    return value


def test_shares(db: sqlite3.Connection) -> None:
    assert one(db, "SELECT count(*) FROM smartpos_sale") == 800
    assert 400 < one(db, KNOWN) < 520
    nothing = "SELECT count(*) FROM smartpos_sale WHERE cpf || phone || email = ''"
    assert 160 < one(db, nothing) < 280
    states = dict(db.execute("SELECT status, count(*) FROM smartpos_sale GROUP BY 1"))
    assert states["approved"] > 700
    assert min(states["cancelled"], states["refunded"]) > 10
    methods = {method for (method,) in db.execute("SELECT DISTINCT payment_method FROM smartpos_sale")}
    assert methods == {"credit", "debit", "pix", "cash", "voucher"}
    acquirers = {name for (name,) in db.execute("SELECT DISTINCT acquirer FROM smartpos_sale")}
    assert {"Mercado Pago", "Stone", "Cielo", "Rede", "PagBank"} <= acquirers
    assert {"Loja Centro", "Loja Praia"} < {
        store for (store,) in db.execute("SELECT DISTINCT store_id FROM smartpos_machine")
    }


def test_the_feed_is_whole(demo_server: SandboxServer) -> None:
    pos = Pos(demo_server)
    rows: list[Any] = []
    cursor = ""
    while cursor is not None:
        page = pos.get("sales", limit=500, cursor=cursor)
        rows, cursor = rows + page["sales"], page["next_cursor"]
    assert [row["id"] for row in rows] == [f"pos-{number:06d}" for number in range(1, 801)]
    machines = {row["id"]: row for row in pos.get("machines")["machines"]}
    assert len({row["terminal_serial"] for row in machines.values()}) == len(machines) == 7
    for row in rows:
        machine = machines[row["machine_id"]]
        assert [row[key] for key in ("acquirer", "terminal_serial", "store_id")] == [
            machine[key] for key in ("acquirer", "terminal_serial", "store_id")
        ]
        assert (row["nsu"] is None) == (row["payment_method"] in ("pix", "cash"))
