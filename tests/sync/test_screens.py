"""The mirror's screens: what runs, asking for a run, stopping it, deciding about the brake."""

import re
from datetime import timedelta

from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from sandbox.testing import SandboxServer
from smartbis_admin.connections.models import Connection
from smartbis_admin.sync.engine import execute
from smartbis_admin.sync.engine.runs import next_run
from smartbis_admin.sync.models import SyncRun

State = SyncRun.State
OVERVIEW = "/sincronizacao/"


def _ask(client: Client, connection: Connection, **data: str) -> str:
    response = client.post(reverse("sync:request", args=[connection.pk]), data, follow=True)
    return response.content.decode()


def test_without_a_connection_the_page_says_how_to_begin(db: None, manager_client: Client) -> None:
    page = manager_client.get(OVERVIEW).content.decode()
    assert "Nenhuma integração ativa" in page
    assert reverse("connections:list") in page


def test_a_press_asks_for_the_list_once(
    sandbox: SandboxServer, connection: Connection, manager_client: Client
) -> None:
    for _press in range(2):
        assert "Sincronização pedida: categorias." in _ask(manager_client, connection, resource="categories")
    run = SyncRun.objects.get()
    assert (run.resource, run.state, run.trigger) == ("categories", State.REQUESTED, SyncRun.Trigger.MANUAL)
    sandbox.act("create_customer", name="Ana", cpf="52998224725", phone="11988880001")
    claimed = next_run(connection.pk)
    assert claimed is not None
    execute(claimed)
    assert "Concluída" in manager_client.get(OVERVIEW).content.decode()


def test_everything_is_asked_for_in_order(
    sandbox: SandboxServer, connection: Connection, manager_client: Client
) -> None:
    assert "Sincronização pedida para todas as listas." in _ask(manager_client, connection)
    asked = SyncRun.objects.order_by("pk").values_list("resource", flat=True)
    assert list(asked) == ["categories", "rewards", "customers", "vouchers"]


def test_a_list_that_does_not_exist_is_refused(
    sandbox: SandboxServer, connection: Connection, manager_client: Client
) -> None:
    assert "Esta lista não existe." in _ask(manager_client, connection, resource="pedidos")
    assert SyncRun.objects.count() == 0


def test_progress_is_shown_and_asks_for_itself_again(connection: Connection, manager_client: Client) -> None:
    SyncRun.objects.create(
        connection=connection,
        resource="customers",
        state=State.RUNNING,
        started_at=timezone.now(),
        heartbeat_at=timezone.now(),
        rows_seen=500,
        rows_expected=2000,
        pages=2,
    )
    page = manager_client.get(OVERVIEW).content.decode()
    assert 'max="100" value="25"' in page
    assert 'hx-trigger="every 2s"' in page
    part = manager_client.get(OVERVIEW, headers={"HX-Request": "true"}).content.decode()
    assert part.lstrip().startswith('<div id="sync-overview"')


def test_a_running_run_shows_its_own_progress_without_the_time_it_rested(
    connection: Connection, manager_client: Client
) -> None:
    now = timezone.now()
    run = SyncRun.objects.create(
        connection=connection,
        resource="customers",
        state=State.RUNNING,
        started_at=now - timedelta(seconds=110),
        rested=timedelta(seconds=100),
        heartbeat_at=now,
        rows_seen=500,
        rows_expected=2000,
        pages=2,
    )
    url = reverse("sync:run", args=[run.pk])
    assert f'hx-get="{url}" hx-trigger="every 2s"' in manager_client.get(url).content.decode()
    answer = manager_client.get(url, headers={"HX-Request": "true"})
    part = answer.content.decode()
    assert part.lstrip().startswith('<section class="card" id="run-figures"')
    rate = int(re.search(r"(\d+) linhas/s", part)[1])  # type: ignore[index]
    assert 35 <= rate <= 50
    assert "HX-Refresh" not in answer.headers
    SyncRun.objects.update(state=State.DONE)
    answer = manager_client.get(url, headers={"HX-Request": "true"})
    assert answer.headers["HX-Refresh"] == "true"
    assert "hx-trigger" not in answer.content.decode()


def test_nothing_running_asks_for_nothing(connection: Connection, manager_client: Client) -> None:
    assert "hx-trigger" not in manager_client.get(OVERVIEW, headers={"HX-Request": "true"}).content.decode()


def test_a_waiting_run_is_cancelled_at_once(connection: Connection, manager_client: Client) -> None:
    run = SyncRun.objects.create(connection=connection, resource="customers")
    manager_client.post(reverse("sync:cancel", args=[run.pk]))
    run.refresh_from_db()
    assert run.state == State.CANCELLED


def test_a_viewer_sees_and_changes_nothing(connection: Connection, viewer_client: Client) -> None:
    page = viewer_client.get(OVERVIEW).content.decode()
    assert "Sincronizar agora" not in page
    assert viewer_client.post(reverse("sync:request", args=[connection.pk])).status_code == 403
    assert SyncRun.objects.count() == 0


def test_the_brake_asks_before_it_withdraws(connection: Connection, manager_client: Client) -> None:
    run = SyncRun.objects.create(
        connection=connection,
        resource="customers",
        state=State.NEEDS_ATTENTION,
        reason="brake",
        rows_held=40,
        finished_at=timezone.now(),
    )
    page = manager_client.get(reverse("sync:run", args=[run.pk])).content.decode()
    assert "Nada foi retirado: confira no painel da plataforma e decida." in page
    asked = manager_client.post(reverse("sync:accept", args=[run.pk])).content.decode()
    assert "Retirar 40 linhas que sumiram da plataforma?" in asked
    run.refresh_from_db()
    assert run.state == State.NEEDS_ATTENTION


def test_pages_cost_the_same_however_many_runs_there_were(
    connection: Connection, manager_client: Client
) -> None:
    def cost(address: str) -> int:
        with CaptureQueriesContext(database) as queries:
            assert manager_client.get(address).status_code == 200
        return len(queries)

    def runs(count: int) -> None:
        for _number in range(count):
            SyncRun.objects.create(
                connection=connection, resource="customers", state=State.DONE, finished_at=timezone.now()
            )

    addresses = (OVERVIEW, reverse("sync:runs") + "?per_page=50")
    runs(2)
    for address in addresses:
        cost(address)
    few = [cost(address) for address in addresses]
    runs(38)
    assert [cost(address) for address in addresses] == few
