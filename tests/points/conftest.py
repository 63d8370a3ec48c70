"""What the tests of points stand on: a shop in either edition with one member, mirrored."""

from collections.abc import Callable
from typing import Any

import pytest
from pytest_django import Settings

from customers.models import Customer
from rewards.products.models import PointsProduct
from sandbox.testing import SandboxServer
from smartbis_admin.api import transport
from smartbis_admin.api.capabilities import Resource
from smartbis_admin.connections.models import Connection
from smartbis_admin.connections.providers import Provider
from smartbis_admin.connections.services import create_connection
from smartbis_admin.sync import jobs
from smartbis_admin.writes.models import Write

EDITIONS = ("current", "2017")
IN_DOUBT = "A confirmar – não repita. O resultado aparece aqui assim que for conhecido."


@pytest.fixture(autouse=True)
def _no_waits(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    """Repeats follow at once and a silent platform is given up on soon."""
    monkeypatch.setattr(transport, "READ_WAITS", (0.0, 0.0, 0.0))
    settings.API_TILL_TIMEOUT = 1.0
    settings.API_PACE = {"smile": 500.0, "smartbis": 500.0}


class Shop:
    """One account at the sandbox and our connection to it."""

    def __init__(self, sandbox: SandboxServer, edition: str) -> None:
        self.sandbox, self.edition, self.credential = sandbox, edition, f"sandbox_smile_{edition}"
        sandbox.switch("rate_limit", "off", credential=self.credential, vendor="smile")
        self.connection: Connection = create_connection(
            by=None,
            provider=Provider.SMILE,
            name="Loja virtual",
            base_url=sandbox.smile_base,
            credentials={"secret_key": self.credential},
        )
        self.who = self.act(
            "add_customer", email="ana@loja.test", first_name="Ana", last_name="Lima", points_balance=500
        )
        self.act("add_product", name="Frete grátis", points_price=300)
        self.act("add_product", name="Vale-compra", step=100, step_value=5, min=100, max=400)

    def act(self, action: str, **args: Any) -> Any:
        return self.sandbox.act(action, credential=self.credential, vendor="smile", **args)

    def fault(self, kind: str, *, method: str = "*", path: str = "*", times: int = 1) -> None:
        self.sandbox.fault(kind, method=method, path=path, times=times, vendor="smile")

    def balance(self) -> int:
        """What the platform holds."""
        balance: int = self.act("edit_customer", customer_id=self.who["id"])["points_balance"]
        return balance

    def posts(self) -> list[bool]:
        """For each write that reached the platform, whether it had an effect."""
        return [row["committed"] for row in self.sandbox.log("smile") if row["method"] == "POST"]

    def read(self) -> None:
        """Fill the mirror."""
        for resource in (Resource.CUSTOMERS, Resource.POINTS_PRODUCTS):
            jobs.sync_everywhere(resource)

    @property
    def customer(self) -> Customer:
        return Customer.objects.select_related("connection").get(connection=self.connection)

    def product(self, name: str) -> PointsProduct:
        return PointsProduct.objects.select_related("connection").get(reward_name=name)


@pytest.fixture
def make_shop(db: None, sandbox: SandboxServer) -> Callable[[str], Shop]:
    def make(edition: str = "current") -> Shop:
        shop = Shop(sandbox, edition)
        shop.read()
        return shop

    return make


@pytest.fixture
def shop(make_shop: Callable[[str], Shop]) -> Shop:
    """The shop in today's edition."""
    return make_shop("current")


@pytest.fixture(params=EDITIONS)
def each_shop(request: pytest.FixtureRequest, make_shop: Callable[[str], Shop]) -> Shop:
    """The same test once for either edition."""
    return make_shop(request.param)


def only_write() -> Write:
    return Write.objects.get()
