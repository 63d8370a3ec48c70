"""Campaigns: counted, confirmed by a typed number, queued, held, stopped; nobody twice."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core import mail
from django.core.exceptions import ValidationError

from customers.models import Consent, Customer
from smartbis_admin.staff.models import AuditEvent, User
from tests.outreach.conftest import NOW, queued, states
from vouchers.outreach import campaigns, finding, sending
from vouchers.outreach.campaigns import (
    confirm,
    count_again,
    create_campaign,
    pause,
    progress,
    resume,
    sample,
    stop,
    walk_all,
    walk_through,
)
from vouchers.outreach.models import Campaign, Message
from vouchers.outreach.results import results_of_campaign
from vouchers.outreach.texts import save_text, use_defaults

Make = Callable[..., Any]
pytestmark = pytest.mark.django_db


@pytest.fixture
def people(make_customer: Make) -> list[Customer]:
    """Four who may be written to and three who may not."""
    found = [make_customer(name, cashback_balance=Decimal(9)) for name in ("Ana", "Bia", "Caio", "Davi")]
    found.append(make_customer("Eva", consents="", cashback_balance=Decimal(9)))
    found.append(make_customer("Flora", consents="-email", cashback_balance=Decimal(9)))
    found.append(make_customer("Gil", state=Customer.State.DISABLED))
    return found


@pytest.fixture
def launch(ready: User, manager: User) -> Make:
    """Make a campaign and count its audience."""
    use_defaults(by=ready, triggers=["campaign", "return_call"])

    def make(**fields: Any) -> Campaign:
        values = {"name": "Natal", "channels": ["email"], "held_out_percent": 0, "by": manager} | fields
        campaign = create_campaign(**values)
        walk_all()
        campaign.refresh_from_db()
        return campaign

    return make


def again(campaign: Campaign) -> Campaign:
    campaign.refresh_from_db()
    return campaign


def test_a_campaign_from_its_audience_to_its_end(people: Any, launch: Make, manager: User) -> None:
    campaign = launch()
    assert (campaign.state, campaign.found, campaign.reachable) == ("counted", 7, 4)
    assert (campaign.by_channel, campaign.left_out) == (
        {"email": 4},
        {"no_consent": 1, "opted_out": 1, "blocked": 1},
    )
    assert [one.name for one in sample(campaign)] == ["Ana", "Bia", "Caio", "Davi"]
    assert Message.objects.count() == 0
    with pytest.raises(ValidationError):
        confirm(campaign=campaign, typed=5, by=manager)
    assert again(campaign).state == "counted"
    confirm(campaign=campaign, typed=4, by=manager)
    with pytest.raises(ValidationError):
        confirm(campaign=campaign, typed=4, by=manager)
    walk_all()
    assert (again(campaign).state, progress(campaign)) == ("running", {"queued": 4})
    assert sending.work() == 4
    assert (again(campaign).state, progress(campaign)) == ("done", {"sent": 4})
    assert len(mail.outbox) == 4
    actions = AuditEvent.objects.filter(subject=f"campaign:{campaign.pk}").order_by("pk")
    assert list(actions.values_list("action", flat=True)) == [
        "outreach.campaign_created",
        "outreach.campaign_confirmed",
    ]


def test_an_audience_from_a_saved_filter(people: Any, launch: Make, make_customer: Make) -> None:
    make_customer("Ana Paula", cashback_balance=None)
    campaign = launch(audience_query="q=ana&balance=cashback&sort=-name")
    assert (campaign.found, campaign.reachable, [one.name for one in sample(campaign)]) == (1, 1, ["Ana"])


def test_an_audience_from_a_trigger_is_asked_again_before_it_leaves(
    people: Any, launch: Make, manager: User
) -> None:
    campaign = launch(audience_trigger="balance_available")
    assert (campaign.found, campaign.reachable) == (6, 4)
    confirm(campaign=campaign, typed=4, by=manager)
    walk_all()
    Customer.objects.filter(name="Bia").update(cashback_balance=Decimal(1))
    sending.work()
    assert states() == [
        ("Ana", "sent", ""), ("Bia", "dropped", "not_true"), ("Caio", "sent", ""), ("Davi", "sent", ""),
    ]  # fmt: skip


def test_a_campaign_waits_for_its_moment(people: Any, launch: Make, manager: User, clock: Any) -> None:
    campaign = launch(scheduled_at=NOW + timedelta(hours=3))
    confirm(campaign=campaign, typed=4, by=manager)
    walk_all()
    assert (again(campaign).state, Message.objects.count()) == ("scheduled", 0)
    clock.shift(timedelta(hours=3))
    walk_all()
    assert again(campaign).state == "running"
    assert sending.work() == 4


def test_pause_holds_resume_goes_on_and_stop_ends(
    people: Any, launch: Make, manager: User, make_customer: Make
) -> None:
    campaign = launch()
    confirm(campaign=campaign, typed=4, by=manager)
    walk_all()
    assert pause(campaign=campaign, by=manager)
    assert sending.work() == 0
    assert not pause(campaign=campaign, by=manager)
    # Who came after the number was confirmed does not belong to it.
    make_customer("Zeca")
    assert resume(campaign=campaign, by=manager)
    walk_all()
    assert (again(campaign).state, len(queued())) == ("running", 4)
    Message.objects.filter(customer__name__in=["Ana", "Bia"]).update(not_before=NOW + timedelta(hours=1))
    assert sending.work() == 2
    assert stop(campaign=campaign, by=manager) == 2
    assert stop(campaign=campaign, by=manager) is None
    assert states() == [
        ("Ana", "dropped", "stopped"), ("Bia", "dropped", "stopped"), ("Caio", "sent", ""), ("Davi", "sent", ""),
    ]  # fmt: skip
    assert again(campaign).state == "stopped"


def test_a_walk_that_died_goes_on_and_writes_to_nobody_twice(
    people: Any, launch: Make, manager: User, monkeypatch: pytest.MonkeyPatch, clock: Any
) -> None:
    campaign = launch()
    confirm(campaign=campaign, typed=4, by=manager)
    monkeypatch.setattr(finding, "PIECE", 2)
    real, pieces = campaigns.enrol, list[int]()

    def dies(enrolment: Any, piece: Any) -> None:
        real(enrolment, piece)
        pieces.append(len(piece))
        if len(pieces) == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr(campaigns, "enrol", dies)
    with pytest.raises(KeyboardInterrupt):
        walk_through(campaign.pk)
    monkeypatch.setattr(campaigns, "enrol", real)
    # The place of the dead one is still its own for a while.
    assert walk_through(campaign.pk) is None
    clock.shift(timedelta(minutes=6))
    assert walk_through(campaign.pk) is not None
    assert queued() == [(name, f"campaign:{campaign.pk}") for name in ("Ana", "Bia", "Caio", "Davi")]
    assert again(campaign).reachable == 4


def test_a_stop_in_the_middle_of_the_walk(
    people: Any, launch: Make, manager: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    campaign = launch()
    confirm(campaign=campaign, typed=4, by=manager)
    monkeypatch.setattr(finding, "PIECE", 2)
    real = campaigns.enrol

    def stopping(enrolment: Any, piece: Any) -> None:
        real(enrolment, piece)
        stop(campaign=campaign, by=manager)

    monkeypatch.setattr(campaigns, "enrol", stopping)
    assert walk_through(campaign.pk) is None
    assert states() == [("Ana", "dropped", "stopped"), ("Bia", "dropped", "stopped")]
    assert sending.work() == 0


def test_people_held_out_are_counted_and_compared(
    make_customer: Make, launch: Make, manager: User, make_sale: Make, clock: Any
) -> None:
    everybody = [make_customer(f"P{number}") for number in range(30)]
    campaign = launch(held_out_percent=50)
    assert campaign.reachable + campaign.held_out == 30
    assert 6 < campaign.held_out < 24
    confirm(campaign=campaign, typed=campaign.reachable, by=manager)
    walk_all()
    sending.work()
    assert len(mail.outbox) == campaign.reachable
    held = set(Message.objects.filter(state="held_out").values_list("customer", flat=True))
    clock.shift(timedelta(days=5))
    written = [one for one in everybody if one.pk not in held]
    for one in written[:3]:
        make_sale(one, -4, amount="10.00")
    make_sale(written[0], -4.5, amount="5.00")
    make_sale(next(one for one in everybody if one.pk in held), -4, amount="7.00")
    results = results_of_campaign(campaign)
    assert (results.contacted.people, results.held_out.people) == (campaign.reachable, campaign.held_out)
    assert (results.contacted.bought_again.part, results.contacted.amount) == (3, Decimal("35.00"))
    assert (results.held_out.bought_again.part, results.held_out.amount) == (1, Decimal("7.00"))


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"trigger": "welcome"}, "trigger"),
        ({"audience_trigger": "post_sale"}, "audience_trigger"),
        ({"audience_query": "idle_since=ontem"}, "audience_query"),
        ({"scheduled_at": NOW - timedelta(minutes=1)}, "scheduled_at"),
        ({"held_out_percent": 51}, "held_out_percent"),
        ({"channels": []}, "channels"),
        ({"text_name": "natal"}, "channels"),
    ],
)
def test_what_a_campaign_may_not_be(launch: Make, fields: dict[str, Any], field: str) -> None:
    with pytest.raises(ValidationError) as refused:
        launch(**fields)
    assert list(refused.value.message_dict) == [field]
    assert Campaign.objects.count() == 0


def test_a_campaign_has_texts_of_its_own(people: Any, launch: Make, manager: User) -> None:
    save_text(
        trigger="campaign", name="natal", channel="email", language="pt-br", subject="Natal, {nome}",
        body="Veja.", action_label="Abrir", by=manager,
    )  # fmt: skip
    campaign = launch(text_name="natal", audience_query="q=ana")
    confirm(campaign=campaign, typed=1, by=manager)
    walk_all()
    sending.work()
    assert [(one.subject, one.body.split("\n\n")[:2]) for one in mail.outbox] == [
        ("Natal, Ana", ["Veja.", "Abrir: https://portal.example/"])
    ]


def test_counting_again_sees_what_changed(people: Any, launch: Make, manager: User) -> None:
    campaign = launch()
    Consent.objects.filter(customer__name="Ana").delete()
    assert count_again(campaign=campaign, by=manager)
    walk_all()
    assert again(campaign).reachable == 3
