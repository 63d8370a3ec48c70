"""The roll-up behind the start page: one row per topic, replaced whole when it is computed again, and one row a day
of what has no history upstream.
"""

from django.db import models


class Figure(models.Model):
    """The figures of one topic as they were at one moment."""

    #: A word of `figures.TOPICS`.
    topic = models.CharField(max_length=20, primary_key=True)
    #: Counts as numbers, amounts and points as text (JSON knows no exact decimals).
    data = models.JSONField(default=dict)
    computed_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.topic} {self.computed_at:%Y-%m-%d %H:%M}"


class Snapshot(models.Model):
    """Balances and usable vouchers as they were at the end of a local day; in the present day, so far."""

    day = models.DateField(primary_key=True)
    #: As in `Figure.data`.
    data = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"{self.day:%Y-%m-%d}"
