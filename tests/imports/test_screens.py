"""The screens of imports: who may, what is said, what is logged, what a page costs."""

from collections.abc import Callable

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from customers.imports.models import Import
from sandbox.testing import SandboxServer
from smartbis_admin.connections.models import Connection
from smartbis_admin.staff.models import AuditEvent
from tests.imports.conftest import CUSTOMERS, csv_file, states

pytestmark = pytest.mark.django_db


def _upload(client: Client, connection: Connection, content: bytes, name: str = "a.csv"):
    return client.post(
        "/importacoes/nova/",
        {"kind": "customers", "connection": connection.pk, "file": SimpleUploadedFile(name, content)},
    )


def test_an_upload_leads_to_its_columns_and_the_same_file_to_its_import(
    manager_client: Client, connection: Connection
) -> None:
    first = _upload(manager_client, connection, csv_file(CUSTOMERS, encoding="cp1252"))
    batch = Import.objects.get()
    assert first.url == reverse("imports:columns", args=[batch.pk])
    again = _upload(manager_client, connection, csv_file(CUSTOMERS, encoding="cp1252"), "b.csv")
    assert (again.url, Import.objects.count()) == (first.url, 1)
    page = manager_client.get(again.url).content.decode()
    assert "Este arquivo já foi importado: esta é a importação dele." in page
    assert "José Ávila" in page
    assert "529.982.247-25" not in page


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (
            b"\xd0\xcf\x11\xe0",
            "Este é um arquivo do Excel antigo (XLS). Abra no Excel e salve como XLSX ou CSV.",
        ),
        (b"PK\x03\x04", "O arquivo está danificado. Abra na planilha, salve de novo e envie outra vez."),
        (b"\x00\x01", "Este arquivo não é uma tabela. Envie um arquivo CSV ou XLSX."),
        (b"  \r\n", "O arquivo está vazio."),
    ],
)
def test_an_unreadable_file_is_said_beside_its_field(
    manager_client: Client, connection: Connection, content: bytes, sentence: str
) -> None:
    form = _upload(manager_client, connection, content).context["form"]
    assert form.errors == {"file": [sentence]}
    assert Import.objects.count() == 0


def test_columns_must_be_chosen_and_only_once(manager_client: Client, connection: Connection) -> None:
    _upload(manager_client, connection, csv_file(CUSTOMERS))
    batch = Import.objects.get()
    url = reverse("imports:columns", args=[batch.pk])
    form = manager_client.post(url, {"name": "0", "cpf": "0", "has_header": "on"}).context["form"]
    assert form.errors == {
        "phone": ["Escolha a coluna."],
        "cpf": ["Esta coluna já foi escolhida para outro campo."],
    }
    batch.refresh_from_db()
    assert (batch.state, batch.rows.count()) == ("mapping", 0)


@pytest.mark.parametrize("who", ["cashier_client", "viewer_client", "stranger_client"])
def test_who_may_not_register_customers_imports_nothing(
    who: str, request: pytest.FixtureRequest, checked: Callable[..., Import], sandbox: SandboxServer
) -> None:
    batch, client = checked(), request.getfixturevalue(who)
    for name in ("start", "pause", "undo", "discard"):
        assert client.post(reverse(f"imports:{name}", args=[batch.pk]), {"confirmed": 1}).status_code == 403
    assert client.get(reverse("imports:errors", args=[batch.pk])).status_code == 403
    batch.refresh_from_db()
    assert (batch.state, states(batch), sandbox.log()) == ("checked", [(2, "ready"), (3, "ready")], [])
    assert "Importar" not in client.get("/clientes/", follow=True).content.decode()


def test_sending_asks_first(manager_client: Client, checked: Callable[..., Import]) -> None:
    batch = checked()
    asked = manager_client.post(reverse("imports:start", args=[batch.pk]))
    assert "Cadastrar 2 clientes na plataforma?" in asked.content.decode()
    batch.refresh_from_db()
    assert batch.state == "checked"
    done = manager_client.post(reverse("imports:start", args=[batch.pk]), {"confirmed": "1"}, follow=True)
    assert "Envio iniciado." in done.content.decode()
    batch.refresh_from_db()
    assert batch.state == "running"


def test_the_file_to_correct_holds_the_rows_as_they_came(
    manager_client: Client, checked: Callable[..., Import]
) -> None:
    batch = checked([*CUSTOMERS, ["=Zé", "111", "(11) 98888-0009", "", ""]])
    response = manager_client.get(reverse("imports:errors", args=[batch.pk]))
    assert b"".join(response.streaming_content).decode().splitlines() == [
        "\ufeffNome completo;CPF;Celular;E-mail;Nascimento;Linha;Problema",
        "'=Zé;111;(11) 98888-0009;;;4;CPF: Este CPF não existe. Confira os 11 números.",
    ]
    assert AuditEvent.objects.filter(action="import.exported", subject=f"import:{batch.pk}").count() == 1


def test_progress_goes_on_while_it_works_and_then_shows_the_whole_page(
    manager_client: Client, checked: Callable[..., Import]
) -> None:
    batch = checked()
    url = reverse("imports:progress", args=[batch.pk])
    assert manager_client.get(url, headers={"hx-request": "true"}).headers["HX-Refresh"] == "true"
    Import.objects.update(state="running")
    part = manager_client.get(url, headers={"hx-request": "true"})
    assert "0 de 2 linhas enviadas" in part.content.decode()
    assert "HX-Refresh" not in part.headers


def test_a_page_costs_the_same_for_many_rows(manager_client: Client, checked: Callable[..., Import]) -> None:
    def cost(url: str) -> int:
        with CaptureQueriesContext(database) as queries:
            assert manager_client.get(url).status_code == 200
        return len(queries)

    few, many = checked(), checked([CUSTOMERS[0], *(["", "x", "", "", ""] for _ in range(40))])
    urls = [reverse("imports:detail", args=[batch.pk]) for batch in (few, many)]
    cost(urls[0])
    assert cost(urls[0]) == cost(urls[1])
