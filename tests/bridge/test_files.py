"""The file as the bridge prints it: read, previewed, imported; what is wrong is given back and the rest goes on."""

import base64
import io
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone
from openpyxl import Workbook

from customers.bridge import file_import, files, pull
from customers.bridge.files import FileRefusedError, discard, preview, start, upload
from customers.bridge.models import Bridge, PosFile, PosFileContent, PosFileError, PosSale
from sandbox.testing import POS_CLIENT, SandboxServer
from smartbis_admin.staff.models import User
from tests.bridge.conftest import CPFS
from tests.imports.conftest import csv_file

pytestmark = pytest.mark.django_db
HEADER = [
    "ID da venda",
    "Data da venda",
    "Hora",
    "Adquirente",
    "NSU",
    "Valor",
    "Forma de pagamento",
    "Situação",
    "CPF",
]
ROWS = [
    ["v1", "05/03/2026", "14:31", "Stone", "000123", "1.234,56", "crédito", "aprovada", "529.982.247-25"],
    ["", "06/03/2026", "", "Stone", "000124", "R$ 9,90", "PIX", "Aprovada", ""],
    ["v3", "07/03/2026", "08:15:59", "Cielo", "", "50", "vale", "ESTORNADA", ""],
]


@pytest.fixture
def imported(bridge: Bridge, owner: User) -> Any:
    """Upload, start, import: `imported(content)`."""

    def make(content: bytes, name: str = "vendas.csv") -> PosFile:
        file, _new = upload(bridge=bridge, name=name, content=content, by=owner)
        if file.state == PosFile.State.PREVIEW:
            start(file=file, by=owner)
            file_import.work(file.pk)
        file.refresh_from_db()
        return file

    return make


def counts(file: PosFile) -> tuple[str, int, int, int, int, int]:
    return (
        file.state, file.rows_read, file.rows_new, file.rows_changed, file.rows_duplicate, file.rows_bad,
    )  # fmt: skip


def problems(file: PosFile) -> list[tuple[int, str, str]]:
    return list(file.errors.values_list("number", "field", "reason"))


def test_a_file_becomes_sales(imported: Any) -> None:
    file = imported(csv_file([HEADER, *ROWS]))
    assert counts(file) == ("done", 3, 3, 0, 0, 0)
    v1, v3 = PosSale.objects.get(remote_id="v1"), PosSale.objects.get(remote_id="v3")
    assert (v1.amount, v1.payment_method, v1.status, v1.nsu) == (
        Decimal("1234.56"),
        "credit",
        "approved",
        "000123",
    )
    assert (v1.buyer_cpf, v1.installments, v1.road) == (CPFS[0], 1, "file")
    assert timezone.localtime(v1.sold_at).isoformat() == "2026-03-05T14:31:00-03:00"
    assert (v3.payment_method, v3.status, v3.amount) == ("voucher", "refunded", Decimal("50.00"))
    made = PosSale.objects.get(nsu="000124")
    # SHA-256 of `stone||000124||2026-03-06|9.90`.
    assert made.remote_id == "file:8a64a65dec4965ed9e0a869dbbae1462"
    assert timezone.localtime(made.sold_at).hour == 12
    assert not PosFileContent.objects.exists()


def test_the_same_file_twice_adds_nothing(imported: Any, bridge: Bridge) -> None:
    content = csv_file([HEADER, *ROWS])
    first = imported(content)
    assert imported(content) == first
    # The same rows in another order, encoding and separator are another file and no other sale.
    again = imported(csv_file([HEADER, *reversed(ROWS)], delimiter=",", encoding="cp1252"))
    assert counts(again) == ("done", 3, 0, 0, 3, 0)
    assert PosSale.objects.count() == 3


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "windows-1252"])
def test_what_the_bridge_prints_and_what_it_sends_are_one(
    bridge: Bridge, sandbox: SandboxServer, imported: Any, kind: str, encoding: str
) -> None:
    if kind == "xlsx" and encoding != "utf-8":
        return

    def act(action: str, args: Any = None, **more: Any) -> Any:
        return sandbox.act(action, args, vendor="smartpos", credential=POS_CLIENT, **more)

    act("machine", store_id="Loja São José", machine_id="maq-01", acquirer="Getnet")
    act("sale", machine_id="maq-01", amount="1234.56", customer={"cpf": CPFS[0], "name": "José d'Ávila"})
    act("sale", machine_id="maq-01", amount="9.90", payment_method="pix", installments=1)
    pull.pull(bridge.pk)
    printed = act("print_file", format=kind, encoding=encoding)
    file = imported(base64.b64decode(printed["base64"]), printed["name"])
    assert counts(file) == ("done", 2, 0, 0, 2, 0)


def test_native_numbers_and_dates_of_a_spreadsheet(imported: Any) -> None:
    book = Workbook()
    sheet: Any = book.active
    sheet.append(
        ["Valor", "Data da venda", "Hora", "Situação", "Forma de pagamento", "NSU", "Parcelas", "Extra"]
    )
    moment = timezone.datetime(2026, 3, 5, 14, 31, 7)
    sheet.append([1234.56, moment.date(), moment.time(), "Aprovada", "Crédito", "77", 3, "?"])
    sheet.append([50, moment, None, "Aprovada", "Débito", 78, None, "?"])
    content = io.BytesIO()
    book.save(content)
    file = imported(content.getvalue(), "vendas.xlsx")
    assert (counts(file), file.ignored) == (("done", 2, 2, 0, 0, 0), ["Extra"])
    first, second = PosSale.objects.get(nsu="77"), PosSale.objects.get(nsu="78")
    assert (first.amount, first.installments) == (Decimal("1234.56"), 3)
    assert timezone.localtime(first.sold_at).isoformat() == "2026-03-05T14:31:07-03:00"
    assert timezone.localtime(second.sold_at).isoformat() == "2026-03-05T14:31:07-03:00"


def test_bad_rows_go_to_the_error_file_and_good_ones_go_on(imported: Any) -> None:
    bad = [
        ["", "05/03/2026", "", "Stone", "", "10,00", "pix", "aprovada", ""],
        ["b1", "2026-03-05", "", "", "", "10,00", "pix", "aprovada", ""],
        ["b2", "03/31/2026", "", "", "", "10,00", "pix", "aprovada", ""],
        ["b3", "05/03/2026", "25:00", "", "", "10,00", "pix", "aprovada", ""],
        ["b4", "05/03/2026", "", "", "", "1,234.56", "pix", "aprovada", ""],
        ["b5", "05/03/2026", "", "", "", "9.999.999,00", "pix", "aprovada", ""],
        ["b6", "05/03/2026", "", "", "", "10,00", "cheque", "aprovada", ""],
        ["b7", "05/03/2026", "", "", "", "10,00", "pix", "talvez", ""],
        ["b8", "05/03/2026", "", "", "", "", "pix", "aprovada", ""],
        ["b9", "05/03/2999", "", "", "", "10,00", "pix", "aprovada", ""],
        HEADER,
        ["ok", "05/03/2026", "", "", "", "-10,00", "dinheiro", "aprovada", ""],
    ]
    file = imported(csv_file([HEADER, *bad]))
    assert counts(file) == ("done", 12, 1, 0, 0, 11)
    assert problems(file) == [
        (2, "id", "no_id"),
        (3, "date", "not_a_date"),
        (4, "date", "not_a_date"),
        (5, "time", "not_a_time"),
        (6, "amount", "not_a_number"),
        (7, "", "absurd_amount"),
        (8, "payment_method", "not_a_word"),
        (9, "status", "not_a_word"),
        (10, "amount", "missing"),
        (11, "", "in_the_future"),
        (12, "", "repeated_header"),
    ]
    lines = list(files.error_lines(file))
    assert (len(lines), lines[0][1]) == (11, bad[0])
    assert PosSale.objects.get().amount == Decimal("-10.00")


def test_mixed_encodings_in_one_file(imported: Any) -> None:
    """One line was pasted from somewhere else: each is read as it was meant."""
    head = "ID da venda;Data da venda;Valor;Forma de pagamento;Situação;Nome do cliente\n"
    content = head.encode("utf-8")
    content += "a;05/03/2026;10,00;crédito;aprovada;João\n".encode("cp1252")
    content += "b;05/03/2026;10,00;débito;aprovada;Conceição\n".encode()
    content += b"c;05/03/2026;10,00;pix;aprovada;\x81\x8d\n"
    file = imported(content)
    assert dict(PosSale.objects.values_list("remote_id", "buyer_name")) == {"a": "João", "b": "Conceição"}
    assert problems(file) == [(4, "", "broken_text")]


def test_a_doubled_heading_is_read_where_it_does_not_contradict_itself(imported: Any) -> None:
    head = ["Valor", "VALOR", "id da venda", "DATA DA VENDA", "situacao", "forma de pagamento"]
    file = imported(
        csv_file(
            [
                head,
                ["10,00", "10,00", "a", "05/03/2026", "aprovada", "pix"],
                ["10,00", "", "b", "05/03/2026", "aprovada", "pix"],
                ["10,00", "11,00", "c", "05/03/2026", "aprovada", "pix"],
            ]
        )
    )
    assert sorted(PosSale.objects.values_list("remote_id", flat=True)) == ["a", "b"]
    assert problems(file) == [(4, "amount", "doubled_header")]


@pytest.mark.parametrize(
    ("content", "reason", "field"),
    [
        (b"", "empty", ""),
        (b"\x89PNG\x00\x00 no table", "no_table", ""),
        (csv_file([["Data da venda", "Situação", "Forma de pagamento"]]), "missing_header", "amount"),
        (b"PK\x03\x04 not a book", "broken", ""),
    ],
)
def test_what_is_no_such_file_is_refused(
    bridge: Bridge, owner: User, content: bytes, reason: str, field: str
) -> None:
    with pytest.raises(FileRefusedError) as refusal:
        upload(bridge=bridge, name="x", content=content, by=owner)
    assert (refusal.value.reason, refusal.value.field) == (reason, field)
    assert not PosFile.objects.exists()


def test_the_preview_stores_nothing(bridge: Bridge, owner: User, imported: Any) -> None:
    imported(csv_file([HEADER, ROWS[0]]))
    content = csv_file([[*HEADER, "Outra"], *ROWS, ["x", "ontem", "", "", "", "1", "pix", "aprovada", ""]])
    file, new = upload(bridge=bridge, name="vendas.csv", content=content, by=owner)
    seen = preview(file)
    assert (new, file.state, file.rows_total, file.ignored) == (True, "preview", 4, ["Outra"])
    assert (seen.good, seen.bad) == (3, 1)
    assert [row.is_known for row in seen.rows] == [True, False, False, False]
    assert (seen.rows[3].field, seen.rows[3].reason) == ("date", "not_a_date")
    assert PosSale.objects.count() == 1
    discard(file=file, by=owner)
    with pytest.raises(FileRefusedError):
        start(file=file, by=owner)
    assert PosFile.objects.count() == 1


def test_a_worker_that_dies_is_followed_by_one_that_goes_on(
    bridge: Bridge, owner: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [[f"r{number}", *ROWS[0][1:]] for number in range(1203)]
    file, _new = upload(bridge=bridge, name="v.csv", content=csv_file([HEADER, *rows]), by=owner)
    start(file=file, by=owner)
    store, batches = file_import._store, []

    def dying(*args: Any) -> bool:
        batches.append(1)
        if len(batches) == 2:
            raise KeyboardInterrupt
        return store(*args)

    with monkeypatch.context() as death:
        death.setattr(file_import, "_store", dying)
        with pytest.raises(KeyboardInterrupt):
            file_import.work(file.pk)
    file.refresh_from_db()
    assert counts(file) == ("running", 500, 500, 0, 0, 0)
    # Its lease still holds; then it is stale.
    file_import.work(file.pk)
    assert PosSale.objects.count() == 500
    PosFile.objects.update(heartbeat_at=timezone.now() - file_import.STALE_AFTER * 2)
    file_import.work(file.pk)
    file.refresh_from_db()
    assert counts(file) == ("done", 1203, 1203, 0, 0, 0)
    assert (PosSale.objects.count(), PosFileError.objects.count()) == (1203, 0)
