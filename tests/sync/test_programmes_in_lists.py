"""Lists of rows of several programmes: told apart, narrowed down, and unchanged for who has one."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from customers.models import Customer
from smartbis_admin.connections.models import Connection
from smartbis_admin.connections.providers import Provider
from smartbis_admin.connections.services import create_connection

pytestmark = pytest.mark.django_db

LIST = "customers:list"


@pytest.fixture
def shop(connection: Connection) -> Connection:
    return create_connection(
        by=None,
        provider=Provider.SMILE,
        name="Loja virtual",
        base_url="http://127.0.0.1:9/smile",
        credentials={"secret_key": "x"},
        programme="Clube da Loja",
        colour="purple",
    )


def person(connection: Connection, name: str) -> Customer:
    return Customer.objects.create(
        connection=connection, remote_id=name, name=name, name_search=name.lower(), content_hash=b"x"
    )


def test_with_one_programme_nothing_names_it(connection: Connection, manager_client: Client) -> None:
    person(connection, "Ana")
    page = manager_client.get(reverse(LIST)).content.decode()
    assert "Programa" not in page
    assert "programme" not in page.split("<main")[1]


def test_each_row_names_its_programme(
    connection: Connection, shop: Connection, manager_client: Client
) -> None:
    person(connection, "Ana")
    person(shop, "Bia")
    page = manager_client.get(reverse(LIST)).content.decode()
    assert '<span class="programme programme-purple">Clube da Loja</span>' in page
    assert f'<span class="programme programme-blue">{connection.name}</span>' in page


def test_the_list_is_narrowed_down_to_one(
    connection: Connection, shop: Connection, manager_client: Client
) -> None:
    person(connection, "Ana")
    person(shop, "Bia")
    response = manager_client.get(reverse(LIST), {"programme": shop.pk})
    assert [row.record.name for row in response.context["table"].paginated_rows] == ["Bia"]
    table = manager_client.get(reverse(LIST), {"export": "csv"})
    text = b"".join(table.streaming_content) if table.streaming else table.content
    assert "Clube da Loja" in text.decode("utf-8-sig")


def test_a_programme_costs_no_query_for_each_row(
    connection: Connection,
    shop: Connection,
    manager_client: Client,
    django_assert_max_num_queries: Callable[..., object],
) -> None:
    for number in range(40):
        person(shop if number % 2 else connection, f"Pessoa {number:02}")
    with django_assert_max_num_queries(20):  # type: ignore[attr-defined]
        manager_client.get(reverse(LIST))


def test_rewards_of_a_platform_without_them_need_no_programme(
    shop: Connection, connection: Connection, manager_client: Client
) -> None:
    assert "programme" not in manager_client.get(reverse("rewards:list")).content.decode().split("<main")[1]
