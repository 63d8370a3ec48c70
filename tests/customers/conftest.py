"""What the tests of customers and sales stand on: rows of the mirror, a customer at the sandbox, quick faults."""

from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.http import HttpResponse
from django.test import Client
from pytest_django import Settings

from customers.models import Customer
from customers.rules.models import RuleVersion
from customers.search import fold_name
from customers.services import refresh_customer
from sandbox.testing import SandboxServer
from smartbis_admin.api import transport
from smartbis_admin.connections.models import Connection

CPF, OTHER_CPF = "52998224725", "11144477735"


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
def make_customer(plain_connection: Connection) -> Callable[..., Customer]:
    """A row of the mirror: `make_customer("Ana Prado", cpf=CPF)`."""

    def make(name: str, **fields: Any) -> Customer:
        values = {
            "connection": plain_connection,
            "remote_id": str(Customer.objects.count() + 1),
            "content_hash": b"",
            "name_search": fold_name(name),
        } | fields
        return Customer.objects.create(name=name, **values)

    return make


@pytest.fixture
def ana(sandbox: SandboxServer, connection: Connection) -> Customer:
    """A customer at the sandbox and in the mirror, with R$ 15.00 of cashback; the rule is the sandbox's own."""
    sandbox.act(
        "create_customer",
        name="Ana Beatriz Prado",
        cpf=CPF,
        phone="11988880001",
        email="ana@cliente.example",
        birth_date="1990-05-17",
        points_balance="100",
        cashback_balance="15",
    )
    RuleVersion.objects.create(
        connection=connection,
        valid_from=connection.created_at,
        cashback_percent=5,
        points_per_brl=1,
        voucher_threshold=20,
    )
    (row,) = refresh_customer(connection=connection, cpf=CPF)
    return row


def unplug(connection: Connection) -> None:
    """From now on nobody listens at the connection's address."""
    Connection.objects.filter(pk=connection.pk).update(base_url="http://127.0.0.1:9/smartbis/v2/")


def calls(sandbox: SandboxServer, path: str = "") -> list[tuple[str, bool]]:
    """Method and effect of each logged call whose path ends with `path`."""
    return [(row["method"], row["committed"]) for row in sandbox.log() if row["path"].endswith(path)]


def fields(response: HttpResponse) -> dict[str, str]:
    """What the form on a page would post."""
    form = response.context["form"]  # type: ignore[attr-defined]
    values = {field.html_name: field.value() for field in form}
    return {name: "" if value is None else str(getattr(value, "pk", value)) for name, value in values.items()}


def opened(client: Client, address: str, **typed: str) -> dict[str, str]:
    """The form as it is opened, with something typed into it."""
    return fields(client.get(address)) | typed


def said(response: HttpResponse) -> list[str]:
    """The messages a request left for the next page."""
    return [str(message) for message in get_messages(response.wsgi_request)]
