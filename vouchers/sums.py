"""Sums of decimals that are exact on every database, because they are added as whole numbers."""

from decimal import Decimal

from django.db.models import BigIntegerField, DecimalField, F, Q, Sum
from django.db.models.functions import Cast, Round


def exact_sum(column: str, *, places: int = 2, only: Q | None = None) -> Sum:
    """The sum of a decimal column as a whole number of its smallest unit: SQLite adds decimals as floats."""
    scaled = Round(F(column) * 10**places, output_field=DecimalField(max_digits=24, decimal_places=0))
    return Sum(Cast(scaled, BigIntegerField()), filter=only)


def as_decimal(total: int | None, places: int = 2) -> Decimal:
    """What `exact_sum` gave."""
    return Decimal(total or 0).scaleb(-places)
