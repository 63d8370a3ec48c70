"""Machines and stores, files, and what could not be read: who may, exact words, nothing changed on denial."""

import io
from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext
from openpyxl import Workbook

from customers.bridge import file_import
from customers.bridge.issues import Problem, keep_problems
from customers.bridge.models import Bridge, FeedIssue, PosFile, PosMachine, PosSale, PosStore, Road
from sandbox.testing import SandboxServer
from smartbis_admin.staff.models import AuditEvent, Store, User
from tests.bridge.conftest import CPFS, received, record
from tests.customers.conftest import said

pytestmark = [pytest.mark.django_db, pytest.mark.one_database]
HEAD = "ID da venda;Data da venda;Valor;Forma de pagamento;Situação;CPF;Cor da maquininha"
GOOD = f"v1;21/11/2026;1.234,56;crédito;aprovada;{CPFS[0]};azul"


@pytest.fixture
def machine(bridge: Bridge) -> PosMachine:
    PosStore.objects.create(bridge=bridge, remote_id="L1")
    return PosMachine.objects.create(
        bridge=bridge, remote_id="M1", label="Balcão", acquirer="Stone", store_remote_id="L1",
        is_listed=True, last_seen_at=datetime(2026, 11, 20, tzinfo=UTC),
    )  # fmt: skip


def upload(client: Client, bridge: Bridge, *lines: str, name: str = "vendas.csv") -> object:
    file = SimpleUploadedFile(name, "\r\n".join([HEAD, *lines]).encode("cp1252"))
    return client.post("/maquininhas/arquivos/novo/", {"bridge": bridge.pk, "file": file})


def test_a_machine_is_put_into_a_store_and_its_open_sales_follow(
    machine: PosMachine, bridge: Bridge, manager: User, manager_client: Client
) -> None:
    [sale] = received(bridge, record("a", machine_id="M1"))
    store = Store.objects.create(name="Centro")
    page = manager_client.get("/maquininhas/cadastro/").content.decode()
    assert "Balcão" in page
    assert "Ativa" in page
    response = manager_client.post(f"/maquininhas/cadastro/{machine.pk}/", {"store": store.pk})
    assert said(response) == ["Loja da maquininha salva. As vendas que ainda não foram enviadas acompanham."]
    machine.refresh_from_db()
    sale.refresh_from_db()
    assert (machine.store, sale.store) == (store, store)
    assert AuditEvent.objects.get(action="bridge.machine_placed").actor == manager


def test_who_may_only_look_is_led_to_no_form(
    machine: PosMachine, viewer_client: Client, manager_client: Client
) -> None:
    store = PosStore.objects.get()
    for address, form in (("cadastro/", f"cadastro/{machine.pk}/"), ("lojas/", f"lojas/{store.pk}/")):
        pages = [
            client.get(f"/maquininhas/{address}").content.decode()
            for client in (viewer_client, manager_client)
        ]
        assert [f"/maquininhas/{form}" in page for page in pages] == [False, True]
        assert "Linhas não lidas" not in pages[0]


def test_a_store_of_the_bridge_is_one_of_ours(
    machine: PosMachine, bridge: Bridge, manager_client: Client
) -> None:
    store = Store.objects.create(name="Centro")
    theirs = PosStore.objects.get()
    rows = manager_client.get("/maquininhas/lojas/?store=nobody").context["page"].rows
    assert [(row.remote_id, row.machine_count) for row in rows] == [("L1", 1)]
    assert len(manager_client.get("/maquininhas/cadastro/?store=nobody").context["page"].rows) == 1
    manager_client.post(f"/maquininhas/lojas/{theirs.pk}/", {"store": store.pk})
    theirs.refresh_from_db()
    assert theirs.store == store
    assert "Centro" in manager_client.get("/maquininhas/cadastro/").content.decode()
    assert manager_client.get("/maquininhas/cadastro/?store=nobody").context["page"].rows == []


@pytest.mark.parametrize(
    ("address", "make"),
    [
        ("/maquininhas/cadastro/", lambda bridge, n: PosMachine(bridge=bridge, remote_id=f"m{n}")),
        ("/maquininhas/lojas/", lambda bridge, n: PosStore(bridge=bridge, remote_id=f"l{n}")),
        (
            "/maquininhas/problemas/",
            lambda bridge, n: FeedIssue(
                bridge=bridge, road="pull", remote_id=str(n), reason="missing",
                first_at=datetime.now(UTC), last_at=datetime.now(UTC),
            ),
        ),
        (
            "/maquininhas/arquivos/",
            lambda bridge, n: PosFile(bridge=bridge, name=f"{n}", digest=str(n), created_by=bridge.mode_by),
        ),
    ],
    ids=["machines", "stores", "issues", "files"],
)  # fmt: skip
def test_each_list_costs_the_same_with_many_rows(
    address: str, make: Callable[..., PosSale], bridge: Bridge, manager_client: Client
) -> None:
    counts = []
    for numbers in (range(2), range(2, 30)):
        for n in numbers:
            make(bridge, n).save()
        manager_client.get(address)
        with CaptureQueriesContext(database) as queries:
            assert manager_client.get(address).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]


def test_a_file_is_previewed_imported_and_its_errors_given_back(
    bridge: Bridge, manager_client: Client
) -> None:
    bad = "v2;31/02/2026;10,00;crédito;aprovada;;"
    answer = upload(manager_client, bridge, GOOD, bad, "v3;21/11/2026;10,00;cheque;aprovada;;")
    file = PosFile.objects.get()
    assert answer.url == f"/maquininhas/arquivos/{file.pk}/"  # type: ignore[attr-defined]
    page = manager_client.get(answer.url).content.decode()  # type: ignore[attr-defined]
    for words in (
        "Nada foi importado ainda.",
        "Cor da maquininha",
        "Data da venda: Escreva a data como 31/12/2026.",
        "Forma de pagamento: Escreva crédito, débito, pix, vale ou dinheiro.",
        "1.234,56",
    ):
        assert words in page, words
    assert CPFS[0] not in page
    assert PosSale.objects.count() == 0
    started = manager_client.post(f"/maquininhas/arquivos/{file.pk}/importar/")
    assert said(started)[0].startswith("Importação iniciada.")
    part = manager_client.get(answer.url, headers={"hx-request": "true"})  # type: ignore[attr-defined]
    assert "0 de 3 linhas lidas" in part.content.decode()
    file_import.work(file.pk)
    whole = manager_client.get(answer.url, headers={"hx-request": "true"})  # type: ignore[attr-defined]
    assert whole.headers["HX-Refresh"] == "true"
    assert PosSale.objects.get().remote_id == "v1"
    lines = manager_client.get(f"/maquininhas/arquivos/{file.pk}/erros/")
    assert b"".join(lines.streaming_content).decode().splitlines() == [  # type: ignore[attr-defined]
        f"\ufeff{HEAD};Linha;Problema",
        f"{bad};3;Data da venda: Escreva a data como 31/12/2026.",
        "v3;21/11/2026;10,00;cheque;aprovada;;;4;Forma de pagamento: Escreva crédito, débito, pix, vale ou dinheiro.",
    ]
    assert AuditEvent.objects.filter(action="bridge.file_errors_exported").count() == 1
    again = manager_client.post(f"/maquininhas/arquivos/{file.pk}/importar/")
    assert said(again) == ["O arquivo já está em outra etapa. Veja como ele está agora."]


def test_the_same_file_leads_to_the_first_upload(bridge: Bridge, manager_client: Client) -> None:
    first, second = upload(manager_client, bridge, GOOD), upload(manager_client, bridge, GOOD, name="b.csv")
    assert (first.url, PosFile.objects.count()) == (second.url, 1)  # type: ignore[attr-defined]
    assert said(second) == ["Este arquivo já tinha sido enviado: aqui está ele."]  # type: ignore[arg-type]


def test_a_file_may_be_a_spreadsheet_and_is_forgotten_on_request(
    bridge: Bridge, manager_client: Client
) -> None:
    book, out = Workbook(), io.BytesIO()
    sheet = book.active
    assert sheet is not None
    for row in (HEAD.split(";"), ["v1", datetime(2026, 11, 21), 12.5, "pix", "aprovada", CPFS[0], ""]):  # noqa: DTZ001
        sheet.append(row)
    book.save(out)
    sent = SimpleUploadedFile("vendas.xlsx", out.getvalue())
    answer = manager_client.post("/maquininhas/arquivos/novo/", {"bridge": bridge.pk, "file": sent})
    assert "12,50" in manager_client.get(answer.url).content.decode()
    asked = manager_client.post(f"{answer.url}descartar/").content.decode()
    assert "Descartar este arquivo? Nada foi importado." in asked
    assert PosFile.objects.count() == 1
    gone = manager_client.post(f"{answer.url}descartar/", {"confirmed": "1"})
    assert (gone.url, PosFile.objects.count()) == ("/maquininhas/arquivos/", 0)


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"\xd0\xcf\x11\xe0", "Este é um arquivo do Excel antigo (XLS). Abra no Excel e salve como XLSX ou CSV."),
        (b"Nome;Valor\r\nAna;1", "Data da venda: Falta esta coluna. Imprima o arquivo de novo no SmartPOS ou "
         "acrescente a coluna."),
        (b" \r\n", "O arquivo está vazio."),
    ],
)  # fmt: skip
def test_an_unusable_file_is_said_beside_its_field(
    content: bytes, sentence: str, bridge: Bridge, manager_client: Client
) -> None:
    file = SimpleUploadedFile("a.csv", content)
    answer = manager_client.post("/maquininhas/arquivos/novo/", {"bridge": bridge.pk, "file": file})
    assert answer.context["form"].errors == {"file": [sentence]}
    assert PosFile.objects.count() == 0


def test_problems_of_feeds_are_told_and_put_aside(
    bridge: Bridge, manager: User, manager_client: Client
) -> None:
    keep_problems(
        bridge,
        Road.PUSH,
        [Problem("absurd_amount", "v9"), Problem("unknown_machine", "M9", "machine", False)],
    )
    page = manager_client.get("/maquininhas/problemas/").content.decode()
    assert "O valor é grande demais para uma venda." in page
    assert "A maquininha não está na lista do SmartPOS. A venda foi guardada mesmo assim." in page
    row = FeedIssue.objects.get(remote_id="v9")
    answer = manager_client.post("/maquininhas/problemas/", {"act": "bridge.resolve_issues", "row": [row.pk]})
    manager_client.post(answer.url, {"step": "start"})
    row.refresh_from_db()
    assert row.resolved_by == manager
    rows = manager_client.get("/maquininhas/problemas/?standing=open").context["page"].rows
    assert [one.remote_id for one in rows] == ["M9"]


@pytest.mark.parametrize("who", ["cashier_client", "viewer_client", "stranger_client"])
def test_only_managers_change_anything(
    who: str, machine: PosMachine, bridge: Bridge, manager_client: Client, sandbox: SandboxServer,
    request: pytest.FixtureRequest,
) -> None:  # fmt: skip
    upload(manager_client, bridge, GOOD)
    file, store, calls = PosFile.objects.get(), Store.objects.create(name="Centro"), len(sandbox.log())
    client: Client = request.getfixturevalue(who)
    for address in (
        f"cadastro/{machine.pk}/", f"lojas/{PosStore.objects.get().pk}/", "arquivos/novo/", "arquivos/",
        f"arquivos/{file.pk}/", f"arquivos/{file.pk}/importar/", f"arquivos/{file.pk}/descartar/",
        f"arquivos/{file.pk}/erros/", "problemas/",
    ):  # fmt: skip
        answer = client.post(f"/maquininhas/{address}", {"store": store.pk, "confirmed": "1"})
        assert answer.status_code == 403, address
        assert client.get(f"/maquininhas/{address}").status_code == 403, address
    machine.refresh_from_db()
    file.refresh_from_db()
    assert (machine.store, PosStore.objects.get().store, file.state) == (None, None, "preview")
    assert len(sandbox.log()) == calls
