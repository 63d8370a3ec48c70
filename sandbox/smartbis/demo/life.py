"""One demo customer's year: visits, what the rule gave, what was exchanged and used. No database.

The engine's own arithmetic runs on every sale, so that balances, vouchers and sales agree to the centavo.
"""

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from sandbox.smartbis import engine
from sandbox.smartbis.demo.calendar import DAYS, Calendar
from sandbox.smartbis.stores import STORES
from sandbox.times import day_end, local_day

DAY = 86_400
_STORES = tuple(STORES)
# Visits a year and the share of people who come so often.
_HABITS = (46.0, 14.0, 14.0, 4.5, 4.5, 0.0)


@dataclass
class Issued:
    """A voucher on its way into the database; units as in `models`."""

    issued_at: int
    origin: str
    status: str = "issued"
    coupon: int | None = None
    value: int | None = None
    minimum_purchase: int | None = None
    starts_at: int | None = None
    expires_at: int | None = None
    used_at: int | None = None
    store: str | None = None


@dataclass(frozen=True)
class Price:
    """A coupon people exchange points for: its public id, price in 1/10000 point, limit."""

    coupon: int
    points: int
    limit: int | None


@dataclass
class Life:
    """What a customer did and has: sales as (amount, cashback, points, moment), vouchers, balances."""

    created_at: int
    updated_at: int
    cashback: int = 0
    points: int = 0
    sales: list[tuple[int, int, int, int]] = field(default_factory=list)
    vouchers: list[Issued] = field(default_factory=list)


def lived(
    source: random.Random, calendar: Calendar, *, share: float, serial: int, prices: Sequence[Price]
) -> Life:
    """The life of the `serial`-th customer, registered at `share` of the time the merchant is open."""
    day, created_at = calendar.registration(share)
    life = Life(created_at, created_at)
    had: Counter[int] = Counter()
    unused: list[Issued] = []
    for visit_day, moment in calendar.visits(source, since=day, rate=source.choice(_HABITS)):
        _use(source, unused, moment)
        amount = 350 + int(source.lognormvariate(3.35, 0.75) * 100)
        cashback, points = engine.cashback(amount=amount), engine.points(amount=amount)
        life.sales.append((amount, cashback, points, moment))
        life.cashback += cashback
        life.points += points
        life.updated_at = moment
        expires_at = calendar.expiries[visit_day]
        if value := engine.voucher_value(balance=life.cashback):
            life.cashback -= value
            unused.append(_from_balance(life, moment, value, expires_at))
        if life.points > prices[0].points and source.random() < 0.22:
            _exchange(source, life, moment, expires_at, prices, had, unused)
    _gifts(life, calendar, serial)
    return life


def _from_balance(life: Life, moment: int, value: int, expires_at: int) -> Issued:
    least = engine.DEFAULT_RULE.voucher_minimum_purchase
    voucher = Issued(moment, "cashback", value=value, minimum_purchase=least, expires_at=expires_at)
    life.vouchers.append(voucher)
    return voucher


def _exchange(
    source: random.Random,
    life: Life,
    moment: int,
    expires_at: int,
    prices: Sequence[Price],
    had: Counter[int],
    unused: list[Issued],
) -> None:
    within_reach = [
        price
        for price in prices
        if price.points <= life.points and (price.limit is None or had[price.coupon] < price.limit)
    ]
    if within_reach:
        price = source.choice(within_reach)
        had[price.coupon] += 1
        life.points -= price.points
        voucher = Issued(moment + 60, "points", coupon=price.coupon, expires_at=expires_at)
        life.vouchers.append(voucher)
        unused.append(voucher)


def _use(source: random.Random, unused: list[Issued], moment: int) -> None:
    """A voucher is used at a later visit, cancelled once in a while, or forgotten until it expires."""
    for voucher in [*unused]:
        chance = source.random()
        if voucher.expires_at is not None and voucher.expires_at < moment:
            unused.remove(voucher)
        elif chance < 0.55:
            voucher.status, voucher.used_at, voucher.store = "used", moment + 120, source.choice(_STORES)
            unused.remove(voucher)
        elif chance > 0.98:
            voucher.status = "cancelled"
            unused.remove(voucher)


def _gifts(life: Life, calendar: Calendar, serial: int) -> None:
    """What the panel handed out, so that every state of a voucher exists in any number of customers."""
    noon = calendar.today - 12 * 3600
    since = max(life.created_at, noon - 20 * DAY)
    if serial % 40 == 7:
        starts = calendar.today + 7 * DAY
        ends = day_end(local_day(starts + 30 * DAY))
        life.vouchers.append(Issued(since, "plan", starts_at=starts, expires_at=ends, value=1500))
    if serial % 50 == 11:
        life.vouchers.append(
            Issued(since, "manual", status="cancelled", expires_at=calendar.expiries[DAYS - 1])
        )
    if serial % 30 == 13:
        ends = calendar.expiries[DAYS - 1]
        life.vouchers.append(Issued(since, "manual", value=1000, minimum_purchase=5000, expires_at=ends))
    ends = calendar.today - 5 * DAY - 1
    issued_at = ends - 10 * DAY
    if serial % 60 == 17 and life.created_at < issued_at:
        life.vouchers.append(Issued(issued_at, "balance", value=2500, minimum_purchase=5000, expires_at=ends))
