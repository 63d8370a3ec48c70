"""What was redeemed where and by whom: rows, sums, period, export, and who may see it."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
import time_machine
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from rewards.models import Reward
from smartbis_admin.staff.models import Shift, Store, Till, User
from vouchers.models import Redemption, Voucher

URL = reverse("vouchers:redeemed")
NOW = datetime(2026, 3, 31, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)


@pytest.fixture
def redeem(make_voucher: Callable[..., Voucher], cashier: User) -> Callable[..., Redemption]:
    """A voucher and the scan that used it: `redeem(value="5.00", store=…, ago=…)`."""

    def make(
        *,
        value: str | None = None,
        ago: timedelta = timedelta(hours=1),
        by: User = cashier,
        till: Till | None = None,
        state: str = Redemption.State.VALID,
        **voucher: Any,
    ) -> Redemption:
        code = f"CODE-{Voucher.objects.count():04}"
        row = make_voucher(code, status="used", value=value, **voucher)
        return Redemption.objects.create(
            connection=row.connection,
            code=code,
            code_sent=code,
            state=state,
            cashier=by,
            till=till,
            store=till and till.store,
            happened_at=NOW - ago,
        )

    return make


@pytest.fixture
def day(redeem: Callable[..., Redemption], make_reward: Callable[..., Reward], manager: User) -> list[Till]:
    tills = [
        Till.objects.create(store=Store.objects.create(name=name), name="Caixa 1")
        for name in ("Centro", "Norte")
    ]
    make_reward("41", "Café")
    redeem(value="10.10", till=tills[0])
    redeem(value="0.20", till=tills[0], by=manager, ago=29 * DAY)
    redeem(till=tills[1], reward_remote_id="41", reward_name="Café")
    redeem(value="100.00", till=tills[1], ago=30 * DAY + timedelta(hours=10))
    redeem(value="50.00", state=Redemption.State.REFUSED)
    Shift.objects.create(till=tills[0], cashier=manager, opened_at=NOW, seen_at=NOW, closed_at=NOW)
    return tills


def told(client: Client, **query: str) -> tuple[int, Decimal, list[tuple[str, list[tuple[str, int, str]]]]]:
    with time_machine.travel(NOW, tick=False):
        context = client.get(URL, query).context
    sums = [
        (str(sum.title), [(line.label, line.count, str(line.value)) for line in sum.lines])
        for sum in context["sums"]
    ]
    return context["count"], context["value"], sums


def test_the_last_thirty_days_unless_others_are_chosen(day: list[Till], manager_client: Client) -> None:
    assert told(manager_client) == (
        3,
        Decimal("10.30"),
        [
            ("Por loja", [("Centro", 2, "10.30"), ("Norte", 1, "0.00")]),
            ("Por quem validou", [("Caio", 2, "10.10"), ("Marta", 1, "0.20")]),
            ("Por recompensa", [("", 2, "10.30"), ("Café", 1, "0.00")]),
        ],
    )
    count, value, _sums = told(manager_client, happened_at_from="2026-01-01")
    assert (count, value) == (4, Decimal("110.30"))
    assert told(manager_client, happened_at_to="2026-01-01") == (0, Decimal("0.00"), [])


def test_filters_by_place_person_and_reward(day: list[Till], manager: User, manager_client: Client) -> None:
    reward = Reward.objects.get()
    for query, expected in (
        ({"store": str(day[0].store_id)}, (2, Decimal("10.30"))),
        ({"cashier": str(manager.pk)}, (1, Decimal("0.20"))),
        ({"reward": str(reward.pk)}, (1, Decimal("0.00"))),
        ({"origin": "points"}, (3, Decimal("10.30"))),
        ({"origin": "cashback"}, (0, Decimal("0.00"))),
    ):
        assert told(manager_client, **query)[:2] == expected, query


def test_page_and_export_tell_the_same(day: list[Till], manager_client: Client) -> None:
    with time_machine.travel(NOW, tick=False):
        page = manager_client.get(URL).content.decode()
        export = manager_client.get(URL, {"export": "csv"})
        lines = b"".join(export.streaming_content).decode("utf-8-sig").splitlines()
    assert "3 vouchers resgatados, R$\xa010,30" in page
    assert "nos últimos 30 dias" in page
    assert "CODE-0000" not in page
    assert "…0000" in page
    assert len(lines) == 4
    # Two were validated in the same second: which of them comes first is not said.
    assert [line.endswith(";Pontos;10,1;;Centro;Caixa 1;Caio") for line in lines].count(True) == 1


def test_the_page_costs_the_same_for_two_and_forty(
    redeem: Callable[..., Redemption], manager_client: Client
) -> None:
    costs = []
    with time_machine.travel(NOW, tick=False):
        for wanted in (2, 40):
            while Redemption.objects.count() < wanted:
                redeem(value="1.00")
            manager_client.get(URL)
            with CaptureQueriesContext(database) as queries:
                manager_client.get(URL)
            costs.append(len(queries))
    assert costs[0] == costs[1]


def test_it_is_about_people_and_for_those_who_see_shifts(
    day: list[Till], viewer_client: Client, cashier_client: Client, manager_client: Client
) -> None:
    for client in (viewer_client, cashier_client):
        assert client.get(URL).status_code == 403
    assert URL in manager_client.get(reverse("vouchers:list")).content.decode()
    assert URL not in viewer_client.get(reverse("vouchers:list")).content.decode()
