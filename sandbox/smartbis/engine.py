"""The loyalty engine's arithmetic: what a sale gives. Pure; knows no database, no wire, no Django.

Source: contract communication-and-rules §1. Everything is an exact integer: amounts in centavos (1/100 BRL),
points in 1/10000 point, times in whole seconds since the epoch. Nothing ever passes through a binary float.
"""

from dataclasses import dataclass
from datetime import timedelta

from sandbox.times import day_end, local_day

POINT = 10_000


@dataclass(frozen=True)
class Rule:
    """An account's rule: percent in 1/1000, points per BRL in 1/10000, amounts in centavos, days."""

    percent: int = 5_000
    points_per_brl: int = 10_000
    threshold: int = 2_000
    validity_days: int = 90
    voucher_minimum_purchase: int = 5_000


DEFAULT_RULE = Rule()


def cashback(*, amount: int, rule: Rule = DEFAULT_RULE) -> int:
    """Centavos credited for a sale of `amount` centavos, half up."""
    return (amount * rule.percent + 50_000) // 100_000


def points(*, amount: int, rule: Rule = DEFAULT_RULE) -> int:
    """Points credited for a sale of `amount` centavos, in 1/10000 point, cut to hundredths of a point."""
    return amount * rule.points_per_brl // 10_000 * (POINT // 100)


def voucher_value(*, balance: int, rule: Rule = DEFAULT_RULE) -> int:
    """Centavos of the voucher a cashback `balance` turns into by itself; 0 below the threshold."""
    return balance if balance >= rule.threshold else 0


def expiry(*, issued_at: int, rule: Rule = DEFAULT_RULE) -> int:
    """The last second a voucher issued then is valid: local issue day plus the validity, 23:59:59."""
    return day_end(local_day(issued_at) + timedelta(days=rule.validity_days))
