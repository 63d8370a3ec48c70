"""What customers reach without signing in: ending messages, the survey; and what the figures make of it."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone, translation

from customers.models import Consent, Customer
from smartbis_admin.logs import without_keys
from smartbis_admin.staff.models import User
from tests.outreach.conftest import NOW, signed_path, states
from vouchers.dashboard import figures
from vouchers.dashboard.behaviour import Period, behaviour, read_history
from vouchers.dashboard.catalogue import INDICATORS, Unit
from vouchers.dashboard.comparing import shown
from vouchers.outreach import sending
from vouchers.outreach.looking import look
from vouchers.outreach.models import Message, SurveyAnswer
from vouchers.outreach.tokens import opt_out_token, survey_token

#: Words, access and the wire: nothing here differs from one database to the other.
pytestmark = pytest.mark.one_database

Make = Callable[..., Any]


@pytest.fixture
def visitor() -> Client:
    """Somebody without a cookie, as a mail program is."""
    return Client(enforce_csrf_checks=True)


@pytest.fixture
def told(make_customer: Make, turn_on: Make) -> Message:
    """An e-mail Ana got; another one to her waits."""
    make_customer("Ana", consents="email whatsapp", cashback_balance=Decimal(9), birth_date=NOW.date())
    for trigger in ("balance_available", "birthday"):
        turn_on(trigger)
        look(trigger)
    Message.objects.filter(trigger="birthday").update(not_before=NOW + timedelta(minutes=1))
    sending.work()
    return Message.objects.get(trigger="balance_available")


def withdrawn() -> list[tuple[str, str, str, bool]]:
    """Who took consent back, for what, how, and whether our staff wrote it down."""
    rows = Consent.objects.filter(is_given=False).order_by("customer", "pk").select_related("customer")
    return [(row.customer.name, row.channel, row.source, row.recorded_by is not None) for row in rows]


def test_looking_at_the_page_ends_nothing(told: Message, visitor: Client) -> None:
    reply = visitor.get(signed_path(mail.outbox[0].extra_headers["List-Unsubscribe"]))
    assert reply.status_code == 200
    assert "Clube Café" in reply.content.decode()
    assert "Ana" not in reply.content.decode()
    assert withdrawn() == []


def test_one_press_in_the_mail_program_ends_emails_at_once(told: Message, visitor: Client) -> None:
    path = signed_path(mail.outbox[0].extra_headers["List-Unsubscribe"])
    for _time in range(2):
        reply = visitor.post(path, {"List-Unsubscribe": "One-Click"})
        assert reply.status_code == 200
    assert withdrawn() == [("Ana", "email", "message", False)]
    row = Consent.objects.get(is_given=False)
    assert (row.proof, row.said_on) == (f"link {told.pk}", timezone.localdate(NOW))
    assert states() == [("Ana", "dropped", "opted_out"), ("Ana", "sent", "")]


def test_everybody_with_the_address_and_every_channel_when_asked(
    told: Message, visitor: Client, make_customer: Make
) -> None:
    make_customer("Outra Ana", email="ANA@people.test")
    reply = visitor.post(f"/sair/{opt_out_token(told.pk)}/", {"all": "on"})
    assert reply.status_code == 200
    assert withdrawn() == [
        (name, channel, "message", False)
        for name in ("Ana", "Outra Ana")
        for channel in ("whatsapp", "email", "sms", "phone")
    ]


def test_a_mangled_word_leads_nowhere(told: Message, visitor: Client) -> None:
    good = opt_out_token(told.pk)
    for token in (good[:-1] + ("A" if good[-1] != "A" else "B"), "x", "a.b", survey_token(told.pk), "é.é"):
        assert visitor.get(f"/sair/{token}/").status_code == 404
        assert visitor.post(f"/sair/{token}/").status_code == 404
    assert visitor.get(f"/pesquisa/{survey_token(told.pk)}/").status_code == 404
    assert visitor.get(f"/pesquisa/{opt_out_token(told.pk)}/").status_code == 404
    assert withdrawn() == []


@pytest.fixture
def invited(make_customer: Make, make_sale: Make, turn_on: Make) -> Message:
    """Ana's invitation to the survey, by e-mail."""
    make_sale(make_customer("Ana"), 3)
    turn_on("nps")
    look("nps")
    sending.work()
    return Message.objects.get()


def test_the_survey_is_answered_by_its_link(invited: Message, visitor: Client) -> None:
    body = mail.outbox[0].body
    path = signed_path(next(word for word in body.split() if "/pesquisa/" in word))
    assert visitor.get(path).status_code == 200
    assert visitor.post(path, {"score": "9", "comment": " Ótimo "}).status_code == 200
    answer = SurveyAnswer.objects.get()
    assert (answer.score, answer.comment, answer.customer.name, answer.channel) == (
        9,
        "Ótimo",
        "Ana",
        "email",
    )
    invited.refresh_from_db()
    assert invited.state == "read"
    # The latest word of the customer holds, and it is still one answer.
    visitor.post(path, {"score": "0"})
    assert list(SurveyAnswer.objects.values_list("score", "comment")) == [(0, "")]


@pytest.mark.parametrize("score", ["", "11", "-1", "dez", "1e1", "٣"])
def test_what_is_no_score_is_no_answer(invited: Message, visitor: Client, score: str) -> None:
    assert visitor.post(f"/pesquisa/{survey_token(invited.pk)}/", {"score": score}).status_code == 422
    assert SurveyAnswer.objects.count() == 0


def test_the_page_speaks_the_language_of_the_message(invited: Message, visitor: Client) -> None:
    Message.objects.update(language="en")
    reply = visitor.get(f"/pesquisa/{survey_token(invited.pk)}/", headers={"accept-language": "es"})
    assert 'lang="en"' in reply.content.decode()


# --- what the figures make of it -----------------------------------------------------------------------------
def test_nps_from_the_answers_of_each_period(invited: Message, clock: Any) -> None:
    def answer(score: int, days_ago: float) -> None:
        message = Message.objects.create(
            trigger="nps", customer=invited.customer, person=f"p{Message.objects.count()}", channel="email",
            occasion=f"sale:{1000 + Message.objects.count()}", zone="America/Sao_Paulo", state="sent",
            queued_at=NOW, not_before=NOW, expires_at=NOW,
        )  # fmt: skip
        SurveyAnswer.objects.create(
            message=message, customer=message.customer, channel="email", score=score,
            answered_at=NOW - timedelta(days=days_ago),
        )  # fmt: skip

    for score in (10, 9, 8, 7, 6, 0):
        answer(score, 2)
    answer(10, 0)
    answer(3, 40)
    answer(10, 70)
    known = {"survey": figures.survey(NOW)}
    indicator = INDICATORS["nps"]
    assert indicator.unit is Unit.SCORE
    # 3 for and 2 against of 7; 1 for; 1 against; nobody.
    with translation.override("pt-br"):
        told = [
            (shown(indicator.unit, indicator.read(known, name)), known["survey"][name]["answers"])
            for name in ("month", "today", "month_before", "today_before")
        ]
    assert told == [("14,3", 7), ("100,0", 1), ("-100,0", 1), ("—", 0)]


def test_recovered_with_benefit_counts_who_was_called_back(
    make_customer: Make, make_sale: Make, clock: Any, manager: User
) -> None:
    def contacted(customer: Customer, trigger: str, days_ago: float) -> None:
        Message.objects.create(
            trigger=trigger, customer=customer, person=f"p{customer.pk}", occasion="x", channel="email",
            zone="America/Sao_Paulo", state="sent", queued_at=NOW, not_before=NOW, expires_at=NOW,
            sent_at=NOW - timedelta(days=days_ago),
        )  # fmt: skip

    for name, trigger, days_ago in (
        ("Ana", "inactive", 32),
        ("Bia", "return_call", 3),
        ("Caio", "inactive", 33),
        ("Davi", "campaign", 3),
        ("Eva", "inactive", 1),
        ("Flora", "", 0),
    ):
        customer = make_customer(name)
        make_sale(customer, 200)
        make_sale(customer, 2)
        if trigger:
            contacted(customer, trigger, days_ago)
    today = timezone.localdate(NOW)
    month = Period(today - timedelta(days=29), today)
    told = behaviour(read_history(month.first, NOW), month)
    # Ana 30 days before, Bia the day before; Caio too long ago, Davi by no call, Eva only after her purchase.
    assert (told["recovered_sales"], told["recovered_by_benefit"]) == (6, 2)


def test_no_log_holds_a_word_that_opens_something(told: Message, visitor: Client, caplog: Any) -> None:
    words = (opt_out_token(told.pk), survey_token(told.pk))
    visitor.get(f"/sair/{words[0]}/")
    visitor.get(f"/pesquisa/{words[1]}/")
    visitor.post("/api/whatsapp/" + "a1" * 20 + "/")
    assert "'GET /pesquisa/…/'" in caplog.text
    assert "Not Found: /api/whatsapp/…/" in caplog.text
    for word in (*words, "a1" * 20):
        assert word not in caplog.text
    number = f"/comunicacao/mensagens/{told.pk}/"
    assert without_keys(number) == number
