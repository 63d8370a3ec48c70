"""Demo data of the sandbox's Smart Passes: the wallet card of the merchant whose stores run on Smartbis.

Deterministic. Some holders are anonymous, many are known in the stores by phone, a few share an e-mail with
somebody else there. Ids have four digits at first and sixteen later, as both occur in the vendor's text. Knows
the tables, not Django.
"""

import random
import sqlite3

from sandbox.neighbours import Neighbour, neighbours
from sandbox.people import person
from sandbox.rows import insert
from sandbox.smartpasses.models import CANCELLED, DRAFT, FIRST_CUSTOMER, FIRST_OFFER, PUBLISHED

_OWN = 7_000_000
_ACCOUNT = 9
_SHORT_IDS = 40
# Coprime to the range of sixteen digits, so that no two numbers meet.
_RANGE, _FACTOR = 9 * 10**15, 6_364_136_223_846_793
_COLUMNS = ("number", "first_name", "last_name", "email", "phone", "points")
_OFFERS = (
    ("Café grátis", "Um café por dez pontos.", 10, True, PUBLISHED),
    ("Pão de queijo", "Porção com cinco unidades.", 15, False, PUBLISHED),
    ("Fatia de bolo", "Bolo do dia.", 25, False, PUBLISHED),
    ("Combo café da manhã", "Café, suco e pão na chapa.", 40, False, PUBLISHED),
    ("Caneca da casa", "Caneca de cerâmica, 300 ml.", 120, False, DRAFT),
    ("Bebida de aniversário", "Uma bebida no mês do aniversário.", 0, True, DRAFT),
    ("Chocolate quente", "Receita de inverno.", 20, False, CANCELLED),
    ("Panetone artesanal", "", 90, False, CANCELLED),
)


def prepare(connection: sqlite3.Connection) -> None:
    """What must exist even in an empty database: the next numbers."""
    insert(connection, "smartpasses_serial", ("next_customer", "next_offer"), [(FIRST_CUSTOMER, FIRST_OFFER)])


def demo(connection: sqlite3.Connection, customers: int, today: int) -> None:
    """Fill the programme with `customers` people and the offers; times are not kept."""
    source = random.Random("sandbox smartpasses")
    known = neighbours(connection, count=customers)
    phones: set[str] = set()
    rows = []
    for place in range(customers):
        names, email, phone = _holder(source, place, next(known, None))
        phone = "" if phone in phones else phone
        phones.add(phone)
        points = min(400, int(source.expovariate(1 / 22)))
        rows.append((_number(place), *names, email, phone, points))
    insert(connection, "smartpasses_customer", _COLUMNS, rows)
    offers = [(FIRST_OFFER + place, *offer) for place, offer in enumerate(_OFFERS)]
    columns = ("number", "name", "description", "points_cost", "auto_claim", "status")
    insert(connection, "smartpasses_offer", columns, offers)
    connection.execute(
        "UPDATE smartpasses_serial SET next_customer = ?, next_offer = ?",
        (FIRST_CUSTOMER + _SHORT_IDS, FIRST_OFFER + len(offers)),
    )


def _holder(
    source: random.Random, place: int, neighbour: Neighbour | None
) -> tuple[tuple[str, str], str, str]:
    """Names, e-mail and phone; empty where nothing is known."""
    share = source.random()
    if share < 0.15:
        return ("", ""), "", ""
    name, _, phone, email, _ = person(source, serial=_OWN + place, account=_ACCOUNT)
    first, _, last = name.partition(" ")
    if neighbour is not None and share < 0.60:
        mail = neighbour.email if source.random() < 0.7 else None
        return neighbour.names, mail or "", _e164(neighbour.phone)
    if neighbour is not None and share < 0.63:
        email = neighbour.email
    return (first, last), email or "", _e164(phone)


def _e164(phone: str | None) -> str:
    return f"+55{phone}" if phone else ""


def _number(place: int) -> int:
    if place < _SHORT_IDS:
        return FIRST_CUSTOMER + place
    return 10**15 + place * _FACTOR % _RANGE
