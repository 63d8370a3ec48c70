"""Rows in bulk, past Django: how demo data reach SQLite. Knows no vendor and no table."""

import sqlite3
from collections.abc import Iterable, Sequence
from typing import Any


def insert(
    connection: sqlite3.Connection, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]
) -> None:
    """Add rows to a table; names come from the code, never from outside."""
    places = ", ".join("?" * len(columns))
    # Names are constants of the callers; values are parameters.
    statement = f"INSERT INTO {table} ({', '.join(columns)}) VALUES ({places})"  # noqa: S608
    connection.executemany(statement, rows)
