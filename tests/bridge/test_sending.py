"""Eligible sales become registered ones, each once: outcomes, lost answers, restarts, two workers, cancellations."""

import threading
import uuid
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.db import connections
from django.utils import timezone

from customers.bridge import sending, services, working
from customers.bridge.models import Bridge, PosReversal, PosSale, Road
from customers.bridge.receiving import receive
from customers.bridge.sending import send_one
from customers.bridge.working import work
from customers.models import Customer, Sale
from sandbox.testing import SandboxServer
from smartbis_admin.api.pos import PosSaleRecord, PosStatus
from smartbis_admin.connections.models import Connection
from smartbis_admin.staff.models import User
from smartbis_admin.writes.models import Write
from smartbis_admin.writes.settling import notice_dead_processes, settle_by_person
from tests.bridge.conftest import CPFS, life_of, posted, received, record

pytestmark = pytest.mark.django_db


def effects(sandbox: SandboxServer) -> int:
    """How many sales the programme registered."""
    return sandbox.committed("sales")


def cancelled(sale: PosSale, told: PosSaleRecord) -> None:
    """The machine says that a sale was cancelled."""
    again = record(told.id, sold_at=told.sold_at, customer=told.customer, status=PosStatus.CANCELLED)
    receive(bridge=sale.bridge, records=[again], road=Road.PUSH)


@pytest.fixture
def eligible(bridge: Bridge, ana: Customer) -> tuple[PosSale, PosSaleRecord]:
    """A sale of Ana that may be sent."""
    told = record("a", cpf=CPFS[0])
    [sale] = received(bridge, told)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(working, "send_eligible", lambda *args, **more: (False, "", ""))
        work(bridge.pk)
    sale.refresh_from_db()
    assert sale.state == "eligible"
    return sale, told


def test_a_sale_is_matched_checked_and_registered(
    bridge: Bridge, ana: Customer, sandbox: SandboxServer
) -> None:
    [sale] = received(bridge, record("a", cpf=CPFS[0], machine_id="M1"))
    assert (sale.state, life_of(sale)) == ("received", [("stored", "received")])
    work(bridge.pk)
    sale.refresh_from_db()
    assert (sale.state, sale.reason, sale.customer) == ("registered", "", ana)
    assert life_of(sale)[1:] == [("found", "matched"), ("passed", "eligible"), ("sent", "registered")]
    assert (posted(sandbox), effects(sandbox)) == (1, 1)
    registered = Sale.objects.get(write=sale.write)
    assert (registered.amount, registered.customer_remote_id) == (Decimal("129.90"), ana.remote_id)
    assert (registered.sold_at, registered.machine, registered.payment_method) == (
        sale.sold_at,
        "M1",
        "credit",
    )
    assert registered.cashback_amount == Decimal("6.50")
    # Nothing is left to do.
    work(bridge.pk)
    assert posted(sandbox) == 1


def test_a_refusal_is_corrected_as_a_new_intent(
    bridge: Bridge, customer: Any, ana: Customer, sandbox: SandboxServer, manager: User
) -> None:
    customer(cpf=CPFS[1])
    [sale] = received(bridge, record("a", cpf=CPFS[1]))
    work(bridge.pk)
    sale.refresh_from_db()
    assert (sale.state, sale.write.state, effects(sandbox)) == ("rejected", "refused", 0)
    assert sale.reason == sale.write.code != ""
    services.correct(sale=sale, by=manager, note="era a Ana", customer=ana, amount=Decimal("100.00"))
    assert (sale.state, sale.attempt, sale.write) == ("eligible", 1, None)
    work(bridge.pk)
    sale = PosSale.objects.get(pk=sale.pk)
    assert (sale.state, sale.customer, effects(sandbox)) == ("registered", ana, 1)
    assert Sale.objects.get(write=sale.write).amount == Decimal("100.00")
    assert [write.state for write in sending.intents(sale)] == ["done", "refused"]


def test_a_lost_answer_after_the_effect_is_never_sent_again(
    eligible: tuple[PosSale, PosSaleRecord], sandbox: SandboxServer, manager: User
) -> None:
    sale, _told = eligible
    sandbox.fault("drop_after", method="POST", path="sales")
    work(sale.bridge_id)
    sale.refresh_from_db()
    assert (sale.state, sale.write.state, effects(sandbox)) == ("in_doubt", "in_doubt", 1)
    for _round in range(3):
        work(sale.bridge_id)
    assert posted(sandbox) == 1
    settle_by_person(write=sale.write, state=Write.State.DONE, by=manager, reason="está no painel")
    working.sweep()
    sale.refresh_from_db()
    assert (sale.state, effects(sandbox)) == ("registered", 1)
    assert life_of(sale)[3:] == [("lost", "in_doubt"), ("settled", "registered")]


def test_a_lost_answer_without_effect_is_sent_as_a_new_intent_once_that_is_known(
    eligible: tuple[PosSale, PosSaleRecord], sandbox: SandboxServer, manager: User
) -> None:
    sale, _told = eligible
    sandbox.fault("drop_before", method="POST", path="sales")
    work(sale.bridge_id)
    sale.refresh_from_db()
    first = sale.write
    assert (sale.state, effects(sandbox)) == ("in_doubt", 0)
    settle_by_person(write=first, state=Write.State.NOT_DONE, by=manager, reason="não está no painel")
    work(sale.bridge_id)
    sale.refresh_from_db()
    assert (sale.state, sale.attempt, effects(sandbox)) == ("registered", 1, 1)
    assert sale.write != first
    assert life_of(sale)[3:] == [
        ("lost", "in_doubt"), ("settled_negative", "eligible"), ("sent", "registered"),
    ]  # fmt: skip


def test_a_person_abandons_what_cannot_be_found_out(
    eligible: tuple[PosSale, PosSaleRecord], sandbox: SandboxServer, manager: User
) -> None:
    sale, _told = eligible
    sandbox.fault("drop_after", method="POST", path="sales")
    work(sale.bridge_id)
    sale.refresh_from_db()
    services.abandon(sale=sale, by=manager, note="o painel não mostra a hora")
    assert (sale.state, sale.reason, sale.write.state) == ("rejected", "abandoned", "abandoned")
    with pytest.raises(services.BridgeRefusedError, match="moved_on"):
        services.abandon(sale=sale, by=manager, note="de novo")


def test_what_never_left_is_sent_later(
    eligible: tuple[PosSale, PosSaleRecord], sandbox: SandboxServer
) -> None:
    sale, _told = eligible
    sandbox.fault("rate_limit", method="POST", path="sales", times=9)
    work(sale.bridge_id)
    sale.refresh_from_db()
    assert (sale.state, sale.write.state, effects(sandbox)) == ("eligible", "not_sent", 0)
    assert life_of(sale)[3:] == [("not_sent", "eligible")]
    sandbox.clear_faults()
    work(sale.bridge_id)
    sale.refresh_from_db()
    assert (sale.state, sale.attempt, effects(sandbox)) == ("registered", 0, 1)


def test_refused_credentials_stop_the_sending_and_say_so(
    eligible: tuple[PosSale, PosSaleRecord], sandbox: SandboxServer, connection: Connection
) -> None:
    sale, _told = eligible
    Connection.objects.filter(pk=connection.pk).update(blocked_at=timezone.now())
    work(sale.bridge_id)
    sale.refresh_from_db()
    assert (sale.state, sale.bridge.waits_for, sale.bridge.waits_cause) == (
        "eligible",
        "NotAllowed",
        "blocked",
    )
    assert posted(sandbox) == 0


@pytest.mark.parametrize("moment", ["before the call", "in the call"])
def test_a_process_that_dies_leaves_the_truth(
    eligible: tuple[PosSale, PosSaleRecord],
    sandbox: SandboxServer,
    monkeypatch: pytest.MonkeyPatch,
    moment: str,
) -> None:
    """With the intent committed and the call not made, it is sent later; with the call made, it is in doubt."""
    sale, _told = eligible
    original = sending.send

    def dying(write: Write) -> Write:
        if moment == "in the call":
            with monkeypatch.context() as cut:
                cut.setattr("smartbis_admin.writes.services._finish", _die)
                return original(write)
        raise KeyboardInterrupt

    with monkeypatch.context() as death:
        death.setattr(sending, "send", dying)
        with pytest.raises(KeyboardInterrupt):
            work(sale.bridge_id)
    sale.refresh_from_db()
    assert (sale.state, sale.is_being_sent) == ("eligible", True)
    work(sale.bridge_id)
    assert effects(sandbox) == (moment == "in the call")
    with time_machine.travel(timezone.now() + timedelta(minutes=5)):
        notice_dead_processes()
        work(sale.bridge_id)
    sale.refresh_from_db()
    assert sale.state == ("in_doubt" if moment == "in the call" else "registered")
    assert effects(sandbox) == 1


def _die(*args: Any, **more: Any) -> None:
    raise KeyboardInterrupt


def test_a_cancellation_between_intent_and_answer_becomes_a_reversal(
    eligible: tuple[PosSale, PosSaleRecord], sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    sale, told = eligible
    original = sending.send

    def overtaken(write: Write) -> Write:
        cancelled(sale, told)
        assert PosSale.objects.get(pk=sale.pk).state == "eligible"
        return original(write)

    monkeypatch.setattr(sending, "send", overtaken)
    work(sale.bridge_id)
    sale.refresh_from_db()
    assert (sale.state, sale.reversal_due, effects(sandbox)) == ("registered", True, 1)
    assert life_of(sale)[3:] == [("sent", "registered"), ("cancelled", "registered")]
    assert PosReversal.objects.get(sale=sale).cause == "cancelled"


def test_cancelled_before_the_intent_is_never_sent(
    eligible: tuple[PosSale, PosSaleRecord], sandbox: SandboxServer
) -> None:
    sale, told = eligible
    cancelled(sale, told)
    send_one(sale)
    work(sale.bridge_id)
    sale.refresh_from_db()
    assert (sale.state, sale.reason) == ("ineligible", "cancelled_before_registration")
    assert (posted(sandbox), Write.objects.filter(kind="register_sale").count()) == (0, 0)


@pytest.mark.parametrize(
    ("settled", "state", "due"), [("done", "registered", True), ("not_done", "ineligible", False)]
)
def test_cancelled_while_in_doubt(
    eligible: tuple[PosSale, PosSaleRecord],
    sandbox: SandboxServer,
    manager: User,
    settled: str,
    state: str,
    due: bool,
) -> None:
    sale, told = eligible
    sandbox.fault("drop_after" if settled == "done" else "drop_before", method="POST", path="sales")
    work(sale.bridge_id)
    cancelled(sale, told)
    sale.refresh_from_db()
    assert (sale.state, sale.reversal_due) == ("in_doubt", True)
    settle_by_person(write=sale.write, state=Write.State(settled), by=manager, reason="vi no painel")
    work(sale.bridge_id)
    sale.refresh_from_db()
    assert (sale.state, sale.reversal_due) == (state, due)
    assert posted(sandbox) == 1


def test_who_observes_sends_nothing(
    eligible: tuple[PosSale, PosSaleRecord], bridge: Bridge, sandbox: SandboxServer
) -> None:
    sale, _told = eligible
    Bridge.objects.filter(pk=bridge.pk).update(mode="observe")
    [other] = received(bridge, record("b", cpf=CPFS[0]))
    work(bridge.pk)
    send_one(sale)
    other.refresh_from_db()
    assert (other.state, other.reason) == ("ineligible", "panel_connection")
    assert (posted(sandbox), Write.objects.filter(kind="register_sale").count()) == (0, 0)


def test_until_somebody_chose_sales_wait_matched(
    bridge: Bridge, ana: Customer, sandbox: SandboxServer
) -> None:
    Bridge.objects.filter(pk=bridge.pk).update(mode="")
    [sale] = received(bridge, record(cpf=CPFS[0]))
    work(bridge.pk)
    sale.refresh_from_db()
    assert (sale.state, posted(sandbox)) == ("matched", 0)


def test_the_next_sale_of_a_customer_waits_for_the_one_in_doubt(
    bridge: Bridge, ana: Customer, sandbox: SandboxServer, manager: User
) -> None:
    first, second = received(
        bridge, record("a", cpf=CPFS[0]), record("b", cpf=CPFS[0], amount=Decimal("10.00"))
    )
    sandbox.fault("drop_after", method="POST", path="sales")
    work(bridge.pk)
    bridge.refresh_from_db()
    for sale in (first, second):
        sale.refresh_from_db()
    assert (first.state, second.state, bridge.waits_for) == ("in_doubt", "eligible", "busy")
    settle_by_person(write=first.write, state=Write.State.DONE, by=manager, reason="vi")
    work(bridge.pk)
    bridge.refresh_from_db()
    second.refresh_from_db()
    assert (second.state, effects(sandbox), bridge.waits_for) == ("registered", 2, "")


def test_a_second_worker_in_the_gap_sends_nothing(
    eligible: tuple[PosSale, PosSaleRecord], sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It comes after the first opened the intent, and again after the first sent: one entry, one call."""
    sale, _told = eligible
    original = sending.send

    def overtaken(write: Write) -> Write:
        with monkeypatch.context() as plain:
            plain.setattr(sending, "send", original)
            send_one(PosSale.objects.get(pk=sale.pk))
        return original(write)

    monkeypatch.setattr(sending, "send", overtaken)
    send_one(sale)
    send_one(sale)
    assert (posted(sandbox), Write.objects.filter(kind="register_sale").count()) == (1, 1)


def test_without_the_guard_a_late_worker_would_send_it_twice(
    eligible: tuple[PosSale, PosSaleRecord], sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The worker read the sale while it was eligible and comes to it after it was registered."""
    sale, _told = eligible
    late = PosSale.objects.get(pk=sale.pk)
    send_one(sale)
    send_one(late)
    assert effects(sandbox) == 1
    PosSale.objects.filter(pk=sale.pk).update(write=None)
    monkeypatch.setattr(sending, "_is_to_be_sent", lambda row: True)
    monkeypatch.setattr(sending, "intent_id", lambda row, attempt=None: uuid.uuid4())
    send_one(late)
    assert effects(sandbox) == 2


@pytest.mark.django_db(transaction=True)
def test_four_workers_at_once_send_it_once(
    eligible: tuple[PosSale, PosSaleRecord], sandbox: SandboxServer
) -> None:
    sale, _told = eligible
    together, failures = threading.Barrier(4), []

    def worker() -> None:
        try:
            mine = PosSale.objects.get(pk=sale.pk)
            together.wait()
            send_one(mine)
        except Exception as error:  # noqa: BLE001 - whatever it is, the test is to show it
            failures.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=worker) for _number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    sale.refresh_from_db()
    assert (failures, sale.state) == ([], "registered")
    assert (posted(sandbox), effects(sandbox)) == (1, 1)
    assert life_of(sale)[3:] == [("sent", "registered")]


def test_only_one_walks_a_bridge_at_a_time(
    bridge: Bridge, ana: Customer, sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    walked: list[int] = []
    original: Callable[..., bool] = working._walk

    def counted(*args: Any) -> bool:
        walked.append(1)
        work(bridge.pk)
        return original(*args)

    monkeypatch.setattr(working, "_walk", counted)
    received(bridge, record(cpf=CPFS[0]))
    work(bridge.pk)
    work(bridge.pk)
    assert (walked, posted(sandbox)) == ([1, 1], 1)
