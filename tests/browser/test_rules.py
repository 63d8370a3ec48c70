"""The rule in a browser: entered with its meaning beside it, tried on past sales, dated, taken back; a campaign."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from customers.models import Sale
from customers.rules.models import Campaign, RuleVersion
from smartbis_admin.connections.models import Connection
from smartbis_admin.staff.models import Store, User
from smartbis_admin.writes.models import Write

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def programme(owner: User, manager: User) -> Connection:
    """A programme with a rule, two stores and thirty sales."""
    connection = Connection.objects.create(name="Smartbis", base_url="https://api.invalid/v2/")
    RuleVersion.objects.create(
        connection=connection,
        valid_from=timezone.now() - timedelta(days=40),
        cashback_percent=5,
        points_per_brl=1,
        voucher_threshold=20,
        created_by=owner,
    )
    stores = [Store.objects.create(name=name) for name in ("Loja Centro", "Loja Norte")]
    for number in range(1, 31):
        write = Write.objects.create(
            id=uuid.uuid4(), connection=connection, kind="register_sale", payload={}, state="done",
            actor=manager, subject=f"customer:{number}",
        )  # fmt: skip
        Sale.objects.create(
            connection=connection,
            write=write,
            customer_remote_id=str(number),
            registered_by=manager,
            store=stores[number % 2],
            amount=Decimal(number * 10),
            sold_at=timezone.now() - timedelta(days=number),
            cashback_amount=Decimal(number) / 2,
            points_earned=Decimal(number * 10),
        )
    return connection


@pytest.fixture
def seen(
    open_page: Callable[..., Page],
    owner: User,
    sign_in: Callable[[Page, User], None],
    axe: Callable[[Page], None],
    shot: Callable[..., None],
) -> Callable[[Page, str], None]:
    """Look at the page as it stands, and at the same address on a dark phone."""
    phone = open_page(360, 860, dark=True)
    sign_in(phone, owner)

    def look(page: Page, name: str) -> None:
        axe(page)
        shot(page, f"rules-{name}-1280-light", full_page=True)
        phone.goto(page.url)
        axe(phone)
        shot(phone, f"rules-{name}-360-dark", full_page=True)

    return look


def test_the_rule_is_written_tried_dated_and_taken_back(
    desktop: Page,
    programme: Connection,
    owner: User,
    sign_in: Callable[[Page, User], None],
    seen: Callable[[Page, str], None],
) -> None:
    page, toast = desktop, desktop.locator(".toast-text")
    sign_in(page, owner)
    page.goto("/regra/")
    page.get_by_role("main").get_by_role("link", name="Alterar").click()
    reading = page.locator(".reading")
    expect(reading).to_contain_text("É o que a regra já diz hoje.")
    page.get_by_label("Pontos por real").fill("0,1")
    expect(reading).to_contain_text("Cada R$ 1,00 vale 0,1 ponto; R$ 100,00 dão 10 pontos.")
    expect(reading).to_contain_text("Pontos por real: de 1 para 0,1.")
    page.get_by_label("Percentual de cashback").fill("101")
    expect(reading).to_contain_text("Percentual de cashback:")
    page.get_by_role("button", name="Salvar a regra").click()
    expect(page.locator(".field-error")).to_have_count(1)
    seen(page, "editor")
    page.get_by_label("Percentual de cashback").fill("7,5")
    page.get_by_label("Loja Norte").check()
    expect(reading).to_contain_text("Não acumulam as vendas destas lojas: Loja Norte.")
    page.get_by_role("button", name="Simular").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Simulação da regra")
    expect(page.get_by_text("30 vendas, R$ 4.650,00.")).to_be_visible()
    seen(page, "simulation")
    with page.expect_download() as told:
        page.get_by_role("link", name="Baixar venda por venda (CSV)").click()
    assert told.value.path().read_text("utf-8-sig").count("\n") == 31
    page.get_by_role("main").get_by_role("link", name="Voltar à edição").click()
    expect(page.get_by_label("Percentual de cashback")).to_have_value("7,500")
    moment = timezone.localtime() + timedelta(days=3)
    page.get_by_label("Vale a partir de").fill(f"{moment:%Y-%m-%dT%H:%M}")
    page.get_by_role("button", name="Salvar a regra").click()
    expect(toast).to_contain_text("Regra salva: ela passa a valer em")
    page.goto("/regra/campanhas/criar/")
    page.get_by_label("Nome").fill("Terça em dobro")
    page.get_by_label("Os pontos valem quantas vezes").fill("2")
    for label, days in (("Primeiro dia", 0), ("Último dia", 7)):
        page.get_by_label(label).fill(f"{moment + timedelta(days=days):%Y-%m-%d}")
    page.get_by_label("terça-feira").check()
    expect(page.locator(".reading")).to_contain_text("Só nestes dias: terça-feira.")
    seen(page, "campaign-form")
    page.get_by_role("button", name="Criar campanha").click()
    expect(page.get_by_text("Os pontos valem 2 vezes.")).to_be_visible()
    seen(page, "campaign")
    page.goto("/regra/campanhas/")
    seen(page, "campaigns")
    page.goto("/regra/")
    seen(page, "overview")
    page.get_by_role("button", name="Cancelar a versão").click()
    page.get_by_role("button", name="Cancelar a versão").click()
    expect(toast).to_have_text("Versão cancelada.")
    assert Campaign.objects.get().weekdays == [1]
    assert list(RuleVersion.objects.order_by("pk").values_list("cancelled_by", flat=True)) == [None, owner.pk]
