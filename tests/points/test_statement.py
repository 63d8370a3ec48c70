"""The statement of a customer, changing points and sending activities on screen, against the real sandbox."""

from typing import Any

import pytest
from django.contrib.messages import get_messages
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils.html import escape

from customers.models import Customer
from customers.points.models import PointsTransaction
from smartbis_admin.connections.models import Connection
from smartbis_admin.writes.models import Write
from tests.points.conftest import IN_DOUBT, Shop


def at(name: str, shop: Shop) -> str:
    return reverse(f"points:{name}", args=[shop.customer.pk])


def opened(client: Client, address: str, **typed: str) -> dict[str, Any]:
    form = client.get(address).context["form"]
    values = {field.html_name: field.value() for field in form}
    return {name: "" if value is None else str(value) for name, value in values.items()} | typed


def said(response: HttpResponse) -> list[str]:
    return [str(message) for message in get_messages(response.wsgi_request)]


TYPED = {
    "points": "120",
    "reason": "courtesy",
    "description": "Presente de aniversário",
    "internal_note": "R7",
}


@pytest.mark.parametrize(("direction", "shown", "balance"), [("add", "+120", 620), ("deduct", "−120", 380)])
def test_points_are_changed_and_the_statement_shows_it(
    each_shop: Shop, manager_client: Client, direction: str, shown: str, balance: int
) -> None:
    form = opened(manager_client, at("adjust", each_shop), **TYPED, direction=direction)
    response = manager_client.post(at("adjust", each_shop), form)
    assert response["Location"] == at("statement", each_shop)
    assert said(response) == [f"Pontos ajustados: {shown}. Saldo agora: {balance}."]
    assert (each_shop.balance(), each_shop.posts()) == (balance, [True])
    page = manager_client.get(at("statement", each_shop)).content.decode()
    assert shown in page
    assert "Presente de aniversário" in page
    assert "Cortesia: R7" in page
    assert "[ref:" not in page
    manager_client.post(at("adjust", each_shop), form)
    assert (each_shop.balance(), Write.objects.count()) == (balance, 1)


def test_a_short_balance_is_explained_with_the_one_of_now(each_shop: Shop, manager_client: Client) -> None:
    each_shop.act("credit", customer_id=each_shop.who["id"], points=-450)
    form = opened(manager_client, at("adjust", each_shop), **TYPED, direction="deduct")
    response = manager_client.post(at("adjust", each_shop), form)
    assert response.context["form"].errors == {
        "points": ["O saldo não cobre isto: a plataforma diz agora 50 pontos, e seriam 120."]
    }
    assert (each_shop.balance(), each_shop.customer.points_balance) == (50, 50)


def test_a_balance_that_could_not_be_read_again_is_not_shown_as_fact(
    shop: Shop, manager_client: Client
) -> None:
    form = opened(manager_client, at("adjust", shop), **TYPED)
    shop.fault("error_before", method="GET", path="*customers/*", times=9)
    assert said(manager_client.post(at("adjust", shop), form)) == ["Pontos ajustados: +120."]
    assert (shop.balance(), shop.customer.points_balance) == (620, 500)


def test_a_lost_change_is_said_to_be_unknown(shop: Shop, manager_client: Client) -> None:
    shop.fault("drop_after", method="POST")
    response = manager_client.post(at("adjust", shop), opened(manager_client, at("adjust", shop), **TYPED))
    assert said(response) == [IN_DOUBT]
    assert "A confirmar – não repita" in manager_client.get(at("statement", shop)).content.decode()
    busy = manager_client.post(at("adjust", shop), opened(manager_client, at("adjust", shop), **TYPED))
    assert busy.context["form"].non_field_errors() == [
        "Outro envio sobre o mesmo assunto ainda está a confirmar. Espere o resultado – não repita."
    ]
    assert shop.posts() == [True]


@pytest.mark.parametrize(
    ("typed", "field", "sentence"),
    [
        ({"points": ""}, "points", "Informe quantos pontos."),
        ({"points": "0"}, "points", "Informe pelo menos 1 ponto."),
        ({"points": "1,5"}, "points", "Escreva um número inteiro, como 150."),
        ({"reason": ""}, "reason", "Escolha o motivo."),
        ({"description": " "}, "description", "Informe o que o cliente vai ler."),
    ],
)
def test_what_was_typed_wrong_is_said_beside_it(
    shop: Shop, manager_client: Client, typed: dict[str, str], field: str, sentence: str
) -> None:
    form = opened(manager_client, at("adjust", shop), **(TYPED | typed))
    assert manager_client.post(at("adjust", shop), form).context["form"].errors == {field: [sentence]}
    assert (shop.posts(), Write.objects.count()) == ([], 0)


def test_an_activity_is_accepted_or_its_token_is_not_known(each_shop: Shop, manager_client: Client) -> None:
    form = opened(manager_client, at("activity", each_shop), token="activity_order")
    response = manager_client.post(at("activity", each_shop), form)
    assert said(response) == ["Atividade aceita pela plataforma. Os pontos dela chegam depois."]
    page = manager_client.get(at("activity", each_shop))
    assert page.context["tokens"] == ["activity_order"]
    form = opened(manager_client, at("activity", each_shop), token="nada")
    assert manager_client.post(at("activity", each_shop), form).context["form"].errors == {
        "token": ["A plataforma não conhece este token ou este cliente. Confira no painel."]
    }
    assert each_shop.posts() == [True, False]


def test_reading_asks_nobody_and_costs_the_same_for_many_rows(
    shop: Shop, viewer_client: Client, django_assert_max_num_queries: Any
) -> None:
    def rows(upto: int) -> None:
        PointsTransaction.objects.bulk_create(
            PointsTransaction(
                connection=shop.connection,
                remote_id=f"t{n}-{upto}",
                customer_remote_id=shop.customer.remote_id,
                points_change=n - 5,
                content_hash=b"",
            )
            for n in range(upto)
        )

    calls = len(shop.sandbox.log("smile"))
    counts = []
    for many in (2, 38):
        rows(many)
        with django_assert_max_num_queries(40) as queries:
            response = viewer_client.get(at("statement", shop))
        assert response.status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]
    assert len(shop.sandbox.log("smile")) == calls
    page = response.content.decode()
    assert escape(shop.customer.standing.referral_url or "?") in page
    assert at("adjust", shop) not in page
    for sign in ("gained", "spent"):
        table = viewer_client.get(at("statement", shop), {"sign": sign}).context["table"]
        assert all((row.points_change > 0) == (sign == "gained") for row in table.data)
    exported = viewer_client.get(at("statement", shop), {"export": "csv"})
    assert exported.status_code == 200


def test_a_platform_without_points_lists_has_no_such_page(
    shop: Shop, connection: Connection, manager_client: Client
) -> None:
    other = Customer.objects.create(
        connection=connection, remote_id="1", name="Bia", name_search="bia", content_hash=b""
    )
    for name in ("statement", "adjust", "activity"):
        assert manager_client.get(reverse(f"points:{name}", args=[other.pk])).status_code == 404
    page = manager_client.get(reverse("customers:detail", args=[other.pk])).content.decode()
    assert "Extrato de pontos" not in page
    page = manager_client.get(reverse("customers:detail", args=[shop.customer.pk])).content.decode()
    assert at("statement", shop) in page
