"""Every step of `smartpos.md` §3, written out here once more: those it has, and that there is no other."""

from typing import Any

import pytest
from django.utils import timezone

from customers.bridge import life
from customers.bridge.life import ImpossibleStepError, Step
from customers.bridge.models import Bridge, PosReversal, PosSale, PosSaleEvent
from customers.bridge.transitions import OVERRULABLE, TRANSITIONS, Event
from customers.models import Customer
from smartbis_admin.connections.models import Connection
from smartbis_admin.staff.models import User
from smartbis_admin.writes.models import Write
from tests.bridge.conftest import life_of, received, record

pytestmark = pytest.mark.django_db
State = PosSale.State
#: The contract's table: from, event, to, reason of the new state.
TABLE: list[tuple[str, str, str, str]] = [
    ("received", "found", "matched", ""),
    ("received", "not_found", "unidentified", "unknown_buyer"),
    ("unidentified", "identified", "matched", ""),
    ("unidentified", "gave_up", "ineligible", "not_identified"),
    ("matched", "passed", "eligible", ""),
    ("matched", "failed", "ineligible", "too_old"),
    ("ineligible", "overruled", "eligible", ""),
    ("eligible", "sent", "registered", ""),
    ("eligible", "refused", "rejected", "sale_refused"),
    ("eligible", "not_sent", "eligible", ""),
    ("eligible", "lost", "in_doubt", ""),
    ("in_doubt", "settled", "registered", ""),
    ("in_doubt", "settled_negative", "eligible", ""),
    ("in_doubt", "abandoned", "rejected", "abandoned"),
    ("rejected", "corrected", "eligible", ""),
    ("received", "cancelled", "ineligible", "cancelled_before_registration"),
    ("matched", "cancelled", "ineligible", "cancelled_before_registration"),
    ("unidentified", "cancelled", "ineligible", "cancelled_before_registration"),
    ("eligible", "cancelled", "ineligible", "cancelled_before_registration"),
    ("registered", "cancelled", "registered", ""),
    ("in_doubt", "cancelled", "in_doubt", ""),
    ("registered", "reversed", "reversed", ""),
]
REASON = {"not_found": "unknown_buyer", "failed": "too_old", "refused": "sale_refused"}


@pytest.fixture
def standing(bridge: Bridge, customer: Any) -> Any:
    """A sale that stands in a state, linked to a customer: `standing("eligible", reversal_due=True)`."""
    buyer: Customer = customer()

    def make(state: str, **columns: Any) -> PosSale:
        [sale] = received(bridge, record())
        told = {"state": state, "customer_remote_id": buyer.remote_id, "connection": buyer.connection}
        if state == "ineligible":
            told["reason"] = "too_old"
        PosSale.objects.filter(pk=sale.pk).update(**(told | columns))
        return PosSale.objects.select_related("write").get(pk=sale.pk)

    return make


def test_the_program_has_the_contracts_table() -> None:
    ours = {(str(state), str(event), str(to)) for (state, event), to in TRANSITIONS.items() if state}
    assert ours == {(state, event, to) for state, event, to, _reason in TABLE}
    assert TRANSITIONS[("", Event.STORED)] == "received"


@pytest.mark.parametrize(("state", "event", "to", "reason"), TABLE, ids=lambda value: value or "-")
def test_a_step_of_the_table_is_taken_and_logged(
    standing: Any, owner: User, state: str, event: str, to: str, reason: str
) -> None:
    sale = standing(state, reversal_due=event == "reversed")
    moved = life.move(sale, Event(event), reason=REASON.get(event, ""), actor=owner, note="porque sim")
    stored = PosSale.objects.get(pk=sale.pk)
    assert (moved, stored.state, stored.reason) == (True, to, reason)
    last = PosSaleEvent.objects.filter(sale=sale).latest("pk")
    assert (last.event, last.from_state, last.to_state, last.actor) == (event, state, to, owner)
    assert last.note == "porque sim"
    assert (sale.state, sale.reason) == (to, reason)


@pytest.mark.parametrize("state", State.values)
def test_no_other_step_exists(standing: Any, state: str) -> None:
    sale = standing(state, reversal_due=state == "registered")
    before = PosSale.objects.filter(pk=sale.pk).values().get()
    known = {event for start, event, _to, _reason in TABLE if start == state}
    for event in Event:
        if event in known:
            continue
        with pytest.raises(ImpossibleStepError):
            life.move(sale, event)
    assert PosSale.objects.filter(pk=sale.pk).values().get() == before
    assert life_of(sale) == [("stored", "received")]


def test_what_is_final_stays(standing: Any) -> None:
    """Only a reason with † may be overruled, and only with a customer; a confirmed reversal needs one due."""
    refused = [
        standing("ineligible", reason=reason)
        for reason in (
            "panel_connection",
            "status_not_approved",
            "amount_not_positive",
            "customer_blocked",
            "cancelled_before_registration",
        )
    ]
    refused.append(standing("ineligible", reason="not_identified", customer_remote_id=None))
    for sale in refused:
        assert (life.can(sale, Event.OVERRULED), life.move(sale, Event.OVERRULED)) == (False, False)
    registered = standing("registered")
    assert not life.move(registered, Event.REVERSED)
    assert PosSaleEvent.objects.exclude(event="stored").count() == 0
    assert {
        "not_identified", "duplicate", "store_excluded", "method_excluded", "below_minimum", "outside_period",
        "too_old",
    } == OVERRULABLE  # fmt: skip


def test_a_cancellation_waits_for_an_open_intent(standing: Any, connection: Connection) -> None:
    write = Write.objects.create(connection=connection, kind="register_sale", payload={})
    sale = standing("eligible", write=write)
    assert not life.move(sale, Event.CANCELLED)
    assert (sale.state, sale.reversal_due) == ("eligible", False)
    Write.objects.filter(pk=write.pk).update(state=Write.State.NOT_SENT)
    assert life.move(sale, Event.CANCELLED)
    assert (sale.state, sale.reason) == ("ineligible", "cancelled_before_registration")


def test_a_reversal_is_opened_once_and_dropped_when_nothing_was_registered(standing: Any) -> None:
    sale = standing("in_doubt", status="refunded")
    assert life.move(sale, Event.CANCELLED)
    assert not life.move(sale, Event.CANCELLED)
    case = PosReversal.objects.get(sale=sale)
    assert (sale.state, sale.reversal_due, case.cause) == ("in_doubt", True, "refunded")
    assert life.move(sale, Event.SETTLED_NEGATIVE)
    case.refresh_from_db()
    assert (sale.state, sale.reason) == ("ineligible", "cancelled_before_registration")
    assert (sale.reversal_due, case.dropped_at is not None) == (False, True)


def test_a_new_attempt_is_a_new_intent(standing: Any, connection: Connection) -> None:
    for state, event in (("in_doubt", Event.SETTLED_NEGATIVE), ("rejected", Event.CORRECTED)):
        write = Write.objects.create(connection=connection, kind="register_sale", payload={})
        sale = standing(state, write=write)
        assert life.move(sale, event)
        assert (sale.write_id, sale.attempt) == (None, 1)


def test_of_two_who_move_a_sale_one_does(standing: Any) -> None:
    """The second read it before the first moved it, and changes nothing."""
    sale = standing("matched")
    rival = PosSale.objects.get(pk=sale.pk)
    assert life.move(rival, Event.FAILED, reason="too_old")
    assert not life.move(sale, Event.PASSED)
    assert (sale.state, sale.reason) == ("ineligible", "too_old")
    assert life_of(sale)[1:] == [("failed", "ineligible")]


def test_a_batch_costs_the_same_whatever_its_size(standing: Any, django_assert_num_queries: Any) -> None:
    for size in (2, 12):
        steps = [Step(standing("matched"), Event.PASSED) for _number in range(size)]
        with django_assert_num_queries(6):
            assert len(life.move_many(steps)) == size


def test_flags_are_logged_and_change_no_state(standing: Any, owner: User) -> None:
    sale = standing("registered")
    assert life.flag([sale], "changed_after_send") == 1
    assert life.flag([sale], "changed_after_send") == 0
    assert life.flag([sale], "changed_after_send", raised=False, actor=owner, note="conferido") == 1
    events = PosSaleEvent.objects.filter(sale=sale).exclude(event="stored")
    assert list(events.values_list("event", "from_state", "to_state", "reason", "note")) == [
        ("flagged", "registered", "registered", "changed_after_send", ""),
        ("unflagged", "registered", "registered", "changed_after_send", "conferido"),
    ]
    with pytest.raises(ValueError, match="no flag"):
        life.flag([sale], "reversal_due")
    assert sale.state_since <= timezone.now()
