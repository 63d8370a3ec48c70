"""Pages of Smile's lists: cursors over the key, newest first, and the older numbered pages.

A cursor page seeks straight to its place, however long the list. Numbered pages skip rows; the lists that have
them are short or their numbering is deprecated. Source: contract smile-v1 §2.
"""

import base64
import binascii
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

from sandbox.keys import SPAN
from sandbox.smile.refusals import Refused

BIGGEST_PAGE = 250
DEFAULT_PAGE = 50
_CURSOR = re.compile(r"id:(\d{1,12}),direction:(next|previous)", re.ASCII)


@dataclass(frozen=True)
class Page:
    """One page by cursor: its rows and the cursors beside it."""

    rows: Sequence[Any]
    next_cursor: str | None
    previous_cursor: str | None


def cursor_page(rows: QuerySet[Any], *, account: int, limit: int, cursor: str | None) -> Page:
    """`limit` rows of an account's list from where `cursor` points, newest first."""
    number, direction = _read(cursor) if cursor else (SPAN, "next")
    base = account * SPAN
    if direction == "next":
        found = list(rows.filter(pk__gt=base, pk__lt=base + number).order_by("-pk")[: limit + 1])
        older, newer = len(found) > limit, bool(cursor)
        found = found[:limit]
    else:
        found = list(rows.filter(pk__gt=base + number, pk__lt=base + SPAN).order_by("pk")[: limit + 1])
        older, newer = True, len(found) > limit
        found = found[:limit][::-1]
    return Page(
        found,
        _written(found[-1].pk - base, "next") if older and found else None,
        _written(found[0].pk - base, "previous") if newer and found else None,
    )


def numbered_page(rows: QuerySet[Any], *, account: int, number: int, size: int) -> list[Any]:
    """The rows of page `number`, oldest first; past the end none."""
    base = account * SPAN
    start = (number - 1) * size
    return list(rows.filter(pk__gt=base, pk__lt=base + SPAN).order_by("pk")[start : start + size])


def _written(number: int, direction: str) -> str:
    return base64.b64encode(f"id:{number},direction:{direction}".encode()).decode()


def _read(cursor: str) -> tuple[int, str]:
    try:
        match = _CURSOR.fullmatch(base64.b64decode(cursor, validate=True).decode("ascii"))
    except (binascii.Error, ValueError):
        match = None
    if match is None:
        raise Refused("cursor is invalid.", 400)
    return int(match[1]), match[2]
