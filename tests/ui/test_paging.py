"""Walking all pages, forward and back, is exactly the ordered set: with NULLs, ties and late rows."""

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.db.models import DecimalField, ExpressionWrapper, F, QuerySet, Value
from django.db.models.functions import Length
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.django import TestCase

from smartbis_admin.staff.models import AuditEvent, User
from smartbis_admin.ui.paging import count_up_to_limit, get_page, order_keys, order_of

START = datetime(2026, 1, 1, 12, 0, 0, 123456, tzinfo=UTC)
ORDERS = [
    ("last_login",),
    ("-last_login",),
    ("first_name",),
    ("-first_name", "last_login"),
    ("first_name", "-last_login", "is_active"),
    ("-is_active", "-pk"),
    ("length",),
    ("-length", "first_name"),
    (F("last_login").desc(),),
    (),
]


def make_people(rows: list[tuple[int | None, str, bool]]) -> None:
    User.objects.bulk_create(
        User(
            email=f"p{i}@people.test",
            last_login=None if minutes is None else START + timedelta(minutes=minutes),
            first_name=name,
            is_active=active,
        )
        for i, (minutes, name, active) in enumerate(rows)
    )


def everybody(order: tuple[Any, ...]) -> QuerySet[User]:
    return User.objects.annotate(length=Length("first_name")).order_by(*order)


def expected(queryset: QuerySet[User]) -> list[int]:
    """The whole order in Python: NULLs last in both directions, the primary key last of all."""
    rows = list(queryset)
    for key in reversed(order_keys(queryset)):
        present = [row for row in rows if getattr(row, key.path) is not None]
        present.sort(key=lambda row: getattr(row, key.path), reverse=key.descending)
        rows = present + [row for row in rows if getattr(row, key.path) is None]
    return [row.pk for row in rows]


def walk(queryset: QuerySet[User], size: int) -> tuple[list[list[int]], str | None]:
    """All pages from the first on, and the cursor that leads back from the last."""
    pages, after = [], None
    while len(pages) <= queryset.count():  # a walk that does not end is wrong, too
        page = get_page(queryset, size=size, after=after, before=None)
        pages.append([row.pk for row in page.rows])
        if page.next is None:
            return pages, page.previous
        after = page.next
    raise AssertionError("the walk does not end")


def walk_back(queryset: QuerySet[User], size: int, before: str | None) -> list[list[int]]:
    """All pages before a cursor, put in reading order."""
    pages: list[list[int]] = []
    while before is not None:
        page = get_page(queryset, size=size, after=None, before=before)
        pages.insert(0, [row.pk for row in page.rows])
        before = page.previous
    return pages


rows_of_people = st.lists(
    st.tuples(
        st.none() | st.integers(0, 3), st.sampled_from(["", "Ana", "ana", "Élida", "Zé"]), st.booleans()
    ),
    max_size=14,
)


class WalkTest(TestCase):
    @given(rows=rows_of_people, order=st.sampled_from(ORDERS), size=st.integers(1, 5))
    def test_forward_and_back_is_the_ordered_set(
        self, rows: list[tuple[int | None, str, bool]], order: tuple[Any, ...], size: int
    ) -> None:
        make_people(rows)
        people = everybody(order)
        pages, before = walk(people, size)
        ids = [pk for page in pages for pk in page]
        in_database = list(people.order_by(*order_of(order_keys(people))).values_list("pk", flat=True))
        assert ids == in_database
        if not any(
            "first_name" in str(item) for item in order
        ):  # the database's own alphabet decides that one
            assert ids == expected(people)
        assert [len(page) for page in pages[:-1]] == [size] * (len(pages) - 1)
        assert walk_back(people, size, before) == pages[:-1]

    @given(rows=rows_of_people, order=st.sampled_from(ORDERS), seen=st.integers(1, 3))
    def test_rows_that_come_meanwhile_shift_nothing(
        self, rows: list[tuple[int | None, str, bool]], order: tuple[Any, ...], seen: int
    ) -> None:
        make_people(rows)
        people = everybody(order)
        before = set(people.values_list("pk", flat=True))
        first = get_page(people, size=seen, after=None, before=None)
        User.objects.create(email="aaa@people.test", first_name="", last_login=START - timedelta(days=1))
        User.objects.create(email="zzz@people.test", first_name="Zz", last_login=None, is_active=False)
        ids = [row.pk for row in first.rows]
        after = first.next
        while after is not None:
            page = get_page(people, size=seen, after=after, before=None)
            ids += [row.pk for row in page.rows]
            after = page.next
        assert len(ids) == len(set(ids))
        assert before <= set(ids) or first.next is None


@pytest.fixture
def three(db: None) -> QuerySet[User]:
    make_people([(1, "Ana", True), (2, "Bia", True), (3, "Caio", True)])
    return everybody(("first_name",))


def names(page: Any) -> list[str]:
    return [row.first_name for row in page.rows]


@pytest.mark.parametrize("cursor", ["x", "ção", "gAAAAA", "A" * 200, "=" * 9, "\x00"])
def test_a_mangled_cursor_gives_page_one(three: QuerySet[User], cursor: str) -> None:
    assert names(get_page(three, size=2, after=cursor, before=None)) == ["Ana", "Bia"]
    assert names(get_page(three, size=2, after=None, before=cursor)) == ["Ana", "Bia"]


def test_a_cursor_of_another_order_gives_page_one(three: QuerySet[User]) -> None:
    cursor = get_page(three, size=1, after=None, before=None).next
    other = everybody(("-first_name",))
    assert names(get_page(other, size=2, after=cursor, before=None)) == ["Caio", "Bia"]


def test_a_cursor_tells_nothing(three: QuerySet[User]) -> None:
    cursor = get_page(three, size=1, after=None, before=None).next
    assert cursor is not None
    assert "Ana" not in cursor
    assert cursor.replace("-", "").replace("_", "").isalnum()


def test_a_page_whose_rows_are_gone_gives_page_one(three: QuerySet[User]) -> None:
    cursor = get_page(three, size=2, after=None, before=None).next
    User.objects.filter(first_name="Caio").delete()
    assert names(get_page(three, size=2, after=cursor, before=None)) == ["Ana", "Bia"]


def test_walking_back_to_a_short_start_shows_a_full_page_one(three: QuerySet[User]) -> None:
    second = get_page(three, size=1, after=get_page(three, size=1, after=None, before=None).next, before=None)
    assert names(second) == ["Bia"]
    back = get_page(three, size=2, after=None, before=second.previous)
    assert (names(back), back.previous) == (["Ana", "Bia"], None)


def test_each_page_is_one_query_without_offset_or_count(three: QuerySet[User]) -> None:
    cursor = get_page(three, size=1, after=None, before=None).next
    with CaptureQueriesContext(
        connection,
    ) as queries:
        get_page(three, size=1, after=cursor, before=None)
    assert len(queries) == 1
    sql = queries[0]["sql"].upper()
    assert "OFFSET" not in sql
    assert "COUNT(" not in sql


def test_the_order_follows_relations(db: None) -> None:
    make_people([(1, "Bia", True), (2, "Ana", True)])
    bia, ana = User.objects.order_by("pk")
    events = [AuditEvent.objects.create(actor=who, action="x") for who in (bia, None, ana, None)]
    pages, _ = walk(AuditEvent.objects.order_by("-actor__first_name"), 1)  # type: ignore[arg-type]
    assert [page[0] for page in pages] == [events[0].pk, events[2].pk, events[3].pk, events[1].pk]


def test_an_order_that_no_cursor_can_hold_is_refused(db: None) -> None:
    with pytest.raises(ValueError, match="columns and annotations"):
        order_keys(User.objects.order_by("?"))
    inexact = ExpressionWrapper(F("pk") * Value(Decimal("1.1")), output_field=DecimalField())
    with pytest.raises(ValueError, match="computed number 'balance'"):
        order_keys(User.objects.annotate(balance=inexact).order_by("-balance"))


def test_count_stops_at_the_limit(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    make_people([(None, "Ana", True)] * 5)
    assert count_up_to_limit(User.objects.all()) == 5
    monkeypatch.setattr("smartbis_admin.ui.paging.TOTAL_LIMIT", 3)
    assert count_up_to_limit(User.objects.all()) == 4
