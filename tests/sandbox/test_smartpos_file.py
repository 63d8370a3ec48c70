"""The file a person takes from SmartPOS, as the contract smartpos.md §2.4 describes it."""

import base64
import csv
import io
from datetime import date, time
from typing import Any

import openpyxl
import pytest

from sandbox.testing import SandboxFailed
from tests.sandbox.posted import Pos

HEADERS = [
    "ID da venda", "Data da venda", "Hora", "Adquirente", "Código da máquina", "Série do terminal", "NSU",
    "Código de autorização", "Loja", "Valor", "Parcelas", "Forma de pagamento", "Situação", "CPF", "Telefone",
    "E-mail", "Nome do cliente",
]  # fmt: skip


@pytest.fixture
def sold(pos: Pos) -> Pos:
    buyer = {
        "cpf": "05298224725",
        "phone": "11988880001",
        "email": "ana@loja.example",
        "name": "João; Ângela",
    }
    pos.act(
        "sale", machine_id="maq-01", amount="1234.56", customer=buyer, nsu="000123", authorization_code="0042"
    )
    pos.act(
        "sale", machine_id="maq-01", amount="0.5", payment_method="voucher", sold_at="2026-03-04T02:00:00Z"
    )
    pos.act("cancel_sale", sale_id="pos-000002")
    pos.act("sale_raw", sale={"id": "x"})
    return pos


def printed(pos: Pos, **args: Any) -> bytes:
    return base64.b64decode(pos.act("print_file", args)["base64"])


def rows(content: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content), delimiter=";"))


EXPECTED = [
    HEADERS,
    [
        "pos-000002", "03/03/2026", "23:00:00", "Mercado Pago", "maq-01", "MP01", "000000002", "015838",
        "Loja Centro", "0,50", "1", "vale", "cancelada", "", "", "", "",
    ],
    [
        "pos-000001", "05/03/2026", "14:31:40", "Mercado Pago", "maq-01", "MP01", "000123", "0042", "Loja Centro",
        "1.234,56", "1", "crédito", "aprovada", "05298224725", "11988880001", "ana@loja.example", "João; Ângela",
    ],
]  # fmt: skip


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "windows-1252"])
def test_csv_in_each_encoding(sold: Pos, encoding: str) -> None:
    content = printed(sold, format="csv", encoding=encoding)
    assert rows(content.decode(encoding)) == EXPECTED
    assert content.startswith(b"\xef\xbb\xbf") == (encoding == "utf-8-sig")
    assert b'"Jo' in content


def test_columns_and_sales_as_wanted(sold: Pos) -> None:
    content = printed(sold, format="csv", columns=["Valor", "NSU"], sale_ids=["pos-000001", "pos-000002"])
    assert content == b"Valor;NSU\r\n1.234,56;000123\r\n0,50;000000002\r\n"
    with pytest.raises(SandboxFailed, match="there are no columns Total"):
        sold.act("print_file", format="csv", columns=["Total"])


def test_the_workbook_holds_native_values(sold: Pos) -> None:
    book = openpyxl.load_workbook(io.BytesIO(printed(sold, format="xlsx")))
    header, _, last = book.active.iter_rows(values_only=True)
    assert list(header) == HEADERS
    assert (last[0], last[1].date(), last[2]) == ("pos-000001", date(2026, 3, 5), time(14, 31, 40))
    assert last[6:8] == ("000123", "0042")
    assert last[9:13] == (1234.56, 1, "crédito", "aprovada")


def test_taken_from_the_panel_without_a_token(sold: Pos) -> None:
    reply = sold.http.get(f"{sold.base}/panel/vendas.csv", timeout=10)
    assert reply.headers["Content-Disposition"] == 'attachment; filename="vendas.csv"'
    assert rows(reply.content.decode()) == EXPECTED
    day = sold.http.get(f"{sold.base}/panel/vendas.csv", params={"days": 1}, timeout=10)
    assert len(rows(day.text)) == 2
    book = sold.http.get(f"{sold.base}/panel/vendas.xlsx", timeout=10)
    assert book.content.startswith(b"PK")
    assert sold.http.get(f"{sold.base}/panel/vendas.csv?client=x", timeout=10).status_code == 404
