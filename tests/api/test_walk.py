"""The end of a list, rule by rule, and the state machine against servers that lie."""

from collections.abc import Callable

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smartbis_admin.api.capabilities import Resource
from smartbis_admin.api.errors import Unreachable
from smartbis_admin.api.records import CategoryRecord, Page, RowIssue
from smartbis_admin.api.shapes import Listing
from smartbis_admin.api.walk import Step, Walk, WalkOutcome, WalkState, iterate
from tests.api.support import Answer, bench, reply, scripted

Load = Callable[[int, int], Listing[CategoryRecord]]


def listing(
    ids: list[int],
    *,
    place: tuple[int, int] | None = None,
    total: int | None = None,
    without_id: int = 0,
) -> Listing[CategoryRecord]:
    page = Page(
        records=[CategoryRecord(remote_id=str(number), name="x") for number in ids],
        issues=[RowIssue(remote_id=None, field="id", problem="missing") for _ in range(without_id)],
        row_count=len(ids) + without_id,
        total=total,
    )
    return Listing(page, *(place or (None, None)))


class Server:
    """A list of `count` rows, honest but for what the switches say."""

    def __init__(
        self,
        count: int,
        *,
        envelope: bool = True,
        ignore_page: bool = False,
        ignore_per_page: int = 0,
        clamp_last: bool = False,
        claimed: int | None = None,
        pages_claimed: int | None = None,
        cut_page: int | None = None,
        cut_after: int | None = None,
    ) -> None:
        self.rows = list(range(count))
        self.envelope = envelope
        self.ignore_page = ignore_page
        self.ignore_per_page = ignore_per_page
        self.clamp_last = clamp_last
        self.claimed = claimed
        self.pages_claimed = pages_claimed
        self.cut_page = cut_page
        self.cut_after = cut_after
        self.asked: list[tuple[int, int]] = []

    def __call__(self, page: int, per_page: int) -> Listing[CategoryRecord]:
        self.asked.append((page, per_page))
        size = self.ignore_per_page or per_page
        pages = max(-(-len(self.rows) // size), 1)
        place = 1 if self.ignore_page else min(page, pages) if self.clamp_last else page
        rows = self.rows[(place - 1) * size : place * size]
        if self.cut_after is not None and page > self.cut_after:
            rows = []
        if page == self.cut_page:
            rows = rows[: len(rows) // 2]
        total = len(self.rows) if self.claimed is None else self.claimed
        if not self.envelope:
            return listing(rows)
        return listing(rows, place=(place, self.pages_claimed or pages), total=total)


def run(load: Load, per_page: int = 10) -> tuple[Walk[CategoryRecord], list[list[str]]]:
    walk = Walk(load, WalkState(per_page=per_page))
    pages = [[record.remote_id for record in page.records] for page in iterate(walk)]
    assert walk.fetch() is None
    return walk, pages


COMPLETE, INCOMPLETE = WalkOutcome.COMPLETE, WalkOutcome.INCOMPLETE

CASES: dict[str, tuple[Server, WalkOutcome, str, bool, int]] = {
    # name: server, outcome, reason, paging ignored, calls
    "envelope": (Server(25), COMPLETE, "", False, 3),
    # A full page proves no end: the one behind it is asked for.
    "envelope_exact": (Server(20), COMPLETE, "", False, 3),
    "envelope_empty": (Server(0), COMPLETE, "", False, 1),
    "envelope_one": (Server(1), COMPLETE, "", False, 1),
    "envelope_page_ignored": (Server(25, ignore_page=True), INCOMPLETE, "fewer_pages", True, 2),
    "envelope_smaller_pages": (Server(25, ignore_per_page=4), COMPLETE, "", False, 7),
    "envelope_bigger_pages": (Server(25, ignore_per_page=50), COMPLETE, "", False, 2),
    "envelope_total_too_high": (Server(25, claimed=26), INCOMPLETE, "fewer_rows", False, 3),
    "envelope_total_too_low": (Server(25, claimed=3), COMPLETE, "", False, 3),
    "envelope_pages_too_few": (Server(25, pages_claimed=2, claimed=12), INCOMPLETE, "false_end", False, 4),
    "envelope_pages_too_few_exact": (Server(30, pages_claimed=1), INCOMPLETE, "false_end", False, 4),
    "envelope_cut": (Server(25, cut_after=1), INCOMPLETE, "fewer_pages", False, 2),
    "envelope_cut_last": (Server(25, cut_after=2), INCOMPLETE, "fewer_rows", False, 3),
    # A short page may have been cut: the one behind it is asked for.
    "bare": (Server(25, envelope=False), COMPLETE, "", False, 4),
    "bare_exact": (Server(20, envelope=False), COMPLETE, "", False, 3),
    "bare_empty": (Server(0, envelope=False), COMPLETE, "", False, 1),
    "bare_cut": (Server(25, envelope=False, cut_page=2), INCOMPLETE, "false_end", False, 4),
    "bare_whole_short": (Server(7, envelope=False, ignore_page=True), COMPLETE, "", False, 2),
    "bare_whole_long": (
        Server(25, envelope=False, ignore_page=True, ignore_per_page=99),
        COMPLETE,
        "",
        True,
        2,
    ),
    # Exactly a page of rows, the page number ignored: read again with another size.
    "bare_whole_exact": (
        Server(10, envelope=False, ignore_page=True, ignore_per_page=99),
        COMPLETE,
        "",
        True,
        4,
    ),
    "bare_page_ignored": (
        Server(25, envelope=False, ignore_page=True),
        INCOMPLETE,
        "recount_differs",
        True,
        4,
    ),
    "bare_last_repeats": (Server(20, envelope=False, clamp_last=True), COMPLETE, "", True, 7),
    "bare_last_repeats_whole": (Server(40, envelope=False, clamp_last=True), COMPLETE, "", True, 11),
    "bare_last_repeats_short": (Server(25, envelope=False, clamp_last=True), COMPLETE, "", False, 4),
}


@pytest.mark.parametrize("name", CASES)
def test_end_of_a_list(name: str) -> None:
    server, outcome, reason, ignored, calls = CASES[name]
    walk, _pages = run(server)
    assert (walk.outcome, walk.reason, walk.paging_ignored) == (outcome, reason, ignored)
    assert len(server.asked) == calls
    if outcome is COMPLETE:
        assert walk.state.rows == len(server.rows)


def test_pages_in_their_order() -> None:
    _walk, pages = run(Server(25))
    assert pages == [
        [str(n) for n in range(10)],
        [str(n) for n in range(10, 20)],
        [str(n) for n in range(20, 25)],
    ]


def test_rerun_asks_from_the_start_with_another_page_size() -> None:
    server = Server(20, envelope=False, clamp_last=True)
    run(server)
    assert server.asked == [(1, 10), (2, 10), (3, 10), (1, 8), (2, 8), (3, 8), (4, 8)]


def test_driver_is_told_to_forget_what_it_saw() -> None:
    walk = Walk(Server(10, envelope=False, ignore_page=True, ignore_per_page=99), WalkState(per_page=10))
    walk.fetch()
    assert walk.account(new=10) is Step.NEXT
    walk.fetch()
    assert walk.account(new=0) is Step.RERUN
    walk.fetch()
    assert walk.account(new=10) is Step.NEXT
    walk.fetch()
    assert walk.account(new=0) is Step.END
    assert walk.outcome is COMPLETE


def test_row_added_while_walking_is_no_fault() -> None:
    server = Server(20)

    def load(page: int, per_page: int) -> Listing[CategoryRecord]:
        answer = server(page, per_page)
        server.rows.append(len(server.rows))
        return answer

    walk, _ = run(load)
    assert walk.outcome is COMPLETE
    assert walk.state.rows >= 20


def test_row_deleted_while_walking_shifts_the_rest_and_is_a_fault() -> None:
    """Row 10 slips from page 2 to page 1 after page 1 was read: the walk must not pass for complete."""
    server = Server(25)

    def load(page: int, per_page: int) -> Listing[CategoryRecord]:
        answer = server(page, per_page)
        if page == 1:
            del server.rows[0]
        return answer

    walk, pages = run(load)
    assert "10" not in {remote_id for page in pages for remote_id in page}
    assert (walk.outcome, walk.reason) == (INCOMPLETE, "fewer_rows")


def test_list_that_becomes_shorter_by_a_page_is_a_fault() -> None:
    server = Server(21)

    def load(page: int, per_page: int) -> Listing[CategoryRecord]:
        if page == 2:
            del server.rows[:2]
        return server(page, per_page)

    walk, _ = run(load)
    assert (walk.outcome, walk.reason) == (INCOMPLETE, "fewer_pages")


def test_last_page_announced_at_once_does_not_hide_the_others() -> None:
    walk, _ = run(lambda page, per_page: listing(list(range(10)), place=(5, 5), total=10))
    assert (walk.outcome, walk.reason) == (INCOMPLETE, "fewer_pages")


def test_server_that_always_has_a_next_page_is_stopped_by_its_total() -> None:
    calls = 0

    def load(page: int, per_page: int) -> Listing[CategoryRecord]:
        nonlocal calls
        calls += 1
        start = page * per_page
        return listing(list(range(start, start + per_page)), place=(page, page + 1), total=30)

    walk, _ = run(load)
    assert (walk.outcome, walk.reason) == (INCOMPLETE, "endless")
    assert calls == 17  # 2 x 30 rows and ten pages of slack


def test_server_that_never_ends_and_states_no_total_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("smartbis_admin.api.walk.MAX_PAGES", 50)
    walk, pages = run(lambda page, per_page: listing(list(range(page * 10, page * 10 + 10))))
    assert (walk.outcome, walk.reason, len(pages)) == (INCOMPLETE, "endless", 50)


def test_rows_without_id_count_as_seen_and_are_told() -> None:
    answers = [
        listing([1, 2], place=(1, 2), total=4, without_id=1),
        listing([3], place=(2, 2), total=4),
    ]
    walk, _ = run(lambda page, per_page: answers[page - 1])
    assert (walk.outcome, walk.state.rows, walk.state.rows_without_id) == (COMPLETE, 4, 1)


def test_page_of_rows_without_id_alone_does_not_end_the_walk() -> None:
    answers = [listing([1, 2]), listing([], without_id=2), listing([3]), listing([])]
    walk, pages = run(lambda page, per_page: answers[page - 1], per_page=2)
    assert (walk.outcome, walk.state.rows, len(pages)) == (COMPLETE, 5, 4)


def test_rows_without_id_that_come_again_end_the_walk() -> None:
    walk, pages = run(lambda page, per_page: listing([1, 2], without_id=1))
    assert (walk.outcome, walk.state.rows, walk.state.rows_without_id > 0, len(pages)) == (
        COMPLETE,
        3,
        True,
        2,
    )


def test_same_id_twice_on_a_page_is_one_row() -> None:
    walk, _ = run(lambda page, per_page: listing([1, 1, 2], place=(1, 1), total=3))
    assert (walk.outcome, walk.reason) == (INCOMPLETE, "fewer_rows")


# --- Resuming ---------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", CASES)
def test_walk_goes_on_from_its_saved_state_in_another_process(name: str) -> None:
    template = CASES[name][0]
    whole, _ = run(again(template))
    server = again(template)
    state = WalkState(per_page=10)
    seen: set[str] = set()
    while state.outcome is WalkOutcome.RUNNING:
        state = msgspec.json.decode(msgspec.json.encode(state), type=WalkState)
        walk = Walk(server, state)
        page = walk.fetch()
        assert page is not None
        ids = {record.remote_id for record in page.records}
        if walk.account(new=len(ids - seen)) is Step.RERUN:
            seen.clear()
        else:
            seen |= ids
    assert state == whole.state


def again(server: Server) -> Server:
    """The same server before anybody asked it."""
    options = {key: value for key, value in vars(server).items() if key not in ("rows", "asked")}
    return Server(len(server.rows), **options)


def test_fetch_that_fails_leaves_the_state_alone() -> None:
    fails = [True]
    server = Server(25)

    def load(page: int, per_page: int) -> Listing[CategoryRecord]:
        if page == 2 and fails.pop():
            fails.append(False)
            raise Unreachable("x")
        return server(page, per_page)

    walk = Walk(load, WalkState(per_page=10))
    walk.fetch()
    walk.account(new=10)
    before = msgspec.json.encode(walk.state)
    with pytest.raises(Unreachable):
        walk.fetch()
    assert msgspec.json.encode(walk.state) == before
    assert walk.fetch() is not None


def test_starting_in_the_middle_is_never_complete() -> None:
    walk = Walk(Server(25), WalkState(page=2, per_page=10))
    assert [len(page.records) for page in iterate(walk)] == [10, 5]
    assert (walk.outcome, walk.reason) == (INCOMPLETE, "fewer_pages")


def test_page_must_be_fetched_before_it_is_accounted_for() -> None:
    with pytest.raises(RuntimeError):
        Walk(Server(1)).account(new=1)


# --- Any server ---------------------------------------------------------------------------------------
@given(
    count=st.integers(0, 120),
    per_page=st.integers(1, 30),
    envelope=st.booleans(),
    clamp_last=st.booleans(),
)
def test_honest_server_is_always_complete(
    count: int, per_page: int, envelope: bool, clamp_last: bool
) -> None:
    walk, pages = run(Server(count, envelope=envelope, clamp_last=clamp_last), per_page=per_page)
    assert walk.outcome is COMPLETE
    assert walk.state.rows == count
    assert {remote_id for page in pages for remote_id in page} == {str(number) for number in range(count)}


@given(count=st.integers(0, 120), per_page=st.integers(1, 30), data=st.data())
def test_enveloped_walk_that_missed_a_row_is_never_complete(
    count: int, per_page: int, data: st.DataObject
) -> None:
    """Whatever pages are lost, cut or repeated, as long as the platform states the true total."""
    server = Server(count)
    tricks = st.sampled_from(["keep", "keep", "keep", "empty", "repeat", "half"])

    def load(page: int, per_page: int) -> Listing[CategoryRecord]:
        answer = server(page, per_page)
        trick = data.draw(tricks)
        if trick == "keep":
            return answer
        rows = {"empty": [], "repeat": server.rows[:per_page], "half": server.rows[: per_page // 2]}[trick]
        return listing(rows, place=(page, max(-(-count // per_page), 1)), total=count)

    walk, pages = run(load, per_page=per_page)
    seen = {remote_id for page in pages for remote_id in page}
    assert walk.outcome is not WalkOutcome.RUNNING
    assert (walk.outcome is COMPLETE) <= (len(seen) == count)


@given(
    count=st.integers(0, 120),
    per_page=st.integers(1, 30),
    fixed=st.integers(0, 40),
    ignore_page=st.booleans(),
    envelope=st.booleans(),
    claimed=st.none() | st.integers(0, 200),
)
def test_every_walk_ends(
    count: int, per_page: int, fixed: int, ignore_page: bool, envelope: bool, claimed: int | None
) -> None:
    server = Server(count, envelope=envelope, ignore_page=ignore_page, ignore_per_page=fixed, claimed=claimed)
    walk, _ = run(server, per_page=per_page)
    assert walk.outcome in (COMPLETE, INCOMPLETE)
    assert len(server.asked) <= 2 * (count + 12) + 4


# --- Over HTTP ----------------------------------------------------------------------------------------
def test_walk_over_http_in_three_pages() -> None:
    def enveloped(page: int, ids: range) -> Answer:
        meta = {"current_page": page, "last_page": 3, "per_page": 2, "total": 5}
        return reply(200, {"data": [{"id": number, "name": "x"} for number in ids], "meta": meta})

    script = [enveloped(1, range(2)), enveloped(2, range(2, 4)), enveloped(3, range(4, 5))]
    with scripted(*script) as server, bench(server.url) as it:
        walk = it.client.walk(Resource.CATEGORIES, per_page=2)
        pages = list(iterate(walk))
        assert [request.line for request in server.requests] == [
            f"GET /v2/categories?page={page}&per_page=2 HTTP/1.1" for page in (1, 2, 3)
        ]
    assert [page.number for page in pages] == [1, 2, 3]
    assert [record.remote_id for page in pages for record in page.records] == ["0", "1", "2", "3", "4"]
    assert (walk.outcome, walk.total) == (COMPLETE, 5)
