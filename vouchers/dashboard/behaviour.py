"""How customers buy: active, coming back, how often, recovered. Everything follows from purchase days, a customer
and a local day with at least one sale.

Formulas: `communication-and-rules.md` §4. **S** are our sales that the platform confirmed.
"""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from statistics import median
from typing import Any, NamedTuple

from django.db.models import Max, QuerySet
from django.utils import timezone

from customers.models import Sale
from smartbis_admin.writes.models import Write
from vouchers.models import Voucher
from vouchers.outreach.models import Message
from vouchers.outreach.triggers import Trigger

#: Days without a purchase after which a customer counts as inactive (`W`).
ACTIVITY_WINDOW = 90
#: Messages that call a customer back, and how long they count.
CALLS = (Trigger.INACTIVE, Trigger.RETURN_CALL)
CALL_COUNTS = timedelta(days=30)
#: Recovered sales kept for their list.
MOST_LISTED = 1000

Customer = tuple[int, str]


class Period(NamedTuple):
    """Local days from–to, both included."""

    first: date
    last: date

    def holds(self, day: date) -> bool:
        return self.first <= day <= self.last


class Purchase(NamedTuple):
    """One sale of S."""

    pk: int
    customer: Customer
    day: date
    amount: Decimal
    cashback: Decimal
    points: Decimal
    #: Whether the platform gave no details and the estimate stands in.
    estimated: bool


@dataclass(frozen=True)
class History:
    """The purchases since a day, and what of the time before them matters."""

    purchases: Sequence[Purchase]
    #: Customer and day on which they used a voucher.
    uses: frozenset[tuple[Customer, date]]
    #: Purchase days of each customer in order, the last one before the history included.
    days: Mapping[Customer, list[date]]
    #: Local days on which a customer was called back (`CALLS`).
    calls: Mapping[Customer, Sequence[date]] = field(default_factory=dict)

    def by_benefit(self, customer: Customer, day: date) -> bool:
        """Whether somebody used a voucher that day or was called back in the 30 days before."""
        if (customer, day) in self.uses:
            return True
        return any(call <= day <= call + CALL_COUNTS for call in self.calls.get(customer, ()))


def first_moment(day: date) -> datetime:
    """The first second of a local day."""
    return timezone.make_aware(datetime.combine(day, time.min))


def sales_of_s() -> QuerySet[Sale]:
    """S: the sales the platform confirmed."""
    return Sale.objects.filter(write__state=Write.State.DONE).order_by()


def read_history(since: date, now: datetime) -> History:
    """The purchases from a day on. Four queries, whatever the number of sales."""
    start = first_moment(since)
    purchases = []
    rows = sales_of_s().filter(sold_at__gte=start, sold_at__lte=now)
    for pk, connection, remote_id, sold_at, amount, cashback, guess, points, points_guess in rows.values_list(
        "pk",
        "connection",
        "customer_remote_id",
        "sold_at",
        "amount",
        "cashback_amount",
        "cashback_estimate",
        "points_earned",
        "points_estimate",
    ).iterator(chunk_size=5000):
        purchases.append(
            Purchase(
                pk,
                (connection, remote_id),
                timezone.localdate(sold_at),
                amount,
                (guess if cashback is None else cashback) or Decimal(),
                (points_guess if points is None else points) or Decimal(),
                cashback is None or points is None,
            )
        )
    before = sales_of_s().filter(sold_at__lt=start).values_list("connection", "customer_remote_id")
    earlier = {
        (connection, remote_id): timezone.localdate(at)
        for connection, remote_id, at in before.annotate(at=Max("sold_at")).iterator(chunk_size=5000)
    }
    used = Voucher.objects.filter(
        used_at__gte=start, used_at__lte=now, customer_remote_id__isnull=False
    ).values_list("connection", "customer_remote_id", "used_at")
    uses = frozenset(
        ((connection, str(remote_id)), timezone.localdate(at))
        for connection, remote_id, at in used.iterator(chunk_size=5000)
        if at
    )
    return make_history(purchases, earlier, uses, _calls(start - CALL_COUNTS, now))


def _calls(start: datetime, now: datetime) -> dict[Customer, list[date]]:
    sent = Message.objects.filter(trigger__in=CALLS, sent_at__gte=start, sent_at__lte=now).order_by()
    calls: dict[Customer, list[date]] = defaultdict(list)
    for connection, remote_id, at in sent.values_list(
        "customer__connection", "customer__remote_id", "sent_at"
    ).iterator(chunk_size=5000):
        if at:
            calls[connection, remote_id].append(timezone.localdate(at))
    return calls


def make_history(
    purchases: Sequence[Purchase],
    earlier: Mapping[Customer, date],
    uses: frozenset[tuple[Customer, date]],
    calls: Mapping[Customer, Sequence[date]] | None = None,
) -> History:
    """A history with each customer's purchase days put in order."""
    seen: dict[Customer, set[date]] = defaultdict(set)
    for customer, day in earlier.items():
        seen[customer].add(day)
    for purchase in purchases:
        seen[purchase.customer].add(purchase.day)
    days_of = {customer: sorted(days) for customer, days in seen.items()}
    return History(purchases, uses, days_of, calls or {})


def active_on(history: History, day: date) -> tuple[int, int]:
    """Customers active and inactive on a day inside the history."""
    oldest = day - timedelta(days=ACTIVITY_WINDOW - 1)
    active = inactive = 0
    for days in history.days.values():
        place = bisect_right(days, day)
        if place:
            if days[place - 1] >= oldest:
                active += 1
            else:
                inactive += 1
    return active, inactive


def behaviour(history: History, period: Period) -> dict[str, Any]:
    """Every figure of a period inside the history; an empty denominator gives None. Amounts are text."""
    inside = [purchase for purchase in history.purchases if period.holds(purchase.day)]
    buyers = {purchase.customer for purchase in inside}
    visits, gaps, closing = 0, [], set()
    returning: set[Customer] = set()
    for customer in buyers:
        days = history.days[customer]
        for place, day in enumerate(days):
            if not period.holds(day):
                continue
            visits += 1
            if place:
                gap = (day - days[place - 1]).days
                gaps.append(gap)
                returning.add(customer)
                if gap > ACTIVITY_WINDOW:
                    closing.add((customer, day))
    recovered = [purchase for purchase in inside if (purchase.customer, purchase.day) in closing]
    by_benefit = [one for one in recovered if history.by_benefit(one.customer, one.day)]
    amount = sum((purchase.amount for purchase in inside), Decimal())
    active, inactive = active_on(history, period.last)
    return {
        "sales": len(inside),
        "amount": str(amount),
        "average_ticket": ratio(amount, len(inside)),
        "buyers": len(buyers),
        "active": active,
        "inactive": inactive,
        "repurchase_rate": ratio(len(returning), len(buyers)),
        "recurrence": ratio(visits, len(buyers)),
        "purchase_interval": None if not gaps else str(median(map(Decimal, gaps))),
        "cashback": str(sum((purchase.cashback for purchase in inside), Decimal())),
        "points": str(sum((purchase.points for purchase in inside), Decimal())),
        "estimated": sum(purchase.estimated for purchase in inside),
        "recovered_customers": len({customer for customer, _day in closing}),
        "recovered_sales": len(recovered),
        "recovered_amount": str(sum((purchase.amount for purchase in recovered), Decimal())),
        "recovered_by_benefit": len(by_benefit),
        "recovered_pks": [purchase.pk for purchase in recovered][:MOST_LISTED],
    }


def ratio(part: Decimal | int, whole: Decimal | int) -> str | None:
    """A fraction as text, unrounded; None over nothing."""
    return str(Decimal(part) / Decimal(whole)) if whole else None
