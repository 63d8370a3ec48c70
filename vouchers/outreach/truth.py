"""Whether what a message says is still so, read right before it leaves, and the facts its text is filled with.

An occasion names what it is about (`voucher:18:7`, `sale:55`); `read` answers with those facts or with the
reason why there is nothing to say any more. Source: `communication-and-rules.md` §2.
"""

from calendar import isleap
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from django.db.models import F, Min, Q

from customers.models import Customer, Sale
from rewards.models import Reward, reward_status_is
from smartbis_admin.writes.models import Write
from vouchers.models import Redemption, Voucher, voucher_status_is
from vouchers.outreach.models import Automation, Message
from vouchers.outreach.triggers import Trigger

Reason = Message.Reason


@dataclass(frozen=True)
class Facts:
    """What a text may be filled with beside the customer themselves."""

    voucher: Voucher | None = None
    sale: Sale | None = None
    reward_name: str = ""
    points_missing: Decimal | None = None


NOTHING = Facts()


def read(
    *, trigger: str, occasion: str, customer: Customer, automation: Automation, zone: str, now: datetime
) -> Facts | Reason:
    """The facts of an occasion as they are now, or why it no longer holds. A few queries."""
    about = occasion.split(":")
    match Trigger(trigger):
        case Trigger.POST_SALE | Trigger.NPS:
            return _sale(int(about[1]))
        case Trigger.VOUCHER_ISSUED | Trigger.VOUCHER_EXPIRING:
            return _usable(int(about[1]), now)
        case Trigger.REDEEMED:
            return _redeemed(int(about[1]))
        case Trigger.BALANCE_AVAILABLE:
            enough = (customer.cashback_balance or Decimal()) >= automation.threshold("minimum_balance")
            return NOTHING if enough else Reason.NOT_TRUE
        case Trigger.POINTS_PROGRESS:
            return _progress(customer, automation, now)
        case Trigger.BIRTHDAY:
            today = now.astimezone(ZoneInfo(zone)).date()
            return NOTHING if is_birthday(customer.birth_date, today) else Reason.NOT_TRUE
        case Trigger.INACTIVE:
            return _inactive(customer, automation, now)
    return NOTHING


def is_birthday(born: date | None, today: date) -> bool:
    """Whether somebody has their birthday; those of 29 February have it on the 28th of other years."""
    if born is None:
        return False
    if (born.month, born.day) == (2, 29) and not isleap(today.year):
        return (today.month, today.day) == (2, 28)
    return (born.month, born.day) == (today.month, today.day)


def confirmed_sales(customer: Customer) -> Q:
    """The customer's sales that the platform confirmed."""
    return Q(
        connection=customer.connection_id,
        customer_remote_id=customer.remote_id,
        write__state=Write.State.DONE,
    )


def usable_vouchers(now: datetime) -> Q:
    """Vouchers that can be used at this moment."""
    return (
        voucher_status_is(Voucher.Status.ISSUED, now)
        & Q(withdrawn_at=None)
        & (Q(starts_at=None) | Q(starts_at__lte=now))
    )


def cheapest_rewards(now: datetime) -> dict[int, tuple[Decimal, str]]:
    """Of each connection the fewest points an active reward in stock asks for, and its name. Two queries."""
    rows = Reward.objects.filter(
        reward_status_is(Reward.Status.ACTIVE, now),
        Q(starts_at=None) | Q(starts_at__lte=now),
        Q(stock=None) | Q(stock__gt=0),
        withdrawn_at=None,
        points_required__gt=0,
    ).order_by()
    least = dict(rows.values_list("connection").annotate(points=Min("points_required")))
    names: dict[int, tuple[Decimal, str]] = {}
    for connection, points in least.items():
        name = rows.filter(connection=connection, points_required=points).order_by("pk").values_list("name")
        names[connection] = (points, name[0][0])
    return names


def _sale(pk: int) -> Facts | Reason:
    sale = Sale.objects.filter(pk=pk, write__state=Write.State.DONE).first()
    return Facts(sale=sale) if sale else Reason.NOT_TRUE


def _usable(pk: int, now: datetime) -> Facts | Reason:
    voucher = Voucher.objects.filter(usable_vouchers(now), pk=pk).first()
    if voucher is None or _is_held(voucher):
        return Reason.VOUCHER_GONE
    return Facts(voucher=voucher)


def _is_held(voucher: Voucher) -> bool:
    """Whether a till has it already, although the platform's list does not say so yet."""
    return Redemption.objects.filter(
        connection=voucher.connection_id, code_sent=voucher.remote_id, state__in=Redemption.HOLDING
    ).exists()


def _redeemed(pk: int) -> Facts | Reason:
    voucher = Voucher.objects.filter(pk=pk).first()
    if voucher is None:
        return Reason.NOT_TRUE
    valid = Redemption.objects.filter(
        connection=voucher.connection_id, code_sent=voucher.remote_id, state=Redemption.State.VALID
    )
    if voucher.status == Voucher.Status.USED or valid.exists():
        return Facts(voucher=voucher)
    return Reason.NOT_TRUE


def _progress(customer: Customer, automation: Automation, now: datetime) -> Facts | Reason:
    cheapest = cheapest_rewards(now).get(customer.connection_id)
    if cheapest is None or customer.points_balance is None:
        return Reason.NOT_TRUE
    needed, name = cheapest
    near = needed * automation.threshold("percent") / 100
    if not near <= customer.points_balance < needed:
        return Reason.NOT_TRUE
    return Facts(reward_name=name, points_missing=needed - customer.points_balance)


def _inactive(customer: Customer, automation: Automation, now: datetime) -> Facts | Reason:
    since = now - timedelta(days=automation.threshold("days_idle"))
    sales = Sale.objects.filter(confirmed_sales(customer))
    if sales.filter(sold_at__gt=since).exists() or not sales.exists():
        return Reason.NOT_TRUE
    vouchers = Voucher.objects.filter(
        usable_vouchers(now), connection=customer.connection_id, customer_remote_id=customer.remote_id
    )
    # The one that ends last leaves the most time to come back.
    return Facts(voucher=vouchers.order_by(F("expires_at").desc(nulls_last=True), "-pk").first())
