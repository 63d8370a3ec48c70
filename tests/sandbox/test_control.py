"""The control plane: reset, clock, switches, acts, log; what it refuses; the pages for people."""

import re
from datetime import UTC, datetime
from typing import Any

import pytest
import requests

from sandbox.testing import SandboxFailed, SandboxServer
from tests.sandbox.support import CPF, Api

ORDERS = "reset", "clock", "faults", "switch", "act"


def test_reset_clears_data_faults_switches_clock_and_log(api: Api) -> None:
    api.post("categories", {"name": "Bebidas"})
    api.sandbox.clock("2020-01-01T00:00:00Z")
    api.sandbox.fault("drop_before")
    api.sandbox.switch("validate_mode", "dry_run")
    api.sandbox.reset("empty")
    state = api.sandbox.state()
    assert (state["frozen"], state["faults"], state["switches"], api.sandbox.log()) == (False, [], [], [])
    assert api.rows("categories") == []


def test_the_clock_stands_still_and_every_time_follows(api: Api) -> None:
    api.sandbox.clock(datetime(2026, 3, 5, 17, 31, 40, 999_000, tzinfo=UTC))
    reply = api.post("categories", {"name": "Bebidas"})
    assert reply.json()["data"]["created_at"] == "2026-03-05T17:31:40.000000Z"
    assert reply.headers["Date"] == "Thu, 05 Mar 2026 17:31:40 GMT"
    assert api.sandbox.log()[-1]["at"] == "2026-03-05T17:31:40Z"
    assert api.sandbox.state()["now"] == "2026-03-05T17:31:40Z"
    api.sandbox.clock("2026-03-05T14:31:40-03:00")
    assert api.sandbox.state()["now"] == "2026-03-05T17:31:40Z"
    api.sandbox.clock(None)
    assert api.sandbox.state()["frozen"] is False


def test_the_log_lists_calls_oldest_first(api: Api) -> None:
    api.sandbox.clock("2026-03-05T17:31:40Z")
    api.rows("categories?page=1")
    api.post("categories", {"name": "Bebidas"})
    api.post("categories", {"name": "Bebidas"})
    path = "/smartbis/v2/categories"
    assert api.sandbox.log()[1:] == [
        {
            "at": "2026-03-05T17:31:40Z",
            "method": method,
            "path": path,
            "status": status,
            "committed": done,
            "fault": None,
        }
        for method, status, done in (("GET", 200, False), ("POST", 201, True), ("POST", 422, False))
    ]
    assert api.sandbox.log("smile") == []


@pytest.mark.parametrize(
    ("order", "body"),
    [
        ("reset", {"dataset": "production"}),
        ("reset", {}),
        ("reset", {"dataset": "empty", "fast": True}),
        ("clock", {}),
        ("clock", {"now": "yesterday"}),
        ("clock", {"now": "2026-03-05T17:31:40"}),
        ("faults", {"vendor": "smartbis", "method": "*", "path": "*", "kind": "explode"}),
        ("faults", {"vendor": "nobody", "method": "*", "path": "*", "kind": "slow"}),
        ("faults", {"vendor": "smartbis", "method": "*", "path": "*", "kind": "slow", "times": 0}),
        (
            "switch",
            {"vendor": "smartbis", "credential": "sandbox-laravel", "name": "mode", "value": "dry_run"},
        ),
        (
            "switch",
            {"vendor": "smartbis", "credential": "sandbox-laravel", "name": "validate_mode", "value": "x"},
        ),
        (
            "switch",
            {"vendor": "smartbis", "credential": "other", "name": "validate_mode", "value": "dry_run"},
        ),
        ("act", {"vendor": "smartbis", "credential": "sandbox-laravel", "action": "explode", "args": {}}),
        ("act", {"vendor": "smartbis", "credential": "other", "action": "credit", "args": {}}),
    ],
)
def test_orders_that_make_no_sense_are_refused(
    sandbox: SandboxServer, order: str, body: dict[str, Any]
) -> None:
    reply = requests.post(f"{sandbox.url}/_sandbox/{order}", json=body, timeout=5)
    assert reply.status_code == 422
    assert reply.json()["detail"]
    state = sandbox.state()
    assert (state["faults"], state["switches"], state["frozen"]) == ([], [], False)


def test_acts_answer_with_the_object_in_one_shape(each_api: Api) -> None:
    customer = each_api.act("create_customer", {"name": "Ana", "cpf": CPF, "points_balance": "1.5"})
    assert (customer["id"], customer["points_balance"]) == (18231, "1.50")
    edited = each_api.act("edit_customer", {"cpf": CPF, "new_cpf": "11144477735", "email": "a@b.example"})
    assert (edited["cpf"], edited["email"], edited["name"]) == ("11144477735", "a@b.example", "Ana")
    credited = each_api.act("credit", {"customer_id": 18231, "cashback": 25, "points": -0.5})
    assert (credited["cashback_balance"], credited["points_balance"]) == ("25.00", "1.00")
    voucher = each_api.act("issue_voucher", {"customer_id": "18231", "value": "25.00", "origin": "balance"})
    assert (voucher["status"], voucher["minimum_purchase"]) == ("issued", "50.00")
    coupon = each_api.act("create_coupon", {"name": "Café grátis", "stock": 3})
    assert each_api.act("set_stock", {"coupon_id": coupon["id"], "stock": None})["stock"] is None
    assert each_api.act("edit_coupon", {"coupon_id": 41, "paused": True})["status"] == "paused"
    assert each_api.act("cancel_voucher", {"code": voucher["code"]})["status"] == "cancelled"
    assert each_api.sandbox.log() == []


def test_issuing_debits_the_balance_and_the_stock(api: Api) -> None:
    api.act("create_customer", {"name": "Ana", "cpf": CPF, "points_balance": 100, "cashback_balance": 30})
    api.act("create_coupon", {"name": "Café grátis", "stock": 2, "points_required": 80})
    api.act("issue_voucher", {"cpf": CPF, "coupon_id": 41, "origin": "points"})
    api.act("issue_voucher", {"cpf": CPF, "value": "10.00", "origin": "cashback"})
    row = api.rows("customers")[0]
    assert (row["points_balance"], row["cashback_balance"]) == ("20.00", "20.00")
    assert api.rows("coupons")[0]["stock"] == 1


@pytest.mark.parametrize(
    ("coupon", "args", "reason"),
    [
        ({"stock": 0}, {}, "out of stock"),
        ({"paused": True}, {}, "paused"),
        ({"ends_at": "2026-02-28"}, {}, "ended"),
        ({"points_required": 80, "stock": 5}, {"origin": "points"}, "balance is short"),
        ({"stock": 5}, {"origin": "gift"}, "origin must be"),
        ({"stock": 5}, {"value": "1.001"}, "too many decimals"),
        ({"stock": 5}, {"colour": "blue"}, "unknown arguments: colour"),
        ({"stock": 5}, {"customer_id": 18231}, "cpf or customer_id"),
        ({"stock": 5}, {"coupon_id": 42}, "coupon_not_found"),
        ({"stock": 5}, {"cpf": "11144477735"}, "customer_not_found"),
        ({"stock": 5}, {"expires_at": "soon"}, "RFC 3339"),
    ],
)
def test_an_issue_that_is_refused_changes_nothing(
    api: Api, coupon: dict[str, Any], args: dict[str, Any], reason: str
) -> None:
    api.sandbox.clock("2026-03-01T12:00:00Z")
    api.act("create_customer", {"name": "Ana", "cpf": CPF, "points_balance": 79})
    api.act("create_coupon", {"name": "Café grátis", **coupon})
    before = api.rows("coupons"), api.rows("customers")
    with pytest.raises(SandboxFailed, match=reason):
        api.act("issue_voucher", {"cpf": CPF, "coupon_id": 41, **args})
    assert (api.rows("coupons"), api.rows("customers"), api.rows("vouchers")) == (*before, [])
    assert api.get("vouchers")["meta"]["total"] == 0


def test_the_limit_per_customer_holds(api: Api) -> None:
    api.act("create_customer", {"name": "Ana", "cpf": CPF})
    api.act("create_coupon", {"name": "Café grátis", "limit_per_customer": 1})
    first = api.act("issue_voucher", {"cpf": CPF, "coupon_id": 41})
    with pytest.raises(SandboxFailed, match="limit"):
        api.act("issue_voucher", {"cpf": CPF, "coupon_id": 41})
    api.act("cancel_voucher", {"code": first["code"]})
    assert api.act("issue_voucher", {"cpf": CPF, "coupon_id": 41})["status"] == "issued"


@pytest.mark.parametrize("action", ["use_voucher", "cancel_voucher", "expire_voucher"])
def test_a_voucher_is_changed_only_while_issued(api: Api, action: str) -> None:
    api.act("issue_voucher", {"code": "VALE"})
    api.post("vouchers/VALE/validate")
    before = api.rows("vouchers")
    with pytest.raises(SandboxFailed, match="used"):
        api.act(action, {"code": "VALE"})
    assert api.rows("vouchers") == before


def test_use_elsewhere_may_leave_no_time(api: Api) -> None:
    api.act("issue_voucher", {"code": "VALE"})
    voucher = api.act("use_voucher", {"code": "vale", "used_at": None, "store": "Loja Jardins"})
    assert (voucher["status"], voucher["used_at"], voucher["store"]) == ("used", None, "Loja Jardins")
    assert api.post("vouchers/VALE/validate").json()["used_at"] is None


def test_a_list_of_arguments_acts_once_per_item(api: Api) -> None:
    made = api.act("issue_voucher", [{"code": "A"}, {"code": "B"}, {"value": 5}])
    assert [voucher["code"] for voucher in made[:2]] == ["A", "B"]
    api.act("remove_voucher", {"code": "a"})
    assert api.get("vouchers")["meta"]["total"] == 2


def test_a_code_given_by_hand_is_never_made_again(api: Api) -> None:
    first, second = (voucher["code"] for voucher in api.act("issue_voucher", [{}, {}]))
    api.sandbox.reset("empty")
    api.act("issue_voucher", {"code": second.lower()})
    made = api.act("issue_voucher", [{}, {}])
    assert first not in {second, *(voucher["code"] for voucher in made)}
    assert second not in {voucher["code"] for voucher in made}
    with pytest.raises(SandboxFailed, match="taken"):
        api.act("issue_voucher", {"code": second})
    assert api.get("vouchers")["meta"]["total"] == 3


PAGES = ["/", "/docs/smartbis", "/docs/smartpasses", "/_sandbox/docs"]


@pytest.mark.parametrize("path", PAGES)
def test_pages_ask_nothing_of_anybody_else(sandbox: SandboxServer, path: str) -> None:
    page = requests.get(sandbox.url + path, timeout=5)
    assert page.status_code == 200
    needed = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert [address for address in needed if address.startswith(("http", "//"))] == []
    for address in needed:
        assert requests.get(sandbox.url + address, timeout=5).status_code == 200


def test_the_index_shows_how_things_stand(sandbox: SandboxServer) -> None:
    sandbox.clock("2026-03-05T17:31:40Z")
    sandbox.fault("drop_after", path="sales")
    sandbox.switch("validate_mode", "dry_run")
    page = requests.get(sandbox.url, timeout=5).text
    for text in (
        "sandbox-laravel",
        "sandbox-secret",
        "2026-03-05T17:31:40Z",
        "drop_after",
        "dry_run",
        "/docs/smartbis",
        "sandbox_smile_2017",
        "sandbox-app-key",
        "programs/4000000000000001",
    ):
        assert text in page
    # Smile has no document to try calls with.
    assert "/docs/smile" not in page
    assert requests.get(f"{sandbox.url}/docs/smile", timeout=5).status_code == 404


def test_the_published_document_points_here(sandbox: SandboxServer) -> None:
    document = requests.get(f"{sandbox.url}/docs/smartbis/openapi.yaml", timeout=5)
    assert document.headers["Content-Type"] == "application/yaml; charset=utf-8"
    assert "url: /smartbis/v2\n" in document.text
    assert "api.smartbis.com" not in document.text


def test_only_loopback_names_are_answered(sandbox: SandboxServer) -> None:
    assert requests.get(sandbox.url, headers={"Host": "evil.example"}, timeout=5).status_code == 400
