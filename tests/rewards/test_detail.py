"""One reward's page, its stock history and vouchers; and the administration's look at rewards."""

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
from smartbis_admin.staff.models import User
from smartbis_admin.writes.models import Write
from tests.conftest import signed_in
from vouchers.models import Voucher

LIST = reverse("rewards:list")
NOW = timezone.now()
DAY = timedelta(days=1)
MakeReward = Callable[..., Reward]
MakeCategory = Callable[..., Category]


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
        "Nenhuma leitura do estoque ainda",
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
    for model in ("reward", "category", "stockchange", "stockreading", "stockwatch"):
        assert client.get(reverse(f"admin:rewards_{model}_changelist")).status_code == 200
        assert client.get(reverse(f"admin:rewards_{model}_add")).status_code == 403
    changed = client.post(reverse("admin:rewards_reward_change", args=[full.pk]), {"name": "Outra"})
    assert changed.status_code == 403
    assert (
        client.post(reverse("admin:rewards_reward_delete", args=[full.pk]), {"post": "yes"}).status_code
        == 403
    )
    assert Reward.objects.get().name == "Café grátis"
