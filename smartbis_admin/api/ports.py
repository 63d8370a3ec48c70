"""What the wire needs from outside, handed in by `connections`: the token store and the pace."""

from collections.abc import Callable
from datetime import datetime
from typing import Protocol

import msgspec


class Token(msgspec.Struct, frozen=True):
    """An access token and the (aware) moment it must be renewed at the latest."""

    value: str
    expires_at: datetime

    def __repr__(self) -> str:
        return f"Token(…, expires_at={self.expires_at:%Y-%m-%dT%H:%M:%SZ})"


class TokenStore(Protocol):
    """Where a connection's token lives, shared by all processes; renewal happens once at a time."""

    def get(self) -> Token | None:
        """The stored token, whatever its age."""

    def renew(self, rejected: str | None, fetch: Callable[[], Token]) -> Token:
        """Return a token other than `rejected`, calling `fetch` only if no other process just did.

        `rejected` is the value a 401 was given for, or None when the stored one is missing or old.
        """


class Pace(Protocol):
    """The own ceiling of calls per second of a connection, shared by all processes."""

    def wait(self) -> None:
        """Return when the next call may leave."""

    def penalise(self, seconds: float) -> None:
        """Hold every call of the connection back for so many seconds (after a 429)."""
