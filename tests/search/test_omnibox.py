"""The search box of every page: what each person finds, masked, in groups, at any size."""

from typing import Any

import pytest
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext

from customers.models import Customer
from customers.search import fold_name
from rewards.models import Reward
from smartbis_admin.connections.models import Connection
from vouchers.models import Voucher

pytestmark = pytest.mark.django_db
CPF = "52998224725"


@pytest.fixture
def shop(db: None) -> dict[str, Any]:
    """One customer, one reward, one voucher, all of names that share a word."""
    link = Connection.objects.create(name="Smartbis", base_url="https://api.invalid/v2/")
    common = {"connection": link, "content_hash": b""}
    ana = Customer.objects.create(
        **common,
        remote_id="1",
        name="Ana Ávila Café",
        name_search=fold_name("Ana Ávila Café"),
        cpf=CPF,
        phone="+5511988880001",
        email="ana@cliente.example",
    )
    coffee = Reward.objects.create(**common, remote_id="7", name="Café coado")
    voucher = Voucher.objects.create(
        **common, remote_id="CAFE-2026", code_key="CAFE2026", status="issued", reward_name="Café coado"
    )
    return {"ana": ana, "coffee": coffee, "voucher": voucher, "common": common}


def found(client: Client, text: str) -> list[tuple[str, str, str, str]]:
    """Group, title, words and address of every result."""
    context = client.post("/buscar/", {"q": text}).context
    return [(str(group.label), *hit) for group in context["groups"] for hit in group.hits]


@pytest.mark.parametrize(
    "text", [CPF, "529.982.247-25", "(11) 98888-0001", "ANA@cliente.example", "avila ana", "caf ana"]
)
def test_a_customer_is_found_by_everything_about_them(
    shop: dict[str, Any], manager_client: Client, text: str
) -> None:
    url = f"/clientes/{shop['ana'].pk}/"
    assert found(manager_client, text) == [("Clientes", "Ana Ávila Café", "•••.982.247-••", url)]


def test_results_come_in_groups(shop: dict[str, Any], manager_client: Client) -> None:
    assert found(manager_client, "cafe") == [
        ("Clientes", "Ana Ávila Café", "•••.982.247-••", f"/clientes/{shop['ana'].pk}/"),
        ("Recompensas", "Café coado", "", f"/recompensas/{shop['coffee'].pk}/"),
    ]


@pytest.mark.parametrize("text", ["CAFE-2026", "cafe 2026"])
def test_a_voucher_is_found_by_its_whole_code_and_not_spelt_out(
    shop: dict[str, Any], manager_client: Client, text: str
) -> None:
    assert found(manager_client, text) == [
        ("Vouchers", "…2026", "Café coado", f"/vouchers/{shop['voucher'].pk}/")
    ]
    assert found(manager_client, "CAFE-202") == []


def test_at_a_counter_only_a_whole_cpf_finds_somebody(shop: dict[str, Any], cashier_client: Client) -> None:
    assert found(cashier_client, CPF) == [
        ("Clientes", "Ana", "•••.982.247-••", f"/clientes/{shop['ana'].pk}/")
    ]
    for text in ("Ana", "cafe", "CAFE-2026", "ana@cliente.example", "11988880001"):
        assert found(cashier_client, text) == []


def test_without_a_role_nothing_is_found(shop: dict[str, Any], stranger_client: Client) -> None:
    for text in (CPF, "Ana", "cafe", "CAFE-2026"):
        assert found(stranger_client, text) == []


@pytest.mark.parametrize("text", ["", " ", "a", "%", "__"])
def test_what_fits_too_much_is_not_searched(shop: dict[str, Any], manager_client: Client, text: str) -> None:
    assert found(manager_client, text) == []


def test_htmx_gets_the_list_alone_and_a_plain_form_a_page(
    shop: dict[str, Any], manager_client: Client
) -> None:
    part = manager_client.post("/buscar/", {"q": "ana"}, headers={"hx-request": "true"})
    assert next(template.name for template in part.templates) == "ui/omnibox_results.html"
    assert b"<html" not in part.content
    page = manager_client.post("/buscar/", {"q": "ana"})
    assert next(template.name for template in page.templates) == "ui/search.html"
    assert CPF not in page.content.decode()


def test_it_costs_the_same_for_many(shop: dict[str, Any], manager_client: Client) -> None:
    def cost(text: str) -> int:
        with CaptureQueriesContext(
            database,
        ) as queries:
            found(manager_client, text)
        return len(queries)

    cost("ana")
    few = cost("ana")
    Customer.objects.bulk_create(
        Customer(**shop["common"], remote_id=str(i), name=f"Ana {i}", name_search=f"ana {i}")
        for i in range(10, 60)
    )
    assert cost("ana") == few
    assert len(found(manager_client, "ana")) == 5


def test_every_page_has_it(manager_client: Client, cashier_client: Client) -> None:
    def make(client: Client) -> str:
        return client.get("/clientes/", follow=True).content.decode()

    for client in (manager_client, cashier_client):
        assert 'id="omnibox"' in make(client)
