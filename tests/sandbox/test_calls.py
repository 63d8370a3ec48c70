"""The nine calls and the engine behind them, over HTTP, in the profile of the contract's document."""

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
import requests

from sandbox.testing import SECRET, SandboxServer
from tests.sandbox.support import CONTRACT, CPF, DOCUMENT, PERSON, Api

TODAY = "2026-03-01T14:05:09Z"


def refusal(reply: requests.Response) -> tuple[int, str]:
    """Status and code of a refusal."""
    return reply.status_code, reply.json()["code"]


def request_examples() -> list[Any]:
    """Every request body the contract's document shows."""
    found = []
    for path, item in DOCUMENT["paths"].items():
        for method, call in item.items():
            content = call.get("requestBody", {}).get("content", {}) if isinstance(call, dict) else {}
            json_body = content.get("application/json", {})
            named = {name: one["value"] for name, one in json_body.get("examples", {}).items()}
            if "example" in json_body:
                named[""] = json_body["example"]
            found += [
                pytest.param(method, path, body, id=f"{method} {path} {name}") for name, body in named.items()
            ]
    return found


@pytest.mark.parametrize(("method", "path", "body"), request_examples())
def test_every_documented_request_is_accepted(api: Api, method: str, path: str, body: Any) -> None:
    if "customers" not in path:
        api.act("create_customer", {"name": "Cliente Exemplo Um", "cpf": CPF})
    api.act("create_coupon", {"name": "Café grátis"})
    api.act("issue_voucher", {"code": "VALE-7K2M-9Q"})
    real = path.strip("/").replace("{coupon_id}", "41").replace("{voucher_code}", "VALE-7K2M-9Q")
    assert api.call(method.upper(), real, body).ok


def documented_calls() -> list[tuple[str, str]]:
    """Method and path of every call in the contract's document."""
    return [
        (method, path)
        for path, item in DOCUMENT["paths"].items()
        for method in item
        if method != "description"
    ]


@pytest.mark.parametrize(("method", "path"), documented_calls())
def test_every_documented_call_exists_and_wants_a_token(
    sandbox: SandboxServer, method: str, path: str
) -> None:
    reply = requests.request(method, sandbox.base.rstrip("/") + path, timeout=5)
    wanted = (422, "validation_failed") if path == "/auth/token" else (401, "token_expired")
    assert refusal(reply) == wanted


# --- token ------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("pair", "expected"),
    [
        ({"api_key": "sandbox-laravel", "api_secret": "wrong"}, (401, "invalid_credentials")),
        ({"api_key": "nobody", "api_secret": SECRET}, (401, "invalid_credentials")),
        ({"api_key": "sandbox-laravel"}, (422, "validation_failed")),
        ({"api_key": "sandbox-laravel", "api_secret": ""}, (422, "validation_failed")),
        ({"api_key": "sandbox-laravel", "api_secret": 7}, (422, "validation_failed")),
        ({"api_key": "sandbox-laravel", "api_secret": SECRET, "scope": "all"}, (422, "validation_failed")),
    ],
)
def test_a_wrong_pair_gets_no_token(sandbox: SandboxServer, pair: Any, expected: tuple[int, str]) -> None:
    reply = requests.post(f"{sandbox.base}auth/token", json=pair, timeout=5)
    CONTRACT.check("POST", "/auth/token", reply)
    assert refusal(reply) == expected


@pytest.mark.parametrize(
    "header",
    [
        None,
        "",
        "Bearer",
        "Bearer ",
        "Bearer nonsense",
        "Basic c2FuZGJveA==",
        "Bearer sbx.a.b.c.d",
        "Bearer é",
    ],
)
def test_without_a_good_token_nothing_is_said(sandbox: SandboxServer, header: str | None) -> None:
    headers = {} if header is None else {"Authorization": header.encode()}
    reply = requests.get(f"{sandbox.base}customers", headers=headers, timeout=5)
    assert refusal(reply) == (401, "token_expired")
    assert reply.headers["WWW-Authenticate"] == "Bearer"


def test_a_token_cannot_be_turned_into_another_credentials(sandbox: SandboxServer) -> None:
    token = sandbox.token("sandbox-bare").replace("sandbox-bare", "sandbox-items")
    reply = requests.get(f"{sandbox.base}customers", headers={"Authorization": f"Bearer {token}"}, timeout=5)
    assert refusal(reply) == (401, "token_expired")


# --- customers --------------------------------------------------------------------------------------------
def test_a_customer_is_created_and_found_by_cpf(api: Api) -> None:
    first = api.post(
        "customers", {**PERSON, "cpf": CPF, "email": "um@cliente.example", "birth_date": "1990-05-17"}
    )
    api.post("customers", PERSON)
    assert first.json()["data"]["email"] == "um@cliente.example"
    assert api.get(f"customers?cpf={CPF}")["data"] == [first.json()["data"]]
    assert api.get(f"customers?cpf={CPF}")["meta"] == {
        "current_page": 1,
        "last_page": 1,
        "per_page": 50,
        "total": 1,
    }
    assert [row["id"] for row in api.rows("customers")] == [18231, 18232]


@pytest.mark.parametrize("cpf", ["11144477735", "529.982.247-25", "0", ""])
def test_an_unknown_cpf_gives_an_empty_page(api: Api, cpf: str) -> None:
    api.post("customers", {**PERSON, "cpf": CPF})
    empty = {"data": [], "meta": {"current_page": 1, "last_page": 1, "per_page": 50, "total": 0}}
    assert api.get(f"customers?cpf={cpf}") == empty


def test_empty_text_is_the_same_as_nothing(api: Api) -> None:
    assert api.post("customers", {**PERSON, "email": ""}).json()["data"]["email"] is None


# --- sales ------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("who", [{"cpf": CPF}, {"customer_id": 18231}, {"customer_id": "18231"}])
def test_a_sale_credits_its_customer(api: Api, who: dict[str, Any]) -> None:
    api.act("create_customer", {"name": "Ana", "cpf": CPF})
    sale = api.post("sales", {"sale_amount": 33.33, **who}).json()["data"]
    assert (sale["cashback_amount"], sale["points_earned"]) == ("1.67", "33.33")
    row = api.rows("customers")[0]
    assert (row["cashback_balance"], row["points_balance"]) == ("1.67", "33.33")


@pytest.mark.parametrize(
    ("who", "key"),
    [
        ({"cpf": "11144477735"}, "cpf"),
        ({"customer_id": 18232}, "customer_id"),
        ({"customer_id": "018231"}, "customer_id"),
        ({"customer_id": "abc"}, "customer_id"),
        ({"customer_id": 10**15}, "customer_id"),
        ({"customer_id": -1}, "customer_id"),
    ],
)
def test_a_sale_needs_a_known_customer(api: Api, who: dict[str, Any], key: str) -> None:
    api.act("create_customer", {"name": "Ana", "cpf": CPF})
    reply = api.post("sales", {"sale_amount": 10, **who})
    assert refusal(reply) == (422, "customer_not_found")
    assert reply.json()["errors"] == {key: ["Cliente não encontrado."]}
    assert api.sandbox.committed() == 0


def test_a_full_balance_becomes_a_voucher(api: Api) -> None:
    api.sandbox.clock(TODAY)
    api.act("create_customer", {"name": "Ana", "cpf": CPF, "cashback_balance": "19.99"})
    assert api.post("sales", {"sale_amount": 0.09, "cpf": CPF}).json()["data"]["vouchers"] == []
    [voucher] = api.post("sales", {"sale_amount": 0.10, "cpf": CPF}).json()["data"]["vouchers"]
    assert voucher == {
        "code": voucher["code"],
        "status": "issued",
        "customer_id": 18231,
        "coupon_id": None,
        "coupon_name": None,
        "origin": "cashback",
        "value": "20.00",
        "minimum_purchase": "50.00",
        "issued_at": "2026-03-01T14:05:09.000000Z",
        "starts_at": None,
        "expires_at": "2026-05-31T02:59:59.000000Z",
        "used_at": None,
        "store": None,
    }
    assert api.rows("vouchers") == [voucher]
    row = api.rows("customers")[0]
    assert (row["cashback_balance"], row["points_balance"]) == ("0.00", "0.19")


# --- coupons ----------------------------------------------------------------------------------------------
def test_stock_is_absolute_and_limits_an_unlimited_coupon(api: Api) -> None:
    api.act("create_coupon", {"name": "Café grátis"})
    assert api.rows("coupons")[0]["stock"] is None
    for stock in (0, 24, 24, 2147483647):
        assert api.call("PATCH", "coupons/41/stock", {"stock": stock}).json()["data"]["stock"] == stock
    assert api.rows("coupons")[0]["stock"] == 2147483647


@pytest.mark.parametrize("coupon", ["42", "041", "abc", "4%2F1", "1000000000041", "%20"])
def test_an_unknown_coupon_is_refused(api: Api, coupon: str) -> None:
    api.act("create_coupon", {"name": "Café grátis", "stock": 3})
    assert refusal(api.call("PATCH", f"coupons/{coupon}/stock", {"stock": 1}, checked=False)) == (
        404,
        "coupon_not_found",
    )
    assert api.rows("coupons")[0]["stock"] == 3


@pytest.mark.parametrize(
    ("now", "coupon", "word"),
    [
        (TODAY, {}, "active"),
        (TODAY, {"paused": True}, "paused"),
        (TODAY, {"ends_at": "2026-03-01"}, "active"),
        ("2026-03-02T02:59:59Z", {"ends_at": "2026-03-01"}, "active"),
        ("2026-03-02T03:00:00Z", {"ends_at": "2026-03-01"}, "ended"),
        ("2026-03-02T03:00:00Z", {"ends_at": "2026-03-01", "paused": True}, "ended"),
        (TODAY, {"starts_at": "2026-04-01"}, "active"),
    ],
)
def test_the_word_of_a_coupon_follows_the_clock(
    api: Api, now: str, coupon: dict[str, Any], word: str
) -> None:
    api.sandbox.clock(now)
    api.act("create_coupon", {"name": "Café grátis", **coupon})
    assert api.rows("coupons")[0]["status"] == word


# --- vouchers ---------------------------------------------------------------------------------------------
def used(api: Api) -> None:
    api.act("issue_voucher", {"code": "VALE"})
    api.act("use_voucher", {"code": "VALE", "store": "Loja Shopping"})


def cancelled(api: Api) -> None:
    api.act("issue_voucher", {"code": "VALE"})
    api.act("cancel_voucher", {"code": "VALE"})


def expired(api: Api) -> None:
    api.act("issue_voucher", {"code": "VALE"})
    api.act("expire_voucher", {"code": "VALE"})


def not_started(api: Api) -> None:
    api.act("issue_voucher", {"code": "VALE", "starts_at": "2026-03-02"})


@pytest.mark.parametrize("state", [used, cancelled, expired, not_started])
def test_an_unusable_voucher_says_why(api: Api, state: Callable[[Api], None]) -> None:
    api.sandbox.clock(TODAY)
    state(api)
    before = api.rows("vouchers")
    reply = api.post("vouchers/VALE/validate")
    assert refusal(reply) == (422, f"voucher_{state.__name__}")
    assert reply.json().get("used_at") == ("2026-03-01T14:05:09.000000Z" if state is used else None)
    assert api.rows("vouchers") == before
    assert before[0]["status"] == ("issued" if state is not_started else state.__name__)
    assert api.sandbox.committed() == 0


@pytest.mark.parametrize(
    ("now", "status"),
    [("2026-03-10T02:59:59Z", 200), ("2026-03-10T03:00:00Z", 422), ("2027-01-01T00:00:00Z", 422)],
)
def test_a_voucher_is_valid_through_its_last_second(api: Api, now: str, status: int) -> None:
    api.sandbox.clock(TODAY)
    issued = api.act("issue_voucher", {"code": "VALE", "expires_at": "2026-03-09"})
    assert issued["expires_at"] == "2026-03-10T02:59:59.000000Z"
    api.sandbox.clock(now)
    api.token = None
    assert api.rows("vouchers")[0]["status"] == ("issued" if status == 200 else "expired")
    assert api.post("vouchers/VALE/validate").status_code == status


@pytest.mark.parametrize(("now", "status"), [("2026-03-02T02:59:59Z", 422), ("2026-03-02T03:00:00Z", 200)])
def test_a_voucher_starts_at_its_first_second(api: Api, now: str, status: int) -> None:
    api.sandbox.clock("2026-03-02T02:30:00Z")
    not_started(api)
    api.sandbox.clock(now)
    assert api.post("vouchers/VALE/validate").status_code == status


@pytest.mark.parametrize("code", ["VALE-7K2M-9Q", "vale-7k2m-9q", "Vale-7k2M-9q"])
def test_codes_compare_without_case(api: Api, code: str) -> None:
    api.act("issue_voucher", {"code": "VALE-7K2M-9Q"})
    assert api.post(f"vouchers/{code}/validate").json()["data"]["code"] == "VALE-7K2M-9Q"


@pytest.mark.parametrize("code", ["A/B", "A B", "Ç%É", "../x", "a?b#c", "A\nB"])
def test_any_code_travels_as_one_encoded_segment(api: Api, code: str) -> None:
    api.act("issue_voucher", {"code": code})
    assert api.post(f"vouchers/{quote(code, safe='')}/validate", checked=False).json()["data"]["code"] == code
    assert api.sandbox.committed() == 1


@pytest.mark.parametrize("code", ["NOBODY", "VALE7K2M9Q", "%20", "X" * 65])
def test_an_unknown_code_is_refused(api: Api, code: str) -> None:
    api.act("issue_voucher", {"code": "VALE-7K2M-9Q"})
    assert refusal(api.post(f"vouchers/{code}/validate")) == (404, "voucher_not_found")
    assert api.rows("vouchers")[0]["status"] == "issued"


def test_a_dry_run_says_issued_and_consumes_nothing(each_api: Api) -> None:
    each_api.act("issue_voucher", {"code": "VALE"})
    each_api.sandbox.switch("validate_mode", "dry_run", credential=each_api.credential)
    reply = each_api.post("vouchers/VALE/validate").json()
    voucher = {"laravel": lambda: reply["data"], "bare": lambda: reply, "items": lambda: reply["voucher"]}
    assert voucher[each_api.profile]()["status"].lower() == "issued"
    assert each_api.sandbox.committed() == 0
    each_api.sandbox.switch("validate_mode", "consume", credential=each_api.credential)
    assert each_api.post("vouchers/VALE/validate").status_code == 200
    assert each_api.sandbox.committed("/validate") == 1


# --- categories -------------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", ["Padaria", "PADARIA", "padaria"])
def test_category_names_are_unique_without_case(api: Api, name: str) -> None:
    api.post("categories", {"name": "Padaria"})
    api.post("categories", {"name": "Ação"})
    assert refusal(api.post("categories", {"name": name})) == (422, "category_duplicate_name")
    assert refusal(api.post("categories", {"name": "AÇÃO"})) == (422, "category_duplicate_name")
    assert [(row["id"], row["name"]) for row in api.rows("categories")] == [(3, "Padaria"), (4, "Ação")]
