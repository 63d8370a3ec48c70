"""The programme's rule on screen: everybody who looks on reads it, a manager changes it, every version stays."""

from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from customers.models import Customer
from customers.rules.models import Campaign, RuleVersion, Simulation
from customers.services import estimate_benefit
from smartbis_admin.connections.models import Connection
from smartbis_admin.staff.models import AuditEvent, Store, User

#: Words, access and the wire: nothing here differs from one database to the other.
pytestmark = pytest.mark.one_database

Make = Callable[..., Any]
PAGE = "/regra/"
CAMPAIGNS = "/regra/campanhas/"
RULE = {
    "cashback_percent": "7,5",
    "points_per_brl": "0,125",
    "minimum_to_earn": "10,00",
    "voucher_threshold": "",
}


def edit(connection: Connection) -> str:
    return reverse("rules:edit", args=[connection.pk])


def test_a_manager_enters_and_changes_it_and_every_version_stays(
    plain_connection: Connection, manager: User, manager_client: Client, viewer_client: Client
) -> None:
    assert "Nenhuma regra informada" in viewer_client.get(PAGE).content.decode()
    manager_client.post(edit(plain_connection), RULE)
    expected = estimate_benefit(plain_connection, Decimal(100))
    assert expected is not None
    assert (expected.cashback, expected.points) == (Decimal("7.50"), Decimal("12.50"))
    manager_client.post(edit(plain_connection), RULE)  # nothing new
    manager_client.post(edit(plain_connection), RULE | {"cashback_percent": "5", "voucher_threshold": "20"})
    assert [
        (row.created_by, row.cashback_percent, row.points_per_brl, row.minimum_to_earn, row.voucher_threshold)
        for row in RuleVersion.objects.order_by("pk")
    ] == [
        (manager, Decimal("7.5"), Decimal("0.125"), 10, None),
        (manager, Decimal(5), Decimal("0.125"), 10, 20),
    ]
    events = AuditEvent.objects.values_list("actor", "action", "subject")
    assert list(events) == [(manager.pk, "rule.changed", f"connection:{plain_connection.pk}")] * 2
    page = viewer_client.get(PAGE).content.decode()
    for text in (
        "7,5 %",
        "5 %",
        "0,125",
        "R$\xa010,00",
        "R$\xa020,00",
        "nunca",
        "Marta",
        "Serve só",
    ):
        assert text in page
    assert edit(plain_connection) not in page
    assert edit(plain_connection) in manager_client.get(PAGE).content.decode()


@pytest.mark.parametrize(
    "change",
    [
        {"cashback_percent": "101"},
        {"cashback_percent": "-1"},
        {"points_per_brl": "x"},
        {"voucher_threshold": "0"},
    ],
)
def test_a_rule_that_cannot_be_is_refused(
    plain_connection: Connection, owner_client: Client, change: dict[str, str]
) -> None:
    assert owner_client.post(edit(plain_connection), RULE | change).status_code == 200
    assert not RuleVersion.objects.exists()


def test_who_looks_on_reads_and_only_who_manages_changes(
    plain_connection: Connection,
    make_version: Make,
    make_campaign: Make,
    owner: User,
    owner_client: Client,
    manager_client: Client,
    viewer_client: Client,
    cashier_client: Client,
    stranger_client: Client,
) -> None:
    later, today = timezone.now() + timedelta(days=1), timezone.localdate()
    version = make_version(valid_from=later, cashback_percent=5)
    campaign = make_campaign(points_multiplier=2, first_day=today, last_day=today)
    tried = Simulation.objects.create(
        connection=plain_connection, since=today, until=today, created_by=owner, state="done"
    )
    read = [PAGE, CAMPAIGNS, reverse("rules:campaign", args=[campaign.pk])]
    asked = [
        edit(plain_connection),
        reverse("rules:preview", args=[plain_connection.pk]),
        reverse("rules:simulation", args=[tried.pk]),
        reverse("rules:simulation_lines", args=[tried.pk]),
        reverse("rules:campaign_create"),
        reverse("rules:campaign_preview"),
        reverse("rules:campaign_edit", args=[campaign.pk]),
    ]
    acts = [
        (edit(plain_connection), RULE),
        (reverse("rules:cancel", args=[version.pk]), {"confirmed": "1"}),
        (reverse("rules:campaign_end", args=[campaign.pk]), {"confirmed": "1"}),
        (reverse("rules:campaign_create"), campaign_form(plain_connection)),
        (reverse("rules:campaign_edit", args=[campaign.pk]), campaign_form(plain_connection)),
    ]
    audits = AuditEvent.objects.count()
    for client, may_read in (
        (viewer_client, True),
        (cashier_client, False),
        (stranger_client, False),
    ):
        for address in read:
            response = client.get(address)
            assert response.status_code == (200 if may_read else 403)
            if may_read:
                assert not any(f'"{address}"' in response.content.decode() for address, _data in acts)
        for address in asked:
            assert client.get(address).status_code == 403
        for address, data in acts:
            assert client.post(address, data).status_code == 403
    assert AuditEvent.objects.count() == audits
    version.refresh_from_db()
    campaign.refresh_from_db()
    assert (version.cancelled_at, campaign.ended_at, campaign.name) == (None, None, "Março")
    assert (RuleVersion.objects.count(), Campaign.objects.count()) == (1, 1)
    for client in (owner_client, manager_client):
        assert edit(plain_connection) in client.get(PAGE).content.decode()
        assert client.get(edit(plain_connection)).status_code == 200


# --- The editor -------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("typed", "field", "problem"),
    [
        ({"cashback_percent": "7,5555"}, "cashback_percent", "3 casas decimais"),
        ({"points_per_brl": "0,00001"}, "points_per_brl", "4 casas decimais"),
        ({"voucher_validity_days": "0"}, "voucher_validity_days", "maior ou igual a 1"),
        ({"excluded_methods": ["cheque"]}, "excluded_methods", "cheque"),
        ({"excluded_stores": ["77"]}, "excluded_stores", "77"),
        ({"first_day": "2026-03-02", "last_day": "2026-03-01"}, "last_day", "O fim vem antes do começo."),
        ({"valid_from": "2020-01-01T10:00"}, "valid_from", "Escolha um momento que ainda não passou"),
        ({"simulate": "1", "since": "", "until": "2026-03-01"}, "since", "Informe a data."),
        (
            {"simulate": "1", "since": "2026-03-02", "until": "2026-03-01"},
            "until",
            "O fim vem antes do começo.",
        ),
        ({"simulate": "1", "since": "2020-01-01", "until": "2026-03-01"}, "since", "até dois anos"),
    ],
)
def test_what_is_wrong_stands_beside_its_field(
    plain_connection: Connection,
    owner_client: Client,
    make_version: Make,
    store: Store,
    typed: dict[str, Any],
    field: str,
    problem: str,
) -> None:
    make_version(cashback_percent=5)
    response = owner_client.post(edit(plain_connection), RULE | typed)
    errors = response.context["form"].errors
    assert list(errors) == [field]
    assert problem in str(errors[field])
    assert (RuleVersion.objects.count(), Simulation.objects.count()) == (1, 0)


def test_everything_that_can_be_said_is_kept(
    plain_connection: Connection, owner_client: Client, store: Store
) -> None:
    said = {
        "voucher_threshold": "20",
        "voucher_validity_days": "90",
        "voucher_minimum_purchase": "50,00",
        "excluded_stores": [str(store.pk)],
        "excluded_methods": ["pix", "voucher"],
        "first_day": "2026-01-01",
        "last_day": "2026-12-31",
        "valid_from": "2026-02-03T04:05",
    }
    assert owner_client.post(edit(plain_connection), RULE | said).status_code == 302
    version = RuleVersion.objects.get()
    assert (version.voucher_validity_days, version.voucher_minimum_purchase) == (90, 50)
    assert (version.excluded_stores, version.excluded_methods) == ([store.pk], ["pix", "voucher"])
    assert (str(version.first_day), str(version.last_day)) == ("2026-01-01", "2026-12-31")
    assert version.valid_from.isoformat() == "2026-02-03T07:05:00+00:00"
    response = owner_client.get(edit(plain_connection))
    page, form = response.content.decode(), response.context["form"]
    for text in ('value="7,500"', 'value="0,1250"', 'value="90"', 'value="2026-12-31"'):
        assert text in page
    assert (form["excluded_stores"].value(), form["excluded_methods"].value()) == (
        [store.pk], ["pix", "voucher"],
    )  # fmt: skip


def test_a_later_version_waits_on_the_page_and_can_be_taken_back(
    plain_connection: Connection, make_version: Make, owner_client: Client, owner: User
) -> None:
    make_version(cashback_percent=3)
    moment = timezone.localtime() + timedelta(days=2)
    owner_client.post(edit(plain_connection), RULE | {"valid_from": f"{moment:%Y-%m-%dT%H:%M}"})
    later = RuleVersion.objects.latest("pk")
    page = owner_client.get(PAGE).content.decode()
    assert f"A partir de {moment:%d/%m/%Y %H:%M}" in page
    assert "Percentual de cashback: de 3 % para 7,5 %." in page
    assert (
        f"Já há uma versão agendada para {moment:%d/%m/%Y %H:%M}"
        in owner_client.get(edit(plain_connection)).content.decode()
    )
    address = reverse("rules:cancel", args=[later.pk])
    assert "A regra de agora continua valendo." in owner_client.post(address).content.decode()
    later.refresh_from_db()
    assert later.cancelled_at is None
    owner_client.post(address, {"confirmed": "1"})
    later.refresh_from_db()
    assert later.cancelled_by == owner
    page = owner_client.get(PAGE).content.decode()
    assert address not in page
    assert "cancelada" in page
    current = estimate_benefit(plain_connection, Decimal(100))
    assert current is not None
    assert current.cashback == 3


def test_what_is_typed_is_read_back_in_words(
    plain_connection: Connection, make_version: Make, owner_client: Client
) -> None:
    make_version(cashback_percent=Decimal("7.5"), points_per_brl=Decimal("0.125"), minimum_to_earn=10)
    address = reverse("rules:preview", args=[plain_connection.pk])
    assert "É o que a regra já diz hoje." in owner_client.get(address, RULE).content.decode()
    part = owner_client.get(address, RULE | {"points_per_brl": "0,1"}).content.decode()
    assert "Cada R$\xa01,00 vale 0,1 ponto; R$\xa0100,00 dão 10 pontos." in part
    assert "Pontos por real: de 0,125 para 0,1." in part
    part = owner_client.get(address, RULE | {"points_per_brl": "x"}).content.decode()
    assert "<b>Pontos por real</b>" in part
    assert "Cada R$" not in part
    assert RuleVersion.objects.count() == 1


def test_a_simulation_leads_back_to_the_editor_with_what_was_typed(
    plain_connection: Connection, make_version: Make, owner_client: Client
) -> None:
    make_version(cashback_percent=3)
    today = timezone.localdate()
    typed = RULE | {"simulate": "1", "since": f"{today - timedelta(days=9)}", "until": f"{today}"}
    response = owner_client.post(edit(plain_connection), typed)
    tried = Simulation.objects.get()
    assert response["Location"] == reverse("rules:simulation", args=[tried.pk])
    assert (tried.with_files, tried.cashback_percent, RuleVersion.objects.count()) == (
        False,
        Decimal("7.5"),
        1,
    )
    assert "Nenhuma venda neste período" in owner_client.get(response["Location"]).content.decode()
    page = owner_client.get(edit(plain_connection), {"simulacao": tried.pk}).content.decode()
    assert 'value="7,500"' in page
    assert 'value="3,000"' in owner_client.get(edit(plain_connection), {"simulacao": "x"}).content.decode()


def test_only_programmes_where_sales_are_registered_have_a_rule(
    plain_connection: Connection, owner_client: Client
) -> None:
    shop = Connection.objects.create(provider="smile", name="Loja virtual", base_url="https://api.invalid/")
    assert "Loja virtual" not in owner_client.get(PAGE).content.decode()
    assert owner_client.post(edit(shop), RULE).status_code == 404
    assert not RuleVersion.objects.exists()


def test_the_page_takes_as_many_queries_for_many_versions_as_for_few(
    plain_connection: Connection,
    make_version: Make,
    make_campaign: Make,
    owner: User,
    manager_client: Client,
) -> None:
    def fill(number: int) -> None:
        moment, today = timezone.now() - timedelta(days=number), timezone.localdate()
        make_version(valid_from=moment, cashback_percent=number, created_by=owner, excluded_stores=[1])
        make_campaign(name=str(number), first_day=today, last_day=today, points_multiplier=2)

    fill(1)
    fill(2)
    manager_client.get(PAGE)
    few = queries(manager_client, PAGE), queries(manager_client, CAMPAIGNS)
    for number in range(3, 31):
        fill(number)
    assert (queries(manager_client, PAGE), queries(manager_client, CAMPAIGNS)) == few


def queries(client: Client, address: str) -> int:
    """How many queries a page takes."""
    with CaptureQueriesContext(database) as taken:
        assert client.get(address).status_code == 200
    return len(taken)


# --- Campaigns --------------------------------------------------------------------------------------------
def campaign_form(connection: Connection, **changes: Any) -> dict[str, Any]:
    today = f"{timezone.localdate()}"
    plain = {"connection": str(connection.pk), "name": "Dobro", "cashback_multiplier": "1",
             "points_multiplier": "2", "first_day": today, "last_day": today, "stacks": ""}  # fmt: skip
    return plain | changes


def test_a_campaign_is_made_shown_and_ended(
    plain_connection: Connection, owner: User, owner_client: Client, store: Store
) -> None:
    told = {"machines": " M-1 , M-2,M-1,", "category": " Padaria ", "stacks": "yes",
            "stores": [str(store.pk)], "from_time": "22:00", "until_time": "02:00"}  # fmt: skip
    response = owner_client.post(reverse("rules:campaign_create"), campaign_form(plain_connection, **told))
    campaign = Campaign.objects.get()
    assert response["Location"] == reverse("rules:campaign", args=[campaign.pk])
    assert (campaign.machines, campaign.category, campaign.stacks, campaign.stores) == (
        ["M-1", "M-2"], "Padaria", True, [store.pk],
    )  # fmt: skip
    assert (campaign.created_by, campaign.weekdays) == (owner, [])
    page = owner_client.get(response["Location"]).content.decode()
    for text in (
        "Em vigor",
        "Os pontos valem 2 vezes.",
        "Só das 22:00 às 02:00.",
        "Só nestas lojas: Loja Centro.",
    ):
        assert text in page
    assert reverse("rules:campaign_edit", args=[campaign.pk]) not in page
    end = reverse("rules:campaign_end", args=[campaign.pk])
    assert "Vendas a partir deste momento não contam mais." in owner_client.post(end).content.decode()
    owner_client.post(end, {"confirmed": "1"})
    campaign.refresh_from_db()
    assert campaign.ended_by == owner
    assert end not in owner_client.get(response["Location"]).content.decode()
    assert "Dobro" in owner_client.get(CAMPAIGNS, {"stage": "over"}).content.decode()
    assert "Dobro" not in owner_client.get(CAMPAIGNS, {"stage": "running"}).content.decode()
    assert "Dobro" not in owner_client.get(PAGE).content.decode()


def test_a_campaign_that_has_not_begun_is_changed(plain_connection: Connection, owner_client: Client) -> None:
    tomorrow = f"{timezone.localdate() + timedelta(days=1)}"
    days = {"first_day": tomorrow, "last_day": tomorrow}
    owner_client.post(reverse("rules:campaign_create"), campaign_form(plain_connection, **days))
    campaign = Campaign.objects.get()
    address = reverse("rules:campaign_edit", args=[campaign.pk])
    assert 'value="Dobro"' in owner_client.get(address).content.decode()
    owner_client.post(address, campaign_form(plain_connection, name="Triplo", points_multiplier="3", **days))
    campaign.refresh_from_db()
    assert (campaign.name, campaign.points_multiplier) == ("Triplo", 3)
    assert "Triplo" in owner_client.get(CAMPAIGNS, {"stage": "waiting", "q": "tri"}).content.decode()
    Campaign.objects.update(first_day=timezone.localdate())
    page = owner_client.post(address, campaign_form(plain_connection, name="Outra", **days)).content.decode()
    assert "A campanha já começou ou foi encerrada" in page
    campaign.refresh_from_db()
    assert campaign.name == "Triplo"


@pytest.mark.parametrize(
    ("changes", "field", "problem"),
    [
        ({"name": " "}, "name", "Dê um nome à campanha."),
        ({"points_multiplier": "1"}, "points_multiplier", "Diga o que vale mais"),
        ({"points_multiplier": "0,5"}, "points_multiplier", "maior ou igual a 1"),
        ({"first_day": "2020-01-01"}, "first_day", "O primeiro dia já passou"),
        ({"last_day": "2020-01-01"}, "last_day", "O fim vem antes do começo."),
        ({"from_time": "10:00", "until_time": "10:00"}, "until_time", "O fim é igual ao começo."),
        ({"weekdays": ["7"]}, "weekdays", "7"),
    ],
)
def test_a_campaign_that_cannot_be_is_refused(
    plain_connection: Connection, owner_client: Client, changes: dict[str, Any], field: str, problem: str
) -> None:
    address = reverse("rules:campaign_create")
    response = owner_client.post(address, campaign_form(plain_connection, **changes))
    errors = response.context["form"].errors
    assert list(errors) == [field]
    assert problem in str(errors[field])
    assert not Campaign.objects.exists()


def test_days_of_the_week_have_to_fall_into_the_period(
    plain_connection: Connection, owner_client: Client
) -> None:
    today = timezone.localdate()
    address, wrong = reverse("rules:campaign_create"), str((today.weekday() + 1) % 7)
    response = owner_client.post(address, campaign_form(plain_connection, weekdays=[wrong]))
    assert response.context["form"].errors == {"weekdays": ["Nenhum destes dias da semana cai no período."]}
    week = {"last_day": f"{today + timedelta(days=1)}", "weekdays": [wrong]}
    assert owner_client.post(address, campaign_form(plain_connection, **week)).status_code == 302


def test_a_campaign_is_read_back_in_words(plain_connection: Connection, owner_client: Client) -> None:
    address = reverse("rules:campaign_preview")
    part = owner_client.get(address, campaign_form(plain_connection)).content.decode()
    assert "Os pontos valem 2 vezes." in part
    assert "Nome" in owner_client.get(address, campaign_form(plain_connection, name="")).content.decode()


# --- At the counter ---------------------------------------------------------------------------------------
def test_the_counter_says_the_store_and_the_category(
    plain_connection: Connection,
    make_version: Make,
    make_campaign: Make,
    manager_client: Client,
    store: Store,
) -> None:
    ana = Customer.objects.create(
        connection=plain_connection,
        remote_id="1",
        name="Ana Prado",
        content_hash=b"",
        name_search="ana prado",
    )
    today = timezone.localdate()
    make_version(cashback_percent=5, points_per_brl=1)
    page = manager_client.get(reverse("customers:sale", args=[ana.pk])).content.decode()
    assert 'name="category"' not in page
    days = {"first_day": today, "last_day": today}
    make_campaign(cashback_multiplier=2, category="Padaria", **days)
    make_campaign(cashback_multiplier=3, stores=[store.pk], **days)
    page = manager_client.get(reverse("customers:sale", args=[ana.pk])).content.decode()
    assert '<option value="Padaria">Padaria</option>' in page
    address = reverse("customers:estimate", args=[ana.pk])
    for told, cashback in (
        ({}, "R$\xa05,00"),
        ({"category": "Padaria"}, "R$\xa010,00"),
        ({"category": "Padaria", "place": f"s{store.pk}"}, "R$\xa015,00"),
        ({"category": "Feira"}, "R$\xa05,00"),
    ):
        assert cashback in manager_client.get(address, {"amount": "100"} | told).content.decode()
