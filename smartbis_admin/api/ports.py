"""What the wire needs from outside, handed in by `connections`, and what every provider's client offers."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Protocol

import msgspec

from smartbis_admin.api.capabilities import Capability, Resource
from smartbis_admin.api.records import Probe
from smartbis_admin.api.walk import Walk, WalkState


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


class Door(Protocol):
    """What every provider's client offers; what else it can do, its `capabilities` and its own class say."""

    @property
    def provider(self) -> str:
        """The platform's key."""

    @property
    def capabilities(self) -> frozenset[Capability]:
        """What it can do."""

    @property
    def clock_skew(self) -> float | None:
        """Seconds the platform's clock is ahead of ours, from its latest reply; None before the first."""

    def close(self) -> None:
        """Close the idle connections."""

    def probe(self, resource: Any) -> Probe:
        """Read a few rows of one of its lists or readings and say what was recognised. Raises like any read."""


class Client(Door, Protocol):
    """The client of a programme: its lists can be walked."""

    def walk(self, resource: Resource, *, state: WalkState | None = None, per_page: int = ...) -> Walk[Any]:
        """Walk a list from its start, or from where `state` stands. Nothing is sent before `fetch()`."""
