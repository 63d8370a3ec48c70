"""What the rooms say about a connection on the integrations screen: when something last came in or went out.

A room registers a reader per platform in its module `integrations`, which is loaded at start. Knows no room.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise

from smartbis_admin.connections.models import Connection


@dataclass(frozen=True)
class Fact:
    """One thing that happened last, and when; None: never yet."""

    label: str | Promise
    at: datetime | None


@dataclass(frozen=True)
class Panel:
    """What a room knows of the connections of one platform. `facts` costs a fixed number of queries.

    `setup` is the name of the URL that leads through the set-up; its one argument is the connection's key.
    """

    facts: Callable[[Sequence[Connection]], Mapping[int, list[Fact]]]
    setup: str = ""


_PANELS: dict[str, Panel] = {}


def register(provider: str, panel: Panel) -> None:
    """Show this on the card of a platform."""
    _PANELS[provider] = panel


def setup_of(connection: Connection) -> str:
    """The name of the URL that leads through its set-up; empty without one."""
    panel = _PANELS.get(connection.provider)
    return panel.setup if panel else ""


def facts_of(connections: Sequence[Connection]) -> dict[int, list[Fact]]:
    """What the rooms know, by the key of the connection."""
    found: dict[int, list[Fact]] = {}
    for provider, panel in _PANELS.items():
        theirs = [connection for connection in connections if connection.provider == provider]
        if theirs:
            found |= panel.facts(theirs)
    return found
