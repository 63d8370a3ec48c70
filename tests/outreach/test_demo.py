"""What the demonstration has to try messages with: texts, addresses, people who agreed, one automation."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command

from customers.models import Consent, Customer
from smartbis_admin.connections.models import Connection
from smartbis_admin.staff.models import User
from smartbis_admin.sync.models import SyncRun
from tests.outreach.conftest import NOW
from vouchers.outreach.looking import look
from vouchers.outreach.management.commands import demo_messages
from vouchers.outreach.models import Message, Template
from vouchers.outreach.services import automation_of, automations, preferences, switch_off
from vouchers.outreach.triggers import Trigger

Make = Callable[..., Any]
SANDBOX = "http://127.0.0.1:9"
LEAVES = "django.core.mail.backends.smtp.EmailBackend"
pytestmark = [pytest.mark.django_db, pytest.mark.one_database]


@pytest.fixture
def demo(settings: Any, clock: time_machine.Traveller, monkeypatch: pytest.MonkeyPatch) -> User:
    """Demo mode, its owner, and nobody waits for people."""
    settings.DEMO, settings.SANDBOX_URL = True, SANDBOX
    monkeypatch.setattr(demo_messages, "FIRST_READING", timedelta())
    return User.objects.create_user("owner@demo.test", "demo")


@pytest.fixture
def club(demo: User, make_customer: Make) -> Connection:
    """A programme of the sandbox with ninety people, read for the first time an hour ago."""
    there = Connection.objects.create(name="Sandbox", base_url=f"{SANDBOX}/smartbis/v2/")
    for number in range(90):
        make_customer(
            f"Ana {number}", consents="", connection=there, first_seen_at=NOW - timedelta(hours=2),
            remote_created_at=datetime(2026, 3, 1, 1, tzinfo=UTC),
        )  # fmt: skip
    for hours in (1, 0):
        SyncRun.objects.create(
            connection=there, resource="customers", state="done", finished_at=NOW - timedelta(hours=hours)
        )
    return there


def on() -> list[str]:
    return [automation.trigger for automation in automations() if automation.is_on]


def test_the_demo_has_texts_and_addresses(settings: Any) -> None:
    with pytest.raises(CommandError):
        call_command("demo_messages")
    assert (Template.objects.count(), preferences().portal_url) == (0, "")
    settings.DEMO = True
    User.objects.create_user("owner@demo.test", "demo")
    call_command("demo_messages")
    call_command("demo_messages")
    assert Template.objects.count() == len(Trigger) * 2 * 3
    assert preferences().portal_url == "https://clube.example/"
    assert on() == []


def test_two_thirds_of_the_sandbox_s_people_agreed_and_nobody_else(
    club: Connection, demo: User, make_customer: Make
) -> None:
    nowhere = make_customer("Bia", consents="", connection=club, phone=None, email=None)
    Customer.objects.filter(pk=nowhere.pk).update(first_seen_at=NOW - timedelta(hours=2))
    make_customer("Entered Later", consents="", connection=club, first_seen_at=NOW)
    make_customer("Not of the Sandbox", consents="")
    call_command("demo_messages")
    call_command("demo_messages", "--people")
    rows = Consent.objects.order_by("pk")
    assert {row.customer.name.partition(" ")[0] for row in rows} == {"Ana"}
    assert [rows.filter(channel=channel).count() for channel in ("whatsapp", "email")] == [64, 65]
    assert rows.values_list("customer").distinct().count() == 84
    assert {(row.is_given, row.said_on, row.source, row.proof, row.recorded_by_id) for row in rows} == {
        (True, date(2026, 2, 28), "store", "Dados de demonstração", demo.pk)
    }
    call_command("demo_messages", "--people")
    assert rows.count() == 129


def test_one_automation_writes_to_them_by_email(club: Connection, make_voucher: Make) -> None:
    call_command("demo_messages")
    call_command("demo_messages", "--people")
    assert on() == ["voucher_expiring"]
    assert automation_of("voucher_expiring").channels == ["email"]
    for number, customer in enumerate(Customer.objects.filter(connection=club).order_by("pk")):
        make_voucher(f"CODE{number:04}", customer, expires_at=NOW + timedelta(days=7))
    look("voucher_expiring")
    reached = Message.objects.filter(state=Message.State.QUEUED)
    assert (reached.count(), {row.channel for row in reached}) == (60, {"email"})


def test_who_switched_it_off_finds_it_off(club: Connection, demo: User) -> None:
    call_command("demo_messages")
    call_command("demo_messages", "--people")
    switch_off(automation=automation_of("voucher_expiring"), by=demo)
    call_command("demo_messages")
    call_command("demo_messages", "--people")
    assert on() == []


def test_nothing_is_on_where_emails_leave_this_machine(club: Connection, settings: Any) -> None:
    call_command("demo_messages")
    settings.EMAIL_BACKEND, stays = LEAVES, settings.EMAIL_BACKEND
    call_command("demo_messages", "--people")
    assert (on(), Consent.objects.count()) == ([], 129)
    settings.EMAIL_BACKEND = stays
    call_command("demo_messages", "--people")
    assert on() == ["voucher_expiring"]
    settings.EMAIL_BACKEND = LEAVES
    call_command("demo_messages")
    assert on() == []


def test_people_that_do_not_come_are_said(
    club: Connection, make_customer: Make, capsys: pytest.CaptureFixture[str]
) -> None:
    SyncRun.objects.update(state="failed")
    call_command("demo_messages")
    call_command("demo_messages", "--people")
    assert Consent.objects.count() == 0
    assert capsys.readouterr().err == "smartbis: nobody was read yet; run this command again\n"
