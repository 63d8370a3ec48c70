"""What leaves: exact bytes of every request, and what is refused before anything leaves."""

import json
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartbis_admin.api.capabilities import Resource
from smartbis_admin.api.errors import Refused
from smartbis_admin.api.records import CustomerDraft, SaleDraft
from smartbis_admin.api.smartbis.checks import checked_amount
from tests.api.support import CODE, CPF, CUSTOMER_DRAFT, SALE_DRAFT, Act, Request, bench, reply, scripted


def sent(act: Act) -> Request:
    with scripted(reply(200, [])) as server, bench(server.url) as it:
        act(it.client)
        (request,) = server.requests
    return request


def sale(**fields: Any) -> Act:
    return lambda client: client.register_sale(SaleDraft(**fields))


REQUESTS: dict[str, tuple[Act, str, bytes]] = {
    "create_customer": (
        lambda client: client.create_customer(CUSTOMER_DRAFT),
        "POST /v2/customers",
        b'{"name":"Cliente Exemplo Um","phone":"11988880001","password":"troque-esta-senha",'
        b'"cpf":"52998224725","email":"um@cliente.example","birth_date":"1990-05-17"}',
    ),
    "create_customer_least": (
        lambda client: client.create_customer(
            CustomerDraft(name=" Zoé ", cpf="191", phone="(11) 3888-0001", password="12345678", email="")
        ),
        "POST /v2/customers",
        '{"name":"Zoé","phone":"1138880001","password":"12345678","cpf":"00000000191"}'.encode(),
    ),
    "sale_by_cpf": (
        lambda client: client.register_sale(SALE_DRAFT),
        "POST /v2/sales",
        b'{"sale_amount":129.90,"cpf":"52998224725"}',
    ),
    "sale_by_number": (
        sale(amount=Decimal("1E+3"), customer_remote_id="18231"),
        "POST /v2/sales",
        b'{"sale_amount":1000.00,"customer_id":18231}',
    ),
    "sale_by_long_number": (
        sale(amount=Decimal("0.01"), customer_remote_id="123456789012345678901234567890"),
        "POST /v2/sales",
        b'{"sale_amount":0.01,"customer_id":123456789012345678901234567890}',
    ),
    "sale_by_leading_zero": (
        sale(amount=Decimal(5), customer_remote_id="0042"),
        "POST /v2/sales",
        b'{"sale_amount":5.00,"customer_id":"0042"}',
    ),
    "sale_by_text": (
        sale(amount=Decimal("12345678.90"), customer_remote_id="c-7"),
        "POST /v2/sales",
        b'{"sale_amount":12345678.90,"customer_id":"c-7"}',
    ),
    "set_stock": (
        lambda client: client.set_stock(reward_remote_id="41", stock=24),
        "PATCH /v2/coupons/41/stock",
        b'{"stock":24}',
    ),
    "set_stock_odd_id": (
        lambda client: client.set_stock(reward_remote_id="a/b?c", stock=0),
        "PATCH /v2/coupons/a%2Fb%3Fc/stock",
        b'{"stock":0}',
    ),
    "validate": (
        lambda client: client.validate_voucher(code=CODE),
        "POST /v2/vouchers/VALE-7K2M-9Q/validate",
        b"{}",
    ),
    "validate_odd_code": (
        lambda client: client.validate_voucher(code="a/../é %2F#?"),
        "POST /v2/vouchers/a%2F..%2F%C3%A9%20%252F%23%3F/validate",
        b"{}",
    ),
    "create_category": (
        lambda client: client.create_category(name=" Café & Cia "),
        "POST /v2/categories",
        '{"name":"Café & Cia"}'.encode(),
    ),
}


@pytest.mark.parametrize("name", REQUESTS)
def test_write(name: str) -> None:
    act, line, body = REQUESTS[name]
    request = sent(act)
    assert request.line == f"{line} HTTP/1.1"
    assert request.body == body
    assert request.headers["content-type"] == "application/json"
    assert request.headers["authorization"] == "Bearer token-in-store"
    assert request.headers["connection"] == "close"


READ_LINES: dict[str, tuple[Act, str]] = {
    "categories": (
        lambda client: client.walk(Resource.CATEGORIES).fetch(),
        "/v2/categories?page=1&per_page=250",
    ),
    "coupons": (
        lambda client: client.walk(Resource.REWARDS, per_page=7).fetch(),
        "/v2/coupons?page=1&per_page=7",
    ),
    "customers": (
        lambda client: client.walk(Resource.CUSTOMERS, per_page=999).fetch(),
        "/v2/customers?page=1&per_page=250",
    ),
    "vouchers": (lambda client: client.walk(Resource.VOUCHERS).fetch(), "/v2/vouchers?page=1&per_page=250"),
    "by_cpf": (
        lambda client: client.find_customers(cpf="529.982.247-25"),
        "/v2/customers?cpf=52998224725&page=1&per_page=250",
    ),
    "probe": (lambda client: client.probe(Resource.REWARDS), "/v2/coupons?page=1&per_page=5"),
}


@pytest.mark.parametrize("name", READ_LINES)
def test_read(name: str) -> None:
    act, target = READ_LINES[name]
    request = sent(act)
    assert request.line == f"GET {target} HTTP/1.1"
    assert request.body == b""
    assert request.headers["accept"] == "application/json"
    assert "content-length" not in request.headers


def test_token_call() -> None:
    body = b'{"access_token":"t","expires_in":60}'
    with scripted(reply(200, body)) as server, bench(server.url) as it:
        it.client.fetch_token()
        (request,) = server.requests
    assert request.line == "POST /v2/auth/token HTTP/1.1"
    assert request.body == b'{"api_key":"key-of-the-shop","api_secret":"secret-of-the-shop"}'
    assert request.headers["content-type"] == "application/json"
    assert "authorization" not in request.headers


def test_password_is_made_up_when_none_is_given_and_never_twice_the_same() -> None:
    draft = msgspec.structs.replace(CUSTOMER_DRAFT, password=None)
    passwords = {
        json.loads(sent(lambda client: client.create_customer(draft)).body)["password"] for _ in "ab"
    }
    assert [len(password) for password in passwords] == [16, 16]


CUSTOMER = {"name": "Um", "cpf": CPF, "phone": "11988880001", "password": "12345678"}


def customer(**fields: Any) -> Act:
    return lambda client: client.create_customer(CustomerDraft(**{**CUSTOMER, **fields}))


REFUSED: dict[str, tuple[Act, str, str]] = {
    "cpf_wrong": (customer(cpf="52998224724"), "invalid_cpf", "cpf"),
    "cpf_blank": (customer(cpf=""), "invalid_cpf", "cpf"),
    "cpf_repeated": (customer(cpf="111.111.111-11"), "invalid_cpf", "cpf"),
    "phone_short": (customer(phone="988880001"), "invalid_phone", "phone"),
    "phone_foreign": (customer(phone="+14155552671"), "invalid_phone", "phone"),
    "name_blank": (customer(name=" "), "blank_name", "name"),
    "name_long": (customer(name="x" * 121), "name_too_long", "name"),
    "password_short": (customer(password="1234567"), "invalid_password", "password"),
    "password_empty": (customer(password=""), "invalid_password", "password"),
    "password_long": (customer(password="x" * 73), "invalid_password", "password"),
    "email_long": (customer(email="x" * 255), "email_too_long", "email"),
    "amount_zero": (sale(amount=Decimal(0), cpf=CPF), "invalid_amount", "amount"),
    "amount_negative": (sale(amount=Decimal("-1"), cpf=CPF), "invalid_amount", "amount"),
    "amount_three_decimals": (sale(amount=Decimal("1.005"), cpf=CPF), "invalid_amount", "amount"),
    "amount_nan": (sale(amount=Decimal("NaN"), cpf=CPF), "invalid_amount", "amount"),
    "amount_infinite": (sale(amount=Decimal("Infinity"), cpf=CPF), "invalid_amount", "amount"),
    "amount_beyond": (sale(amount=Decimal("1E+40"), cpf=CPF), "invalid_amount", "amount"),
    "sale_nobody": (sale(amount=Decimal(1)), "invalid_customer", "customer_remote_id"),
    "sale_both": (
        sale(amount=Decimal(1), cpf=CPF, customer_remote_id="1"),
        "invalid_customer",
        "customer_remote_id",
    ),
    "sale_blank_id": (
        sale(amount=Decimal(1), customer_remote_id=" "),
        "invalid_customer",
        "customer_remote_id",
    ),
    "sale_cpf_wrong": (sale(amount=Decimal(1), cpf="1"), "invalid_cpf", "cpf"),
    "find_cpf_wrong": (lambda client: client.find_customers(cpf="123"), "invalid_cpf", "cpf"),
    "stock_negative": (
        lambda client: client.set_stock(reward_remote_id="41", stock=-1),
        "negative_stock",
        "stock",
    ),
    "stock_large": (
        lambda client: client.set_stock(reward_remote_id="41", stock=2**31),
        "stock_too_large",
        "stock",
    ),
    "stock_blank_id": (
        lambda client: client.set_stock(reward_remote_id=" ", stock=1),
        "invalid_id",
        "reward_remote_id",
    ),
    "stock_dots": (
        lambda client: client.set_stock(reward_remote_id="..", stock=1),
        "invalid_id",
        "reward_remote_id",
    ),
    "code_blank": (lambda client: client.validate_voucher(code=""), "blank_code", "code"),
    "code_spaces": (lambda client: client.validate_voucher(code=" \t"), "blank_code", "code"),
    "code_long": (lambda client: client.validate_voucher(code="x" * 65), "code_too_long", "code"),
    "code_dot": (lambda client: client.validate_voucher(code="."), "invalid_code", "code"),
    "code_dots": (lambda client: client.validate_voucher(code=".."), "invalid_code", "code"),
    "code_control": (lambda client: client.validate_voucher(code="A\x1bB"), "invalid_code", "code"),
    "category_blank": (lambda client: client.create_category(name=""), "blank_name", "name"),
    "category_long": (lambda client: client.create_category(name="x" * 81), "name_too_long", "name"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_refused_before_anything_leaves(name: str) -> None:
    act, code, field = REFUSED[name]
    with scripted(reply(200, [])) as server, bench(server.url) as it:
        with pytest.raises(Refused) as raised:
            act(it.client)
        assert (raised.value.code, dict(raised.value.fields)) == (code, {field: []})
        assert (raised.value.status, raised.value.reference) == (0, "")
        assert server.connections == 0
        assert it.pace.calls == 0


@given(st.decimals(min_value="0.01", max_value="99999999.99", places=2))
def test_amount_goes_out_exactly_and_without_exponent(amount: Decimal) -> None:
    text = format(checked_amount(amount), "f")
    assert Decimal(text) == amount
    assert text.partition(".")[2].isdigit()
    assert len(text.partition(".")[2]) == 2
