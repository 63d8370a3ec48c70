"""The programme's arithmetic: what an activity gives, when points and tiers end, which tier is reached. Pure.

Source: contract smile-v1 §4 (vip_status) and §5; the numbers are assumed. Times in milliseconds.
"""

from collections.abc import Sequence
from datetime import date
from typing import Protocol, TypeVar

from sandbox.times import day_end, local_day

ACTIVITIES = {"activity_order": 100}
ACTIVITY_DELAY = 2_000
DAY = 86_400_000
POINTS_LAST = 365 * DAY


class Level(Protocol):
    """A tier, as far as arithmetic goes."""

    @property
    def milestone(self) -> int:
        """Points of a calendar year that reach it."""


AnyLevel = TypeVar("AnyLevel", bound=Level)


def year_of(moment: int) -> int:
    """The merchant's calendar year of a moment."""
    return local_day(moment // 1000).year


def year_end(year: int) -> int:
    """The last millisecond of a calendar year of the merchant."""
    return day_end(date(year, 12, 31)) * 1000 + 999


def reached(levels: Sequence[AnyLevel], progress: int) -> AnyLevel | None:
    """The highest level whose milestone `progress` has reached."""
    return max(
        (level for level in levels if level.milestone <= progress),
        key=lambda level: level.milestone,
        default=None,
    )


def following(levels: Sequence[AnyLevel], above: AnyLevel | None) -> AnyLevel | None:
    """The next level above one, or the lowest above nothing."""
    floor = -1 if above is None else above.milestone
    return min(
        (level for level in levels if level.milestone > floor),
        key=lambda level: level.milestone,
        default=None,
    )


def keeps_until(level: Level | None, year: int) -> int | None:
    """When a level reached in `year` ends: with the next year; a level without a milestone never does."""
    return None if level is None or level.milestone == 0 else year_end(year + 1)
