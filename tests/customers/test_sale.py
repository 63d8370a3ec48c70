"""Registering a sale: the estimate, the confirmation, every outcome, against the real sandbox."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape

from customers.models import Customer, Sale
from customers.rules.models import RuleVersion
from customers.services import refresh_customer, register_sale
from sandbox.testing import SandboxServer
from smartbis_admin.connections.models import Connection
from smartbis_admin.staff.models import Store, Till, User
from smartbis_admin.writes.models import Write
from tests.conftest import signed_in
from tests.customers.conftest import CPF, OTHER_CPF, calls, fields, opened, said, unplug
from tests.writes.support import look_after
from vouchers.models import Voucher

SAVED = "Venda registrada na plataforma."
BUSY = "Outro envio sobre o mesmo assunto ainda está a confirmar. Espere o resultado – não repita."


def address(customer: Customer) -> str:
    return reverse("customers:sale", args=[customer.pk])


def sale_page(sale: Sale) -> str:
    return reverse("customers:sale_detail", args=[sale.write_id])


def sales(sandbox: SandboxServer) -> list[bool]:
    """For each sale that reached the sandbox, whether it had an effect."""
    return [effect for _method, effect in calls(sandbox, "sales")]


def confirm(client: Client, customer: Customer, amount: str, **more: str) -> HttpResponse:
    """Open the form, type an amount, and press the button of the confirmation."""
    form = opened(client, address(customer), amount=amount) | {"confirmed": "1"} | more
    return client.post(address(customer), form)


# --- The estimate ---------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("typed", "shown", "hidden"),
    [
        ("99,90", ["Estimativa", "R$\xa05,00", "99,9", "R$\xa020,00"], []),
        ("1.234,56", ["R$\xa061,73", "1.234,56", "R$\xa076,73"], []),
        ("33.33", ["R$\xa01,67", "33,33"], ["Voucher emitido"]),
        ("0,09", ["R$\xa00,00", "0,09"], ["Voucher emitido"]),
        ("1,234", ["A estimativa do benefício aparece aqui."], ["R$"]),
        ("0", ["A estimativa do benefício aparece aqui."], ["R$"]),
        ("", ["A estimativa do benefício aparece aqui."], ["R$"]),
    ],
)
def test_the_estimate_follows_what_is_typed(
    ana: Customer, cashier_client: Client, typed: str, shown: list[str], hidden: list[str]
) -> None:
    part = cashier_client.get(
        reverse("customers:estimate", args=[ana.pk]), {"amount": typed}
    ).content.decode()
    for text in shown:
        assert text in part
    for text in hidden:
        assert text not in part


def test_without_a_rule_there_is_no_estimate(ana: Customer, manager_client: Client) -> None:
    RuleVersion.objects.all().delete()
    part = manager_client.get(reverse("customers:estimate", args=[ana.pk]), {"amount": "10"}).content.decode()
    assert "Sem estimativa: a regra do programa não foi informada." in part
    assert "R$" not in part


# --- The confirmation -----------------------------------------------------------------------------------
def test_nothing_is_sent_before_it_is_confirmed(
    sandbox: SandboxServer, ana: Customer, manager_client: Client
) -> None:
    form = opened(manager_client, address(ana), amount="1.234,56")
    asked = manager_client.post(address(ana), form)
    page = asked.content.decode()
    for text in ("Ana Beatriz Prado", "•••.982.247-••", "R$\xa01.234,56", "Estimativa", "Registrar venda"):
        assert text in page
    assert fields(asked) == form
    corrected = manager_client.post(address(ana), form | {"edit": "1"})
    assert corrected.context["form"]["amount"].value() == "1.234,56"
    assert sales(sandbox) == []
    assert not Write.objects.exists()


@pytest.mark.parametrize(
    ("typed", "answer"),
    [
        ("", "Informe o valor."),
        ("abc", "Escreva o valor como 1.234,56."),
        ("1,234", "Escreva o valor como 1.234,56."),
        ("0", "O valor tem de ser maior que zero."),
        ("-5", "O valor tem de ser maior que zero."),
        ("1,999", "Escreva o valor como 1.234,56."),
    ],
)
def test_an_amount_that_cannot_be_is_refused_beside_its_field(
    sandbox: SandboxServer, ana: Customer, manager_client: Client, typed: str, answer: str
) -> None:
    response = confirm(manager_client, ana, typed)
    assert response.context["form"].errors == {"amount": [answer]}  # type: ignore[attr-defined]
    assert escape(answer) in response.content.decode()
    assert sales(sandbox) == []


# --- Outcomes -------------------------------------------------------------------------------------------
@pytest.mark.parametrize("profile", ["laravel", "bare", "items"])
def test_the_real_benefit_and_the_voucher_are_shown(
    sandbox: SandboxServer, make_connection: Callable[..., Connection], manager: User, profile: str
) -> None:
    connection = make_connection(profile)
    sandbox.act(
        "create_customer", name="Ana Prado", cpf=CPF, cashback_balance="15", credential=f"sandbox-{profile}"
    )
    (ana,) = refresh_customer(connection=connection, cpf=CPF)
    client = signed_in(manager)
    response = confirm(client, ana, "129,90")
    sale = Sale.objects.get()
    assert (response.status_code, response["Location"]) == (302, sale_page(sale))
    assert said(response) == [SAVED]
    assert sales(sandbox) == [True]
    assert (sale.amount, sale.cashback_amount, sale.points_earned) == (
        Decimal("129.90"),
        Decimal("6.50"),
        Decimal("129.9000"),
    )
    assert (sale.registered_by, sale.write.state) == (manager, Write.State.DONE)
    voucher = Voucher.objects.get()
    assert (sale.voucher_codes, voucher.value) == ([voucher.remote_id], Decimal("21.50"))
    page = client.get(sale_page(sale)).content.decode()
    for text in (
        "Registrada", "R$\xa0129,90", "R$\xa06,50", "129,9", "Voucher emitido", voucher.remote_id, "R$\xa021,50",
        "Valor mínimo de compra: R$\xa050,00.", "Marta", "data-print",
        reverse("vouchers:detail", args=[voucher.pk]),
    ):  # fmt: skip
        assert text in page
    ana.refresh_from_db()
    assert (ana.cashback_balance, ana.points_balance) == (Decimal("0.00"), Decimal("129.9000"))


def test_the_same_press_twice_is_one_sale(
    sandbox: SandboxServer, ana: Customer, manager_client: Client
) -> None:
    form = opened(manager_client, address(ana), amount="50") | {"confirmed": "1"}
    answers = [manager_client.post(address(ana), form) for _ in range(2)]
    sale = Sale.objects.get()
    assert [answer["Location"] for answer in answers] == [sale_page(sale)] * 2
    assert sales(sandbox) == [True]


def test_a_second_press_while_the_first_is_on_its_way_waits_for_it(
    sandbox: SandboxServer, ana: Customer, manager: User, manager_client: Client
) -> None:
    form = opened(manager_client, address(ana), amount="50") | {"confirmed": "1"}
    register_sale(id=uuid.UUID(form["write_id"]), customer=ana, amount=Decimal("50.00"), actor=manager)
    Write.objects.update(state=Write.State.PENDING)
    response = manager_client.post(address(ana), form)
    assert response["Location"] == sale_page(Sale.objects.get())
    assert said(response) == ["A confirmar – não repita. O resultado aparece aqui assim que for conhecido."]
    assert sales(sandbox) == [True]


def test_a_form_sent_before_with_another_amount_is_not_sent(
    sandbox: SandboxServer, ana: Customer, manager_client: Client
) -> None:
    form = opened(manager_client, address(ana), amount="50") | {"confirmed": "1"}
    manager_client.post(address(ana), form)
    response = manager_client.post(address(ana), form | {"amount": "60"})
    answer = "Este formulário já tinha sido enviado com outros dados. Confira e envie de novo."
    assert response.context["form"].non_field_errors() == [answer]
    assert fields(response)["write_id"] != form["write_id"]
    assert sales(sandbox) == [True]


def test_what_never_left_is_said_and_may_be_sent_again(
    sandbox: SandboxServer, ana: Customer, connection: Connection, manager_client: Client
) -> None:
    form = opened(manager_client, address(ana), amount="50") | {"confirmed": "1"}
    unplug(connection)
    response = manager_client.post(address(ana), form)
    assert response.context["form"].non_field_errors()[0] == "Não foi enviado. Tente de novo."
    again = fields(response)
    assert (again["amount"], again["write_id"] == form["write_id"]) == ("50", False)
    unsent = Sale.objects.get()
    assert unsent.write.state == Write.State.NOT_SENT
    assert (
        "Esta venda não foi registrada na plataforma."
        in manager_client.get(sale_page(unsent)).content.decode()
    )
    assert sales(sandbox) == []
    Connection.objects.update(base_url=sandbox.base)
    assert said(manager_client.post(address(ana), again | {"confirmed": "1"})) == [SAVED]
    assert sales(sandbox) == [True]


def test_a_customer_the_platform_does_not_know_is_refused_in_words(
    sandbox: SandboxServer, ana: Customer, manager_client: Client
) -> None:
    sandbox.act("remove_customer", cpf=CPF)
    response = confirm(manager_client, ana, "50")
    answer = "A plataforma não encontrou este cliente. Nada foi registrado."
    assert response.context["form"].non_field_errors() == [answer]  # type: ignore[attr-defined]
    assert sales(sandbox) == [False]
    sale = Sale.objects.get()
    assert (sale.write.state, sale.write.code) == (Write.State.REFUSED, "customer_not_found")
    assert "Recusada" in manager_client.get(sale_page(sale)).content.decode()


@pytest.mark.parametrize("kind", ["drop_after", "stall_after", "error_after", "truncate_200"])
def test_a_lost_answer_is_in_doubt_and_never_sent_again(
    sandbox: SandboxServer, ana: Customer, manager: User, manager_client: Client, kind: str
) -> None:
    sandbox.fault(kind, method="POST", path="sales")
    form = opened(manager_client, address(ana), amount="50") | {"confirmed": "1"}
    response = manager_client.post(address(ana), form)
    sale = Sale.objects.get()
    assert response["Location"] == sale_page(sale)
    page = manager_client.get(sale_page(sale)).content.decode()
    assert "A confirmar – não repita" in page
    assert "Cashback (estimativa)" in page
    assert reverse("writes:detail", args=[sale.write_id]) in page
    assert 'hx-trigger="every 4s"' in page
    # Pressed again, and tried anew: nothing leaves.
    assert manager_client.post(address(ana), form)["Location"] == sale_page(sale)
    anew = confirm(manager_client, ana, "60")
    assert anew.context["form"].non_field_errors() == [BUSY]  # type: ignore[attr-defined]
    assert sales(sandbox) == [True]
    # The evidence is strong; a person decides, and the page stops asking.
    look_after(sale.write)
    sale.write.refresh_from_db()
    assert (sale.write.state, sale.write.needs_person) == (Write.State.IN_DOUBT, True)
    manager_client.post(
        reverse("writes:settle", args=[sale.write_id]), {"state": "done", "reason": "Está no painel."}
    )
    page = manager_client.get(sale_page(sale)).content.decode()
    assert "Registrada" in page
    assert "A plataforma confirmou a venda e não informou o benefício." in page
    assert "every 4s" not in page


def test_an_empty_answer_is_done_without_details(
    sandbox: SandboxServer, ana: Customer, manager_client: Client
) -> None:
    sandbox.fault("empty_200", method="POST", path="sales")
    assert said(confirm(manager_client, ana, "50")) == [SAVED]
    sale = Sale.objects.get()
    assert (sale.write.state, sale.cashback_amount) == (Write.State.DONE, None)
    ana.refresh_from_db()
    assert ana.cashback_balance == Decimal("17.50")


# --- A likely double ------------------------------------------------------------------------------------
def test_a_likely_double_is_asked_about_and_may_be_meant(
    sandbox: SandboxServer, ana: Customer, manager_client: Client
) -> None:
    confirm(manager_client, ana, "50")
    first = Sale.objects.get()
    warned = confirm(manager_client, ana, "50,00")
    page = warned.content.decode()
    assert "Parece repetida" in page
    assert "Uma venda de R$\xa050,00 para este cliente foi registrada agora." in page
    assert sale_page(first) in page
    assert "Nada foi enviado." in page
    assert sales(sandbox) == [True]
    assert said(confirm(manager_client, ana, "50", repeat="1")) == [SAVED]
    assert sales(sandbox) == [True, True]


@pytest.mark.parametrize("case", ["other amount", "long ago", "refused", "other customer"])
def test_what_is_no_double_is_not_asked_about(
    sandbox: SandboxServer, ana: Customer, connection: Connection, manager_client: Client, case: str
) -> None:
    confirm(manager_client, ana, "50")
    customer, amount = ana, "50"
    if case == "other amount":
        amount = "50,01"
    elif case == "long ago":
        Sale.objects.update(sold_at=timezone.now() - timedelta(minutes=11))
    elif case == "refused":
        Write.objects.update(state=Write.State.REFUSED)
    else:
        sandbox.act("create_customer", name="Bia", cpf=OTHER_CPF)
        (customer,) = refresh_customer(connection=connection, cpf=OTHER_CPF)
    assert said(confirm(manager_client, customer, amount)) == [SAVED]
    assert sales(sandbox) == [True, True]


# --- Where ----------------------------------------------------------------------------------------------
@pytest.fixture
def places(db: None) -> dict[str, Any]:
    centro, praia = (Store.objects.create(name=name) for name in ("Loja Centro", "Loja Praia"))
    tills = [Till.objects.create(store=centro, name=name) for name in ("Caixa 1", "Caixa 2")]
    Till.objects.create(store=centro, name="Caixa velho", is_active=False)
    Store.objects.create(name="Loja fechada", is_active=False)
    return {"centro": centro, "praia": praia, "tills": tills}


def labels(client: Client, customer: Customer) -> list[str]:
    form = client.get(address(customer)).context["form"]
    return [str(label) for _key, label in form.fields["place"].choices]


def test_the_place_is_chosen_and_remembered(
    sandbox: SandboxServer, ana: Customer, places: dict[str, Any], manager_client: Client
) -> None:
    assert labels(manager_client, ana) == [
        "Escolha",
        "Loja Centro · Caixa 1",
        "Loja Centro · Caixa 2",
        "Loja Centro, sem ponto de caixa",
        "Loja Praia, sem ponto de caixa",
    ]
    missing = confirm(manager_client, ana, "50")
    assert missing.context["form"].errors == {"place": ["Escolha a loja ou o ponto de caixa."]}  # type: ignore[attr-defined]
    till = places["tills"][1]
    confirm(manager_client, ana, "50", place=f"t{till.pk}")
    sale = Sale.objects.get()
    assert (sale.store, sale.till, sale.write.store, sale.write.till) == (places["centro"], till) * 2
    assert fields(manager_client.get(address(ana)))["place"] == f"t{till.pk}"


def test_the_till_of_this_browser_is_proposed(
    ana: Customer, places: dict[str, Any], cashier_client: Client
) -> None:
    till = places["tills"][0]
    session = cashier_client.session
    session["till"] = till.pk
    session.save()
    assert fields(cashier_client.get(address(ana)))["place"] == f"t{till.pk}"


def test_people_register_only_where_they_work(
    sandbox: SandboxServer, ana: Customer, places: dict[str, Any], cashier: User
) -> None:
    cashier.stores.add(places["praia"])
    client = signed_in(cashier)
    assert labels(client, ana) == ["Loja Praia, sem ponto de caixa"]
    elsewhere = confirm(client, ana, "50", place=f"s{places['centro'].pk}")
    assert list(elsewhere.context["form"].errors) == ["place"]  # type: ignore[attr-defined]
    assert sales(sandbox) == []
    confirm(client, ana, "50", place=f"s{places['praia'].pk}")
    assert Sale.objects.get().store == places["praia"]


# --- Who ------------------------------------------------------------------------------------------------
def test_at_the_counter_the_customer_is_a_first_name(
    sandbox: SandboxServer, ana: Customer, cashier_client: Client
) -> None:
    pages = [cashier_client.get(address(ana)).content.decode()]
    form = opened(cashier_client, address(ana), amount="99,90")
    pages.append(cashier_client.post(address(ana), form).content.decode())
    cashier_client.post(address(ana), form | {"confirmed": "1"})
    pages.append(cashier_client.get(sale_page(Sale.objects.get())).content.decode())
    for page in pages:
        assert "Ana" in page
        assert "•••.982.247-••" in page
        for text in ("Beatriz", CPF, "529.982", f'href="{reverse("customers:sale_list")}"'):
            assert text not in page
    assert sales(sandbox) == [True]


@pytest.mark.parametrize("who", ["viewer_client", "stranger_client"])
def test_who_may_not_register_changes_nothing(
    sandbox: SandboxServer, ana: Customer, request: pytest.FixtureRequest, who: str
) -> None:
    client: Client = request.getfixturevalue(who)
    before = len(sandbox.log())
    posted = {"amount": "50", "write_id": str(uuid.uuid4()), "confirmed": "1"}
    assert client.get(address(ana)).status_code == 403
    assert client.post(address(ana), posted).status_code == 403
    assert client.get(reverse("customers:estimate", args=[ana.pk])).status_code == 403
    assert not Write.objects.exists()
    assert not Sale.objects.exists()
    assert len(sandbox.log()) == before


def test_a_customer_of_a_switched_off_connection_gets_no_sale(
    sandbox: SandboxServer, ana: Customer, connection: Connection, manager_client: Client
) -> None:
    Connection.objects.filter(pk=connection.pk).update(is_active=False)
    assert manager_client.get(address(ana)).status_code == 404
    page = manager_client.get(reverse("customers:detail", args=[ana.pk])).content.decode()
    assert address(ana) not in page
    assert sales(sandbox) == []
