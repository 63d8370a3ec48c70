"""The arithmetic of the programme's rule, for estimates and evidence. Pure: no database, no wire.

Source: `communication-and-rules.md` §1. The result is always shown as "estimativa".
"""

from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal

CENT = Decimal("0.01")


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
) -> Estimate:
    """Benefit of a sale of `amount` BRL: cashback half up to the cent, points down to the hundredth."""
    if amount < minimum_to_earn:
        return Estimate(Decimal("0.00"), Decimal("0.00"))
    return Estimate(
        cashback=(amount * cashback_percent / 100).quantize(CENT, ROUND_HALF_UP),
        points=(amount * points_per_brl).quantize(CENT, ROUND_DOWN),
    )
