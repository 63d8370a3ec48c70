"""What the tests of communication stand on: customers who agreed to be written to, and what happens to them.

The clock stands at noon of a Saturday in São Paulo.
"""

from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from urllib.parse import urlsplit

import pytest
import time_machine

from customers.models import Consent, Customer, Sale
from customers.search import fold_name
from smartbis_admin.api.brazil import voucher_code_key
from smartbis_admin.connections.models import Connection
from smartbis_admin.staff.models import Store, User
from smartbis_admin.writes.models import Write
from vouchers.models import Voucher
from vouchers.outreach.models import Automation, Message
from vouchers.outreach.services import automation_of, save_preferences, switch_on
from vouchers.outreach.texts import use_defaults

NOW = datetime(2026, 11, 21, 15, tzinfo=UTC)


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    """The clock of the program, which stands still until it is moved."""
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def there(db: None) -> Connection:
    """A programme nobody answers on."""
    return Connection.objects.create(name="Clube", programme="Clube Café", base_url="https://api.invalid/v2/")


@pytest.fixture
def make_customer(there: Connection) -> Callable[..., Customer]:
    """`make_customer("Ana")` agreed to e-mails; `consents` names the channels, a leading - a withdrawal."""

    def make(
        name: str, *, consents: str = "email", connection: Connection | None = None, **fields: Any
    ) -> Customer:
        number = Customer.objects.count() + 1
        values = {
            "connection": connection or there,
            "remote_id": fields.pop("remote_id", f"c{number}"),
            "content_hash": b"",
            "name": name,
            "name_search": fold_name(name),
            "email": f"{name.partition(' ')[0].lower()}@people.test",
            "phone": f"+5511{900000000 + number}",
            "first_seen_at": NOW - timedelta(days=100),
        } | fields
        customer = Customer.objects.create(**values)
        for channel in consents.split():
            say(customer, channel.removeprefix("-"), given=not channel.startswith("-"))
        return customer

    return make


def say(customer: Customer, channel: str, *, given: bool = True, on: date = date(2026, 1, 2)) -> Consent:
    """A statement of consent."""
    return Consent.objects.create(
        customer=customer, channel=channel, is_given=given, said_on=on, source=Consent.Source.STORE
    )


@pytest.fixture
def make_sale(manager: User) -> Callable[..., Sale]:
    """A sale the platform confirmed, so many days ago."""

    def make(customer: Customer, days_ago: float = 0, *, amount: str = "50.00", **fields: Any) -> Sale:
        state = fields.pop("state", Write.State.DONE)
        write = Write.objects.create(connection=customer.connection, kind="register_sale", state=state)
        return Sale.objects.create(
            connection=customer.connection,
            write=write,
            customer_remote_id=customer.remote_id,
            amount=Decimal(amount),
            sold_at=NOW - timedelta(days=days_ago),
            registered_by=manager,
            **fields,
        )

    return make


@pytest.fixture
def make_voucher() -> Callable[..., Voucher]:
    """A voucher of a customer, issued a day ago and good for a month."""

    def make(code: str, customer: Customer, **fields: Any) -> Voucher:
        values = {
            "connection": customer.connection,
            "remote_id": code,
            "code_key": voucher_code_key(code),
            "content_hash": b"",
            "customer_remote_id": customer.remote_id,
            "status": Voucher.Status.ISSUED,
            "origin": Voucher.Origin.CASHBACK,
            "value": Decimal("20.00"),
            "issued_at": NOW - timedelta(days=1),
            "expires_at": NOW + timedelta(days=30),
        } | fields
        return Voucher.objects.create(**values)

    return make


@pytest.fixture
def ready(owner: User, clock: time_machine.Traveller) -> User:
    """Steps have addresses; the person who entered them."""
    save_preferences(
        values={"portal_url": "https://portal.example/", "talk_url": "https://wa.me/5511999999999"}, by=owner
    )
    return owner


@pytest.fixture
def turn_on(ready: User) -> Callable[..., Automation]:
    """Switch a trigger on as if so many days ago, with nobody held out."""

    def turn(trigger: str, *, days_ago: float = 30, **changes: Any) -> Automation:
        use_defaults(by=ready, triggers=[trigger])
        automation = automation_of(trigger)
        switch_on(automation=automation, by=ready)
        Automation.objects.filter(pk=trigger).update(
            switched_on_at=NOW - timedelta(days=days_ago), **{"held_out_percent": 0} | changes
        )
        automation.refresh_from_db()
        return automation

    return turn


@pytest.fixture
def store(db: None) -> Store:
    return Store.objects.create(name="Centro")


def queued() -> list[tuple[str, str]]:
    """Name and occasion of what waits in the queue, by name."""
    rows = Message.objects.filter(state=Message.State.QUEUED)
    return sorted(rows.values_list("customer__name", "occasion"))


def states() -> list[tuple[str, str, str]]:
    """Name, state and reason of every message, by name."""
    rows = Message.objects.values_list("customer__name", "state", "reason")
    return sorted((name, str(state), str(reason)) for name, state, reason in rows)


def signed_path(address: str) -> str:
    """The path of an address handed to a customer."""
    return urlsplit(address.strip("<>.,")).path
