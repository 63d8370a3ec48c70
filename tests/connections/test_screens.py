"""The integrations: connect, test, replace credentials; each fault a clear sentence, no secret anywhere."""

import logging
import threading

import pytest
from django.db import connection as database
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from sandbox.testing import SandboxServer
from smartbis_admin.api import transport
from smartbis_admin.api.errors import Unreachable
from smartbis_admin.api.ports import Token
from smartbis_admin.connections.models import Connection, WireState
from smartbis_admin.connections.services import client_for, drop_token, note_error
from smartbis_admin.connections.wire import DatabaseTokenStore
from smartbis_admin.staff.models import AuditEvent


@pytest.fixture(autouse=True)
def _no_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    """Repeats of reads follow at once; how long they wait is the wire's own test."""
    monkeypatch.setattr(transport, "READ_WAITS", (0.0, 0.0, 0.0))


def _detail(connection: Connection) -> str:
    return reverse("connections:detail", args=[connection.pk])


def _test(client: Client, connection: Connection) -> str:
    response = client.post(reverse("connections:test", args=[connection.pk]))
    assert response.status_code == 200
    return response.content.decode()


def test_a_connection_is_made_and_its_secret_never_comes_back(
    sandbox: SandboxServer, manager_client: Client
) -> None:
    response = manager_client.post(
        reverse("connections:create", args=["smartbis"]),
        {
            "name": "Loja",
            "base_url": sandbox.base,
            "api_key": "sandbox-laravel",
            "api_secret": "sandbox-secret",
            "time_zone": "America/Sao_Paulo",
            "colour": "purple",
        },
    )
    connection = Connection.objects.get()
    assert response.url == _detail(connection)
    assert connection.credentials == {"api_key": "sandbox-laravel", "api_secret": "sandbox-secret"}
    for page in (
        _detail(connection),
        reverse("connections:list"),
        reverse("connections:edit", args=[connection.pk]),
    ):
        assert "sandbox-secret" not in manager_client.get(page).content.decode()
    assert "sandbox-secret" not in str(AuditEvent.objects.values_list("details", flat=True))
    with database.cursor() as cursor:
        cursor.execute("SELECT credentials FROM connections_connection")
        stored = bytes(cursor.fetchone()[0])
    assert b"sandbox" not in stored


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("http://api.smartbis.com/v2/", "Só aceitamos endereços https"),
        ("ftp://api.smartbis.com/v2/", "O endereço da API não é válido"),
        ("api.smartbis.com", "O endereço da API não é válido"),
        ("https://user:pw@api.smartbis.com/v2/", "O endereço da API não é válido"),
    ],
)
def test_an_address_that_cannot_be_right_is_refused_next_to_its_field(
    db: None, manager_client: Client, address: str, sentence: str
) -> None:
    response = manager_client.post(
        reverse("connections:create", args=["smartbis"]),
        {
            "name": "x",
            "base_url": address,
            "api_key": "k",
            "api_secret": "s",
            "time_zone": "America/Sao_Paulo",
            "colour": "purple",
        },
    )
    assert sentence in str(response.context["form"].errors["base_url"])
    assert Connection.objects.count() == 0


def test_testing_shows_what_each_list_answered(
    sandbox: SandboxServer, manager_client: Client, connection: Connection
) -> None:
    sandbox.reset("demo")
    page = _test(manager_client, connection)
    assert "A plataforma respondeu a todas as consultas." in page
    assert page.count("Funcionou") == 4
    connection.refresh_from_db()
    assert connection.last_ok_at is not None
    assert AuditEvent.objects.get(action="connection.tested").details == {"failed": []}


@pytest.mark.parametrize(
    ("fault", "sentence"),
    [
        ("html_200", "O endereço respondeu com uma página em vez de dados."),
        ("truncate_200", "A conexão com a plataforma caiu no meio da resposta."),
    ],
)
def test_each_fault_is_a_sentence(
    sandbox: SandboxServer, manager_client: Client, connection: Connection, fault: str, sentence: str
) -> None:
    sandbox.fault(fault, method="GET", times=60)
    page = _test(manager_client, connection)
    assert sentence in page
    assert "Traceback" not in page
    assert "Nem todas as consultas funcionaram." in page


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("http://127.0.0.1:9/v2/", "A plataforma não aceitou a conexão."),
        ("https://nao-existe.invalid/v2/", "O endereço da plataforma não foi encontrado."),
    ],
)
def test_an_unreachable_host_is_told_once(
    sandbox: SandboxServer, manager_client: Client, connection: Connection, address: str, sentence: str
) -> None:
    Connection.objects.update(base_url=address)
    page = _test(manager_client, connection)
    assert page.count("Falhou") == 1
    assert sentence in page


def test_wrong_credentials_stop_the_traffic_and_new_ones_let_it_flow(
    sandbox: SandboxServer, manager_client: Client, connection: Connection
) -> None:
    connection.credentials = {"api_key": "sandbox-laravel", "api_secret": "errado"}
    connection.save()
    assert "A plataforma não aceitou as credenciais." in _test(manager_client, connection)
    connection.refresh_from_db()
    assert connection.blocked_at is not None
    with pytest.raises(Exception, match="blocked"):
        client_for(connection)
    manager_client.post(
        reverse("connections:credentials", args=[connection.pk]),
        {"api_key": "sandbox-laravel", "api_secret": "sandbox-secret"},
    )
    connection.refresh_from_db()
    assert connection.blocked_at is None
    assert "A plataforma respondeu a todas as consultas." in _test(manager_client, connection)


def test_no_secret_is_logged(
    sandbox: SandboxServer, manager_client: Client, connection: Connection, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    _test(manager_client, connection)
    token = DatabaseTokenStore(connection.pk).get()
    assert token is not None
    for secret in ("sandbox-secret", token.value):
        assert secret not in caplog.text


@pytest.mark.django_db(transaction=True)
def test_many_processes_renew_the_token_once(sandbox: SandboxServer, connection: Connection) -> None:
    drop_token(connection)
    made: list[str] = []
    barrier, inside = threading.Barrier(8), threading.Event()

    def fetch() -> Token:
        made.append("token")
        inside.wait(0.3)
        return client_for(connection).fetch_token()

    def one() -> None:
        barrier.wait()
        try:
            DatabaseTokenStore(connection.pk).renew(None, fetch)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=one) for _number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert made == ["token"]
    assert WireState.objects.get(pk=connection.pk).renewing_until is None


def test_the_list_costs_the_same_for_two_and_forty(
    sandbox: SandboxServer, manager_client: Client, connection: Connection
) -> None:
    def cost() -> int:
        with CaptureQueriesContext(database) as queries:
            assert manager_client.get(reverse("connections:list")).status_code == 200
        return len(queries)

    Connection.objects.create(name="b", base_url=sandbox.base)
    two = cost()
    for number in range(38):
        Connection.objects.create(name=f"c{number}", base_url=sandbox.base)
    assert cost() == two


def test_an_error_after_the_last_answer_is_shown(manager_client: Client, connection: Connection) -> None:
    note_error(connection, Unreachable(reason="timeout"))
    page = manager_client.get(reverse("connections:list")).content.decode()
    assert "A plataforma demorou demais para responder." in page
