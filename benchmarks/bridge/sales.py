"""Invented sales of card machines: as lines of the bridge's file, and as objects of its deliveries."""

import csv
import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from openpyxl import Workbook

HEADER = (
    "ID da venda", "Data da venda", "Hora", "Adquirente", "Código da máquina", "Série do terminal", "NSU",
    "Código de autorização", "Loja", "Valor", "Parcelas", "Forma de pagamento", "Situação", "CPF", "Telefone",
    "E-mail", "Nome do cliente",
)  # fmt: skip
_METHODS = {"credit": "crédito", "debit": "débito", "pix": "pix", "voucher": "vale", "cash": "dinheiro"}
_HOME = timedelta(hours=-3)
MACHINES = 40


def cpf(number: int) -> str:
    """A CPF with check digits that fit."""
    digits = [int(sign) for sign in f"{100_000_000 + number * 37:09}"]
    for weight in (10, 11):
        total = sum(digit * (weight - place) for place, digit in enumerate(digits))
        digits.append(total * 10 % 11 % 10)
    return "".join(map(str, digits))


def sales(prefix: str, count: int, *, known: int, customers: int) -> Iterator[dict[str, Any]]:
    """`count` sales of the last ten days; one in `known` is of one of the `customers`, the rest of nobody we know."""
    chance = random.Random(prefix)
    now = datetime.now(UTC).replace(microsecond=0)
    for number in range(count):
        machine = chance.randrange(MACHINES)
        buyer: dict[str, str] | None = None
        if number % known == 0:
            buyer = {"cpf": cpf(number // known % customers)}
        elif number % 3 == 0:
            buyer = {"phone": f"1197{number:07}", "name": f"Comprador {number}"}
        yield {
            "id": f"{prefix}-{number:06}",
            "machine_id": f"maq-{machine:02}",
            "acquirer": ("Stone", "Cielo", "Getnet")[machine % 3],
            "terminal_serial": f"T{machine:05}",
            "nsu": f"{number:09}" if prefix == "file" else f"P{number:08}",
            "authorization_code": f"{chance.randrange(10**6):06}",
            "store_id": f"Loja {machine % 5}",
            "amount": f"{chance.randrange(100, 50_000) / 100:.2f}",
            "installments": 1 + number % 3,
            "payment_method": list(_METHODS)[number % 5],
            "status": "approved",
            "sold_at": (now - timedelta(seconds=chance.randrange(10 * 86_400))).isoformat(),
            "customer": buyer,
        }


def line(sale: dict[str, Any]) -> list[str]:
    """A sale as the bridge prints it."""
    at = datetime.fromisoformat(sale["sold_at"]) + _HOME
    buyer = sale["customer"] or {}
    return [
        sale["id"], f"{at:%d/%m/%Y}", f"{at:%H:%M:%S}", sale["acquirer"], sale["machine_id"],
        sale["terminal_serial"], sale["nsu"], sale["authorization_code"], sale["store_id"],
        f"{float(sale['amount']):.2f}".replace(".", ","), str(sale["installments"]),
        _METHODS[sale["payment_method"]], "aprovada", buyer.get("cpf", ""), buyer.get("phone", ""), "",
        buyer.get("name", ""),
    ]  # fmt: skip


def write_csv(path: Path, rows: list[dict[str, Any]]) -> None:
    """The file of the contract, as CSV."""
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, delimiter=";")
        writer.writerow(HEADER)
        writer.writerows(map(line, rows))


def write_xlsx(path: Path, rows: list[dict[str, Any]]) -> None:
    """The same, as a spreadsheet."""
    book = Workbook(write_only=True)
    sheet = book.create_sheet()
    sheet.append(HEADER)
    for row in rows:
        sheet.append(line(row))
    book.save(path)
