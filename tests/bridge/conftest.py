"""What the tests of the bridge stand on: a bridge that feeds the sandbox's programme, sales, buyers, quick faults."""

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from itertools import count
from typing import Any

import pytest
from pytest_django import Settings

from customers.bridge import setting_up
from customers.bridge.models import Bridge, PosSale, Road
from customers.bridge.receiving import receive
from customers.models import Customer
from customers.services import refresh_customer
from sandbox.testing import SandboxServer
from smartbis_admin.api import transport
from smartbis_admin.api.pos import PosBuyer, PosMethod, PosSaleRecord, PosStatus
from smartbis_admin.connections.models import Connection
from smartbis_admin.connections.providers import Provider
from smartbis_admin.connections.services import create_connection
from smartbis_admin.staff.models import User

CPFS = ("52998224725", "11144477735", "12345678909", "98765432100", "15350946056")
SECRET = "sandbox-webhook-secret"
_numbers = count(1)


@pytest.fixture(autouse=True)
def _no_waits(monkeypatch: pytest.MonkeyPatch, settings: Settings) -> None:
    """Repeats follow at once and a silent platform is given up on soon."""
    monkeypatch.setattr(transport, "READ_WAITS", (0.0, 0.0, 0.0))
    settings.API_TILL_TIMEOUT = 1.0
    settings.API_PACE = {"smartbis": 500.0, "smartpos": 500.0}


@pytest.fixture
def pos_connection(db: None, sandbox: SandboxServer) -> Connection:
    return create_connection(
        by=None,
        provider=Provider.SMARTPOS,
        name="SmartPOS",
        base_url=sandbox.smartpos_base,
        credentials={
            "client_id": "sandbox-pos",
            "client_secret": "sandbox-secret",
            "push_secret": SECRET,
        },
    )


@pytest.fixture
def bridge(pos_connection: Connection, connection: Connection, owner: User) -> Bridge:
    """A bridge that registers sales in the sandbox's programme."""
    made = setting_up.bridge_of(pos_connection)
    setting_up.choose_mode(bridge=made, target=connection, mode="register", by=owner)
    return made


@pytest.fixture
def customer(connection: Connection) -> Callable[..., Customer]:
    """A customer of our copy alone: `customer(cpf=…, phone=…)`."""

    def make(connection: Connection = connection, **fields: Any) -> Customer:
        number = next(_numbers)
        told = {"name": f"Cliente {number}", "name_search": f"cliente {number}", "remote_id": f"{number:06}"}
        return Customer.objects.create(connection=connection, content_hash=b"", **(told | fields))

    return make


@pytest.fixture
def ana(sandbox: SandboxServer, connection: Connection) -> Customer:
    """Ana, at the platform and in our copy."""
    sandbox.act("create_customer", name="Ana Prado", cpf=CPFS[0], phone="11988880001")
    return refresh_customer(connection=connection, cpf=CPFS[0])[0]


def record(id: str = "", **fields: Any) -> PosSaleRecord:
    """A sale as the wire tells it: R$ 129,90 in credit, approved, just now; `cpf`, `phone`, … are the buyer's."""
    buyer = {name: fields.pop(name) for name in ("cpf", "phone", "email", "name") if name in fields}
    told: dict[str, Any] = {
        "amount": Decimal("129.90"),
        "status": PosStatus.APPROVED,
        "payment_method": PosMethod.CREDIT,
        "sold_at": datetime.now(UTC).replace(microsecond=0),
        "customer": PosBuyer(**buyer) if buyer else None,
    }
    return PosSaleRecord(id=id or f"pos-{next(_numbers):06}", **(told | fields))


def received(bridge: Bridge, *records: PosSaleRecord, road: Road = Road.PULL) -> list[PosSale]:
    """The sales as they are stored."""
    receive(bridge=bridge, records=records, road=road)
    return [PosSale.objects.get(bridge=bridge, remote_id=one.id) for one in records]


def life_of(sale: PosSale) -> list[tuple[str, str]]:
    """Every step of a sale: what happened, and where it led."""
    return list(sale.events.order_by("pk").values_list("event", "to_state"))


def posted(sandbox: SandboxServer, what: str = "sales") -> int:
    """How many such calls reached the programme."""
    return sum(1 for call in sandbox.log() if call["method"] == "POST" and call["path"].endswith(what))
