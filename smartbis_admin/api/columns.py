"""Whole columns of a page read at once, where every value of one is written in the plain way.

Asked first, because nearly always they are, and a million rows are read value by value otherwise. What is read
here is exactly what the readers of `decode` would read one by one; a column with anything else in it is left to
them. It must not know vendors, records or pages.
"""

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from smartbis_admin.api import decode as read
from smartbis_admin.api.brazil import is_valid_cpf

#: The values (all of one type) read, or None when they have to be looked at one by one.
ColumnReader = Callable[[Sequence[Any]], Sequence[Any] | None]

_ONE_AMOUNT = r"-?[0-9]{1,15}(?:\.[0-9]{1,8})?+"
_AMOUNTS = re.compile(rf"{_ONE_AMOUNT}(?:\n{_ONE_AMOUNT})*+")
_ONE_PHONE = r"[1-9][1-9][0-9]{8,9}+"
_NATIONAL_PHONES = re.compile(rf"{_ONE_PHONE}(?:\n{_ONE_PHONE})*+")
_DATE_LENGTHS = {len("2026-05-30")}
_IN_UTC = {UTC}


def read_plain(reader: read.Reader, values: Sequence[Any], *, nullable: bool) -> Sequence[Any] | None:
    """The values as `reader` reads them. None, or `ValueError`, when they have to be looked at one by one."""
    kinds = {*map(type, values)}
    empty = type(None) in kinds
    if empty:
        kinds.discard(type(None))
        if not nullable:
            return None
        if not kinds:
            return values
    column = _COLUMNS.get((reader, kinds.pop())) if len(kinds) == 1 else None
    if column is None or not empty:
        return column and column(values)
    found = column([value for value in values if value is not None])
    if found is None:
        return None
    known = iter(found)
    return [None if value is None else next(known) for value in values]


def _all_match(form: re.Pattern[str], values: Sequence[str]) -> bool:
    together = "\n".join(values)
    return together.count("\n") == len(values) - 1 and form.fullmatch(together) is not None


def _texts(values: Sequence[str]) -> Sequence[str] | None:
    return None if "\x00" in "".join(values) else values


def _ids(values: Sequence[str]) -> Sequence[str] | None:
    return _texts(values) if all(values) else None


def _numbered_ids(values: Sequence[int]) -> Sequence[str]:
    return [*map(str, values)]


def _amounts(values: Sequence[str]) -> Sequence[Decimal] | None:
    return [*map(Decimal, values)] if _all_match(_AMOUNTS, values) else None


def _cpfs(values: Sequence[str]) -> Sequence[str] | None:
    return values if all(map(is_valid_cpf, values)) else None


def _phones(values: Sequence[str]) -> Sequence[str] | None:
    return [*map("+55".__add__, values)] if _all_match(_NATIONAL_PHONES, values) else None


def _dates(values: Sequence[str]) -> Sequence[date] | None:
    return [*map(date.fromisoformat, values)] if {*map(len, values)} == _DATE_LENGTHS else None


def _moments(values: Sequence[str]) -> Sequence[datetime] | None:
    moments = [*map(datetime.fromisoformat, values)]
    # A date alone has no zone.
    return moments if {moment.tzinfo for moment in moments} == _IN_UTC else None


_COLUMNS: Mapping[tuple[read.Reader, type], ColumnReader] = {
    (read.read_id, int): _numbered_ids,
    (read.read_id, str): _ids,
    (read.read_name, str): _texts,
    (read.read_text, str): _texts,
    (read.read_decimal, str): _amounts,
    (read.read_cpf, str): _cpfs,
    (read.read_phone, str): _phones,
    (read.read_date, str): _dates,
    (read.read_start, str): _moments,
    (read.read_end, str): _moments,
}
