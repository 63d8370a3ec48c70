"""One voucher's page: its whole life with every scan, the QR slip, and who may see the code."""

import re
import uuid
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
from pytest_django import Settings

from customers.models import Customer
from rewards.models import Reward
from sandbox.testing import SandboxServer
from smartbis_admin.api.capabilities import Resource
from smartbis_admin.connections.models import Connection
from smartbis_admin.staff.models import Store, Till, User
from smartbis_admin.sync import jobs
from smartbis_admin.ui.qr import qr_svg
from smartbis_admin.writes.models import Write
from tests.conftest import signed_in
from tests.writes.support import look_after
from vouchers.life import tell
from vouchers.models import Redemption, Voucher
from vouchers.redemption import redeem

NOW = timezone.now()
CODE = "VALE-7K2M-9Q"
MakeVoucher = Callable[..., Voucher]


def page_of(client: Client, voucher: Voucher) -> str:
    response = client.get(reverse("vouchers:detail", args=[voucher.pk]))
    assert response.status_code == 200
    return response.content.decode()


def told(client: Client, voucher: Voucher) -> list[str]:
    """The titles of the voucher's life as its page tells them."""
    response = client.get(reverse("vouchers:detail", args=[voucher.pk]))
    return [str(event.title) for event in response.context["events"]]


@pytest.fixture
def till(db: None) -> Till:
    return Till.objects.create(store=Store.objects.create(name="Loja Centro"), name="Caixa 1")


@pytest.fixture
def full(
    make_voucher: MakeVoucher, make_customer: Callable[..., Customer], make_reward: Callable[..., Reward]
) -> Voucher:
    make_customer("1", "Maria Souza", cpf="52998224725")
    make_reward("41", "Café grátis")
    return make_voucher(
        CODE,
        customer_remote_id="1",
        reward_remote_id="41",
        reward_name="Café grátis (antigo)",
        value=Decimal("1234.5"),
        minimum_purchase=Decimal(50),
        issued_at=datetime(2026, 3, 1, 14, 5, 9, tzinfo=UTC),
        starts_at=datetime(2026, 3, 2, 3, tzinfo=UTC),
        expires_at=datetime(2036, 5, 31, 2, 59, 59, tzinfo=UTC),
    )


def test_the_page_tells_everything_known(full: Voucher, manager_client: Client) -> None:
    page = page_of(manager_client, full)
    for text in (
        "Voucher VALE-7K2M-9Q",
        "Maria Souza",
        "•••.982.247-••",
        reverse("customers:detail", args=[Customer.objects.get().pk]),
        reverse("rewards:detail", args=[Reward.objects.get().pk]),
        "Café grátis",
        "R$\xa01.234,50",
        "R$\xa050,00",
        "01/03/2026 11:05",
        "02/03/2026 00:00",
        "30/05/2036 23:59",
        "Emitido",
    ):
        assert text in page, text
    assert "529.982.247-25" not in page
    assert told(manager_client, full) == ["Emitido", "Começou a valer", "Vence"]


def test_the_slip_to_print_is_whole(full: Voucher, manager_client: Client) -> None:
    page = page_of(manager_client, full)
    assert str(qr_svg(CODE)) in page
    assert "Vale até 30/05/2036" in page
    assert "Valor mínimo de compra: R$\xa050,00" in page
    assert 'data-copy="VALE-7K2M-9Q"' in page


def test_the_drawing_is_no_micro_code_and_needs_no_style() -> None:
    drawing = qr_svg("A")
    # 21 modules and a quiet zone of 4 on each side: a whole QR code of version 1, never a Micro QR.
    assert 'viewBox="0 0 29 29"' in drawing
    assert not re.search(r"style=|<script|href=", drawing)


@pytest.mark.parametrize(
    "changes",
    [
        {"status": "used", "used_at": NOW},
        {"status": "expired"},
        {"status": "cancelled"},
        {"status": "unknown", "status_word": "congelado"},
        {"expires_at": NOW - timedelta(seconds=1)},
        {"withdrawn_at": NOW},
    ],
)
def test_what_cannot_be_used_is_not_printed(
    full: Voucher, manager_client: Client, changes: dict[str, Any]
) -> None:
    Voucher.objects.update(**changes)
    assert "<svg viewBox" not in page_of(manager_client, full).replace('class="icon', "")
    assert "Para imprimir" not in page_of(manager_client, full)


def test_viewers_see_the_end_of_the_code_alone(full: Voucher, viewer_client: Client) -> None:
    page = page_of(viewer_client, full)
    assert "…M-9Q" in page
    assert "VALE-7K2M" not in page
    assert "Para imprimir" not in page
    assert "data-copy=" not in page
    assert "só o final, porque o código vale dinheiro" in page


@pytest.mark.parametrize(
    ("changes", "titles"),
    [
        ({"starts_at": NOW + timedelta(days=2)}, ["Emitido", "Começa a valer", "Vence"]),
        ({"expires_at": NOW - timedelta(days=1)}, ["Emitido", "Começou a valer", "Venceu"]),
        ({"status": "expired", "expires_at": None, "starts_at": None}, ["Emitido", "Venceu"]),
        ({"status": "cancelled", "starts_at": None}, ["Emitido", "Cancelado na plataforma"]),
        ({"status": "used", "used_at": None, "starts_at": None}, ["Emitido", "Usado na plataforma"]),
        (
            {"status": "used", "used_at": datetime(2026, 3, 1, 20, tzinfo=UTC), "withdrawn_at": NOW},
            ["Emitido", "Usado na plataforma", "Começou a valer", "Saiu da lista da plataforma"],
        ),
        ({"issued_at": None, "starts_at": None, "expires_at": None}, []),
    ],
)
def test_the_life_is_told_in_order(
    full: Voucher, manager_client: Client, changes: dict[str, Any], titles: list[str]
) -> None:
    Voucher.objects.update(**changes)
    assert told(manager_client, full) == titles
    assert ("A plataforma não informou nenhuma data." in page_of(manager_client, full)) is (titles == [])


def test_a_use_elsewhere_says_so(full: Voucher, manager_client: Client) -> None:
    Voucher.objects.update(status="used", used_at=NOW, store_name="Loja Jardins")
    page = page_of(manager_client, full)
    assert "Loja Jardins" in page
    assert "Não foi validado por este sistema" in page


def add_scan(voucher: Voucher, cashier: User, till: Till, **fields: Any) -> Redemption:
    values = {"code": voucher.remote_id, "code_sent": voucher.remote_id, "happened_at": NOW} | fields
    return Redemption.objects.create(
        connection=voucher.connection, cashier=cashier, till=till, store=till.store, **values
    )


def test_every_scan_is_told_refused_ones_too(
    full: Voucher, cashier: User, till: Till, manager_client: Client
) -> None:
    add_scan(full, cashier, till, state="refused", reason="voucher_not_started")
    winner = add_scan(full, cashier, till, state="valid", happened_at=NOW + timedelta(seconds=1))
    add_scan(
        full,
        cashier,
        till,
        state="used",
        reason="voucher_used",
        winner=winner,
        happened_at=NOW + timedelta(seconds=2),
    )
    add_scan(full, cashier, till, state="refused", reason="blank_code", code="OTHER", code_sent="OTHER")
    assert told(manager_client, full) == [
        "Emitido",
        "Começou a valer",
        "Recusado",
        "Válido",
        "Já usado",
        "Vence",
    ]
    page = page_of(manager_client, full)
    assert "Validado aqui por Caio em Loja Centro · Caixa 1" in page
    assert page.count("Leitura de Caio em Loja Centro · Caixa 1") == 3


def test_many_scans_cost_the_queries_of_two(
    full: Voucher, cashier: User, till: Till, manager_client: Client
) -> None:
    def cost() -> int:
        with CaptureQueriesContext(database) as queries:
            page_of(manager_client, full)
        return len(queries)

    def add(count: int) -> None:
        for _number in range(count):
            write = Write.objects.create(
                connection=full.connection, kind="validate_voucher", state="not_sent"
            )
            add_scan(full, cashier, till, state="used", reason="voucher_used", winner=winner)
            add_scan(full, cashier, till, state="not_done", reason="not_sent", write=write)

    winner = add_scan(full, cashier, till, state="valid")
    add(1)
    cost()
    few = cost()
    add(20)
    assert cost() == few


def test_life_without_a_moment_comes_before_what_is_ahead(full: Voucher) -> None:
    full.status, full.starts_at = Voucher.Status.CANCELLED, NOW + timedelta(days=1)
    assert [str(event.title) for event in tell(full, [])] == [
        "Emitido",
        "Cancelado na plataforma",
        "Começa a valer",
    ]


@pytest.mark.parametrize("who", ["cashier_client", "stranger_client"])
def test_without_the_permission_there_is_no_page(
    full: Voucher, request: pytest.FixtureRequest, who: str
) -> None:
    client: Client = request.getfixturevalue(who)
    response = client.get(reverse("vouchers:detail", args=[full.pk]))
    assert response.status_code == 403
    assert "7K2M" not in response.content.decode()


@pytest.mark.parametrize("method", ["post", "put", "patch", "delete"])
def test_the_page_is_read_only(full: Voucher, manager_client: Client, method: str) -> None:
    address = reverse("vouchers:detail", args=[full.pk])
    assert getattr(manager_client, method)(address).status_code == 405
    assert Voucher.objects.get().status == Voucher.Status.ISSUED


def test_a_validation_in_doubt_is_shown_until_it_is_settled(
    sandbox: SandboxServer,
    connection: Connection,
    cashier: User,
    till: Till,
    manager_client: Client,
    settings: Settings,
) -> None:
    """The whole way against the sandbox: issued there, mirrored, validated with a lost answer, settled."""
    settings.API_PACE = {"smartbis": 500.0}
    customer = sandbox.act("create_customer", name="Maria Souza", cpf="52998224725")
    sandbox.act("issue_voucher", code=CODE, customer_id=str(customer["id"]), value="20.00")
    jobs.sync_everywhere(Resource.VOUCHERS)
    voucher = Voucher.objects.get()
    sandbox.fault("drop_after", path="*validate")
    redeem(scan_id=uuid.uuid4(), code=CODE, cashier=cashier, store=till.store, till=till)

    before = len(sandbox.log())
    page = page_of(manager_client, voucher)
    assert len(sandbox.log()) == before
    assert "A confirmar – não repita" in page
    assert reverse("writes:detail", args=[Write.objects.get().pk]) in page
    assert told(manager_client, voucher)[-2:] == ["Confirmando", "Vence"]

    assert look_after(Write.objects.get(), seconds=1).state == Write.State.DONE
    page = page_of(manager_client, voucher)
    assert "A confirmar – não repita" not in page
    assert "Validado aqui por Caio em Loja Centro · Caixa 1" in page
    assert sorted(told(manager_client, voucher)) == ["Emitido", "Usado na plataforma", "Válido"]
    assert "Para imprimir" not in page


def test_the_administration_only_looks(full: Voucher, cashier: User, till: Till, owner: User) -> None:
    scan = add_scan(full, cashier, till, state="valid")
    owner.is_superuser = True
    owner.save(update_fields=["is_superuser"])
    client = signed_in(owner)
    for model, row in (("voucher", full), ("redemption", scan)):
        assert client.get(reverse(f"admin:vouchers_{model}_changelist")).status_code == 200
        assert client.get(reverse(f"admin:vouchers_{model}_change", args=[row.pk])).status_code == 200
        assert client.get(reverse(f"admin:vouchers_{model}_add")).status_code == 403
        deleted = client.post(reverse(f"admin:vouchers_{model}_delete", args=[row.pk]), {"post": "yes"})
        assert deleted.status_code == 403
    changed = client.post(reverse("admin:vouchers_voucher_change", args=[full.pk]), {"status": "used"})
    assert changed.status_code == 403
    assert (Voucher.objects.get().status, Redemption.objects.count()) == ("issued", 1)
