"""What `manage.py demo` connects: every platform of the sandbox, which then knows where we are. Safe to run again."""

import pytest
from django.core.management import call_command

from customers.bridge.models import Bridge
from sandbox.testing import POS_CLIENT, WHATSAPP_NUMBER, SandboxServer
from smartbis_admin.connections.doors import door_address
from smartbis_admin.connections.models import Connection
from smartbis_admin.connections.providers import Provider
from smartbis_admin.connections.services import client_for
from smartbis_admin.sync.models import SyncRun


@pytest.fixture
def demo(db: None, sandbox: SandboxServer, settings: object) -> None:
    settings.DEMO, settings.SANDBOX_URL = True, sandbox.url  # type: ignore[attr-defined]
    call_command("demo")
    call_command("demo")


def test_every_platform_is_connected_once(demo: None) -> None:
    assert sorted(Connection.objects.values_list("provider", flat=True)) == sorted(Provider)
    asked = set(SyncRun.objects.values_list("connection__provider", flat=True))
    assert asked == {"smartbis", "smartpasses", "smile"}
    bridge = Bridge.objects.get()
    assert (bridge.target.provider, bridge.mode, bridge.mode_by.email) == (
        "smartbis",
        Bridge.Mode.REGISTER,
        "manager@demo.test",
    )


def test_the_sandbox_knows_where_we_are(demo: None, sandbox: SandboxServer) -> None:
    for provider, credential, event in (
        (Provider.SMARTPOS, POS_CLIENT, "ping"),
        (Provider.WHATSAPP, WHATSAPP_NUMBER, "message"),
    ):
        if provider is Provider.SMARTPOS:
            sandbox.act("ping", vendor=provider.value, credential=credential)
        else:
            sandbox.act(
                "receive", vendor=provider.value, credential=credential, phone="5511988880001", text="x"
            )
        connection = Connection.objects.get(provider=provider)
        [sent] = sandbox.act("deliveries", vendor=provider.value, credential=credential)
        assert (sent["event"], sent["url"]) == (event, door_address(connection))


def test_a_sandbox_that_is_not_there_is_said(
    db: None, settings: object, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    settings.DEMO, settings.SANDBOX_URL = True, "http://127.0.0.1:9"  # type: ignore[attr-defined]
    monkeypatch.setattr("customers.management.commands.demo.SANDBOX_STARTS", 0)
    call_command("demo")
    assert capsys.readouterr().err.splitlines() == [
        f"{vendor}: the sandbox was not told our address; run this command again"
        for vendor in ("smartpos", "whatsapp")
    ]


def test_the_connections_answer(demo: None) -> None:
    for provider in (Provider.SMARTPOS, Provider.WHATSAPP):
        connection = Connection.objects.get(provider=provider)
        client = client_for(connection, interactive=True)
        for reading in connection.spec.readings:
            assert client.probe(reading).status == 200
