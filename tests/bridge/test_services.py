"""What people do: set up, link, drop, let through, reverse, take a flag away; with a reason, or nothing happens."""

import uuid
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from customers.bridge import life, matching, retention, services, setting_up
from customers.bridge.models import (
    Bridge,
    FeedIssue,
    PosBuyer,
    PosMachine,
    PosReversal,
    PosSale,
    PosStore,
    Road,
)
from customers.bridge.refusing import BridgeRefusedError
from customers.bridge.working import work
from customers.models import Customer
from sandbox.testing import SandboxServer
from smartbis_admin.connections.models import Connection
from smartbis_admin.staff.models import AuditEvent, Store, User
from tests.bridge.conftest import CPFS, life_of, posted, received, record

pytestmark = pytest.mark.django_db


@pytest.fixture
def waiting(bridge: Bridge) -> PosSale:
    """A sale nobody knows the buyer of."""
    [sale] = received(bridge, record("a", phone="11988887777"))
    matching.match_received(bridge)
    sale.refresh_from_db()
    assert sale.state == "unidentified"
    return sale


def unchanged(sale: PosSale, call: Any, reason: str, **given: Any) -> None:
    """The call is refused with this reason, and nothing changed."""
    before, events = PosSale.objects.filter(pk=sale.pk).values().get(), sale.events.count()
    with pytest.raises(BridgeRefusedError) as refusal:
        call(sale=sale, **given)
    assert refusal.value.reason == reason
    assert PosSale.objects.filter(pk=sale.pk).values().get() == before
    assert sale.events.count() == events


def test_a_person_links_a_customer_and_the_sale_goes_its_way(
    waiting: PosSale, ana: Customer, manager: User, sandbox: SandboxServer
) -> None:
    services.link_customer(sale=waiting, customer=ana, by=manager, note="ligou para a loja")
    work(waiting.bridge_id)
    waiting.refresh_from_db()
    assert (waiting.state, waiting.customer, waiting.linked_by) == ("registered", ana, manager)
    identified = waiting.events.get(event="identified")
    assert (identified.actor, identified.note) == (manager, "ligou para a loja")
    assert waiting.write.actor == manager
    assert posted(sandbox) == 1
    unchanged(waiting, services.link_customer, "final", customer=ana, by=manager)


def test_a_customer_of_another_programme_or_none_cannot_be_linked(
    waiting: PosSale, customer: Any, make_connection: Any, manager: User
) -> None:
    stranger = customer(connection=make_connection("bare"), cpf=CPFS[0])
    gone = customer(cpf=CPFS[1], withdrawn_at=timezone.now())
    for who in (stranger, gone):
        unchanged(waiting, services.link_customer, "other_programme", customer=who, by=manager)
    assert services.link_many(sales=[], customer=gone, by=manager) == 0


def test_a_discard_needs_a_reason_and_may_be_overruled(
    waiting: PosSale, ana: Customer, manager: User, sandbox: SandboxServer
) -> None:
    unchanged(waiting, services.discard, "no_reason", by=manager, note="  ")
    services.discard(sale=waiting, by=manager, note="venda de treino")
    assert (waiting.state, waiting.reason) == ("ineligible", "not_identified")
    unchanged(waiting, services.overrule, "no_customer", by=manager, note="era de verdade")
    services.link_customer(sale=waiting, customer=ana, by=manager)
    assert waiting.state == "ineligible"
    waiting.refresh_from_db()
    services.overrule(sale=waiting, by=manager, note="era de verdade")
    work(waiting.bridge_id)
    waiting.refresh_from_db()
    assert (waiting.state, posted(sandbox)) == ("registered", 1)
    assert life_of(waiting)[2:] == [
        ("gave_up", "ineligible"), ("linked", "ineligible"), ("overruled", "eligible"), ("sent", "registered"),
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"status": "cancelled"}, "status_not_approved"),
        ({"amount": Decimal(0)}, "amount_not_positive"),
        ({"reason": "panel_connection"}, "final"),
        ({"reason": "cancelled_before_registration"}, "final"),
        ({"state": "registered", "reason": ""}, "final"),
    ],
)
def test_what_may_not_be_overruled(
    waiting: PosSale, ana: Customer, manager: User, change: dict[str, Any], reason: str
) -> None:
    linked = {"connection": ana.connection, "customer_remote_id": ana.remote_id, "state": "ineligible"}
    PosSale.objects.filter(pk=waiting.pk).update(**({"reason": "too_old"} | linked | change))
    unchanged(PosSale.objects.get(pk=waiting.pk), services.overrule, reason, by=manager, note="vale")


def test_who_observes_overrules_nothing(waiting: PosSale, ana: Customer, manager: User) -> None:
    linked = {"connection": ana.connection, "customer_remote_id": ana.remote_id}
    PosSale.objects.filter(pk=waiting.pk).update(state="ineligible", reason="too_old", **linked)
    Bridge.objects.update(mode="observe")
    sale = PosSale.objects.get(pk=waiting.pk)
    unchanged(sale, services.overrule, "panel_connection", by=manager, note="vale")


def test_many_are_linked_and_dropped_in_a_few_queries(
    bridge: Bridge, ana: Customer, manager: User, django_assert_max_num_queries: Any
) -> None:
    sales = received(bridge, *[record() for _number in range(30)])
    matching.match_received(bridge)
    sales = list(
        PosSale.objects.select_related("bridge__target").filter(pk__in=[s.pk for s in sales]).order_by("pk")
    )
    with django_assert_max_num_queries(12):
        assert services.link_many(sales=sales[:15], customer=ana, by=manager, note="conta da firma") == 15
    with django_assert_max_num_queries(10):
        assert services.discard_many(sales=sales, by=manager, note="treino") == 15
    states = PosSale.objects.values_list("state", flat=True).order_by("pk")
    assert list(states) == ["matched"] * 15 + ["ineligible"] * 15


def test_the_buyer_is_registered_and_linked(waiting: PosSale, manager: User, sandbox: SandboxServer) -> None:
    write = services.create_customer_from(
        sale=waiting, id=uuid.uuid4(), name="Bia Luz", cpf=CPFS[1], phone="+5511988887777", by=manager
    )
    waiting.refresh_from_db()
    assert (write.state, waiting.state, waiting.customer.name) == ("done", "matched", "Bia Luz")
    assert posted(sandbox, "customers") == 1


def test_who_it_may_be_is_proposed(waiting: PosSale, customer: Any, bridge: Bridge) -> None:
    by_buyer, by_phone = customer(cpf=CPFS[0]), customer(phone="+5511988887777")
    customer(cpf=CPFS[1])
    PosBuyer.objects.create(bridge=bridge, remote_id="c1", cpf=CPFS[0], phone="+5511988887777")
    assert set(services.suggest(waiting)) == {by_buyer, by_phone}


def test_a_reversal_needs_its_checklist_and_a_word(
    bridge: Bridge, waiting: PosSale, ana: Customer, manager: User, sandbox: SandboxServer
) -> None:
    services.link_customer(sale=waiting, customer=ana, by=manager)
    work(bridge.pk)
    waiting.refresh_from_db()
    unchanged(waiting, services.confirm_reversal, "moved_on", by=manager, evidence="saldo 0")
    PosSale.objects.filter(pk=waiting.pk).update(status="refunded")
    waiting.status = "refunded"
    assert life.move(waiting, life.Event.CANCELLED)
    unchanged(waiting, services.confirm_reversal, "checklist", by=manager, evidence="saldo 0")
    case = PosReversal.objects.get(sale=waiting)
    for step in services.REVERSAL_STEPS:
        services.tick_reversal(reversal=case, step=step, done=True, by=manager)
    unchanged(waiting, services.confirm_reversal, "no_reason", by=manager, evidence=" ")
    services.confirm_reversal(sale=waiting, by=manager, evidence="saldo de volta a 0")
    case.refresh_from_db()
    assert (waiting.state, waiting.reversal_due) == ("reversed", False)
    assert (case.confirmed_by, case.evidence) == (manager, "saldo de volta a 0")
    assert posted(sandbox) == 1


def test_a_flag_is_taken_away_with_a_word(waiting: PosSale, manager: User) -> None:
    life.flag([waiting], "conflicting_data")
    unchanged(waiting, services.settle_flag, "no_reason", flag="conflicting_data", by=manager, note="")
    services.settle_flag(sale=waiting, flag="conflicting_data", by=manager, note="é o filho")
    waiting.refresh_from_db()
    assert waiting.conflicting_data is False
    unchanged(waiting, services.settle_flag, "moved_on", flag="conflicting_data", by=manager, note="x")


def test_the_choice_has_no_default_and_is_on_record(
    pos_connection: Connection, connection: Connection, owner: User
) -> None:
    made = setting_up.bridge_of(pos_connection)
    assert (made.mode, made.target, setting_up.bridge_of(pos_connection)) == ("", None, made)
    for target, mode in ((pos_connection, "register"), (connection, ""), (connection, "both")):
        with pytest.raises(BridgeRefusedError, match="not_offered"):
            setting_up.choose_mode(bridge=made, target=target, mode=mode, by=owner)
    setting_up.choose_mode(bridge=made, target=connection, mode="observe", by=owner)
    assert (made.mode, made.target, made.mode_by) == ("observe", connection, owner)
    event = AuditEvent.objects.get(action="bridge.mode_chosen")
    assert (event.actor, event.details["mode"]) == (owner, "observe")


def test_stores_follow_the_machine_until_a_sale_is_checked(bridge: Bridge, owner: User) -> None:
    centre, north = Store.objects.create(name="Centro"), Store.objects.create(name="Norte")
    open_sale, done = received(
        bridge, record(machine_id="M1", store_id="S1"), record(machine_id="M1", store_id="S1")
    )
    PosSale.objects.filter(pk=done.pk).update(state="registered")

    def stores() -> list[Store | None]:
        return [PosSale.objects.get(pk=sale.pk).store for sale in (open_sale, done)]

    setting_up.map_store(pos_store=PosStore.objects.get(), store=centre, by=owner)
    assert stores() == [centre, None]
    setting_up.place_machine(machine=PosMachine.objects.get(), store=north, by=owner)
    assert stores() == [north, None]
    setting_up.map_store(pos_store=PosStore.objects.get(), store=None, by=owner)
    assert stores() == [north, None]


def test_a_problem_is_put_aside(bridge: Bridge, manager: User) -> None:
    now = timezone.now()
    issue = FeedIssue.objects.create(
        bridge=bridge, road=Road.PULL, reason="missing", first_at=now, last_at=now
    )
    setting_up.resolve_issue(issue=issue, by=manager)
    assert (issue.resolved_by, issue.resolved_at is not None) == (manager, True)


def test_buyer_data_are_erased_and_the_sale_is_still_known(bridge: Bridge, ana: Customer) -> None:
    told = record("a", cpf=CPFS[0], name="Ana Prado")
    [sale] = received(bridge, told)
    [young] = received(bridge, record("b", cpf=CPFS[0]))
    work(bridge.pk)
    long_ago = timezone.now() - timezone.timedelta(days=181)
    PosSale.objects.filter(pk=sale.pk).update(state_since=long_ago)
    assert (retention.erase_old(), retention.erase_old()) == (1, 0)
    received(bridge, told)
    sale.refresh_from_db()
    young.refresh_from_db()
    assert (sale.buyer_cpf, sale.buyer_name, sale.changed_after_send) == ("", "", False)
    assert (sale.customer, young.buyer_cpf) == (ana, CPFS[0])
