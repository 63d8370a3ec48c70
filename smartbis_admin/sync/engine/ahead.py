"""Asks for one page ahead while the last one is stored.

Knows the walk and a thread; neither rows nor runs. The pace is kept by the client, whoever asks.
"""

from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from contextvars import copy_context
from datetime import datetime
from functools import partial
from typing import Any, NamedTuple

from django.db import connections, transaction
from django.utils import timezone

from smartbis_admin.api.records import Page
from smartbis_admin.api.shapes import Listing
from smartbis_admin.api.walk import Walk


class _Coming(NamedTuple):
    """A page on its way: number and size, when it was asked for, and what will hold it."""

    place: tuple[int, int]
    asked_at: datetime
    listing: Future[Listing[Any]]


class Pages:
    """The pages of a walk, each with the moment it was asked for: nothing in it is newer knowledge.

    What asking for a page raises is raised when its turn comes, so that the page before it is stored.
    """

    def __init__(self, walk: Walk[Any], thread: ThreadPoolExecutor | None) -> None:
        self._walk = walk
        self._thread = thread
        self._coming: _Coming | None = None
        self._asked_at = timezone.now()

    def fetch(self) -> tuple[Page[Any], datetime] | None:
        """The next page, with the one after it already asked for; None when the walk has ended."""
        page = self._walk.fetch(self._load)
        if page is None:
            return None
        asked_at = self._asked_at
        place = self._walk.likely_next()
        if self._thread is not None and place is not None:
            # In our context, so that the log's lines of the call name the same task.
            asked = self._thread.submit(partial(copy_context().run, self._walk.load, *place))
            self._coming = _Coming(place, timezone.now(), asked)
        return page, asked_at

    def _load(self, number: int, per_page: int) -> Listing[Any]:
        coming, self._coming = self._coming, None
        if coming is not None and coming.place == (number, per_page):
            self._asked_at = coming.asked_at
            return coming.listing.result()
        self._asked_at = timezone.now()
        return self._walk.load(number, per_page)


@contextmanager
def pages_of(walk: Walk[Any]) -> Iterator[Pages]:
    """The pages of a walk; what is still on its way at the end is waited for and dropped.

    Inside a caller's transaction one page is asked for after the other: the thread, which has a connection
    to the database of its own, would wait for what that transaction holds.
    """
    if transaction.get_connection().in_atomic_block:
        yield Pages(walk, None)
        return
    with ThreadPoolExecutor(1, thread_name_prefix="sync-ahead") as thread:
        try:
            yield Pages(walk, thread)
        finally:
            thread.submit(connections.close_all)
