"""A customer of the wallet, first card to last word; an offer, draft to end; and a code of the shop at the till."""

import os
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from pytest_django import Settings

from customers.models import Customer
from customers.wallet.models import Card
from rewards.products.models import Offer
from sandbox.testing import APP_KEY, PROGRAM, SandboxServer
from smartbis_admin.connections.providers import Provider
from smartbis_admin.connections.services import create_connection
from smartbis_admin.staff.models import Store, Till, User
from tests.points.conftest import Shop
from vouchers.elsewhere.models import LocalUse
from vouchers.fulfilments.models import Fulfilment

Look = Callable[[Page, str], None]


@pytest.fixture
def looks_right(axe: Callable[[Page], None], shot: Callable[..., None]) -> Look:
    """Nothing sticks out, axe is content; with SHOTS=1 a picture wide and narrow, light and dark."""

    def check(page: Page, name: str) -> None:
        width = page.viewport_size["width"]  # type: ignore[index]
        assert page.evaluate("document.documentElement.scrollWidth") == width
        axe(page)
        if os.environ.get("SHOTS") != "1":
            return
        for scheme in ("dark", "light"):
            # Without motion, or buttons are taken on their way from one to the other.
            page.emulate_media(color_scheme=scheme, reduced_motion="reduce")  # type: ignore[arg-type]
            shot(page, f"wallet-{name}-{width}-{scheme}", full_page=True)

    return check


@pytest.fixture(autouse=True)
def _quick(settings: Settings) -> None:
    settings.API_PACE = {"smile": 500.0, "smartpasses": 500.0}


def wallet(sandbox: SandboxServer) -> None:
    create_connection(
        by=None,
        provider=Provider.SMARTPASSES,
        name="Carteira",
        colour="purple",
        base_url=sandbox.smartpasses_base,
        credentials={"app_key": APP_KEY, "program_id": PROGRAM},
    )


def written(sandbox: SandboxServer) -> list[tuple[str, bool]]:
    return [
        (
            row["method"] + " " + row["path"].rstrip("/").rsplit("/", 1)[-1].lstrip("0123456789"),
            row["committed"],
        )
        for row in sandbox.log("smartpasses")
        if row["method"] != "GET"
    ]


@pytest.mark.parametrize("width", [1280, 360])
def test_a_customer_of_the_wallet_from_the_first_card_to_the_last_word(
    open_page: Callable[..., Page],
    sandbox: SandboxServer,
    manager: User,
    sign_in: Callable[[Page, User], None],
    looks_right: Look,
    width: int,
) -> None:
    wallet(sandbox)
    page = open_page(width, 860)
    sign_in(page, manager)
    page.goto("/clientes/carteira/cadastrar/")
    page.locator("#id_first_name").fill("Bia")
    page.locator("#id_last_name").fill("Prado")
    page.locator("#id_phone").fill("11977770002")
    looks_right(page, "create")
    page.get_by_role("button", name="Cadastrar cliente").click()
    expect(page.get_by_role("heading", name="Bia Prado")).to_be_visible()
    expect(page.get_by_role("img", name="QR do cartão: o cliente o lê com o celular")).to_be_visible()
    looks_right(page, "customer")

    page.get_by_role("link", name="Adicionar pontos").click()
    page.locator("#id_points").fill("40")
    looks_right(page, "points")
    page.get_by_role("button", name="Adicionar pontos").click()
    expect(page.get_by_text("Pontos adicionados na plataforma.").first).to_be_attached()
    expect(page.locator(".balances").get_by_text("40", exact=True)).to_be_visible()

    page.get_by_role("link", name="Excluir cliente").click()
    page.locator("#id_name").fill("Bia")
    page.get_by_role("button", name="Excluir para sempre").click()
    expect(page.get_by_text("Não é o nome deste cliente. Nada foi excluído.").first).to_be_visible()
    looks_right(page, "delete")
    page.locator("#id_name").fill("bia prado")
    page.get_by_role("button", name="Excluir para sempre").click()
    expect(page.get_by_text("Cliente excluído na plataforma.").first).to_be_attached()
    assert written(sandbox) == [("POST customers", True), ("POST add", True), ("DELETE ", True)]
    assert Customer.objects.get().withdrawn_at is not None
    assert Card.objects.count() == 0


@pytest.mark.parametrize("width", [1280, 360])
def test_an_offer_from_draft_to_its_end(
    open_page: Callable[..., Page],
    sandbox: SandboxServer,
    manager: User,
    sign_in: Callable[[Page, User], None],
    looks_right: Look,
    width: int,
) -> None:
    wallet(sandbox)
    page = open_page(width, 860)
    sign_in(page, manager)
    page.goto("/ofertas/criar/")
    page.locator("#id_name").fill("Café em dobro")
    page.locator("#id_points_cost").fill("30")
    looks_right(page, "offer-new")
    page.get_by_role("button", name="Criar rascunho").click()
    expect(page.get_by_text("Rascunho").first).to_be_visible()
    expect(page.get_by_text("Um rascunho não se cancela: exclua-o.")).to_be_visible()
    looks_right(page, "offer-draft")
    page.get_by_role("button", name="Publicar").click()
    expect(page.get_by_text("Publicar a oferta “Café em dobro”?")).to_be_visible()
    page.get_by_role("button", name="Publicar").click()
    expect(page.get_by_text("Oferta publicada.").first).to_be_attached()
    expect(page.get_by_role("button", name="Excluir")).to_be_disabled()
    page.get_by_role("button", name="Cancelar oferta").click()
    page.get_by_role("button", name="Cancelar oferta").click()
    expect(page.get_by_text("Oferta cancelada.").first).to_be_attached()
    expect(page.get_by_text("Uma oferta cancelada não volta a ser publicada. Crie outra.")).to_be_visible()
    looks_right(page, "offer-cancelled")
    page.goto("/ofertas/")
    looks_right(page, "offers")
    assert Offer.objects.get().status == Offer.Status.CANCELLED
    assert written(sandbox) == [("POST offers", True), ("POST publish", True), ("POST cancel", True)]


@pytest.mark.parametrize("width", [1280, 360])
def test_the_till_tells_a_shops_code_apart_and_notes_its_use(
    open_page: Callable[..., Page],
    sandbox: SandboxServer,
    cashier: User,
    manager: User,
    sign_in: Callable[[Page, User], None],
    looks_right: Look,
    width: int,
) -> None:
    shop = Shop(sandbox, "current")
    shop.read()
    Fulfilment.objects.create(
        connection=shop.connection,
        remote_id="31",
        name="Frete grátis",
        code="FRETE-ABCD1234",
        code_key="FRETEABCD1234",
        customer_remote_id=shop.customer.remote_id,
        usage="unused",
        status="issued",
        content_hash=b"",
    )
    till = Till.objects.create(store=Store.objects.create(name="Loja Centro"), name="Caixa 1")
    page = open_page(width, 860)
    sign_in(page, cashier)
    page.goto("/caixa/ponto/")
    page.get_by_role("button", name=till.name).click()
    banner = page.locator("#banner")
    page.get_by_label("Código do voucher ou CPF").fill("frete-abcd1234")
    page.keyboard.press("Enter")
    expect(banner).to_contain_text("Outro programa")
    expect(banner).to_contain_text("é usado na loja virtual e não pode ser validado aqui.")
    looks_right(page, "till-other")
    # Enter alone notes it, as the screen says.
    page.keyboard.press("Enter")
    expect(banner).to_contain_text("Uso anotado")
    expect(page.locator("#status")).to_contain_text("Uso anotado")
    looks_right(page, "till-noted")
    page.get_by_label("Código do voucher ou CPF").fill("FRETE-ABCD1234")
    page.keyboard.press("Enter")
    expect(banner).to_contain_text("Uso já anotado")
    expect(banner).to_contain_text("Loja Centro · Caixa 1, por Caio.")
    looks_right(page, "till-again")
    assert LocalUse.objects.get().noted_by == cashier
    assert shop.posts() == []
    sign_in(page, manager)
    page.goto("/usos-anotados/")
    looks_right(page, "uses")
    page.goto(f"/resgates/{Fulfilment.objects.get().pk}/")
    looks_right(page, "reward")
