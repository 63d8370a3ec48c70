"""Pages of long lists without OFFSET and COUNT: keyset pages with remembered anchors, totals from counters.

The key of a full page's last row is the anchor of the next page, remembered per account, list and page size.
A walk therefore seeks straight to each page; a jump skips rows only from the nearest anchor before it, once.
Rows are appended in key order almost always; one that is not, or one removed, drops the anchors behind it.
"""

import threading
from collections import defaultdict
from dataclasses import dataclass
from typing import Any

from django.db import connection

from sandbox.keys import SPAN
from sandbox.smartbis.models import Account, Category, Coupon, Customer, Owned, Voucher
from sandbox.smartbis.wire import Page

Key = tuple[Any, ...]
BIGGEST_PAGE = 250
DEFAULT_PAGE = 50


@dataclass(frozen=True)
class Listing:
    """A list of one account: its rows, their order, and the counter in `Account` that holds their number."""

    kind: str
    model: type[Owned]
    counter: str
    order: tuple[str, ...] = ("id",)

    def rows(self, *, account: int, after: Key | None, skip: int, count: int) -> list[Any]:
        """`count` rows behind the key `after`, `skip` rows further on."""
        columns = ", ".join(self.order)
        if self.order == ("id",):
            where, start = "id > %s AND id < %s", (account * SPAN, (account + 1) * SPAN)
            bounds = start if after is None else (after[0], start[1])
        else:
            where, bounds = f"account_id = %s AND ({columns}) > (%s, %s)", (account, *(after or (-1, "")))
        table = self.model._meta.db_table
        # Every name in the statement is one of ours; values are parameters.
        sql = f"SELECT * FROM {table} WHERE {where} ORDER BY {columns} LIMIT %s OFFSET %s"  # noqa: S608
        with connection.cursor() as cursor:
            cursor.execute(sql, [*bounds, count, skip])
            names = [column[0] for column in cursor.description]
            return [self._row(names, values) for values in cursor.fetchall()]

    def _row(self, names: list[str], values: tuple[Any, ...]) -> Owned:
        """A row to be read only, past Django's own making of it, which takes longer than all the rest."""
        row = self.model.__new__(self.model)
        row.__dict__.update(zip(names, values, strict=True))
        return row

    def key(self, row: Any) -> Key:
        """Where a row stands in the order."""
        return tuple(getattr(row, name) for name in self.order)


CUSTOMERS = Listing("customer", Customer, "customers")
COUPONS = Listing("coupon", Coupon, "coupons")
CATEGORIES = Listing("category", Category, "categories")
VOUCHERS = Listing("voucher", Voucher, "vouchers", ("issued_at", "code"))


class Anchors:
    """The remembered anchors; `generation` guards against remembering what a writer has just made wrong."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._known: defaultdict[tuple[str, int], dict[int, dict[int, Key]]] = defaultdict(dict)
        self._generations: defaultdict[tuple[str, int], int] = defaultdict(int)

    def before(
        self, *, listing: Listing, account: int, per_page: int, number: int
    ) -> tuple[int, Key | None, int]:
        """The nearest page up to `number` whose start is known, the key in front of it, and the
        generation."""
        place = listing.kind, account
        with self._lock:
            pages = self._known[place].get(per_page, {})
            if number in pages:
                return number, pages[number], self._generations[place]
            nearest = max((page for page in pages if page < number), default=1)
            return nearest, pages.get(nearest), self._generations[place]

    def remember(
        self, *, listing: Listing, account: int, per_page: int, number: int, key: Key, generation: int
    ) -> None:
        """Note that page `number` begins behind `key`, unless rows changed since `generation`."""
        place = listing.kind, account
        with self._lock:
            if self._generations[place] == generation:
                self._known[place].setdefault(per_page, {})[number] = key

    def changed(self, *, listing: Listing, account: int, key: Key) -> None:
        """After a commit: a row came or went at `key`, so no page that begins behind it is known any more."""
        place = listing.kind, account
        with self._lock:
            self._generations[place] += 1
            for pages in self._known[place].values():
                for number in [number for number, start in pages.items() if start >= key]:
                    del pages[number]

    def forget(self) -> None:
        """After the data were replaced."""
        with self._lock:
            self._known.clear()
            for place in self._generations:
                self._generations[place] += 1


anchors = Anchors()


def page_of(listing: Listing, *, account: int, number: int, per_page: int) -> Page:
    """One page of a list, `number` from 1; past the end it is empty."""
    total: int = Account.objects.values_list(listing.counter, flat=True).get(pk=account)
    if (number - 1) * per_page >= total:
        return Page([], number, per_page, total)
    known, after, generation = anchors.before(
        listing=listing, account=account, per_page=per_page, number=number
    )
    skip = (number - known) * per_page
    # After a jump the row before the page is read as well: it is this page's own anchor.
    before = 1 if skip else 0
    rows = listing.rows(account=account, after=after, skip=skip - before, count=per_page + before)
    ends = {number: rows[0]} if before and rows else {}
    if len(rows) == per_page + before:
        ends[number + 1] = rows[-1]
    for start, row in ends.items():
        anchors.remember(
            listing=listing,
            account=account,
            per_page=per_page,
            number=start,
            key=listing.key(row),
            generation=generation,
        )
    return Page(rows[before:], number, per_page, total)


def whole(listing: Listing, *, account: int) -> Page:
    """The whole list as one page."""
    total: int = Account.objects.values_list(listing.counter, flat=True).get(pk=account)
    return Page(
        listing.rows(account=account, after=None, skip=0, count=max(1, total)), 1, max(1, total), total
    )
