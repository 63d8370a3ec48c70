"""Walking a list whose pages are chained by a cursor, or that comes whole in one reply.

The same state machine as `walk`, for those who drive it; what ends it differs. Nothing is asked for ahead,
because the next cursor lies in the page before. Source: `contracts/smile-v1.md` §2, `smartpasses-v1.md` §4.
"""

from collections.abc import Callable
from typing import TypeVar

from smartbis_admin.api.records import Page, Record
from smartbis_admin.api.shapes import Listing
from smartbis_admin.api.walk import MAX_PAGES, Step, Walk, WalkOutcome, WalkState

R = TypeVar("R", bound=Record)

#: Loads the page behind a cursor ("": the first). Gives it with the cursor that follows: "" is the end,
#: None means that the platform did not say.
Load = Callable[[str, int, int], tuple[Listing[R], str | None]]


class CursorWalk(Walk[R]):
    """Drive it like a `Walk`. `load(cursor, limit, number)` fetches one page and touches nothing else."""

    def __init__(self, load: Load[R], state: WalkState) -> None:
        super().__init__(self._no_place, state)
        self._load_cursor = load
        self._next: str | None = None

    @staticmethod
    def _no_place(number: int, per_page: int) -> Listing[R]:
        raise RuntimeError("a page behind a cursor is not known by its number")

    def fetch(self, load: object = None) -> Page[R] | None:
        """The next page, or None when the walk has ended."""
        if self.state.outcome is not WalkOutcome.RUNNING:
            return None
        self._pending, self._next = self._load_cursor(self.state.cursor, self.state.per_page, self.state.page)
        return self._pending.page

    def likely_next(self) -> None:
        """Nothing is asked for ahead."""

    def account(self, *, new: int) -> Step:
        """Take note of the page just fetched; see `Walk.account`."""
        if self._pending is None:
            raise RuntimeError("no page was fetched")
        listing, self._pending = self._pending, None
        state, page = self.state, listing.page
        without_id = sum(issue.row_lost and issue.remote_id is None for issue in page.issues)
        state.pages += 1
        state.received += page.row_count
        state.rows += new + without_id
        state.rows_without_id += without_id
        if self._next == "" or (self._next is None and page.row_count < state.per_page):
            state.outcome = WalkOutcome.COMPLETE
        elif self._next is None:
            state.outcome, state.reason = WalkOutcome.INCOMPLETE, "no_cursor"
        elif self._next == state.cursor or new + without_id == 0 or state.pages >= MAX_PAGES:
            state.outcome, state.reason = WalkOutcome.INCOMPLETE, "endless"
        else:
            state.cursor = self._next
            state.page += 1
            return Step.NEXT
        return Step.END
