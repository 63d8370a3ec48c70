"""Who is found by each trigger, exactly; and who is left out, and why."""

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext

from customers.models import Consent, Customer, Sale
from rewards.models import Reward
from smartbis_admin.api.capabilities import Resource
from smartbis_admin.connections.models import Connection
from smartbis_admin.staff.models import Store
from smartbis_admin.sync.models import SyncRun
from smartbis_admin.writes.models import Write
from tests.outreach.conftest import NOW, queued, say
from vouchers.models import Redemption, Voucher
from vouchers.outreach import enrolling
from vouchers.outreach.enrolling import is_held_out
from vouchers.outreach.looking import look, would_reach
from vouchers.outreach.models import Automation, Message
from vouchers.outreach.people import language_of, next_opening, person_key
from vouchers.outreach.texts import use_defaults
from vouchers.outreach.truth import is_birthday

Make = Callable[..., Any]
SP = ZoneInfo("America/Sao_Paulo")


def left_out(trigger: str) -> dict[str, int]:
    """What the latest look left out."""
    found: dict[str, int] = Automation.objects.get(pk=trigger).left_out
    return found


def look_again(trigger: str) -> None:
    """Look although it is not due yet."""
    Automation.objects.filter(pk=trigger).update(looked_at=None)
    assert look(trigger) is not None


# --- what keeps somebody from being written to ------------------------------------------------------------
def test_only_who_agreed_and_can_be_reached_is_queued(make_customer: Make, turn_on: Make) -> None:
    rich = {"cashback_balance": Decimal("5.00")}
    make_customer("Ana", **rich)
    make_customer("Bia", consents="", **rich)
    caio = make_customer("Caio", **rich)
    say(caio, Consent.Channel.EMAIL, given=False, on=date(2026, 2, 1))
    davi = make_customer("Davi", consents="-email", **rich)
    say(davi, Consent.Channel.EMAIL, given=True, on=date(2026, 2, 1))
    make_customer("Eva", email=None, **rich)
    make_customer("Flora", state=Customer.State.DISABLED, **rich)
    make_customer("", email=None, phone=None, **rich)
    make_customer("Gil", withdrawn_at=NOW, **rich)
    make_customer("Hugo", consents="sms phone", **rich)
    make_customer("Ivo", cashback_balance=Decimal("4.99"))
    turn_on("balance_available")
    tally = look("balance_available")
    assert queued() == [("Ana", "balance:2026-11-21"), ("Davi", "balance:2026-11-21")]
    assert tally is not None
    assert (tally.found, tally.reachable) == (8, 2)
    assert left_out("balance_available") == {
        "no_consent": 2, "opted_out": 1, "no_address": 1, "blocked": 1, "anonymised": 1,
    }  # fmt: skip


def test_the_latest_statement_of_a_day_holds(make_customer: Make, turn_on: Make) -> None:
    ana = make_customer("Ana", cashback_balance=Decimal(9))
    say(ana, Consent.Channel.EMAIL, given=False, on=date(2026, 1, 2))
    turn_on("balance_available")
    look("balance_available")
    assert queued() == []


def test_without_whatsapp_connected_the_next_channel_is_taken(make_customer: Make, turn_on: Make) -> None:
    rich = {"cashback_balance": Decimal(9)}
    make_customer("Ana", consents="whatsapp email", **rich)
    make_customer("Bia", consents="whatsapp", **rich)
    turn_on("balance_available")
    look("balance_available")
    assert list(Message.objects.values_list("customer__name", "channel")) == [("Ana", "email")]
    Message.objects.all().delete()
    Connection.objects.create(name="Zap", provider="whatsapp", base_url="https://graph.invalid/v21.0/")
    look_again("balance_available")
    assert sorted(Message.objects.values_list("customer__name", "channel")) == [
        ("Ana", "whatsapp"),
        ("Bia", "whatsapp"),
    ]


def test_one_person_in_two_programmes_is_written_to_once(make_customer: Make, turn_on: Make) -> None:
    other = Connection.objects.create(name="Outro", base_url="https://other.invalid/v2/")
    rich = {"cashback_balance": Decimal(9), "cpf": "52998224725"}
    make_customer("Ana", **rich)
    make_customer("Ana Dois", connection=other, remote_id="x1", **rich)
    turn_on("balance_available")
    look("balance_available")
    assert queued() == [("Ana", "balance:2026-11-21")]
    assert left_out("balance_available") == {"same_person": 1}


def test_the_cap_of_a_trigger_holds_and_ends(make_customer: Make, turn_on: Make) -> None:
    ana = make_customer("Ana", cashback_balance=Decimal(9))
    turn_on("balance_available")
    look("balance_available")
    Message.objects.update(occasion="balance:2026-10-23", queued_at=NOW - timedelta(days=29), state="read")
    look_again("balance_available")
    assert (Message.objects.count(), left_out("balance_available")) == (1, {"capped": 1})
    Message.objects.update(queued_at=NOW - timedelta(days=30, seconds=1))
    look_again("balance_available")
    assert Message.objects.count() == 2
    # A CPF learnt meanwhile makes no new person of them.
    Customer.objects.filter(pk=ana.pk).update(cpf="52998224725")
    look_again("balance_available")
    assert Message.objects.count() == 2


def test_a_second_look_at_the_same_time_and_the_same_look_again_queue_nothing_twice(
    make_customer: Make, turn_on: Make
) -> None:
    make_customer("Ana", cashback_balance=Decimal(9))
    turn_on("balance_available")
    Automation.objects.update(leased_until=NOW + timedelta(minutes=1))
    assert look("balance_available") is None
    Automation.objects.update(leased_until=NOW - timedelta(seconds=1))
    assert look("balance_available") is not None
    # Not due before an hour has passed.
    assert look("balance_available", NOW + timedelta(minutes=59)) is None
    assert look("balance_available", NOW + timedelta(minutes=60)) is not None
    assert Message.objects.count() == 1


def test_a_rival_in_the_gap_of_a_look_queues_nothing_twice(
    make_customer: Make, turn_on: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both have read that nobody was written to; the constraints say who was first."""
    make_customer("Ana", cashback_balance=Decimal(9))
    turn_on("balance_available")
    real = enrolling._earlier

    def gap(*args: Any) -> Any:
        known = real(*args)
        monkeypatch.setattr(enrolling, "_earlier", real)
        Automation.objects.update(leased_until=None)
        look("balance_available")
        return known

    monkeypatch.setattr(enrolling, "_earlier", gap)
    look("balance_available")
    assert queued() == [("Ana", "balance:2026-11-21")]


def test_who_is_held_out_is_always_the_same_and_is_not_queued(make_customer: Make, turn_on: Make) -> None:
    people = [make_customer(f"P{number}", cashback_balance=Decimal(9)) for number in range(40)]
    turn_on("balance_available", held_out_percent=50)
    tally = look("balance_available")
    held = {one.name for one in people if is_held_out("balance_available", person_key(one), 50)}
    rows = Message.objects.filter(state=Message.State.HELD_OUT)
    assert set(rows.values_list("customer__name", flat=True)) == held
    assert 8 < len(held) < 32
    assert tally is not None
    assert (tally.held_out, tally.reachable) == (len(held), 40 - len(held))
    assert not any(is_held_out("x", person_key(one), 0) for one in people)


def test_a_pass_costs_the_same_queries_for_few_and_for_many(make_customer: Make, turn_on: Make) -> None:
    turn_on("balance_available")
    counts = []
    for number in (2, 30):
        for extra in range(number):
            make_customer(f"N{number}x{extra}", cashback_balance=Decimal(9))
        Automation.objects.update(looked_at=None)
        with CaptureQueriesContext(
            database,
        ) as queries:
            look("balance_available")
        counts.append(len(queries))
    assert counts[0] == counts[1]
    assert Message.objects.count() == 32


def test_would_reach_counts_without_queueing(make_customer: Make, ready: Any) -> None:
    make_customer("Ana", cashback_balance=Decimal(9))
    use_defaults(by=ready, triggers=["balance_available"])
    automation = Automation.objects.create(trigger="balance_available")
    tally = would_reach(automation)
    assert (tally.reachable, dict(tally.by_channel), [one.name for one in tally.sample]) == (
        1, {"email": 1}, ["Ana"],
    )  # fmt: skip
    assert Message.objects.count() == 0


# --- each trigger -----------------------------------------------------------------------------------------
def _listed(connection: Connection, at: datetime) -> None:
    SyncRun.objects.create(
        connection=connection, resource=Resource.CUSTOMERS, state=SyncRun.State.DONE, finished_at=at
    )


def test_welcome_is_for_newcomers_alone(make_customer: Make, turn_on: Make, there: Connection) -> None:
    hour = timedelta(hours=1)
    _listed(there, NOW - timedelta(days=10))
    make_customer("Ana", first_seen_at=NOW - hour)
    make_customer("Bia", first_seen_at=NOW - 5 * hour)
    make_customer("Caio", first_seen_at=NOW - hour, remote_created_at=NOW - timedelta(days=4))
    make_customer("Davi", first_seen_at=NOW - hour, remote_created_at=NOW - timedelta(days=2))
    turn_on("welcome", days_ago=1 / 8)
    look("welcome")
    assert queued() == [("Ana", "welcome"), ("Davi", "welcome")]


def test_a_first_reading_of_a_programme_welcomes_nobody(
    make_customer: Make, turn_on: Make, there: Connection
) -> None:
    turn_on("welcome")
    make_customer("Ana", first_seen_at=NOW - timedelta(minutes=30))
    look("welcome")
    # The first reading is not over: nobody is new yet.
    assert Message.objects.count() == 0
    _listed(there, NOW - timedelta(minutes=20))
    make_customer("Bia", first_seen_at=NOW - timedelta(minutes=10))
    look_again("welcome")
    assert queued() == [("Bia", "welcome")]


def test_post_sale_follows_confirmed_sales_since_the_switch(
    make_customer: Make, make_sale: Make, turn_on: Make
) -> None:
    ana, bia, caio, davi = (make_customer(name) for name in ("Ana", "Bia", "Caio", "Davi"))
    first, second = make_sale(ana, 0.1), make_sale(ana, 0.2)
    make_sale(bia, 0.1, state=Write.State.IN_DOUBT)
    make_sale(caio, 0.6)
    make_sale(davi, 3)
    turn_on("post_sale", days_ago=0.5)
    look("post_sale")
    assert queued() == [("Ana", f"sale:{first.pk}"), ("Ana", f"sale:{second.pk}")]
    # A lost answer settled later is news all the same.
    Write.objects.update(state=Write.State.DONE)
    Automation.objects.update(looked_at=NOW - timedelta(minutes=5))
    look("post_sale")
    assert len(queued()) == 3


def test_points_near_the_cheapest_active_coupon_in_stock(
    make_customer: Make, turn_on: Make, there: Connection
) -> None:
    def coupon(remote_id: str, points: int, **fields: Any) -> None:
        Reward.objects.create(
            connection=there, remote_id=remote_id, name=remote_id, points_required=points, content_hash=b"",
            **{"status": Reward.Status.ACTIVE} | fields,
        )  # fmt: skip

    coupon("Café", 100)
    coupon("Bolo", 200)
    coupon("Água", 10, status=Reward.Status.PAUSED)
    coupon("Chá", 20, stock=0)
    coupon("Suco", 30, ends_at=NOW - timedelta(days=1))
    for name, points in (
        ("Ana", "79.9999"),
        ("Bia", "80"),
        ("Caio", "99.99"),
        ("Davi", "100"),
        ("Eva", None),
    ):
        make_customer(name, points_balance=None if points is None else Decimal(points))
    turn_on("points_progress")
    look("points_progress")
    assert queued() == [("Bia", "points:2026-11-21"), ("Caio", "points:2026-11-21")]


def test_vouchers_issued_since_the_switch_and_still_usable(
    make_customer: Make, make_voucher: Make, turn_on: Make
) -> None:
    ana = make_customer("Ana")
    hour = timedelta(hours=1)
    fresh = make_voucher("A1", ana, issued_at=NOW - hour)
    make_voucher("A2", ana, issued_at=NOW - 9 * hour)
    make_voucher("A3", ana, issued_at=NOW - hour, status=Voucher.Status.USED)
    make_voucher("A4", ana, issued_at=NOW - hour, status=Voucher.Status.CANCELLED)
    make_voucher("A5", ana, issued_at=NOW - hour, expires_at=NOW - timedelta(minutes=1))
    make_voucher("A6", ana, issued_at=NOW - hour, withdrawn_at=NOW)
    make_voucher("A7", ana, issued_at=None)
    turn_on("voucher_issued", days_ago=8 / 24)
    look("voucher_issued")
    assert queued() == [("Ana", f"voucher:{fresh.pk}")]


def test_vouchers_are_told_of_seven_days_and_one_day_before_their_last(
    make_customer: Make, make_voucher: Make, turn_on: Make
) -> None:
    ana = make_customer("Ana")

    def ends(code: str, day: int) -> Voucher:
        last = datetime(2026, 11, day, 23, 59, 59, tzinfo=SP)
        found: Voucher = make_voucher(code, ana, expires_at=last)
        return found

    ends("A0", 21)
    one = ends("A1", 22)
    ends("A2", 27)
    seven = ends("A3", 28)
    ends("A4", 29)
    turn_on("voucher_expiring")
    look("voucher_expiring")
    assert queued() == sorted([("Ana", f"voucher:{one.pk}:1"), ("Ana", f"voucher:{seven.pk}:7")])
    # The same voucher is told of again on its last but one day, and on no other.
    look_again("voucher_expiring")
    assert len(queued()) == 2


def test_redeemed_anywhere_is_told_once(
    make_customer: Make, make_voucher: Make, turn_on: Make, cashier: Any
) -> None:
    ana, bia = make_customer("Ana"), make_customer("Bia")
    hour = timedelta(hours=1)
    elsewhere = make_voucher("A1", ana, status=Voucher.Status.USED, used_at=NOW - hour)
    here = make_voucher("B1", bia)
    for voucher, state in ((here, Redemption.State.VALID), (elsewhere, Redemption.State.VALID)):
        Redemption.objects.create(
            connection=voucher.connection, code=voucher.remote_id, code_sent=voucher.remote_id, state=state,
            cashier=cashier, happened_at=NOW - hour,
        )  # fmt: skip
    refused = make_voucher("B2", bia)
    Redemption.objects.create(
        connection=refused.connection, code="B2", code_sent="B2", state=Redemption.State.REFUSED,
        cashier=cashier, happened_at=NOW - hour,
    )  # fmt: skip
    make_voucher("A2", ana, status=Voucher.Status.USED, used_at=NOW - timedelta(days=40))
    turn_on("redeemed")
    look("redeemed")
    assert queued() == [("Ana", f"voucher:{elsewhere.pk}"), ("Bia", f"voucher:{here.pk}")]


def test_birthdays_of_today(make_customer: Make, turn_on: Make) -> None:
    make_customer("Ana", birth_date=date(1990, 11, 21))
    make_customer("Bia", birth_date=date(1004, 11, 21))
    make_customer("Caio", birth_date=date(1990, 11, 22))
    make_customer("Davi", birth_date=None)
    turn_on("birthday")
    look("birthday")
    assert queued() == [("Ana", "birthday:2026"), ("Bia", "birthday:2026")]


@pytest.mark.parametrize(
    ("born", "today", "expected"),
    [
        (date(2000, 2, 29), date(2027, 2, 28), True),
        (date(2000, 2, 29), date(2028, 2, 28), False),
        (date(2000, 2, 29), date(2028, 2, 29), True),
        (date(2000, 2, 29), date(2027, 3, 1), False),
        (date(2000, 2, 28), date(2028, 2, 28), True),
        (None, date(2027, 2, 28), False),
    ],
)
def test_leap_days(born: date | None, today: date, expected: bool) -> None:
    assert is_birthday(born, today) is expected


def test_leap_day_people_are_found_on_the_28th(make_customer: Make, turn_on: Make, clock: Any) -> None:
    make_customer("Ana", birth_date=date(1992, 2, 29))
    make_customer("Bia", birth_date=date(1992, 2, 28))
    turn_on("birthday")
    clock.move_to(datetime(2027, 2, 28, 15, tzinfo=SP))
    look("birthday")
    assert queued() == [("Ana", "birthday:2027"), ("Bia", "birthday:2027")]


def test_inactive_after_sixty_days_without_a_purchase(
    make_customer: Make, make_sale: Make, turn_on: Make
) -> None:
    ana, bia, caio = (make_customer(name) for name in ("Ana", "Bia", "Caio"))
    make_customer("Davi")
    make_sale(ana, 60)
    make_sale(bia, 90)
    make_sale(bia, 59.9)
    make_sale(caio, 70)
    make_sale(caio, 1, state=Write.State.REFUSED)
    turn_on("inactive")
    look("inactive")
    assert queued() == [("Ana", "inactive:2026-11-21"), ("Caio", "inactive:2026-11-21")]


def test_survey_three_days_after_a_purchase_once_in_ninety(
    make_customer: Make, make_sale: Make, turn_on: Make
) -> None:
    ana, bia = make_customer("Ana"), make_customer("Bia")
    older, newer = make_sale(ana, 4), make_sale(ana, 3)
    make_sale(bia, 2.9)
    turn_on("nps")
    look("nps")
    assert queued() == [("Ana", f"sale:{newer.pk}")]
    assert left_out("nps") == {"same_person": 1}
    look_again("nps")
    assert Message.objects.count() == 1
    assert Sale.objects.filter(pk=older.pk).exists()


def test_nothing_that_happened_before_the_switch_is_asked_about(
    make_customer: Make, make_sale: Make, turn_on: Make
) -> None:
    make_sale(make_customer("Ana"), 3)
    turn_on("nps", days_ago=2)
    look("nps")
    assert queued() == []


# --- people -----------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("zone", "local", "expected"),
    [
        ("America/Sao_Paulo", "2026-11-21 08:59:59", "2026-11-21 09:00:00"),
        ("America/Sao_Paulo", "2026-11-21 09:00:00", "2026-11-21 09:00:00"),
        ("America/Sao_Paulo", "2026-11-21 19:59:59", "2026-11-21 19:59:59"),
        ("America/Sao_Paulo", "2026-11-21 20:00:00", "2026-11-22 09:00:00"),
        ("America/Rio_Branco", "2026-11-21 20:00:00", "2026-11-22 09:00:00"),
        # The clocks go forward in that night.
        ("America/New_York", "2026-03-07 23:30:00", "2026-03-08 09:00:00"),
    ],
)
def test_hours_are_those_of_the_zone(zone: str, local: str, expected: str) -> None:
    place = ZoneInfo(zone)
    moment = datetime.fromisoformat(local).replace(tzinfo=place)
    begin, end = datetime(2000, 1, 1, 9).time(), datetime(2000, 1, 1, 20).time()  # noqa: DTZ001
    due = datetime.fromisoformat(expected).replace(tzinfo=place)
    assert next_opening(moment, zone, begin, end) == due


def test_the_zone_is_that_of_the_store_last_bought_at(
    make_customer: Make, make_sale: Make, turn_on: Make
) -> None:
    acre = Store.objects.create(name="Acre", time_zone="America/Rio_Branco")
    sp = Store.objects.create(name="Centro")
    ana, bia = (
        make_customer("Ana", cashback_balance=Decimal(9)),
        make_customer("Bia", cashback_balance=Decimal(9)),
    )
    make_sale(ana, 9, store=sp)
    make_sale(ana, 2, store=acre)
    make_sale(bia, 2, store=sp)
    turn_on("balance_available")
    look("balance_available")
    assert sorted(Message.objects.values_list("customer__name", "zone")) == [
        ("Ana", "America/Rio_Branco"),
        ("Bia", "America/Sao_Paulo"),
    ]


@pytest.mark.parametrize(
    ("phone", "chosen", "expected"),
    [
        ("+5511988887777", "", "pt-br"),
        (None, "", "pt-br"),
        ("+525512345678", "", "es"),
        ("+351912345678", "", "pt-br"),
        ("+14155550123", "", "en"),
        ("+525512345678", "en", "en"),
    ],
)
def test_the_language_is_chosen_or_that_of_the_phone(phone: str | None, chosen: str, expected: str) -> None:
    assert language_of(Customer(name="Ana", phone=phone), chosen) == expected
