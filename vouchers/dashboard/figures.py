"""The figures of the start page: how each is computed, and when it is computed again.

Counting and summing big tables is a job's work, never a page's. Days are those of the program's time
zone. Amounts are added in whole centavos, because SQLite adds decimals as floats.
Source of the formulas: `communication-and-rules.md` §4.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import BigIntegerField, Count, DecimalField, F, Max, Q, Sum
from django.db.models.functions import Cast, Round, TruncDate
from django.utils import timezone

from customers.models import Customer, Sale
from smartbis_admin.api.capabilities import Resource
from smartbis_admin.sync.models import SyncRun
from smartbis_admin.writes.models import Write
from vouchers.dashboard.models import Figure
from vouchers.models import Voucher, voucher_status_is

#: Days of the period shown, today included; the period before is as long.
PERIOD = 30
#: "A vencer em N dias".
EXPIRING = 7


@dataclass(frozen=True)
class Topic:
    """One group of figures that is computed in one go."""

    compute: Callable[[datetime], dict[str, Any]]
    #: Computed again after this long.
    max_age: timedelta
    #: … and when a run of this list has ended since.
    resource: Resource | None = None


def exact_sum(column: str, *, places: int = 2, only: Q | None = None) -> Sum:
    """The sum of a decimal column as a whole number of its smallest unit."""
    scaled = Round(F(column) * 10**places, output_field=DecimalField(max_digits=24, decimal_places=0))
    return Sum(Cast(scaled, BigIntegerField()), filter=only)


def unscaled(total: int | None, places: int = 2) -> str:
    """What `exact_sum` gave, as the text of a decimal."""
    return str(Decimal(total or 0).scaleb(-places))


def first_moment(day: date) -> datetime:
    """The first second of a local day."""
    return timezone.make_aware(datetime.combine(day, time.min))


def sales(now: datetime) -> dict[str, Any]:
    """Sales the platform confirmed: today, the period, the period before, and each day of the period."""
    today = timezone.localdate(now)
    start, before = today - timedelta(days=PERIOD - 1), today - timedelta(days=2 * PERIOD - 1)
    rows = (
        Sale.objects.filter(write__state=Write.State.DONE, sold_at__gte=first_moment(before))
        .order_by()
        .values(day=TruncDate("sold_at"))
        .annotate(count=Count("pk"), total=exact_sum("amount"))
    )
    by_day = {row["day"]: (row["count"], row["total"]) for row in rows}

    def over(first: date, days: int) -> dict[str, Any]:
        found = [by_day.get(first + timedelta(days=i), (0, 0)) for i in range(days)]
        return {"count": sum(n for n, _total in found), "amount": unscaled(sum(total for _n, total in found))}

    return {
        "today": over(today, 1),
        "period": over(start, PERIOD),
        "before": over(before, PERIOD),
        "days": [
            {"day": day.isoformat(), **over(day, 1)}
            for day in (start + timedelta(days=i) for i in range(PERIOD))
        ],
    }


def customers(now: datetime) -> dict[str, Any]:
    """Customers the platform lists, and what their balances amount to."""
    found = Customer.objects.filter(withdrawn_at=None).aggregate(
        count=Count("pk"),
        cashback=exact_sum("cashback_balance", only=Q(cashback_balance__gt=0)),
        points=exact_sum("points_balance", places=4, only=Q(points_balance__gt=0)),
    )
    return {
        "count": found["count"],
        "cashback": unscaled(found["cashback"]),
        "points": unscaled(found["points"], 4),
    }


def vouchers(now: datetime) -> dict[str, Any]:
    """Vouchers usable now, soon to expire, and issued and used in the period and the one before."""
    today = timezone.localdate(now)
    start = first_moment(today - timedelta(days=PERIOD - 1))
    before = first_moment(today - timedelta(days=2 * PERIOD - 1))
    rows = Voucher.objects.filter(withdrawn_at=None).order_by()
    usable = rows.filter(voucher_status_is(Voucher.Status.ISSUED, now))
    soon = usable.filter(expires_at__lt=first_moment(today + timedelta(days=EXPIRING + 1)))
    issued = rows.exclude(status=Voucher.Status.CANCELLED)
    return {
        "usable": _count_and_value(usable),
        "expiring": _count_and_value(soon),
        "issued": issued.filter(issued_at__gte=start, issued_at__lte=now).count(),
        "issued_before": issued.filter(issued_at__gte=before, issued_at__lt=start).count(),
        "used": rows.filter(used_at__gte=start, used_at__lte=now).count(),
        "used_before": rows.filter(used_at__gte=before, used_at__lt=start).count(),
    }


def _count_and_value(rows: Any) -> dict[str, Any]:
    found = rows.aggregate(count=Count("pk"), value=exact_sum("value"))
    return {"count": found["count"], "value": unscaled(found["value"])}


TOPICS = {
    "sales": Topic(sales, max_age=timedelta(minutes=1)),
    "customers": Topic(customers, max_age=timedelta(minutes=15), resource=Resource.CUSTOMERS),
    "vouchers": Topic(vouchers, max_age=timedelta(minutes=15), resource=Resource.VOUCHERS),
}


def refresh(now: datetime | None = None) -> list[str]:
    """Compute again what is due; returns the topics. Cheap when nothing is."""
    now = now or timezone.now()
    known = dict(Figure.objects.values_list("topic", "computed_at"))
    ended = dict(SyncRun.objects.order_by().values_list("resource").annotate(at=Max("finished_at")))
    due = [name for name, topic in TOPICS.items() if _is_due(topic, known.get(name), ended, now)]
    for name in due:
        data = TOPICS[name].compute(now)
        Figure.objects.update_or_create(topic=name, defaults={"data": data, "computed_at": now})
    return due


def _is_due(
    topic: Topic, computed_at: datetime | None, ended: dict[str, datetime | None], now: datetime
) -> bool:
    if computed_at is None or now - computed_at >= topic.max_age:
        return True
    last = ended.get(topic.resource) if topic.resource else None
    return last is not None and last >= computed_at


def read() -> dict[str, dict[str, Any]]:
    """Every topic that was computed: its figures and, as `at`, the moment they were true."""
    return {row.topic: row.data | {"at": row.computed_at} for row in Figure.objects.all()}
