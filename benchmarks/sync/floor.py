"""The floor: fetch, decode, bulk insert into the mirror's own table. No checks and no memory of anything."""

import sqlite3
from datetime import UTC, datetime
from typing import Any

import msgspec
import psycopg
from way import DATABASE, pages, report, timed

WIRE = ("name", "cpf", "phone", "email", "birth_date", "points_balance", "cashback_balance")
TIMES = {"created_at": "remote_created_at", "updated_at": "remote_updated_at"}
#: Empty for every customer of this platform.
EMPTY = ("state", "state_word", "standing_packed")
COLUMNS = (
    "connection_id",
    "remote_id",
    "stored_at",
    "content_hash",
    *WIRE,
    *TIMES.values(),
    "name_search",
    *EMPTY,
)
NAMES = ", ".join(COLUMNS)
NOW = datetime.now(UTC).isoformat()


def rows(page: list[dict[str, Any]]) -> Any:
    for row in page:
        values = [row.get(name) for name in (*WIRE, *TIMES)]
        yield (1, str(row["id"]), NOW, b"", *values, (row["name"] or "").lower(), "", "", "")


def decoded() -> Any:
    decoder = msgspec.json.Decoder()
    return pages(lambda body: decoder.decode(body)["data"])


def into_sqlite() -> int:
    database = sqlite3.connect(DATABASE.removeprefix("sqlite:///"))
    database.execute("PRAGMA journal_mode=WAL")
    database.execute("PRAGMA synchronous=NORMAL")
    database.execute("PRAGMA cache_size=-20000")
    database.execute("PRAGMA wal_autocheckpoint=8000")
    insert = f"INSERT INTO customers_customer ({NAMES}) VALUES ({', '.join('?' * len(COLUMNS))})"
    count = 0
    for page in decoded():
        with database:
            database.executemany(insert, rows(page))
        count += len(page)
    return count


def into_postgres() -> int:
    count = 0
    with psycopg.connect(DATABASE) as database:
        for page in decoded():
            with database.cursor().copy(f"COPY customers_customer ({NAMES}) FROM STDIN") as copy:
                for row in rows(page):
                    copy.write_row(row)
            database.commit()
            count += len(page)
    return count


report(*timed(into_sqlite if DATABASE.startswith("sqlite") else into_postgres))
