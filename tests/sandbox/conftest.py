"""Fixtures of the sandbox's own tests; the running sandbox itself comes from the conftest above."""

from collections.abc import Callable, Iterator

import pytest

from sandbox.testing import SandboxServer
from tests.sandbox.posted import NOW, Pos, Receiver, WhatsApp
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


@pytest.fixture
def pos(sandbox: SandboxServer) -> Pos:
    """SmartPOS with one machine, at a standing clock."""
    sandbox.clock(NOW)
    client = Pos(sandbox)
    client.act("machine", machine_id="maq-01", store_id="Loja Centro", terminal_serial="MP01")
    return client


@pytest.fixture
def whatsapp(sandbox: SandboxServer) -> WhatsApp:
    """WhatsApp with the shop's templates, at a standing clock."""
    sandbox.clock(NOW)
    client = WhatsApp(sandbox)
    client.act("add_shop_templates")
    return client


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """An address of ours that takes what vendors post."""
    with Receiver() as receiver:
        yield receiver


@pytest.fixture(scope="session")
def demo_server() -> Iterator[SandboxServer]:
    """One sandbox with the whole demo data; tests must not change them."""
    with SandboxServer().start("demo") as server:
        yield server
