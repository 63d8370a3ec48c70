"""Fixtures of the sandbox's own tests; the running sandbox itself comes from the conftest above."""

from collections.abc import Callable, Iterator

import pytest

from sandbox.testing import SandboxServer
from tests.sandbox.support import PROFILES, Api, RawConnection


@pytest.fixture
def api(sandbox: SandboxServer) -> Api:
    """The credential of profile `laravel` on an empty sandbox."""
    return Api(sandbox)


@pytest.fixture(params=PROFILES)
def each_api(request: pytest.FixtureRequest, sandbox: SandboxServer) -> Api:
    """The same test once for every wire profile."""
    return Api(sandbox, request.param)


@pytest.fixture
def dial(sandbox: SandboxServer) -> Iterator[Callable[[], RawConnection]]:
    """Open raw connections, closed at the end of the test."""
    opened: list[RawConnection] = []

    def connect() -> RawConnection:
        opened.append(RawConnection(sandbox))
        return opened[-1]

    yield connect
    for connection in opened:
        connection.close()


@pytest.fixture(scope="session")
def demo_server() -> Iterator[SandboxServer]:
    """One sandbox with the whole demo data; tests must not change them."""
    with SandboxServer().start("demo") as server:
        yield server
