"""Numbers, times and dates from text: exact, or refused with one word."""

import contextlib
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartbis_admin.api.decode import (
    VALUE,
    Unreadable,
    read_count,
    read_date,
    read_decimal,
    read_end,
    read_id,
    read_start,
)
from tests.api.support import SAO_PAULO


def number(json_text: str) -> Decimal | None:
    return read_decimal(VALUE.decode(json_text), SAO_PAULO)


# Built from text: a float would already have lost what is being looked for.
EXACT = [
    "0.1",
    "1e2",
    "1E+2",
    "12345678901234567.89",
    "129.90",
    "-0.05",
    "0",
    "7",
    "1e-7",
    "0.30000000000000004",
]


@pytest.mark.parametrize("text", EXACT)
@pytest.mark.parametrize("form", ["{}", '"{}"'])
def test_number_and_text_are_the_same_exact_decimal(text: str, form: str) -> None:
    assert number(form.format(text)) == Decimal(text)


def test_float_would_have_lost_it() -> None:
    assert number("12345678901234567.89") != Decimal(float("12345678901234567.89"))
    assert str(number("12345678901234567.89")) == "12345678901234567.89"


@given(st.decimals(allow_nan=False, allow_infinity=False, min_value=-(10**20), max_value=10**20, places=6))
def test_every_decimal_survives(value: Decimal) -> None:
    text = format(value, "f")
    assert number(text) == value
    assert number(f'"{text}"') == value
    assert number('"' + text.replace(".", ",") + '"') == value


@given(st.integers(0, 10**15), st.integers(0, 99))
def test_marks_of_thousands(whole: int, cents: int) -> None:
    expected = Decimal(f"{whole}.{cents:02d}")
    brazilian = f"{whole:,}".replace(",", ".") + f",{cents:02d}"
    assert number(f'"{brazilian}"') == expected
    if whole >= 1000:
        assert number(f'"{whole:,}.{cents:02d}"') == expected


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1,5", "1.5"),
        ("1.234,56", "1234.56"),
        ("1,234.56", "1234.56"),
        # No dot follows: the comma is the decimal mark, however it looks.
        ("1,234", "1.234"),
        (" 6.50 ", "6.50"),
        ("+3", "3"),
        ("-1.234,5", "-1234.5"),
    ],
)
def test_comma_rule(text: str, value: str) -> None:
    assert number(f'"{text}"') == Decimal(value)


@pytest.mark.parametrize(
    "json_text",
    [
        '"1,2,3"', '"1.2.3"', '"12,34.5"', '"1.23,4"', '"R$ 1"', '"NaN"', '"Infinity"', '"1_000"', '"٣"',
        '"--1"',
        "true", "false", "[]", "{}", '"1e999"', "1e31", '"1e31"', "1e-40", '"."', '","', '"1."', '".5"',
    ],
)  # fmt: skip
def test_not_a_number(json_text: str) -> None:
    with pytest.raises(Unreadable):
        number(json_text)


def test_empty_text_is_nothing() -> None:
    assert number('""') is None
    assert read_count("", SAO_PAULO) is None
    assert read_start("", SAO_PAULO) is None
    assert read_date("", SAO_PAULO) is None


@pytest.mark.parametrize(("value", "count"), [(25, 25), ("25", 25), (Decimal("25.0"), 25), (0, 0), (-3, -3)])
def test_count(value: Any, count: int) -> None:
    assert read_count(value, SAO_PAULO) == count


@pytest.mark.parametrize("value", [Decimal("2.5"), "2.5", True, None, "muitos"])
def test_not_a_count(value: Any) -> None:
    with pytest.raises(Unreadable):
        read_count(value, SAO_PAULO)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (18231, "18231"),
        ("18231", "18231"),
        ("0042", "0042"),
        (10**30, "1" + "0" * 30),
        (0, "0"),
        (" a", " a"),
    ],
)
def test_id_is_text_unchanged(value: Any, text: str) -> None:
    assert read_id(value, SAO_PAULO) == text


# --- Times ------------------------------------------------------------------------------------------
AT = datetime(2026, 3, 1, 14, 5, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "2026-03-01T14:05:09.000000Z",
        "2026-03-01T14:05:09Z",
        "2026-03-01T11:05:09-03:00",
        "2026-03-01T11:05:09-0300",
        "2026-03-01 11:05:09",
        "2026-03-01T11:05:09",
        "2026-03-01T16:05:09+02:00",
    ],
)
def test_time(text: str) -> None:
    for read in (read_start, read_end):
        moment = read(text, SAO_PAULO)
        assert moment == AT
        assert moment is not None
        assert moment.tzinfo is UTC


def test_date_alone_is_first_or_last_second_of_the_accounts_day() -> None:
    assert read_start("2026-05-30", SAO_PAULO) == datetime(2026, 5, 30, 3, 0, tzinfo=UTC)
    assert read_end("2026-05-30", SAO_PAULO) == datetime(2026, 5, 31, 2, 59, 59, tzinfo=UTC)
    assert read_end("2026-05-30", ZoneInfo("UTC")) == datetime(2026, 5, 30, 23, 59, 59, tzinfo=UTC)


@given(
    st.integers(86_400, 4_102_444_800).map(lambda seconds: datetime.fromtimestamp(seconds, UTC)),
    st.integers(-14 * 60, 14 * 60),
)
def test_any_offset_is_the_same_moment(moment: datetime, minutes: int) -> None:
    elsewhere = moment.astimezone(timezone(timedelta(minutes=minutes)))
    assert read_start(elsewhere.isoformat(), SAO_PAULO) == moment
    assert read_start(moment.replace(tzinfo=None).isoformat() + "Z", SAO_PAULO) == moment


@given(st.dates(date(1900, 1, 1), date(2100, 1, 1)))
def test_day_has_its_start_before_its_end(day: date) -> None:
    start, end = read_start(day.isoformat(), SAO_PAULO), read_end(day.isoformat(), SAO_PAULO)
    assert start is not None
    assert end is not None
    assert timedelta(hours=22) < end - start < timedelta(hours=26)
    assert end.astimezone(SAO_PAULO).date() == day
    assert read_date(day.isoformat(), SAO_PAULO) == day


def test_date_with_a_time_is_not_moved_between_zones() -> None:
    assert read_date("1990-05-17T00:00:00.000000Z", SAO_PAULO) == date(1990, 5, 17)
    assert read_date("1990-05-17 00:00:00", SAO_PAULO) == date(1990, 5, 17)


@pytest.mark.parametrize(
    "value",
    ["ontem", "2026-13-01", "2026-02-30", "0000-00-00 00:00:00", "0001-01-01T00:00:00+14:00", 5, None, {}],
)
def test_not_a_time(value: Any) -> None:
    for read in (read_start, read_end):
        with pytest.raises(Unreadable):
            read(value, SAO_PAULO)


@given(st.text(max_size=40))
def test_any_text_is_read_or_refused_with_one_word(text: str) -> None:
    for read in (read_decimal, read_start, read_end, read_date, read_count):
        with contextlib.suppress(Unreadable):
            read(text, SAO_PAULO)
