"""What the till's tests stand on: a store with two tills, vouchers at the sandbox, and a way to scan."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from sandbox.testing import SandboxServer
from smartbis_admin.api.capabilities import Resource
from smartbis_admin.connections.models import Connection
from smartbis_admin.staff.models import Store, Till, User
from smartbis_admin.sync import jobs
from smartbis_admin.writes.models import Write
from vouchers.models import Redemption
from vouchers.redemption import redeem

CPF = "52998224725"
CODE = "VALE-7K2M-9Q"


@pytest.fixture
def store(db: None) -> Store:
    return Store.objects.create(name="Loja Centro")


@pytest.fixture
def till(store: Store) -> Till:
    return Till.objects.create(store=store, name="Caixa 1")


@pytest.fixture
def other_till(store: Store) -> Till:
    return Till.objects.create(store=store, name="Caixa 2")


@pytest.fixture
def customer(sandbox: SandboxServer) -> dict[str, Any]:
    """Maria at the sandbox, not yet in the mirror."""
    created: dict[str, Any] = sandbox.act("create_customer", name="Maria Souza", cpf=CPF, phone="11988880001")
    return created


@pytest.fixture
def voucher(sandbox: SandboxServer, customer: dict[str, Any]) -> str:
    """The code of an issued voucher of R$ 20 at the sandbox, not yet in the mirror."""
    sandbox.act("issue_voucher", code=CODE, customer_id=str(customer["id"]), value="20.00")
    return CODE


@pytest.fixture
def mirror(connection: Connection) -> Callable[[], None]:
    """Bring customers and vouchers of the sandbox into the mirror."""

    def read() -> None:
        jobs.sync_everywhere(Resource.CUSTOMERS)
        jobs.sync_everywhere(Resource.VOUCHERS)

    return read


@pytest.fixture
def scan(connection: Connection, cashier: User, till: Till) -> Callable[..., Redemption]:
    """Scan a code at the first till: `scan()`, `scan("OTHER", till=other_till)`."""

    def do(code: str = CODE, **how: Any) -> Redemption:
        place = how.pop("till", till)
        asked = {"scan_id": uuid.uuid4(), "cashier": cashier, "till": place, "store": place and place.store}
        return redeem(code=code, **(asked | how))

    return do


def validations(sandbox: SandboxServer) -> list[dict[str, Any]]:
    """The validation calls that reached the sandbox."""
    return [row for row in sandbox.log() if row["method"] == "POST" and row["path"].endswith("/validate")]


def effects(sandbox: SandboxServer) -> int:
    """How many of them consumed a voucher."""
    return sum(row["committed"] for row in validations(sandbox))


def age(write: Write | None, seconds: float) -> Write:
    """Make a write this much older, and its next look due."""
    assert write is not None
    write.refresh_from_db()
    step = timedelta(seconds=seconds)
    for name in ("created_at", "sent_at", "gave_up_at"):
        moment = getattr(write, name)
        setattr(write, name, moment and moment - step)
    for reading in write.evidence:
        reading["at"] = (timezone.datetime.fromisoformat(reading["at"]) - step).isoformat()
    write.settle_after = None
    write.save()
    return write
