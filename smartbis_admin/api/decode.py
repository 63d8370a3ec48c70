"""Tolerant readers of single values, shared by all vendors: text in, our types out.

Each takes a decoded JSON value and the account's time zone, and returns our value or raises
`Unreadable` with one word (the row is lost: a wrong kind of value means the shape is not the one we
know), or `Doubtful` (the value is left out and the row is kept: dirty data in a shape we know).
It must not know any vendor's names. No error repeats the value. Source: `contracts/README.md` §3.2.
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime, time
from decimal import Decimal
from enum import StrEnum
from typing import Any
from zoneinfo import ZoneInfo

import msgspec

from smartbis_admin.api.brazil import normalise_cpf, normalise_phone

Reader = Callable[[Any, ZoneInfo], Any]

#: Decodes one JSON value with every number exact: integers as int, the others as Decimal from their text.
VALUE = msgspec.json.Decoder(float_hook=Decimal)

#: What decoding a value may raise: not JSON, not UTF-8, a number beyond Decimal, nesting without end.
NOT_JSON = (ValueError, ArithmeticError, RecursionError)

#: What most amounts look like; no longer one can be out of range.
_AMOUNT = re.compile(r"-?[0-9]{1,15}(?:\.[0-9]{1,8})?")
_PLAIN = re.compile(r"[+-]?[0-9]{1,30}(?:\.[0-9]{1,30})?(?:[eE][+-]?[0-9]{1,2})?")
_COMMA_MARK = re.compile(r"[+-]?(?:[0-9]{1,30}|[0-9]{1,3}(?:\.[0-9]{3})+),[0-9]{1,30}")
_COMMA_GROUPS = re.compile(r"[+-]?[0-9]{1,3}(?:,[0-9]{3})+\.[0-9]{1,30}")
_MAX_MAGNITUDE = 30
_DATE_LENGTH = len("2026-05-30")
_LAST_SECOND = time(23, 59, 59)


class Unreadable(ValueError):
    """The value is not of a kind we can read; `str()` is one word."""


class Doubtful(ValueError):
    """The value is of the right kind, but cannot be right; `str()` is one word."""


class UnknownWord(ValueError):
    """A status word that no alias names. It is kept as text and treated as not usable."""

    def __init__(self, word: str, meaning: StrEnum) -> None:
        super().__init__("unknown_word")
        self.word = word
        self.meaning = meaning


def read_text(value: Any, zone: ZoneInfo) -> str:
    """Text as it stands, without NUL characters, which no database column takes."""
    if not isinstance(value, str):
        raise Unreadable("not_text")
    return value.replace("\x00", "") if "\x00" in value else value


def read_name(value: Any, zone: ZoneInfo) -> str:
    """A name that must be there; an explicit null is doubtful rather than a reason to lose the row."""
    if value is None:
        raise Doubtful("null")
    return read_text(value, zone)


def read_id(value: Any, zone: ZoneInfo) -> str:
    """An id as text, whether the vendor writes a number or text."""
    if isinstance(value, str):
        if value and "\x00" not in value:
            return value
    elif isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise Unreadable("not_an_id")


def read_decimal(value: Any, zone: ZoneInfo) -> Decimal | None:
    """An exact decimal from a number or a text; empty text is nothing.

    A comma is the decimal mark only if no dot follows it; otherwise it groups thousands.
    """
    if isinstance(value, str):
        if _AMOUNT.fullmatch(value):
            return Decimal(value)
        if not value.strip():
            return None
        value = Decimal(value if _PLAIN.fullmatch(value) else _without_marks(value.strip()))
    elif isinstance(value, int) and not isinstance(value, bool):
        value = Decimal(value)
    if not isinstance(value, Decimal) or not value.is_finite():
        raise Unreadable("not_a_number")
    if value and abs(value.adjusted()) > _MAX_MAGNITUDE:
        raise Unreadable("number_out_of_range")
    return value


def _without_marks(text: str) -> str:
    if _PLAIN.fullmatch(text):
        return text
    if _COMMA_MARK.fullmatch(text):
        return text.replace(".", "").replace(",", ".")
    if _COMMA_GROUPS.fullmatch(text):
        return text.replace(",", "")
    raise Unreadable("not_a_number")


def read_count(value: Any, zone: ZoneInfo) -> int | None:
    """A whole number."""
    number = read_decimal(value, zone)
    if number is None:
        return None
    if number != number.to_integral_value():
        raise Unreadable("not_a_whole_number")
    return int(number)


def read_start(value: Any, zone: ZoneInfo) -> datetime | None:
    """A moment in UTC; without an offset it is in `zone`; a date alone is its first second there."""
    return _moment(value, zone, time.min)


def read_end(value: Any, zone: ZoneInfo) -> datetime | None:
    """Like `read_start`, but a date alone is its last second (23:59:59)."""
    return _moment(value, zone, _LAST_SECOND)


def _moment(value: Any, zone: ZoneInfo, of_day: time) -> datetime | None:
    if not isinstance(value, str):
        raise Unreadable("not_a_time")
    if not value:
        return None
    try:
        if len(value) == _DATE_LENGTH:
            moment = datetime.combine(date.fromisoformat(value), of_day)
        else:
            moment = datetime.fromisoformat(value)
        if moment.tzinfo is UTC:
            return moment
        return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise Unreadable("not_a_time") from None


def read_date(value: Any, zone: ZoneInfo) -> date | None:
    """A calendar date; a time behind it is dropped as it is written, without moving it between zones."""
    if not isinstance(value, str):
        raise Unreadable("not_a_date")
    if not value:
        return None
    try:
        if len(value) == _DATE_LENGTH:
            return date.fromisoformat(value)
        return datetime.fromisoformat(value).date()
    except ValueError:
        raise Unreadable("not_a_date") from None


def _checked(value: Any, normalise: Callable[[str], str | None], doubt: str) -> str | None:
    """Text, also from a number, in its normal form; None where it is empty."""
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        raise Unreadable("not_text")
    if not value:
        return None
    normal = normalise(value)
    if normal is None:
        raise Doubtful(doubt)
    return normal


def read_cpf(value: Any, zone: ZoneInfo) -> str | None:
    """11 digits with check digits that fit, from text with or without punctuation, or from a number."""
    return _checked(value, normalise_cpf, "invalid_cpf")


def read_phone(value: Any, zone: ZoneInfo) -> str | None:
    """A phone in E.164."""
    return _checked(value, normalise_phone, "invalid_phone")


def read_named(value: Any, zone: ZoneInfo) -> str | None:
    """The display name of something that is either text or an object with a `name`."""
    if isinstance(value, dict):
        value = value.get("name")
        if value is None:
            return None
    return read_text(value, zone)


def word_reader(words: Mapping[str, StrEnum], unknown: StrEnum) -> Reader:
    """A reader of status words through an alias table, without regard to case."""

    def read_word(value: Any, zone: ZoneInfo) -> StrEnum:
        if value is None:
            raise Doubtful("null")
        if not isinstance(value, str):
            raise Unreadable("not_a_word")
        meaning = words.get(value) or words.get(value.strip().lower())
        if meaning is None:
            raise UnknownWord(value[:80], unknown)
        return meaning

    return read_word
