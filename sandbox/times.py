"""The merchant's calendar: its zone, its days and where they end. Pure; knows no vendor and no clock.

Source: contract README §3.2 (the account's zone) and §4. Times are seconds since the epoch.
"""

from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("America/Sao_Paulo")
LAST_SECOND = time(23, 59, 59)


def local_day(moment: int) -> date:
    """The merchant's calendar day of a moment."""
    return datetime.fromtimestamp(moment, ZONE).date()


def day_end(day: date) -> int:
    """The last second of a local day."""
    return int(datetime.combine(day, LAST_SECOND, ZONE).astimezone(UTC).timestamp())
