"""What every test may use: named people, the sandbox, a connection to it, and a closed door to the network.

Owns the shared fixtures only; builders of one domain's rows belong to that domain's tests.
"""

import ipaddress
import os
import socket
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth.models import Group
from django.core import mail
from django.db import connection as database
from django.test import Client, TransactionTestCase
from django.utils import translation
from hypothesis import settings as hypothesis_settings

from sandbox.testing import SECRET, SandboxServer
from smartbis_admin.connections.models import Connection
from smartbis_admin.connections.providers import Provider
from smartbis_admin.connections.services import create_connection, keep_client
from smartbis_admin.staff.access import Role
from smartbis_admin.staff.models import User
from tests.flush import Flush

TESTS = Path(__file__).resolve().parent
hypothesis_settings.register_profile("dev", max_examples=30, deadline=None)
hypothesis_settings.register_profile("ci", max_examples=200, deadline=None, derandomize=True, print_blob=True)
hypothesis_settings.load_profile("ci" if os.environ.get("CI") else "dev")

#: Folders whose tests meet neither our database nor our queue, or would only repeat what other tests show.
ONE_DATABASE = {"api", "browser", "i18n", "project", "sandbox"}


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """What the second round leaves out it need not read either: more than half of the tests."""
    left_out = collection_path.parent == TESTS and collection_path.name in ONE_DATABASE
    return True if left_out and config.option.markexpr == "not one_database" else None


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what the second round, on PostgreSQL and Redis, leaves out."""
    for item in items:
        if item.path.relative_to(TESTS).parts[0] in ONE_DATABASE:
            item.add_marker("one_database")


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """The test database, and how tests that commit leave it; at the end nobody else is in it.

    PostgreSQL notices some time after it that a process was killed, and drops no database somebody is in.
    """
    with django_db_blocker.unblock():
        flush = Flush()
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(TransactionTestCase, "_fixture_teardown", lambda _case: flush())
        yield
    with django_db_blocker.unblock():
        if database.vendor == "postgresql":
            with database.cursor() as cursor:
                cursor.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                    "WHERE datname = current_database() AND pid <> pg_backend_pid()"
                )


# --- The closed door ----------------------------------------------------------------------------------
_attempts: list[str] = []


def _is_loopback(host: object) -> bool:
    if host in (None, "", b"", "localhost", b"localhost"):
        return True
    try:
        return ipaddress.ip_address(host.decode() if isinstance(host, bytes) else str(host)).is_loopback
    except ValueError:
        return False


def _watch_network(event: str, args: tuple[Any, ...]) -> None:
    """Refuse any way out of this machine and remember it, in whatever thread it is tried.

    Names under `.invalid` (RFC 6761) fail as they would at a resolver, without asking one.
    """
    if event == "socket.getaddrinfo":
        host = args[0]
    elif event in {"socket.connect", "socket.sendto"} and isinstance(args[1], tuple):
        host = args[1][0]
    else:
        return
    if _is_loopback(host):
        return
    if str(host).endswith(".invalid"):
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
    _attempts.append(f"{event} to {host!r}")
    raise PermissionError(f"tests stay on this machine: {_attempts[-1]}")


sys.addaudithook(_watch_network)


@pytest.fixture(autouse=True)
def _stays_on_this_machine() -> Iterator[None]:
    """Fail the test that tried to leave the machine, even when the code under test swallowed the refusal."""
    _attempts.clear()
    yield
    assert _attempts == [], f"the test tried to leave this machine: {_attempts}"


@pytest.fixture(autouse=True)
def _speaks_portuguese() -> Iterator[None]:
    """A page asked for in another language leaves it switched on for whatever runs next in this thread."""
    with translation.override(settings.LANGUAGE_CODE):
        yield


@pytest.fixture(autouse=True)
def _no_client_kept() -> Iterator[None]:
    """Another test may have a connection of the same key, and a token of its own."""
    yield
    keep_client.cache_clear()


# --- People -------------------------------------------------------------------------------------------
@pytest.fixture
def make_person(db: None) -> Callable[..., User]:
    """Make a user: `make_person("ana", Role.MANAGER)` is ana@people.test; without a role, a stranger."""

    def make(name: str, role: Role | None = None, **fields: Any) -> User:
        person = User.objects.create_user(
            f"{name}@people.test", password="senha", first_name=name.capitalize(), **fields
        )
        if role is not None:
            person.groups.add(Group.objects.get(name=role.value))
        return person

    return make


@pytest.fixture
def owner(make_person: Callable[..., User]) -> User:
    return make_person("olga", Role.OWNER, is_staff=True)


@pytest.fixture
def manager(make_person: Callable[..., User]) -> User:
    return make_person("marta", Role.MANAGER)


@pytest.fixture
def cashier(make_person: Callable[..., User]) -> User:
    return make_person("caio", Role.CASHIER)


@pytest.fixture
def viewer(make_person: Callable[..., User]) -> User:
    return make_person("vera", Role.VIEWER)


@pytest.fixture
def stranger(make_person: Callable[..., User]) -> User:
    """Signed in, and without any role."""
    return make_person("estela")


@pytest.fixture
def people(
    owner: User, manager: User, cashier: User, viewer: User, stranger: User
) -> dict[Role | None, User]:
    """Everybody by role; the stranger under None."""
    return {
        Role.OWNER: owner,
        Role.MANAGER: manager,
        Role.CASHIER: cashier,
        Role.VIEWER: viewer,
        None: stranger,
    }


def signed_in(person: User) -> Client:
    """A test client in which this person is signed in."""
    client = Client()
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client


@pytest.fixture
def owner_client(owner: User) -> Client:
    return signed_in(owner)


@pytest.fixture
def manager_client(manager: User) -> Client:
    return signed_in(manager)


@pytest.fixture
def cashier_client(cashier: User) -> Client:
    return signed_in(cashier)


@pytest.fixture
def viewer_client(viewer: User) -> Client:
    return signed_in(viewer)


@pytest.fixture
def stranger_client(stranger: User) -> Client:
    return signed_in(stranger)


@pytest.fixture
def mailbox() -> list[mail.EmailMessage]:
    """Mail sent during the test."""
    return mail.outbox


# --- The platform ---------------------------------------------------------------------------------------
PROFILES = ("laravel", "bare", "items")


@pytest.fixture(scope="session")
def sandbox_server() -> Iterator[SandboxServer]:
    """One sandbox for all tests of the process. Tests want `sandbox`, which starts empty."""
    with SandboxServer().start() as server:
        yield server


@pytest.fixture
def sandbox(sandbox_server: SandboxServer) -> SandboxServer:
    """The sandbox as it is before anything happened: no data, no fault, running clock."""
    sandbox_server.reset("empty")
    return sandbox_server


@pytest.fixture
def make_connection(db: None, sandbox: SandboxServer) -> Callable[..., Connection]:
    """Make a connection to the sandbox: `make_connection("bare")` speaks that wire profile."""

    def make(profile: str = "laravel", **fields: Any) -> Connection:
        return create_connection(
            by=None,
            provider=Provider.SMARTBIS,
            name=f"Smartbis {profile}",
            base_url=sandbox.base,
            credentials={"api_key": f"sandbox-{profile}", "api_secret": SECRET},
            **fields,
        )

    return make


@pytest.fixture
def connection(make_connection: Callable[..., Connection]) -> Connection:
    """A connection to the empty sandbox in the profile of the vendor's document."""
    return make_connection()


@pytest.fixture(params=PROFILES)
def each_connection(request: pytest.FixtureRequest, make_connection: Callable[..., Connection]) -> Connection:
    """The same test once for every wire profile."""
    return make_connection(request.param)
