"""Query arguments of Smile's lists, read strictly: a value that makes no sense is a bad request.

Unknown query keys are ignored. Source: contract smile-v1 §2 and §3.
"""

import re
from collections.abc import Collection
from datetime import UTC, datetime, timedelta

from django.http import HttpRequest

from sandbox.bodies import Bad
from sandbox.smile.paging import BIGGEST_PAGE, DEFAULT_PAGE
from sandbox.smile.refusals import Refused

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_TIME = re.compile(r"\d{4}-\d\d-\d\d([T ]\d\d:\d\d(:\d\d(\.\d{1,6})?)?(Z|[+-]\d\d:?\d\d)?)?", re.ASCII)


def milliseconds(value: object) -> int:
    """Reader of an ISO 8601 time, without a zone in UTC; gives milliseconds."""
    if not isinstance(value, str) or not _TIME.fullmatch(value):
        raise Bad("time")
    try:
        moment = datetime.fromisoformat(value)
    except ValueError:
        raise Bad("time") from None
    aware = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return (aware - _EPOCH) // timedelta(milliseconds=1)


class Query:
    """Reads the arguments of one request."""

    def __init__(self, request: HttpRequest) -> None:
        self._given = request.GET

    def has(self, name: str) -> bool:
        """Whether an argument was sent."""
        return name in self._given

    def text(self, name: str) -> str | None:
        """A text; empty counts as not sent."""
        return self._given.get(name) or None

    def word(self, name: str, words: Collection[str]) -> str | None:
        """One of some words."""
        value = self.text(name)
        if value is not None and value not in words:
            raise Refused(f"{name} must be one of {', '.join(words)}.", 400)
        return value

    def words(self, name: str, allowed: Collection[str]) -> frozenset[str]:
        """Any of some words, comma-separated."""
        given = frozenset(word for word in self._given.get(name, "").split(",") if word)
        if given - frozenset(allowed):
            raise Refused(f"{name} must be made of {', '.join(allowed)}.", 400)
        return given

    def number(self, name: str, *, default: int, most: int) -> int:
        """A whole number from 1."""
        value = self._given.get(name)
        if value is None:
            return default
        if not (value.isascii() and value.isdigit() and len(value) <= 9 and 1 <= int(value) <= most):
            raise Refused(f"{name} must be between 1 and {most}.", 400)
        return int(value)

    def size(self, name: str) -> int:
        """How many rows a page has."""
        return self.number(name, default=DEFAULT_PAGE, most=BIGGEST_PAGE)

    def id(self, name: str) -> str | None:
        """An id."""
        value = self.text(name)
        if value is not None and not (value.isascii() and value.isdigit()):
            raise Refused(f"{name} must be an integer.", 400)
        return value

    def time(self, name: str) -> int | None:
        """A time, in milliseconds."""
        value = self.text(name)
        try:
            return None if value is None else milliseconds(value)
        except Bad:
            raise Refused(f"{name} must be an ISO 8601 time.", 400) from None
