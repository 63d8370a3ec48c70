"""The list of rewards as rows and cards, one reward's page, and the administration's look at them."""

import csv
import io
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from customers.models import Customer
from rewards.models import Category, Reward, StockChange
from rewards.templatetags.rewards import initial, tint
from smartbis_admin.connections.models import Connection
from smartbis_admin.staff.models import User
from smartbis_admin.sync.models import SyncRun
from smartbis_admin.writes.models import Write
from tests.conftest import signed_in
from vouchers.models import Voucher

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


# --- One reward ---------------------------------------------------------------------------------------
@pytest.fixture
def full(make_category: MakeCategory, make_reward: MakeReward) -> Reward:
    make_category("7", "Bebidas")
    return make_reward(
        "41",
        "Café grátis",
        description="Um café coado.\n<b>quente</b>",
        category_remote_id="7",
        points_required=Decimal(80),
        stock=9,
        limit_per_customer=4,
        rules="Um por visita.",
        starts_at=datetime(2026, 3, 1, 3, tzinfo=UTC),
        ends_at=datetime(2036, 4, 1, 2, 59, 59, tzinfo=UTC),
        image_url="https://img.example/cafe.png",
    )


def page_of(client: Client, reward: Reward) -> str:
    response = client.get(reverse("rewards:detail", args=[reward.pk]))
    assert response.status_code == 200
    return response.content.decode()


def test_the_page_tells_everything_known(full: Reward, manager_client: Client) -> None:
    page = page_of(manager_client, full)
    for text in (
        "Um café coado.<br>&lt;b&gt;quente&lt;/b&gt;",
        "80 pontos",
        "Um por visita.",
        "01/03/2026 a 31/03/2036",
        f"{LIST}?category={Category.objects.get().pk}",
        'href="https://img.example/cafe.png"',
        "Estoque baixo",
        "Nenhuma alteração feita por aqui",
        "Nenhum voucher emitido",
    ):
        assert text in page, text
    assert '<img src="https://img.example' not in page


@pytest.mark.parametrize("url", ["javascript:alert(1)", "data:text/html,x", "//img.example/x.png"])
def test_an_image_address_that_is_no_web_address_is_no_link(
    full: Reward, manager_client: Client, url: str
) -> None:
    Reward.objects.update(image_url=url)
    assert url not in page_of(manager_client, full)


def add_vouchers(reward: Reward, count: int) -> None:
    for number in range(count):
        Customer.objects.create(
            connection=reward.connection,
            remote_id=f"{number}",
            name=f"Cliente {number}",
            name_search=f"cliente {number}",
            content_hash=b"",
        )
        Voucher.objects.create(
            connection=reward.connection,
            remote_id=f"VALE-{number:04}-ABCD",
            code_key=f"VALE{number:04}ABCD",
            reward_remote_id=reward.remote_id,
            customer_remote_id=f"{number}",
            status="issued",
            issued_at=NOW - number * DAY if number else None,
            content_hash=b"",
        )


def test_the_newest_vouchers_are_listed_with_their_end_only_for_viewers(
    full: Reward, manager_client: Client, viewer_client: Client
) -> None:
    add_vouchers(full, 25)
    response = manager_client.get(reverse("rewards:detail", args=[full.pk]))
    codes = [voucher.remote_id for voucher in response.context["vouchers"]]
    assert codes == [f"VALE-{number:04}-ABCD" for number in range(1, 21)]
    page = response.content.decode()
    assert "VALE-0001-ABCD" in page
    assert f"{reverse('vouchers:list')}?reward={full.pk}" in page
    hidden = page_of(viewer_client, full)
    assert "VALE-" not in hidden
    assert "…ABCD" in hidden


def test_the_page_costs_the_same_with_many_vouchers_and_changes(
    full: Reward, manager: User, manager_client: Client
) -> None:
    def cost() -> int:
        with CaptureQueriesContext(database) as queries:
            page_of(manager_client, full)
        return len(queries)

    def change() -> None:
        write = Write.objects.create(
            connection=full.connection, kind="set_stock", actor=manager, state="done"
        )
        StockChange.objects.create(reward=full, write=write, before=9, target=12, after=12)

    change()
    add_vouchers(full, 1)
    cost()
    few = cost()
    Customer.objects.all().delete()
    Voucher.objects.all().delete()
    add_vouchers(full, 20)
    for _number in range(19):
        change()
    assert cost() == few


def test_the_history_tells_who_when_and_what_came_of_it(
    full: Reward, manager: User, manager_client: Client
) -> None:
    rows: list[tuple[dict[str, Any], dict[str, Any]]] = [
        ({"state": "done"}, {"before": None, "target": 40, "after": 40}),
        ({"state": "refused", "code": "unknown", "message": "Hoje não."}, {"before": 40, "target": 41}),
        ({"state": "in_doubt"}, {"before": 40, "target": 1234}),
    ]
    for write, change in rows:
        made = Write.objects.create(connection=full.connection, kind="set_stock", actor=manager, **write)
        StockChange.objects.create(reward=full, write=made, **change)
    page = page_of(manager_client, full)
    for text in ("Ilimitado", "Hoje não.", "1.234", "Feito", "Recusado", "A confirmar – não repita", "Marta"):
        assert text in page, text


@pytest.mark.parametrize(
    ("name", "remote_id", "expected"),
    [("água", "7", "Á"), ("  50% de desconto", "7", "5"), ("***", "7", "?"), ("Café", None, "C")],
)
def test_the_letter_and_the_colour_stand_for_the_image(
    name: str, remote_id: str | None, expected: str
) -> None:
    reward = Reward(name=name, category_remote_id=remote_id)
    assert initial(reward) == expected
    assert tint(reward) == ("tint-0" if remote_id is None else tint(Reward(category_remote_id=remote_id)))


# --- Who sees what --------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", ["rewards:list", "rewards:detail", "rewards:category_list"])
def test_the_screens_are_read_only(full: Reward, manager_client: Client, name: str) -> None:
    arguments = [full.pk] if name.endswith("detail") else []
    for method in ("post", "put", "patch", "delete"):
        assert getattr(manager_client, method)(reverse(name, args=arguments)).status_code == 405
    assert Reward.objects.count() == 1


def test_the_administration_only_looks(full: Reward, owner: User) -> None:
    owner.is_superuser = True
    owner.save(update_fields=["is_superuser"])
    client = signed_in(owner)
    for model in ("reward", "category", "stockchange"):
        assert client.get(reverse(f"admin:rewards_{model}_changelist")).status_code == 200
        assert client.get(reverse(f"admin:rewards_{model}_add")).status_code == 403
    changed = client.post(reverse("admin:rewards_reward_change", args=[full.pk]), {"name": "Outra"})
    assert changed.status_code == 403
    assert (
        client.post(reverse("admin:rewards_reward_delete", args=[full.pk]), {"post": "yes"}).status_code
        == 403
    )
    assert Reward.objects.get().name == "Café grátis"
