"""Contingency in a real browser while the platform is away, from a manager's PIN to the conflict's end; and how
fast a till changes hands."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from sandbox.testing import SandboxServer
from smartbis_admin.api.capabilities import Resource
from smartbis_admin.connections.models import Connection
from smartbis_admin.staff.access import Role
from smartbis_admin.staff.models import Store, Till, User
from smartbis_admin.staff.pins import set_pin
from smartbis_admin.sync import jobs
from vouchers.contingency.handing import hand_over_all
from vouchers.contingency.models import ContingencyUse

CODE, OTHER, DEAR = "VALE-7K2M-9Q", "VALE-0002", "VALE-0003"
PIN = "4071"
NOWHERE = "http://127.0.0.1:9/smartbis/v2/"


@pytest.fixture
def till(sandbox: SandboxServer, connection: Connection) -> Till:
    """A till of a store that accepts R$ 50, twice an hour, when a manager releases it."""
    for code, value in ((CODE, "20.00"), (OTHER, "20.00"), (DEAR, "50.01")):
        sandbox.act("issue_voucher", code=code, value=value)
    jobs.sync_everywhere(Resource.VOUCHERS)
    store = Store.objects.create(
        name="Loja Centro",
        contingency=Store.Contingency.ACCEPT,
        contingency_max_value=Decimal(50),
        contingency_max_per_hour=2,
    )
    return Till.objects.create(store=store, name="Caixa 1")


def read(page: Page, code: str) -> None:
    page.locator("#code").fill(code)
    page.keyboard.press("Enter")


def expect_verdict(page: Page, kind: str, word: str, reason: str) -> None:
    expect(page.locator("#banner .till-verdict")).to_have_attribute("data-kind", kind)
    expect(page.locator("#banner .till-word")).to_have_text(word)
    expect(page.locator("#banner .till-reason")).to_have_text(reason)


@pytest.mark.parametrize(("width", "height", "dark"), [(1280, 860, False), (360, 740, True)])
def test_the_platform_goes_away_and_comes_back(
    width: int,
    height: int,
    dark: bool,
    till: Till,
    cashier: User,
    manager: User,
    sandbox: SandboxServer,
    connection: Connection,
    open_page: Callable[..., Page],
    sign_in: Callable[[Page, User], None],
    axe: Callable[[Page], None],
    shot: Callable[..., Any],
) -> None:
    set_pin(user=manager, pin=PIN)
    page = open_page(width, height, dark=dark)

    def look(name: str) -> None:
        axe(page)
        shot(page, f"contingency-{name}-{width}", full_page=True)

    sign_in(page, cashier)
    page.goto("/caixa/")
    page.get_by_role("button", name="Caixa 1").click()
    page.locator("#till[data-ready]").wait_for()

    Connection.objects.update(base_url=NOWHERE)
    read(page, CODE)
    refused = "Nenhum gestor liberou a contingência neste turno."
    expect_verdict(page, "refused", "Sem conexão – não validar", refused)

    page.goto("/caixa/contingencia/liberar/")
    look("release")
    page.get_by_label("Marta").check()
    page.get_by_label("PIN do gestor").fill(PIN)
    page.get_by_role("button", name="Liberar").click()
    page.wait_for_url("**/caixa/")
    page.locator("#till[data-ready]").wait_for()
    expect(page.locator("#status")).to_contain_text("por Marta")

    read(page, DEAR)
    dear = "O voucher vale mais que o limite da loja sem conexão."
    expect_verdict(page, "refused", "Sem conexão – não validar", dear)
    read(page, CODE)
    expect_verdict(page, "offer", "Sem conexão com a plataforma", "Validar em contingência?")
    look("offer")
    page.get_by_role("button", name="Validar em contingência").click()
    expect_verdict(page, "contingency", "Aceito em contingência", "Ainda não confirmado pela plataforma.")
    expect(page.locator("#status")).to_contain_text("1 em contingência")
    look("accepted")
    # With the keyboard alone: Enter on the empty entry says yes.
    read(page, OTHER)
    expect_verdict(page, "offer", "Sem conexão com a plataforma", "Validar em contingência?")
    page.keyboard.press("Enter")
    expect_verdict(page, "contingency", "Aceito em contingência", "Ainda não confirmado pela plataforma.")
    expect(page.locator("#status")).to_contain_text("2 em contingência")

    sandbox.act("use_voucher", code=OTHER)
    Connection.objects.update(base_url=connection.base_url)
    assert hand_over_all() == 2
    page.reload()
    expect(page.locator("#status .till-line-word").nth(0)).to_have_text("Já usado")
    expect(page.locator("#status .till-line-word").nth(1)).to_have_text("Válido")
    assert sandbox.committed("/validate") == 1

    sign_in(page, manager)
    page.goto("/contingencia/?state=conflict")
    look("list")
    page.locator("tbody a[href^='/contingencia/']").first.click()
    look("detail")
    page.get_by_role("link", name="Resolver conflito").click()
    page.get_by_label("Cobrado do cliente").check()
    page.get_by_label("O que foi feito").fill("Pagou no mesmo dia.")
    look("resolve")
    page.get_by_role("button", name="Salvar").click()
    expect(page.locator("body")).to_contain_text("Conflito resolvido.")
    assert sorted(ContingencyUse.objects.values_list("state", flat=True)) == ["confirmed", "settled"]


def test_a_till_changes_hands_by_pin(
    till: Till,
    cashier: User,
    make_person: Callable[..., User],
    open_page: Callable[..., Page],
    sign_in: Callable[[Page, User], None],
) -> None:
    """F9, the name, the PIN, Enter: how long the program takes of it is printed; the law says under 2 s."""
    set_pin(user=make_person("ana", Role.CASHIER), pin=PIN)
    page = open_page()
    sign_in(page, cashier)
    page.goto("/caixa/")
    page.get_by_role("button", name="Caixa 1").click()
    page.locator("#till[data-ready]").wait_for()
    page.keyboard.press("F9")
    page.get_by_label("Ana").check()
    page.get_by_label("PIN").fill(PIN)
    page.evaluate("sessionStorage.setItem('pressed', Date.now())")
    page.keyboard.press("Enter")
    page.wait_for_url("**/caixa/")
    page.locator("#till[data-ready]").wait_for()
    taken = page.evaluate("Date.now() - Number(sessionStorage.getItem('pressed'))")
    print(f"PIN to the next cashier's till: {taken} ms")
    expect(page.locator(".till-where")).to_contain_text("Ana")
