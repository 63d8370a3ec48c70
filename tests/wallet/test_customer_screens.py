"""The screens about customers of a wallet programme: exact words, every outcome, nothing sent by looking."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from customers.models import Customer
from customers.wallet.models import Card
from sandbox.testing import SandboxServer
from smartbis_admin.connections.models import Connection
from smartbis_admin.connections.providers import Provider
from smartbis_admin.ui.qr import qr_svg
from smartbis_admin.writes.models import Write
from tests.customers.conftest import said
from tests.wallet.conftest import PHONE, VENDOR, opened, sent

#: Words, access and the wire: nothing here differs from one database to the other.
pytestmark = pytest.mark.one_database

CREATE = reverse("wallet:create")
BIA = {"first_name": "Bia", "last_name": "Costa", "phone": "(11) 97777-0002", "email": ""}
DOUBT = "A confirmar – não repita. O resultado aparece aqui assim que for conhecido."


def address(name: str, customer: Customer) -> str:
    return reverse(name, args=[customer.pk])


def errors(response: Any) -> dict[str, list[str]]:
    return dict(response.context["form"].errors)


def test_a_customer_is_created_and_their_card_shown(
    wallet: Connection, sandbox: SandboxServer, manager_client: Client
) -> None:
    response = manager_client.post(CREATE, opened(manager_client, CREATE, **BIA))
    bia = Customer.objects.get()
    assert (response["Location"], said(response)) == (
        address("customers:detail", bia), ["Cliente cadastrado na plataforma."],
    )  # fmt: skip
    assert bia.phone == "+5511977770002"
    page = manager_client.get(response["Location"]).content.decode()
    card = Card.objects.get()
    assert f'href="{card.url}"' in page
    assert str(qr_svg(card.url)) in page
    assert card.serial_key == f"S{bia.remote_id}"
    assert f'href="{address("wallet:points", bia)}"' in page
    assert sent(sandbox) == [("POST", "customers", True)]


def test_a_taken_phone_is_said_beside_the_field_with_whose_it_is(
    wallet: Connection, ana: Customer, sandbox: SandboxServer, manager_client: Client
) -> None:
    response = manager_client.post(CREATE, opened(manager_client, CREATE, **BIA | {"phone": PHONE}))
    assert errors(response) == {"phone": ["Este telefone já é de outro cliente da carteira."]}
    assert f'<a href="{address("customers:detail", ana)}">Ana Prado</a>' in response.content.decode()
    assert sent(sandbox) == [("POST", "customers", False)]


@pytest.mark.parametrize(
    ("typed", "wrong"),
    [
        ({"first_name": ""}, {"first_name": ["Informe o nome."]}),
        ({"phone": ""}, {"phone": ["Informe o telefone ou o e-mail."]}),
        ({"phone": "97777"}, {"phone": ["Escreva o telefone com DDD, como (11) 98888-0001."]}),
    ],
)
def test_what_cannot_be_right_is_not_sent(
    wallet: Connection,
    sandbox: SandboxServer,
    manager_client: Client,
    typed: dict[str, str],
    wrong: dict[str, list[str]],
) -> None:
    response = manager_client.post(CREATE, opened(manager_client, CREATE, **BIA | typed))
    assert errors(response) == wrong
    assert sent(sandbox) == []
    assert not Write.objects.exists()


def test_only_what_differs_is_changed(
    wallet: Connection, ana: Customer, sandbox: SandboxServer, manager_client: Client
) -> None:
    page = address("wallet:edit", ana)
    form = opened(manager_client, page)
    assert errors(manager_client.post(page, form)) == {"__all__": ["Nada mudou: não há o que enviar."]}
    assert sent(sandbox) == []
    form = opened(manager_client, page, last_name="Lima")
    for _press in range(2):
        response = manager_client.post(page, form)
        assert response["Location"] == address("customers:detail", ana)
    assert Write.objects.get().payload == {"customer_remote_id": ana.remote_id, "last_name": "Lima"}
    assert sent(sandbox) == [("PUT", ana.remote_id, True)]


def test_only_the_whole_name_deletes(
    wallet: Connection, ana: Customer, sandbox: SandboxServer, manager_client: Client
) -> None:
    page = address("wallet:delete", ana)
    response = manager_client.post(page, opened(manager_client, page, name="Ana"))
    assert errors(response) == {"name": ["Não é o nome deste cliente. Nada foi excluído."]}
    assert sent(sandbox) == []
    response = manager_client.post(page, opened(manager_client, page, name=" ana  prado "))
    assert said(response) == ["Cliente excluído na plataforma."]
    ana.refresh_from_db()
    assert ana.withdrawn_at is not None
    assert manager_client.get(page).status_code == 404
    assert manager_client.get(response["Location"]).status_code == 200


def test_points_are_added_never_taken(
    wallet: Connection, ana: Customer, sandbox: SandboxServer, manager_client: Client
) -> None:
    page = address("wallet:points", ana)
    assert "A plataforma só soma: não existe operação para tirar pontos." in (
        manager_client.get(page).content.decode()
    )
    response = manager_client.post(page, opened(manager_client, page, points="-5"))
    assert errors(response) == {"points": ["A plataforma só soma pontos: informe um número maior que zero."]}
    assert sent(sandbox) == []
    response = manager_client.post(page, opened(manager_client, page, points="5"))
    ana.refresh_from_db()
    assert (said(response), ana.points_balance) == (["Pontos adicionados na plataforma."], 35)


@pytest.mark.parametrize(
    ("name", "typed"),
    [("edit", {"last_name": "Lima"}), ("delete", {"name": "Ana Prado"}), ("points", {"points": "5"})],
)
def test_a_lost_answer_is_said_as_such_and_holds_back_the_next(
    wallet: Connection,
    ana: Customer,
    sandbox: SandboxServer,
    manager_client: Client,
    name: str,
    typed: dict[str, str],
) -> None:
    page = address(f"wallet:{name}", ana)
    for method in ("PUT", "DELETE", "POST"):
        sandbox.fault("drop_before", method=method, vendor=VENDOR)
    response = manager_client.post(page, opened(manager_client, page, **typed))
    assert said(response) == [DOUBT]
    assert "A confirmar – não repita" in manager_client.get(page).content.decode()
    response = manager_client.post(page, opened(manager_client, page, **typed))
    assert errors(response) == {
        "__all__": [
            "Outro envio sobre o mesmo assunto ainda está a confirmar. Espere o resultado – não repita."
        ]
    }
    assert [row[2] for row in sent(sandbox)] == [False]


def test_somebody_without_the_permission_changes_nothing(
    wallet: Connection, ana: Customer, sandbox: SandboxServer, viewer_client: Client
) -> None:
    for name in ("edit", "delete", "points"):
        assert viewer_client.post(address(f"wallet:{name}", ana), {}).status_code == 403
        assert address(f"wallet:{name}", ana) not in (
            viewer_client.get(address("customers:detail", ana)).content.decode()
        )
    assert sent(sandbox) == []
    assert not Write.objects.exists()


def test_with_several_programmes_each_says_where_its_customers_are_registered(
    wallet: Connection, make_connection: Callable[..., Connection], manager_client: Client
) -> None:
    assert "Em qual programa?" not in manager_client.get(CREATE).content.decode()
    store = make_connection(programme="Lojas")
    Connection.objects.create(provider=Provider.SMILE, name="Loja virtual", base_url="https://api.invalid/")
    by_cpf = reverse("customers:create")
    for page, other in ((CREATE, by_cpf), (by_cpf, CREATE)):
        text = manager_client.get(page).content.decode()
        assert "Em qual programa?" in text
        assert f'<a href="{other}">' in text
        assert "os clientes entram pela loja virtual; a plataforma não os cadastra por aqui" in text
    assert list(manager_client.get(by_cpf).context["form"].fields["connection"].queryset) == [store]
    assert list(manager_client.get(CREATE).context["form"].fields["connection"].queryset) == [wallet]
