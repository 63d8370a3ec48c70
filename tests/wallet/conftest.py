"""A wallet programme at the sandbox: one customer and one offer of each state, no waits."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from pytest_django import Settings

from customers.models import Customer
from rewards.products.models import Offer
from sandbox.testing import APP_KEY, PROGRAM, SandboxServer
from smartbis_admin.api import transport
from smartbis_admin.api.capabilities import Resource
from smartbis_admin.api.smartpasses import SmartPassesClient
from smartbis_admin.connections.models import Connection
from smartbis_admin.connections.providers import Provider
from smartbis_admin.connections.services import client_for, create_connection
from smartbis_admin.sync.engine import store_records
from tests.customers.conftest import fields

PHONE, OTHER_PHONE = "+5511988880001", "+5511977770002"
VENDOR = "smartpasses"


@pytest.fixture(autouse=True)
def _no_waits(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    monkeypatch.setattr(transport, "READ_WAITS", (0.0, 0.0, 0.0))
    settings.API_TILL_TIMEOUT = 5.0
    settings.API_PACE = {"smartbis": 500.0, "smile": 500.0, "smartpasses": 500.0}


@pytest.fixture
def wallet(db: None, sandbox: SandboxServer) -> Connection:
    """A connection to the wallet programme, which has nobody yet."""
    return create_connection(
        by=None,
        provider=Provider.SMARTPASSES,
        name="Carteira",
        base_url=sandbox.smartpasses_base,
        credentials={"app_key": APP_KEY, "program_id": PROGRAM},
    )


@pytest.fixture
def act(sandbox: SandboxServer) -> Callable[..., Any]:
    """Change something at the platform behind our back."""

    def do(action: str, **args: Any) -> Any:
        return sandbox.act(action, args, credential=APP_KEY, vendor=VENDOR)

    return do


def read_all(wallet: Connection) -> None:
    """Mirror what the programme lists now."""
    client = client_for(wallet, SmartPassesClient)
    for resource in (Resource.CUSTOMERS, Resource.OFFERS):
        store_records(wallet, resource, client.all(resource))


@pytest.fixture
def ana(wallet: Connection, act: Callable[..., Any]) -> Customer:
    """A customer with 30 points, at the platform and in the mirror."""
    act(
        "add_customer",
        first_name="Ana",
        last_name="Prado",
        email="ana@cliente.example",
        phone=PHONE,
        points=30,
    )
    read_all(wallet)
    return Customer.objects.get(connection=wallet)


@pytest.fixture
def offers(wallet: Connection, act: Callable[..., Any]) -> dict[str, Offer]:
    """One offer of each state, by state."""
    for status in ("Draft", "Published", "Cancelled"):
        act("add_offer", name=f"Café {status}", points_cost=10, status=status)
    read_all(wallet)
    return {offer.status: offer for offer in Offer.objects.filter(connection=wallet)}


def sent(sandbox: SandboxServer) -> list[tuple[str, str, bool]]:
    """Method, end of the path and effect of every call that is not a read."""
    return [
        (row["method"], row["path"].rstrip("/").rsplit("/", 1)[-1], row["committed"])
        for row in sandbox.log(VENDOR)
        if row["method"] != "GET"
    ]


def opened(client: Client, address: str, **typed: str) -> dict[str, str]:
    """The form as it is opened, with something typed into it."""
    return fields(client.get(address)) | typed  # type: ignore[arg-type]
