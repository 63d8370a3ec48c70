"""A manager's morning: what needs attention, a figure with its reasons, and the vouchers about to expire on paper."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from customers.models import Sale
from smartbis_admin.connections.models import Connection
from smartbis_admin.staff.models import User
from smartbis_admin.writes.models import Write
from vouchers.dashboard import figures
from vouchers.models import Voucher

SignIn = Callable[[Page, User], None]
Look = Callable[..., None]


@pytest.fixture
def morning(connection: Connection, manager: User) -> Connection:
    now = timezone.now()
    for days, amount in ((0, "100.00"), (3, "250.50"), (40, "80.00")):
        write = Write.objects.create(connection=connection, kind="register_sale", state=Write.State.DONE)
        Sale.objects.create(
            connection=connection,
            write=write,
            customer_remote_id="1",
            amount=Decimal(amount),
            sold_at=now - timedelta(days=days),
            registered_by=manager,
        )
    for number in range(3):
        code = f"VALE-{number}-{uuid.uuid4().hex[:4].upper()}"
        Voucher.objects.create(
            connection=connection,
            remote_id=code,
            code_key=code.replace("-", ""),
            status="issued",
            value=Decimal("10.00"),
            issued_at=now - timedelta(days=number),
            expires_at=now + timedelta(days=number + 1),
            content_hash=b"",
        )
    figures.refresh()
    return connection


@pytest.mark.parametrize(("width", "dark"), [(1280, False), (360, True)])
def test_from_the_start_page_to_paper(
    open_page: Callable[..., Page],
    morning: Connection,
    manager: User,
    sign_in: SignIn,
    axe: Callable[[Page], None],
    shot: Look,
    width: int,
    dark: bool,
) -> None:
    page = open_page(width, 860, dark=dark)
    sign_in(page, manager)
    page.goto("/")
    expect(page.get_by_text("3 vouchers vencem em até 7 dias, no valor de R$ 30,00.")).to_be_visible()
    tile = page.locator(".tile").filter(has=page.get_by_role("heading", name="Vendas", exact=True))
    expect(tile.locator(".tile-value")).to_have_text("R$ 350,50")
    expect(tile.locator(".tile-change")).to_contain_text(
        "338,1 % a mais que nos 30 dias anteriores (R$ 80,00)"
    )
    expect(page.locator("canvas")).to_have_count(2)
    assert page.evaluate("document.documentElement.scrollWidth") == width
    axe(page)
    shot(page, f"start-{width}", full_page=True)
    page.get_by_role("navigation", name="Período").get_by_role("link", name="Hoje").click()
    expect(tile.locator(".tile-value")).to_have_text("R$ 100,00")

    page.get_by_role("heading", name="A vencer em 7 dias").locator("..").locator(".tile-value a").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("A vencer em 7 dias")
    expect(page.locator("canvas")).to_be_visible()
    page.get_by_text("Ver o gráfico como tabela").click()
    expect(page.get_by_role("row").filter(has_text="1")).not_to_have_count(0)
    axe(page)
    shot(page, f"figure-{width}", full_page=True)
    page.get_by_role("link", name="Folha de QR").click()
    expect(page.locator(".slip")).to_have_count(3)
    page.get_by_role("navigation", name="Vouchers por linha").get_by_role("link", name="4").click()
    expect(page.locator(".sheet-4")).to_be_visible()
    axe(page)
    page.emulate_media(media="print")
    expect(page.locator(".topbar")).to_be_hidden()
    expect(page.locator(".slip").first).to_be_visible()
    shot(page, f"sheet-{width}", full_page=True)
