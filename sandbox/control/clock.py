"""The sandbox's clock, which can be frozen. Knows nothing of HTTP, vendors or the database.

All sandbox times are whole seconds since the Unix epoch (UTC). Everything that asks for the time asks here,
the `Date` header of the replies included, so that a client learns the sandbox's time and not the machine's.
"""

import time
from datetime import UTC, datetime


class Clock:
    """Wall clock in whole seconds, or a frozen instant."""

    def __init__(self) -> None:
        self._frozen: int | None = None

    @property
    def frozen(self) -> bool:
        """Whether the clock stands still."""
        return self._frozen is not None

    def now(self) -> int:
        """Seconds since the epoch."""
        return int(time.time()) if self._frozen is None else self._frozen

    def instant(self) -> float:
        """Seconds since the epoch with their fractions, for what is measured and not written down."""
        return time.time() if self._frozen is None else float(self._frozen)

    def freeze(self, moment: datetime | None) -> None:
        """Stop at an aware `moment` (fractions of a second are dropped); None lets the clock run again."""
        self._frozen = None if moment is None else int(moment.timestamp())


clock = Clock()


def rfc3339(moment: int) -> str:
    """`2026-03-05T17:31:40Z` for seconds since the epoch."""
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
