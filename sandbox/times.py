"""The merchant's calendar: its zone, its days and where they end. Pure; knows no vendor and no clock.

Source: contract README §3.2 (the account's zone) and §4. Times are seconds since the epoch.
"""

from datetime import UTC, date, datetime, time
from functools import lru_cache
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("America/Sao_Paulo")
LAST_SECOND = time(23, 59, 59)
_DAY = 86_400


def local_day(moment: int) -> date:
    """The merchant's calendar day of a moment."""
    return datetime.fromtimestamp(moment, ZONE).date()


def day_end(day: date) -> int:
    """The last second of a local day."""
    return int(datetime.combine(day, LAST_SECOND, ZONE).astimezone(UTC).timestamp())


def utc_second(moment: int) -> str:
    """`2026-03-05T17:31:40` in UTC. Lists are full of times: days and clock times are remembered."""
    days, seconds = divmod(moment, _DAY)
    return f"{_date(days)}T{_clock(seconds)}"


@lru_cache(maxsize=20_000)
def _date(days: int) -> str:
    return datetime.fromtimestamp(days * _DAY, UTC).date().isoformat()


@lru_cache(maxsize=_DAY)
def _clock(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).time().isoformat()
