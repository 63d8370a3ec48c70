"""The figures of the start page: how each topic is computed, and when it is computed again.

Counting and summing big tables is a job's work, never a page's. Days are those of the program's time
zone. Source of the formulas: `communication-and-rules.md` §4.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, Max, Q, QuerySet
from django.db.models.functions import TruncDate
from django.utils import timezone

from customers.models import Customer
from smartbis_admin.api.capabilities import Capability, Resource
from smartbis_admin.connections.models import Connection
from smartbis_admin.connections.providers import able_to
from smartbis_admin.sync.models import SyncRun
from vouchers.dashboard.behaviour import (
    Period,
    behaviour,
    first_moment,
    ratio,
    read_history,
    sales_of_s,
)
from vouchers.dashboard.models import Figure, Snapshot
from vouchers.models import Voucher, voucher_status_is
from vouchers.outreach.models import SurveyAnswer
from vouchers.sums import as_decimal, exact_sum

#: Days of the period shown, today included; the period before is as long.
PERIOD = 30
#: "A vencer em N dias".
EXPIRING = (7, 15, 30)
#: From and up to which a score of the survey counts for and against.
PROMOTER, DETRACTOR = 9, 6


@dataclass(frozen=True)
class Topic:
    """One group of figures that is computed in one go."""

    compute: Callable[[datetime], dict[str, Any]]
    #: Computed again after this long.
    max_age: timedelta
    #: … and when a run of this list has ended since.
    resource: Resource | None = None


def periods(today: date) -> dict[str, Period]:
    """Today and the last `PERIOD` days, each with the period before it."""
    start = today - timedelta(days=PERIOD - 1)
    yesterday = today - timedelta(days=1)
    return {
        "today": Period(today, today),
        "today_before": Period(yesterday, yesterday),
        "month": Period(start, today),
        "month_before": Period(start - timedelta(days=PERIOD), start - timedelta(days=1)),
    }


def days_back(today: date, count: int = PERIOD) -> list[date]:
    """The last days in order, today included."""
    return [today - timedelta(days=ago) for ago in reversed(range(count))]


def sales(now: datetime) -> dict[str, Any]:
    """Sales the platform confirmed: each period, and each day of the last ones."""
    today = timezone.localdate(now)
    asked = periods(today)
    rows = (
        sales_of_s()
        .filter(sold_at__gte=first_moment(asked["month_before"].first))
        .values(day=TruncDate("sold_at"))
        .annotate(count=Count("pk"), total=exact_sum("amount"))
    )
    by_day = {row["day"]: (row["count"], row["total"]) for row in rows}

    def over(period: Period) -> dict[str, Any]:
        found = [told for day, told in by_day.items() if period.holds(day)]
        return {
            "count": sum(count for count, _total in found),
            "amount": str(as_decimal(sum(total for _count, total in found))),
        }

    return {
        **{name: over(period) for name, period in asked.items()},
        "days": [{"day": day.isoformat(), **over(Period(day, day))} for day in days_back(today)],
    }


def people(now: datetime) -> dict[str, Any]:
    """How customers buy, in each period."""
    asked = periods(timezone.localdate(now))
    history = read_history(asked["month_before"].first, now)
    return {name: behaviour(history, period) for name, period in asked.items()}


def survey(now: datetime) -> dict[str, Any]:
    """Answers to the satisfaction survey in each period, and what they come to (NPS)."""
    asked = periods(timezone.localdate(now))
    since = first_moment(asked["month_before"].first)
    rows = list(
        SurveyAnswer.objects.filter(answered_at__gte=since, answered_at__lte=now)
        .order_by()
        .values(day=TruncDate("answered_at"))
        .annotate(
            answers=Count("pk"),
            promoters=Count("pk", filter=Q(score__gte=PROMOTER)),
            detractors=Count("pk", filter=Q(score__lte=DETRACTOR)),
        )
    )

    def over(period: Period) -> dict[str, Any]:
        inside = [row for row in rows if period.holds(row["day"])]
        answers = sum(row["answers"] for row in inside)
        lead = sum(row["promoters"] - row["detractors"] for row in inside)
        return {"answers": answers, "nps": ratio(lead * 100, answers)}

    return {name: over(period) for name, period in asked.items()}


def customers(now: datetime) -> dict[str, Any]:
    """Customers the platforms list, and what balances amount to where sales are registered.

    Points of another programme are another currency: they are not added to these.
    """
    others = Connection.objects.exclude(provider__in=able_to(Capability.REGISTER_SALE))
    foreign = list(others.values_list("pk", flat=True))
    ours = ~Q(connection__in=foreign) if foreign else Q()
    found = Customer.objects.filter(withdrawn_at=None).aggregate(
        count=Count("pk"),
        cashback=exact_sum("cashback_balance", only=ours & Q(cashback_balance__gt=0)),
        points=exact_sum("points_balance", places=4, only=ours & Q(points_balance__gt=0)),
    )
    return {
        "count": found["count"],
        "cashback": str(as_decimal(found["cashback"])),
        "points": str(as_decimal(found["points"], 4)),
    }


def vouchers(now: datetime) -> dict[str, Any]:
    """Vouchers usable now and soon to expire, and what was issued and used in each period."""
    today = timezone.localdate(now)
    asked = periods(today)
    rows = Voucher.objects.filter(withdrawn_at=None).order_by()
    usable = rows.filter(voucher_status_is(Voucher.Status.ISSUED, now))
    ends = {n: first_moment(today + timedelta(days=n + 1)) for n in EXPIRING}
    soon = usable.filter(expires_at__lt=max(ends.values()))
    expiring_on = _per_day(soon, "expires_at", value=exact_sum("value"))
    start = first_moment(asked["month"].first)
    issued_on = _per_day(issued_in(rows, asked["month"], now), "issued_at")
    used_on = _per_day(rows.filter(used_at__gte=start, used_at__lte=now), "used_at")
    ahead = [today + timedelta(days=n) for n in range(max(EXPIRING) + 1)]
    return {
        "usable": _count_and_value(usable),
        "expiring": {str(n): _count_and_value(usable.filter(expires_at__lt=end)) for n, end in ends.items()},
        "expiring_days": [
            {
                "day": day.isoformat(),
                "count": expiring_on.get(day, (0, 0))[0],
                "value": str(as_decimal(expiring_on.get(day, (0, 0))[1])),
            }
            for day in ahead
        ],
        "days": [
            {"day": day.isoformat(), "issued": issued_on.get(day, (0,))[0], "used": used_on.get(day, (0,))[0]}
            for day in days_back(today)
        ],
        **{name: voucher_figures(rows, period, now) for name, period in asked.items()},
    }


def issued_in(rows: QuerySet[Voucher], period: Period, now: datetime) -> QuerySet[Voucher]:
    """Vouchers issued in a period, without the cancelled ones."""
    end = first_moment(period.last + timedelta(days=1))
    return rows.filter(
        issued_at__gte=first_moment(period.first), issued_at__lt=end, issued_at__lte=now
    ).exclude(status=Voucher.Status.CANCELLED)


def voucher_figures(rows: QuerySet[Voucher], period: Period, now: datetime) -> dict[str, Any]:
    """Issued and used in a period, and what the issued ones were worth."""
    of_money = Q(origin__in=[Voucher.Origin.CASHBACK, Voucher.Origin.BALANCE])
    found = issued_in(rows, period, now).aggregate(
        issued=Count("pk"),
        issued_used=Count("pk", filter=Q(status=Voucher.Status.USED) | Q(used_at__isnull=False)),
        of_money=exact_sum("value", only=of_money),
        of_points=exact_sum("reward__points_required", places=4, only=Q(origin=Voucher.Origin.POINTS)),
    )
    end = first_moment(period.last + timedelta(days=1))
    used = rows.filter(used_at__gte=first_moment(period.first), used_at__lt=end, used_at__lte=now)
    return {
        "issued": found["issued"],
        "used": used.count(),
        "usage_rate": ratio(found["issued_used"], found["issued"]),
        "of_money": str(as_decimal(found["of_money"])),
        "of_points": str(as_decimal(found["of_points"], 4)),
    }


def _per_day(rows: QuerySet[Voucher], column: str, **more: Any) -> dict[date, tuple[int, ...]]:
    counted = rows.values_list(TruncDate(column)).annotate(n=Count("pk"), **more)
    return {row[0]: row[1:] for row in counted}


def _count_and_value(rows: Any) -> dict[str, Any]:
    found = rows.aggregate(count=Count("pk"), value=exact_sum("value"))
    return {"count": found["count"], "value": str(as_decimal(found["value"]))}


TOPICS = {
    "sales": Topic(sales, max_age=timedelta(minutes=1)),
    "people": Topic(people, max_age=timedelta(minutes=15)),
    "survey": Topic(survey, max_age=timedelta(minutes=15)),
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
    if {"customers", "vouchers"} & set(due):
        _keep_snapshot(now)
    return due


def _keep_snapshot(now: datetime) -> None:
    """What has no history upstream, as it is at the end of each day: the last one of a day stays."""
    known = read()
    if not {"customers", "vouchers"} <= known.keys():
        return
    data = {
        "customers": known["customers"]["count"],
        "cashback": known["customers"]["cashback"],
        "points": known["customers"]["points"],
        "usable": known["vouchers"]["usable"],
        "expiring": known["vouchers"]["expiring"],
    }
    Snapshot.objects.update_or_create(day=timezone.localdate(now), defaults={"data": data})


def _is_due(
    topic: Topic, computed_at: datetime | None, ended: dict[str, datetime | None], now: datetime
) -> bool:
    if computed_at is None or now - computed_at >= topic.max_age:
        return True
    if timezone.localdate(computed_at) != timezone.localdate(now):
        # "Today" is another day.
        return True
    last = ended.get(topic.resource) if topic.resource else None
    return last is not None and last >= computed_at


def read() -> dict[str, dict[str, Any]]:
    """Every topic that was computed: its figures and, as `at`, the moment they were true."""
    return {row.topic: row.data | {"at": row.computed_at} for row in Figure.objects.all()}


def read_snapshots(today: date) -> dict[str, dict[str, Any]]:
    """What was kept of yesterday and of the day before the period, by the name of their periods."""
    asked = periods(today)
    days = {asked[name].last: name for name in ("today_before", "month_before")}
    rows = Snapshot.objects.filter(day__in=list(days))
    return {days[row.day]: row.data for row in rows}
