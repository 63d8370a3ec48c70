"""What a points programme is like: tiers with perks, rules to earn, what a key lacks, and where it is found."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Group
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext

from customers.models import Customer
from customers.points.models import EarningRule, VipTier
from smartbis_admin.connections.models import Connection
from smartbis_admin.connections.words import explain
from smartbis_admin.staff.access import ROLE_ACCESS, Access, Role
from smartbis_admin.sync import jobs
from smartbis_admin.sync.models import SyncRun
from tests.points.conftest import Shop


def cells(html: str) -> list[list[str]]:
    """The text of each row of the list."""
    body = html[html.index("<tbody") :]
    return [
        [
            " ".join(re.sub(r"<[^>]+>", " ", cell).split())
            for cell in re.findall(r"<td.*?>(.*?)</td>", row, re.S)
        ]
        for row in re.findall(r"<tr.*?>(.*?)</tr>", body, re.S)
    ]


@pytest.fixture
def programme(shop: Shop) -> Shop:
    """Two tiers and two rules, mirrored; Ana has 500 points and stands on the lower tier."""
    shop.act("add_tier", name="Bronze", milestone=0, perks=["Brinde no aniversário"])
    tier = shop.act(
        "add_tier",
        name="Ouro",
        milestone=2000,
        perks=["Frete grátis", "Fila própria"],
        entry_rewards=["Vale 20"],
    )
    shop.act("add_earning_rule", name="Compra", points=5, per_amount=1)
    shop.act(
        "add_earning_rule",
        name="Aniversário",
        points=200,
        earning_limit={"max": 1, "type": "rolling", "rolling": {"unit": "day", "unit_count": 365}},
        restricted_to_vip_tier_ids=[tier["id"]],
    )
    for resource in ("vip_tiers", "earning_rules", "customers"):
        jobs.sync_everywhere(resource)
    return shop


def test_the_tiers_with_their_perks_and_how_many_stand_on_each(
    programme: Shop, viewer_client: Client
) -> None:
    rows = cells(viewer_client.get("/niveis/").content.decode())
    assert [row[0] for row in rows] == ["Bronze", "Ouro"]
    assert rows[1][:4] == ["Ouro", "2.000", "Frete grátis Fila própria", "Vale 20"]
    standing = VipTier.objects.filter(remote_id=programme.customer.tier_remote_id or "").count()
    assert sum(int(row[4]) for row in rows) == standing


def test_the_rules_say_how_much_how_often_and_for_whom(programme: Shop, viewer_client: Client) -> None:
    rows = cells(viewer_client.get("/regras-de-pontos/").content.decode())
    assert rows == [
        ["Aniversário", "200", "1 vez em 365 dias", "Ouro"],
        ["Compra", "5 a cada 1", "Sem limite", "Todos"],
    ]
    assert EarningRule.objects.count() == 2


@pytest.mark.parametrize("address", ["/niveis/", "/regras-de-pontos/"])
def test_a_cashier_has_no_business_there(programme: Shop, cashier_client: Client, address: str) -> None:
    assert cashier_client.get(address).status_code == 403


@pytest.mark.parametrize("address", ["/niveis/", "/regras-de-pontos/"])
def test_lists_cost_the_same_however_long(shop: Shop, viewer_client: Client, address: str) -> None:
    def made(count: int) -> None:
        for model in (VipTier, EarningRule):
            for number in range(count):
                model.objects.create(
                    connection=shop.connection,
                    remote_id=f"{count}-{number}",
                    name=f"{number}",
                    content_hash=b"",
                )

    made(2)
    viewer_client.get(address)
    with CaptureQueriesContext(database) as few:
        viewer_client.get(address)
    made(20)
    with CaptureQueriesContext(database) as many:
        viewer_client.get(address)
    assert len(many) == len(few)


def test_the_statement_tells_the_perks_and_what_is_missing(programme: Shop, manager_client: Client) -> None:
    customer = programme.customer
    ouro = VipTier.objects.get(name="Ouro")
    Customer.objects.filter(pk=customer.pk).update(
        tier_remote_id=VipTier.objects.get(name="Bronze").remote_id,
        standing_packed=(
            f'{{"next_tier_remote_id": "{ouro.remote_id}", "to_next_tier": "1500", '
            '"referral_url": "https://loja.example/r/ana"}'
        ),
    )
    html = manager_client.get(f"/clientes/{customer.pk}/pontos/").content.decode()
    assert "Ouro: faltam 1.500" in html
    assert "Brinde no aniversário" in html
    assert "Frete grátis<br>Fila própria" in html
    assert 'data-copy="https://loja.example/r/ana"' in html


def test_a_key_that_lacks_a_right_is_told_which(programme: Shop, manager_client: Client) -> None:
    programme.sandbox.switch(
        "missing_scope", "vip_tier:read", credential=programme.credential, vendor="smile"
    )
    jobs.sync_everywhere("vip_tiers")
    run = SyncRun.objects.filter(resource="vip_tiers").latest("pk")
    assert (run.reason, run.cause) == ("Misconfigured", "scope:vip_tier:read")
    sentence = (
        "A chave não tem a permissão vip_tier:read. Crie na plataforma uma chave com essa permissão e "
        "substitua as credenciais na integração."
    )
    assert explain(run.reason, run.cause) == sentence
    assert sentence in manager_client.get(f"/sincronizacao/historico/{run.pk}/").content.decode()


# --- Who may, and where it is found --------------------------------------------------------------------
PLACES = {"Produtos de pontos": "/produtos-de-pontos/", "Ofertas": "/ofertas/", "Resgates": "/resgates/"}


def places(client: Client) -> set[str]:
    html = client.get("/clientes/").content.decode()
    return {name for name, url in PLACES.items() if f'href="{url}"' in html}


def test_a_place_is_shown_where_some_programme_has_its_list(
    make_connection: Callable[..., Connection], manager_client: Client, sandbox: Any
) -> None:
    make_connection()
    assert places(manager_client) == set()
    shop = Shop(sandbox, "current")
    assert places(manager_client) == {"Produtos de pontos", "Resgates"}
    Connection.objects.filter(pk=shop.connection.pk).update(absent_lists=["fulfilments"])
    assert places(manager_client) == {"Produtos de pontos"}
    Connection.objects.filter(pk=shop.connection.pk).update(provider="smartpasses", absent_lists=[])
    assert places(manager_client) == {"Ofertas"}
    Connection.objects.filter(pk=shop.connection.pk).update(is_active=False)
    assert places(manager_client) == set()


def test_each_right_stands_for_itself() -> None:
    own = {Access.CHANGE_POINTS, Access.CHANGE_OFFERS, Access.DELETE_CUSTOMER}
    assert own <= ROLE_ACCESS[Role.OWNER]
    assert own <= ROLE_ACCESS[Role.MANAGER]
    assert not own & (ROLE_ACCESS[Role.CASHIER] | ROLE_ACCESS[Role.VIEWER])


def test_who_may_care_for_customers_may_not_change_points(
    shop: Shop, manager: Any, manager_client: Client
) -> None:
    group = Group.objects.get(name=Role.MANAGER)
    group.permissions.remove(group.permissions.get(codename="change_points"))
    address = f"/clientes/{shop.customer.pk}/pontos/"
    assert "Ajustar pontos" not in manager_client.get(address).content.decode()
    for page in ("pontos/ajustar/", "pontos/atividade/", "trocar/"):
        assert manager_client.get(f"/clientes/{shop.customer.pk}/{page}").status_code == 403
    assert shop.posts() == []
