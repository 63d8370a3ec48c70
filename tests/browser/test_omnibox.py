"""The search box of every page with the keyboard alone, in a real Chromium."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from customers.models import Customer
from customers.search import fold_name
from smartbis_admin.connections.models import Connection
from smartbis_admin.staff.models import User


@pytest.mark.parametrize(("width", "dark"), [(1280, False), (360, True)])
def test_slash_arrows_and_enter_lead_to_a_customer(
    open_page: Callable[..., Page],
    manager: User,
    sign_in: Callable[[Page, User], None],
    axe: Callable[[Page], None],
    shot: Callable[..., None],
    width: int,
    dark: bool,
) -> None:
    link = Connection.objects.create(name="Smartbis", base_url="https://api.invalid/v2/")
    for number, name in enumerate(("Ana Ávila", "Ana Prado")):
        Customer.objects.create(
            connection=link,
            content_hash=b"",
            remote_id=str(number),
            name=name,
            name_search=fold_name(name),
            cpf=f"5299822472{number}",
        )
    page = open_page(width, dark=dark)
    sign_in(page, manager)
    page.goto("/recompensas/")
    page.keyboard.press("/")
    box = page.get_by_role("combobox").and_(page.locator("#omnibox"))
    expect(box).to_be_focused()
    page.keyboard.type("ana")
    expect(page.locator("#omnibox-results a")).to_have_count(2)
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    expect(page.locator("#omnibox-results a", has_text="Ana Prado")).to_have_attribute(
        "aria-selected", "true"
    )
    axe(page)
    shot(page, f"omnibox-{width}")
    assert page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    page.keyboard.press("Escape")
    expect(page.locator("#omnibox-results")).to_be_hidden()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(page.get_by_role("heading", level=1)).to_have_text("Ana Ávila")
    # The heading is there before the script that hears the slash is.
    page.wait_for_load_state("load")
    page.keyboard.press("/")
    expect(box).to_be_focused()
    page.keyboard.type("ninguém assim")
    page.keyboard.press("Enter")
    expect(page.get_by_text("Confira o que foi digitado. Um CPF")).to_be_visible()
    assert page.url.endswith("/buscar/")
    axe(page)
    shot(page, f"search-{width}")
