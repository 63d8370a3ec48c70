"""One sale by many roads is one sale: new, known, changed before and after the send, cancelled, unusable."""

from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from customers.bridge import receiving
from customers.bridge.models import Bridge, FeedIssue, PosMachine, PosReversal, PosSale, PosStore, Road
from customers.bridge.receiving import receive
from customers.bridge.working import work
from customers.models import Customer
from smartbis_admin.api.pos import BadRow, PosStatus
from smartbis_admin.staff.models import Store
from tests.bridge.conftest import CPFS, life_of, received, record

pytestmark = pytest.mark.django_db


def counts(receipt: receiving.Receipt) -> tuple[int, int, int, int]:
    return receipt.new, receipt.changed, receipt.duplicates, len(receipt.rejected)


def test_the_same_sale_by_three_roads_is_one(bridge: Bridge) -> None:
    sale = record("a", cpf=CPFS[0], nsu="000123")
    for road, told in zip(Road, [(1, 0, 0, 0), (0, 0, 1, 0), (0, 0, 1, 0)], strict=True):
        assert counts(receive(bridge=bridge, records=[sale], road=road)) == told
    stored = PosSale.objects.get()
    assert (stored.road, stored.nsu, stored.buyer_cpf) == ("pull", "000123", CPFS[0])
    assert life_of(stored) == [("stored", "received")]


def test_a_thousand_and_one_cost_a_few_queries_a_batch(
    bridge: Bridge, django_assert_max_num_queries: Any
) -> None:
    records = [record(f"n{number}", machine_id="M1", store_id="S1") for number in range(1001)]
    with django_assert_max_num_queries(80):
        assert counts(receive(bridge=bridge, records=records, road=Road.FILE)) == (1001, 0, 0, 0)
    with django_assert_max_num_queries(15):
        assert counts(receive(bridge=bridge, records=records, road=Road.FILE)) == (0, 0, 1001, 0)
    assert PosSale.objects.count() == 1001


def test_an_id_twice_in_one_page_is_one_sale_as_it_ended(bridge: Bridge) -> None:
    receipt = receive(
        bridge=bridge,
        records=[record("a"), record("b"), record("a", status=PosStatus.CANCELLED)],
        road=Road.PULL,
    )
    assert counts(receipt) == (2, 1, 0, 0)
    a = PosSale.objects.get(remote_id="a")
    assert (a.status, a.state, a.reason) == ("cancelled", "ineligible", "cancelled_before_registration")


def test_before_a_send_a_change_is_applied(bridge: Bridge, customer: Any) -> None:
    bruno = customer(cpf=CPFS[1])
    at = record("a").sold_at
    [sale] = received(bridge, record("a", sold_at=at))
    assert (sale.state, sale.buyer_cpf) == ("received", "")
    PosSale.objects.filter(pk=sale.pk).update(state="unidentified", reason="no_buyer_data")
    later = record("a", sold_at=at, amount=Decimal("99.90"), cpf=CPFS[1])
    assert counts(receive(bridge=bridge, records=[later], road=Road.PUSH)) == (0, 1, 0, 0)
    sale.refresh_from_db()
    assert (sale.amount, sale.buyer_cpf) == (Decimal("99.90"), CPFS[1])
    assert (sale.state, sale.customer) == ("matched", bruno)
    assert life_of(sale)[1:] == [("changed", "unidentified"), ("identified", "matched")]
    assert sale.events.get(event="changed").note == "amount, customer"


def test_after_a_send_a_change_is_kept_beside_and_flagged(bridge: Bridge, ana: Customer) -> None:
    at = timezone.now().replace(microsecond=0)
    [sale] = received(bridge, record("a", sold_at=at, cpf=CPFS[0]))
    work(bridge.pk)
    for amount, told in (("99.90", (0, 1, 0, 0)), ("99.90", (0, 0, 1, 0))):
        other = record("a", sold_at=at, cpf=CPFS[0], amount=Decimal(amount))
        assert counts(receive(bridge=bridge, records=[other], road=Road.PULL)) == told
    sale.refresh_from_db()
    assert (sale.state, sale.amount, sale.changed_after_send) == ("registered", Decimal("129.90"), True)
    assert sale.later_content == {"amount": "99.90"}


def test_a_cancellation_after_registration_is_a_reversal_to_make(bridge: Bridge, ana: Customer) -> None:
    at = timezone.now().replace(microsecond=0)
    [sale] = received(bridge, record("a", sold_at=at, cpf=CPFS[0]))
    work(bridge.pk)
    for status in (PosStatus.REFUNDED, PosStatus.APPROVED, PosStatus.CANCELLED):
        # An old file that still says "approved", or a lesser word, changes nothing any more.
        receive(bridge=bridge, records=[record("a", sold_at=at, cpf=CPFS[0], status=status)], road=Road.FILE)
    sale.refresh_from_db()
    assert (sale.state, sale.status, sale.reversal_due) == ("registered", "refunded", True)
    assert PosReversal.objects.get(sale=sale).cause == "refunded"
    assert life_of(sale)[4:] == [("cancelled", "registered")]


def test_what_a_file_leaves_empty_is_no_change(bridge: Bridge) -> None:
    """A file may know only the day, and neither machine nor buyer."""
    at = timezone.localtime().replace(hour=15, minute=42, second=10, microsecond=0) - timedelta(days=1)
    told = record("a", sold_at=at, cpf=CPFS[0], machine_id="M1", nsu="77")
    receive(bridge=bridge, records=[told], road=Road.PUSH)
    for within, clock in ((timedelta(days=1), at.replace(hour=12, minute=0, second=0)),
                          (timedelta(minutes=1), at.replace(second=0))):  # fmt: skip
        printed = record("a", sold_at=clock)
        receipt = receive(bridge=bridge, records=[printed], road=Road.FILE, within=within)
        assert counts(receipt) == (0, 0, 1, 0)
    other_day = record("a", sold_at=at + timedelta(hours=20))
    assert counts(receive(bridge=bridge, records=[other_day], road=Road.FILE)) == (0, 1, 0, 0)
    sale = PosSale.objects.get()
    assert (sale.buyer_cpf, sale.machine_remote_id, sale.nsu) == (CPFS[0], "M1", "77")


def test_unusable_sales_are_refused_and_the_rest_goes_on(bridge: Bridge) -> None:
    receipt = receive(
        bridge=bridge,
        records=[
            record("good"),
            record("much", amount=Decimal("1000000.01")),
            record("soon", sold_at=timezone.now() + timedelta(days=2)),
            record("less", amount=Decimal("-5.00")),
        ],
        road=Road.PUSH,
        bad=[BadRow("odd", "amount", "not_a_number"), BadRow(None, "", "not_an_object")],
    )
    assert (receipt.accepted, receipt.duplicates) == (2, 0)
    assert [(row.id, row.reason) for row in receipt.rejected] == [
        ("odd", "not_a_number"), (None, "not_an_object"), ("much", "absurd_amount"), ("soon", "in_the_future"),
    ]  # fmt: skip
    assert sorted(PosSale.objects.values_list("remote_id", flat=True)) == ["good", "less"]
    issues = FeedIssue.objects.filter(bridge=bridge)
    assert sorted(issues.values_list("road", "remote_id", "reason", "count", "is_lost")) == [
        ("push", "", "not_an_object", 1, True),
        ("push", "much", "absurd_amount", 1, True),
        ("push", "odd", "not_a_number", 1, True),
        ("push", "soon", "in_the_future", 1, True),
    ]


def test_the_same_problem_is_counted_and_comes_back(bridge: Bridge, owner: Any) -> None:
    bad = [BadRow("odd", "amount", "not_a_number")]
    receive(bridge=bridge, records=[], road=Road.PULL, bad=bad)
    FeedIssue.objects.update(resolved_at=timezone.now(), resolved_by=owner)
    receive(bridge=bridge, records=[], road=Road.PULL, bad=bad)
    issue = FeedIssue.objects.get()
    assert (issue.count, issue.resolved_at) == (2, None)


def test_machines_and_stores_are_met_on_the_way(bridge: Bridge) -> None:
    centre, north = Store.objects.create(name="Loja Centro"), Store.objects.create(name="Loja Norte")
    [first] = received(bridge, record("a", machine_id="M1", store_id="loja centro", acquirer="Stone"))
    assert (first.store, first.machine.remote_id, first.machine.acquirer) == (centre, "M1", "Stone")
    # A list that was read does not have the second one.
    Bridge.objects.filter(pk=bridge.pk).update(machines_at=timezone.now())
    bridge.refresh_from_db()
    PosMachine.objects.filter(remote_id="M1").update(store=north)
    [second, third] = received(
        bridge,
        record("b", machine_id="M1", store_id="loja centro"),
        record("c", machine_id="M2", store_id="Loja Sul"),
    )
    assert (second.store, third.store) == (north, None)
    assert PosStore.objects.get(remote_id="Loja Sul").store is None
    issue = FeedIssue.objects.get()
    assert (issue.reason, issue.remote_id, issue.is_lost) == ("unknown_machine", "M2", False)


def test_two_roads_at_the_same_moment_store_it_once(bridge: Bridge, monkeypatch: pytest.MonkeyPatch) -> None:
    """The rival stores it after our look and before our insert: ours becomes a repeat, and nothing is lost."""
    sale, look, looks = record("a"), receiving._known, []
    receive(bridge=bridge, records=[sale], road=Road.PUSH)

    def late(*args: Any) -> dict[str, PosSale]:
        looks.append(1)
        return {} if len(looks) == 1 else look(*args)

    monkeypatch.setattr(receiving, "_known", late)
    receipt = receive(bridge=bridge, records=[sale, record("b")], road=Road.PULL)
    assert (counts(receipt), len(looks)) == ((1, 0, 1, 0), 2)
    assert sorted(PosSale.objects.values_list("remote_id", "road")) == [("a", "push"), ("b", "pull")]
