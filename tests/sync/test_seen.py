"""The map of seen rows is a set of whole numbers, also after it was kept and read again."""

from hypothesis import given
from hypothesis import strategies as st

from smartbis_admin.sync.engine.seen import SeenRows

KEYS = st.lists(st.lists(st.integers(1, 5000)))


@given(KEYS)
def test_it_is_a_set(pages: list[list[int]]) -> None:
    seen, known = SeenRows(), set()
    for page in pages:
        assert seen.add(page) == len(set(page) - known)
        known |= set(page)
        seen = SeenRows(seen.pack())
    assert [key for key in range(5010) if key in seen] == sorted(known)
    for last in (0, 1, 7, 8, 2500, 6000):
        assert seen.count_to(last) == sum(key <= last for key in known)


def test_a_million_rows_are_small() -> None:
    seen = SeenRows()
    assert sum(seen.add(range(start, start + 250)) for start in range(1, 1_000_000, 250)) == 1_000_000
    assert seen.size < 150_000
    assert len(seen.pack()) < 2_000
    assert (1_000_000 in seen, 1_000_001 in seen, 10**9 in seen) == (True, False, False)
