"""One customer: what each role reads, what is asked of the platform, and what is kept of it."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape

from customers.models import Customer, Sale
from sandbox.testing import SandboxServer
from smartbis_admin.connections.models import Connection
from smartbis_admin.staff.models import AuditEvent, User
from smartbis_admin.writes.models import Write
from tests.conftest import signed_in
from tests.customers.conftest import CPF, OTHER_CPF, calls, said, unplug
from vouchers.models import Voucher

Make = Callable[..., Customer]


def detail(customer: Customer) -> str:
    return reverse("customers:detail", args=[customer.pk])


def refresh(customer: Customer) -> str:
    return reverse("customers:refresh", args=[customer.pk])


@pytest.fixture
def ana_here(make_customer: Make) -> Customer:
    return make_customer(
        "Ana Beatriz Prado",
        cpf=CPF,
        phone="+5511988880001",
        email="ana@cliente.example",
        birth_date="1990-05-17",
        points_balance=Decimal("129.9"),
        cashback_balance=Decimal("6.50"),
    )


def add_voucher(customer: Customer, code: str, **values: Any) -> Voucher:
    return Voucher.objects.create(
        connection=customer.connection,
        remote_id=code,
        code_key=code.replace("-", ""),
        content_hash=b"",
        customer_remote_id=customer.remote_id,
        **({"status": Voucher.Status.ISSUED} | values),
    )


def test_a_manager_sees_everything_and_that_is_audited(
    ana_here: Customer, manager: User, manager_client: Client
) -> None:
    page = manager_client.get(detail(ana_here)).content.decode()
    for text in (
        "Ana Beatriz Prado", "529.982.247-25", f'data-copy="{CPF}"', "(11) 98888-0001", "ana@cliente.example",
        "17/05/1990", "R$\xa06,50", "129,9",
    ):  # fmt: skip
        assert text in page
    event = AuditEvent.objects.get()
    assert (event.actor, event.action, event.subject) == (
        manager,
        "customer.viewed",
        f"customer:{ana_here.pk}",
    )
    assert event.details == {}


def test_a_viewer_sees_personal_data_masked(ana_here: Customer, viewer_client: Client) -> None:
    page = viewer_client.get(detail(ana_here)).content.decode()
    for text in ("Ana Beatriz Prado", "•••.982.247-••", "(11) •••••-0001", "a•••@cliente.example"):
        assert text in page
    for text in (
        CPF,
        "529.982",
        "988880001",
        "98888-0001",
        "ana@cliente",
        "17/05/1990",
        reverse("customers:sale", args=[1]),
    ):
        assert text not in page
    assert not AuditEvent.objects.exists()


def test_at_the_counter_only_the_least_is_shown(ana_here: Customer, cashier_client: Client) -> None:
    add_voucher(ana_here, "VALE-AAAA-01")
    page = cashier_client.get(detail(ana_here)).content.decode()
    assert "Ana" in page
    assert "•••.982.247-••" in page
    # The balance stands in a closed box that opens when asked for.
    before, after = page.split("Mostrar saldo")
    assert "R$\xa06,50" not in before
    assert "R$\xa06,50" in after
    for text in ("Beatriz", CPF, "529.982", "98888", "cliente.example", "AA-01"):
        assert text not in page
    assert reverse("customers:sale", args=[ana_here.pk]) in page
    assert not AuditEvent.objects.exists()


def test_vouchers_stand_with_the_usable_and_soonest_first(ana_here: Customer, manager_client: Client) -> None:
    now = timezone.now()
    add_voucher(ana_here, "A-USED", status=Voucher.Status.USED, issued_at=now, used_at=now)
    add_voucher(ana_here, "B-FAR", expires_at=now + timedelta(days=80))
    add_voucher(ana_here, "C-EVER")
    add_voucher(ana_here, "D-PAST", expires_at=now - timedelta(days=1), issued_at=now - timedelta(days=90))
    add_voucher(ana_here, "E-SOON", expires_at=now + timedelta(days=2))
    add_voucher(ana_here, "F-GONE", withdrawn_at=now)
    context = manager_client.get(detail(ana_here)).context
    assert [row.remote_id for row in context["vouchers"]] == ["E-SOON", "B-FAR", "C-EVER", "A-USED", "D-PAST"]
    assert context["more_vouchers"] is False
    add_voucher(ana_here, "G-NEXT")
    add_voucher(ana_here, "H-NEXT")
    context = manager_client.get(detail(ana_here)).context
    assert (len(context["vouchers"]), context["more_vouchers"]) == (6, True)


def test_the_page_costs_the_same_whatever_the_customer_has(
    ana_here: Customer, manager: User, manager_client: Client
) -> None:
    counts = []
    for wanted in (1, 12):
        for number in range(wanted):
            add_voucher(ana_here, f"V-{wanted}-{number}")
            write = Write.objects.create(
                connection=ana_here.connection, kind="register_sale", state=Write.State.DONE, actor=manager
            )
            Sale.objects.create(
                connection=ana_here.connection,
                write=write,
                customer_remote_id=ana_here.remote_id,
                amount=10,
                sold_at=timezone.now(),
                registered_by=manager,
            )
        with CaptureQueriesContext(database) as queries:
            manager_client.get(detail(ana_here))
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_what_is_open_stands_on_top(ana_here: Customer, manager: User, manager_client: Client) -> None:
    def write(**values: Any) -> Write:
        return Write.objects.create(
            **{"connection": ana_here.connection, "actor": manager, "state": Write.State.IN_DOUBT} | values
        )

    sale = write(kind="register_sale", subject=f"customer:{ana_here.remote_id}")
    scan = write(
        kind="validate_voucher", subject="voucher:X", payload={"customer_remote_id": ana_here.remote_id}
    )
    write(kind="register_sale", subject="customer:other")
    write(kind="register_sale", payload={"customer_remote_id": ana_here.remote_id}, state=Write.State.DONE)
    response = manager_client.get(detail(ana_here))
    assert set(response.context["open_writes"]) == {sale, scan}
    assert response.content.decode().count("A confirmar – não repita") == 2


def test_a_withdrawn_customer_is_shown_as_such(make_customer: Make, manager_client: Client) -> None:
    gone = make_customer("Ana", withdrawn_at=timezone.now())
    page = manager_client.get(detail(gone)).content.decode()
    assert "A plataforma não lista mais este cliente desde" in page


def test_looking_asks_nothing_of_the_platform(
    sandbox: SandboxServer, ana: Customer, manager_client: Client
) -> None:
    before = len(sandbox.log())
    manager_client.get(detail(ana))
    manager_client.get(reverse("customers:list"))
    manager_client.get(reverse("customers:sale", args=[ana.pk]))
    manager_client.get(reverse("customers:estimate", args=[ana.pk]), {"amount": "10"})
    assert len(sandbox.log()) == before


# --- Atualizar agora ------------------------------------------------------------------------------------
def test_updating_brings_what_the_platform_says_now(
    sandbox: SandboxServer, ana: Customer, manager_client: Client
) -> None:
    sandbox.act("credit", cpf=CPF, points="50", cashback="1.25")
    response = manager_client.post(refresh(ana))
    assert (response.status_code, response["Location"]) == (302, detail(ana))
    assert said(response) == ["Atualizado: é o que a plataforma diz agora."]
    ana.refresh_from_db()
    assert (ana.points_balance, ana.cashback_balance) == (Decimal("150"), Decimal("16.25"))


def test_updating_makes_an_unchanged_customer_young_again(
    sandbox: SandboxServer, ana: Customer, manager_client: Client
) -> None:
    Customer.objects.update(stored_at=timezone.now() - timedelta(days=3))
    assert "há 3 dias" in manager_client.get(detail(ana)).content.decode()
    manager_client.post(refresh(ana))
    assert "há 3 dias" not in manager_client.get(detail(ana)).content.decode()


def test_updating_somebody_the_platform_does_not_show_changes_nothing(
    sandbox: SandboxServer, ana: Customer, manager_client: Client
) -> None:
    sandbox.act("remove_customer", cpf=CPF)
    response = manager_client.post(refresh(ana))
    assert said(response) == [
        "A plataforma não mostrou este cliente agora. Os dados aqui continuam como estavam."
    ]
    ana.refresh_from_db()
    assert (ana.name, ana.withdrawn_at) == ("Ana Beatriz Prado", None)


def test_updating_while_nobody_answers_says_so_and_changes_nothing(
    ana: Customer, connection: Connection, manager_client: Client
) -> None:
    stored_at = ana.stored_at
    unplug(connection)
    response = manager_client.post(refresh(ana))
    assert said(response) == [
        "A plataforma não aceitou a conexão. Confira o endereço da API ou tente de novo em instantes."
    ]
    ana.refresh_from_db()
    assert ana.stored_at == stored_at


def test_updating_needs_a_cpf(
    sandbox: SandboxServer, connection: Connection, make_customer: Make, manager_client: Client
) -> None:
    nameless = make_customer("Sem CPF", connection=connection)
    assert refresh(nameless) not in manager_client.get(detail(nameless)).content.decode()
    response = manager_client.post(refresh(nameless))
    assert said(response) == ["A plataforma só encontra clientes por CPF, e este não tem CPF."]
    assert calls(sandbox) == []


def test_updating_is_never_done_by_reading(
    ana: Customer, sandbox: SandboxServer, manager_client: Client
) -> None:
    before = len(sandbox.log())
    assert manager_client.get(refresh(ana)).status_code == 405
    assert len(sandbox.log()) == before


def test_a_stranger_asks_nothing(ana: Customer, sandbox: SandboxServer, stranger_client: Client) -> None:
    before = len(sandbox.log())
    for address in (detail(ana), refresh(ana)):
        assert stranger_client.post(address).status_code == 403
    assert stranger_client.get(detail(ana)).status_code == 403
    assert len(sandbox.log()) == before


# --- Consultar ------------------------------------------------------------------------------------------
LOOKUP = reverse("customers:lookup")


def test_a_cpf_known_here_is_found_without_asking(
    ana: Customer, sandbox: SandboxServer, cashier_client: Client
) -> None:
    before = len(sandbox.log())
    response = cashier_client.post(LOOKUP, {"cpf": " 529.982.247-25 "})
    assert (response.status_code, response["Location"]) == (302, detail(ana))
    assert len(sandbox.log()) == before


def test_a_cpf_unknown_here_is_asked_at_the_platform(
    sandbox: SandboxServer, connection: Connection, cashier: User
) -> None:
    sandbox.act("create_customer", name="Bia Costa", cpf=OTHER_CPF)
    response = signed_in(cashier).post(LOOKUP, {"cpf": OTHER_CPF})
    assert response["Location"] == detail(Customer.objects.get(cpf=OTHER_CPF))


def test_a_cpf_nobody_has(
    sandbox: SandboxServer, connection: Connection, manager: User, cashier: User
) -> None:
    pages = {
        person: signed_in(person).post(LOOKUP, {"cpf": OTHER_CPF}).content.decode()
        for person in (manager, cashier)
    }
    for page in pages.values():
        assert "Nenhum cliente com este CPF." in page
    assert "Cadastrar cliente" in pages[manager]
    assert "Cadastrar cliente" not in pages[cashier]
    assert not Customer.objects.exists()


def test_a_second_platform_is_asked_when_the_first_is_down(
    sandbox: SandboxServer, make_connection: Callable[..., Connection], cashier_client: Client
) -> None:
    unplug(make_connection("laravel"))
    make_connection("bare")
    sandbox.act("create_customer", name="Bia Costa", cpf=OTHER_CPF, credential="sandbox-bare")
    response = cashier_client.post(LOOKUP, {"cpf": OTHER_CPF})
    assert response["Location"] == detail(Customer.objects.get())


def test_nobody_answering_is_not_nobody_found(
    sandbox: SandboxServer, connection: Connection, cashier_client: Client
) -> None:
    unplug(connection)
    page = cashier_client.post(LOOKUP, {"cpf": OTHER_CPF}).content.decode()
    assert "Este CPF não está na nossa cópia, e não foi possível perguntar à plataforma." in page
    assert "Nenhum cliente" not in page


@pytest.mark.parametrize(
    ("typed", "answer"),
    [("", "Informe o CPF."), ("529.982.247-24", "Este CPF não existe. Confira os 11 números.")],
)
def test_what_cannot_be_a_cpf_is_not_asked(
    sandbox: SandboxServer, connection: Connection, cashier_client: Client, typed: str, answer: str
) -> None:
    assert escape(answer) in cashier_client.post(LOOKUP, {"cpf": typed}).content.decode()
    assert calls(sandbox) == []


def test_who_may_not_look_up_is_refused_before_anything_is_asked(
    sandbox: SandboxServer, connection: Connection, stranger_client: Client
) -> None:
    assert stranger_client.post(LOOKUP, {"cpf": OTHER_CPF}).status_code == 403
    assert calls(sandbox) == []
