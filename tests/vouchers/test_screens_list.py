"""The list of vouchers: every filter, whose eyes see whole codes, export, and a steady number of queries."""

import csv
import io
from collections.abc import Callable
from datetime import datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from customers.models import Customer
from rewards.models import Reward
from smartbis_admin.connections.models import Connection
from smartbis_admin.staff.models import AuditEvent, User
from smartbis_admin.sync.models import SyncRun
from vouchers.models import Voucher

LIST = reverse("vouchers:list")
NOW = timezone.now()
DAY = timedelta(days=1)
CPF = "52998224725"


def end_of_day(days_ahead: int) -> datetime:
    """The last second of a local day, as vouchers end."""
    day = timezone.localtime(NOW) + days_ahead * DAY
    return day.replace(hour=23, minute=59, second=59, microsecond=0)


@pytest.fixture
def drawer(
    make_voucher: Callable[..., Voucher],
    make_customer: Callable[..., Customer],
    make_reward: Callable[..., Reward],
) -> dict[str, Voucher]:
    """Vouchers in every effective status, by one word each."""
    make_customer("1", "José d'Ávila", cpf=CPF)
    make_customer("2", "Maria Souza", cpf="11144477735")
    make_reward("41", "Café grátis")
    return {
        "fresh": make_voucher(
            "VALE-7K2M-9Q",
            customer_remote_id="1",
            reward_remote_id="41",
            reward_name="Café grátis",
            issued_at=NOW - DAY,
            expires_at=end_of_day(30),
        ),
        "soon": make_voucher(
            "VALE-SOON-01",
            customer_remote_id="2",
            value=Decimal("1234.5"),
            minimum_purchase=Decimal(50),
            origin="cashback",
            issued_at=NOW - 5 * DAY,
            expires_at=end_of_day(7),
        ),
        "endless": make_voucher("VALE-EVER-02", origin="plan", issued_at=NOW - 2 * DAY),
        "late": make_voucher("VALE-LATE-03", issued_at=NOW - 90 * DAY, expires_at=NOW - timedelta(seconds=1)),
        "expired": make_voucher("VALE-OVER-04", status="expired", issued_at=NOW - 99 * DAY),
        "used": make_voucher(
            "VALE-USED-05",
            status="used",
            issued_at=NOW - 10 * DAY,
            expires_at=NOW - DAY,
            used_at=NOW - 3 * DAY,
            store_name="Loja Jardins",
        ),
        "cancelled": make_voucher("VALE-GONE-06", status="cancelled", issued_at=NOW - 20 * DAY),
        "odd": make_voucher("VALE-WHAT-07", status="unknown", status_word="congelado"),
        "withdrawn": make_voucher("VALE-AWAY-08", withdrawn_at=NOW, issued_at=NOW - 30 * DAY),
    }


def words(response: object, drawer: dict[str, Voucher]) -> list[str]:
    """Which vouchers are listed, in the list's order."""
    names = {voucher.pk: word for word, voucher in drawer.items()}
    return [names[row.pk] for row in response.context["page"].rows]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, ["fresh", "endless", "soon", "used", "cancelled", "late", "expired", "odd"]),
        ({"status": "issued"}, ["fresh", "endless", "soon"]),
        ({"status": "expired"}, ["late", "expired"]),
        ({"status": "used"}, ["used"]),
        ({"status": "cancelled"}, ["cancelled"]),
        ({"status": "unknown"}, ["odd"]),
        ({"expiring": "7", "sort": "expires_at"}, ["soon"]),
        ({"expiring": "30", "sort": "expires_at"}, ["soon", "fresh"]),
        ({"customer": "529.982.247-25"}, ["fresh"]),
        ({"customer": "d'avila jose"}, ["fresh"]),
        ({"customer": "souza"}, ["soon"]),
        ({"customer": "ninguém"}, []),
        ({"origin": "cashback"}, ["soon"]),
        ({"store": "jardins"}, ["used"]),
        ({"q": "vale 7k2m 9q"}, ["fresh"]),
        ({"q": "vale7K2M-9q "}, ["fresh"]),
        ({"q": "VALE-7K2M"}, []),
        ({"withdrawn": "only"}, ["withdrawn"]),
        ({"sort": "issued_at"}, ["expired", "late", "cancelled", "used", "soon", "endless", "fresh", "odd"]),
        ({"sort": "-used_at", "status": "used"}, ["used"]),
    ],
)
def test_filters_and_order(
    drawer: dict[str, Voucher], manager_client: Client, query: dict[str, str], expected: list[str]
) -> None:
    assert words(manager_client.get(LIST, query), drawer) == expected


def test_the_filter_by_reward_takes_its_own_connection_only(
    drawer: dict[str, Voucher], make_voucher: Callable[..., Voucher], manager_client: Client
) -> None:
    other = Connection.objects.create(name="Outra", base_url="https://other.invalid/v2/")
    make_voucher("VALE-ELSE-09", reward_remote_id="41", connection=other)
    reward = Reward.objects.get()
    assert words(manager_client.get(LIST, {"reward": reward.pk}), drawer) == ["fresh"]


@pytest.mark.parametrize(
    ("name", "first", "last", "expected"),
    [
        ("issued_at", -2, -1, ["fresh", "endless"]),
        ("issued_at", None, -90, ["late", "expired"]),
        ("expires_at", 7, 7, ["soon"]),
        ("expires_at", 8, None, ["fresh"]),
        ("used_at", -3, -3, ["used"]),
        ("used_at", -2, None, []),
    ],
)
def test_days_are_local_and_both_included(
    drawer: dict[str, Voucher],
    manager_client: Client,
    name: str,
    first: int | None,
    last: int | None,
    expected: list[str],
) -> None:
    today = timezone.localdate(NOW)
    ends = {f"{name}_from": first, f"{name}_to": last}
    query = {key: f"{today + ahead * DAY}" for key, ahead in ends.items() if ahead is not None}
    assert words(manager_client.get(LIST, query), drawer) == expected


def test_badge_and_filter_agree_for_every_voucher(drawer: dict[str, Voucher], manager_client: Client) -> None:
    for word, voucher in drawer.items():
        query = {"status": voucher.effective_status, "withdrawn": "all"}
        response = manager_client.get(LIST, query)
        assert word in words(response, drawer)
        assert voucher.effective_status_label in response.content.decode()
    labels = {voucher.effective_status_label for voucher in drawer.values()}
    assert labels == {"Emitido", "Vencido", "Usado", "Cancelado", "Não reconhecido"}


def test_near_expiry_is_marked_while_the_voucher_can_be_used(drawer: dict[str, Voucher]) -> None:
    marked = {word for word, voucher in drawer.items() if voucher.expires_soon}
    assert marked == {"soon"}


def test_shortcuts_lead_to_what_they_say(drawer: dict[str, Voucher], manager_client: Client) -> None:
    response = manager_client.get(LIST)
    page, today = response.content.decode(), response.context["today"]
    assert 'href="?expiring=7&amp;sort=expires_at"' in page
    assert f'href="?used_at_from={today}&amp;used_at_to={today}&amp;sort=-used_at"' in page


# --- Codes are money --------------------------------------------------------------------------------------
def test_managers_see_whole_codes_and_viewers_their_end(
    drawer: dict[str, Voucher], manager_client: Client, viewer_client: Client
) -> None:
    assert "VALE-7K2M-9Q" in manager_client.get(LIST).content.decode()
    page = viewer_client.get(LIST).content.decode()
    assert "VALE-" not in page
    assert "…M-9Q" in page


def exported(client: Client, **query: str) -> list[dict[str, str]]:
    response = client.get(LIST, {"export": "csv", **query})
    text = b"".join(response.streaming_content).decode("utf-8-sig")  # type: ignore[attr-defined]
    return list(csv.DictReader(io.StringIO(text), delimiter=";"))


def test_export_holds_plain_values_masked_as_on_screen(
    drawer: dict[str, Voucher], manager: User, manager_client: Client, viewer_client: Client
) -> None:
    (row,) = exported(manager_client, q="VALE-SOON-01")
    soon = drawer["soon"]
    assert row == {
        "Código": "VALE-SOON-01",
        "Situação": "Emitido",
        "Cliente": "Maria Souza",
        "CPF": "•••.444.777-••",
        "Recompensa": "",
        "Valor": "1234,5",
        "Valor mínimo de compra": "50",
        "Origem": "Cashback",
        "Emitido em": f"{timezone.localtime(soon.issued_at):%d/%m/%Y %H:%M}",
        "Vale a partir de": "",
        "Vence em": f"{timezone.localtime(soon.expires_at):%d/%m/%Y %H:%M}",
        "Usado em": "",
        "Loja do uso": "",
    }
    event = AuditEvent.objects.get()
    assert (event.actor, event.action, event.subject) == (manager, "list.exported", "list:vouchers:list")
    codes = [row["Código"] for row in exported(viewer_client)]
    assert len(codes) == 8
    assert all(code.startswith("…") for code in codes)


def test_forty_rows_cost_the_queries_of_two(
    make_voucher: Callable[..., Voucher], make_customer: Callable[..., Customer], manager_client: Client
) -> None:
    def cost() -> int:
        with CaptureQueriesContext(database) as queries:
            manager_client.get(LIST, {"per_page": "50", "customer": "cliente"})
        return len(queries)

    def add(numbers: range) -> None:
        for number in numbers:
            make_customer(f"{number}", f"Cliente {number}")
            make_voucher(f"VALE-{number:04}", customer_remote_id=f"{number}", issued_at=NOW - number * DAY)

    add(range(2))
    cost()
    few = cost()
    add(range(2, 40))
    assert cost() == few


def test_an_empty_list_and_its_age(plain_connection: Connection, manager_client: Client) -> None:
    page = manager_client.get(LIST).content.decode()
    assert "Nenhum voucher ainda" in page
    assert "Ainda não sincronizado" in page
    SyncRun.objects.create(
        connection=plain_connection, resource="vouchers", state=SyncRun.State.DONE, finished_at=NOW - 2 * DAY
    )
    assert "há 2 dias" in manager_client.get(LIST).content.decode()


@pytest.mark.parametrize("method", ["put", "patch", "delete"])
def test_the_list_is_read_only(drawer: dict[str, Voucher], manager_client: Client, method: str) -> None:
    assert getattr(manager_client, method)(LIST).status_code == 405
    assert Voucher.objects.count() == 9


@pytest.mark.parametrize("who", ["cashier_client", "stranger_client"])
def test_without_the_permission_there_is_no_list(
    drawer: dict[str, Voucher], request: pytest.FixtureRequest, who: str
) -> None:
    client: Client = request.getfixturevalue(who)
    for query in ({}, {"export": "csv"}):
        response = client.get(LIST, query)
        assert response.status_code == 403
        assert "VALE-" not in response.content.decode()
    assert AuditEvent.objects.count() == 0
