"""Demo data of the sandbox's SmartPOS: the card machines of the merchant whose stores run on Smartbis.

Deterministic. Sales of the last four weeks; about six in ten have a buyer the stores know, the others somebody
unknown, a wrong CPF, a name alone, or nothing. Knows the tables, not Django.
"""

import random
import sqlite3
from collections.abc import Sequence
from typing import Any

from sandbox.neighbours import Neighbour, neighbours
from sandbox.people import cpf_of, person
from sandbox.rows import insert
from sandbox.smartpos.auth import CLIENTS
from sandbox.smartpos.models import APPROVED, CANCELLED, CASH, CREDIT, DEBIT, PIX, REFUNDED, VOUCHER

DAY = 86_400
WEEKS = 4
_OWN, _ACCOUNT = 9_000_000, 8
_KNOWN_PEOPLE = 400
# Store, acquirer, label, whether it is in use.
MACHINES = (
    ("Loja Centro", "Mercado Pago", "Caixa 1", True),
    ("Loja Centro", "Mercado Pago", "Caixa 2", True),
    ("Loja Centro", "Stone", "Balcão", True),
    ("Loja Praia", "Cielo", "Caixa 1", True),
    ("Loja Praia", "Rede", "Quiosque da areia", True),
    ("Loja Shopping", "PagBank", "Caixa 1", True),
    ("Loja Shopping", "Getnet", "Reserva", False),
)
_METHODS, _WEIGHTS = (CREDIT, DEBIT, PIX, CASH, VOUCHER), (42, 26, 22, 6, 4)
_ACCOUNT_COLUMNS = ("id", "client_id", "changes", "sales", "customers", "cursors", "push_url", "push_secrets")
_MACHINE = (
    "account_id", "code", "acquirer", "terminal_serial", "label", "store_id", "active", "last_seen_at",
)  # fmt: skip
_SALE = (
    "account_id", "code", "change", "machine", "acquirer", "terminal_serial", "nsu", "authorization_code",
    "store_id", "amount", "installments", "payment_method", "status", "sold_at", "cpf", "phone", "email", "name", "raw",
)  # fmt: skip
_CUSTOMER = ("account_id", "code", "change", "cpf", "phone", "email", "name", "updated_at")


def prepare(connection: sqlite3.Connection) -> None:
    """What must exist even in an empty database: one account per client."""
    rows = [(account, client, 0, 0, 0, 1, "", "[]") for client, account in CLIENTS.items()]
    insert(connection, "smartpos_account", _ACCOUNT_COLUMNS, rows)


def demo(connection: sqlite3.Connection, sales: int, today: int) -> None:
    """Fill the first client's account with `sales` sales up to yesterday."""
    source = random.Random("sandbox smartpos")
    people = list(neighbours(connection, count=_KNOWN_PEOPLE))
    begin = today - WEEKS * 7 * DAY
    times = sorted(begin + _moment(source) for _ in range(sales))
    last_seen: dict[int, int] = {}
    rows = []
    for place, sold_at in enumerate(times):
        number = source.choice([0, 0, 1, 1, 2, 3, 3, 4, 5] if source.random() < 0.98 else [6])
        last_seen[number] = sold_at
        rows.append((1, f"pos-{place + 1:06d}", place + 1, *_sale(source, place, number, sold_at, people)))
    insert(connection, "smartpos_sale", _SALE, rows)
    machines = [
        (
            1,
            f"maq-{place + 1:02d}",
            acquirer,
            _serial(place),
            label,
            store,
            active,
            last_seen.get(place, begin),
        )
        for place, (store, acquirer, label, active) in enumerate(MACHINES)
    ]
    insert(connection, "smartpos_machine", _MACHINE, machines)
    customers = [
        (
            1,
            f"cli-{place + 1:05d}",
            sales + place + 1,
            one.cpf or "",
            one.phone or "",
            one.email or "",
            one.name,
            begin,
        )
        for place, one in enumerate(people)
    ]
    insert(connection, "smartpos_customer", _CUSTOMER, customers)
    connection.execute(
        "UPDATE smartpos_account SET changes = ?, sales = ?, customers = ? WHERE id = 1",
        (sales + len(customers), sales, len(customers)),
    )


def _moment(source: random.Random) -> int:
    """A second within the four weeks, from eight in the morning to nine at night."""
    return source.randrange(WEEKS * 7) * DAY + 8 * 3600 + source.randrange(13 * 3600)


def _serial(place: int) -> str:
    return f"{'MPSTCIREPBGE'[place * 2 % 12 :][:2]}{place * 7_919 + 104_729:07d}"


def _sale(
    source: random.Random, place: int, number: int, sold_at: int, people: Sequence[Neighbour]
) -> tuple[Any, ...]:
    store, acquirer, _, _ = MACHINES[number]
    [method] = source.choices(_METHODS, _WEIGHTS)
    amount = max(350, int(source.lognormvariate(8.7, 0.75)))
    installments = source.choice((2, 3, 6)) if method == CREDIT and amount > 15_000 else 1
    carded = method not in (PIX, CASH)
    nsu = f"{source.randrange(10**9):09d}" if carded else ""
    authorization = f"{source.randrange(10**6):06d}" if carded else ""
    [status] = source.choices((APPROVED, CANCELLED, REFUNDED), (93, 4, 3))
    return (
        f"maq-{number + 1:02d}", acquirer, _serial(number), nsu, authorization, store, amount, installments, method,
        status, sold_at, *_buyer(source, place, people), "",
    )  # fmt: skip


def _buyer(source: random.Random, place: int, people: Sequence[Neighbour]) -> tuple[str, str, str, str]:
    """CPF, phone, e-mail and name of the buyer; empty where nothing is known."""
    share = source.random()
    if people and share < 0.60:
        who = source.choice(people)
        if who.cpf and share < 0.45:
            return who.cpf, "", "", who.name if source.random() < 0.3 else ""
        if who.phone and share < 0.54:
            return "", who.phone, "", who.name
        return who.cpf or "", who.phone or "", who.email or "", who.name
    name, cpf, phone, email, _ = person(source, serial=_OWN + place, account=_ACCOUNT)
    if share < 0.70:
        return cpf or "", phone or "", email or "", name
    if share < 0.72:
        wrong = cpf_of(serial=_OWN + place, account=_ACCOUNT)
        return f"{wrong[:-1]}{(int(wrong[-1]) + 1) % 10}", "", "", name
    return "", "", "", name if share < 0.76 else ""
