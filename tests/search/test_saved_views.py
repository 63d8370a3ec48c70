"""Named views of lists and chosen columns: kept per person, shared when asked, never anybody else's."""

from typing import Any

import pytest
from django.test import Client

from customers.models import Customer
from smartbis_admin.connections.models import Connection
from smartbis_admin.staff.models import User
from smartbis_admin.ui.models import ChosenColumns, SavedView

pytestmark = pytest.mark.django_db


@pytest.fixture
def list_of_one(db: None) -> None:
    Customer.objects.create(
        connection=Connection.objects.create(name="Smartbis", base_url="https://api.invalid/v2/"),
        content_hash=b"",
        remote_id="1",
        name="Ana",
        name_search="ana",
        phone="+5511988880001",
    )


def _save(client: Client, **fields: Any):
    values = {"screen": "customers:list", "name": "Com saldo", "query": "balance=points&after=x&cpf="}
    return client.post("/visoes/salvar/", values | {"next": "/clientes/"} | fields)


def _views(client: Client) -> list[tuple[str, str, bool]]:
    context = client.get("/clientes/").context
    return [(entry["view"].name, entry["view"].query, entry["own"]) for entry in context["saved_views"]]


def test_a_view_keeps_filters_and_order_for_its_owner_alone(
    list_of_one: None, manager_client: Client, owner_client: Client
) -> None:
    assert _save(manager_client).url == "/clientes/"
    assert _views(manager_client) == [("Com saldo", "balance=points", True)]
    assert _views(owner_client) == []
    page = manager_client.get("/clientes/?balance=points")
    assert page.context["current_view"]["view"].name == "Com saldo"


def test_a_shared_view_is_offered_to_others_and_deleted_by_its_owner_only(
    list_of_one: None, manager_client: Client, viewer_client: Client
) -> None:
    _save(manager_client, is_shared="on")
    assert _views(viewer_client) == [("Com saldo", "balance=points", False)]
    view = SavedView.objects.get()
    viewer_client.post(f"/visoes/{view.pk}/apagar/", {"screen": "customers:list"})
    assert SavedView.objects.count() == 1
    manager_client.post(f"/visoes/{view.pk}/apagar/", {"screen": "customers:list"})
    assert SavedView.objects.count() == 0


def test_the_same_name_again_replaces_the_view(list_of_one: None, manager_client: Client) -> None:
    _save(manager_client)
    _save(manager_client, query="sort=-name")
    assert _views(manager_client) == [("Com saldo", "sort=-name", True)]


@pytest.mark.parametrize(
    "fields", [{"name": " "}, {"screen": "nope:list"}, {"screen": ""}, {"query": "q=" + "x" * 1001}]
)
def test_what_cannot_be_kept_is_refused(manager_client: Client, fields: dict[str, str]) -> None:
    _save(manager_client, **fields)
    assert SavedView.objects.count() == 0


def test_nobody_has_more_than_twenty(manager_client: Client, manager: User) -> None:
    SavedView.objects.bulk_create(
        SavedView(user_id=manager.pk, screen="customers:list", name=str(i)) for i in range(20)
    )
    _save(manager_client)
    assert SavedView.objects.count() == 20


def test_chosen_columns_are_shown_and_the_first_always(
    list_of_one: None, manager_client: Client, owner_client: Client
) -> None:
    def shown(client: Client) -> list[str]:
        return [column.name for column in client.get("/clientes/").context["table"].columns]

    everything = shown(manager_client)
    manager_client.post("/visoes/colunas/", {"screen": "customers:list", "column": ["phone", "nope"]})
    assert shown(manager_client) == ["name", "phone"]
    assert shown(owner_client) == everything
    assert ChosenColumns.objects.count() == 1
    # Hidden columns stay in what is exported.
    head = b"".join(manager_client.get("/clientes/?export=csv").streaming_content).splitlines()[0].decode()
    assert head == "\ufeffNome;CPF;Telefone;E-mail;Pontos;Cashback;Cliente desde;Etiquetas"
