"""The arithmetic of the programme's rule, for estimates and evidence. Pure: no database, no wire.

Source: `communication-and-rules.md` §1. The result is always shown as "estimativa".
"""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")
NOTHING = Decimal("0.00")
ONE = Decimal(1)
#: Cashback never gives back more than the purchase (§1: percent 0–100), however many campaigns meet.
MOST_PERCENT = Decimal(100)


@dataclass(frozen=True)
class Estimate:
    """Expected benefit of one sale: BRL of cashback and points."""

    cashback: Decimal
    points: Decimal


def estimate(
    amount: Decimal,
    *,
    cashback_percent: Decimal,
    points_per_brl: Decimal,
    minimum_to_earn: Decimal = Decimal(0),
    cashback_factor: Decimal = ONE,
    points_factor: Decimal = ONE,
) -> Estimate:
    """Benefit of a sale of `amount` BRL: cashback half up to the cent, points down to the hundredth.

    The factors of campaigns act on the rates, so that each result is rounded once.
    """
    if amount < minimum_to_earn:
        return Estimate(NOTHING, NOTHING)
    percent = min(cashback_percent * cashback_factor, MOST_PERCENT)
    return Estimate(
        cashback=(amount * percent / 100).quantize(CENT, ROUND_HALF_UP),
        points=(amount * points_per_brl * points_factor).quantize(CENT, ROUND_DOWN),
    )


def best_factor(stacking: Iterable[Decimal], alone: Iterable[Decimal]) -> Decimal:
    """The factor that holds when several campaigns meet: those that stack multiply each other, one that does
    not stands for itself, and the customer gets whichever is more (`docs/decisions/0026`).
    """
    together = ONE
    for factor in stacking:
        together *= factor
    return max([together, *alone])
