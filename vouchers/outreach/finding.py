"""Who fits a trigger now: passes over the mirror and our own events, in pieces, each with its occasion.

Reads in bulk and decides nothing about consent, caps or channels (`enrolling.py`). Each finder begins where an
index leads: at a million customers none reads them all. Source: `communication-and-rules.md` §2.
"""

from array import array
from calendar import isleap
from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import date, datetime, time, timedelta
from itertools import islice
from typing import NamedTuple
from zoneinfo import ZoneInfo

from django.db.models import Max, Min, Q, QuerySet

from customers.models import Customer, Sale
from smartbis_admin.api.capabilities import Resource
from smartbis_admin.api.records import BIRTH_YEAR_UNKNOWN
from smartbis_admin.connections.models import Connection
from smartbis_admin.staff.models import Store
from smartbis_admin.sync.models import SyncRun
from smartbis_admin.writes.models import Write
from vouchers.models import Redemption, Voucher
from vouchers.outreach.models import Automation
from vouchers.outreach.people import FIELDS, by_remote
from vouchers.outreach.triggers import Trigger
from vouchers.outreach.truth import cheapest_rewards, is_birthday, usable_vouchers

#: People looked at together.
PIECE = 1000
#: How far back an event is still news, and how much of the time before the latest look is read again: a sale
#: whose lost answer was settled a day later is told all the same.
NEWS, AGAIN = timedelta(days=2), timedelta(hours=26)
#: A registration older than this on the platform is no news, although we see it for the first time.
NEWCOMER = timedelta(days=3)
#: Rows below the newest ones that are looked at again: lists are stored by several workers.
OVERLAP = 10_000


class Found(NamedTuple):
    """A customer and what they would be written to about."""

    customer: Customer
    occasion: str


Piece = list[Found]
Key = tuple[int, str]


def find(automation: Automation, now: datetime) -> Iterator[Piece]:
    """Everybody who fits an automation's trigger now, in pieces of `PIECE` at the most."""
    return _FINDERS[Trigger(automation.trigger)](automation, now)


def walk(customers: QuerySet[Customer], occasion: str, after: int = 0) -> Iterator[Piece]:
    """The customers of any list beyond a key, in the order of their keys, all with one occasion.

    The keys are read at once (8 bytes each): a page at a time, a database might sort the whole list for each.
    """
    keys = customers.filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)
    pks = array("q", keys.iterator(chunk_size=10_000))
    for start in range(0, len(pks), PIECE):
        piece = Customer.objects.filter(pk__in=pks[start : start + PIECE].tolist())
        yield [Found(customer, occasion) for customer in piece.order_by("pk").only(*FIELDS)]


def _pieces(keys: Iterable[tuple[Key, str]]) -> Iterator[Piece]:
    """Customers named by the platform's ids; those we do not have are left out."""
    rest = iter(keys)
    while piece := list(islice(rest, PIECE)):
        known = by_remote(key for key, _occasion in piece)
        yield [Found(known[key], occasion) for key, occasion in piece if key in known]


def _since(automation: Automation, now: datetime) -> datetime:
    """Since when an event is to be told: never before the automation was switched on."""
    begin = max(now - NEWS, (automation.looked_at or now - NEWS) - AGAIN)
    return max(begin, automation.switched_on_at or now)


def _welcome(automation: Automation, now: datetime) -> Iterator[Piece]:
    """Rows first seen after the switch, on connections whose first whole reading lies before that."""
    first = dict(
        SyncRun.objects.filter(resource=Resource.CUSTOMERS, state=SyncRun.State.DONE)
        .order_by()
        .values_list("connection")
        .annotate(at=Min("finished_at"))
    )
    switched_on = automation.switched_on_at or now
    newest = Customer.objects.aggregate(pk=Max("pk"))["pk"] or 0
    for connection, read_at in first.items():
        since = max(switched_on, read_at, now - NEWS)
        rows = Customer.objects.filter(
            Q(remote_created_at=None) | Q(remote_created_at__gte=now - NEWCOMER),
            connection=connection,
            first_seen_at__gt=since,
            withdrawn_at=None,
        )
        yield from walk(rows, "welcome", after=max(newest - OVERLAP, 0))


def _sold(automation: Automation, now: datetime) -> Iterator[Piece]:
    since = _since(automation, now)
    rows = Sale.objects.filter(sold_at__gte=since, sold_at__lte=now, write__state=Write.State.DONE).order_by(
        "sold_at", "pk"
    )
    keys = rows.values_list("connection", "customer_remote_id", "pk").iterator(chunk_size=PIECE)
    return _pieces(((connection, remote_id), f"sale:{pk}") for connection, remote_id, pk in keys)


def _asked(automation: Automation, now: datetime) -> Iterator[Piece]:
    """Buyers of some days ago, their latest sale first so that it is the one that counts."""
    until = now - timedelta(days=automation.threshold("days_after"))
    begin = max(until - NEWS, (automation.switched_on_at or now))
    rows = Sale.objects.filter(sold_at__gte=begin, sold_at__lte=until, write__state=Write.State.DONE)
    keys = rows.order_by("-sold_at", "-pk").values_list("connection", "customer_remote_id", "pk")
    return _pieces(((connection, remote_id), f"sale:{pk}") for connection, remote_id, pk in keys.iterator())


def _balance(automation: Automation, now: datetime) -> Iterator[Piece]:
    rows = Customer.objects.filter(
        cashback_balance__gte=automation.threshold("minimum_balance"), withdrawn_at=None
    )
    return walk(rows, f"balance:{now:%Y-%m-%d}")


def _progress(automation: Automation, now: datetime) -> Iterator[Piece]:
    for connection, (needed, _name) in cheapest_rewards(now).items():
        rows = Customer.objects.filter(
            connection=connection,
            points_balance__gte=needed * automation.threshold("percent") / 100,
            points_balance__lt=needed,
            withdrawn_at=None,
        )
        yield from walk(rows, f"points:{now:%Y-%m-%d}")


def _issued(automation: Automation, now: datetime) -> Iterator[Piece]:
    rows = Voucher.objects.filter(
        usable_vouchers(now), issued_at__gte=_since(automation, now), issued_at__lte=now
    )
    return _of_vouchers(rows.order_by("issued_at", "pk"), "voucher:{}")


def _expiring(automation: Automation, now: datetime) -> Iterator[Piece]:
    """Vouchers whose last local day lies so many days ahead; the account's zone says what a day is."""
    for connection in Connection.objects.filter(is_active=True):
        zone = ZoneInfo(connection.time_zone)
        today = now.astimezone(zone).date()
        for days in automation.threshold("days_before"):
            begin = datetime.combine(today + timedelta(days=days), time.min, zone)
            end = datetime.combine(today + timedelta(days=days + 1), time.min, zone)
            rows = Voucher.objects.filter(
                usable_vouchers(now), connection=connection, expires_at__gte=begin, expires_at__lt=end
            )
            yield from _of_vouchers(rows.order_by("expires_at", "pk"), f"voucher:{{}}:{days}")


def _redeemed(automation: Automation, now: datetime) -> Iterator[Piece]:
    """Vouchers used anywhere, and those our tills validated before the list says so."""
    since = _since(automation, now)
    used = Voucher.objects.filter(used_at__gte=since, used_at__lte=now, status=Voucher.Status.USED)
    yield from _of_vouchers(used.order_by("used_at", "pk"), "voucher:{}")
    scans = Redemption.objects.filter(state=Redemption.State.VALID, happened_at__gte=since)
    keys = scans.filter(voucher__customer_remote_id__isnull=False).order_by("happened_at", "pk")
    yield from _pieces(
        ((connection, str(remote_id)), f"voucher:{pk}")
        for connection, remote_id, pk in keys.values_list(
            "connection", "voucher__customer_remote_id", "voucher__pk"
        ).iterator(chunk_size=PIECE)
    )


def _of_vouchers(rows: QuerySet[Voucher], occasion: str) -> Iterator[Piece]:
    keys = rows.filter(customer_remote_id__isnull=False).values_list("connection", "customer_remote_id", "pk")
    return _pieces(
        ((connection, str(remote_id)), occasion.format(pk))
        for connection, remote_id, pk in keys.iterator(chunk_size=PIECE)
    )


def _birthday(automation: Automation, now: datetime) -> Iterator[Piece]:
    """By every date of birth there can be, which an index finds; it may be two days at once around the world."""
    names = {*Connection.objects.values_list("time_zone", flat=True)}
    names |= {*Store.objects.values_list("time_zone", flat=True)}
    days = {now.astimezone(ZoneInfo(name)).date() for name in names}
    for today in sorted(days):
        born = [day for day in _dates_like(today) if is_birthday(day, today)]
        rows = Customer.objects.filter(birth_date__in=born, withdrawn_at=None)
        yield from walk(rows, f"birthday:{today.year}")


def _dates_like(today: date) -> Iterator[date]:
    """That day, and the one after a 28 February, of each year somebody living may be born in."""
    alike = [(today.month, today.day)] + ([(2, 29)] if (today.month, today.day) == (2, 28) else [])
    for year in (BIRTH_YEAR_UNKNOWN, *range(today.year - 120, today.year + 1)):
        for month, day in alike:
            if (month, day) != (2, 29) or isleap(year):
                yield date(year, month, day)


def _inactive(automation: Automation, now: datetime) -> Iterator[Piece]:
    cutoff = now - timedelta(days=automation.threshold("days_idle"))
    last = (
        Sale.objects.filter(write__state=Write.State.DONE)
        .order_by()
        .values_list("connection", "customer_remote_id")
        .annotate(at=Max("sold_at"))
        .filter(at__lte=cutoff)
    )
    return _pieces(
        ((connection, remote_id), f"inactive:{now:%Y-%m-%d}")
        for connection, remote_id, _at in last.iterator(chunk_size=PIECE)
    )


_FINDERS: Mapping[Trigger, Callable[[Automation, datetime], Iterator[Piece]]] = {
    Trigger.WELCOME: _welcome,
    Trigger.POST_SALE: _sold,
    Trigger.BALANCE_AVAILABLE: _balance,
    Trigger.POINTS_PROGRESS: _progress,
    Trigger.VOUCHER_ISSUED: _issued,
    Trigger.VOUCHER_EXPIRING: _expiring,
    Trigger.REDEEMED: _redeemed,
    Trigger.BIRTHDAY: _birthday,
    Trigger.INACTIVE: _inactive,
    Trigger.NPS: _asked,
}
#: Triggers whose audience a campaign may take: they are true of a customer now, and can be asked again.
STANDING = (Trigger.BALANCE_AVAILABLE, Trigger.POINTS_PROGRESS, Trigger.BIRTHDAY, Trigger.INACTIVE)
