"""SmartPOS' feed of sales as the contract smartpos.md §2.1 and §2.2 describes it, and how it fails."""

import sqlite3
from contextlib import closing
from typing import Any

import pytest

from sandbox.testing import POS_CLIENT_2, SandboxFailed
from tests.sandbox.posted import Pos

ANA = {"cpf": "52998224725", "name": "Ana Souza"}
FIRST = {
    "id": "pos-000001",
    "machine_id": "maq-01",
    "acquirer": "Mercado Pago",
    "terminal_serial": "MP01",
    "nsu": "000000001",
    "authorization_code": "007919",
    "store_id": "Loja Centro",
    "amount": "129.90",
    "installments": 1,
    "payment_method": "credit",
    "status": "approved",
    "sold_at": "2026-03-05T14:31:40-03:00",
    "customer": ANA,
}


def sell(pos: Pos, count: int = 1, **more: Any) -> list[Any]:
    sales: list[Any] = pos.act("sale", [{"machine_id": "maq-01", "amount": "10.00", **more}] * count)
    return sales


def test_a_token_for_the_right_pair_only(pos: Pos) -> None:
    granted = pos.authorize()
    assert granted.status_code == 200
    assert granted.json() == {
        "access_token": granted.json()["access_token"],
        "token_type": "Bearer",
        "expires_in": 3600,
    }
    wrong = [pos.authorize(client_secret="x"), pos.authorize(client_id="sandbox-laravel")]
    assert [(reply.status_code, reply.json()["error"]) for reply in wrong] == [(401, "invalid_client")] * 2
    bad = [pos.authorize(grant_type="password"), pos.authorize(client_id=None), pos.authorize(scope="all")]
    assert [reply.status_code for reply in bad] == [400, 400, 400]


def test_a_token_ends_after_an_hour(pos: Pos) -> None:
    assert pos.get("sales") == {"sales": [], "next_cursor": None}
    pos.sandbox.clock("2026-03-05T18:31:39Z")
    assert pos.call("sales").status_code == 200
    pos.sandbox.clock("2026-03-05T18:31:40Z")
    assert (pos.call("sales").status_code, pos.call("machines").json()["error"]) == (401, "invalid_token")
    for token in ("", "pos.x", "pos.sandbox-pos.9999999999.aa.bb", "ação"):
        pos.token = token.encode().decode("latin-1")
        assert pos.call("customers").status_code == 401


def test_a_sale_as_the_contract_writes_it(pos: Pos) -> None:
    assert pos.act("sale", machine_id="maq-01", amount="129.90", customer=ANA) == FIRST
    assert pos.get("sales") == {"sales": [FIRST], "next_cursor": None}
    pos.act("sale", machine_id="maq-01", amount=0.05, payment_method="cash", installments=3)
    second = pos.get("sales")["sales"][1]
    assert (second["amount"], second["installments"], second["customer"]) == ("0.05", 3, None)
    assert (second["nsu"], second["authorization_code"]) == (None, None)


def test_what_changed_comes_again_at_the_end(pos: Pos) -> None:
    one, two, three = sell(pos, 3)
    pos.act("cancel_sale", sale_id=one["id"])
    pos.act("refund_sale", sale_id=two["id"])
    pos.act("edit_sale", sale_id=one["id"], amount="11.00", customer={"phone": "11988880001"})
    rows = pos.get("sales")["sales"]
    told = [(row["id"], row["status"], row["amount"], row["customer"]) for row in rows]
    assert told == [
        (three["id"], "approved", "10.00", None),
        (two["id"], "refunded", "10.00", None),
        (one["id"], "cancelled", "11.00", {"phone": "11988880001"}),
    ]


def test_pages_by_cursor_and_the_last_one_asked_again(pos: Pos) -> None:
    ids = [sale["id"] for sale in sell(pos, 5)]
    first = pos.get("sales", limit=2)
    second = pos.get("sales", limit=2, cursor=first["next_cursor"])
    third = pos.get("sales", limit=2, cursor=second["next_cursor"])
    assert [row["id"] for page in (first, second, third) for row in page["sales"]] == ids
    assert third["next_cursor"] is None
    assert pos.get("sales", limit=2, cursor=second["next_cursor"]) == third
    [late] = sell(pos)
    again = pos.get("sales", limit=2, cursor=second["next_cursor"])
    assert [row["id"] for row in again["sales"]] == [ids[4], late["id"]]


@pytest.mark.parametrize(
    "query", [{"limit": 0}, {"limit": 501}, {"limit": "x"}, {"cursor": "x"}, {"cursor": "YWJj"}]
)
def test_what_makes_no_sense_is_refused(pos: Pos, query: dict[str, Any]) -> None:
    reply = pos.call("sales", **query)
    assert (reply.status_code, reply.json()["error"]) == (400, "invalid_request")


def test_cursors_grow_old(pos: Pos) -> None:
    sell(pos, 3)
    cursor = pos.get("sales", limit=1)["next_cursor"]
    assert pos.call("customers", cursor=cursor).status_code == 400
    pos.sandbox.clock("2026-03-12T17:31:40Z")
    pos.token = None
    assert pos.call("sales", cursor=cursor).status_code == 200
    pos.sandbox.clock("2026-03-12T17:31:41Z")
    assert (pos.call("sales", cursor=cursor).status_code, pos.call("sales").status_code) == (410, 200)
    fresh = pos.get("sales", limit=1)["next_cursor"]
    pos.act("expire_cursors")
    assert pos.call("sales", cursor=fresh).json()["error"] == "cursor_expired"
    ahead = pos.get("sales", limit=2)["next_cursor"]
    pos.sandbox.reset()
    other = Pos(pos.sandbox)
    other.sandbox.clock("2026-03-12T17:31:41Z")
    assert other.call("sales", cursor=ahead).status_code == 410


def test_machines_whole_and_customers_by_the_hundred(pos: Pos) -> None:
    pos.act("machine", store_id="Loja Praia", acquirer="Stone", active=False)
    sell(pos)
    assert pos.get("machines")["machines"] == [
        {
            "id": "maq-01",
            "acquirer": "Mercado Pago",
            "terminal_serial": "MP01",
            "label": "Maquininha 1",
            "store_id": "Loja Centro",
            "active": True,
            "last_seen_at": "2026-03-05T14:31:40-03:00",
        },
        {
            "id": "maq-02",
            "acquirer": "Stone",
            "terminal_serial": "SP000002",
            "label": "Maquininha 2",
            "store_id": "Loja Praia",
            "active": False,
            "last_seen_at": "2026-03-05T14:31:40-03:00",
        },
    ]
    pos.act("edit_machine", machine_id="maq-02", active=True, label="Balcão")
    assert [row["label"] for row in pos.get("machines")["machines"]] == ["Maquininha 1", "Balcão"]
    pos.act("add_customer", [{"phone": f"1198888{number:04d}"} for number in range(101)])
    pos.act("add_customer", id="cli-00001", cpf="52998224725", name="Ana")
    first = pos.get("customers")
    second = pos.get("customers", cursor=first["next_cursor"])
    assert (len(first["customers"]), second["next_cursor"]) == (100, None)
    assert first["customers"][0] == {
        "id": "cli-00002",
        "phone": "11988880001",
        "updated_at": "2026-03-05T17:31:40Z",
    }
    assert second["customers"] == [
        {"id": "cli-00001", "cpf": "52998224725", "name": "Ana", "updated_at": "2026-03-05T17:31:40Z"}
    ]


def test_each_client_has_its_own_data(pos: Pos) -> None:
    other = Pos(pos.sandbox, POS_CLIENT_2)
    other.act("machine", store_id="Loja Praia")
    sell(pos)
    assert other.get("sales")["sales"] == []
    assert other.act("sale", machine_id="maq-01", amount=1)["id"] == "pos-000001"
    assert [row["store_id"] for row in pos.get("sales")["sales"]] == ["Loja Centro"]


def test_anything_can_be_given_out_as_a_sale(pos: Pos) -> None:
    raw = {"id": "x-1", "amount": "-5", "sold_at": "05/03/2026", "machine_id": "?", "extra": [1]}
    assert pos.act("sale_raw", sale=raw) == raw
    sell(pos)
    pos.act("sale_raw", sale={"id": "x-1", "amount": 1e300})
    assert [row["amount"] for row in pos.get("sales")["sales"]] == ["10.00", 1e300]


@pytest.mark.parametrize(
    ("action", "args"),
    [
        ("sale", {"machine_id": "maq-99", "amount": 1}),
        ("sale", {"machine_id": "maq-01", "amount": 0}),
        ("sale", {"machine_id": "maq-01", "amount": "1.001"}),
        ("sale", {"machine_id": "maq-01", "amount": 1, "payment_method": "cheque"}),
        ("sale", {"machine_id": "maq-01", "amount": 1, "customer": {"rg": "1"}}),
        ("sale", {"machine_id": "maq-01", "amount": 1, "id": "pos-000001"}),
        ("cancel_sale", {"sale_id": "pos-000009"}),
        ("machine", {"machine_id": "maq-01", "store_id": "Loja Centro"}),
        ("burst", {"count": 0}),
        ("ping", {}),
        ("push", {"sale_ids": ["pos-000001"]}),
    ],
)
def test_acts_that_make_no_sense_change_nothing(pos: Pos, action: str, args: dict[str, Any]) -> None:
    sell(pos)
    before = pos.get("sales"), pos.get("machines")
    with pytest.raises(SandboxFailed, match="422"):
        pos.act(action, args)
    assert (pos.get("sales"), pos.get("machines")) == before


def test_pages_fail_as_they_are_told_to(pos: Pos) -> None:
    ids = [sale["id"] for sale in sell(pos, 4)]
    cursor = pos.get("sales", limit=2)["next_cursor"]
    pos.fault("unauthorized", path="v1/sales")
    assert pos.call("sales").json()["error"] == "invalid_token"
    pos.fault("rate_limit", path="v1/sales")
    limited = pos.call("sales")
    assert (limited.status_code, limited.headers["Retry-After"]) == (429, "1")
    pos.fault("rate_limit_silent", path="v1/sales")
    assert "Retry-After" not in pos.call("sales").headers
    pos.fault("error_after", path="v1/sales")
    assert pos.call("sales").json()["error"] == "server_error"
    told = {}
    for kind in ("ignore_paging", "repeat_page", "cut_page"):
        pos.fault(kind, path="v1/sales")
        told[kind] = [row["id"] for row in pos.get("sales", limit=2, cursor=cursor)["sales"]]
    assert told == {"ignore_paging": ids[:2], "repeat_page": ids[:2], "cut_page": ids[2:3]}
    pos.fault("wrong_type", path="v1/sales")
    assert pos.get("sales")["sales"][2]["machine_id"] == {"unexpected": True}


def test_a_long_feed_is_read_by_its_index(pos: Pos) -> None:
    made = pos.act("burst", count=3_000, customers=[{"cpf": "52998224725"}, None])
    assert made == {"first": "pos-000001", "last": "pos-003000", "pushes": 0}
    ids, cursor = [], ""
    while cursor is not None:
        page = pos.get("sales", limit=500, cursor=cursor)
        ids += [row["id"] for row in page["sales"]]
        cursor = page["next_cursor"]
    assert ids == [f"pos-{number:06d}" for number in range(1, 3_001)]
    asked = "SELECT * FROM smartpos_sale WHERE account_id = 1 AND change > 5 ORDER BY change LIMIT 500"
    with closing(sqlite3.connect(pos.sandbox.database)) as db:
        [plan] = db.execute(f"EXPLAIN QUERY PLAN {asked}").fetchall()
    assert plan[3].startswith("SEARCH smartpos_sale USING INDEX ")
    assert plan[3].endswith(" (account_id=? AND change>?)")


def test_what_is_not_there_is_a_404(pos: Pos) -> None:
    assert [pos.call(path).status_code for path in ("stores", "authorize", "sales/pos-000001")] == [
        404,
        404,
        404,
    ]
