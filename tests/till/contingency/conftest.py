"""A store that accepts in contingency, its till with a shift, a link that can be cut, and a page that delivers."""

import json
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from sandbox.testing import SandboxServer
from smartbis_admin.connections.models import Connection
from smartbis_admin.staff.models import Shift, Store, Till, User
from smartbis_admin.staff.pins import set_pin
from smartbis_admin.writes.models import Write
from tests.till.conftest import CODE
from vouchers.contingency.accepting import accept
from vouchers.contingency.models import ContingencyRelease, ContingencyUse
from vouchers.models import Redemption

SCRIPT = {"HTTP_HX_REQUEST": "true"}
PIN = "4071"
DELIVERY = "/caixa/contingencia/entrega/"


@pytest.fixture
def store(db: None) -> Store:
    """Accepts vouchers of up to R$ 50, three an hour, without a release."""
    return Store.objects.create(
        name="Loja Centro",
        contingency=Store.Contingency.ACCEPT,
        contingency_max_value=Decimal(50),
        contingency_max_per_hour=3,
        contingency_needs_pin=False,
    )


@pytest.fixture
def shift(till: Till, cashier: User) -> Shift:
    """The cashier's shift at the first till, open for an hour."""
    then = timezone.now() - timedelta(hours=1)
    return Shift.objects.create(till=till, cashier=cashier, opened_at=then, seen_at=timezone.now())


@pytest.fixture
def other_shift(other_till: Till, manager: User) -> Shift:
    """The manager's shift at the second till."""
    return Shift.objects.create(
        till=other_till, cashier=manager, opened_at=timezone.now(), seen_at=timezone.now()
    )


@pytest.fixture
def issued(voucher: str, sandbox: SandboxServer, mirror: Callable[[], None]) -> list[str]:
    """Five codes of R$ 20, at the sandbox and in the mirror; the first is `CODE`."""
    codes = [CODE, *(f"VALE-000{n}" for n in range(1, 5))]
    for code in codes[1:]:
        sandbox.act("issue_voucher", code=code, value="20.00")
    mirror()
    return codes


@contextmanager
def cut(connection: Connection) -> Iterator[None]:
    """Nobody answers where the platform was."""
    rows = Connection.objects.filter(pk=connection.pk)
    rows.update(base_url="http://127.0.0.1:9/smartbis/v2/")
    yield
    rows.update(base_url=connection.base_url)


@pytest.fixture
def accepted(
    scan: Callable[..., Redemption], connection: Connection, shift: Shift, cashier: User, issued: list[str]
) -> Callable[..., Redemption]:
    """Scan a code while the platform is away and accept it: `accepted()`, `accepted("OTHER")`."""

    def do(code: str = CODE, **how: Any) -> Redemption:
        place = how.pop("shift", shift)
        with cut(connection):
            found = scan(code, till=place.till, shift=place, cashier=place.cashier, **how)
        return accept(scan=found, shift=place, by=place.cashier)

    return do


@pytest.fixture
def at_till(cashier_client: Client, till: Till, connection: Connection, shift: Shift) -> Client:
    """The cashier's browser, at the till of the open shift."""
    cashier_client.post("/caixa/ponto/", {"till": till.pk})
    return cashier_client


@pytest.fixture
def releaser(manager: User) -> User:
    """The manager, with a PIN."""
    set_pin(user=manager, pin=PIN)
    return manager


@pytest.fixture
def released(shift: Shift, releaser: User) -> ContingencyRelease:
    """The store wants a release, and this is the shift's."""
    Store.objects.update(contingency_needs_pin=True)
    shift.till.store.refresh_from_db()
    now = timezone.now()
    return ContingencyRelease.objects.create(
        shift=shift, manager=releaser, at=now - timedelta(minutes=50), until=now + timedelta(hours=3)
    )


def item(shift: Shift, code: str = CODE, **fields: Any) -> dict[str, Any]:
    """One reading of the page, five minutes ago and shown as accepted."""
    at = fields.pop("at", timezone.now() - timedelta(minutes=5))
    return {
        "id": str(uuid.uuid4()),
        "code": code,
        "happened_at": at.isoformat(),
        "position": 1,
        "shown": "accepted",
        "shift": shift.pk,
    } | fields


def deliver(client: Client, *items: Any, **body: Any) -> list[dict[str, Any]]:
    """Hand readings over and return the answers."""
    content = {"sent_at": timezone.now().isoformat(), "items": list(items)} | body
    response = client.post(DELIVERY, json.dumps(content), content_type="application/json")
    assert response.status_code == 200, response.content
    answers: list[dict[str, Any]] = response.json()["items"]
    return answers


def told(scan: Redemption) -> tuple[str, str, str]:
    """State and reason of a scan and state of its acceptance, as they stand."""
    scan.refresh_from_db()
    use = ContingencyUse.objects.filter(pk=scan.pk).first()
    return str(scan.state), scan.reason, str(use.state) if use else ""


def nothing_happened() -> bool:
    """No acceptance, nothing held, nothing on its way."""
    held = Redemption.objects.filter(state__in=Redemption.HOLDING)
    return not (
        ContingencyUse.objects.exists() or held.exists() or Write.objects.filter(state__in=Write.OPEN)
    )
