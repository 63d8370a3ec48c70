"""What each profile says, to the byte of its JSON: the contract's own examples and what they leave open."""

import pytest
import requests

from sandbox.testing import SECRET, SandboxServer
from tests.sandbox.examples import COUPON, CUSTOMER, ERRORS, REFUSED, SALE, VALIDATED
from tests.sandbox.support import CPF, PERSON, PROFILES, Api


def example_customer(api: Api) -> None:
    api.sandbox.clock("2026-03-01T14:05:09Z")
    api.act(
        "create_customer",
        {"name": "Cliente Exemplo Um", "cpf": CPF, "phone": "11988880001", "birth_date": "1990-05-17"},
    )
    api.sandbox.clock("2026-03-02T11:00:00Z")
    api.act("credit", {"cpf": CPF, "points": "129.90", "cashback": "6.50"})


def example_voucher(api: Api) -> None:
    api.sandbox.clock("2026-03-01T14:05:09Z")
    api.act("create_customer", {"name": "Cliente Exemplo Um", "cpf": CPF, "points_balance": 80})
    api.act("create_coupon", {"name": "Café grátis", "points_required": 80, "stock": 25})
    api.act("issue_voucher", {"cpf": CPF, "coupon_id": 41, "origin": "points", "code": "VALE-7K2M-9Q"})
    api.sandbox.clock("2026-03-05T17:31:40Z")


def test_the_customer_list_of_the_contract(each_api: Api) -> None:
    example_customer(each_api)
    assert each_api.get("customers") == CUSTOMER[each_api.profile]


def test_the_validation_and_the_refusal_of_the_contract(each_api: Api) -> None:
    example_voucher(each_api)
    first = each_api.post("vouchers/VALE-7K2M-9Q/validate")
    again = each_api.post("vouchers/VALE-7K2M-9Q/validate")
    assert (first.status_code, first.json()) == (200, VALIDATED[each_api.profile])
    assert (again.status_code, again.json()) == (422, REFUSED[each_api.profile])
    assert each_api.sandbox.committed("/validate") == 1


def test_token_replies(sandbox: SandboxServer) -> None:
    sandbox.clock("2026-03-01T14:05:09Z")
    replies = {}
    for profile in PROFILES:
        pair = {"api_key": f"sandbox-{profile}", "api_secret": SECRET}
        replies[profile] = requests.post(f"{sandbox.base}auth/token", json=pair, timeout=5).json()
        assert replies[profile].pop("access_token").startswith(f"sbx.sandbox-{profile}.")
    assert replies == {
        "laravel": {"token_type": "Bearer", "expires_in": 3600},
        "bare": {},
        "items": {"expiresAt": "2026-03-01T12:05:09-03:00"},
    }


def test_creating_and_selling(each_api: Api) -> None:
    each_api.sandbox.clock("2026-03-01T14:05:09Z")
    created = each_api.post("customers", {**PERSON, "cpf": CPF})
    sold = each_api.post("sales", {"sale_amount": 129.90, "cpf": CPF})
    status = 200 if each_api.profile == "bare" else 201
    assert (created.status_code, sold.status_code) == (status, status)
    assert sold.json() == SALE[each_api.profile]
    match each_api.profile:
        case "laravel":
            assert created.json()["data"] == {
                "id": 18231,
                "name": "Cliente Exemplo Um",
                "cpf": CPF,
                "phone": "11988880001",
                "email": None,
                "birth_date": None,
                "points_balance": "0.00",
                "cashback_balance": "0.00",
                "created_at": "2026-03-01T14:05:09.000000Z",
                "updated_at": "2026-03-01T14:05:09.000000Z",
            }
        case "bare":
            # Zero is not empty; what is empty is left out.
            assert created.json() == {
                "id": 18231,
                "name": "Cliente Exemplo Um",
                "cpf": "529.982.247-25",
                "phone": "(11) 98888-0001",
                "points_balance": 0,
                "cashback_balance": 0,
                "created_at": "2026-03-01 11:05:09",
                "updated_at": "2026-03-01 11:05:09",
                "origin_system": "panel",
            }
        case "items":
            assert created.json()["customer"]["pointsBalance"] == "0"


def test_a_voucher_inside_a_sale_has_the_profiles_shape(each_api: Api) -> None:
    each_api.sandbox.clock("2026-03-01T14:05:09Z")
    each_api.act("create_customer", {"name": "Ana", "cpf": CPF})
    sale = each_api.post("sales", {"sale_amount": 400, "customer_id": 18231}).json()
    match each_api.profile:
        case "laravel":
            voucher = sale["data"]["vouchers"][0]
            assert (voucher["value"], voucher["minimum_purchase"]) == ("20.00", "50.00")
            assert voucher["expires_at"] == "2026-05-31T02:59:59.000000Z"
        case "bare":
            voucher = sale["vouchers"][0]
            assert (voucher["value"], voucher["minimum_purchase"]) == (20, 50)
            assert voucher["expires_at"] == "2026-05-30 23:59:59"
            assert "coupon_id" not in voucher
        case "items":
            voucher = sale["sale"]["vouchers"][0]
            assert (voucher["value"], voucher["minimumPurchase"], voucher["links"]) == ("20", "50", {})
            assert (voucher["expiresAt"], voucher["origin"]) == ("2026-05-30", "CASHBACK")


def test_categories_coupons_and_their_stock(each_api: Api) -> None:
    each_api.sandbox.clock("2026-03-01T14:06:00Z")
    category = each_api.post("categories", {"name": "Bebidas"})
    assert (
        category.json()
        == {
            "laravel": {"data": {"id": 3, "name": "Bebidas", "created_at": "2026-03-01T14:06:00.000000Z"}},
            "bare": {"id": 3, "name": "Bebidas", "created_at": "2026-03-01 11:06:00"},
            "items": {
                "category": {
                    "id": "3",
                    "name": "Bebidas",
                    "createdAt": "2026-03-01T11:06:00-03:00",
                    "links": {},
                }
            },
        }[each_api.profile]
    )
    each_api.act(
        "create_coupon",
        {
            "name": "Café grátis",
            "description": "Um café coado.",
            "category_id": 3,
            "points_required": "80",
            "stock": 25,
            "limit_per_customer": 1,
            "starts_at": "2026-03-01",
            "ends_at": "2026-05-31",
            "rules": "Um por cliente.",
        },
    )
    changed = each_api.call("PATCH", "coupons/41/stock", {"stock": 24})
    shown = COUPON[each_api.profile]
    match each_api.profile:
        case "laravel":
            assert (changed.status_code, changed.json()) == (200, {"data": shown})
        case "bare":
            assert (changed.status_code, changed.content) == (204, b"")
        case "items":
            assert (changed.status_code, changed.json()) == (200, {"coupon": shown})
    assert each_api.rows("coupons") == [shown]


def test_field_errors(each_api: Api) -> None:
    each_api.act("create_customer", {"name": "Ana", "cpf": CPF})
    refused = each_api.post("customers", {**PERSON, "cpf": CPF})
    assert (refused.status_code, refused.json()) == (422, ERRORS[each_api.profile])
    assert len(each_api.rows("customers")) == 1


def test_an_ended_token_is_refused_in_its_own_profile(each_api: Api) -> None:
    each_api.sandbox.clock("2026-03-01T14:00:00Z")
    assert each_api.rows("customers") == []
    each_api.sandbox.clock("2026-03-01T14:59:59Z")
    assert each_api.rows("customers") == []
    each_api.sandbox.clock("2026-03-01T15:00:00Z")
    refused = each_api.call("GET", "customers")
    assert refused.status_code == 401
    assert (
        refused.json()
        == {
            "laravel": {"message": "Não autenticado.", "code": "token_expired"},
            "bare": {"error": "Não autenticado."},
            "items": {"error": {"code": "TOKEN_EXPIRED", "message": "Não autenticado.", "fields": []}},
        }[each_api.profile]
    )


def test_credentials_share_nothing(sandbox: SandboxServer) -> None:
    Api(sandbox, "laravel").post("customers", {**PERSON, "cpf": CPF})
    assert [len(Api(sandbox, profile).rows("customers")) for profile in PROFILES] == [1, 0, 0]
    created = Api(sandbox, "bare").post("customers", {**PERSON, "cpf": CPF})
    assert (created.status_code, created.json()["id"]) == (200, 18231)


@pytest.mark.parametrize(
    ("phone", "shown"), [("1138880001", "(11) 3888-0001"), ("11988880001", "(11) 98888-0001")]
)
def test_bare_punctuates_short_and_long_phones(sandbox: SandboxServer, phone: str, shown: str) -> None:
    created = Api(sandbox, "bare").post("customers", {**PERSON, "phone": phone})
    assert created.json()["phone"] == shown
