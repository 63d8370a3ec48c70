"""The main job end to end in a real Chromium: from an empty mirror to a voucher validated at the till.

The jobs the worker would do are done here between two clicks; the worker itself is met in
`tests/project/test_run.py`.
"""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from customers.models import Sale
from customers.rules.models import RuleVersion
from sandbox.testing import SandboxServer
from smartbis_admin.connections.models import Connection
from smartbis_admin.staff.models import Store, Till, User
from smartbis_admin.sync import jobs
from smartbis_admin.sync.engine.runs import waiting
from tests.browser.conftest import Problems
from vouchers.models import Redemption, Voucher

SignIn = Callable[[Page, User], None]
Look = Callable[..., None]
CPF = "52998224725"


@pytest.fixture
def shop(sandbox: SandboxServer, connection: Connection) -> Connection:
    """A merchant with one customer, one reward category and two tills."""
    sandbox.act(
        "create_customer", name="Ana Beatriz Prado", cpf=CPF, phone="11988880001", email="ana@cliente.example"
    )
    RuleVersion.objects.create(
        connection=connection,
        valid_from=connection.created_at,
        cashback_percent=5,
        points_per_brl=1,
        voucher_threshold=20,
    )
    store = Store.objects.create(name="Loja Centro")
    for name in ("Caixa 1", "Caixa 2"):
        Till.objects.create(store=store, name=name)
    return connection


def _work(connection: Connection) -> None:
    """What the worker does: every run that waits."""
    while waiting(connection.pk).exists():
        jobs.work(connection.pk)


def _log_in(page: Page, person: User) -> None:
    page.goto("/entrar/")
    page.get_by_label("E-mail").fill(person.email)
    page.get_by_label("Senha").fill("senha")
    page.get_by_role("button", name="Entrar").click()


def _log_out(page: Page) -> None:
    page.locator("summary.menu-button").click()
    page.get_by_role("button", name="Sair").click()
    expect(page).to_have_url("/entrar/")


def _scan(page: Page, code: str) -> None:
    page.get_by_label("Código do voucher ou CPF").fill(code)
    page.keyboard.press("Enter")


@pytest.mark.django_db(transaction=True)
def test_from_the_first_sync_to_a_voucher_already_used(
    desktop: Page,
    shop: Connection,
    sandbox: SandboxServer,
    manager: User,
    cashier: User,
    axe: Callable[[Page], None],
    shot: Look,
    problems: Problems,
) -> None:
    page = desktop
    # Leaving a page that asks for itself again cuts a request off; htmx says so on the console.
    problems.expect("htmx:sendAbort")
    problems.expect("htmx:afterRequest")
    _log_in(page, manager)

    page.get_by_role("link", name="Sincronização").click()
    page.get_by_role("button", name="Sincronizar tudo agora").click()
    expect(page.get_by_text("Na fila")).to_have_count(4)
    _work(shop)
    # The page asks for itself again: nobody reloads.
    expect(page.get_by_text("Concluída")).to_have_count(4)
    shot(page, "journey-sync")
    axe(page)

    page.get_by_role("link", name="Clientes").click()
    page.get_by_role("searchbox").first.fill("529.982.247-25")
    page.keyboard.press("Enter")
    page.get_by_role("link", name="Ana Beatriz Prado").click()
    expect(page.get_by_role("heading", name="Ana Beatriz Prado")).to_be_visible()
    expect(page.get_by_text("529.982.247-25")).to_be_visible()
    shot(page, "journey-customer")
    axe(page)

    page.get_by_role("link", name="Registrar venda").first.click()
    page.get_by_label("Valor da venda").fill("500,00")
    expect(page.get_by_text("R$ 25,00")).to_have_count(2)  # cashback, and the voucher it would become
    axe(page)
    page.get_by_label("Onde").select_option(label="Loja Centro · Caixa 1")
    page.get_by_role("button", name="Continuar").click()
    shot(page, "journey-sale-confirm")
    page.get_by_role("button", name="Registrar venda").click()
    expect(page.get_by_text("Voucher emitido").first).to_be_visible()
    shot(page, "journey-sale")
    axe(page)
    sale = Sale.objects.get()
    assert (str(sale.amount), str(sale.cashback_amount)) == ("500.00", "25.00")
    (code,) = sale.voucher_codes
    expect(page.get_by_text(code)).to_be_visible()
    assert sandbox.committed("sales") == 1
    _log_out(page)

    _log_in(page, cashier)
    page.get_by_role("button", name="Caixa 1").click()
    axe(page)
    _scan(page, f" {code.lower().replace('-', ' ')} ")
    expect(page.locator("#banner [data-kind=valid]")).to_contain_text("VÁLIDO", ignore_case=True)
    shot(page, "journey-valid")
    axe(page)
    assert sandbox.committed("validate") == 1
    assert Voucher.objects.get(remote_id=code).status == Voucher.Status.USED

    # Another till, the same voucher: who, where and when.
    page.goto("/caixa/ponto/")
    page.get_by_role("button", name="Caixa 2").click()
    _scan(page, code)
    expect(page.locator("#banner [data-kind=used]")).to_contain_text("JÁ USADO", ignore_case=True)
    expect(page.locator("#banner")).to_contain_text("Loja Centro")
    shot(page, "journey-used")
    axe(page)
    assert sandbox.committed("validate") == 1
    assert list(Redemption.objects.order_by("received_at").values_list("state", flat=True)) == [
        "valid",
        "used",
    ]
