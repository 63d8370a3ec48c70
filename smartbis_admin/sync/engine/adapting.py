"""How the databases' drivers take the values of mirrored columns, worked out column by column.

Knows fields and databases; neither rows nor statements.
"""

from collections.abc import Callable, Sequence
from typing import Any

from django.db import models

_UTC_MARK = len("+00:00")

Adapter = Callable[[Sequence[Any]], Sequence[Any]]


def adapter_of(field: Any, database: Any) -> Adapter:
    """How the database's driver takes the values of a column.

    The values are of their column's own type and fit it, times in UTC (see `specs`). Asking the field, which
    would look again, costs more than the rest of the row. PostgreSQL's driver takes them as they are.
    """
    if isinstance(field, models.CharField | models.TextField):
        return _as_it_is
    if isinstance(field, models.DateField | models.DecimalField):
        if database.vendor == "postgresql":
            return _as_it_is
        return _moments if isinstance(field, models.DateTimeField) else _written
    return lambda values: [
        None if value is None else field.get_db_prep_save(value, database) for value in values
    ]


def _as_it_is(values: Sequence[Any]) -> Sequence[Any]:
    return values


def _moments(values: Sequence[Any]) -> Sequence[Any]:
    # As Django writes it: the moment in UTC without saying so.
    return [None if value is None else str(value)[:-_UTC_MARK] for value in values]


def _written(values: Sequence[Any]) -> Sequence[Any]:
    # No column has so many decimals that one would be written with an exponent.
    return [None if value is None else str(value) for value in values]
