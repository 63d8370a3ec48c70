"""Walking a list to its end, and knowing whether it was the end: a state machine apart from fetching.

Knows pages, counts and the vendor-neutral end-of-list rules of `smartbis-v2.md` ("Paging"). It must
not know HTTP, vendors or storage, and it keeps no ids: whoever drives it remembers them (a million
fit a bitmap) and says after each page how many were new. The state is a small JSON-serialisable struct,
so that another process can go on at a page boundary.
"""

from collections.abc import Callable, Iterator
from enum import StrEnum
from typing import Any, Generic, TypeVar

import msgspec

from smartbis_admin.api.records import Page, Record
from smartbis_admin.api.shapes import Listing

R = TypeVar("R", bound=Record)

#: Rows a walk may receive beyond twice the stated total before it is called endless, in pages.
SLACK_PAGES = 10
#: Pages of a walk whose total nobody states; 10 million rows at 250 a page.
MAX_PAGES = 40_000


class WalkOutcome(StrEnum):
    """How a walk stands. Only a complete one may mark rows as missing upstream."""

    RUNNING = "running"
    COMPLETE = "complete"
    INCOMPLETE = "incomplete"


class Step(StrEnum):
    """What the driver does after a page was accounted for."""

    NEXT = "next"
    #: The list is read once more from its start: forget which ids were seen, then go on.
    RERUN = "rerun"
    END = "end"


class WalkState(msgspec.Struct, kw_only=True):
    """Where a walk stands, between two pages.

    `rows` are different rows of this pass (those without a readable id included), `received` all rows
    of this pass. `total` and `last_page` are the highest the platform stated in this pass.
    """

    page: int = 1
    per_page: int = 250
    rows: int = 0
    rows_without_id: int = 0
    received: int = 0
    pages: int = 0
    total: int | None = None
    last_page: int | None = None
    #: Where the next page is, on lists chained by cursors.
    cursor: str = ""
    #: Rows of the first pass, while the list is read again with another page size.
    first_count: int | None = None
    paging_ignored: bool = False
    #: The list says that it has ended; the page behind that end is asked for and must bring nothing new.
    confirming: bool = False
    #: It did bring something: a page was cut, or the envelope knows fewer pages than there are.
    false_end: bool = False
    outcome: WalkOutcome = WalkOutcome.RUNNING
    #: Why it is incomplete: `fewer_rows`, `fewer_pages`, `false_end`, `recount_differs` or `endless`.
    reason: str = ""


class Walk(Generic[R]):
    """Drive it: `page = walk.fetch()`, store the page, `walk.account(new=…)`, until `fetch()` gives None.

    `load` fetches one page and touches nothing else. When `fetch` raises, the state is as before, so
    the same page can be asked for again, now or by another process.
    """

    def __init__(self, load: Callable[[int, int], Listing[R]], state: WalkState | None = None) -> None:
        self._load = load
        self.state = state or WalkState()
        self._pending: Listing[R] | None = None

    @property
    def outcome(self) -> WalkOutcome:
        """Running, complete or incomplete; see `reason`."""
        return self.state.outcome

    @property
    def reason(self) -> str:
        """Why the walk is incomplete, one word; empty otherwise."""
        return self.state.reason

    @property
    def paging_ignored(self) -> bool:
        """Whether the platform sent the same full page again."""
        return self.state.paging_ignored

    @property
    def total(self) -> int | None:
        """How many rows the platform says there are in all."""
        return self.state.total

    def load(self, number: int, per_page: int) -> Listing[R]:
        """One page, without any effect on the walk; may run in another thread."""
        return self._load(number, per_page)

    def fetch(self, load: Callable[[int, int], Listing[R]] | None = None) -> Page[R] | None:
        """The next page, or None when the walk has ended. `load`: how to come by it, instead of asking."""
        if self.state.outcome is not WalkOutcome.RUNNING:
            return None
        self._pending = (load or self._load)(self.state.page, self.state.per_page)
        return self._pending.page

    def likely_next(self) -> tuple[int, int] | None:
        """Number and size of the page that follows the one just fetched, unless its rows say otherwise.

        None when the list ends here as far as can be told before the page is accounted for.
        """
        if self._pending is None or self._pending.page.row_count < self.state.per_page:
            return None
        number, count = self._pending.page_number, self._pending.page_count
        if number is not None and count is not None and number >= count:
            return None
        return self.state.page + 1, self.state.per_page

    def account(self, *, new: int) -> Step:
        """Take note of the page just fetched. `new`: its ids (voucher: codes) not seen before in this pass.

        Rows without a readable id must not be counted in `new`; the walk counts them itself.
        """
        if self._pending is None:
            raise RuntimeError("no page was fetched")
        listing, self._pending = self._pending, None
        _advance(self.state, listing, new)
        if self.state.outcome is not WalkOutcome.RUNNING:
            return Step.END
        return Step.RERUN if self.state.page == 1 else Step.NEXT


def _advance(state: WalkState, listing: Listing[Any], new: int) -> None:
    """The rules, in the order of the contract.

    An end that only one thing speaks for (an envelope after a full page, a short page without an envelope)
    is confirmed by the page behind it: a cut page or a wrong number of pages looks just the same.
    """
    page = listing.page
    without_id = sum(issue.row_lost and issue.remote_id is None for issue in page.issues)
    if state.confirming:
        state.confirming = False
        if new == 0:
            # Rows without an id may be those of the page before, sent again.
            state.rows_without_id += without_id
            _end(state)
            return
        state.false_end = True
    state.pages += 1
    state.received += page.row_count
    state.rows += new + without_id
    state.rows_without_id += without_id
    state.total = _highest(state.total, page.total)
    state.last_page = _highest(state.last_page, listing.page_count)
    number, count = listing.page_number, listing.page_count
    enveloped = number is not None and count is not None
    repeated = page.row_count > 0 and new + without_id == 0
    state.paging_ignored |= repeated and page.row_count >= state.per_page
    said_so = number is not None and count is not None and number >= count
    short = page.row_count < state.per_page
    if said_so and (short or repeated) and not state.false_end:
        _end(state)
    elif repeated and not enveloped and page.row_count == state.per_page and state.first_count is None:
        _start_again(state)
    elif repeated or page.row_count == 0:
        _end(state)
    elif _is_endless(state):
        _end(state, fault="endless")
    else:
        state.page += 1
        state.confirming = said_so or (short and (not enveloped or state.false_end))


def _highest(before: int | None, now: int | None) -> int | None:
    # A total that falls during a walk means that rows moved up between two pages: some were skipped.
    return now if before is None else before if now is None else max(before, now)


def _is_endless(state: WalkState) -> bool:
    if state.total is None:
        return state.pages >= MAX_PAGES
    return state.received > 2 * state.total + SLACK_PAGES * state.per_page


def _end(state: WalkState, fault: str = "") -> None:
    if not fault and state.last_page is not None and state.pages < state.last_page:
        fault = "fewer_pages"
    if not fault and state.total is not None and state.rows < state.total:
        fault = "fewer_rows"
    if not fault and state.false_end:
        fault = "false_end"
    if not fault and state.first_count is not None and state.rows != state.first_count:
        fault = "recount_differs"
    state.reason = fault
    state.outcome = WalkOutcome.INCOMPLETE if fault else WalkOutcome.COMPLETE


def _start_again(state: WalkState) -> None:
    """Read the list again with another page size: a full page that repeats may hide the rest of it."""
    state.first_count = state.rows
    state.per_page = max(state.per_page * 4 // 5, 1) if state.per_page > 1 else 2
    state.page = 1
    state.pages = state.rows = state.rows_without_id = state.received = 0
    state.total = state.last_page = None


def iterate(walk: Walk[R]) -> Iterator[Page[R]]:
    """Yield the pages of a walk, keeping the ids here; for lists that fit in memory.

    After a rerun rows come again. Look at `walk.outcome` at the end: it says whether that was all.
    """
    seen: set[str] = set()
    while (page := walk.fetch()) is not None:
        ids = {record.remote_id for record in page.records}
        ids.update(issue.remote_id for issue in page.issues if issue.remote_id is not None)
        new = len(ids - seen)
        seen |= ids
        if walk.account(new=new) is Step.RERUN:
            seen.clear()
        yield page
