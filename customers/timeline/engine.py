"""The mixing of many lists into one, page by page: each source gives its newest rows beyond the place reached.

One query per source and page, however much there is: the order is (moment, source, primary key), all three
descending, and the place reached is the last event shown.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.utils.dateparse import parse_datetime
from django.utils.functional import Promise

from customers.models import Customer
from smartbis_admin.staff.access import Access
from smartbis_admin.ui.navigation import may

Text = str | Promise
SIZE = 15


@dataclass(frozen=True)
class Event:
    """One thing that happened. `by`: the person here who did it; None: the platform told us.

    `known_at`: when the platform last said so; None for what is our own.
    """

    title: Text
    icon: str
    tone: str = "neutral"
    text: Text = ""
    url: str = ""
    #: Who may follow the link; None: whoever reads the event.
    url_access: Access | None = None
    by: Any = None
    known_at: datetime | None = None
    # Filled in by the engine.
    at: datetime | None = None
    key: tuple[str, str] = ("", "")

    @property
    def is_remote(self) -> bool:
        """Whether it is the platform that says so."""
        return self.known_at is not None


@dataclass(frozen=True)
class Source:
    """One list of events. `rows` gives those of a customer, `moment` names their datetime column, never null.

    `tell` puts a row into words; `known_at` of the platform's facts is handed in.
    """

    name: str
    rows: Callable[[Customer], QuerySet[Any]]
    moment: str
    tell: Callable[[Any, datetime], Event]
    #: Who may read it; of more than one list.
    access: Access = Access.SEE_OVERVIEW


@dataclass(frozen=True)
class Page:
    """Events, newest first, and the place to go on from; None: that was all."""

    events: Sequence[Event]
    next: str | None


SOURCES: dict[str, Source] = {}


def register(*sources: Source) -> None:
    """Make sources known; called when a room's `timeline` module is loaded."""
    SOURCES.update({source.name: source for source in sources})


def timeline(
    customer: Customer, *, viewer: Any, known_at: datetime, after: str = "", size: int = SIZE
) -> Page:
    """A page of a customer's events that this person may read. A mangled `after` gives the first page."""
    place = _read(after)
    found: list[tuple[datetime, str, Any, Any]] = []
    for source in SOURCES.values():
        if may(viewer, source.access):
            rows = source.rows(customer).filter(_beyond(source, place))
            newest = rows.order_by(f"-{source.moment}", "-pk")[: size + 1]
            found += [(getattr(row, source.moment), source.name, row.pk, row) for row in newest]
    found.sort(key=lambda entry: entry[:3], reverse=True)
    events = []
    for at, name, pk, row in found[:size]:
        told = SOURCES[name].tell(row, known_at)
        url = told.url if told.url_access is None or may(viewer, told.url_access) else ""
        events.append(replace(told, at=at, key=(name, str(pk)), url=url))
    more = len(found) > size
    last = events[-1] if more else None
    return Page(events, f"{last.at.isoformat()}~{last.key[0]}~{last.key[1]}" if last and last.at else None)


def _read(after: str) -> tuple[datetime, str, str] | None:
    try:
        moment, name, pk = after.split("~")
        at = parse_datetime(moment)
    except ValueError:
        return None
    return (at, name, pk) if at and at.tzinfo and name in SOURCES else None


def _beyond(source: Source, place: tuple[datetime, str, str] | None) -> Q:
    """What comes after the place reached."""
    here = Q(**{f"{source.moment}__isnull": False})
    if place is None:
        return here
    at, name, pk = place
    if source.name < name:
        return here & Q(**{f"{source.moment}__lte": at})
    before = Q(**{f"{source.moment}__lt": at})
    if source.name > name:
        return here & before
    try:
        return here & (before | Q(**{source.moment: at, "pk__lt": pk}))
    except (ValueError, ValidationError):
        return here & before
