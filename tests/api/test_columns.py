"""A column read at once is exactly what its values are one by one, or is left to them."""

from datetime import UTC
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartbis_admin.api import decode as read
from smartbis_admin.api.columns import read_plain

ZONE = ZoneInfo("America/Sao_Paulo")
PLAIN = {
    read.read_id: [18231, 7],
    read.read_name: ["Ana", "José d'Ávila", ""],
    read.read_text: ["a@example.test", ""],
    read.read_decimal: ["406.16", "-0.5", "12"],
    read.read_cpf: ["52998224725", "27182818396"],
    read.read_phone: ["11988880001", "1133334444"],
    read.read_date: ["2002-10-29", "1985-02-24"],
    read.read_start: ["2026-03-05T17:31:40.000000Z", "2026-03-05T17:31:40+00:00"],
    read.read_end: ["2026-03-05 17:31:40Z"],
}
ODD = {
    read.read_id: [True, "", "a\0b", 10**30, "7"],
    read.read_name: ["a\0b", 7, ["x"]],
    read.read_text: ["a\0b", 7, {}],
    read.read_decimal: ["", "1,50", "1\n2", "1.", ".5", "1e3", " 12 ", "NaN", "1_0", "12\n", 7, "9" * 31],
    read.read_cpf: [
        "",
        "52998224724",
        "529.982.247-25",
        "11111111111",
        "٥٢٩٩٨٢٢٤٧٢٥",
        "5299822472",
        1,
        "529982247255",
    ],
    read.read_phone: ["", "(11) 98888-0001", "11988880001\n11988880002", "0119888800", 11988880001],
    read.read_date: ["", "2002-10-29T10:00:00", "20021029", "2002-13-01", 7],
    read.read_start: ["", "2026-03-05", "2026-03-05T17:31:40-03:00", "2026-03-05 17:31:40", "soon", 7],
    read.read_end: ["2026-03-05", "2026-03-05T17:31:40-03:00", ""],
}


def one_by_one(reader: read.Reader, values: list[Any], *, nullable: bool) -> list[Any] | None:
    try:
        return [None if value is None and nullable else reader(value, ZONE) for value in values]
    except ValueError:
        return None


@pytest.mark.parametrize("reader", PLAIN, ids=lambda reader: reader.__name__)
def test_plain_values_are_read_at_once(reader: read.Reader) -> None:
    for values in (PLAIN[reader], [None, *PLAIN[reader], None]):
        found = read_plain(reader, values, nullable=True)
        assert found is not None
        assert list(found) == one_by_one(reader, values, nullable=True)
    assert read_plain(reader, [None, None], nullable=True) == [None, None]
    assert read_plain(reader, [*PLAIN[reader], None], nullable=False) is None


@pytest.mark.parametrize("reader", PLAIN, ids=lambda reader: reader.__name__)
@given(data=st.data())
def test_never_read_otherwise_than_one_by_one(reader: read.Reader, data: st.DataObject) -> None:
    some = st.sampled_from([*PLAIN[reader], *ODD[reader], None])
    values = data.draw(st.lists(some | st.text(max_size=12), max_size=4))
    try:
        found = read_plain(reader, values, nullable=True)
    except ValueError:
        found = None
    if found is not None:
        assert list(found) == one_by_one(reader, values, nullable=True)
        assert [*map(type, found)] == [*map(type, one_by_one(reader, values, nullable=True) or [])]


def test_moments_read_at_once_are_in_utc() -> None:
    found = read_plain(read.read_start, PLAIN[read.read_start], nullable=True)
    assert found is not None
    assert [moment.tzinfo for moment in found] == [UTC, UTC]
