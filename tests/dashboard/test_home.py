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

from customers.models import Customer, Sale
from rewards.models import Reward
from smartbis_admin.connections.models import Connection
from smartbis_admin.staff.models import User
from smartbis_admin.sync.models import SyncRun
from smartbis_admin.writes.models import Write
from vouchers.dashboard import figures
from vouchers.dashboard.models import Figure
from vouchers.dashboard.tasks import refresh_figures
from vouchers.models import Voucher

HOME = reverse("home")
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
    assert found["period"] == {"count": 4, "amount": "107.35"}
    assert found["before"] == {"count": 2, "amount": "5.00"}
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
    assert figures.vouchers(NOW) == {
        "usable": {"count": 4, "value": "26.10"},
        "expiring": {"count": 1, "value": "1.10"},
        "issued": 3,
        "issued_before": 2,
        "used": 1,
        "used_before": 1,
    }


# --- When they are computed -----------------------------------------------------------------------------
def test_figures_are_computed_again_only_when_due(there: Connection) -> None:
    assert figures.refresh(NOW) == ["sales", "customers", "vouchers"]
    assert figures.refresh(NOW + timedelta(seconds=59)) == []
    assert figures.refresh(NOW + timedelta(seconds=60)) == ["sales"]
    assert figures.refresh(NOW + timedelta(minutes=15)) == ["sales", "customers", "vouchers"]
    assert set(Figure.objects.values_list("computed_at", flat=True)) == {NOW + timedelta(minutes=15)}


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
    assert set(figures.read()) == {"sales", "customers", "vouchers"}


# --- The page -------------------------------------------------------------------------------------------
@pytest.fixture
def merchant(add: Callable[..., Any], there: Connection) -> Connection:
    """A merchant on the morning of `NOW`."""
    add(Sale, amount=Decimal("1000"), sold_at=local(3, 31, 8, 0))
    add(Sale, amount=Decimal("234.50"), sold_at=local(3, 5))
    add(Sale, amount=Decimal("800"), sold_at=local(2, 10))
    add(Customer, name="A", cashback_balance=Decimal("14.00"), points_balance=Decimal("1234.5"))
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


def tiles(client: Client) -> dict[str, tuple[str, str]]:
    return {tile.label: (tile.value, tile.note) for tile, _linked in client.get(HOME).context["tiles"]}


@pytest.mark.usefixtures("merchant")
def test_a_manager_reads_the_figures(manager_client: Client) -> None:
    with time_machine.travel(NOW + timedelta(minutes=5), tick=False):
        assert tiles(manager_client) == {
            "Vendas hoje": ("R$\xa01.000,00", "1 venda"),
            "Vendas em 30 dias": ("R$\xa01.234,50", "2 vendas, +54,3 % sobre os 30 dias anteriores"),
            "Clientes": ("1", ""),
            "Passivo em aberto": ("R$\xa034,00", "e 1.234,5 pontos"),
            "Vouchers emitidos": ("1", "em 30 dias, 0 % sobre os 30 dias anteriores"),
            "Vouchers usados": ("1", "em 30 dias"),
            "Vouchers a vencer em 7 dias": ("1", "valor: R$\xa020,00"),
            "A confirmar": ("0", ""),
        }
        page = manager_client.get(HOME).content.decode()
    for text in (
        "há 5 min.",
        "Saldos de cashback acima de zero mais o valor dos vouchers emitidos e não vencidos.",
        "somente vendas registradas por este sistema",
        "Vendas de 02/03/2026 a 31/03/2026; o melhor dia somou R$\xa01.000,00.",
        "<title>31/03/2026: R$\xa01.000,00, 1 venda</title>",
        "Falhou",
        "Não foi possível falar com a plataforma. Tente de novo em instantes.",
    ):
        assert text in page


@pytest.mark.usefixtures("merchant")
def test_only_rewards_one_could_have_run_out(manager_client: Client) -> None:
    with time_machine.travel(NOW, tick=False):
        low = manager_client.get(HOME).context["low"]
    assert ([reward.name for reward in low["rows"]], low["more"]) == (["Chá", "Café"], False)


@pytest.mark.usefixtures("merchant")
def test_every_figure_opens_its_list_with_the_same_rows(manager_client: Client) -> None:
    expected = {
        "Vendas hoje": 1,
        "Vendas em 30 dias": 2,
        "Clientes": 1,
        "Passivo em aberto": 1,
        "Vouchers emitidos": 1,
        "Vouchers usados": 1,
        "Vouchers a vencer em 7 dias": 1,
        "A confirmar": 0,
    }
    with time_machine.travel(NOW, tick=False):
        shown = manager_client.get(HOME).context["tiles"]
        lists = {tile.label: manager_client.get(tile.url) for tile, linked in shown if linked}
    assert {label: len(page.context["page"].rows) for label, page in lists.items()} == expected
    for page in lists.values():
        assert not page.context["filters"].form.errors


@pytest.mark.usefixtures("merchant")
def test_a_viewer_sees_figures_and_no_door_a_viewer_may_not_open(viewer_client: Client) -> None:
    page = viewer_client.get(HOME).content.decode()
    assert reverse("writes:in_doubt") not in page
    assert reverse("customers:lookup") not in page
    linked = {tile.label for tile, linked in viewer_client.get(HOME).context["tiles"] if linked}
    assert "A confirmar" not in linked
    assert "Clientes" in linked


def test_what_is_in_doubt_stands_out(merchant: Connection, manager_client: Client) -> None:
    Write.objects.create(connection=merchant, kind="create_category", state=Write.State.IN_DOUBT)
    tile = next(
        tile for tile, _linked in manager_client.get(HOME).context["tiles"] if tile.label == "A confirmar"
    )
    assert (tile.value, tile.alarming, tile.url) == ("1", True, reverse("writes:in_doubt"))


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
    add: Callable[..., Any], there: Connection, manager_client: Client
) -> None:
    costs, statements = [], []
    for wanted in (2, 40):
        while Customer.objects.count() < wanted:
            add(Customer, name="A")
            add(Voucher, status=Voucher.Status.ISSUED)
            add(Sale, amount=1, sold_at=timezone.now())
            add(Reward, name="R", status=Reward.Status.ACTIVE, stock=0)
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
