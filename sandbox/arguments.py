"""Arguments of the acts, as people write them: money and points as text or number, times as RFC 3339 or a
day.

Looser than the wire on purpose, since a test or a person writes them, but unknown names and nonsense are
refused.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal, InvalidOperation
from typing import Any, Self

from sandbox.times import ZONE
from sandbox.vendors import ActRefused

MISSING = object()


class Arguments:
    """Reads arguments one by one and, as a context manager, refuses those nobody asked for."""

    def __init__(self, given: Mapping[str, Any]) -> None:
        self._given = dict(given)
        self._read: set[str] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: Any, *_: object) -> None:
        unknown = sorted(self._given.keys() - self._read)
        if kind is None and unknown:
            raise ActRefused(f"unknown arguments: {', '.join(unknown)}")

    def has(self, name: str) -> bool:
        """Whether an argument was given, null included."""
        return name in self._given

    def raw(self, name: str, default: Any = MISSING) -> Any:
        """An argument as it came; without a default it is required."""
        self._read.add(name)
        value = self._given.get(name, default)
        if value is MISSING:
            raise ActRefused(f"argument {name} is missing")
        return value

    def text(self, name: str, default: Any = MISSING) -> Any:
        """A text or null; an id may come as a number."""
        value = self.raw(name, default)
        return (
            str(value)
            if isinstance(value, int) and not isinstance(value, bool)
            else self.checked(name, value, str)
        )

    def word(self, name: str, words: tuple[str, ...], default: Any = MISSING) -> str:
        """One of these words."""
        word: str = self.text(name, default)
        if word not in words:
            raise ActRefused(f"{name} must be one of {', '.join(words)}")
        return word

    def integer(self, name: str, default: Any = MISSING) -> Any:
        """A whole number or null."""
        return self.checked(name, self.raw(name, default), int)

    def boolean(self, name: str, default: Any = MISSING) -> Any:
        """True or false."""
        return self.checked(name, self.raw(name, default), bool)

    def moment(self, name: str, default: Any = MISSING) -> Any:
        """RFC 3339, or a day (its local midnight), or null; gives seconds since the epoch."""
        value = self.raw(name, default)
        if not isinstance(value, str):
            return self.checked(name, value, int)
        parsed = self.datetime_of(name, value)
        return int(parsed.timestamp())

    def datetime_of(self, name: str, value: str) -> datetime:
        """An RFC 3339 time, or a day at its local midnight, as an aware datetime."""
        try:
            if len(value) == 10:
                return datetime.combine(date.fromisoformat(value), time(), ZONE)
            parsed = datetime.fromisoformat(value)
        except ValueError:
            raise ActRefused(f"argument {name} is no RFC 3339 time") from None
        return parsed if parsed.tzinfo else parsed.replace(tzinfo=UTC)

    def scaled(self, name: str, default: Any, scale: int) -> Any:
        """A decimal number times `scale`, which must make it whole; a default is in stored units already."""
        value = self.raw(name, default)
        if value is None or not self.has(name):
            return value
        try:
            scaled = Decimal(str(value)) * scale
        except InvalidOperation:
            raise ActRefused(f"argument {name} is no number") from None
        if isinstance(value, bool) or not scaled.is_finite() or scaled != scaled.to_integral_value():
            raise ActRefused(f"argument {name} has too many decimals or is no number")
        return int(scaled)

    @staticmethod
    def checked(name: str, value: Any, kind: type) -> Any:
        """The value, when it is null or of the type asked for."""
        if value is None or (isinstance(value, kind) and (kind is bool or not isinstance(value, bool))):
            return value
        raise ActRefused(f"argument {name} must be of type {kind.__name__}")
