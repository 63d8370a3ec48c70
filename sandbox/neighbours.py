"""People of the merchant's stores, for the demos of the other programmes: a shop customer often is one of them.

Reads what the Smartbis demo has written into the same database; that vendor must stand before the others in the
settings. Knows its customer table and no other vendor.
"""

import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass

from sandbox.keys import SPAN

STORES_ACCOUNT = 1


@dataclass(frozen=True)
class Neighbour:
    """Somebody the stores know; phone in national digits."""

    name: str
    phone: str | None
    email: str | None
    birth_date: str | None
    cpf: str | None

    @property
    def names(self) -> tuple[str, str]:
        """First name and the rest."""
        first, _, rest = self.name.partition(" ")
        return first, rest


def neighbours(connection: sqlite3.Connection, *, count: int) -> Iterator[Neighbour]:
    """About `count` people of the stores, from the first to the last who registered."""
    bounds = (STORES_ACCOUNT * SPAN, (STORES_ACCOUNT + 1) * SPAN)
    [known] = connection.execute(
        "SELECT count(*) FROM smartbis_customer WHERE id > ? AND id < ?", bounds
    ).fetchone()
    step = max(1, known // max(1, count))
    rows = connection.execute(
        "SELECT name, phone, email, birth_date, cpf FROM smartbis_customer"
        " WHERE id > ? AND id < ? AND id % ? = 0 ORDER BY id",
        (*bounds, step),
    )
    return (Neighbour(*row) for row in rows.fetchall())
