"""A customer of the shop: the statement, a change of points, a purchase with the slider, and the code."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect
from pytest_django import Settings

from sandbox.testing import SandboxServer
from smartbis_admin.staff.models import User
from smartbis_admin.sync import jobs
from tests.points.conftest import Shop


@pytest.mark.parametrize(("width", "dark"), [(1280, False), (360, True)])
def test_points_are_changed_and_spent_and_the_code_is_shown(
    open_page: Callable[..., Page],
    sandbox: SandboxServer,
    settings: Settings,
    manager: User,
    sign_in: Callable[[Page, User], None],
    axe: Callable[[Page], None],
    shot: Callable[..., None],
    width: int,
    dark: bool,
) -> None:
    settings.API_PACE = {"smile": 500.0}
    shop = Shop(sandbox, "current")
    for name, milestone, perks in (
        ("Bronze", 0, ["Brinde"]),
        ("Ouro", 2000, ["Frete grátis", "Fila própria"]),
    ):
        shop.act("add_tier", name=name, milestone=milestone, perks=perks)
    shop.act("add_earning_rule", name="Compra na loja virtual", points=5, per_amount=1)
    shop.read()
    for resource in ("vip_tiers", "earning_rules"):
        jobs.sync_everywhere(resource)
    page = open_page(width, 860, dark=dark)

    def looks_right(name: str) -> None:
        assert page.evaluate("document.documentElement.scrollWidth") == width
        axe(page)
        shot(page, f"points-{name}-{width}", full_page=True)

    sign_in(page, manager)
    page.goto(f"/clientes/{shop.customer.pk}/")
    page.get_by_role("link", name="Extrato de pontos").click()
    page.get_by_role("link", name="Ajustar pontos").click()
    page.locator("#id_points").fill("70")
    page.get_by_label("Motivo").select_option(label="Cortesia")
    page.get_by_label("Descrição para o cliente").fill("Presente de aniversário")
    looks_right("adjust")
    page.get_by_role("button", name="Ajustar pontos").click()
    expect(page.get_by_text("Pontos ajustados: +70. Saldo agora: 570.").first).to_be_attached()
    expect(page.get_by_text("Presente de aniversário").first).to_be_visible()
    looks_right("statement")

    page.get_by_role("link", name="Trocar pontos").click()
    looks_right("choose")
    page.get_by_role("link", name="Trocar Vale-compra").click()
    slider = page.get_by_role("slider", name="Pontos a gastar")
    expect(slider).to_be_visible()
    slider.press("ArrowRight")
    number = page.get_by_role("spinbutton", name="Pontos a gastar")
    expect(number).to_have_value("200")
    number.fill("300")
    expect(slider).to_have_value("300")
    looks_right("buy")
    page.get_by_role("button", name="Trocar pontos").click()
    expect(page.get_by_text("Pontos trocados. Saldo agora: 270.").first).to_be_attached()
    expect(page.get_by_role("button", name="Copiar código")).to_be_visible()
    looks_right("purchase")
    page.goto(f"/clientes/{shop.customer.pk}/pontos/atividade/")
    looks_right("activity")
    page.goto("/produtos-de-pontos/")
    looks_right("products")
    page.get_by_role("link", name="Níveis").click()
    expect(page.get_by_text("Fila própria")).to_be_visible()
    looks_right("tiers")
    page.get_by_role("link", name="Regras de pontos").click()
    expect(page.get_by_text("5 a cada 1")).to_be_visible()
    looks_right("rules")
    assert (shop.posts(), shop.balance()) == ([True, True], 270)
