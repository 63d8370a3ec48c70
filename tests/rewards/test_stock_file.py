"""Many stocks from one file: compared with the platform, sent while it still says the same, taken back, resumed."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from customers.imports.models import Import, ImportRow
from customers.imports.sending import work
from customers.imports.services import choose_columns, start, undo, upload
from rewards.models import Reward, StockChange
from sandbox.testing import SandboxServer
from smartbis_admin.connections.models import Connection
from smartbis_admin.staff.models import User
from smartbis_admin.writes.models import Write
from tests.imports.conftest import csv_file, states
from tests.rewards.conftest import patches, stock_there

pytestmark = pytest.mark.django_db
FILE = [["Recompensa", "Novo estoque"], ["cafe GRATIS", "1.500"], ["Chá", "3"]]


@pytest.fixture
def shelf(sandbox: SandboxServer, coupon: dict[str, object], connection: Connection) -> Connection:
    """Coupons at the sandbox that our copy has not seen yet."""
    sandbox.act("create_coupon", name="Chá", stock=3)
    sandbox.act("create_coupon", name="Bolo", stock=None)
    sandbox.act("create_coupon", name="Caneca", stock=1)
    sandbox.act("create_coupon", name="Caneca", stock=2)
    return connection


def checked(connection: Connection, by: User, rows: list[list[str]] = FILE) -> Import:
    batch, _new = upload(
        kind="stock", connection=connection, name="estoque.csv", content=csv_file(rows), by=by
    )
    if batch.state == Import.State.MAPPING:
        choose_columns(batch=batch, mapping=batch.mapping, has_header=batch.has_header)
        work(batch.pk)
        batch.refresh_from_db()
    return batch


def problems(batch: Import) -> list[list[object]]:
    return list(batch.rows.values_list("problems", flat=True))


def test_every_row_is_compared_with_what_the_platform_says_now(
    shelf: Connection, sandbox: SandboxServer, manager: User
) -> None:
    coffee = Reward.objects.count()
    rows = [
        ["Recompensa", "Novo estoque"],
        ["cafe GRATIS", "1.500"],
        ["Chá", "3"],
        ["Bolo", "5"],
        ["Caneca", "9"],
        ["44", "9"],
        ["Nada", "1"],
        ["Chá", "8"],
        ["Café grátis", "dez"],
        ["", "1"],
    ]
    batch = checked(shelf, manager, rows)
    assert coffee == 0
    assert (batch.state, batch.mapping) == ("checked", {"reward": 0, "stock": 1})
    assert [
        (state, *shown) for (_line, state), shown in zip(states(batch), problems(batch), strict=True)
    ] == [
        ("ready",),
        ("known", ["stock", "same_stock"]),
        ("invalid", ["stock", "unlimited"]),
        ("invalid", ["reward", "two_rewards"]),
        ("ready",),
        ("invalid", ["reward", "no_reward"]),
        ("repeated", ["", "same_as_line", 3]),
        ("invalid", ["stock", "invalid"]),
        ("invalid", ["reward", "required"]),
    ]
    first = batch.rows.order_by("number")[0]
    assert (first.values["name"], first.values["seen"], first.values["stock"]) == (
        "Café grátis",
        "12",
        "1500",
    )
    assert patches(sandbox) == []


def test_rows_are_sent_once_and_the_same_file_may_come_again(
    shelf: Connection, sandbox: SandboxServer, manager: User
) -> None:
    batch = checked(shelf, manager)
    assert checked(shelf, manager).pk == batch.pk
    start(batch=batch, by=manager)
    work(batch.pk)
    work(batch.pk)
    batch.refresh_from_db()
    assert (batch.state, states(batch)) == ("done", [(2, "done"), (3, "known")])
    coffee = Reward.objects.get(name="Café grátis")
    assert (stock_there(sandbox, coffee), coffee.stock, patches(sandbox)) == (1500, 1500, [True])
    sandbox.act("set_stock", coupon_id=coffee.remote_id, stock=2)
    again = checked(shelf, manager)
    assert again.pk != batch.pk
    start(batch=again, by=manager)
    work(again.pk)
    assert (stock_there(sandbox, coffee), patches(sandbox)) == (1500, [True, True])
    assert StockChange.objects.filter(write__actor=manager).count() == 2


def test_a_stock_that_changed_meanwhile_is_a_row_to_correct(
    shelf: Connection, sandbox: SandboxServer, manager: User, manager_client: Client
) -> None:
    batch = checked(shelf, manager)
    coffee = Reward.objects.get(name="Café grátis")
    sandbox.act("set_stock", coupon_id=coffee.remote_id, stock=7)
    start(batch=batch, by=manager)
    work(batch.pk)
    assert states(batch) == [(2, "refused"), (3, "known")]
    assert (stock_there(sandbox, coffee), patches(sandbox)) == (7, [])
    page = manager_client.get(reverse("imports:detail", args=[batch.pk])).content.decode()
    assert "Na plataforma o estoque agora é 7, outro do que esta linha esperava." in page
    errors = manager_client.get(reverse("imports:errors", args=[batch.pk]))
    lines = b"".join(errors.streaming_content).decode("utf-8-sig").splitlines()
    assert lines[1].startswith("cafe GRATIS;1.500;2;")


def test_a_lost_answer_is_in_doubt_and_not_repeated(
    shelf: Connection, sandbox: SandboxServer, manager: User
) -> None:
    batch = checked(shelf, manager)
    sandbox.fault("drop_after", method="PATCH", path="*")
    start(batch=batch, by=manager)
    work(batch.pk)
    work(batch.pk)
    assert states(batch)[0] == (2, "in_doubt")
    assert (Write.objects.get().state, patches(sandbox)) == (Write.State.IN_DOUBT, [True])


def test_what_has_not_left_is_taken_back(shelf: Connection, sandbox: SandboxServer, manager: User) -> None:
    batch = checked(shelf, manager)
    assert undo(batch=batch, by=manager) == 1
    work(batch.pk)
    assert states(batch) == [(2, "undone"), (3, "known")]
    assert patches(sandbox) == []


def test_without_the_platform_our_copy_is_compared_and_that_is_said(
    reward: Reward, sandbox: SandboxServer, manager: User, manager_client: Client
) -> None:
    sandbox.fault("drop_before", path="coupons*", times=20)
    batch = checked(reward.connection, manager, [FILE[0], FILE[1]])
    assert (batch.reason, states(batch)) == ("old_copy", [(2, "ready")])
    page = manager_client.get(reverse("imports:detail", args=[batch.pk])).content.decode()
    assert "as linhas foram comparadas com a nossa cópia" in page
    assert "Na plataforma" in page


def test_only_who_may_change_stocks(
    reward: Reward, manager: User, manager_client: Client, viewer_client: Client, cashier_client: Client
) -> None:
    address = reverse("rewards:stock_file")
    response = manager_client.get(address)
    assert (response.status_code, response["Location"]) == (302, reverse("imports:upload") + "?kind=stock")
    assert manager_client.get(response["Location"]).context["form"]["kind"].value() == "stock"
    batch = checked(reward.connection, manager)
    for client in (viewer_client, cashier_client):
        assert client.get(address).status_code == 403
        assert client.get(reverse("imports:detail", args=[batch.pk])).status_code == 403
        assert client.post(reverse("imports:start", args=[batch.pk]), {"confirmed": "1"}).status_code == 403
    assert ImportRow.objects.filter(state="ready").count() == 1
    assert batch.created_at <= timezone.now()
