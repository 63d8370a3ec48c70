"""Where a stock is heading: the levels seen so far, how fast it goes, and when it runs out, with the reason.

What leaves a stock is a voucher, so the pace is counted in vouchers issued and not in differences of stock,
which restocking would hide. With too little to go by nothing is predicted.
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.db.models import Count, Max, OuterRef, Q, Subquery
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from rewards.models import Reward, StockReading, StockWatch
from smartbis_admin.ui.formats import day, number

#: Days looked back.
WINDOW = 14
#: Fewer vouchers, or fewer days since a reward began, predict nothing.
FEWEST = 3
SHORTEST = 5
#: Beyond so many days a date would only look exact.
FARTHEST = 365
#: The pace is measured again after this long.
MEASURED_FOR = timedelta(minutes=15)
#: Vouchers that took a piece: all but the cancelled ones (`communication-and-rules.md` §4, `vouchers_issued`).
_TOOK = ("issued", "used", "expired", "unknown")


@dataclass(frozen=True)
class Outlook:
    """How a limited stock is doing. `out_on` None: it cannot be told, or lies too far ahead."""

    sentence: str
    out_on: date | None = None
    measured_at: datetime | None = None


def outlook(reward: Reward, *, today: date | None = None) -> Outlook | None:
    """What can be said about when the stock runs out; None for an unlimited one. Wants `watch` selected."""
    if reward.stock is None:
        return None
    watch: StockWatch | None = getattr(reward, "watch", None)
    if reward.stock == 0:
        return Outlook(_("O estoque acabou."))
    if watch is None or watch.measured_at is None:
        return Outlook(_("O ritmo ainda não foi medido; aparece aqui em alguns minutos."))
    words = {"days": number(watch.days)}
    if watch.days < SHORTEST:
        sentence = _("A recompensa é nova demais para prever quando o estoque acaba.")
    elif not watch.went:
        sentence = _("Nenhum saiu nos últimos %(days)s dias: não há como prever quando acaba.") % words
    elif watch.went < FEWEST:
        sentence = ngettext(
            "Só %(n)s saiu nos últimos %(days)s dias: é pouco para prever quando acaba.",
            "Só %(n)s saíram nos últimos %(days)s dias: é pouco para prever quando acaba.",
            watch.went,
        ) % (words | {"n": number(watch.went)})
    else:
        return _predicted(reward, watch, words, today or timezone.localdate())
    return Outlook(sentence, measured_at=watch.measured_at)


def _predicted(reward: Reward, watch: StockWatch, words: dict[str, str], today: date) -> Outlook:
    stock = reward.stock or 0
    left = stock * watch.days // watch.went
    words |= {
        "went": number(watch.went),
        "rate": number((Decimal(watch.went) / watch.days).quantize(Decimal("0.1"))),
        "stock": number(stock),
    }
    if left > FARTHEST:
        sentence = _(
            "%(went)s saíram nos últimos %(days)s dias, cerca de %(rate)s por dia; com %(stock)s restantes "
            "dura mais de um ano."
        )
        return Outlook(sentence % words, measured_at=watch.measured_at)
    out_on = today + timedelta(days=left)
    ends_on = timezone.localdate(reward.ends_at) if reward.ends_at else None
    words["day"] = day(out_on)
    if ends_on and ends_on < out_on:
        sentence = _(
            "%(went)s saíram nos últimos %(days)s dias, cerca de %(rate)s por dia; com %(stock)s restantes "
            "o estoque passa do fim do período de uso, em %(end)s."
        )
        return Outlook(sentence % (words | {"end": day(ends_on)}), measured_at=watch.measured_at)
    sentence = ngettext(
        "%(went)s saíram nos últimos %(days)s dias, cerca de %(rate)s por dia; com %(stock)s restante "
        "acaba por volta de %(day)s.",
        "%(went)s saíram nos últimos %(days)s dias, cerca de %(rate)s por dia; com %(stock)s restantes "
        "acaba por volta de %(day)s.",
        stock,
    )
    return Outlook(sentence % words, out_on, watch.measured_at)


def note_levels(*, reward: Reward | None = None) -> int:
    """Keep every stock that is not the one noted last; returns how many. Rewards are few.

    Called by a job and after a change of ours, so that the mirror needs to know nothing of it.
    """
    last = StockReading.objects.filter(reward=OuterRef("pk")).order_by("-at", "-pk")
    rows = Reward.objects.filter(pk=reward.pk) if reward else Reward.objects.filter(withdrawn_at=None)
    known = rows.order_by().annotate(
        noted=Subquery(last.values("stock")[:1]), noted_at=Subquery(last.values("at")[:1])
    )
    fresh = [
        StockReading(reward_id=pk, stock=stock, at=stored_at)
        for pk, stock, stored_at, noted, noted_at in known.values_list(
            "pk", "stock", "stored_at", "noted", "noted_at"
        )
        if noted_at is None or noted != stock
    ]
    StockReading.objects.bulk_create(fresh, ignore_conflicts=True)
    return len(fresh)


def measure(now: datetime | None = None) -> bool:
    """Count what went of every limited reward, unless that was done a moment ago. Returns whether it was."""
    now = now or timezone.now()
    newest = StockWatch.objects.aggregate(at=Max("measured_at"))["at"]
    if newest and newest <= now < newest + MEASURED_FOR:
        return False
    since = now - timedelta(days=WINDOW)
    took = Q(
        vouchers__issued_at__gt=since,
        vouchers__issued_at__lte=now,
        vouchers__status__in=_TOOK,
        vouchers__withdrawn_at=None,
    )
    limited = Reward.objects.filter(withdrawn_at=None, stock__isnull=False).order_by()
    went = dict(limited.filter(took).values_list("pk").annotate(n=Count("vouchers")))
    rows = [
        StockWatch(reward_id=pk, went=went.get(pk, 0), days=_days_known(starts_at, now), measured_at=now)
        for pk, starts_at in limited.values_list("pk", "starts_at")
    ]
    StockWatch.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["reward"],
        update_fields=["went", "days", "measured_at"],
        batch_size=500,
    )
    return True


def _days_known(starts_at: datetime | None, now: datetime) -> int:
    """Days of the window in which the reward could be had."""
    if starts_at is None:
        return WINDOW
    return min(max((now - starts_at).days, 0), WINDOW)
