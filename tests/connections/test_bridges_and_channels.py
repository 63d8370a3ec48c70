"""SmartPOS and WhatsApp among the integrations: connecting, trying, what is shown once, and who may."""

import re

import pytest
from django.db import connection as database
from django.test import Client
from django.urls import reverse

from customers.bridge.models import Bridge
from sandbox.testing import (
    POS_CLIENT,
    POS_SECRET,
    WHATSAPP_APP_SECRET,
    WHATSAPP_NUMBER,
    WHATSAPP_TOKEN,
    SandboxServer,
)
from smartbis_admin.api import transport
from smartbis_admin.connections.doors import door_address, door_token
from smartbis_admin.connections.models import Connection
from smartbis_admin.connections.providers import Provider
from smartbis_admin.connections.push_secrets import SecretState, make_push_secret, state_of
from smartbis_admin.connections.services import create_connection
from smartbis_admin.staff.models import AuditEvent, User
from tests.conftest import signed_in

POS = {"client_id": POS_CLIENT, "client_secret": POS_SECRET}
WHATSAPP = {
    "phone_number_id": WHATSAPP_NUMBER,
    "access_token": WHATSAPP_TOKEN,
    "app_secret": WHATSAPP_APP_SECRET,
}


@pytest.fixture(autouse=True)
def _no_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "READ_WAITS", (0.0, 0.0, 0.0))


@pytest.fixture
def bridge(db: None, sandbox: SandboxServer) -> Connection:
    """A connection to the sandbox's bridge, without a push secret."""
    return create_connection(
        by=None,
        provider=Provider.SMARTPOS,
        name="Maquininhas",
        base_url=f"{sandbox.url}/smartpos/",
        credentials=POS,
    )


@pytest.fixture
def whatsapp(db: None, sandbox: SandboxServer) -> Connection:
    """A connection to the sandbox's WhatsApp."""
    return create_connection(
        by=None,
        provider=Provider.WHATSAPP,
        name="Número da loja",
        base_url=f"{sandbox.url}/whatsapp/v21.0/",
        credentials=WHATSAPP,
    )


def page(client: Client, name: str, connection: Connection | None = None) -> str:
    response = client.get(reverse(f"connections:{name}", args=[connection.pk] if connection else []))
    assert response.status_code == 200
    return response.content.decode()


def act(client: Client, name: str, connection: Connection, **data: str) -> str:
    response = client.post(reverse(f"connections:{name}", args=[connection.pk]), data)
    assert response.status_code == 200
    return response.content.decode()


# --- The list -----------------------------------------------------------------------------------------------
def test_every_platform_has_a_card_that_connects_it(manager_client: Client, db: None) -> None:
    content = page(manager_client, "list")
    for provider in Provider:
        assert f"Conectar {provider.label}" in content
        assert reverse("connections:create", args=[provider.value]) in content
    assert content.count("platform-row") == 0


def test_a_connected_bridge_shows_what_came_last(
    manager_client: Client, bridge: Connection, whatsapp: Connection
) -> None:
    content = page(manager_client, "list")
    assert content.count("platform-row") == 2
    assert content.count("ainda não houve") == 4
    assert "Conectar outra conta SmartPOS" in content
    set_up = Bridge(connection=bridge)
    set_up.last_event_at = set_up.pulled_at = bridge.created_at
    set_up.save()
    assert page(manager_client, "list").count("ainda não houve") == 2


# --- Connecting ---------------------------------------------------------------------------------------------
def test_connecting_the_bridge_asks_for_nothing_of_a_programme(
    manager_client: Client, sandbox: SandboxServer
) -> None:
    address = reverse("connections:create", args=["smartpos"])
    form = manager_client.get(address).context["form"]
    assert list(form.fields) == ["name", "base_url", "client_id", "client_secret", "time_zone"]
    given = {"name": "Maquininhas", "base_url": f"{sandbox.url}/smartpos", "time_zone": "America/Sao_Paulo"}
    manager_client.post(address, given | POS)
    connection = Connection.objects.get()
    assert (connection.provider, connection.credentials) == ("smartpos", POS)
    assert connection.lists == []
    edit = manager_client.get(reverse("connections:edit", args=[connection.pk])).context["form"]
    assert list(edit.fields) == ["name", "base_url", "time_zone", "is_active"]


def test_connecting_whatsapp_shows_address_and_verify_token_and_no_other_secret(
    manager_client: Client, sandbox: SandboxServer
) -> None:
    given = {"name": "Zap", "base_url": f"{sandbox.url}/whatsapp/v21.0", "time_zone": "America/Sao_Paulo"}
    manager_client.post(reverse("connections:create", args=["whatsapp"]), given | WHATSAPP)
    connection = Connection.objects.get()
    token = connection.credentials["verify_token"]
    assert len(token) == 32
    content = page(manager_client, "detail", connection)
    assert token in content
    assert f"/api/whatsapp/{door_token(connection)}/" in content
    for secret in ("access_token", "app_secret"):
        assert WHATSAPP[secret] not in content
    # New credentials leave the token that Meta already knows as it is.
    manager_client.post(
        reverse("connections:credentials", args=[connection.pk]), WHATSAPP | {"access_token": "outro"}
    )
    connection.refresh_from_db()
    assert connection.credentials == WHATSAPP | {"access_token": "outro", "verify_token": token}


def test_the_public_address_is_the_servers_own(bridge: Connection, settings: object) -> None:
    settings.PUBLIC_URL = "https://loja.example.com"  # type: ignore[attr-defined]
    assert door_address(bridge) == f"https://loja.example.com/api/smartpos/{door_token(bridge)}/"


def test_a_programme_has_no_door(manager_client: Client, connection: Connection) -> None:
    assert door_address(connection) == ""
    assert "O que cadastrar na plataforma" not in page(manager_client, "detail", connection)
    assert manager_client.post(reverse("connections:push_secret", args=[connection.pk])).status_code == 404
    connection.refresh_from_db()
    assert "push_secret" not in connection.credentials


# --- Trying -------------------------------------------------------------------------------------------------
def test_trying_the_bridge(manager_client: Client, sandbox: SandboxServer, bridge: Connection) -> None:
    content = act(manager_client, "test", bridge)
    assert "A plataforma respondeu a todas as consultas." in content
    for label in ("Vendas das maquininhas", "Maquininhas", "Clientes do SmartPOS"):
        assert label in content
    assert content.count("Funcionou") == 3
    bridge.refresh_from_db()
    assert bridge.last_ok_at is not None
    assert bridge.absent_lists == []


def test_trying_the_number(manager_client: Client, sandbox: SandboxServer, whatsapp: Connection) -> None:
    content = act(manager_client, "test", whatsapp)
    assert "A plataforma respondeu a todas as consultas." in content
    assert "Número de WhatsApp" in content


def test_a_number_that_is_not_theirs_is_told(manager_client: Client, whatsapp: Connection) -> None:
    whatsapp.credentials |= {"phone_number_id": "999"}
    whatsapp.save()
    assert "A plataforma não conhece este número." in act(manager_client, "test", whatsapp)
    whatsapp.refresh_from_db()
    assert (whatsapp.last_error, whatsapp.blocked_at) == ("Misconfigured", None)


@pytest.mark.parametrize("fixture", ["bridge", "whatsapp"])
def test_wrong_credentials_stop_the_traffic(
    request: pytest.FixtureRequest, manager_client: Client, fixture: str
) -> None:
    connection: Connection = request.getfixturevalue(fixture)
    connection.credentials |= {"client_secret": "errado", "access_token": "errado"}
    connection.save()
    content = act(manager_client, "test", connection)
    assert "A plataforma não aceitou as credenciais." in content
    assert content.count("Falhou") == 1
    connection.refresh_from_db()
    assert connection.blocked_at is not None


# --- The push secret ------------------------------------------------------------------------------------------
def shown(content: str) -> str:
    """The secret a page shows."""
    [secret] = re.findall(r"<code>([A-Za-z0-9_-]{43})</code>", content)
    return str(secret)


def test_a_secret_is_shown_once_and_changed_without_a_gap(manager_client: Client, bridge: Connection) -> None:
    assert "Nenhum: toda entrega é recusada." in page(manager_client, "detail", bridge)
    first = shown(act(manager_client, "push_secret", bridge))
    bridge.refresh_from_db()
    assert bridge.credentials == POS | {"push_secret": first}
    content = page(manager_client, "detail", bridge)
    assert first not in content
    assert "Um segredo em uso" in content
    lost = shown(act(manager_client, "push_secret", bridge))
    second = shown(act(manager_client, "push_secret", bridge))
    assert len({first, lost, second}) == 3
    bridge.refresh_from_db()
    assert bridge.credentials == POS | {"push_secret": first, "push_secret_next": second}
    assert "Em troca" in page(manager_client, "detail", bridge)
    question = act(manager_client, "retire_secret", bridge)
    assert "passarão a ser recusadas" in question
    bridge.refresh_from_db()
    assert state_of(bridge) is SecretState.CHANGING
    address = reverse("connections:retire_secret", args=[bridge.pk])
    assert manager_client.post(address, {"confirmed": "1"}).status_code == 302
    bridge.refresh_from_db()
    assert bridge.credentials == POS | {"push_secret": second}
    # Once more: there is nothing to retire, and the one in use stays.
    manager_client.post(address, {"confirmed": "1"})
    bridge.refresh_from_db()
    assert bridge.credentials == POS | {"push_secret": second}
    assert list(AuditEvent.objects.order_by("pk").values_list("action", flat=True)) == [
        "connection.created",
        *["connection.push_secret_made"] * 3,
        "connection.push_secret_retired",
    ]
    assert not {first, lost, second} & set(
        re.findall(r"[\w-]{43}", str(AuditEvent.objects.values_list("details")))
    )
    with database.cursor() as cursor:
        cursor.execute("SELECT credentials FROM connections_connection")
        assert second.encode() not in bytes(cursor.fetchone()[0])


def test_the_page_with_the_secret_is_kept_nowhere(manager_client: Client, bridge: Connection) -> None:
    response = manager_client.post(reverse("connections:push_secret", args=[bridge.pk]))
    assert "no-store" in response["Cache-Control"]
    assert manager_client.get(reverse("connections:push_secret", args=[bridge.pk])).status_code == 405


def test_new_credentials_keep_the_push_secret(
    manager_client: Client, manager: User, bridge: Connection
) -> None:
    secret = make_push_secret(connection=bridge, by=manager)
    manager_client.post(reverse("connections:credentials", args=[bridge.pk]), POS | {"client_secret": "novo"})
    bridge.refresh_from_db()
    assert bridge.credentials == POS | {"client_secret": "novo", "push_secret": secret}


@pytest.mark.parametrize("name", ["push_secret", "retire_secret"])
def test_nobody_else_makes_or_retires_a_secret(
    cashier: User, viewer: User, stranger: User, manager: User, bridge: Connection, name: str
) -> None:
    make_push_secret(connection=bridge, by=manager)
    make_push_secret(connection=bridge, by=manager)
    before = dict(bridge.credentials)
    address = reverse(f"connections:{name}", args=[bridge.pk])
    for person in (cashier, viewer, stranger):
        assert signed_in(person).post(address, {"confirmed": "1"}).status_code == 403
    assert Client().post(address, {"confirmed": "1"}).status_code == 302
    bridge.refresh_from_db()
    assert bridge.credentials == before
