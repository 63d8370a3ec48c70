"""Keyset paging: the next page starts after the last row seen, so no page costs more than the first
and a row inserted meanwhile shifts nothing.

Knows querysets and nothing of views. Why it is ours: `docs/decisions/0004-keyset-pages.md`.
"""

import base64
import hashlib
import json
from typing import Any, NamedTuple

from cryptography.fernet import Fernet, InvalidToken
from django.conf import settings
from django.core.exceptions import FieldDoesNotExist, ValidationError
from django.db.models import DecimalField, F, FloatField, Model, Q, QuerySet
from django.db.models.constants import LOOKUP_SEP
from django.db.models.expressions import Col, OrderBy

#: Totals are counted up to here; beyond, the screen says "mais de 1.000".
TOTAL_LIMIT = 1000
_KEY = "_keyset_{}"


class Key(NamedTuple):
    """One column of the order."""

    path: str
    descending: bool
    nullable: bool


class Page(NamedTuple):
    """One page of rows; a cursor is None where there is nothing more in that direction."""

    rows: list[Any]
    next: str | None
    previous: str | None


def order_keys(queryset: QuerySet[Any]) -> list[Key]:
    """The queryset's order as keys, ending in the primary key, so that equal rows never swap pages.

    NULLs come last in either direction. Raises ValueError on an order that no cursor can hold: anything
    but columns and exact annotations.
    """
    keys: list[Key] = []
    ordering: Any = queryset.query.order_by or queryset.model._meta.ordering or ()
    for item in ordering:
        inner, descending = (item.expression, item.descending) if isinstance(item, OrderBy) else (item, False)
        name = getattr(inner, "name", inner)
        if not isinstance(name, str) or name.endswith("?"):
            raise ValueError(f"a list can be ordered by columns and annotations, not by {item!r}")
        path = name.lstrip("-").replace(".", LOOKUP_SEP)
        _refuse_inexact(queryset, path)
        keys.append(Key(path, descending ^ name.startswith("-"), _nullable(queryset, path)))
        if path in ("pk", queryset.model._meta.pk.name):
            return keys
    # The same direction as the first key, so that one index serves both.
    return [*keys, Key("pk", bool(keys) and keys[0].descending, False)]


def _refuse_inexact(queryset: QuerySet[Any], path: str) -> None:
    """SQLite computes decimals as floats: a computed one read back is not the value it is compared with."""
    annotation = queryset.query.annotations.get(path)
    field = None if annotation is None or isinstance(annotation, Col) else annotation.output_field
    inexact = isinstance(field, DecimalField | FloatField)
    if inexact:
        raise ValueError(f"a list cannot be ordered by the computed number {path!r}: make it a column")


def _nullable(queryset: QuerySet[Any], path: str) -> bool:
    if path == "pk":
        return False
    model: type[Model] | None = queryset.model
    for part in path.split(LOOKUP_SEP):
        if model is None or part in queryset.query.annotations:
            return True
        try:
            field = model._meta.get_field(part)
        except FieldDoesNotExist:
            return True
        if field.null or (field.is_relation and not field.concrete):
            return True
        model = field.related_model if field.is_relation else None
    return False


def get_page(queryset: QuerySet[Any], *, size: int, after: str | None, before: str | None) -> Page:
    """The `size` rows after (or before) a cursor; page one without a cursor or with one that does not fit.

    Cursors come from an earlier `Page` of the same order. One query, two where the first column may be empty;
    twice that when walking back meets the start or the rows beyond a cursor are gone.
    """
    keys = order_keys(queryset)
    queryset = queryset.annotate(**{_KEY.format(i): F(key.path) for i, key in enumerate(keys)})
    backward = not after and bool(before)
    values = _read_cursor(queryset, keys, after or before)
    if values is not None:
        rows = _fetch(queryset, keys, values, size + 1, backward)
        more = len(rows) > size
        rows = rows[:size]
        if backward and more:
            rows.reverse()
            return Page(rows, _make_cursor(keys, rows[-1]), _make_cursor(keys, rows[0]))
        if rows and not backward:
            return Page(rows, _make_cursor(keys, rows[-1]) if more else None, _make_cursor(keys, rows[0]))
        if backward and len(rows) == size:
            rows.reverse()
            return Page(rows, _make_cursor(keys, rows[-1]), None)
    rows = _fetch(queryset, keys, None, size + 1, False)
    more, rows = len(rows) > size, rows[:size]
    return Page(rows, _make_cursor(keys, rows[-1]) if more else None, None)


def count_up_to_limit(queryset: QuerySet[Any]) -> int:
    """How many rows there are, at most `TOTAL_LIMIT` + 1: cheap at any size."""
    return queryset.order_by()[: TOTAL_LIMIT + 1].count()


def _fetch(
    queryset: QuerySet[Any], keys: list[Key], values: list[Any] | None, limit: int, backward: bool
) -> list[Any]:
    rows: list[Any] = []
    for piece in _pieces(queryset, keys, values, backward):
        # The keys first: they are found in an index alone, and only the rows of this page are read whole.
        # At least one, so that a page costs as many queries whatever it finds.
        rows += piece.filter(pk__in=piece.values("pk")[: max(limit - len(rows), 1)])
    return rows[:limit]


def _pieces(
    queryset: QuerySet[Any], keys: list[Key], values: list[Any] | None, backward: bool
) -> list[QuerySet[Any]]:
    """The rows beyond a cursor, in order. Those without the first value are a piece of their own, because no
    database walks a plain index in an order that says where NULLs go.
    """
    first, *rest = keys
    if not first.nullable:
        return [_ordered(queryset, keys, values, backward)]
    filled = queryset.filter(**{f"{first.path}__isnull": False})
    empty = queryset.filter(**{f"{first.path}__isnull": True})
    if values is None:
        among_filled, among_empty = True, True
    elif values[0] is None:
        among_filled, among_empty = backward, True
    else:
        among_filled, among_empty = True, not backward
    pieces = []
    if among_filled:
        cursor = None if values is None or values[0] is None else values
        pieces.append(_ordered(filled, [first._replace(nullable=False), *rest], cursor, backward))
    if among_empty:
        cursor = values[1:] if values is not None and values[0] is None else None
        pieces.append(_ordered(empty, rest, cursor, backward))
    return pieces[::-1] if backward else pieces


def _ordered(
    queryset: QuerySet[Any], keys: list[Key], values: list[Any] | None, backward: bool
) -> QuerySet[Any]:
    rows = queryset if values is None else queryset.filter(_beyond(keys, values, backward))
    return rows.order_by(*order_of(keys, backward=backward))


def order_of(keys: list[Key], *, backward: bool = False) -> list[OrderBy]:
    """The keys as an `order_by`, NULLs last (first when read backward)."""
    order = []
    for key in keys:
        nulls: dict[str, Any] = {"nulls_first" if backward else "nulls_last": True} if key.nullable else {}
        descending = key.descending ^ backward
        order.append(F(key.path).desc(**nulls) if descending else F(key.path).asc(**nulls))
    return order


def _beyond(keys: list[Key], values: list[Any], backward: bool) -> Q:
    """Rows strictly after (before) the one with these values."""
    beyond = Q(pk__in=[])
    equal = Q()
    for key, value in zip(keys, values, strict=True):
        if value is None:
            # NULLs are last: nothing follows, every value precedes.
            step = Q(**{f"{key.path}__isnull": False}) if backward else Q(pk__in=[])
            same = Q(**{f"{key.path}__isnull": True})
        else:
            step = Q(**{f"{key.path}__{'lt' if key.descending ^ backward else 'gt'}": value})
            if key.nullable and not backward:
                step |= Q(**{f"{key.path}__isnull": True})
            same = Q(**{key.path: value})
        beyond |= equal & step
        equal &= same
    first, value = keys[0], values[0]
    if value is not None and not first.nullable:
        # Says nothing new, but lets the database enter the index at the right place.
        beyond &= Q(**{f"{first.path}__{'lte' if first.descending ^ backward else 'gte'}": value})
    return beyond


def _fernet() -> Fernet:
    secret = hashlib.sha256(b"smartbis_admin.ui.paging" + settings.SECRET_KEY.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(secret))


def _signature(keys: list[Key]) -> str:
    return ",".join(f"{'-' if key.descending else ''}{key.path}" for key in keys)


def _make_cursor(keys: list[Key], row: Any) -> str:
    """Encrypted, because it holds names and the like, and addresses end up in logs."""
    values = [getattr(row, _KEY.format(i)) for i in range(len(keys))]
    texts = [
        None if value is None else value.isoformat() if hasattr(value, "isoformat") else str(value)
        for value in values
    ]
    return _fernet().encrypt(json.dumps([_signature(keys), texts]).encode()).decode().rstrip("=")


def _read_cursor(queryset: QuerySet[Any], keys: list[Key], cursor: str | None) -> list[Any] | None:
    """The values in a cursor, or None when it is missing, mangled or made for another order."""
    if not cursor:
        return None
    try:
        signature, texts = json.loads(_fernet().decrypt(cursor + "=" * (-len(cursor) % 4)))
        if signature != _signature(keys):
            return None
        fields = [queryset.query.annotations[_KEY.format(i)].output_field for i in range(len(keys))]
        return [
            None if text is None else field.to_python(text) for field, text in zip(fields, texts, strict=True)
        ]
    except (InvalidToken, ValidationError, ValueError):
        return None
