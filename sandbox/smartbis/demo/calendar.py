"""The demo year: on which days and at what time people come. Weekly and seasonal rhythm; no database.

Days are counted from `DAYS` days ago (0) to yesterday, in the merchant's zone.
"""

import random
from bisect import bisect_right
from datetime import UTC, datetime, time, timedelta
from itertools import accumulate

from sandbox.smartbis.engine import expiry
from sandbox.times import ZONE

DAYS = 730
YEAR = 365
# Monday to Sunday, January to December: Saturdays and December are full, Sundays and January are not.
_WEEK = (0.80, 0.85, 0.95, 1.00, 1.35, 1.60, 0.70)
_MONTHS = (0.80, 0.88, 0.95, 1.00, 1.12, 1.10, 1.02, 1.00, 0.95, 1.05, 1.18, 1.55)
# By opening hour, from seven to twenty: breakfast, lunch, the way home.
_HOURS = tuple(accumulate((1.5, 2.2, 1.6, 1.0, 0.8, 1.4, 1.5, 0.8, 0.9, 1.3, 1.6, 1.8, 1.2, 0.6)))
_OPENS = 7
_OPEN_SECONDS = len(_HOURS) * 3600


class Calendar:
    """The days that end with today's local midnight `today` (seconds since the epoch)."""

    def __init__(self, today: int) -> None:
        self.today = today
        last = datetime.fromtimestamp(today, ZONE).date()
        days = [last - timedelta(days=DAYS - number) for number in range(DAYS)]
        midnights = (datetime.combine(day, time(), ZONE) for day in days)
        self._midnights = [int(midnight.astimezone(UTC).timestamp()) for midnight in midnights]
        self.expiries = [expiry(issued_at=midnight) for midnight in self._midnights]
        weights = [
            _WEEK[day.weekday()] * _MONTHS[day.month - 1] if number >= DAYS - YEAR else 0.0
            for number, day in enumerate(days)
        ]
        self._until = list(accumulate(weights, initial=0.0))

    def registration(self, share: float) -> tuple[int, int]:
        """Day and moment of a registration; `share` from 0 to 1 grows with the day, opening hours only."""
        day, rest = divmod(share * DAYS, 1)
        number = min(int(day), DAYS - 1)
        return number, self._midnights[number] + _OPENS * 3600 + int(rest * (_OPEN_SECONDS - 60))

    def visits(self, source: random.Random, *, since: int, rate: float) -> list[tuple[int, int]]:
        """Days and moments of the visits in the year, after day `since`, `rate` a full year on average."""
        first, last = self._until[min(since + 1, DAYS)], self._until[-1]
        expected = rate * (last - first) / last
        count = int(expected + source.random())
        span = last - first
        days = [bisect_right(self._until, first + source.random() * span) - 1 for _ in range(count)]
        return sorted((day, self._moment(source, day)) for day in days)

    def _moment(self, source: random.Random, day: int) -> int:
        hour = bisect_right(_HOURS, source.random() * _HOURS[-1])
        return self._midnights[day] + (_OPENS + hour) * 3600 + int(source.random() * 3600)
