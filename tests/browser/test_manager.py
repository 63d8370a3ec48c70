"""A manager's day in a real Chromium: register a customer, sell, print; views and columns; many rows at once; a file
opened in a spreadsheet; everything known of one customer.
"""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from openpyxl import load_workbook
from playwright.sync_api import Dialog, Page, expect

from customers import consents, notes, tags
from customers.models import Customer, Sale, Tag
from customers.rules.models import RuleVersion
from customers.search import fold_name
from sandbox.testing import SandboxServer
from smartbis_admin.connections.models import Connection
from smartbis_admin.staff.models import AuditEvent, User
from smartbis_admin.ui.models import BulkJob
from tests.customers.test_timeline import sell

SignIn = Callable[[Page, User], None]
Look = Callable[..., None]
Axe = Callable[[Page], None]
LOOKS = [(1280, False), (360, True)]


@pytest.fixture
def people(connection: Connection, manager: User) -> list[Customer]:
    """Thirty customers, one with a name that a spreadsheet would compute, and two tags."""
    made = [
        Customer.objects.create(
            connection=connection, remote_id=str(number), content_hash=b"", name=name, name_search=fold_name(name),
            phone=f"+55119888800{number:02}", cashback_balance=Decimal(number), points_balance=Decimal("12.5"),
            remote_created_at=timezone.now() - timedelta(days=number),
        )
        for number, name in enumerate(["=SOMA(1;1)", *(f"Cliente {n:02}" for n in range(1, 30))])
    ]  # fmt: skip
    for name, color in (("VIP", "violet"), ("Aniversariante", "amber")):
        Tag.objects.create(name=name, color=color, created_by=manager)
    return made


def test_register_a_customer_sell_get_a_voucher_and_print(
    desktop: Page,
    connection: Connection,
    sandbox: SandboxServer,
    manager: User,
    sign_in: SignIn,
    axe: Axe,
    shot: Look,
) -> None:
    page = desktop
    page.add_init_script("window.printed = 0; window.print = () => { window.printed += 1; };")
    RuleVersion.objects.create(
        connection=connection,
        valid_from=connection.created_at,
        cashback_percent=5,
        points_per_brl=1,
        voucher_threshold=20,
    )
    sign_in(page, manager)
    page.goto("/clientes/consultar/")
    page.get_by_label("CPF do cliente").press_sequentially("52998224725")
    page.get_by_role("button", name="Consultar").click()
    page.get_by_role("main").get_by_role("link", name="Cadastrar cliente").click()
    expect(page.get_by_label("CPF")).to_have_value("529.982.247-25")
    page.get_by_label("Nome").fill("Ana Beatriz Prado")
    page.get_by_label("Telefone").press_sequentially("11988880001")
    expect(page.get_by_label("Telefone")).to_have_value("(11) 98888-0001")
    # What was typed is not lost by a wrong click.
    asked: list[str] = []

    def stay(dialog: Dialog) -> None:
        asked.append(dialog.type)
        dialog.dismiss()

    page.on("dialog", stay)
    page.get_by_role("link", name="Cancelar").click()
    expect(page.get_by_label("Nome")).to_have_value("Ana Beatriz Prado")
    assert asked == ["beforeunload"]
    axe(page)
    page.get_by_role("button", name="Cadastrar cliente").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Ana Beatriz Prado")
    expect(page.locator("#announcer")).to_have_text("Cliente cadastrado na plataforma.")
    axe(page)

    page.get_by_role("main").get_by_role("link", name="Registrar venda").click()
    page.get_by_label("Valor da venda").fill("1.234,56")
    expect(page.locator(".estimate")).to_contain_text("Estimativa")
    page.get_by_role("button", name="Continuar").click()
    page.get_by_role("button", name="Registrar venda").click()
    expect(page.get_by_text("Voucher emitido").first).to_be_visible()
    sale = Sale.objects.get()
    (code,) = sale.voucher_codes
    assert (sale.amount, sale.cashback_amount, sandbox.committed("sales")) == (
        Decimal("1234.56"), Decimal("61.73"), 1,
    )  # fmt: skip
    page.get_by_role("button", name="Imprimir").click()
    assert page.evaluate("window.printed") == 1
    page.emulate_media(media="print")
    expect(page.get_by_text(code)).to_be_visible()
    for hidden in (".topbar", ".shell-nav", ".page-actions", ".toasts"):
        expect(page.locator(hidden)).to_be_hidden()
    shot(page, "manager-sale-print")


def test_a_view_is_kept_with_its_columns_and_its_file_opens_in_a_spreadsheet(
    desktop: Page,
    people: list[Customer],
    manager: User,
    sign_in: SignIn,
    axe: Axe,
    shot: Look,
    tmp_path: Path,
) -> None:
    page = desktop
    sign_in(page, manager)
    page.goto("/clientes/?balance=cashback&sort=-cashback_balance")
    page.locator("summary", has_text="Salvar visão").click()
    axe(page)
    shot(page, "manager-view-menu")
    page.get_by_label("Nome da visão").fill("Com saldo")
    page.get_by_role("button", name="Salvar", exact=True).first.click()
    expect(page.locator("#announcer")).to_have_text("Visão salva: Com saldo.")
    page.locator("summary", has_text="Colunas").click()
    shot(page, "manager-columns-menu")
    axe(page)
    page.get_by_label("Pontos").uncheck()
    page.locator("details[open]").get_by_role("button", name="Salvar", exact=True).click()
    expect(page.get_by_role("columnheader", name="Pontos")).to_have_count(0)
    page.goto("/clientes/")
    page.get_by_role("link", name="Com saldo").click()
    expect(page).to_have_url("/clientes/?balance=cashback&sort=-cashback_balance")
    expect(page.locator("tbody tr").first).to_contain_text("Cliente 29")

    page.goto("/clientes/")
    with page.expect_download() as download:
        page.get_by_role("link", name="Exportar XLSX").click()
    file = tmp_path / "clientes.xlsx"
    download.value.save_as(file)
    rows = list(load_workbook(file).active.values)
    assert rows[0] == (
        "Nome",
        "CPF",
        "Telefone",
        "E-mail",
        "Pontos",
        "Cashback",
        "Cliente desde",
        "Etiquetas",
    )
    assert len(rows) == 31
    # A text that looks like a formula is the text, and a number is a number.
    sheet = load_workbook(file).active
    cell = next(row[0] for row in sheet.iter_rows(min_row=2) if row[0].value == "=SOMA(1;1)")
    assert (cell.data_type, rows[1][4], type(rows[1][5])) == ("s", 12.5, int)
    assert AuditEvent.objects.filter(action="list.exported", actor=manager).count() == 1


@pytest.mark.parametrize(("width", "dark"), LOOKS)
def test_a_tag_on_many_customers_previewed_done_and_undone(
    open_page: Callable[..., Page],
    people: list[Customer],
    manager: User,
    sign_in: SignIn,
    axe: Axe,
    shot: Look,
    width: int,
    dark: bool,
) -> None:
    page = open_page(width, 860, dark=dark)
    sign_in(page, manager)
    tags.add_tag(tag_id=Tag.objects.get(name="VIP").pk, customers=people[3:5], by=manager)
    page.goto("/clientes/")
    bar = page.get_by_role("form", name="Ações com as linhas selecionadas")
    expect(bar).to_be_hidden()
    page.get_by_role("checkbox", name="Selecionar Cliente 03").check()
    expect(bar).to_be_visible()
    expect(bar.get_by_role("status")).to_have_text("1 selecionada")
    page.get_by_role("checkbox", name="Selecionar todas as linhas desta página").check()
    expect(bar.get_by_role("status")).to_have_text("25 selecionadas")
    axe(page)
    shot(page, f"bulk-bar-{width}", full_page=True)
    with page.expect_download() as download:
        bar.get_by_role("button", name="Exportar seleção em CSV").click()
    assert len(Path(download.value.path()).read_text("utf-8-sig").splitlines()) == 26
    page.get_by_label("Tudo o que o filtro encontra: 30 linhas").check()
    bar.get_by_role("button", name="Pôr etiqueta").click()
    page.get_by_label("Etiqueta").select_option(label="VIP")
    axe(page)
    shot(page, f"bulk-ask-{width}")
    page.get_by_role("button", name="Ver o que acontece").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Pôr a etiqueta VIP")
    expect(page.get_by_text("Vai acontecer com 28 linhas.")).to_be_visible()
    expect(page.get_by_text("já têm a etiqueta")).to_be_visible()
    axe(page)
    shot(page, f"bulk-preview-{width}", full_page=True)
    page.get_by_role("button", name="Confirmar").click()
    expect(page.get_by_text("28 linhas alteradas.")).to_be_visible()
    axe(page)
    page.get_by_role("button", name="Desfazer").click()
    expect(page.get_by_text("28 linhas voltaram a como estavam.")).to_be_visible()
    shot(page, f"bulk-undone-{width}")
    # A job the worker is on asks for itself until it is over.
    jobs = BulkJob.objects.all()
    jobs.update(state="running", position=10)
    page.reload()
    expect(page.get_by_text("10 de 30 linhas vistas.")).to_be_visible()
    axe(page)
    shot(page, f"bulk-running-{width}")
    jobs.update(state="undone", position=30)
    expect(page.get_by_text("28 linhas voltaram a como estavam.")).to_be_visible()
    page.get_by_role("link", name="Voltar à lista").click()
    expect(page.locator(".tagword")).to_have_count(2)


@pytest.mark.parametrize(("width", "dark"), LOOKS)
def test_everything_known_of_one_customer(
    open_page: Callable[..., Page],
    people: list[Customer],
    manager: User,
    owner: User,
    sign_in: SignIn,
    axe: Axe,
    shot: Look,
    width: int,
    dark: bool,
) -> None:
    page = open_page(width, 860, dark=dark)
    sign_in(page, owner)
    ana = people[7]
    Customer.objects.filter(pk=people[8].pk).update(phone=ana.phone)
    for number in range(20):
        sell(ana, manager, timezone.now() - timedelta(days=number), cashback_amount=Decimal("2.50"))
    notes.add_note(
        customer=ana, text="Pediu para falar com a gerência sobre a troca de um produto.", by=manager
    )
    for tag in Tag.objects.all():
        tags.add_tag(tag_id=tag.pk, customers=[ana], by=manager)
    for channel, given in (("whatsapp", True), ("email", False)):
        consents.record_consent(
            customer=ana, channel=channel, is_given=given, said_on=timezone.localdate(), source="paper",
            proof="Ficha 7, pasta A", by=manager,
        )  # fmt: skip
    page.goto(f"/clientes/{ana.pk}/")
    expect(page.get_by_text("Pode ser a mesma pessoa")).to_be_visible()
    axe(page)
    shot(page, f"customer-{width}-{'dark' if dark else 'light'}", full_page=True)
    more: Any = page.get_by_role("link", name="Ver o que veio antes")
    while more.count():
        before = page.locator(".event").count()
        more.click()
        expect(page.locator(".event").nth(before)).to_be_visible()
    assert page.locator(".event").count() == 27
    page.get_by_role("link", name="Escrever nota").click()
    page.get_by_label("Nota").fill("Minha nota")
    page.get_by_role("button", name="Salvar nota").click()
    page.locator("article", has_text="Minha nota").get_by_role("button", name="Apagar").click()
    expect(page.locator("article", has_text="Minha nota")).to_have_count(0)
    expect(page.locator(".toast-card")).to_contain_text("Nota apagada.")
    axe(page)
    page.locator(".toast-card").get_by_role("button", name="Desfazer").click()
    expect(page.locator("article", has_text="Minha nota")).to_be_visible()
    page.get_by_role("button", name="não é a mesma pessoa").click()
    expect(page.get_by_text("Pode ser a mesma pessoa")).to_have_count(0)
    for path, name in (
        (f"/clientes/{ana.pk}/consentimento/", "consent"),
        (f"/clientes/{ana.pk}/historico/", "timeline"),
        ("/clientes/etiquetas/", "tags"),
        ("/clientes/", "list"),
        (f"/vendas/?customer_id={ana.pk}", "sales"),
    ):
        page.goto(path)
        axe(page)
        shot(page, f"{name}-{width}-{'dark' if dark else 'light'}", full_page=True)
    page.goto("/regra/")
    page.get_by_role("main").get_by_role("link", name="Informar a regra").click()
    axe(page)
    shot(page, f"rule-form-{width}")
    page.get_by_label("Percentual de cashback").fill("7,5")
    page.get_by_label("Pontos por real").fill("0,1")
    page.get_by_role("button", name="Salvar a regra").click()
    expect(page.get_by_text("7,5 %").first).to_be_visible()
    axe(page)
    shot(page, f"rule-{width}-{'dark' if dark else 'light'}", full_page=True)
