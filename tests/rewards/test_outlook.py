"""Where a stock is heading: readings kept, the pace counted in vouchers, and a date only where data carry one."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
import time_machine
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from rewards.history import stock_history
from rewards.models import Reward, StockReading, StockWatch
from rewards.outlook import measure, note_levels, outlook
from rewards.tasks import watch_stock
from sandbox.testing import SandboxServer
from smartbis_admin.api.capabilities import Resource
from smartbis_admin.staff.models import AuditEvent, User
from smartbis_admin.sync import jobs
from smartbis_admin.writes.models import Write
from tests.rewards.test_stock import address, opened, said
from vouchers.models import Voucher

MakeReward = Callable[..., Reward]
NOW = datetime(2026, 11, 21, 15, 0, tzinfo=UTC)
TODAY = date(2026, 11, 21)
DAY = timedelta(days=1)


def issue(reward: Reward, count: int, ago: timedelta = DAY, status: str = "issued") -> None:
    for _number in range(count):
        code = f"VALE-{Voucher.objects.count():05}"
        Voucher.objects.create(
            connection=reward.connection,
            remote_id=code,
            code_key=code,
            reward_remote_id=reward.remote_id,
            status=status,
            issued_at=NOW - ago,
            content_hash=b"",
        )


def told(reward: Reward) -> tuple[str, date | None]:
    found = outlook(Reward.objects.select_related("watch").get(pk=reward.pk), today=TODAY)
    assert found is not None
    return found.sentence, found.out_on


def test_the_date_comes_with_its_reasoning(make_reward: MakeReward) -> None:
    reward, other = make_reward("41", "Café", stock=8), make_reward("42", "Chá", stock=8)
    issue(reward, 9, 13 * DAY)
    issue(reward, 3, timedelta(0), status="used")
    issue(reward, 5, 14 * DAY)
    issue(reward, 5, -DAY)
    issue(reward, 5, DAY, status="cancelled")
    issue(other, 1)
    assert measure(NOW) is True
    assert told(reward) == (
        "12 saíram nos últimos 14 dias, cerca de 0,9 por dia; com 8 restantes acaba por volta de 30/11/2026.",
        date(2026, 11, 30),
    )
    assert told(other) == ("Só 1 saiu nos últimos 14 dias: é pouco para prever quando acaba.", None)


@pytest.mark.parametrize(
    ("fields", "went", "days", "sentence"),
    [
        ({"stock": 0}, 20, 14, "O estoque acabou."),
        ({"stock": 5}, 0, 14, "Nenhum saiu nos últimos 14 dias: não há como prever quando acaba."),
        ({"stock": 5}, 2, 14, "Só 2 saíram nos últimos 14 dias: é pouco para prever quando acaba."),
        ({"stock": 5}, 50, 4, "A recompensa é nova demais para prever quando o estoque acaba."),
        (
            {"stock": 1},
            3,
            14,
            "3 saíram nos últimos 14 dias, cerca de 0,2 por dia; com 1 restante acaba por volta de 25/11/2026.",
        ),
        (
            {"stock": 1000},
            14,
            14,
            "14 saíram nos últimos 14 dias, cerca de 1 por dia; com 1.000 restantes dura mais de um ano.",
        ),
        (
            {"stock": 8, "ends_at": NOW + 3 * DAY},
            12,
            14,
            "12 saíram nos últimos 14 dias, cerca de 0,9 por dia; com 8 restantes o estoque passa do fim do "
            "período de uso, em 24/11/2026.",
        ),
    ],
)
def test_with_too_little_to_go_by_nothing_is_predicted(
    make_reward: MakeReward, fields: dict[str, object], went: int, days: int, sentence: str
) -> None:
    reward = make_reward("41", "Café", **fields)
    StockWatch.objects.create(reward=reward, went=went, days=days, measured_at=NOW)
    assert told(reward)[0] == sentence


def test_what_is_unlimited_or_unmeasured_has_no_date(make_reward: MakeReward) -> None:
    assert outlook(make_reward("41", "Café", stock=None)) is None
    assert told(make_reward("42", "Chá", stock=3)) == (
        "O ritmo ainda não foi medido; aparece aqui em alguns minutos.",
        None,
    )


def test_the_pace_is_measured_again_only_when_due_and_keeps_the_own_number(make_reward: MakeReward) -> None:
    reward = make_reward("41", "Café", stock=3, starts_at=NOW - 6 * DAY)
    StockWatch.objects.create(reward=reward, low_at=2)
    assert measure(NOW) is True
    issue(reward, 4)
    assert measure(NOW + timedelta(minutes=14)) is False
    assert measure(NOW + timedelta(minutes=15)) is True
    watch = StockWatch.objects.get()
    assert (watch.low_at, watch.went, watch.days) == (2, 4, 6)


def test_a_stock_is_noted_when_it_differs_and_once(make_reward: MakeReward) -> None:
    reward = make_reward("41", "Café", stock=12, stored_at=NOW - DAY)
    assert [note_levels(), note_levels()] == [1, 0]
    Reward.objects.update(stock=None, stored_at=NOW)
    assert [note_levels(), note_levels()] == [1, 0]
    Reward.objects.update(stock=0, stored_at=NOW + DAY)
    watch_stock()
    assert list(reward.stock_readings.order_by("pk").values_list("stock", flat=True)) == [12, None, 0]


def test_the_history_tells_ours_and_theirs_apart(
    sandbox: SandboxServer, reward: Reward, manager_client: Client
) -> None:
    watch_stock()
    response = manager_client.post(address(reward), opened(manager_client, reward, target="50"))
    assert said(response) == ["Estoque alterado para 50."]
    assert StockReading.objects.count() == 2
    sandbox.act("set_stock", coupon_id=reward.remote_id, stock=44)
    jobs.sync_everywhere(Resource.REWARDS)
    watch_stock()
    moments = [
        (str(m.result), m.before if m.before_known else "-", m.target, m.after) for m in stock_history(reward)
    ]
    assert sorted(moments, key=str) == sorted(
        [
            ("Mudou na plataforma", 50, None, 44),
            ("Feito", 12, 50, 50),
            ("Primeira leitura", "-", None, 12),
        ],
        key=str,
    )
    page = manager_client.get(reverse("rewards:detail", args=[reward.pk])).content.decode()
    assert "Ver o gráfico como tabela" in page
    assert page.count("data-y=") == 3


# --- From how many on it is low -------------------------------------------------------------------------
def low_stock(reward: Reward) -> str:
    return reverse("rewards:low_stock", args=[reward.pk])


def test_a_reward_may_have_a_number_of_its_own(
    make_reward: MakeReward, manager: User, manager_client: Client
) -> None:
    few, many = make_reward("41", "Café", stock=8), make_reward("42", "Chá", stock=40)

    def low() -> list[str]:
        rows = manager_client.get(reverse("rewards:list"), {"stock": "low"}).context["page"].rows
        return [row.name for row in rows]

    assert low() == ["Café"]
    assert manager_client.post(low_stock(many), {"low_at": "50"}).status_code == 302
    assert manager_client.post(low_stock(few), {"low_at": "5"}).status_code == 302
    assert low() == ["Chá"]
    assert Reward.objects.select_related("watch").get(pk=many.pk).stock_level == Reward.StockLevel.LOW
    # A listing overwrites the mirror and never this.
    Reward.objects.filter(pk=many.pk).update(stock=41, content_hash=b"x")
    assert low() == ["Chá"]
    event = AuditEvent.objects.order_by("pk").first()
    assert (event.action, event.actor, event.details) == ("reward.low_stock", manager, {"low_at": 50})
    assert manager_client.post(low_stock(many), {"low_at": ""}).status_code == 302
    assert low() == []
    assert "com 10 ou menos" in manager_client.get(reverse("rewards:detail", args=[many.pk])).content.decode()


def test_the_usual_number_is_a_setting(
    make_reward: MakeReward, settings: Settings, manager_client: Client
) -> None:
    reward = make_reward("41", "Café", stock=8)
    settings.LOW_STOCK = 3
    assert reward.stock_level == Reward.StockLevel.ENOUGH
    assert manager_client.get(reverse("rewards:list"), {"stock": "low"}).context["page"].rows == []
    assert "o padrão, 3" in manager_client.get(low_stock(reward)).content.decode()


def test_the_number_is_checked_and_for_those_who_may(
    make_reward: MakeReward, manager_client: Client, viewer_client: Client, cashier_client: Client
) -> None:
    reward = make_reward("41", "Café", stock=8)
    response = manager_client.post(low_stock(reward), {"low_at": "-1"})
    assert response.context["form"].errors == {"low_at": ["O número não pode ser negativo."]}
    for client in (viewer_client, cashier_client):
        assert client.get(low_stock(reward)).status_code == 403
        assert client.post(low_stock(reward), {"low_at": "5"}).status_code == 403
    assert StockWatch.objects.count() == AuditEvent.objects.count() == Write.objects.count() == 0


def test_the_list_tells_the_date_and_exports_it(make_reward: MakeReward, manager_client: Client) -> None:
    reward = make_reward("41", "Café", stock=8)
    StockWatch.objects.create(reward=reward, went=12, days=14, measured_at=NOW)
    with time_machine.travel(NOW, tick=False):
        page = manager_client.get(reverse("rewards:list")).content.decode()
        export = manager_client.get(reverse("rewards:list"), {"export": "csv"})
        rows = b"".join(export.streaming_content).decode("utf-8-sig").splitlines()
    assert "com 8 restantes acaba por volta de 30/11/2026." in page
    assert dict(zip(*(row.split(";") for row in rows), strict=True))["Acaba em"] == "30/11/2026"


def test_the_list_says_first_what_is_scarce(make_reward: MakeReward, manager_client: Client) -> None:
    assert "Recompensas ativas:" not in manager_client.get(reverse("rewards:list")).content.decode()
    make_reward("41", "Café", stock=8)
    make_reward("42", "Chá", stock=0)
    make_reward("43", "Bolo", stock=0, status=Reward.Status.PAUSED)
    response = manager_client.get(reverse("rewards:list"))
    assert response.context["scarce"] == {"low": 1, "out": 1}
    page = response.content.decode()
    assert "1 sem estoque" in page
    assert "1 com estoque baixo" in page
