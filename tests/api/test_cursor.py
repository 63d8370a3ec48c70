"""Lists chained by cursors, whole lists and classic pages: how a walk goes on, and what counts as its end."""

from collections.abc import Sequence
from typing import Any

import pytest

from smartbis_admin.api.capabilities import Resource
from smartbis_admin.api.errors import Malformed, Refused
from smartbis_admin.api.walk import WalkOutcome, WalkState, iterate
from tests.api.points_support import Bench, bench
from tests.api.support import Answer, reply, scripted

COMPLETE, INCOMPLETE = WalkOutcome.COMPLETE, WalkOutcome.INCOMPLETE
BAD_CURSOR = reply(400, {"error": {"message": "Invalid cursor."}})
UNSAID = object()


def page(*ids: int, following: Any = UNSAID) -> Answer:
    rows = [{"id": number, "customer_id": 1} for number in ids]
    body: dict[str, Any] = {"points_transactions": rows}
    if following is not UNSAID:
        body["metadata"] = {"next_cursor": following, "previous_cursor": None}
    return reply(200, body)


def walked(it: Bench, per_page: int = 2, state: WalkState | None = None) -> tuple[Any, list[str]]:
    walk = it.client.walk(Resource.POINTS_TRANSACTIONS, per_page=per_page, state=state)
    ids = [record.remote_id for rows in iterate(walk) for record in rows.records]
    return walk, ids


def cursors(lines: Sequence[str]) -> list[str]:
    return [line.partition("cursor=")[2].partition(" ")[0].partition("&")[0] for line in lines]


@pytest.mark.parametrize("end", [None, ""])
@pytest.mark.parametrize("last", [(5,), (5, 4), ()])
def test_an_empty_cursor_is_the_end(last: tuple[int, ...], end: str | None) -> None:
    script = [page(9, 8, following="b=="), page(7, 6, following="c"), page(*last, following=end)]
    with scripted(*script) as server, bench("smile", server.url) as it:
        walk, ids = walked(it)
        assert (walk.outcome, walk.reason) == (COMPLETE, "")
        assert ids == ["9", "8", "7", "6", *map(str, last)]
        assert cursors([request.line for request in server.requests]) == ["", "b%3D%3D", "c"]
        assert walk.state.rows == len(ids)


ENDS: dict[str, tuple[list[Answer], str, int]] = {
    "unsaid_on_a_full_page": ([page(9, 8)], "no_cursor", 1),
    "unsaid_on_a_short_page": ([page(9, 8, following="b"), page(7)], "no_cursor", 2),
    "unsaid_on_an_empty_page": ([page()], "no_cursor", 1),
    "not_a_text": ([page(9, following=7)], "no_cursor", 1),
    "bare_array": ([reply(200, [{"id": 9}])], "no_cursor", 1),
    "same_page_again": ([page(9, 8, following="b"), page(9, 8, following="c")], "endless", 2),
    "same_cursor_again": ([page(9, 8, following="b"), page(7, 6, following="b")], "endless", 2),
    "nothing_and_more": ([page(9, 8, following="b"), page(following="c")], "endless", 2),
}


@pytest.mark.parametrize("name", ENDS)
def test_an_end_that_nobody_vouches_for_is_not_the_end(name: str) -> None:
    script, reason, pages = ENDS[name]
    with scripted(*script) as server, bench("smile", server.url) as it:
        walk, _ids = walked(it)
        assert (walk.outcome, walk.reason) == (INCOMPLETE, reason)
        assert (len(server.requests), walk.state.pages) == (pages, pages)


def test_a_list_without_end_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("smartbis_admin.api.cursor.MAX_PAGES", 3)
    script = [page(number, following=f"c{number}") for number in range(9)]
    with scripted(*script) as server, bench("smile", server.url) as it:
        walk, ids = walked(it)
        assert (walk.outcome, walk.reason, len(ids)) == (INCOMPLETE, "endless", 3)


def test_a_fault_leaves_the_walk_where_it_was_and_another_goes_on() -> None:
    cut = reply(200, b'{"points_transactions":[{"id":7,')
    script = [page(9, 8, following="b"), cut, BAD_CURSOR, page(7, following=None)]
    with scripted(*script) as server, bench("smile", server.url) as it:
        walk = it.client.walk(Resource.POINTS_TRANSACTIONS, per_page=2)
        assert walk.fetch().row_count == 2
        walk.account(new=2)
        with pytest.raises(Malformed) as raised:
            walk.fetch()
        assert raised.value.reason == "cut"
        with pytest.raises(Refused) as refused:
            walk.fetch()
        assert refused.value.status == 400
        assert (walk.state.page, walk.state.cursor, walk.outcome) == (2, "b", WalkOutcome.RUNNING)
        other, ids = walked(it, state=walk.state)
        assert (other.outcome, ids, other.state.rows) == (COMPLETE, ["7"], 3)
        assert cursors([request.line for request in server.requests]) == ["", "b", "b", "b"]


def test_the_page_that_follows_is_known_as_soon_as_one_came() -> None:
    with (
        scripted(page(9, 8, following="b"), page(7, following="")) as server,
        bench("smile", server.url) as it,
    ):
        walk = it.client.walk(Resource.POINTS_TRANSACTIONS, per_page=2)
        assert walk.likely_next() is None
        walk.fetch()
        assert walk.likely_next() == (2, 2)
        ahead = walk.load(*walk.likely_next())
        walk.account(new=2)
        assert walk.fetch(lambda number, per_page: ahead) is ahead.page
        assert walk.likely_next() is None
        walk.account(new=1)
        assert (walk.outcome, walk.fetch(), len(server.requests)) == (COMPLETE, None, 2)
        with pytest.raises(RuntimeError, match="no page was fetched"):
            walk.account(new=0)


def test_rows_without_an_id_count_and_do_not_end_it() -> None:
    odd = reply(200, {"points_transactions": [{}, {}], "metadata": {"next_cursor": "c"}})
    with scripted(odd, page(5, following="")) as server, bench("smile", server.url) as it:
        walk, ids = walked(it)
        assert (walk.outcome, ids) == (COMPLETE, ["5"])
        assert (walk.state.rows, walk.state.rows_without_id) == (3, 2)


# --- Lists that come whole ------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("vendor", "resource", "body"),
    [
        ("smile", Resource.VIP_TIERS, {"vip_tiers": [{"id": 1, "name": "A"}, {"id": 2, "name": "B"}]}),
        ("smartpasses", Resource.OFFERS, [{"id": 1, "name": "A"}, {"id": 2, "name": "B"}]),
        ("smartpasses", Resource.CUSTOMERS, [{"id": 1}, {"id": 2}]),
    ],
)
@pytest.mark.parametrize("per_page", [1, 2, 250])
def test_a_whole_list_is_one_page_whatever_its_length(
    vendor: str, resource: Resource, body: Any, per_page: int
) -> None:
    with scripted(reply(200, body)) as server, bench(vendor, server.url) as it:
        walk = it.client.walk(resource, per_page=per_page)
        ids = [record.remote_id for rows in iterate(walk) for record in rows.records]
        assert (walk.outcome, ids, len(server.requests)) == (COMPLETE, ["1", "2"], 1)


# --- Classic pages ----------------------------------------------------------------------------------------------
def products(*ids: int) -> Answer:
    return reply(200, {"points_products": [{"id": number} for number in ids]})


def test_classic_pages_are_told_apart_by_id_and_end_where_nothing_new_comes() -> None:
    # The order is not stated: a row may come twice. The end is confirmed by the page behind it.
    script = [products(1, 2), products(2, 3), products(4), products()]
    with scripted(*script) as server, bench("smile", server.url) as it:
        walk = it.client.walk(Resource.POINTS_PRODUCTS, per_page=2)
        ids = {record.remote_id for rows in iterate(walk) for record in rows.records}
        assert (walk.outcome, ids) == (COMPLETE, {"1", "2", "3", "4"})
        assert [request.line.partition("page=")[2][:1] for request in server.requests] == list("1234")


def test_classic_pages_that_ignore_the_page_end() -> None:
    with scripted(products(1, 2)) as server, bench("smile", server.url) as it:
        walk = it.client.walk(Resource.POINTS_PRODUCTS, per_page=2)
        ids = {record.remote_id for rows in iterate(walk) for record in rows.records}
        assert ids == {"1", "2"}
        assert walk.paging_ignored
        assert len(server.requests) <= 4
