"""Asks for one page ahead, and makes its records ready, while the last one is stored.

Knows the walk and a thread; neither rows nor runs, nor what "ready" is. The pace is kept by the client, whoever asks.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import copy_context
from datetime import datetime
from functools import partial
from typing import Any, Generic, NamedTuple, TypeVar

from django.db import connections, transaction
from django.utils import timezone

from smartbis_admin.api.records import Page
from smartbis_admin.api.shapes import Listing
from smartbis_admin.api.walk import Walk

T = TypeVar("T")


class _Coming(NamedTuple, Generic[T]):
    """A page on its way: number and size, when it was asked for, and what will hold it."""

    place: tuple[int, int]
    asked_at: datetime
    made: Future[tuple[Listing[Any], T]]


class Fetched(NamedTuple, Generic[T]):
    """A page, the moment it was asked for (nothing in it is newer knowledge), and its records made ready."""

    page: Page[Any]
    asked_at: datetime
    ready: T


class Pages(Generic[T]):
    """The pages of a walk. `prepare` makes a page ready, in whatever thread it was fetched.

    What asking for a page raises is raised when its turn comes, so that the page before it is stored.
    """

    def __init__(
        self, walk: Walk[Any], prepare: Callable[[Page[Any]], T], thread: ThreadPoolExecutor | None
    ) -> None:
        self._walk = walk
        self._prepare = prepare
        self._thread = thread
        self._coming: _Coming[T] | None = None

    def fetch(self) -> Fetched[T] | None:
        """The next page, with the one after it already asked for; None when the walk has ended."""
        asked_at = timezone.now()
        ready: list[T] = []

        def load(number: int, per_page: int) -> Listing[Any]:
            nonlocal asked_at
            coming, self._coming = self._coming, None
            if coming is not None and coming.place == (number, per_page):
                asked_at = coming.asked_at
                listing, made = coming.made.result()
            else:
                listing, made = self._make(number, per_page)
            ready.append(made)
            return listing

        page = self._walk.fetch(load)
        if page is None:
            return None
        place = self._walk.likely_next()
        if self._thread is not None and place is not None:
            # In our context, so that the log's lines of the call name the same task.
            made = self._thread.submit(partial(copy_context().run, self._make, *place))
            self._coming = _Coming(place, timezone.now(), made)
        return Fetched(page, asked_at, ready[0])

    def _make(self, number: int, per_page: int) -> tuple[Listing[Any], T]:
        listing = self._walk.load(number, per_page)
        return listing, self._prepare(listing.page)


@contextmanager
def pages_of(walk: Walk[Any], prepare: Callable[[Page[Any]], T]) -> Iterator[Pages[T]]:
    """The pages of a walk; what is still on its way at the end is waited for and dropped.

    Inside a caller's transaction one page is asked for after the other: the thread, which has a connection
    to the database of its own, would wait for what that transaction holds.
    """
    if transaction.get_connection().in_atomic_block:
        yield Pages(walk, prepare, None)
        return
    with ThreadPoolExecutor(1, thread_name_prefix="sync-ahead") as thread:
        try:
            yield Pages(walk, prepare, thread)
        finally:
            thread.submit(connections.close_all)
