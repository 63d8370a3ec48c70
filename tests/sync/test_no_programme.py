"""A bridge or a channel among the connections is no programme: nothing that reads or lists programmes offers it."""

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from customers.models import Customer
from customers.persons.services import person_of, programme_counts
from customers.platforms import cpf_connections, places, wallet_connections
from customers.rules.filters import CampaignFilter
from smartbis_admin.connections.models import Connection
from smartbis_admin.connections.providers import Provider, programmes
from smartbis_admin.connections.services import create_connection
from smartbis_admin.sync import jobs
from smartbis_admin.sync.drift.filters import DriftFilter
from smartbis_admin.sync.filters import SyncRunFilter
from smartbis_admin.sync.lists import programmes_with
from smartbis_admin.sync.models import Pause, SyncRun
from smartbis_admin.sync.services import lists_in_use, overview
from vouchers.codes import till_connections
from vouchers.dashboard import figures

pytestmark = pytest.mark.usefixtures("doorbells")
BRIDGES = {Provider.SMARTPOS: "Maquininhas", Provider.WHATSAPP: "Número da loja"}


@pytest.fixture
def bridges(db: None) -> list[Connection]:
    """One connection to every platform that is no programme."""
    return [
        create_connection(
            by=None, provider=provider, name=name, base_url="http://127.0.0.1:9/", credentials={}
        )
        for provider, name in BRIDGES.items()
    ]


@pytest.fixture
def programme(db: None) -> Connection:
    return create_connection(
        by=None,
        provider=Provider.SMARTBIS,
        name="Clube",
        base_url="http://127.0.0.1:9/v2/",
        credentials={"api_key": "k", "api_secret": "s"},
    )


def test_every_other_platform_is_a_programme() -> None:
    assert set(Provider) - set(programmes()) == set(BRIDGES)


def test_the_jobs_of_the_mirror_leave_them_alone(bridges: list[Connection], doorbells: list[int]) -> None:
    jobs.nightly()
    jobs.sweep()
    jobs.sync_everywhere("customers")
    jobs.newest_everywhere("customers")
    assert SyncRun.objects.count() == 0
    assert doorbells == []


def test_alone_they_are_no_active_connection_to_synchronise(bridges: list[Connection]) -> None:
    with pytest.raises(CommandError, match="Nenhuma conexão ativa"):
        call_command("sync", "--no-input")
    with pytest.raises(CommandError, match="Nenhuma conexão com este nome"):
        call_command("sync", "--no-input", connection="Maquininhas")


def test_the_overview_and_the_lists_do_not_know_them(
    manager_client: Client, bridges: list[Connection], programme: Connection
) -> None:
    assert {row.connection for row in overview()} == {programme}
    assert [str(name) for name in lists_in_use()] == ["categories", "rewards", "customers", "vouchers"]
    assert programmes_with(Customer) == [programme]
    page = manager_client.get(reverse("sync:overview")).content.decode()
    assert [name for name in BRIDGES.values() if name in page] == []


@pytest.mark.parametrize("name", ["request", "pause"])
def test_a_synchronisation_cannot_be_asked_of_them(
    manager_client: Client, bridges: list[Connection], name: str
) -> None:
    for connection in bridges:
        address = reverse(f"sync:{name}", kwargs={"connection": connection.pk})
        assert manager_client.post(address).status_code == 404
    assert (SyncRun.objects.count(), Pause.objects.count()) == (0, 0)


@pytest.mark.parametrize("filters", [SyncRunFilter, DriftFilter, CampaignFilter])
def test_filters_offer_programmes_alone(
    bridges: list[Connection], programme: Connection, filters: type
) -> None:
    form = filters({}).form
    assert list(form.fields["connection"].queryset) == [programme]


def test_no_customer_can_be_registered_at_them(bridges: list[Connection], programme: Connection) -> None:
    # One programme: there is nothing to choose from.
    assert places("/") == []
    assert list(cpf_connections()) == [programme]
    assert list(wallet_connections()) == []
    assert till_connections() == [programme]


def test_a_person_is_in_no_bridge(bridges: list[Connection], programme: Connection) -> None:
    ana = Customer.objects.create(
        connection=programme, remote_id="1", name="Ana", name_search="ana", content_hash=b"x"
    )
    assert programme_counts([ana]) == {ana.pk: 1}
    assert person_of(ana).others == ()


def test_figures_count_what_they_counted(bridges: list[Connection], programme: Connection) -> None:
    Customer.objects.create(
        connection=programme,
        remote_id="1",
        name="Ana",
        name_search="ana",
        points_balance=7,
        cashback_balance=5,
        content_hash=b"x",
    )
    found = figures.customers(programme.created_at)
    assert (found["count"], found["cashback"], found["points"]) == (1, "5.00", "7.0000")
