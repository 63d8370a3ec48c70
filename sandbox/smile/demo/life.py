"""One demo customer's time with the shop: orders, rewards, tiers, points that ended. No database.

The engine's own arithmetic decides tiers and ends, so that what the API tells fits together. Times in
milliseconds.
"""

import random
from dataclasses import dataclass, field

from sandbox.smile import engine
from sandbox.smile.demo.catalogue import LEVELS, PRIZES, Prize
from sandbox.smile.models import FAILED, ISSUED, PENDING, UNTRACKED, UNUSED, USED

# Orders a year, as often as they stand here.
_HABITS = (0.0, 1.0, 1.0, 2.0, 3.0, 5.0, 9.0, 16.0, 34.0)
_YEAR = 365 * engine.DAY


@dataclass
class Gift:
    """A fulfilment on its way into the database; `key` comes once all are in order."""

    created_at: int
    customer: int | None
    prize: int
    expires_at: int | None
    used_at: int | None = None
    status: str = ISSUED
    usage: str = UNUSED
    key: int = 0


@dataclass
class Life:
    """What a customer did and has; changes as (moment, tier before, tier after), places in `LEVELS`."""

    updated_at: int
    balance: int = 0
    points_expire_at: int | None = None
    level: int | None = None
    level_expires_at: int | None = None
    progress: int = 0
    progress_year: int = 0
    transactions: list[tuple[int, int, str, str | None]] = field(default_factory=list)
    gifts: list[Gift] = field(default_factory=list)
    purchases: list[tuple[int, int, int, Gift]] = field(default_factory=list)
    changes: list[tuple[int, int | None, int | None]] = field(default_factory=list)


def given(source: random.Random, *, prize: int, customer: int | None, at: int, today: int) -> Gift:
    """A fulfilment and what became of it until `today`."""
    made: Prize = PRIZES[prize]
    gift = Gift(at, customer, prize, None if made.days is None else at + made.days * engine.DAY)
    fate = source.random()
    if made.posted:
        gift.status = PENDING if today - at < 10 * engine.DAY else FAILED if fate > 0.97 else ISSUED
    elif fate > 0.985:
        gift.status = "cancelled"
    if not made.tracked:
        gift.usage = UNTRACKED
    elif gift.status == ISSUED and fate < 0.6:
        used_at = at + int(source.random() * 40 * engine.DAY)
        if used_at < today:
            gift.usage, gift.used_at = USED, used_at
    return gift


def lived(source: random.Random, *, customer: int, joined_at: int, today: int) -> Life:
    """The life of a member who joined then."""
    life = Life(joined_at, level=0)
    _earn(life, source, customer, joined_at, 100, "Bônus de boas-vindas", today)
    rate = source.choice(_HABITS)
    orders = int(rate * (today - joined_at) / _YEAR + source.random())
    for moment in sorted(joined_at + int(source.random() * (today - joined_at)) for _ in range(orders)):
        _pass(life, moment)
        if life.balance > 300 and source.random() < 0.35:
            _spend(life, source, customer, moment, today)
        _earn(
            life,
            source,
            customer,
            moment,
            int(source.lognormvariate(4.6, 0.6)),
            "Pedido na loja virtual",
            today,
        )
    if source.random() < 0.04:
        change = source.choice((50, 100, 150, -min(life.balance, 50)))
        if change:
            note = "Ajuste combinado pelo atendimento"
            _write(life, max(life.updated_at, today - 3 * engine.DAY), change, "Cortesia da loja", note)
    _pass(life, today)
    return life


def _write(life: Life, at: int, change: int, description: str, note: str | None = None) -> None:
    life.balance += change
    life.updated_at = at
    life.points_expire_at = at + engine.POINTS_LAST if life.balance else None
    life.transactions.append((at, change, description, note))


def _earn(
    life: Life, source: random.Random, customer: int, at: int, points: int, description: str, today: int
) -> None:
    _write(life, at, points, description)
    year = engine.year_of(at)
    life.progress = points + (life.progress if life.progress_year == year else 0)
    life.progress_year = year
    level = _place(life.progress)
    if level < (life.level or 0):
        return
    if level > (life.level or 0):
        life.changes.append((at, life.level, level))
        life.level = level
        life.gifts += [
            given(source, prize=prize, customer=customer, at=at, today=today) for prize in LEVELS[level].entry
        ]
    life.level_expires_at = engine.keeps_until(LEVELS[level], year)


def _spend(life: Life, source: random.Random, customer: int, at: int, today: int) -> None:
    able = [
        place
        for place, prize in enumerate(PRIZES)
        if (prize.price or (prize.slider and prize.slider[2]) or life.balance + 1) <= life.balance
    ]
    place = source.choice(able)
    prize = PRIZES[place]
    price = prize.price or 0
    if prize.slider:
        step, _, least, most = prize.slider
        price = source.randrange(least, min(life.balance, most or life.balance) + 1, step)
    _write(life, at, -price, f"Troca de pontos: {prize.name}")
    gift = given(source, prize=place, customer=customer, at=at, today=today)
    life.gifts.append(gift)
    life.purchases.append((at, place, price, gift))


def _pass(life: Life, now: int) -> None:
    """What ended by itself before `now`."""
    if life.points_expire_at is not None and life.points_expire_at <= now:
        life.updated_at, life.balance, life.points_expire_at = life.points_expire_at, 0, None
    if life.level_expires_at is not None and life.level_expires_at <= now:
        ended = life.level_expires_at
        year = engine.year_of(ended + 1)
        level = _place(life.progress if life.progress_year >= year - 1 else 0)
        if level != life.level:
            life.changes.append((ended, life.level, level))
        life.updated_at = max(ended, life.updated_at)
        life.level, life.level_expires_at = level, engine.keeps_until(LEVELS[level], year - 1)


def _place(progress: int) -> int:
    level = engine.reached(LEVELS, progress)
    return 0 if level is None else LEVELS.index(level)
