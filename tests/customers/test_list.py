"""The list of customers and the list of sales: who sees what, in which words, at what cost."""

import csv
import io
import uuid
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection as database
from django.http import HttpResponse
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from customers.consents import record_consent
from customers.models import Customer, Sale, Tag
from customers.tags import add_tag, bearers
from smartbis_admin.connections.models import Connection
from smartbis_admin.staff.models import AuditEvent, Store, User
from smartbis_admin.ui.models import BulkJob
from smartbis_admin.writes.models import Write
from tests.customers.conftest import CPF
from tests.customers.test_detail import add_voucher

Make = Callable[..., Customer]
LIST = reverse("customers:list")
SALES = reverse("customers:sale_list")


@pytest.fixture
def ana(make_customer: Make) -> Customer:
    return make_customer(
        "Ana Prado",
        cpf=CPF,
        phone="+5511988880001",
        email="ana@cliente.example",
        points_balance=Decimal("1234.5"),
        cashback_balance=Decimal("6.50"),
        remote_created_at=datetime(2026, 3, 1, 14, 5, tzinfo=UTC),
    )


@pytest.fixture
def make_sale(plain_connection: Connection, manager: User) -> Callable[..., Sale]:
    def make(customer: Customer, amount: str, **values: Any) -> Sale:
        state = values.pop("state", Write.State.DONE)
        write = Write.objects.create(
            connection=plain_connection, kind="register_sale", state=state, actor=manager
        )
        return Sale.objects.create(
            connection=plain_connection,
            write=write,
            customer_remote_id=customer.remote_id,
            amount=Decimal(amount),
            sold_at=values.pop("sold_at", timezone.now()),
            registered_by=values.pop("by", manager),
            **values,
        )

    return make


def names(response: HttpResponse) -> list[str]:
    rows = response.context["page"].rows  # type: ignore[attr-defined]
    return [str(getattr(row, "name", row)) for row in rows]


def exported(response: Any) -> list[list[str]]:
    text = b"".join(response.streaming_content).decode("utf-8-sig")
    return list(csv.reader(io.StringIO(text), delimiter=";"))


def test_a_manager_reads_a_customer_in_one_line(ana: Customer, manager_client: Client) -> None:
    page = manager_client.get(LIST).content.decode()
    for text in ("Ana Prado", "•••.982.247-••", "(11) 98888-0001", "1.234,5", "R$\xa06,50", "01/03/2026"):
        assert text in page
    assert CPF not in page
    assert reverse("customers:detail", args=[ana.pk]) in page


def test_a_viewer_sees_phones_and_emails_masked_on_screen_and_in_exports(
    ana: Customer, viewer_client: Client
) -> None:
    page = viewer_client.get(LIST).content.decode()
    assert "(11) •••••-0001" in page
    assert "98888" not in page
    header, row = exported(viewer_client.get(LIST, {"export": "csv"}))
    assert header == ["Nome", "CPF", "Telefone", "E-mail", "Pontos", "Cashback", "Cliente desde", "Etiquetas"]
    assert row[:4] == ["Ana Prado", "•••.982.247-••", "(11) •••••-0001", "a•••@cliente.example"]


def test_an_export_with_personal_data_is_audited(
    ana: Customer, manager: User, manager_client: Client
) -> None:
    rows = exported(manager_client.get(LIST, {"export": "csv"}))
    assert rows[1] == [
        "Ana Prado", "•••.982.247-••", "(11) 98888-0001", "ana@cliente.example", "1234,5", "6,5",
        "01/03/2026 11:05", "",
    ]  # fmt: skip
    event = AuditEvent.objects.get()
    assert (event.actor, event.action, event.subject, event.details) == (
        manager,
        "list.exported",
        "list:customers:list",
        {"format": "csv", "filters": []},
    )


def test_people_of_the_counter_are_led_to_the_lookup(ana: Customer, cashier_client: Client) -> None:
    response = cashier_client.get(LIST, {"export": "csv"})
    assert (response.status_code, response["Location"]) == (302, reverse("customers:lookup"))
    assert cashier_client.get(SALES).status_code == 403


def test_who_may_not_look_up_customers_sees_none(ana: Customer, stranger_client: Client) -> None:
    response = stranger_client.get(LIST)
    assert response.status_code == 403
    assert "Consultar clientes" in response.content.decode()
    assert "Ana" not in response.content.decode()


def test_an_empty_list_says_what_to_do(plain_connection: Connection, manager_client: Client) -> None:
    page = manager_client.get(LIST).content.decode()
    assert "Nenhum cliente ainda" in page
    assert "Ainda não sincronizado" in page
    assert reverse("customers:create") in page


def test_a_viewer_is_offered_nothing_a_viewer_may_not_do(viewer_client: Client) -> None:
    page = viewer_client.get(LIST).content.decode()
    assert reverse("customers:create") not in page
    assert reverse("customers:lookup") not in page


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, ["Ana", "Bia", "Caio"]),
        ({"q": "bia"}, ["Bia"]),
        ({"q": "bia", "sort": "-remote_created_at"}, ["Bia"]),
        ({"balance": "cashback"}, ["Ana"]),
        ({"balance": "points"}, ["Bia"]),
        ({"cpf": "with"}, ["Ana"]),
        ({"cpf": "without"}, ["Bia", "Caio"]),
        ({"registered_from": "2026-03-02"}, ["Bia"]),
        ({"registered_to": "2026-03-01"}, ["Ana"]),
        ({"withdrawn": "only"}, ["Davi"]),
        ({"withdrawn": "all"}, ["Ana", "Bia", "Caio", "Davi"]),
        ({"sort": "-name"}, ["Caio", "Bia", "Ana"]),
        ({"sort": "-cashback_balance"}, ["Ana", "Bia", "Caio"]),
        ({"sort": "points_balance"}, ["Ana", "Bia", "Caio"]),
        ({"sort": "-remote_created_at"}, ["Bia", "Ana", "Caio"]),
        ({"q": "999"}, []),
    ],
)
def test_filters_and_orders(
    make_customer: Make, manager_client: Client, query: dict[str, str], expected: list[str]
) -> None:
    # 23:30 of the first of March in São Paulo.
    late = datetime(2026, 3, 2, 2, 30, tzinfo=UTC)
    make_customer("Ana", cpf=CPF, cashback_balance=1, points_balance=0, remote_created_at=late)
    make_customer(
        "Bia", cashback_balance=0, points_balance=2, remote_created_at=datetime(2026, 4, 1, tzinfo=UTC)
    )
    make_customer("Caio")
    make_customer("Davi", withdrawn_at=timezone.now())
    assert names(manager_client.get(LIST, query)) == expected


@pytest.mark.parametrize("address", [LIST, f"{LIST}?q=ana", f"{LIST}?sort=-points_balance&q=ana"])
def test_a_list_costs_the_same_for_two_and_forty_customers(
    make_customer: Make, manager_client: Client, address: str
) -> None:
    counts = []
    for wanted in (2, 40):
        while Customer.objects.count() < wanted:
            make_customer("Ana", points_balance=1)
        manager_client.get(address)
        with CaptureQueriesContext(database) as queries:
            assert manager_client.get(address).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_the_list_of_sales_costs_the_same_for_two_and_forty(
    ana: Customer, make_sale: Callable[..., Sale], manager_client: Client
) -> None:
    counts = []
    for wanted in (2, 40):
        while Sale.objects.count() < wanted:
            make_sale(ana, "10.00")
        manager_client.get(SALES)
        with CaptureQueriesContext(database) as queries:
            assert manager_client.get(SALES).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_sales_are_listed_with_their_state_in_words(
    ana: Customer, make_sale: Callable[..., Sale], viewer_client: Client
) -> None:
    store = Store.objects.create(name="Loja Centro")
    make_sale(ana, "1234.56", cashback_amount=Decimal("61.73"), points_earned=Decimal("1234.56"), store=store)
    make_sale(ana, "10.00", state=Write.State.IN_DOUBT)
    page = viewer_client.get(SALES).content.decode()
    for text in (
        "R$\xa01.234,56",
        "R$\xa061,73",
        "Registrada",
        "A confirmar – não repita",
        "Loja Centro",
        "Marta",
    ):
        assert text in page


@pytest.mark.parametrize(
    ("query", "amounts"),
    [
        ({}, ["3.00", "2.00", "1.00"]),
        ({"state": "in_doubt"}, ["2.00"]),
        ({"sold_at_from": "2026-03-02", "sold_at_to": "2026-03-02"}, ["2.00"]),
        ({"store": "1"}, ["3.00"]),
        ({"customer_id": "ana"}, ["3.00", "2.00"]),
        ({"customer_id": "999999"}, []),
        ({"q": "bia"}, ["1.00"]),
        ({"q": CPF}, ["3.00", "2.00"]),
        ({"registered_by": "caio"}, ["2.00"]),
        ({"sort": "amount"}, ["1.00", "2.00", "3.00"]),
    ],
)
def test_filters_of_sales(
    ana: Customer,
    make_customer: Make,
    make_sale: Callable[..., Sale],
    cashier: User,
    viewer_client: Client,
    query: dict[str, str],
    amounts: list[str],
) -> None:
    store = Store.objects.create(pk=1, name="Loja Centro")
    keys = {"ana": str(ana.pk), "caio": str(cashier.pk)}
    query = {name: keys.get(value, value) for name, value in query.items()}
    make_sale(make_customer("Bia"), "1.00", sold_at=datetime(2026, 3, 1, 12, tzinfo=UTC))
    make_sale(
        ana, "2.00", sold_at=datetime(2026, 3, 2, 12, tzinfo=UTC), state=Write.State.IN_DOUBT, by=cashier
    )
    make_sale(ana, "3.00", sold_at=datetime(2026, 3, 3, 12, tzinfo=UTC), store=store)
    rows = viewer_client.get(SALES, query).context["page"].rows
    assert [str(row.amount) for row in rows] == amounts


def test_all_sales_and_vouchers_of_one_customer_are_one_click_away(
    ana: Customer, make_sale: Callable[..., Sale], manager_client: Client
) -> None:
    for number in range(7):
        make_sale(ana, f"{number + 1}.00")
        add_voucher(ana, f"V-{number}")
    page = manager_client.get(reverse("customers:detail", args=[ana.pk])).content.decode()
    assert f'href="{SALES}?customer_id={ana.pk}"' in page
    assert f'href="{reverse("vouchers:list")}?customer_id={ana.pk}"' in page
    response = manager_client.get(SALES, {"customer_id": ana.pk, "state": "done"})
    assert len(response.context["page"].rows) == 7
    chips = [(chip.label, chip.value, chip.without) for chip in response.context["filters"].chips]
    assert chips[0] == ("Cliente", "Ana Prado", "?state=done")
    assert f'<input type="hidden" name="customer_id" value="{ana.pk}"' in response.content.decode()
    assert (
        len(manager_client.get(reverse("vouchers:list"), {"customer_id": ana.pk}).context["page"].rows) == 7
    )


def test_tags_narrow_the_list_down_and_go_into_the_export(
    ana: Customer, make_customer: Make, manager: User, manager_client: Client
) -> None:
    bia, vip = make_customer("Bia"), Tag.objects.create(name="VIP", created_by=manager)
    add_tag(tag_id=vip.pk, customers=[bia], by=manager)
    assert names(manager_client.get(LIST, {"tag": vip.pk})) == ["Bia"]
    assert [row[-1] for row in exported(manager_client.get(LIST, {"export": "csv"}))] == [
        "Etiquetas",
        "",
        "VIP",
    ]
    assert names(manager_client.get(LIST, {"tag": 999})) == []


def test_consents_narrow_the_list_down(
    ana: Customer, make_customer: Make, manager: User, manager_client: Client
) -> None:
    bia = make_customer("Bia")
    for customer, given in ((ana, True), (bia, False)):
        record_consent(
            customer=customer, channel="email", is_given=given, said_on=date(2026, 1, 1), source="store", proof="",
            by=manager,
        )  # fmt: skip
    assert names(manager_client.get(LIST, {"consent": "email:given"})) == ["Ana Prado"]
    assert names(manager_client.get(LIST, {"consent": "email:withdrawn"})) == ["Bia"]
    assert names(manager_client.get(LIST, {"consent": "sms:given"})) == []


def test_a_tag_is_put_on_many_customers_and_taken_off_again(
    make_customer: Make, manager: User, manager_client: Client, viewer_client: Client, cashier_client: Client
) -> None:
    people = [make_customer(name) for name in ("Ana", "Bia", "Caio")]
    vip = Tag.objects.create(name="VIP", created_by=manager)
    add_tag(tag_id=vip.pk, customers=[people[1]], by=manager)
    for act, changed, sentence in (("add_tag", 2, "já têm a etiqueta"), ("remove_tag", 3, "")):
        job = manager_client.post(f"{LIST}?sort=-name", {"act": f"customers.{act}", "everything": "1"})[
            "Location"
        ]
        manager_client.post(job, {"step": "values", "tag": vip.pk})
        assert sentence in manager_client.get(job).content.decode()
        manager_client.post(job, {"step": "start"})
        assert len(BulkJob.objects.get(action=f"customers.{act}").changed) == changed
        wearing = {"add_tag": {1, 2, 3}, "remove_tag": set()}[act]
        assert {people.index(row) + 1 for row in people if bearers(vip.pk, [row])} == wearing
    manager_client.post(job, {"step": "undo"})
    assert bearers(vip.pk, people) == {row.pk for row in people}
    jobs = BulkJob.objects.count()
    viewer_client.post(LIST, {"act": "customers.add_tag", "everything": "1"})
    response = cashier_client.post(LIST, {"act": "csv", "everything": "1"})
    assert (response.status_code, response["Location"]) == (302, reverse("customers:lookup"))
    assert BulkJob.objects.count() == jobs


def test_a_sale_of_a_customer_nobody_listed_is_still_shown(
    plain_connection: Connection, make_sale: Callable[..., Sale], manager_client: Client
) -> None:
    sale = make_sale(Customer(remote_id=str(uuid.uuid4())), "5.00")
    assert "R$\xa05,00" in manager_client.get(SALES).content.decode()
    page = manager_client.get(reverse("customers:sale_detail", args=[sale.write_id]))
    assert page.status_code == 200
