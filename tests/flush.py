"""The end of a test that commits: the database is again as the migrations left it.

Django empties every table and has roles, permissions, content types and schedules made anew: a third of a second of
the processor, and on PostgreSQL as much again for 400 new files. Most tests touch a few tables. Owns
that; knows no table by name.
"""

from typing import Any

from django.db import connection, transaction

Row = tuple[Any, ...]


class Flush:
    """Remembers the rows that are there when it is made."""

    def __init__(self) -> None:
        self._tables = sorted(
            connection.introspection.django_table_names(only_existing=True, include_views=False)
        )
        with connection.cursor() as cursor:
            self._kept = {table: self._rows(cursor, table) for table in self._filled(cursor)}

    def __call__(self) -> None:
        """Take out what was added and put back what is missing."""
        # References are checked at the end of the transaction, so the order of the tables does not matter.
        with transaction.atomic(), connection.cursor() as cursor:
            for table in self._filled(cursor) | self._kept.keys():
                kept = self._kept.get(table, [])
                if kept and kept == self._rows(cursor, table):
                    continue
                cursor.execute(f"DELETE FROM {connection.ops.quote_name(table)}")
                if kept:
                    places = ", ".join(["%s"] * len(kept[0]))
                    cursor.executemany(
                        f"INSERT INTO {connection.ops.quote_name(table)} VALUES ({places})", kept
                    )

    def _filled(self, cursor: Any) -> set[str]:
        cursor.execute(
            " UNION ALL ".join(
                f"SELECT '{table}' WHERE EXISTS (SELECT 1 FROM {connection.ops.quote_name(table)})"
                for table in self._tables
            )
        )
        return {table for (table,) in cursor.fetchall()}

    def _rows(self, cursor: Any, table: str) -> list[Row]:
        cursor.execute(f"SELECT * FROM {connection.ops.quote_name(table)} ORDER BY 1")
        return list(cursor.fetchall())
