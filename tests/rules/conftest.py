"""What the tests of the rule stand on: a programme nobody answers for, versions, campaigns and past sales."""

import uuid
from collections.abc import Callable, Iterator
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone, translation

from customers.models import Sale
from customers.rules.models import Campaign, RuleVersion
from smartbis_admin.connections.models import Connection
from smartbis_admin.staff.models import Store, User
from smartbis_admin.writes.models import Write


@pytest.fixture(autouse=True)
def _in_portuguese() -> Iterator[None]:
    """Words are asked for without a request, which would say the language."""
    with translation.override("pt-br"):
        yield


@pytest.fixture
def plain_connection(db: None) -> Connection:
    """A connection nobody answers on, for screens that must not ask."""
    return Connection.objects.create(name="Smartbis", base_url="https://api.invalid/v2/")


@pytest.fixture
def make_version(plain_connection: Connection) -> Callable[..., RuleVersion]:
    """A version in force for a year: `make_version(cashback_percent=5, points_per_brl=1)`."""

    def make(**values: Any) -> RuleVersion:
        fields = {
            "connection": plain_connection,
            "valid_from": timezone.now() - timedelta(days=365),
        } | values
        version = RuleVersion.objects.create(**fields)
        version.refresh_from_db()
        return version

    return make


@pytest.fixture
def make_campaign(plain_connection: Connection, owner: User) -> Callable[..., Campaign]:
    """A campaign of March 2026: `make_campaign(points_multiplier=2)`."""

    def make(**values: Any) -> Campaign:
        fields = {
            "connection": plain_connection,
            "name": "Março",
            "first_day": date(2026, 3, 1),
            "last_day": date(2026, 3, 31),
            "created_by": owner,
        } | values
        campaign = Campaign.objects.create(**fields)
        campaign.refresh_from_db()
        return campaign

    return make


@pytest.fixture
def store(db: None) -> Store:
    return Store.objects.create(name="Loja Centro")


@pytest.fixture
def sell(plain_connection: Connection, manager: User) -> Callable[..., Sale]:
    """A sale of the past: `sell("129.90", sold_at)`, confirmed by the platform unless another state is given."""

    def make(amount: str, sold_at: datetime, *, state: Write.State = Write.State.DONE, **fields: Any) -> Sale:
        write = Write.objects.create(
            id=uuid.uuid4(), connection=plain_connection, kind="register_sale", payload={}, state=state,
            actor=manager, subject=f"customer:{uuid.uuid4()}",
        )  # fmt: skip
        values = {"connection": plain_connection, "customer_remote_id": "1", "registered_by": manager}
        return Sale.objects.create(write=write, amount=Decimal(amount), sold_at=sold_at, **values, **fields)

    return make
