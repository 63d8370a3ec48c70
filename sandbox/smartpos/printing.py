"""The file of sales as the bridge prints it for a person: CSV or XLSX in the formats of Brazil.

Source: contract smartpos.md §2.4. The workbook holds native numbers and dates, the CSV their texts.
"""

import csv
import io
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from openpyxl import Workbook

from sandbox.smartpos.models import Sale
from sandbox.times import ZONE

CSV, XLSX = "csv", "xlsx"
KINDS = (CSV, XLSX)
ENCODINGS = ("utf-8", "utf-8-sig", "windows-1252")
_METHODS = {"credit": "crédito", "debit": "débito", "pix": "pix", "voucher": "vale", "cash": "dinheiro"}
_STATUSES = {"approved": "aprovada", "cancelled": "cancelada", "refunded": "estornada"}
_WORKBOOK = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@dataclass(frozen=True)
class File:
    """A printed file."""

    name: str
    type: str
    content: bytes


def _local(sale: Sale) -> datetime:
    return datetime.fromtimestamp(sale.sold_at, ZONE).replace(tzinfo=None)


#: The columns in the contract's order; values are native.
COLUMNS: Mapping[str, Callable[[Sale], Any]] = {
    "ID da venda": lambda sale: sale.code,
    "Data da venda": lambda sale: _local(sale).date(),
    "Hora": lambda sale: _local(sale).time(),
    "Adquirente": lambda sale: sale.acquirer,
    "Código da máquina": lambda sale: sale.machine,
    "Série do terminal": lambda sale: sale.terminal_serial,
    "NSU": lambda sale: sale.nsu,
    "Código de autorização": lambda sale: sale.authorization_code,
    "Loja": lambda sale: sale.store_id,
    "Valor": lambda sale: sale.amount,
    "Parcelas": lambda sale: sale.installments,
    "Forma de pagamento": lambda sale: _METHODS[sale.payment_method],
    "Situação": lambda sale: _STATUSES[sale.status],
    "CPF": lambda sale: sale.cpf,
    "Telefone": lambda sale: sale.phone,
    "E-mail": lambda sale: sale.email,
    "Nome do cliente": lambda sale: sale.name,
}


def printed(
    sales: Iterable[Sale], *, kind: str, encoding: str = "utf-8", columns: Sequence[str] = tuple(COLUMNS)
) -> File:
    """The file of some sales, with the columns wanted in their order."""
    if kind == XLSX:
        return File("vendas.xlsx", _WORKBOOK, _workbook(sales, columns))
    # A character Windows-1252 does not have becomes a question mark, as such programs do.
    content = _text(sales, columns).encode(encoding, "replace")
    return File("vendas.csv", "text/csv", content)


def _text(sales: Iterable[Sale], columns: Sequence[str]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(columns)
    shown = {
        **COLUMNS,
        "Data da venda": lambda sale: f"{_local(sale):%d/%m/%Y}",
        "Hora": lambda sale: f"{_local(sale):%H:%M:%S}",
        "Valor": lambda sale: _reais(sale.amount),
    }
    readers = [shown[name] for name in columns]
    writer.writerows([read(sale) for read in readers] for sale in sales)
    return out.getvalue()


def _workbook(sales: Iterable[Sale], columns: Sequence[str]) -> bytes:
    book = Workbook(write_only=True)
    sheet = book.create_sheet("Vendas")
    sheet.append(list(columns))
    shown = {**COLUMNS, "Valor": lambda sale: sale.amount / 100}
    readers = [shown[name] for name in columns]
    for sale in sales:
        sheet.append([read(sale) for read in readers])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _reais(centavos: int) -> str:
    """`1.234,56`."""
    whole = f"{centavos // 100:,}".replace(",", ".")
    return f"{whole},{centavos % 100:02d}"
