"""Walking a list whose pages are chained by a cursor, or that comes whole in one reply.

The same state machine as `walk`, for those who drive it; what ends it differs. Source:
`contracts/smile-v1.md` §2, `smartpasses-v1.md` §4.
"""

from collections.abc import Callable
from typing import TypeVar

from smartbis_admin.api.records import Page, Record
from smartbis_admin.api.shapes import Listing
from smartbis_admin.api.walk import MAX_PAGES, Step, Walk, WalkOutcome, WalkState

R = TypeVar("R", bound=Record)

#: Loads the page behind a cursor ("": the first). Gives it with the cursor that follows: "" is the end,
#: None means that the platform did not say.
LoadBehind = Callable[[str, int, int], tuple[Listing[R], str | None]]


class CursorWalk(Walk[R]):
    """Drive it like a `Walk`. `load_behind(cursor, limit, number)` fetches one page and touches nothing else."""

    def __init__(self, load_behind: LoadBehind[R], state: WalkState) -> None:
        super().__init__(self._by_number, state)
        self._load_behind = load_behind
        #: Number of a page -> the cursor it lies behind; of the page at hand and the one after it.
        self._cursors: dict[int, str | None] = {state.page: state.cursor}

    def _by_number(self, number: int, per_page: int) -> Listing[R]:
        listing, following = self._load_behind(self._cursors[number] or "", per_page, number)
        self._cursors[number + 1] = following
        return listing

    def fetch(self, load: Callable[[int, int], Listing[R]] | None = None) -> Page[R] | None:
        """The next page, or None when the walk has ended."""
        place = self.state.page
        self._cursors = {number: known for number, known in self._cursors.items() if number >= place}
        return super().fetch(load)

    def likely_next(self) -> tuple[int, int] | None:
        """Number and size of the page that follows; its cursor is known since the page before it came."""
        following = self.state.page + 1
        return (following, self.state.per_page) if self._cursors.get(following) else None

    def account(self, *, new: int) -> Step:
        """Take note of the page just fetched; see `Walk.account`."""
        if self._pending is None:
            raise RuntimeError("no page was fetched")
        listing, self._pending = self._pending, None
        state, page = self.state, listing.page
        following = self._cursors[state.page + 1]
        without_id = sum(issue.row_lost and issue.remote_id is None for issue in page.issues)
        state.pages += 1
        state.received += page.row_count
        state.rows += new + without_id
        state.rows_without_id += without_id
        if following == "":
            state.outcome = WalkOutcome.COMPLETE
        elif following is None:
            state.outcome, state.reason = WalkOutcome.INCOMPLETE, "no_cursor"
        elif following == state.cursor or new + without_id == 0 or state.pages >= MAX_PAGES:
            state.outcome, state.reason = WalkOutcome.INCOMPLETE, "endless"
        else:
            state.cursor = following
            state.page += 1
            return Step.NEXT
        return Step.END
