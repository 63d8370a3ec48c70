"""The list of fulfilments and the page of one: uses told apart, codes for who may act with them."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.points.conftest import Shop
from vouchers.fulfilments.models import Fulfilment

CODE = "FRETE-ABCD1234"


def made(shop: Shop, n: int = 0, **fields: Any) -> Fulfilment:
    values = {
        "connection": shop.connection,
        "remote_id": f"f{n}-{len(fields)}",
        "name": "Frete grátis",
        "code": CODE,
        "code_key": "FRETEABCD1234",
        "customer_remote_id": shop.customer.remote_id,
        "usage": "unused",
        "status": "issued",
        "remote_created_at": timezone.now(),
        "content_hash": b"",
    }
    return Fulfilment.objects.create(**(values | fields))


@pytest.mark.parametrize(
    ("usage", "word"),
    [
        ("used", "Usado"),
        ("unused", "Não usado"),
        ("untracked", "Uso não rastreado"),
        ("unknown", "Uso não rastreado"),
    ],
)
def test_what_nobody_tells_is_not_called_unused(
    shop: Shop, manager_client: Client, usage: str, word: str
) -> None:
    row = made(shop, usage=usage)
    for address in (reverse("fulfilments:list"), reverse("fulfilments:detail", args=[row.pk])):
        response = manager_client.get(address)
        badges = [line for line in response.content.decode().split("<") if "status-badge" in line]
        assert badges, address
        assert word in response.content.decode()
    assert response.context["usage_word"] == word


def test_a_code_is_whole_only_for_who_may_act(
    shop: Shop, manager_client: Client, viewer_client: Client
) -> None:
    address = reverse("fulfilments:detail", args=[made(shop).pk])
    assert f'data-copy="{CODE}"' in manager_client.get(address).content.decode()
    for page in (address, reverse("fulfilments:list")):
        assert CODE not in viewer_client.get(page).content.decode()


def test_the_list_is_narrowed_down_and_costs_the_same_for_many(
    shop: Shop, manager_client: Client, django_assert_max_num_queries: Any
) -> None:
    address = reverse("fulfilments:list")
    soon = made(shop, expires_at=timezone.now() + timedelta(days=3))
    made(shop, usage="used", expires_at=timezone.now() + timedelta(days=3), code=None, code_key="")
    manager_client.get(address, {"per_page": "50"})
    counts = []
    for _round in range(2):
        with django_assert_max_num_queries(40) as queries:
            manager_client.get(address, {"per_page": "50"})
        counts.append(len(queries))
        for n in range(1, 39 * (1 - _round)):
            made(shop, n, code=None, code_key="")
    assert counts[0] == counts[1]

    def found(**query: str) -> set[int]:
        return {row.pk for row in manager_client.get(address, query).context["table"].data}

    assert found(expiring="7") == {soon.pk}
    assert found(q="frete abcd1234") == {soon.pk}
    assert found(q="FRETE") == set()
    assert found(q="-") == set()
    assert len(found(customer_id=str(shop.customer.pk), per_page="100")) == 40
