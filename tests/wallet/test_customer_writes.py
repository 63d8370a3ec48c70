"""Writes on customers of a wallet programme, with every outcome, against the real sandbox."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from customers.models import Customer
from customers.wallet import services
from customers.wallet.models import Card
from sandbox.testing import SandboxServer
from smartbis_admin.connections.models import Connection
from smartbis_admin.staff.models import User
from smartbis_admin.writes.models import Write
from smartbis_admin.writes.services import SubjectBusyError
from tests.wallet.conftest import OTHER_PHONE, PHONE, VENDOR, sent
from tests.writes.support import look_after

#: The ledger below these writes is tried on both databases in its own tests.
pytestmark = pytest.mark.one_database

State = Write.State
BIA = {"first_name": "Bia", "last_name": "Costa", "phone": OTHER_PHONE, "email": "bia@cliente.example"}


def create(wallet: Connection, by: User, **changes: str) -> Write:
    return services.create_person(id=uuid.uuid4(), connection=wallet, actor=by, **{**BIA, **changes})


def act_on(customer: Customer, kind: str, by: User) -> Write:
    """One write on a customer, by its short name."""
    common: dict[str, Any] = {"id": uuid.uuid4(), "customer": customer, "actor": by}
    if kind == "update":
        return services.update_person(changes={"last_name": "Prado Lima"}, **common)
    if kind == "delete":
        return services.delete_person(**common)
    return services.add_points(points=12, **common)


@pytest.mark.parametrize("card_as", ["object", "list"])
def test_a_new_customer_is_kept_with_the_card(
    wallet: Connection, sandbox: SandboxServer, manager: User, card_as: str
) -> None:
    sandbox.switch("card_as", card_as, credential="sandbox-app-key", vendor=VENDOR)
    write = create(wallet, manager)
    bia = Customer.objects.get()
    assert (write.state, sent(sandbox)) == (State.DONE, [("POST", "customers", True)])
    assert (bia.name, bia.phone, bia.email) == ("Bia Costa", OTHER_PHONE, "bia@cliente.example")
    assert services.created_customer(write) == bia
    card = Card.objects.select_related("customer").get()
    assert card.customer == bia
    assert card.url.startswith("https://")


def test_a_phone_that_is_taken_is_refused_on_its_field(
    wallet: Connection, ana: Customer, sandbox: SandboxServer, manager: User
) -> None:
    write = create(wallet, manager, phone=PHONE)
    assert (write.state, list(write.field_errors)) == (State.REFUSED, ["phone"])
    assert sent(sandbox) == [("POST", "customers", False)]
    assert Customer.objects.get() == ana


def test_without_phone_and_e_mail_nothing_is_sent(
    wallet: Connection, sandbox: SandboxServer, manager: User
) -> None:
    with pytest.raises(ValueError, match="required"):
        create(wallet, manager, phone="", email="")
    assert sent(sandbox) == []


@pytest.mark.parametrize("by", ["phone", "email"])
def test_a_lost_creation_that_happened_is_found(
    wallet: Connection, sandbox: SandboxServer, manager: User, by: str
) -> None:
    sandbox.fault("drop_after", method="POST", path="*/customers", vendor=VENDOR)
    write = create(wallet, manager, **({"phone": ""} if by == "email" else {"email": ""}))
    assert (write.state, sandbox.committed("customers", VENDOR)) == (State.IN_DOUBT, 1)
    write = look_after(write)
    assert (write.state, write.evidence[-1]["found"]) == (State.DONE, {"matches": 1})
    assert Customer.objects.get().name == "Bia Costa"
    assert sandbox.committed("customers", VENDOR) == 1


def test_the_whole_list_is_looked_through_again_no_sooner_than_in_a_quarter_of_an_hour(
    wallet: Connection, sandbox: SandboxServer, manager: User
) -> None:
    sandbox.fault("drop_before", method="POST", path="*/customers", vendor=VENDOR)
    write = look_after(create(wallet, manager))
    assert (write.state, write.evidence[-1]["found"]) == (State.IN_DOUBT, {"matches": 0})
    assert write.settle_after is not None
    assert timedelta(minutes=14) < write.settle_after - timezone.now() <= timedelta(minutes=15)


def test_somebody_known_before_by_e_mail_is_not_the_one_created(
    wallet: Connection, ana: Customer, sandbox: SandboxServer, manager: User
) -> None:
    sandbox.fault("drop_before", method="POST", path="*/customers", vendor=VENDOR)
    write = create(wallet, manager, phone="", email="Ana@cliente.example")
    assert write.state == State.IN_DOUBT
    assert look_after(write).state == State.IN_DOUBT
    write = look_after(write)
    assert (write.state, write.evidence[-1]["found"]) == (State.NOT_DONE, {"matches": 0})
    assert sandbox.committed("customers", VENDOR) == 0


@pytest.mark.parametrize("kind", ["update", "delete"])
@pytest.mark.parametrize("happened", [True, False])
def test_a_lost_change_is_settled_by_what_the_platform_shows(
    wallet: Connection, ana: Customer, sandbox: SandboxServer, manager: User, kind: str, happened: bool
) -> None:
    method = "PUT" if kind == "update" else "DELETE"
    sandbox.fault("drop_after" if happened else "drop_before", method=method, vendor=VENDOR)
    write = act_on(ana, kind, manager)
    assert write.state == State.IN_DOUBT
    write = look_after(write)
    if not happened:
        assert write.state == State.IN_DOUBT
        write = look_after(write)
    assert write.state == (State.DONE if happened else State.NOT_DONE)
    assert [row[2] for row in sent(sandbox)] == [happened]
    ana.refresh_from_db()
    assert (ana.name == "Ana Prado Lima") == (happened and kind == "update")
    assert (ana.withdrawn_at is not None) == (happened and kind == "delete")


def test_a_change_sends_only_what_is_given_and_never_points(
    wallet: Connection, ana: Customer, sandbox: SandboxServer, manager: User
) -> None:
    assert act_on(ana, "update", manager).state == State.DONE
    ana = Customer.objects.get()
    assert (ana.name, ana.phone, ana.email, ana.points_balance) == (
        "Ana Prado Lima", PHONE, "ana@cliente.example", Decimal(30),
    )  # fmt: skip


def test_a_deleted_customer_is_withdrawn_and_the_card_forgotten(
    wallet: Connection, ana: Customer, sandbox: SandboxServer, manager: User
) -> None:
    Card.objects.create(connection=wallet, customer_remote_id=ana.remote_id, url="https://cartao.example/1")
    assert act_on(ana, "delete", manager).state == State.DONE
    ana.refresh_from_db()
    assert ana.withdrawn_at is not None
    assert not Card.objects.exists()
    assert [row[::2] for row in sent(sandbox)] == [("DELETE", True)]


def test_points_are_added_and_the_balance_is_read_again(
    wallet: Connection, ana: Customer, sandbox: SandboxServer, manager: User
) -> None:
    write = act_on(ana, "points", manager)
    ana.refresh_from_db()
    assert (write.state, write.before, ana.points_balance) == (State.DONE, {"balance": "30"}, Decimal(42))
    assert sandbox.committed("points/add", VENDOR) == 1


@pytest.mark.parametrize(("fault", "after"), [("drop_after", "42"), ("drop_before", "30")])
def test_a_lost_addition_is_for_a_person_and_holds_back_the_next(
    wallet: Connection, ana: Customer, sandbox: SandboxServer, manager: User, fault: str, after: str
) -> None:
    sandbox.fault(fault, method="POST", path="*/points/add", vendor=VENDOR)
    write = look_after(act_on(ana, "points", manager))
    assert (write.state, write.needs_person) == (State.IN_DOUBT, True)
    assert write.evidence[-1]["found"] == {"before": "30", "after": after}
    with pytest.raises(SubjectBusyError):
        act_on(ana, "points", manager)
    assert len(sent(sandbox)) == 1


def test_points_for_somebody_who_is_gone_never_leave(
    wallet: Connection, ana: Customer, sandbox: SandboxServer, manager: User, act: Callable[..., Any]
) -> None:
    act("remove_customer", customer_id=ana.remote_id)
    write = act_on(ana, "points", manager)
    assert (write.state, write.code, sent(sandbox)) == (State.REFUSED, "not_found", [])


@pytest.mark.parametrize("kind", ["update", "points"])
def test_the_platform_may_be_out_of_reach(
    wallet: Connection, ana: Customer, sandbox: SandboxServer, manager: User, kind: str
) -> None:
    Connection.objects.update(base_url="http://127.0.0.1:9/")
    ana = Customer.objects.select_related("connection").get()
    assert act_on(ana, kind, manager).state == State.NOT_SENT
    assert sent(sandbox) == []
