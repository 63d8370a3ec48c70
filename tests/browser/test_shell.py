"""The frame and the kit in a real browser, on the demo screens of `tests/ui/demo.py`."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect
from pytest_django import Settings

from smartbis_admin.staff.models import User
from tests.browser.conftest import Problems
from tests.ui.demo import DATA_AGE, use_demo_screens

NAMES = ["Ana", "Bruno", "Carla", "Daniel", "Elisa", "Fábio", "Gabriela", "Heitor", "Irene", "João"]
LOOKS = [
    pytest.param(width, dark, id=f"{width}-{'dark' if dark else 'light'}")
    for width in (1280, 360)
    for dark in (False, True)
]
Open = Callable[..., Page]
SignIn = Callable[[Page, User], None]
Look = Callable[..., None]


@pytest.fixture(autouse=True)
def _demo(settings: Settings) -> None:
    use_demo_screens(settings)


@pytest.fixture
def thirty_people(manager: User) -> None:
    now = timezone.now()
    for i in range(30):
        User.objects.create(
            email=f"pessoa{i}@people.test",
            first_name=NAMES[i % 10],
            last_name=f"da Silva {i}",
            is_active=i % 4 != 0,
            last_login=None if i % 3 == 0 else now - timedelta(minutes=7 * i * i),
        )
    DATA_AGE[0] = now - timedelta(minutes=12)


@pytest.fixture
def desk(desktop: Page, sign_in: SignIn, manager: User, thirty_people: None) -> Page:
    """The list on a desktop screen, seen by the manager."""
    sign_in(desktop, manager)
    desktop.goto("/demo/")
    return desktop


def first_column(page: Page) -> list[str]:
    return page.locator("#list tbody td:first-child").all_inner_texts()


# --- Looks and accessibility ------------------------------------------------------------------------------
@pytest.mark.parametrize(("width", "dark"), LOOKS)
def test_signed_in_pages_are_accessible(
    open_page: Open,
    sign_in: SignIn,
    axe: Look,
    shot: Look,
    manager: User,
    thirty_people: None,
    problems: Problems,
    width: int,
    dark: bool,
) -> None:
    page = open_page(width, 860 if width > 600 else 740, dark=dark)
    look = f"{width}-{'dark' if dark else 'light'}"
    sign_in(page, manager)
    pages = {
        "home": "/",
        "list": "/demo/",
        "list-filtered": "/demo/?q=a&is_active=True",
        "list-nothing": "/demo/?q=zzzz",
        "form": "/demo/nova/",
    }
    for name, url in pages.items():
        page.goto(url)
        shot(page, f"kit-{name}-{look}")
        axe(page)
        # Nothing sticks out sideways.
        assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.goto("/demo/nova/")
    page.get_by_role("button", name="Cadastrar").click()
    shot(page, f"kit-form-errors-{look}", full_page=True)
    axe(page)
    page.goto("/demo/")
    page.locator("summary.menu-button").click()
    shot(page, f"kit-menu-{look}")
    axe(page)
    if width < 600:
        page.keyboard.press("Escape")
        page.get_by_role("button", name="Abrir o menu").click()
        expect(page.get_by_role("button", name="Fechar o menu")).to_be_visible()
        page.locator("#navigation.show:not(.showing)").wait_for()
        shot(page, f"kit-navigation-{look}")
        axe(page)
    page.goto(f"/demo/{manager.pk}/")
    page.get_by_role("button", name="Bloquear").click()
    shot(page, f"kit-confirm-{look}")
    axe(page)
    problems.expect("404")
    page.goto("/nada/")
    shot(page, f"kit-404-{look}")
    axe(page)


@pytest.mark.parametrize(("width", "dark"), LOOKS)
def test_pages_without_the_frame_are_accessible(
    open_page: Open,
    sign_in: SignIn,
    axe: Look,
    shot: Look,
    stranger: User,
    settings: Settings,
    problems: Problems,
    width: int,
    dark: bool,
) -> None:
    settings.DEMO = True
    page = open_page(width, 740, dark=dark)
    look = f"{width}-{'dark' if dark else 'light'}"
    page.goto("/entrar/")
    shot(page, f"kit-login-{look}")
    axe(page)
    page.get_by_label("E-mail").fill("ninguem@people.test")
    page.get_by_label("Senha").fill("errada")
    page.get_by_role("button", name="Entrar").click()
    expect(page.get_by_role("alert")).to_be_focused()
    shot(page, f"kit-login-error-{look}")
    axe(page)
    sign_in(page, stranger)
    problems.expect("403")
    page.goto("/demo/")
    expect(page.get_by_text("Falta a permissão Consultar clientes.")).to_be_visible()
    shot(page, f"kit-403-{look}")
    axe(page)
