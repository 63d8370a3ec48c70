"""What came of messages, in numbers: every rate with its counts, and the people held out beside them."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext

from customers.models import Customer
from customers.timeline import timeline
from smartbis_admin.staff.models import User
from smartbis_admin.writes.models import Write
from tests.outreach.conftest import NOW
from vouchers.models import Voucher
from vouchers.outreach.models import Message, SurveyAnswer
from vouchers.outreach.results import Rate, results_of_automation

Make = Callable[..., Any]
pytestmark = pytest.mark.usefixtures("clock")


@pytest.fixture
def contact(make_customer: Make) -> Make:
    """A customer with a message of `inactive` that left so many days ago (or would have)."""

    def make(name: str, days_ago: float, state: str = "sent", **fields: Any) -> Customer:
        customer: Customer = make_customer(name)
        at = NOW - timedelta(days=days_ago)
        values = {
            "trigger": "inactive", "customer": customer, "person": f"p{customer.pk}", "occasion": "inactive:1",
            "channel": "whatsapp", "zone": "America/Sao_Paulo", "state": state, "queued_at": at, "not_before": at,
            "expires_at": at + timedelta(days=3),
            "sent_at": at if state in ("sent", "delivered", "read") else None,
            "delivered_at": at if state in ("delivered", "read") else None,
            "read_at": at if state == "read" else None,
        } | fields  # fmt: skip
        Message.objects.create(**values)
        return customer

    return make


def used(customer: Customer, make_voucher: Make, days_ago: float) -> None:
    """They used a voucher."""
    make_voucher(
        f"U{customer.pk}", customer, status=Voucher.Status.USED, used_at=NOW - timedelta(days=days_ago)
    )


def test_results_beside_those_held_out(contact: Make, make_sale: Make, make_voucher: Make) -> None:
    ana, bia, caio = contact("Ana", 40, "read"), contact("Bia", 40, "delivered"), contact("Caio", 40)
    davi = contact("Davi", 40, channel="email")
    eva = contact("Eva", 5)
    flora, gil = contact("Flora", 40, "held_out"), contact("Gil", 40, "held_out")
    contact("Hugo", 40, "dropped", reason="not_true")
    contact("Ivo", 40, "failed", reason="refused")
    make_sale(ana, 39.9, amount="10.00")
    make_sale(ana, 10, amount="20.00")
    make_sale(ana, 9.9, amount="40.00")
    make_sale(bia, 40.1, amount="80.00")
    make_sale(caio, 12, amount="160.00", state=Write.State.IN_DOUBT)
    make_sale(davi, 15, amount="5.50")
    make_sale(eva, 1, amount="1.00")
    make_sale(flora, 12, amount="3.00")
    used(ana, make_voucher, 20)
    used(bia, make_voucher, 9.9)
    used(gil, make_voucher, 39)
    results = results_of_automation("inactive", NOW - timedelta(days=60), NOW)
    assert results.states == {
        "read": 1, "delivered": 1, "sent": 3, "held_out": 2, "dropped": 1, "failed": 1,
    }  # fmt: skip
    assert results.reasons == {"not_true": 1, "refused": 1}
    assert (results.sent, results.delivered, results.read) == (5, Rate(2, 4), Rate(1, 4))
    contacted, held = results.contacted, results.held_out
    assert (contacted.people, contacted.bought_again, contacted.used_benefit) == (5, Rate(3, 5), Rate(1, 5))
    assert (contacted.amount, contacted.still_open) == (Decimal("36.50"), 1)
    assert (held.people, held.bought_again, held.used_benefit, held.amount) == (
        2, Rate(1, 2), Rate(1, 2), Decimal("3.00"),
    )  # fmt: skip
    assert results.lift == Decimal("10.0")


def test_nothing_over_nothing_is_not_said(db: None) -> None:
    results = results_of_automation("inactive", NOW - timedelta(days=60), NOW)
    assert (results.contacted.bought_again.percent, results.lift, results.contacted.amount) == (None, None, 0)
    assert Rate(1, 8).percent == Decimal("12.5")
    assert Rate(1, 16).percent == Decimal("6.3")
    assert Rate(2, 3).percent == Decimal("66.7")


def test_results_cost_the_same_for_few_and_many(contact: Make, make_sale: Make) -> None:
    counts = []
    for size in (2, 20):
        for number in range(size):
            make_sale(contact(f"N{size}x{number}", 20), 5)
        with CaptureQueriesContext(database) as queries:
            results = results_of_automation("inactive", NOW - timedelta(days=60), NOW)
        counts.append(len(queries))
    assert results.contacted.bought_again == Rate(22, 22)
    assert counts[0] == counts[1]


def test_the_log_of_a_person_tells_messages_and_answers(contact: Make, manager: User, viewer: User) -> None:
    ana = contact("Ana", 5, "read")
    contact("Bia", 5, "held_out")
    message = Message.objects.get(customer=ana)
    SurveyAnswer.objects.create(
        message=message, customer=ana, channel="whatsapp", score=9, comment="Bom", answered_at=NOW
    )
    page = timeline(ana, viewer=manager, known_at=NOW)
    told = [(str(event.title), str(event.text)) for event in page.events]
    assert ("Pesquisa respondida: 9", "Bom") in told
    assert ("Mensagem lida: Recuperação", "WhatsApp") in told
    seen = [str(event.title) for event in timeline(ana, viewer=viewer, known_at=NOW).events]
    assert "Pesquisa respondida: 9" not in seen
    bia = Customer.objects.get(name="Bia")
    assert not any(
        "Mensagem" in str(event.title) for event in timeline(bia, viewer=manager, known_at=NOW).events
    )
