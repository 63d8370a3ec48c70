"""The frame and the kit in a real browser, on the demo screens of `tests/ui/demo.py`."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from smartbis_admin.staff.models import User
from tests.ui.demo import DATA_AGE, use_demo_screens

NAMES = "Ana Bruno Carla Daniel Elisa Fábio Gabriela Heitor Irene João Karina Lucas Márcia Nelson Olívia".split()


@pytest.fixture(autouse=True)
def _demo(settings: "object") -> None:
    use_demo_screens(settings)


@pytest.fixture
def thirty_people(manager: User) -> None:
    now = timezone.now()
    for i in range(30):
        User.objects.create(
            email=f"pessoa{i}@people.test",
            first_name=NAMES[i % 15],
            last_name=f"da Silva {i}",
            is_active=i % 4 != 0,
            last_login=None if i % 3 == 0 else now - timedelta(minutes=7 * i * i),
        )
    DATA_AGE[0] = now - timedelta(minutes=12)


PAGES = {
    "home": "/",
    "list": "/demo/",
    "list-filtered": "/demo/?q=a&is_active=True",
    "list-nothing": "/demo/?q=zzzz",
    "form": "/demo/nova/",
}


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [1280, 360])
def test_kit_pages_are_accessible(
    open_page: Callable[..., Page],
    sign_in: Callable[[Page, User], None],
    axe: Callable[[Page], None],
    shot: Callable[[Page, str], None],
    manager: User,
    thirty_people: None,
    width: int,
    dark: bool,
) -> None:
    page = open_page(width, 860 if width > 600 else 740, dark=dark)
    sign_in(page, manager)
    for name, url in PAGES.items():
        page.goto(url)
        shot(page, f"kit-{name}-{width}-{'dark' if dark else 'light'}")
        axe(page)
