"""The queue: hours, room for one contact a day, what is dropped, and e-mails that leave once or not at all."""

import smtplib
import threading
from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.db import connections

from customers.models import Consent, Customer
from smartbis_admin.staff.models import AuditEvent, Store, User
from tests.outreach.conftest import NOW, say, states
from vouchers.models import Redemption, Voucher
from vouchers.outreach import life, sending
from vouchers.outreach.looking import look
from vouchers.outreach.models import Automation, LastContact, Message
from vouchers.outreach.services import automation_of, pause_all, resume_all, save_preferences, switch_off
from vouchers.outreach.settling import settle_email
from vouchers.outreach.texts import save_text

Make = Callable[..., Any]


@pytest.fixture
def ana(make_customer: Make) -> Customer:
    """Has cashback and agreed to e-mails."""
    customer: Customer = make_customer("Ana Lima", cashback_balance=Decimal("12.50"))
    return customer


@pytest.fixture
def waiting(ana: Customer, turn_on: Make) -> Message:
    """Her message about her balance, in the queue."""
    turn_on("balance_available")
    look("balance_available")
    return Message.objects.get()


class Broken(EmailBackend):
    """A mail server that fails as the test says."""

    opening: Exception | None = None
    sending: Exception | None = None

    def open(self) -> bool:
        if self.opening:
            raise self.opening
        return True

    def send_messages(self, messages: Any) -> int:
        if self.sending:
            raise self.sending
        return super().send_messages(messages)


@pytest.fixture
def server(settings: Any, monkeypatch: pytest.MonkeyPatch) -> type[Broken]:
    settings.EMAIL_BACKEND = "tests.outreach.test_queue.Broken"
    monkeypatch.setattr(Broken, "opening", None)
    monkeypatch.setattr(Broken, "sending", None)
    return Broken


def fate(message: Message) -> tuple[str, str, str]:
    """State, reason and detail."""
    message.refresh_from_db()
    return message.state, message.reason, message.detail


# --- an e-mail --------------------------------------------------------------------------------------------
def test_an_email_leaves_with_its_text_and_a_way_out(waiting: Message) -> None:
    assert sending.work() == 1
    assert fate(waiting) == ("sent", "", "")
    [sent] = mail.outbox
    assert (sent.to, sent.subject) == (["ana@people.test"], "Você tem R$\xa012,50 de cashback")
    assert sent.body.startswith(
        "Ana, você tem R$\xa012,50 de cashback para a próxima compra. "
        "Veja em https://portal.example/ o seu saldo.\n\nVocê recebe este e-mail do Clube Café porque autorizou."
    )
    way_out = sent.extra_headers["List-Unsubscribe"].strip("<>")
    assert way_out in sent.body
    assert sent.extra_headers["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert waiting.remote_id == sent.extra_headers["Message-ID"]
    assert waiting.sent_at == NOW
    assert (
        waiting.body
        == "Ana, você tem R$\xa012,50 de cashback para a próxima compra. Veja em Ver meu saldo o seu saldo."
    )
    # Nothing is left to do.
    assert sending.work() == 0
    assert len(mail.outbox) == 1


def test_what_is_kept_of_a_message_has_its_code_masked(
    make_customer: Make, make_voucher: Make, turn_on: Make
) -> None:
    make_voucher("SECRET-9876", make_customer("Ana"), issued_at=NOW - timedelta(hours=1))
    turn_on("voucher_issued")
    look("voucher_issued")
    sending.work()
    assert "SECRET-9876" in mail.outbox[0].body
    kept = Message.objects.get().body
    assert "SECRET" not in kept
    assert "9876" in kept


# --- when -------------------------------------------------------------------------------------------------
def test_a_message_waits_for_the_hours_of_its_store(
    ana: Customer, make_sale: Make, turn_on: Make, clock: Any
) -> None:
    acre = Store.objects.create(name="Acre", time_zone="America/Rio_Branco")
    make_sale(ana, 1, store=acre)
    turn_on("balance_available")
    # 20:30 in São Paulo is 18:30 in Acre.
    clock.move_to(datetime(2026, 11, 21, 20, 30, tzinfo=ZoneInfo("America/Sao_Paulo")))
    look("balance_available")
    assert sending.work() == 1
    Message.objects.update(state="queued", claim="", left_at=None)
    LastContact.objects.all().delete()
    # 22:00 there is 20:00 in Acre.
    clock.move_to(datetime(2026, 11, 21, 22, 0, tzinfo=ZoneInfo("America/Sao_Paulo")))
    assert sending.work() == 0
    message = Message.objects.get()
    assert message.state == "queued"
    assert message.not_before == datetime(2026, 11, 22, 9, tzinfo=ZoneInfo("America/Rio_Branco"))
    clock.move_to(message.not_before)
    assert sending.work() == 1


def test_one_contact_a_day_and_two_triggers_that_do_not_count(
    ana: Customer, make_sale: Make, make_voucher: Make, turn_on: Make, clock: Any
) -> None:
    turn_on("balance_available")
    turn_on("post_sale")
    turn_on("voucher_issued")
    sale = make_sale(ana, 0.1)
    make_voucher("A1", ana, issued_at=NOW - timedelta(hours=1))
    for trigger in ("post_sale", "balance_available", "voucher_issued"):
        look(trigger)
    Message.objects.filter(trigger="post_sale").update(not_before=NOW - timedelta(seconds=9))
    assert sending.work() == 2
    told = dict(Message.objects.values_list("trigger", "state"))
    assert told == {"post_sale": "sent", "voucher_issued": "sent", "balance_available": "queued"}
    held = Message.objects.get(trigger="balance_available")
    # Noon of the next day lies within the hours.
    assert held.not_before == NOW + timedelta(hours=24)
    clock.move_to(NOW + timedelta(hours=23, minutes=59))
    assert sending.work() == 0
    clock.move_to(NOW + timedelta(hours=24))
    assert sending.work() == 1
    assert len(mail.outbox) == 3
    assert sale.pk


def test_the_place_of_a_message_that_did_not_leave_is_given_back(
    waiting: Message, make_sale: Make, turn_on: Make, server: type[Broken]
) -> None:
    server.opening = OSError("no route")
    sending.work()
    assert LastContact.objects.count() == 0
    server.opening = None
    turn_on("post_sale")
    make_sale(waiting.customer, 0.1)
    look("post_sale")
    assert sending.work() == 1
    assert dict(Message.objects.values_list("trigger", "state")) == {
        "post_sale": "sent",
        "balance_available": "queued",
    }


def test_a_message_too_old_is_dropped(waiting: Message, clock: Any) -> None:
    clock.move_to(waiting.expires_at + timedelta(seconds=1))
    assert sending.work() == 0
    assert fate(waiting) == ("dropped", "too_late", "")
    assert mail.outbox == []


def test_a_pause_holds_everything_and_ends(waiting: Message, manager: User) -> None:
    assert pause_all(by=manager)
    assert not pause_all(by=manager)
    assert sending.work() == 0
    assert fate(waiting)[0] == "queued"
    assert resume_all(by=manager)
    assert sending.work() == 1
    actions = AuditEvent.objects.filter(action__in=["outreach.paused", "outreach.resumed"])
    assert list(actions.order_by("pk").values_list("action", flat=True)) == [
        "outreach.paused",
        "outreach.resumed",
    ]


def test_switching_off_drops_what_waits(waiting: Message, manager: User) -> None:
    assert switch_off(automation=automation_of("balance_available"), by=manager) == 1
    assert fate(waiting) == ("dropped", "switched_off", "")
    assert switch_off(automation=automation_of("balance_available"), by=manager) == 0
    assert sending.work() == 0


# --- dropped when no longer true ----------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"cashback_balance": Decimal("4.99")}, "not_true"),
        ({"cashback_balance": None}, "not_true"),
        ({"state": Customer.State.DISABLED}, "blocked"),
        ({"withdrawn_at": NOW}, "gone"),
        ({"email": None}, "no_address"),
        ({"email": None, "phone": None, "name": ""}, "anonymised"),
    ],
)
def test_what_is_no_longer_so_is_not_sent(waiting: Message, change: dict[str, Any], reason: str) -> None:
    Customer.objects.update(**change)
    assert sending.work() == 0
    assert fate(waiting) == ("dropped", reason, "")
    assert mail.outbox == []
    assert LastContact.objects.count() == 0


def test_consent_taken_back_while_it_waits(waiting: Message) -> None:
    say(waiting.customer, Consent.Channel.EMAIL, given=False, on=date(2026, 11, 21))
    sending.work()
    assert fate(waiting) == ("dropped", "opted_out", "")
    assert mail.outbox == []


@pytest.mark.parametrize(
    "change",
    [
        {"status": Voucher.Status.USED},
        {"status": Voucher.Status.CANCELLED},
        {"expires_at": NOW - timedelta(seconds=1)},
        {"withdrawn_at": NOW},
        None,
    ],
)
def test_a_voucher_that_can_no_longer_be_used(
    make_customer: Make, make_voucher: Make, turn_on: Make, cashier: User, change: dict[str, Any] | None
) -> None:
    voucher = make_voucher("A1", make_customer("Ana"), issued_at=NOW - timedelta(hours=1))
    turn_on("voucher_issued")
    look("voucher_issued")
    if change is None:
        # A till has it, and the platform's list does not say so yet.
        Redemption.objects.create(
            connection=voucher.connection, code="A1", code_sent="A1", state=Redemption.State.PENDING,
            cashier=cashier, happened_at=NOW,
        )  # fmt: skip
    else:
        Voucher.objects.update(**change)
    sending.work()
    assert states() == [("Ana", "dropped", "voucher_gone")]
    assert mail.outbox == []


def test_who_bought_meanwhile_is_not_missed(make_customer: Make, make_sale: Make, turn_on: Make) -> None:
    ana = make_customer("Ana")
    make_sale(ana, 80)
    turn_on("inactive")
    look("inactive")
    make_sale(ana, 0)
    sending.work()
    assert states() == [("Ana", "dropped", "not_true")]


def test_a_field_that_is_not_known_stops_that_message_alone(
    make_customer: Make, turn_on: Make, owner: User
) -> None:
    rich = {"cashback_balance": Decimal(9)}
    make_customer("Ana", points_balance=None, **rich)
    make_customer("Bia", points_balance=Decimal("7.5"), **rich)
    turn_on("balance_available")
    save_text(
        trigger="balance_available", channel="email", language="pt-br", subject="Oi",
        body="{nome}: {pontos}", action_label="Ver", by=owner,
    )  # fmt: skip
    look("balance_available")
    sending.work()
    assert states() == [("Ana", "dropped", "missing_field"), ("Bia", "sent", "")]
    assert Message.objects.get(customer__name="Ana").detail == "pontos"
    assert mail.outbox[0].body.startswith("Bia: 7,5\n\nVer: https://portal.example/\n")


def test_a_name_that_looks_like_a_field_is_only_a_name(ana: Customer, turn_on: Make) -> None:
    Customer.objects.update(name="{saldo} {codigo}")
    turn_on("balance_available")
    look("balance_available")
    sending.work()
    assert mail.outbox[0].body.startswith("{saldo}, você tem R$\xa012,50")


# --- what a mail server may answer ---------------------------------------------------------------------------
def test_without_a_connection_nothing_left_and_it_is_tried_later(
    waiting: Message, server: type[Broken], clock: Any
) -> None:
    server.opening = ConnectionRefusedError()
    assert sending.work() == 0
    assert fate(waiting)[0] == "queued"
    assert (waiting.attempts, waiting.left_at, waiting.not_before) == (1, None, NOW + timedelta(minutes=5))
    server.opening = None
    assert sending.work() == 0
    clock.move_to(NOW + timedelta(minutes=5))
    assert sending.work() == 1
    assert len(mail.outbox) == 1


@pytest.mark.parametrize(
    ("error", "state", "reason", "detail"),
    [
        (
            smtplib.SMTPRecipientsRefused({"a@people.test": (550, b"no such user")}),
            "failed",
            "refused",
            "550",
        ),
        (smtplib.SMTPDataError(554, b"spam"), "failed", "refused", "554"),
        (smtplib.SMTPSenderRefused(553, b"no", "a@people.test"), "failed", "refused", "553"),
        (smtplib.SMTPRecipientsRefused({"a@people.test": (450, b"later")}), "queued", "", ""),
        (smtplib.SMTPDataError(451, b"later"), "queued", "", ""),
        (smtplib.SMTPServerDisconnected("gone"), "in_doubt", "", ""),
        (TimeoutError(), "in_doubt", "", ""),
        (ConnectionResetError(), "in_doubt", "", ""),
    ],
)
def test_what_a_mail_server_answers(
    waiting: Message, server: type[Broken], error: Exception, state: str, reason: str, detail: str
) -> None:
    server.sending = error
    assert sending.work() == 0
    assert fate(waiting) == (state, reason, detail)
    assert mail.outbox == []


def test_an_email_in_doubt_is_never_sent_again(
    waiting: Message, server: type[Broken], clock: Any, manager: User
) -> None:
    server.sending = TimeoutError()
    sending.work()
    server.sending = None
    clock.shift(timedelta(days=2))
    assert sending.work() == 0
    assert fate(waiting)[0] == "in_doubt"
    assert mail.outbox == []
    settle_email(message=waiting, was_sent=True, by=manager, reason="O cliente confirmou")
    assert fate(waiting)[0] == "sent"
    assert waiting.sent_at == NOW


def test_a_subject_with_a_line_break_is_refused_before_it_leaves(ana: Customer, turn_on: Make) -> None:
    Customer.objects.update(email="ana@people.test\nBcc: all@people.test")
    turn_on("balance_available")
    look("balance_available")
    sending.work()
    assert states() == [("Ana Lima", "failed", "refused")]
    assert mail.outbox == []


# --- two workers, and one that dies --------------------------------------------------------------------------
def _rival(results: list[int]) -> None:
    results.append(sending.work())
    connections.close_all()


@pytest.mark.django_db(transaction=True)
def test_two_workers_send_one_message(waiting: Message, monkeypatch: pytest.MonkeyPatch) -> None:
    """The rival works in the gap between finding what is due and claiming it, where a naive queue sends twice."""
    real, results = sending._due, list[int]()

    def gap(this: Any) -> Any:
        due = real(this)
        monkeypatch.setattr(sending, "_due", real)
        thread = threading.Thread(target=_rival, args=(results,))
        thread.start()
        thread.join()
        return due

    monkeypatch.setattr(sending, "_due", gap)
    assert (sending.work(), results) == (0, [1])
    assert len(mail.outbox) == 1
    assert fate(waiting)[0] == "sent"


@pytest.mark.django_db(transaction=True)
def test_without_the_claim_the_same_gap_sends_twice(
    waiting: Message, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Proof that the guard matters."""
    real, results = sending._due, list[int]()

    def gap(this: Any) -> Any:
        due = real(this)
        monkeypatch.setattr(sending, "_due", real)
        thread = threading.Thread(target=_rival, args=(results,))
        thread.start()
        thread.join()
        return due

    def no_claim(pk: Any, word: str, now: datetime) -> bool:
        return bool(
            Message.objects.filter(pk=pk).update(state="sending", claim=word, claimed_at=now, left_at=None)
        )

    monkeypatch.setattr(sending, "_due", gap)
    monkeypatch.setattr(life, "claim", no_claim)
    assert (sending.work(), results) == (1, [1])
    assert len(mail.outbox) == 2


@pytest.mark.django_db(transaction=True)
def test_two_messages_to_one_person_at_the_same_time_leave_one_a_day(
    waiting: Message, make_sale: Make, turn_on: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both workers have looked and found room: the row they must agree on lets one of them through."""
    turn_on("post_sale")
    make_sale(waiting.customer, 0.1)
    look("post_sale")
    # The balance comes first; the other one is taken by the rival, who comes in the gap.
    Message.objects.filter(pk=waiting.pk).update(not_before=NOW - timedelta(minutes=1))
    real, results = life.take_place, list[int]()

    def gap(*args: Any) -> Any:
        monkeypatch.setattr(life, "take_place", real)
        thread = threading.Thread(target=_rival, args=(results,))
        thread.start()
        thread.join()
        return real(*args)

    monkeypatch.setattr(life, "take_place", gap)
    assert (sending.work(), results) == (0, [1])
    assert len(mail.outbox) == 1
    assert dict(Message.objects.values_list("trigger", "state")) == {
        "post_sale": "sent",
        "balance_available": "queued",
    }


@pytest.mark.parametrize(("left_at", "state", "mails"), [(None, "sent", 1), (NOW, "in_doubt", 0)])
def test_a_worker_that_died_gives_back_what_had_not_left(
    waiting: Message, clock: Any, left_at: datetime | None, state: str, mails: int
) -> None:
    Message.objects.update(state="sending", claim="dead", claimed_at=NOW, left_at=left_at)
    clock.shift(timedelta(minutes=4))
    assert sending.work() == 0
    clock.shift(timedelta(minutes=2))
    sending.work()
    assert fate(waiting)[0] == state
    assert len(mail.outbox) == mails


def test_an_opt_out_in_the_last_moment_stops_it(waiting: Message, monkeypatch: pytest.MonkeyPatch) -> None:
    """The statement comes after the worker looked and before the message leaves."""
    real = sending.Mailer.connect

    def gap(mailer: Any) -> None:
        Message.objects.update(state="dropped", reason="opted_out")
        real(mailer)

    monkeypatch.setattr(sending.Mailer, "connect", gap)
    assert sending.work() == 0
    assert fate(waiting) == ("dropped", "opted_out", "")
    assert (mail.outbox, LastContact.objects.count()) == ([], 0)


def test_a_fault_of_ours_harms_that_message_alone(
    waiting: Message, make_customer: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = sending.render

    def faulty(**kwargs: Any) -> Any:
        if kwargs["customer"].name == "Ana Lima":
            raise RuntimeError("ours")
        return real(**kwargs)

    make_customer("Bia", cashback_balance=Decimal(9))
    Message.objects.update(occasion="other")
    Automation.objects.update(looked_at=None, thresholds={"days_apart": 1})
    look("balance_available")
    monkeypatch.setattr(sending, "render", faulty)
    sending.work()
    assert states() == [("Ana Lima", "queued", ""), ("Bia", "sent", "")]


def test_the_hours_can_be_changed(waiting: Message, owner: User) -> None:
    save_preferences(values={"opens_at": datetime(2000, 1, 1, 13).time()}, by=owner)  # noqa: DTZ001
    assert sending.work() == 0
    waiting.refresh_from_db()
    assert waiting.not_before == datetime(2026, 11, 21, 13, tzinfo=ZoneInfo("America/Sao_Paulo"))
