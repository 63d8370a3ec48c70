"""A manager brings a spreadsheet: upload with errors, columns, preview, send, correct, send again, undo.

The job the worker would do is done here between two clicks.
"""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from customers.imports.models import Import
from customers.imports.sending import work
from customers.models import Customer
from sandbox.testing import SandboxServer
from smartbis_admin.connections.models import Connection
from smartbis_admin.staff.models import User

SignIn = Callable[[Page, User], None]
Look = Callable[..., None]
FILE = """Nome completo;CPF;Celular;E-mail;Nascimento
Ana Prado;529.982.247-25;(11) 98888-0001;ana@cliente.example;05/03/1990
José Ávila;111.444.777-36;(21) 97777-0002;;
Conceição Melo;123.456.789-09;(31) 96666-0003;;31/02/1980
"""


def _do_the_job() -> Import:
    batch = Import.objects.order_by("pk").last()
    assert batch is not None
    work(batch.pk)
    batch.refresh_from_db()
    return batch


def _upload(page: Page, name: str, content: bytes) -> None:
    page.goto("/importacoes/nova/")
    page.get_by_label("Arquivo").set_input_files({"name": name, "mimeType": "text/csv", "buffer": content})
    page.get_by_role("button", name="Enviar arquivo").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Escolher colunas")


@pytest.mark.parametrize(("width", "dark"), [(1280, False), (360, True)])
def test_import_with_errors_corrected_finished_and_undone(
    open_page: Callable[..., Page],
    connection: Connection,
    sandbox: SandboxServer,
    manager: User,
    sign_in: SignIn,
    axe: Callable[[Page], None],
    shot: Look,
    tmp_path: Path,
    width: int,
    dark: bool,
) -> None:
    page = open_page(width, 860, dark=dark)
    sign_in(page, manager)
    page.goto("/importacoes/")
    expect(page.get_by_text("Nenhuma importação ainda")).to_be_visible()
    page.goto("/importacoes/nova/")
    axe(page)
    shot(page, f"import-upload-{width}")
    _upload(page, "clientes.csv", FILE.encode("cp1252"))
    expect(page.get_by_label("Telefone")).to_have_value("2")
    expect(page.get_by_text("Conceição Melo", exact=True)).to_be_visible()
    axe(page)
    shot(page, f"import-columns-{width}", full_page=True)

    page.get_by_role("button", name="Conferir as linhas").click()
    expect(page.get_by_text("Nada é enviado.")).to_be_visible()
    assert _do_the_job().state == "checked"
    expect(page.get_by_text("3 linhas conferidas. Nada foi enviado ainda.")).to_be_visible()
    expect(page.get_by_text("CPF: Este CPF não existe. Confira os 11 números.")).to_be_visible()
    assert sandbox.log() == []
    axe(page)
    shot(page, f"import-checked-{width}", full_page=True)

    with page.expect_download() as download:
        page.get_by_role("link", name="Baixar 2 linhas para corrigir").click()
    errors = tmp_path / "erros.csv"
    download.value.save_as(errors)
    page.get_by_role("button", name="Enviar 1 linha").click()
    expect(page.get_by_text("Cadastrar 1 cliente na plataforma?")).to_be_visible()
    axe(page)
    page.get_by_role("button", name="Enviar à plataforma").click()
    expect(page.get_by_text("0 de 1 linhas enviadas")).to_be_visible()
    assert _do_the_job().state == "done"
    expect(page.locator(".import-state .status-badge")).to_have_text("Concluída")
    assert list(Customer.objects.values_list("name", flat=True)) == ["Ana Prado"]
    shot(page, f"import-done-{width}", full_page=True)

    corrected = (
        errors.read_text("utf-8-sig").replace("111.444.777-36", "111.444.777-35").replace("31/02", "28/02")
    )
    _upload(page, "corrigido.csv", corrected.encode())
    page.get_by_role("button", name="Conferir as linhas").click()
    expect(page.get_by_text("Nada é enviado.")).to_be_visible()
    _do_the_job()
    page.get_by_role("button", name="Enviar 2 linhas").click()
    page.get_by_role("button", name="Enviar à plataforma").click()
    page.get_by_role("button", name="Desfazer o que não saiu").click()
    page.get_by_role("button", name="Desfazer o que não saiu").click()
    expect(page.get_by_text("2 linhas desfeitas.").first).to_be_attached()
    assert _do_the_job().state == "done"
    assert list(Customer.objects.values_list("name", flat=True)) == ["Ana Prado"]
    page.goto("/importacoes/")
    expect(page.get_by_role("link", name="corrigido.csv")).to_be_visible()
    axe(page)
    shot(page, f"import-list-{width}")
