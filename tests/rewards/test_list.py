"""The list of rewards as rows and as cards: filters, order, ages, export, a steady number of queries."""

import csv
import io
import re
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from rewards.models import Category, Reward
from smartbis_admin.connections.models import Connection
from smartbis_admin.sync.models import SyncRun

LIST = reverse("rewards:list")
NOW = timezone.now()
DAY = timedelta(days=1)
MakeReward = Callable[..., Reward]
MakeCategory = Callable[..., Category]


@pytest.fixture
def shelf(make_category: MakeCategory, make_reward: MakeReward) -> dict[str, Reward]:
    """Rewards of every kind, by one word each."""
    make_category("7", "Bebidas")
    make_category("8", "Presentes")
    return {
        "cafe": make_reward(
            "1", "Café grátis", category_remote_id="7", stock=140, points_required=Decimal(80)
        ),
        "cha": make_reward("2", "Chá gelado", category_remote_id="7", stock=0, starts_at=NOW + 30 * DAY),
        "pao": make_reward("3", "Pão de queijo", stock=None, status="paused"),
        "bolo": make_reward("4", "Bolo", stock=10, ends_at=NOW - DAY, points_required=Decimal("12.5")),
        "caneca": make_reward("5", "Caneca", category_remote_id="8", stock=11, ends_at=NOW + 10 * DAY),
        "velho": make_reward("6", "Velho", stock=1, withdrawn_at=NOW - DAY, missing_since=NOW - 2 * DAY),
        "novo": make_reward("7", "Novo", status="unknown", status_word="rascunho", stock=1),
    }


def shown(client: Client, **query: str) -> list[str]:
    """Names on the list, in its order."""
    response = client.get(LIST, query)
    return [row.name for row in response.context["page"].rows]


def test_rows_say_what_is_known(shelf: dict[str, Reward], manager_client: Client) -> None:
    page = manager_client.get(LIST).content.decode()
    assert shelf["cafe"].name in page
    assert "Bebidas" in page
    assert re.search(r">\s*140\s*<", page)
    assert "Ilimitado" in page
    assert "Estoque baixo" in page
    assert "Sem estoque" in page
    assert "rascunho" in page
    assert "Ainda não sincronizado" in page
    assert "As imagens ficam no servidor da plataforma" in page


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ({}, ["Bolo", "Café grátis", "Caneca", "Chá gelado", "Novo", "Pão de queijo"]),
        ({"q": "CAFE"}, ["Café grátis"]),
        ({"q": "queijo pao"}, ["Pão de queijo"]),
        ({"q": "--"}, []),
        ({"status": "active"}, ["Café grátis", "Caneca", "Chá gelado"]),
        ({"status": "ended"}, ["Bolo"]),
        ({"status": "paused"}, ["Pão de queijo"]),
        ({"status": "unknown"}, ["Novo"]),
        ({"stock": "unlimited"}, ["Pão de queijo"]),
        ({"stock": "out"}, ["Chá gelado"]),
        ({"stock": "low"}, ["Bolo", "Novo"]),
        ({"stock": "enough"}, ["Café grátis", "Caneca"]),
        ({"withdrawn": "only"}, ["Velho"]),
        ({"withdrawn": "all", "stock": "low"}, ["Bolo", "Novo", "Velho"]),
        ({"status": "gone"}, []),
        ({"sort": "-stock"}, ["Café grátis", "Caneca", "Bolo", "Novo", "Chá gelado", "Pão de queijo"]),
        (
            {"sort": "points_required"},
            ["Bolo", "Café grátis", "Chá gelado", "Pão de queijo", "Caneca", "Novo"],
        ),
    ],
)
def test_filters_and_order(
    shelf: dict[str, Reward], manager_client: Client, query: dict[str, str], names: list[str]
) -> None:
    assert shown(manager_client, **query) == names


def test_the_filter_by_category_takes_its_own_connection_only(
    shelf: dict[str, Reward], make_reward: MakeReward, manager_client: Client
) -> None:
    other = Connection.objects.create(name="Outra", base_url="https://other.invalid/v2/")
    make_reward("1", "Café da outra", category_remote_id="7", connection=other)
    drinks = Category.objects.get(remote_id="7")
    assert shown(manager_client, category=str(drinks.pk)) == ["Café grátis", "Chá gelado"]


@pytest.mark.parametrize(
    ("days", "names"),
    [
        ((None, None), ["Bolo", "Café grátis", "Caneca", "Chá gelado", "Novo", "Pão de queijo"]),
        ((0, None), ["Café grátis", "Caneca", "Chá gelado", "Novo", "Pão de queijo"]),
        ((None, 0), ["Bolo", "Café grátis", "Caneca", "Novo", "Pão de queijo"]),
        ((20, 40), ["Café grátis", "Chá gelado", "Novo", "Pão de queijo"]),
        ((10, 30), ["Café grátis", "Caneca", "Chá gelado", "Novo", "Pão de queijo"]),
    ],
)
def test_the_period_meets_the_days_asked_for(
    shelf: dict[str, Reward], manager_client: Client, days: tuple[int | None, int | None], names: list[str]
) -> None:
    ends = zip(("period_from", "period_to"), days, strict=True)
    query = {name: f"{timezone.localdate() + ahead * DAY}" for name, ahead in ends if ahead is not None}
    assert shown(manager_client, **query) == names


def test_badge_and_filter_agree_for_every_reward(shelf: dict[str, Reward], manager_client: Client) -> None:
    for reward in shelf.values():
        if reward.withdrawn_at is None:
            assert reward.name in shown(manager_client, status=reward.effective_status)
            assert reward.name in shown(manager_client, stock=reward.stock_level)


def test_cards_are_the_same_rows_and_stay_while_filtering(
    shelf: dict[str, Reward], manager_client: Client
) -> None:
    response = manager_client.get(LIST, {"layout": "cards", "stock": "low", "sort": "-name"})
    page = response.content.decode()
    assert [row.name for row in response.context["page"].rows] == ["Novo", "Bolo"]
    assert page.count('<li class="reward-card">') == 2
    assert "<table" not in page
    assert 'name="layout" value="cards"' in page
    assert [chip.label for chip in response.context["filters"].chips] == ["Estoque"]
    assert response.context["filters"].clear_url == "?layout=cards&sort=-name"
    assert 'id="as-rows" href="?stock=low&amp;sort=-name"' in page
    rows = manager_client.get(LIST, {"stock": "low", "after": "x"}).content.decode()
    assert 'id="as-cards" href="?stock=low&amp;after=x&amp;layout=cards"' in rows


def test_an_unknown_layout_shows_rows(shelf: dict[str, Reward], manager_client: Client) -> None:
    page = manager_client.get(LIST, {"layout": "mosaico"}).content.decode()
    assert "Café grátis" in page
    assert "reward-card" not in page


@pytest.mark.parametrize("layout", ["", "cards"])
def test_forty_rows_cost_the_queries_of_two(
    make_reward: MakeReward, make_category: MakeCategory, manager_client: Client, layout: str
) -> None:
    def cost() -> int:
        with CaptureQueriesContext(database) as queries:
            manager_client.get(LIST, {"layout": layout, "per_page": "50"})
        return len(queries)

    make_category("1", "Uma")
    for number in range(2):
        make_reward(f"{number}", f"Recompensa {number}", category_remote_id="1")
    cost()
    few = cost()
    for number in range(2, 40):
        make_category(f"c{number}", f"Categoria {number}")
        make_reward(f"{number}", f"Recompensa {number}", category_remote_id=f"c{number}", stock=number)
    assert cost() == few


def test_export_holds_plain_values(shelf: dict[str, Reward], manager_client: Client) -> None:
    response = manager_client.get(LIST, {"export": "csv", "q": "bolo"})
    text = b"".join(response.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    header, row = csv.reader(io.StringIO(text), delimiter=";")
    assert dict(zip(header, row, strict=True)) == {
        "Nome": "Bolo",
        "Categoria": "",
        "Pontos necessários": "12,5",
        "Estoque": "10",
        "Acaba em": "",
        "Início": "",
        "Fim": f"{timezone.localtime(NOW - DAY):%d/%m/%Y %H:%M}",
        "Situação": "Encerrada",
        "Limite por cliente": "",
        "Id na plataforma": "4",
    }


def test_an_empty_list_says_where_rewards_come_from(manager_client: Client, db: None) -> None:
    page = manager_client.get(LIST).content.decode()
    assert "Nenhuma recompensa ainda" in page
    assert "As recompensas são criadas no painel da Smartbis e aparecem aqui depois de sincronizar." in page


def test_the_age_is_that_of_the_newest_complete_listing(
    shelf: dict[str, Reward], plain_connection: Connection, manager_client: Client
) -> None:
    SyncRun.objects.create(
        connection=plain_connection,
        resource="rewards",
        state=SyncRun.State.DONE,
        finished_at=timezone.now() - timedelta(minutes=12, seconds=5),
    )
    Reward.objects.update(stored_at=timezone.now() - 3 * DAY)
    assert "há 12 min." in manager_client.get(LIST).content.decode()
    assert (
        "há 12 min."
        in manager_client.get(reverse("rewards:detail", args=[shelf["cafe"].pk])).content.decode()
    )
    # A row the last listing did not hold is as old as its own reading.
    gone = manager_client.get(reverse("rewards:detail", args=[shelf["velho"].pk])).content.decode()
    assert "há 3 dias" in gone
    assert "A plataforma não lista mais esta recompensa" in gone
    assert reverse("rewards:stock", args=[shelf["velho"].pk]) not in gone
