"""A stock that changes under a manager: the conflict, the choice, the history; then many at once from a file."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from customers.imports.models import Import
from customers.imports.sending import work
from rewards.models import Reward
from rewards.outlook import note_levels
from sandbox.testing import SandboxServer
from smartbis_admin.api.capabilities import Resource
from smartbis_admin.connections.models import Connection
from smartbis_admin.staff.models import User
from smartbis_admin.sync import jobs

SignIn = Callable[[Page, User], None]
Look = Callable[..., None]


@pytest.fixture
def coffee(sandbox: SandboxServer, connection: Connection) -> Reward:
    sandbox.act("create_coupon", name="Café grátis", points_required="80", stock=12)
    sandbox.act("create_coupon", name="Chá gelado", points_required="60", stock=4)
    jobs.sync_everywhere(Resource.REWARDS)
    note_levels()
    return Reward.objects.get(name="Café grátis")


@pytest.mark.parametrize(("width", "dark"), [(1280, False), (360, True)])
def test_a_stock_that_changed_meanwhile_is_shown_and_chosen_again(
    open_page: Callable[..., Page],
    sandbox: SandboxServer,
    coffee: Reward,
    manager: User,
    sign_in: SignIn,
    axe: Callable[[Page], None],
    shot: Look,
    width: int,
    dark: bool,
) -> None:
    page = open_page(width, 860, dark=dark)
    sign_in(page, manager)
    page.goto(f"/recompensas/{coffee.pk}/")
    page.get_by_role("link", name="Alterar estoque").click()
    expect(page.locator(".stock-number")).to_have_text("12")
    page.get_by_label("Novo estoque").fill("50")
    sandbox.act("set_stock", coupon_id=coffee.remote_id, stock=9)
    page.get_by_role("button", name="Alterar estoque").click()

    conflict = page.get_by_role("alert").filter(has_text="O estoque mudou enquanto esta página estava aberta")
    expect(conflict.locator("dd")).to_have_text(["12", "9", "50"])
    expect(page.locator(".stock-number")).to_have_text("9")
    axe(page)
    shot(page, f"stock-conflict-{width}", full_page=True)
    page.get_by_label("Novo estoque").fill("60")
    page.get_by_role("button", name="Alterar estoque").click()

    expect(page.get_by_text("Estoque alterado para 60.").first).to_be_attached()
    history = page.get_by_role("region", name="Histórico do estoque")
    expect(history.locator(".status-badge")).to_have_text(["Feito", "Recusado", "Primeira leitura"])
    expect(history.locator("canvas")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == width
    axe(page)
    shot(page, f"stock-history-{width}", full_page=True)
    assert sandbox.committed(f"/coupons/{coffee.remote_id}/stock") == 1


def test_many_stocks_from_one_file(
    desktop: Page,
    sandbox: SandboxServer,
    coffee: Reward,
    manager: User,
    sign_in: SignIn,
    axe: Callable[[Page], None],
    shot: Look,
) -> None:
    page = desktop
    sign_in(page, manager)
    page.goto("/recompensas/")
    page.get_by_role("link", name="Estoque por arquivo").click()
    expect(page.get_by_label("Estoque", exact=True)).to_be_checked()
    content = "Recompensa;Estoque\nCafé grátis;1.500\nChá gelado;4\nBolo;3\n".encode("cp1252")
    page.get_by_label("Arquivo").set_input_files(
        {"name": "estoque.csv", "mimeType": "text/csv", "buffer": content}
    )
    page.get_by_role("button", name="Enviar arquivo").click()
    page.get_by_role("button", name="Conferir as linhas").click()
    expect(page.get_by_text("Nada é enviado.")).to_be_visible()
    work(Import.objects.get().pk)
    expect(page.get_by_text("3 linhas conferidas. Nada foi enviado ainda.")).to_be_visible()
    first = page.get_by_role("row").filter(has_text="Café grátis")
    expect(first.get_by_role("cell").nth(2)).to_have_text("12")
    expect(first.get_by_role("cell").nth(3)).to_have_text("1.500")
    expect(page.get_by_text("Nenhuma recompensa tem este nome ou id.")).to_be_visible()
    axe(page)
    shot(page, "stock-file-1280", full_page=True)
    page.get_by_role("button", name="Enviar 1 linha").click()
    page.get_by_role("button", name="Enviar à plataforma").click()
    expect(page.get_by_text("0 de 1 linhas enviadas")).to_be_visible()
    work(Import.objects.get().pk)
    expect(page.locator(".import-state .status-badge")).to_have_text("Concluída")
    assert Reward.objects.get(pk=coffee.pk).stock == 1500
    assert sandbox.committed(f"/coupons/{coffee.remote_id}/stock") == 1
