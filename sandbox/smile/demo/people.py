"""Who the demo shop's customers are: many are known in the stores, some share an e-mail, the rest are its own.

Deterministic; the stores' people come in, the shop's own are invented by `sandbox.people`. Source: contract
smile-v1 §6.1 (an e-mail is not unique) and §4 (a birthday may lack its year).
"""

import random
from collections.abc import Iterator
from typing import NamedTuple

from sandbox.neighbours import Neighbour
from sandbox.people import person

# Serials of invented people begin far from those of the stores, so that nobody is the same by accident.
_OWN = 5_000_000
_STORES, _HOUSEHOLD, _TWICE = 0.45, 0.48, 0.49


class Shopper(NamedTuple):
    """A customer as the shop knows one."""

    first_name: str | None
    last_name: str | None
    email: str
    date_of_birth: str | None


def shoppers(
    source: random.Random, *, known: Iterator[Neighbour], account: int, count: int
) -> Iterator[Shopper]:
    """The shop's customers in the order in which they came."""
    seen: list[str] = []
    for number in range(count):
        share = source.random()
        own = _own(source, number, account)
        neighbour = next(known, None) if share < _HOUSEHOLD else None
        shopper = own
        if neighbour is not None and neighbour.email is not None:
            shopper = own._replace(email=neighbour.email)
            if share < _STORES:
                shopper = _from_stores(source, neighbour, neighbour.email)
        elif _HOUSEHOLD <= share < _TWICE and seen:
            shopper = own._replace(email=source.choice(seen))
        seen.append(shopper.email)
        yield shopper


def _from_stores(source: random.Random, neighbour: Neighbour, email: str) -> Shopper:
    first, last = neighbour.names
    born = neighbour.birth_date if source.random() < 0.6 else None
    if born is not None and source.random() < 0.2:
        born = f"1004{born[4:]}"
    # A shop keeps an e-mail as it was typed.
    typed = email.capitalize() if source.random() < 0.1 else email
    return Shopper(first, last, typed, born)


def _own(source: random.Random, number: int, account: int) -> Shopper:
    name, _, _, email, born = person(source, serial=_OWN + number, account=account)
    first, _, last = name.partition(" ")
    email = email or f"cliente{_OWN + number}@loja.example"
    if source.random() < 0.05:
        return Shopper(None, None, email, None)
    return Shopper(first, last, email, born if source.random() < 0.5 else None)
