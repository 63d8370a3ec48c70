"""The history of a reward's stock: what was asked for here, and what the platform changed by itself.

Knows the ledger's words and no screen.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from rewards.models import Reward, StockChange, StockReading
from smartbis_admin.staff.models import User
from smartbis_admin.writes.models import Write
from smartbis_admin.writes.tables import LOOKS

#: Refusals of a change of stock: form field, sentence.
STOCK_REFUSALS = {
    "stock_changed": ("target", _("O estoque mudou na plataforma depois que você abriu esta página.")),
    "coupon_not_found": ("", _("A plataforma não encontrou esta recompensa. Nada foi alterado.")),
    "negative_stock": ("target", _("O estoque não pode ser negativo.")),
    "stock_too_large": ("target", _("A plataforma não aceita um estoque tão grande.")),
}
#: Moments told on a reward's page, and days drawn.
NEWEST = 20
CHART_DAYS = 90
#: An answer and the reading it brought lie at most this far apart.
_SAME_MOMENT = timedelta(minutes=1)


@dataclass(frozen=True)
class Moment:
    """One line of the history. A stock of None is unlimited where it is known, else a dash."""

    at: datetime
    tone: str
    icon: str
    result: str | Promise
    before: int | None
    after: int | None
    target: int | None = None
    before_known: bool = True
    after_known: bool = True
    actor: User | None = None
    reason: str | Promise = ""


def stock_history(reward: Reward) -> list[Moment]:
    """What happened to the stock, the newest first. Two queries."""
    changes = list(reward.stock_changes.select_related("write__actor").order_by("-pk")[:NEWEST])
    readings = list(reward.stock_readings.order_by("-at", "-pk")[: NEWEST + 1])
    ours = {(change.after, change.write.finished_at) for change in changes if change.write.finished_at}
    moments = [_asked(change) for change in changes]
    for now, earlier in pairwise([*readings, None]):
        if now is None or any(stock == now.stock and abs(at - now.at) < _SAME_MOMENT for stock, at in ours):
            continue
        moments.append(_seen(now, earlier))
    return sorted(moments, key=lambda moment: moment.at, reverse=True)[:NEWEST]


def _asked(change: StockChange) -> Moment:
    write = change.write
    tone, icon = LOOKS[Write.State(write.state)]
    known = STOCK_REFUSALS.get(write.code)
    refused = write.state == Write.State.REFUSED
    return Moment(
        at=write.created_at,
        tone=tone,
        icon=icon,
        result=Write.State(write.state).label,
        before=change.before,
        target=change.target,
        after=change.after,
        # Meaningful only where the platform said it.
        after_known=write.state == Write.State.DONE or write.code == "stock_changed",
        actor=write.actor,
        reason=(known[1] if known else write.message) if refused else "",
    )


def _seen(now: StockReading, earlier: StockReading | None) -> Moment:
    return Moment(
        at=now.at,
        tone="neutral",
        icon="cloud-check",
        result=_("Mudou na plataforma") if earlier else _("Primeira leitura"),
        before=earlier.stock if earlier else None,
        before_known=earlier is not None,
        after=now.stock,
    )


def chart_points(reward: Reward) -> list[StockReading]:
    """The readings of the last `CHART_DAYS` days, oldest first, begun by the one that held before them."""
    since = timezone.now() - timedelta(days=CHART_DAYS)
    readings = reward.stock_readings.order_by("-at", "-pk")
    return [*list(readings.filter(at__lt=since)[:1]), *reversed(readings.filter(at__gte=since))]
