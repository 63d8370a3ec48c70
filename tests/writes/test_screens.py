"""The in-doubt inbox as a manager uses it."""

import uuid

import pytest
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from rewards.services import create_category
from sandbox.testing import SandboxServer
from smartbis_admin.connections.models import Connection
from smartbis_admin.staff.models import User
from smartbis_admin.writes.models import Write

State = Write.State


def _in_doubt(connection: Connection, actor: User, name: str = "Bebidas") -> Write:
    return Write.objects.create(
        connection=connection,
        kind="create_category",
        payload={"name": name},
        subject=f"category:{name.casefold()}",
        actor=actor,
        state=State.IN_DOUBT,
        attempts=1,
    )


def test_an_empty_inbox_says_what_would_appear(manager_client: Client) -> None:
    page = manager_client.get(reverse("writes:in_doubt")).content.decode()
    assert "Nada a confirmar" in page


def test_the_inbox_shows_what_is_in_doubt_and_its_number_in_the_menu(
    sandbox: SandboxServer, connection: Connection, manager: User, manager_client: Client
) -> None:
    sandbox.fault("drop_after", method="POST", path="categories")
    write = create_category(id=uuid.uuid4(), connection=connection, name="Bebidas", actor=manager)
    page = manager_client.get(reverse("writes:in_doubt")).content.decode()
    assert reverse("writes:detail", args=[write.pk]) in page
    assert '<span class="nav-badge">1</span>' in page
    detail = manager_client.get(reverse("writes:detail", args=[write.pk])).content.decode()
    assert "Não repita a operação" in detail
    assert "Bebidas" in detail


def test_asking_the_platform_settles_what_the_evidence_shows(
    sandbox: SandboxServer, connection: Connection, manager: User, manager_client: Client
) -> None:
    sandbox.fault("drop_after", method="POST", path="categories")
    write = create_category(id=uuid.uuid4(), connection=connection, name="Bebidas", actor=manager)
    response = manager_client.post(reverse("writes:look", args=[write.pk]), follow=True)
    assert "Resolvido: Feito." in response.content.decode()
    write.refresh_from_db()
    assert write.state == State.DONE
    assert "Está na lista da plataforma" in response.content.decode()


def test_a_person_decides_with_a_reason(
    connection: Connection, manager: User, manager_client: Client
) -> None:
    write = _in_doubt(connection, manager)
    address = reverse("writes:settle", args=[write.pk])
    refused = manager_client.post(address, {"state": "done", "reason": ""})
    assert "Escreva como você sabe o que aconteceu." in refused.content.decode()
    write.refresh_from_db()
    assert write.state == State.IN_DOUBT
    done = manager_client.post(address, {"state": "done", "reason": "Está no painel."}, follow=True)
    write.refresh_from_db()
    assert (write.state, write.settled_by, write.settled_reason) == (State.DONE, manager, "Está no painel.")
    assert "Está no painel." in done.content.decode()


def test_what_is_settled_cannot_be_settled_again(
    connection: Connection, manager: User, manager_client: Client
) -> None:
    write = _in_doubt(connection, manager)
    Write.objects.update(state=State.NOT_DONE)
    response = manager_client.post(
        reverse("writes:settle", args=[write.pk]), {"state": "done", "reason": "Está no painel."}
    )
    assert "Este envio já foi resolvido. Nada mudou agora." in response.content.decode()
    write.refresh_from_db()
    assert (write.state, write.settled_by) == (State.NOT_DONE, None)


@pytest.mark.parametrize("route", ["writes:look", "writes:settle", "writes:release"])
def test_a_viewer_changes_nothing(
    connection: Connection, manager: User, viewer_client: Client, route: str
) -> None:
    write = _in_doubt(connection, manager)
    response = viewer_client.post(reverse(route, args=[write.pk]), {"state": "done", "reason": "x"})
    assert response.status_code == 403
    write.refresh_from_db()
    assert (write.state, write.settled_by, write.released_at) == (State.IN_DOUBT, None, None)


def test_the_list_costs_the_same_for_two_and_forty(
    connection: Connection, manager: User, manager_client: Client
) -> None:
    def cost() -> int:
        with CaptureQueriesContext(database) as queries:
            assert manager_client.get(reverse("writes:in_doubt") + "?per_page=50").status_code == 200
        return len(queries)

    for number in range(2):
        _in_doubt(connection, manager, f"a{number}")
    cost()
    two = cost()
    for number in range(38):
        _in_doubt(connection, manager, f"b{number}")
    assert cost() == two
