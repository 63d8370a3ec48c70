"""Points products on screen: the list, the choice, the purchase and its code, against the real sandbox."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from rewards.products.models import PointsProduct
from smartbis_admin.writes.models import Write
from tests.points.conftest import IN_DOUBT, Shop
from tests.points.test_statement import opened, said

FIXED, VARIABLE = "Frete grátis", "Vale-compra"


def choose(shop: Shop) -> str:
    return reverse("products:choose", args=[shop.customer.pk])


def buy(shop: Shop, name: str) -> str:
    return reverse("products:buy", args=[shop.customer.pk, shop.product(name).pk])


@pytest.mark.parametrize(("name", "typed", "points"), [(FIXED, {}, 300), (VARIABLE, {"points": "200"}, 200)])
def test_a_purchase_ends_with_its_code(
    each_shop: Shop, manager_client: Client, name: str, typed: dict[str, str], points: int
) -> None:
    address = buy(each_shop, name)
    assert address in manager_client.get(choose(each_shop)).content.decode()
    form = opened(manager_client, address, **typed)
    assert "Não há como desfazer" in manager_client.get(address).content.decode()
    response = manager_client.post(address, form)
    write = Write.objects.get()
    assert response["Location"] == reverse("products:purchase", args=[write.pk])
    assert said(response) == [f"Pontos trocados. Saldo agora: {500 - points}."]
    page = manager_client.get(response["Location"]).content.decode()
    assert f'data-copy="{write.result["fulfilment"]["code"]}"' in page
    assert "data-print" in page
    manager_client.post(address, form)
    assert (each_shop.posts(), each_shop.balance()) == ([True], 500 - points)


@pytest.mark.parametrize(
    ("points", "sentence"),
    [
        ("50", "O mínimo é 100 pontos."),
        ("500", "O máximo é 400 pontos."),
        ("150", "O valor anda de 100 em 100 pontos."),
        ("", "Informe quantos pontos."),
    ],
)
def test_a_variable_product_keeps_to_its_steps(
    shop: Shop, manager_client: Client, points: str, sentence: str
) -> None:
    address = buy(shop, VARIABLE)
    response = manager_client.post(address, opened(manager_client, address, points=points))
    assert response.context["form"].errors == {"points": [sentence]}
    assert (shop.posts(), Write.objects.count()) == ([], 0)
    attributes = response.context["form"].fields["points"].widget.attrs
    assert [attributes[name] for name in ("min", "max", "step")] == ["100", "400", "100"]


def test_another_price_is_agreed_to_first(shop: Shop, manager_client: Client) -> None:
    address = buy(shop, FIXED)
    form = opened(manager_client, address)
    PointsProduct.objects.filter(reward_name=FIXED).update(price=250, content_hash=b"")
    response = manager_client.post(address, form)
    assert response.context["form"].non_field_errors() == [
        "O preço mudou enquanto esta página estava aberta. Confira."
    ]
    again = {field.html_name: str(field.value()) for field in response.context["form"]}
    assert again["points"] == "250"
    # The platform still asks 300: nothing is sent, and the page shows it.
    response = manager_client.post(address, again)
    assert response.context["form"].non_field_errors() == [
        "O produto mudou na plataforma. Nada foi trocado: confira e escolha de novo."
    ]
    assert response.context["product"].price == 300
    assert shop.posts() == []
    again = {field.html_name: str(field.value()) for field in response.context["form"]}
    assert manager_client.post(address, again).status_code == 302
    assert (shop.posts(), shop.balance()) == ([True], 200)


def test_what_is_too_dear_is_said(each_shop: Shop, manager_client: Client) -> None:
    address = buy(each_shop, FIXED)
    form = opened(manager_client, address)
    each_shop.act("credit", customer_id=each_shop.who["id"], points=-260)
    assert manager_client.post(address, form).context["form"].non_field_errors() == [
        "O saldo não cobre isto: a plataforma diz agora 240 pontos, e seriam 300."
    ]
    assert each_shop.posts() == [False]
    page = manager_client.get(choose(each_shop)).content.decode()
    assert "Faltam 60 pontos" in page
    assert address not in page


def test_a_lost_purchase_is_shown_as_unknown(shop: Shop, manager_client: Client) -> None:
    shop.fault("drop_after", method="POST")
    address = buy(shop, FIXED)
    response = manager_client.post(address, opened(manager_client, address))
    assert said(response) == [IN_DOUBT]
    page = manager_client.get(response["Location"]).content.decode()
    assert "A confirmar – não repita" in page
    assert "Copiar código" not in page
    assert shop.posts() == [True]


def test_the_list_costs_the_same_for_many_and_asks_nobody(
    shop: Shop, viewer_client: Client, django_assert_max_num_queries: Any
) -> None:
    viewer_client.get(reverse("products:list"), {"per_page": "50"})
    calls, counts = len(shop.sandbox.log("smile")), []
    for round_, many in enumerate((2, 38)):
        PointsProduct.objects.bulk_create(
            PointsProduct(
                connection=shop.connection,
                remote_id=f"p{round_}-{n}",
                reward_name=f"Brinde {n}",
                exchange_type="fixed",
                price=100,
                content_hash=b"",
            )
            for n in range(many)
        )
        with django_assert_max_num_queries(40) as queries:
            page = viewer_client.get(reverse("products:list"), {"per_page": "50"}).content.decode()
        counts.append(len(queries))
    assert "100 a 400" in page
    assert counts[0] == counts[1]
    assert len(shop.sandbox.log("smile")) == calls
