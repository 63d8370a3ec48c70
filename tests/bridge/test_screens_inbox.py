"""The inbox and the page of one sale: who sees what, exact words, nothing personal whole, constant queries."""

import re
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from customers.bridge import life, services
from customers.bridge.models import Bridge, PosMachine, PosSale
from customers.bridge.transitions import Event
from customers.bridge.working import work
from customers.models import Customer
from sandbox.testing import SandboxServer
from smartbis_admin.api.pos import PosMethod, PosStatus
from smartbis_admin.staff.models import User
from smartbis_admin.ui.formats import datetime_local
from tests.bridge.conftest import CPFS, received, record

pytestmark = pytest.mark.django_db
LIST = "/maquininhas/"


def text(client: Client, address: str) -> str:
    """The words of a page, white space made plain."""
    page = client.get(address).content.decode()
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def test_the_inbox_says_what_waits_and_since_when(bridge: Bridge, manager_client: Client) -> None:
    sales = received(bridge, record("a"), record("b", cpf="11111111111"), record("c", cpf=CPFS[1]))
    work(bridge.pk)
    PosSale.objects.filter(pk=sales[0].pk).update(state_since=timezone.now() - timedelta(days=3))
    page = text(manager_client, LIST)
    assert (
        "3 vendas esperam a identificação do cliente. Chegada da mais antiga: há 3 dias Identificar" in page
    )
    for word in ("Sem dados do comprador", "CPF inválido", "Comprador sem cadastro", "•••.444.777-••"):
        assert word in page
    assert CPFS[1] not in page
    assert page.count("há 3 dias") == 2


@pytest.mark.parametrize(
    ("query", "ids"),
    [
        ("state=unidentified", "bc"),
        ("reason=unknown_buyer", "c"),
        ("payment_method=pix", "b"),
        ("acquirer=Stone", "a"),
        ("road=push", ""),
        ("q=000123", "b"),
        ("q=c", "c"),
        ("q=Ana+Prado", "a"),
        ("q=52998224725", "a"),
        ("flag=reversal_due", ""),
        ("sold_at_from=2000-01-01&sold_at_to=2000-01-02", ""),
        ("state=nonsense", ""),
    ],
)
def test_each_filter_narrows_the_list(
    query: str, ids: str, bridge: Bridge, ana: Customer, manager_client: Client
) -> None:
    received(
        bridge,
        record("a", cpf=CPFS[0], machine_id="M1", acquirer="Stone"),
        record("b", payment_method=PosMethod.PIX, nsu="000123"),
        record("c", cpf=CPFS[1]),
    )
    work(bridge.pk)
    page = manager_client.get(f"{LIST}?{query}").context["page"]
    assert "".join(sorted(row.remote_id for row in page.rows)) == ids


def test_machine_store_and_customer_are_filters_too(
    bridge: Bridge, ana: Customer, manager_client: Client
) -> None:
    received(bridge, record("a", cpf=CPFS[0], machine_id="M1"), record("b", machine_id="M2"))
    work(bridge.pk)
    machine = PosMachine.objects.get(remote_id="M2")
    for query, wanted in ((f"machine={machine.pk}", ["b"]), (f"customer_id={ana.pk}", ["a"])):
        page = manager_client.get(f"{LIST}?{query}").context["page"]
        assert [row.remote_id for row in page.rows] == wanted


def test_the_list_costs_the_same_with_many_rows(
    bridge: Bridge, ana: Customer, manager_client: Client
) -> None:
    counts = []
    for start, more in ((0, 2), (2, 30)):
        received(
            bridge,
            *(record(f"s{n}", cpf=CPFS[n % 2], machine_id=f"M{n}") for n in range(start, start + more)),
        )
        while PosSale.objects.filter(state="received").exists():
            work(bridge.pk)
        manager_client.get(LIST)
        with CaptureQueriesContext(database) as queries:
            assert manager_client.get(LIST).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 20


def test_an_export_holds_no_whole_cpf(bridge: Bridge, manager_client: Client) -> None:
    received(bridge, record("a", cpf=CPFS[1], name="Bruno Lima"))
    work(bridge.pk)
    lines = b"".join(manager_client.get(f"{LIST}?export=csv").streaming_content).decode().splitlines()  # type: ignore[attr-defined]
    assert (
        lines[0].lstrip("\ufeff").startswith("Quando;Valor da venda;Situação;Cliente;Espera;Maquininha;Loja")
    )
    assert "•••.444.777-••" in lines[1]
    assert CPFS[1] not in lines[1]
    assert "Comprador sem cadastro" in lines[1]


def test_a_sale_that_nobody_registers_says_so_in_the_list(bridge: Bridge, manager_client: Client) -> None:
    Bridge.objects.update(mode="observe")
    assert "SmartPOS: somente acompanhar. O painel da Smartbis registra estas vendas" in text(
        manager_client, LIST
    )
    Bridge.objects.update(mode="")
    assert "SmartPOS: ninguém escolheu ainda quem registra as vendas. Nada é enviado." in text(
        manager_client, LIST
    )


def test_why_sending_waits_is_said(bridge: Bridge, manager_client: Client) -> None:
    for error, cause, sentence in (
        ("busy", "", "Outro envio do mesmo cliente ainda está a confirmar. As vendas seguem sozinhas."),
        ("Unreachable", "refused", "A plataforma não aceitou a conexão."),
    ):
        Bridge.objects.update(waits_for=error, waits_cause=cause)
        assert f"SmartPOS: o envio espera. {sentence}" in text(manager_client, LIST)


def test_the_page_of_a_registered_sale(bridge: Bridge, ana: Customer, manager_client: Client) -> None:
    [sale] = received(
        bridge,
        record("a", cpf=CPFS[0], phone="11988880001", email="ana@loja.test", name="Ana Prado", nsu="000777",
               authorization_code="A1", installments=3, acquirer="Stone", machine_id="M1"),
    )  # fmt: skip
    work(bridge.pk)
    page = text(manager_client, f"{LIST}{sale.pk}/")
    for words in (
        "Crédito em 3 parcelas",
        "000777",
        "•••.982.247-••",
        "(11) •••••-0001",
        "a•••@loja.test",
        "Nome Ana Prado",
        "Envio à Smartbis Feito",
        "A Smartbis usa o dia do envio como data da venda",
        "Recebida do SmartPOS Leitura automática",
        "Registrada na plataforma",
    ):
        assert words in page, words
    assert "52998224725" not in page
    assert "ana@loja" not in page
    assert life.can(PosSale.objects.get(), Event.REVERSED) is False


def test_a_waiting_sale_says_until_when(bridge: Bridge, manager_client: Client) -> None:
    [sale] = received(bridge, record("a"))
    work(bridge.pk)
    since = timezone.now() - timedelta(days=2)
    PosSale.objects.update(state_since=since)
    until = datetime_local(since + timedelta(days=7))
    told = f"Espera: há 2 dias. Sem cliente até {until}, ela deixa de esperar e não acumula."
    assert told in text(manager_client, f"{LIST}{sale.pk}/")
    PosSale.objects.update(state="registered")
    assert "deixa de esperar" not in text(manager_client, f"{LIST}{sale.pk}/")


def test_a_viewer_sees_the_first_name_alone_and_no_act(
    bridge: Bridge, viewer_client: Client, manager_client: Client
) -> None:
    [sale] = received(bridge, record("a", cpf=CPFS[1], name="Bruno Lima"))
    work(bridge.pk)
    page = text(viewer_client, f"{LIST}{sale.pk}/")
    assert "Nome Bruno" in page
    assert "Lima" not in page
    acts = ("Vincular cliente", "Descartar")
    assert [act in page for act in acts] == [False, False]
    mine = text(manager_client, f"{LIST}{sale.pk}/")
    assert [act in mine for act in acts] == [True, True]


def test_a_change_after_the_send_stands_beside(
    bridge: Bridge, ana: Customer, manager_client: Client, manager: User, sandbox: SandboxServer
) -> None:
    [sale] = received(bridge, record("a", cpf=CPFS[0]))
    work(bridge.pk)
    received(bridge, record("a", cpf=CPFS[0], amount=Decimal("200.00"), sold_at=sale.sold_at))
    page = text(manager_client, f"{LIST}{sale.pk}/")
    assert "Alterada depois do envio" in page
    assert "Valor da venda: R$\xa0129,90 → R$\xa0200,00" in manager_client.get(
        f"{LIST}{sale.pk}/"
    ).content.decode().replace("<b>", "").replace("</b>", "")
    manager_client.post(f"{LIST}{sale.pk}/conferida/changed_after_send/", {"note": "A maquininha errou."})
    sale.refresh_from_db()
    assert sale.changed_after_send is False
    assert services.may_change_customer(sale) is False


@pytest.mark.parametrize("who", ["cashier_client", "stranger_client"])
def test_nobody_else_sees_the_sales(who: str, bridge: Bridge, request: pytest.FixtureRequest) -> None:
    [sale] = received(bridge, record("a"))
    client = request.getfixturevalue(who)
    for address in (LIST, f"{LIST}{sale.pk}/", f"{LIST}cadastro/", f"{LIST}lojas/"):
        assert client.get(address).status_code == 403
    assert "maquininhas" not in client.get("/", follow=True).content.decode()


def test_the_start_page_says_what_waits(
    bridge: Bridge, ana: Customer, manager_client: Client, viewer_client: Client
) -> None:
    [sale, _other] = received(bridge, record("a", cpf=CPFS[0]), record("b"))
    work(bridge.pk)
    received(bridge, record("a", cpf=CPFS[0], sold_at=sale.sold_at, status=PosStatus.REFUNDED))
    page = text(manager_client, "/")
    told = (
        "1 venda de maquininha foi cancelada depois de registrada: há um estorno a fazer.",
        "1 venda de maquininha espera a identificação do cliente.",
    )
    assert [words in page for words in told] == [True, True]
    assert [words in text(viewer_client, "/") for words in told] == [False, False]
