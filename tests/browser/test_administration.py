"""Django's own pages, which the owner keeps people and places on, in the program's dress."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from smartbis_admin.staff.models import User

SignIn = Callable[[Page, User], None]
Look = Callable[..., None]


@pytest.mark.parametrize(("width", "dark"), [(1280, False), (360, True)])
def test_a_person_is_made_a_manager_and_the_way_back_is_one_press(
    open_page: Callable[..., Page],
    owner: User,
    cashier: User,
    sign_in: SignIn,
    axe: Callable[[Page], None],
    shot: Look,
    width: int,
    dark: bool,
) -> None:
    page = open_page(width, 860, dark=dark)
    sign_in(page, owner)
    page.goto("/admin/")
    axe(page)
    page.get_by_role("link", name="Usuários", exact=True).click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("usuário")
    axe(page)
    page.get_by_role("link", name=cashier.email).click()
    expect(page.get_by_label("Caixa", exact=True)).to_be_checked()
    page.get_by_label("Gestor", exact=True).check()
    axe(page)
    shot(page, f"administration-{width}-{'dark' if dark else 'light'}")
    page.get_by_role("button", name="Salvar", exact=True).click()
    expect(page.locator(".messagelist .success")).to_be_visible()
    assert {group.name for group in cashier.groups.all()} == {"cashier", "manager"}
    page.get_by_role("link", name="Smartbis Admin").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Painel")
