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
    """One page by cursor: its rows, and whether there are newer and older ones."""

    listed: QuerySet[Any]
    limit: int
    rows: Sequence[Any]
    newer: bool
    older: bool

    @property
    def next_cursor(self) -> str | None:
        """Where the older rows begin."""
        return _written(self.rows[-1].pk % SPAN, "next") if self.older and self.rows else None

    @property
    def previous_cursor(self) -> str | None:
        """Where the newer rows begin."""
        return _written(self.rows[0].pk % SPAN, "previous") if self.newer and self.rows else None

    def before(self) -> Sequence[Any]:
        """The rows of the page before this one; the first page's own."""
        if not (self.newer and self.rows):
            return self.rows
        return list(self.listed.filter(pk__gt=self.rows[0].pk).order_by("pk")[: self.limit])[::-1]


def cursor_page(rows: QuerySet[Any], *, account: int, limit: int, cursor: str | None) -> Page:
    """`limit` rows of an account's list from where `cursor` points, newest first."""
    number, direction = _read(cursor) if cursor else (SPAN, "next")
    base = account * SPAN
    listed = rows.filter(pk__gt=base, pk__lt=base + SPAN)
    if direction == "next":
        found = list(listed.filter(pk__lt=base + number).order_by("-pk")[: limit + 1])
        return Page(listed, limit, found[:limit], newer=bool(cursor), older=len(found) > limit)
    found = list(listed.filter(pk__gt=base + number).order_by("pk")[: limit + 1])
    return Page(listed, limit, found[:limit][::-1], newer=len(found) > limit, older=True)


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
