"""The start page: exact figures, when they are computed, who sees what, and that no page counts a big table."""

import re
import uuid
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from django.utils.html import escape

from customers.models import Customer, Sale
from rewards.models import Reward, StockWatch
from smartbis_admin.connections.models import Connection
from smartbis_admin.staff.models import User
from smartbis_admin.sync.models import SyncRun
from smartbis_admin.writes.models import Write
from vouchers.dashboard import figures
from vouchers.dashboard.models import Figure, Snapshot
from vouchers.dashboard.tasks import refresh_figures
from vouchers.models import Voucher
from vouchers.outreach.models import Message

HOME = reverse("home")
EVERYTHING = ["sales", "people", "survey", "customers", "vouchers"]
#: 09:00 of the 31st of March in São Paulo; the period begins on the 2nd of March, the one before on 31 January.
NOW = datetime(2026, 3, 31, 12, 0, tzinfo=UTC)


def local(month: int, day: int, hour: int = 12, minute: int = 0, second: int = 0) -> datetime:
    """A moment of 2026 on the wall clock of São Paulo (three hours behind UTC)."""
    return datetime(2026, month, day, hour, minute, second, tzinfo=UTC) + timedelta(hours=3)


@pytest.fixture
def there(db: None) -> Connection:
    return Connection.objects.create(name="Smartbis", base_url="https://api.invalid/v2/")


@pytest.fixture
def add(there: Connection, manager: User) -> Callable[..., Any]:
    """Add a row: `add(Voucher, value=5)`; a sale brings its write."""

    def make(model: type, **values: Any) -> Any:
        if model is Sale:
            state = values.pop("state", Write.State.DONE)
            write = Write.objects.create(connection=there, kind="register_sale", state=state)
            values = {"customer_remote_id": "1", "registered_by": manager, "write": write} | values
        else:
            values = {"remote_id": str(uuid.uuid4()), "content_hash": b""} | values
        return model.objects.create(connection=there, **values)  # type: ignore[attr-defined]

    return make


# --- The figures ----------------------------------------------------------------------------------------
def test_sales_are_those_the_platform_confirmed_by_local_day(add: Callable[..., Any]) -> None:
    add(Sale, amount=Decimal("0.10"), sold_at=local(3, 31, 0, 0))
    add(Sale, amount=Decimal("0.20"), sold_at=local(3, 31, 9, 0))
    add(Sale, amount=Decimal("100.05"), sold_at=local(3, 30, 23, 59, 59))
    add(Sale, amount=Decimal("7.00"), sold_at=local(3, 2, 0, 0))
    add(Sale, amount=Decimal("3.00"), sold_at=local(3, 1, 23, 59, 59))
    add(Sale, amount=Decimal("2.00"), sold_at=local(1, 31, 0, 0))
    add(Sale, amount=Decimal("1000"), sold_at=local(1, 30, 23, 59, 59))
    for state in (Write.State.IN_DOUBT, Write.State.REFUSED, Write.State.NOT_SENT, Write.State.ABANDONED):
        add(Sale, amount=Decimal("500"), sold_at=local(3, 31, 9, 0), state=state)
    found = figures.sales(NOW)
    assert found["today"] == {"count": 2, "amount": "0.30"}
    assert found["today_before"] == {"count": 1, "amount": "100.05"}
    assert found["month"] == {"count": 4, "amount": "107.35"}
    assert found["month_before"] == {"count": 2, "amount": "5.00"}
    assert len(found["days"]) == 30
    assert found["days"][0] == {"day": "2026-03-02", "count": 1, "amount": "7.00"}
    assert found["days"][28] == {"day": "2026-03-30", "count": 1, "amount": "100.05"}
    assert found["days"][29] == {"day": "2026-03-31", "count": 2, "amount": "0.30"}


def test_sums_are_exact_whatever_the_database_adds_with(add: Callable[..., Any]) -> None:
    for _ in range(100):
        add(Sale, amount=Decimal("0.10"), sold_at=local(3, 31, 9, 0))
    add(Sale, amount=Decimal("999999999999.99"), sold_at=local(3, 31, 9, 0))
    assert figures.sales(NOW)["today"] == {"count": 101, "amount": "1000000000009.99"}


def test_customers_count_while_the_platform_lists_them(add: Callable[..., Any]) -> None:
    add(Customer, name="A", cashback_balance=Decimal("4.00"), points_balance=Decimal("10.5"))
    add(Customer, name="B", cashback_balance=Decimal("10.00"), points_balance=Decimal("0.0001"))
    add(Customer, name="C", cashback_balance=Decimal("-1.00"), points_balance=Decimal("-5"))
    add(Customer, name="D")
    add(Customer, name="Gone", cashback_balance=Decimal("99"), points_balance=Decimal("99"), withdrawn_at=NOW)
    assert figures.customers(NOW) == {"count": 4, "cashback": "14.00", "points": "10.5001"}


def test_vouchers_by_their_effective_status_and_their_days(add: Callable[..., Any]) -> None:
    issued, used = Voucher.Status.ISSUED, Voucher.Status.USED
    add(Voucher, status=issued, value=Decimal("20.00"), issued_at=local(3, 2, 0, 0), expires_at=local(6, 1))
    add(
        Voucher,
        status=issued,
        value=Decimal("1.10"),
        issued_at=local(3, 1, 23, 59),
        expires_at=local(4, 7, 23, 59, 59),
    )
    add(
        Voucher,
        status=issued,
        value=Decimal("5.00"),
        issued_at=local(1, 31, 0, 0),
        expires_at=local(4, 8, 0, 0),
    )
    add(Voucher, status=issued, value=Decimal("9.00"), issued_at=local(1, 30), expires_at=local(3, 31, 8, 59))
    add(Voucher, status=issued, issued_at=local(3, 31, 8, 0))
    add(Voucher, status=used, issued_at=local(3, 10), used_at=local(3, 31, 9, 0))
    add(Voucher, status=used, issued_at=local(1, 10), used_at=local(3, 1, 23, 59))
    add(Voucher, status=Voucher.Status.CANCELLED, value=Decimal("5.00"), issued_at=local(3, 10))
    add(Voucher, status=issued, value=Decimal("7.00"), issued_at=local(3, 10), withdrawn_at=NOW)
    found = figures.vouchers(NOW)
    assert found["usable"] == {"count": 4, "value": "26.10"}
    assert found["expiring"] == {
        "7": {"count": 1, "value": "1.10"},
        "15": {"count": 2, "value": "6.10"},
        "30": {"count": 2, "value": "6.10"},
    }
    told = {name: (found[name]["issued"], found[name]["used"]) for name in figures.periods(NOW.date())}
    assert told == {"today": (1, 1), "today_before": (0, 0), "month": (3, 1), "month_before": (2, 1)}
    assert [one for one in found["expiring_days"] if one["count"]] == [
        {"day": "2026-04-07", "count": 1, "value": "1.10"},
        {"day": "2026-04-08", "count": 1, "value": "5.00"},
    ]
    assert [one for one in found["days"] if one["issued"] or one["used"]] == [
        {"day": "2026-03-02", "issued": 1, "used": 0},
        {"day": "2026-03-10", "issued": 1, "used": 0},
        {"day": "2026-03-31", "issued": 1, "used": 1},
    ]


# --- When they are computed -----------------------------------------------------------------------------
def test_figures_are_computed_again_only_when_due(there: Connection) -> None:
    assert figures.refresh(NOW) == EVERYTHING
    assert figures.refresh(NOW + timedelta(seconds=59)) == []
    assert figures.refresh(NOW + timedelta(seconds=60)) == ["sales"]
    assert figures.refresh(NOW + timedelta(minutes=15)) == EVERYTHING
    assert set(Figure.objects.values_list("computed_at", flat=True)) == {NOW + timedelta(minutes=15)}


def test_a_new_day_makes_every_figure_due(there: Connection) -> None:
    figures.refresh(local(3, 31, 23, 59, 50))
    assert figures.refresh(local(4, 1, 0, 0, 5)) == EVERYTHING


def test_the_last_state_of_each_day_is_kept(add: Callable[..., Any], there: Connection) -> None:
    customer = add(Customer, name="A", cashback_balance=Decimal("4.00"))
    add(Voucher, status="issued", value=Decimal("20.00"), expires_at=local(6, 1))
    figures.refresh(local(3, 30, 8))
    customer.cashback_balance = Decimal("5.00")
    customer.save()
    figures.refresh(local(3, 30, 23))
    figures.refresh(local(3, 31, 8))
    kept = figures.read_snapshots(NOW.date())
    assert set(kept) == {"today_before"}
    assert (kept["today_before"]["cashback"], kept["today_before"]["usable"]) == (
        "5.00",
        {"count": 1, "value": "20.00"},
    )
    assert Snapshot.objects.count() == 2


@pytest.mark.parametrize(
    ("resource", "due"), [("customers", ["customers"]), ("vouchers", ["vouchers"]), ("rewards", [])]
)
def test_a_listing_that_ended_makes_its_figures_due(there: Connection, resource: str, due: list[str]) -> None:
    figures.refresh(NOW)
    run = SyncRun.objects.create(connection=there, resource=resource, state=SyncRun.State.RUNNING)
    soon = NOW + timedelta(seconds=20)
    assert figures.refresh(soon) == []
    SyncRun.objects.filter(pk=run.pk).update(state=SyncRun.State.DONE, finished_at=soon)
    assert figures.refresh(soon + timedelta(seconds=1)) == due
    assert figures.refresh(soon + timedelta(seconds=2)) == []


def test_the_job_keeps_the_figures(there: Connection) -> None:
    refresh_figures()
    assert set(figures.read()) == set(EVERYTHING)


# --- The page -------------------------------------------------------------------------------------------
@pytest.fixture
def merchant(add: Callable[..., Any], there: Connection) -> Connection:
    """A merchant on the morning of `NOW`."""
    add(Sale, amount=Decimal("1000"), sold_at=local(3, 31, 8, 0))
    add(Sale, amount=Decimal("234.50"), sold_at=local(3, 5))
    add(Sale, amount=Decimal("800"), sold_at=local(2, 10))
    add(
        Customer,
        name="A",
        remote_id="1",
        cashback_balance=Decimal("14.00"),
        points_balance=Decimal("1234.5"),
    )
    issued = Voucher.Status.ISSUED
    add(Voucher, status=issued, value=Decimal("20.00"), issued_at=local(3, 10), expires_at=local(4, 5))
    add(Voucher, status=Voucher.Status.USED, issued_at=local(2, 10), used_at=local(3, 5))
    add(Reward, name="Café", status=Reward.Status.ACTIVE, stock=3)
    add(Reward, name="Chá", status=Reward.Status.ACTIVE, stock=0)
    add(Reward, name="Bolo", status=Reward.Status.ACTIVE, stock=11)
    add(Reward, name="Pão", status=Reward.Status.ACTIVE, stock=None)
    add(Reward, name="Torta", status=Reward.Status.PAUSED, stock=1)
    add(Reward, name="Suco", status=Reward.Status.ACTIVE, stock=1, withdrawn_at=NOW)
    add(Reward, name="Pudim", status=Reward.Status.ACTIVE, stock=1, ends_at=NOW - timedelta(days=1))
    run = SyncRun.objects.create(connection=there, resource="customers", state=SyncRun.State.FAILED)
    SyncRun.objects.filter(pk=run.pk).update(reason="Unreachable", finished_at=NOW - timedelta(hours=1))
    figures.refresh(NOW)
    return there


def tiles(client: Client, **query: str) -> dict[str, tuple[str, str, str]]:
    groups = client.get(HOME, query).context["groups"]
    return {
        str(tile.indicator.label): (tile.value, tile.note, tile.comparison.sentence)
        for _title, tiles in groups
        for tile in tiles
    }


@pytest.mark.usefixtures("merchant")
def test_a_manager_reads_thirty_days_beside_the_thirty_before(manager_client: Client) -> None:
    nothing, none_ago = (
        "sem valor dos 30 dias anteriores para comparar",
        "sem valor de 30 dias atrás para comparar",
    )
    same = "igual aos 30 dias anteriores"
    with time_machine.travel(NOW + timedelta(minutes=5), tick=False):
        assert tiles(manager_client) == {
            "Vendas": (
                "R$\xa01.234,50",
                "2 vendas",
                "54,3\xa0% a mais que nos 30 dias anteriores (R$\xa0800,00)",
            ),
            "Ticket médio": (
                "R$\xa0617,25",
                "",
                "22,8\xa0% a menos que nos 30 dias anteriores (R$\xa0800,00)",
            ),
            "Benefícios gerados": ("R$\xa00,00", "pontos: 0; vouchers: 1; com estimativa: 2", same),
            "Vendas recuperadas": ("R$\xa00,00", "0 vendas, 0 com benefício", same),
            "Clientes ativos": ("1", "", "igual a 30 dias atrás"),
            "Clientes inativos": ("0", "", "igual a 30 dias atrás"),
            "Compradores": ("1", "", same),
            "Taxa de recompra": (
                "100,0\xa0%",
                "",
                "100,0 pontos percentuais a mais que nos 30 dias anteriores (0,0\xa0%)",
            ),
            "Recorrência": ("2,00", "", "100,0\xa0% a mais que nos 30 dias anteriores (1,00)"),
            "Intervalo entre compras": ("24,5 dias", "", nothing),
            "Clientes recuperados": ("0", "", same),
            "Clientes": ("1", "", none_ago),
            "NPS": ("—", "0 respostas", nothing),
            "Vouchers emitidos": ("1", "", same),
            "Vouchers usados": ("1", "", "1 a mais que nos 30 dias anteriores (0)"),
            "Taxa de uso": (
                "0,0\xa0%",
                "",
                "100,0 pontos percentuais a menos que nos 30 dias anteriores (100,0\xa0%)",
            ),
            "Taxa de resgate de cashback": ("—", "", nothing),
            "Taxa de resgate de pontos": ("—", "", nothing),
            "A vencer em 7 dias": ("1", "R$\xa020,00; em 15 dias 1, em 30 dias 1", none_ago),
            "Passivo em aberto": ("R$\xa034,00", "e 1.234,5 pontos", none_ago),
        }
        page = manager_client.get(HOME).content.decode()
    for text in (
        "há 5 min.",
        "Saldos de cashback acima de zero mais o valor dos vouchers emitidos e não vencidos.",
        "somente vendas registradas por este sistema",
        "Vendas de 02/03/2026 a 31/03/2026; o melhor dia somou R$\xa01.000,00.",
        '<th scope="row">31/03/2026</th><td data-y="1000.00">R$\xa01.000,00</td>',
        "Falhou",
        "Não foi possível falar com a plataforma. Tente de novo em instantes.",
    ):
        assert text in page


@pytest.mark.usefixtures("merchant")
def test_today_is_compared_with_yesterday(manager_client: Client) -> None:
    Snapshot.objects.create(
        day=NOW.date() - timedelta(days=1),
        data={
            "customers": 2,
            "cashback": "24.00",
            "usable": {"value": "44.00", "count": 2},
            "expiring": {"7": {"count": 1}},
        },
    )
    with time_machine.travel(NOW, tick=False):
        told = tiles(manager_client, p="today")
    assert told["Vendas"] == ("R$\xa01.000,00", "1 venda", "R$\xa01.000,00 a mais que ontem (R$\xa00,00)")
    assert told["Clientes"] == ("1", "", "50,0\xa0% a menos que ontem (2)")
    assert told["Passivo em aberto"][2] == "50,0\xa0% a menos que ontem (R$\xa068,00)"
    assert told["A vencer em 7 dias"][2] == "igual a ontem"
    assert told["Ticket médio"][2] == "sem valor de ontem para comparar"


def test_rewards_that_run_out_are_named_with_the_reason(merchant: Connection, manager_client: Client) -> None:
    cake = Reward.objects.get(name="Bolo")
    StockWatch.objects.create(reward=cake, went=28, days=14, measured_at=NOW)
    with time_machine.travel(NOW, tick=False):
        context = manager_client.get(HOME).context
    assert [one.reward.name for one in context["scarce"]] == ["Chá", "Café", "Bolo"]
    assert context["scarce"][2].outlook.sentence == (
        "28 saíram nos últimos 14 dias, cerca de 2 por dia; com 11 restantes acaba por volta de 05/04/2026."
    )
    assert context["more_scarce"] is False


def all_tiles(client: Client) -> list[Any]:
    return [tile for _title, tiles in client.get(HOME).context["groups"] for tile in tiles]


@pytest.mark.usefixtures("merchant")
def test_every_figure_opens_its_definition_its_list_and_its_export(manager_client: Client) -> None:
    expected = {
        "vendas": 2, "ticket-medio": 2, "beneficios-gerados": 2, "vendas-recuperadas": 0,
        "clientes-ativos": 1, "clientes-inativos": 0, "compradores": 1, "taxa-de-recompra": 1,
        "recorrencia": 1, "intervalo-entre-compras": 1, "clientes-recuperados": 0, "clientes": 1,
        "vouchers-emitidos": 1, "vouchers-usados": 1, "taxa-de-uso": 1, "taxa-de-resgate-de-cashback": 0,
        "taxa-de-resgate-de-pontos": 0, "a-vencer": 1, "passivo-em-aberto": 1,
        "nps": 0,
    }  # fmt: skip
    found = {}
    with time_machine.travel(NOW, tick=False):
        for tile in all_tiles(manager_client):
            key, url = tile.indicator.key, tile.rows_url
            page = manager_client.get(url)
            assert not page.context["filters"].form.errors, key
            found[key] = len(page.context["page"].rows)
            text = manager_client.get(reverse("figure", args=[key])).content.decode()
            assert escape(str(tile.indicator.definition)) in text, key
            assert text.count("export=csv") == text.count("export=xlsx") == 2, key
            export = manager_client.get(f"{url}{'&' if '?' in url else '?'}export=csv")
            assert len(b"".join(export.streaming_content).decode().splitlines()) == found[key] + 1, key
    assert found == expected
    assert manager_client.get(reverse("figure", args=["nada"])).status_code == 404


@pytest.mark.usefixtures("merchant")
def test_a_viewer_sees_figures_and_no_door_a_viewer_may_not_open(
    viewer_client: Client, merchant: Connection
) -> None:
    Write.objects.create(connection=merchant, kind="create_category", state=Write.State.IN_DOUBT)
    response = viewer_client.get(HOME)
    page = response.content.decode()
    for name in ("writes:in_doubt", "customers:lookup", "contingency:list"):
        assert reverse(name) not in page
    assert "Alterar estoque" not in page
    # What customers answered is read by who writes to them.
    assert [tile.indicator.key for tile in all_tiles(viewer_client) if not tile.rows_url] == ["nps"]


def test_who_works_at_the_till_opens_no_figure(
    merchant: Connection, cashier_client: Client, stranger_client: Client
) -> None:
    for client in (cashier_client, stranger_client):
        assert client.get(reverse("figure", args=["vendas"])).status_code == 403
    assert stranger_client.get(reverse("recovered", args=["month"])).status_code == 403


@pytest.mark.usefixtures("merchant")
def test_what_needs_somebody_comes_first_each_with_a_way_to_act(
    merchant: Connection, manager_client: Client
) -> None:
    Write.objects.create(connection=merchant, kind="create_category", state=Write.State.IN_DOUBT)
    run = SyncRun.objects.get()
    with time_machine.travel(NOW, tick=False):
        alerts = manager_client.get(HOME).context["alerts"]
    assert [(alert.tone, alert.text, alert.url) for alert in alerts] == [
        (
            "danger",
            "Clientes: Não foi possível falar com a plataforma. Tente de novo em instantes.",
            reverse("sync:run", args=[run.pk]),
        ),
        (
            "danger",
            "1 recompensa está sem estoque.",
            reverse("rewards:list") + "?status=active&stock=out",
        ),
        ("warning", "1 envio está a confirmar. Não o repita.", reverse("writes:in_doubt")),
        ("warning", "1 recompensa está acabando.", reverse("rewards:list") + "?status=active&sort=stock"),
        (
            "info",
            "1 voucher vence em até 7 dias, no valor de R$\xa020,00.",
            reverse("vouchers:list") + "?expiring=7&sort=expires_at",
        ),
    ]


@pytest.fixture
def write_to(add: Callable[..., Any], there: Connection) -> Callable[..., Message]:
    """A message to somebody, in doubt unless it says otherwise; one by WhatsApp brings its write."""

    def make(channel: str, state: str = Message.State.IN_DOUBT, write: str = Write.State.IN_DOUBT) -> Message:
        sent: dict[str, Any] = {}
        if channel == "whatsapp":
            sent["write"] = Write.objects.create(connection=there, kind="send_whatsapp", state=write)
        return Message.objects.create(
            customer=Customer.objects.first() or add(Customer, name="A"), person=uuid.uuid4().hex,
            trigger="welcome", occasion=str(uuid.uuid4()), channel=channel, state=state, zone="America/Sao_Paulo",
            queued_at=NOW, not_before=NOW, expires_at=NOW, **sent,
        )  # fmt: skip

    return make


def test_messages_in_doubt_are_told_by_channel_to_who_may_settle_them(
    there: Connection, write_to: Callable[..., Message], manager_client: Client, viewer_client: Client
) -> None:
    write_to("email")
    write_to("email", Message.State.SENT)
    write_to("whatsapp")
    write_to("whatsapp")
    # Given up: nothing is left to settle.
    write_to("whatsapp", write=Write.State.ABANDONED)
    Write.objects.create(connection=there, kind="create_category", state=Write.State.IN_DOUBT)
    emails = reverse("outreach:message_list") + "?state=in_doubt&channel=email"
    whatsapp = reverse("writes:in_doubt") + "?kind=send_whatsapp"
    assert [(one.tone, one.text, one.url) for one in manager_client.get(HOME).context["alerts"]] == [
        ("warning", "1 envio está a confirmar. Não o repita.", reverse("writes:in_doubt")),
        ("warning", "2 mensagens por WhatsApp estão a confirmar. Não as repita.", whatsapp),
        ("warning", "1 e-mail está a confirmar. Não o repita.", emails),
    ]
    for url, count in ((emails, 1), (whatsapp, 2)):
        assert len(manager_client.get(url).context["page"].rows) == count
    assert viewer_client.get(HOME).context["alerts"] == []


def test_before_the_first_computing_the_page_says_so_and_asks_again(
    there: Connection, manager_client: Client
) -> None:
    page = manager_client.get(HOME).content.decode()
    assert "Os indicadores estão sendo calculados e aparecem aqui em instantes." in page
    assert 'hx-trigger="every 5s"' in page
    figures.refresh()
    assert "every 5s" not in manager_client.get(HOME).content.decode()


@pytest.mark.django_db
def test_without_a_platform_the_page_says_what_to_do(manager_client: Client, viewer_client: Client) -> None:
    page = manager_client.get(HOME).content.decode()
    assert "Nenhuma integração ativa" in page
    assert reverse("connections:list") in page
    assert reverse("connections:list") not in viewer_client.get(HOME).content.decode()


def test_with_a_bridge_alone_the_page_says_what_is_there_and_what_is_missing(
    manager_client: Client, viewer_client: Client
) -> None:
    off = Connection.objects.create(name="Smartbis", base_url="https://api.invalid/v2/", is_active=False)
    assert "Nenhuma integração ativa" in manager_client.get(HOME).content.decode()
    for name, provider in (("SmartPOS", "smartpos"), ("Loja no WhatsApp", "whatsapp")):
        Connection.objects.create(name=name, provider=provider, base_url="https://api.invalid/")
    Write.objects.create(connection=off, kind="create_category", state=Write.State.IN_DOUBT)
    for client, may_connect in ((manager_client, True), (viewer_client, False)):
        page = client.get(HOME).content.decode()
        assert "Nenhuma integração ativa" not in page
        assert "Falta um programa de fidelidade" in page
        assert "Já conectado: Loja no WhatsApp, SmartPOS. " in page
        assert (reverse("connections:list") in page) is may_connect
        assert ("1 envio está a confirmar. Não o repita." in page) is may_connect


def test_people_of_the_till_go_to_the_till(cashier_client: Client) -> None:
    response = cashier_client.get(HOME)
    assert (response.status_code, response["Location"]) == (302, reverse("vouchers:till"))


def test_somebody_without_a_role_is_told_whom_to_ask(merchant: Connection, stranger_client: Client) -> None:
    page = stranger_client.get(HOME).content.decode()
    assert "Seu usuário ainda não tem um perfil" in page
    assert "R$" not in page


def test_nobody_signed_in_sees_nothing(merchant: Connection, client: Client) -> None:
    response = client.get(HOME)
    assert (response.status_code, response["Location"].partition("?")[0]) == (302, reverse("staff:login"))


def test_the_page_costs_the_same_for_two_and_forty_and_counts_no_big_table(
    add: Callable[..., Any],
    write_to: Callable[..., Message],
    there: Connection,
    manager_client: Client,
) -> None:
    costs, statements = [], []
    for wanted in (2, 40):
        while Customer.objects.count() < wanted:
            add(Customer, name="A")
            add(Voucher, status=Voucher.Status.ISSUED)
            add(Sale, amount=1, sold_at=timezone.now())
            add(Reward, name="R", status=Reward.Status.ACTIVE, stock=0)
            write_to("email")
            write_to("whatsapp")
        Figure.objects.all().delete()
        figures.refresh()
        manager_client.get(HOME)
        with CaptureQueriesContext(database) as queries:
            manager_client.get(HOME)
        costs.append(len(queries))
        statements += [query["sql"] for query in queries]
    assert costs[0] == costs[1]
    big = re.compile(r"customers_(customer|sale)|vouchers_voucher")
    assert [statement for statement in statements if big.search(statement)] == []
