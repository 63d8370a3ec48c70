"""Requests the sandbox refuses, so that a client which sends them is found out; and those it lets pass."""

from typing import Any

import pytest

from tests.sandbox.support import CPF, PERSON, Api

SALE = {"sale_amount": 10, "cpf": CPF}


def without(body: dict[str, Any], key: str) -> dict[str, Any]:
    return {name: value for name, value in body.items() if name != key}


BAD_BODIES = [
    # customers
    ("POST", "customers", {**PERSON, "cpf": CPF, "nickname": "Zé"}, "nickname"),
    ("POST", "customers", {**PERSON, "cpf": None}, "cpf"),
    ("POST", "customers", {**PERSON, "cpf": "529.982.247-25"}, "cpf"),
    ("POST", "customers", {**PERSON, "cpf": 52998224725}, "cpf"),
    ("POST", "customers", {**PERSON, "cpf": "5299822472"}, "cpf"),
    ("POST", "customers", {**PERSON, "cpf": "٥٢٩٩٨٢٢٤٧٢٥"}, "cpf"),
    ("POST", "customers", without(PERSON, "name"), "name"),
    ("POST", "customers", {**PERSON, "name": ""}, "name"),
    ("POST", "customers", {**PERSON, "name": "x" * 121}, "name"),
    ("POST", "customers", {**PERSON, "name": ["Ana"]}, "name"),
    ("POST", "customers", without(PERSON, "phone"), "phone"),
    ("POST", "customers", {**PERSON, "phone": "5511988880001"}, "phone"),
    ("POST", "customers", {**PERSON, "phone": "988880001"}, "phone"),
    ("POST", "customers", {**PERSON, "phone": "(11) 98888-0001"}, "phone"),
    ("POST", "customers", without(PERSON, "password"), "password"),
    ("POST", "customers", {**PERSON, "password": "1234567"}, "password"),
    ("POST", "customers", {**PERSON, "password": "x" * 73}, "password"),
    ("POST", "customers", {**PERSON, "email": "x" * 255}, "email"),
    ("POST", "customers", {**PERSON, "birth_date": "17/05/1990"}, "birth_date"),
    ("POST", "customers", {**PERSON, "birth_date": "1990-02-30"}, "birth_date"),
    ("POST", "customers", {**PERSON, "birth_date": "1990-05-17T00:00:00"}, "birth_date"),
    # sales
    ("POST", "sales", {**SALE, "store": "Centro"}, "store"),
    ("POST", "sales", {"cpf": CPF}, "sale_amount"),
    ("POST", "sales", {**SALE, "sale_amount": 0}, "sale_amount"),
    ("POST", "sales", {**SALE, "sale_amount": -10}, "sale_amount"),
    ("POST", "sales", {**SALE, "sale_amount": 10.001}, "sale_amount"),
    ("POST", "sales", {**SALE, "sale_amount": "10.00"}, "sale_amount"),
    ("POST", "sales", {**SALE, "sale_amount": True}, "sale_amount"),
    ("POST", "sales", {**SALE, "sale_amount": 1e22}, "sale_amount"),
    ("POST", "sales", {"sale_amount": 10}, "cpf"),
    ("POST", "sales", {**SALE, "customer_id": 18231}, "customer_id"),
    ("POST", "sales", {"sale_amount": 10, "customer_id": 1.5}, "customer_id"),
    ("POST", "sales", {"sale_amount": 10, "customer_id": True}, "customer_id"),
    # stock, validation, categories
    ("PATCH", "coupons/41/stock", {}, "stock"),
    ("PATCH", "coupons/41/stock", {"stock": None}, "stock"),
    ("PATCH", "coupons/41/stock", {"stock": -1}, "stock"),
    ("PATCH", "coupons/41/stock", {"stock": 1.0}, "stock"),
    ("PATCH", "coupons/41/stock", {"stock": "24"}, "stock"),
    ("PATCH", "coupons/41/stock", {"stock": 2147483648}, "stock"),
    ("PATCH", "coupons/41/stock", {"stock": 24, "reason": "contagem"}, "reason"),
    ("POST", "vouchers/VALE/validate", {"store": "Centro"}, "store"),
    ("POST", "categories", {}, "name"),
    ("POST", "categories", {"name": ""}, "name"),
    ("POST", "categories", {"name": "x" * 81}, "name"),
    ("POST", "categories", {"name": "Bebidas", "colour": "blue"}, "colour"),
]


@pytest.fixture
def furnished(api: Api) -> Api:
    """A customer, a coupon and a voucher to do wrong things to."""
    api.act("create_customer", {"name": "Ana", "cpf": CPF})
    api.act("create_coupon", {"name": "Café grátis", "stock": 3})
    api.act("issue_voucher", {"code": "VALE"})
    return api


def everything(api: Api) -> list[Any]:
    return [api.get(name) for name in ("customers", "coupons", "vouchers", "categories")]


@pytest.mark.parametrize(("method", "path", "body", "field"), BAD_BODIES)
def test_a_bad_body_is_refused_by_field(
    furnished: Api, method: str, path: str, body: Any, field: str
) -> None:
    before = everything(furnished)
    reply = furnished.call(method, path, body)
    assert (reply.status_code, reply.json()["code"]) == (422, "validation_failed")
    assert field in reply.json()["errors"]
    assert everything(furnished) == before
    assert furnished.sandbox.committed() == 0


NOT_JSON = [
    b"",
    b"null",
    b"[]",
    b"{",
    b'{"name": NaN}',
    b"\xff\xfe",
    b'"text"',
    b"[" * 100_000,
    b'{"name": "\\ud800"}',
]


@pytest.mark.parametrize("body", NOT_JSON, ids=range(len(NOT_JSON)))
def test_what_is_no_json_object_is_refused(furnished: Api, body: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    reply = furnished.call("POST", "categories", data=body, headers=headers)
    assert (reply.status_code, reply.json()["code"]) == (422, "validation_failed")
    assert furnished.rows("categories") == []


@pytest.mark.parametrize(
    "kind", [None, "text/plain", "application/x-www-form-urlencoded", "application/jsonx"]
)
def test_a_body_needs_its_content_type(furnished: Api, kind: str | None) -> None:
    headers = {} if kind is None else {"Content-Type": kind}
    reply = furnished.call("POST", "vouchers/VALE/validate", data=b"{}", headers=headers)
    assert list(reply.json()["errors"]) == ["content_type"]
    assert furnished.rows("vouchers")[0]["status"] == "issued"


@pytest.mark.parametrize("text", ["1e1", "10.", "0.001", "1E+2", "-0", "00.10"])
def test_the_amount_is_read_as_it_was_written(furnished: Api, text: str) -> None:
    headers = {"Content-Type": "application/json"}
    body = f'{{"sale_amount": {text}, "cpf": "{CPF}"}}'.encode()
    assert furnished.call("POST", "sales", data=body, headers=headers).status_code == 422
    assert furnished.sandbox.committed() == 0


@pytest.mark.parametrize(
    ("text", "shown"), [("10", "10.00"), ("10.5", "10.50"), ("0.01", "0.01"), ("1234567.89", "1234567.89")]
)
def test_amounts_keep_every_centavo(furnished: Api, text: str, shown: str) -> None:
    headers = {"Content-Type": "application/json; charset=utf-8"}
    body = f'{{"sale_amount": {text}, "cpf": "{CPF}"}}'.encode()
    reply = furnished.call("POST", "sales", data=body, headers=headers)
    assert reply.json()["data"]["sale_amount"] == shown


def test_unknown_query_keys_are_ignored(furnished: Api) -> None:
    assert furnished.get("customers?status=active&sort=-name&page=1") == furnished.get("customers")
    reply = furnished.post("categories?draft=1", {"name": "Bebidas"})
    assert reply.status_code == 201


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "sales", 405),
        ("PUT", "customers", 405),
        ("DELETE", "categories", 405),
        ("GET", "vouchers/VALE/validate", 405),
        ("POST", "coupons/41/stock", 405),
        ("GET", "auth/token", 405),
        ("GET", "customers/18231", 404),
        ("GET", "customers/", 404),
        ("POST", "vouchers//validate", 404),
        ("GET", "", 404),
    ],
)
def test_a_wrong_address_is_answered_without_a_json_error(
    furnished: Api, method: str, path: str, status: int
) -> None:
    reply = furnished.call(method, path, {} if method != "GET" else None, checked=False)
    assert reply.status_code == status
    assert "json" not in reply.headers["Content-Type"]
