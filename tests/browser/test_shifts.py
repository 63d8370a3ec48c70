"""Shifts, the look before the act and reversals in a real browser: clean for axe, on a desk and on a phone."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from sandbox.testing import SandboxServer
from smartbis_admin.api.capabilities import Resource
from smartbis_admin.connections.models import Connection
from smartbis_admin.staff.models import Store, Till, User
from smartbis_admin.staff.pins import set_pin
from smartbis_admin.sync import jobs
from vouchers.models import Redemption

CODE = "VALE-7K2M-9Q"


@pytest.fixture
def till(sandbox: SandboxServer, connection: Connection) -> Till:
    """A till of a store that wants to see every voucher above R$ 10, and one of R$ 20 in the mirror."""
    sandbox.act("issue_voucher", code=CODE, value="20.00", minimum_purchase="50.00")
    jobs.sync_everywhere(Resource.VOUCHERS)
    store = Store.objects.create(name="Loja Centro", look_above="10")
    return Till.objects.create(store=store, name="Caixa 1")


@pytest.mark.parametrize(("width", "height", "dark"), [(1280, 860, False), (360, 740, True)])
def test_a_shift_from_opening_to_closing(
    width: int,
    height: int,
    dark: bool,
    till: Till,
    cashier: User,
    owner: User,
    open_page: Callable[..., Page],
    sign_in: Callable[[Page, User], None],
    axe: Callable[[Page], None],
    shot: Callable[..., Any],
) -> None:
    set_pin(user=cashier, pin="4071")
    page = open_page(width, height, dark=dark)

    def look(name: str) -> None:
        axe(page)
        shot(page, f"shifts-{name}-{width}", full_page=True)

    sign_in(page, cashier)
    page.goto("/caixa/")
    page.get_by_role("button", name="Caixa 1").click()
    page.locator("#till[data-ready]").wait_for()
    page.locator("#code").fill(CODE)
    page.keyboard.press("Enter")
    expect(page.locator("#banner .till-word")).to_have_text("Confira")
    page.locator("#look-amount").fill("49")
    expect(page.locator(".till-look-answer")).to_contain_text("Abaixo do valor mínimo de compra")
    look("look")
    page.locator("#look-amount").fill("80")
    expect(page.locator(".till-look-answer")).to_contain_text("Atinge o valor mínimo de compra")
    assert Redemption.objects.count() == 0
    page.locator("#code").focus()
    page.keyboard.press("Enter")
    expect(page.locator("#banner .till-word")).to_have_text("Válido")
    look("till")
    page.keyboard.press("F9")
    page.wait_for_url("**/turno/trocar/")
    look("switch")
    page.goto("/caixa/turno/encerrar/")
    look("close")
    page.get_by_role("button", name="Encerrar turno").click()
    page.wait_for_url("**/caixa/turnos/*/")
    look("shift")
    page.goto("/caixa/")
    look("gate")
    page.goto(f"/estornos/pedir/{Redemption.objects.get().pk}/")
    page.get_by_label("Motivo").select_option("not_delivered")
    page.get_by_label("O que aconteceu").fill("O brinde acabou.")
    look("reversal-ask")
    page.get_by_role("button", name="Pedir estorno").click()
    page.wait_for_url("**/estornos/*/")
    page.context.clear_cookies()
    sign_in(page, owner)
    page.reload()
    page.get_by_role("button", name="Aprovar estorno").click()
    expect(page.get_by_role("heading", name="No painel da Smartbis")).to_be_visible()
    look("reversal")
    places = {
        "reversal-confirm": page.url + "confirmar/",
        "reversals": "/estornos/",
        "shifts": "/caixa/turnos/",
        "scans": "/caixa/turnos/leituras/",
        "stores": "/lojas/",
        "store": f"/lojas/{till.store_id}/",
        "rules": f"/lojas/{till.store_id}/regras/",
        "pin": "/meu-pin/",
    }
    for name, url in places.items():
        page.goto(url)
        look(name)
