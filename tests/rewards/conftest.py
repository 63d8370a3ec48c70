"""What the tests of rewards stand on: rows of the mirror, a coupon at the sandbox, and quick faults."""

from collections.abc import Callable
from typing import Any

import pytest
from pytest_django import Settings

from rewards.models import Category, Reward
from sandbox.testing import SandboxServer
from smartbis_admin.api import transport
from smartbis_admin.api.capabilities import Resource
from smartbis_admin.connections.models import Connection
from smartbis_admin.sync import jobs


@pytest.fixture(autouse=True)
def _no_waits(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    """Repeats follow at once and a silent platform is given up on soon; how long is the wire's own test."""
    monkeypatch.setattr(transport, "READ_WAITS", (0.0, 0.0, 0.0))
    settings.API_TILL_TIMEOUT = 1.0
    settings.API_PACE = {"smartbis": 500.0}


@pytest.fixture
def plain_connection(db: None) -> Connection:
    """A connection nobody answers on, for screens that must not ask."""
    return Connection.objects.create(name="Smartbis", base_url="https://api.invalid/v2/")


@pytest.fixture
def make_category(plain_connection: Connection) -> Callable[..., Category]:
    def make(remote_id: str, name: str, **fields: Any) -> Category:
        values = {"connection": plain_connection, "content_hash": b""} | fields
        return Category.objects.create(remote_id=remote_id, name=name, **values)

    return make


@pytest.fixture
def make_reward(plain_connection: Connection) -> Callable[..., Reward]:
    def make(remote_id: str, name: str, **fields: Any) -> Reward:
        values = {
            "connection": plain_connection,
            "content_hash": b"",
            "status": Reward.Status.ACTIVE,
        } | fields
        return Reward.objects.create(remote_id=remote_id, name=name, **values)

    return make


@pytest.fixture
def coupon(sandbox: SandboxServer) -> dict[str, Any]:
    """A coupon with twelve pieces at the sandbox, not yet in the mirror."""
    made: dict[str, Any] = sandbox.act("create_coupon", name="Café grátis", points_required="80", stock=12)
    return made


@pytest.fixture
def reward(coupon: dict[str, Any], connection: Connection) -> Reward:
    """The same, in the mirror."""
    jobs.sync_everywhere(Resource.REWARDS)
    return Reward.objects.get()


def stock_there(sandbox: SandboxServer, reward: Reward, credential: str = "sandbox-laravel") -> int | None:
    """What the sandbox holds."""
    stock: int | None = sandbox.act("edit_coupon", coupon_id=reward.remote_id, credential=credential)["stock"]
    return stock


def patches(sandbox: SandboxServer) -> list[bool]:
    """For each stock call that reached the sandbox, whether it had an effect."""
    return [row["committed"] for row in sandbox.log() if row["method"] == "PATCH"]
