"""Acts on many rows: what is picked is what is previewed, done once, and taken back; nobody reaches further."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection as database
from django.db import transaction
from django.http import HttpResponse
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from smartbis_admin.staff.models import AuditEvent, User
from smartbis_admin.ui import tasks
from smartbis_admin.ui.bulk import jobs
from smartbis_admin.ui.models import BulkJob

LIST = "/demo/?q=grupo"
pytestmark = pytest.mark.django_db


@pytest.fixture
def group(make_person: Callable[..., User]) -> list[User]:
    """Five people the filter finds; the last is blocked already."""
    made = [make_person(f"grupo{number}") for number in range(5)]
    User.objects.filter(pk=made[4].pk).update(is_active=False)
    return made


def pick(client: Client, act: str, rows: Any = (), url: str = LIST, **more: str) -> HttpResponse:
    return client.post(
        url, {"act": act, "row": [row if isinstance(row, str) else row.pk for row in rows], **more}
    )


def begin(client: Client, rows: Any = (), **more: str) -> tuple[str, BulkJob]:
    """A job whose form is answered: blocking."""
    response = pick(client, "demo.set_blocked", rows, **more)
    assert response.status_code == 302, response.content
    address = response["Location"]
    client.post(address, {"step": "values", "blocked": "on"})
    return address, BulkJob.objects.get()


def active() -> list[str]:
    return list(
        User.objects.filter(is_active=True, email__startswith="grupo")
        .order_by("pk")
        .values_list("first_name", flat=True)
    )


def test_what_was_picked_is_previewed_done_and_taken_back(
    group: list[User], manager: User, manager_client: Client
) -> None:
    address, job = begin(manager_client, [group[0], group[4], group[2]])
    assert (job.state, job.user, job.list_url) == ("draft", manager, LIST)
    page = manager_client.get(address).content.decode()
    for text in ("Bloquear pessoas", "Vai acontecer com 2 linhas.", "Grupo0", "já estão assim", "Grupo4"):
        assert text in page
    assert active() == ["Grupo0", "Grupo1", "Grupo2", "Grupo3"]
    assert not AuditEvent.objects.exists()

    manager_client.post(address, {"step": "start"})
    job.refresh_from_db()
    assert (job.state, job.left_out) == ("done", {"same": 1})
    assert job.changed == [str(group[0].pk), str(group[2].pk)]
    assert active() == ["Grupo1", "Grupo3"]
    assert "2 linhas alteradas." in manager_client.get(address).content.decode()

    manager_client.post(address, {"step": "start"})  # the same press twice
    manager_client.post(address, {"step": "undo"})
    manager_client.post(address, {"step": "undo"})
    job.refresh_from_db()
    assert (job.state, active()) == ("undone", ["Grupo0", "Grupo1", "Grupo2", "Grupo3"])
    events = AuditEvent.objects.order_by("pk").values_list("actor", "action", "subject", "details")
    assert list(events) == [
        (manager.pk, "bulk.started", f"bulk:{job.pk}", {"act": "demo.set_blocked", "rows": 3}),
        (manager.pk, "bulk.undone", f"bulk:{job.pk}", {"act": "demo.set_blocked", "rows": 2}),
    ]


def test_everything_is_what_the_filter_finds_up_to_the_limit(
    group: list[User], manager_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    _address, job = begin(manager_client, everything="1")
    assert job.pks == [str(person.pk) for person in group]
    assert not job.has_more
    BulkJob.objects.all().delete()
    monkeypatch.setattr(jobs, "MOST", 3)
    address, job = begin(manager_client, everything="1")
    assert (job.pks, job.has_more) == ([str(person.pk) for person in group[:3]], True)
    assert "só as primeiras 3 linhas, na ordem da lista" in manager_client.get(address).content.decode()


def test_rows_outside_the_list_cannot_be_picked(
    group: list[User], manager: User, manager_client: Client
) -> None:
    for rows in ([manager], ["x"], ["-1"], []):
        response = pick(manager_client, "demo.set_blocked", rows)
        assert (response.status_code, response["Location"]) == (302, LIST)
    assert not BulkJob.objects.exists()
    assert pick(manager_client, "demo.unknown", group).status_code == 302
    assert not BulkJob.objects.exists()


def test_an_act_needs_its_permission_from_the_button_to_the_job(
    group: list[User], manager: User, manager_client: Client, viewer_client: Client, owner_client: Client
) -> None:
    page = viewer_client.get(LIST).content.decode()
    assert ("demo.name" in page, "demo.set_blocked" in page) == (True, False)
    assert pick(viewer_client, "demo.set_blocked", group).status_code == 302
    assert not BulkJob.objects.exists()
    address, _job = begin(manager_client, group)
    assert owner_client.post(address, {"step": "start"}).status_code == 404  # somebody else's
    manager.groups.clear()
    assert manager_client.get(address).status_code == 403
    assert manager_client.post(address, {"step": "start"}).status_code == 403
    assert len(active()) == 4


def test_nothing_happens_before_the_form_is_answered_and_it_can_be_changed(
    group: list[User], manager_client: Client
) -> None:
    address = pick(manager_client, "demo.set_blocked", group)["Location"]
    manager_client.post(address, {"step": "start"})
    assert "Ver o que acontece" in manager_client.get(address).content.decode()
    manager_client.post(address, {"step": "values"})
    assert "Liberar pessoas" in manager_client.get(address).content.decode()
    manager_client.post(address, {"step": "change"})
    assert "Ver o que acontece" in manager_client.get(address).content.decode()
    assert BulkJob.objects.get().state == "draft"
    assert len(active()) == 4


def test_an_answer_and_an_export_take_the_picked_rows_in_order(
    group: list[User], manager: User, manager_client: Client
) -> None:
    assert pick(manager_client, "demo.name", [group[3], group[1]]).content == b"Grupo1,Grupo3"
    assert pick(manager_client, "demo.name", everything="1").content.count(b",") == 4
    response: Any = pick(manager_client, "csv", [group[3], group[1]])
    lines = b"".join(response.streaming_content).decode().splitlines()
    assert [line.split(";")[0] for line in lines] == ["\ufeffPrimeiro nome", "Grupo1", "Grupo3"]
    event = AuditEvent.objects.get()
    assert (event.actor, event.action, event.subject, event.details) == (
        manager,
        "list.exported",
        "list:demo:list",
        {"format": "csv", "filters": ["q"], "picked": True},
    )


def test_a_list_without_acts_takes_no_post(owner_client: Client) -> None:
    assert owner_client.post(reverse("staff:store_list")).status_code == 405


def test_a_large_job_goes_piece_by_piece_and_an_error_loses_nothing(
    group: list[User], manager_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(jobs, "PIECE", 2)
    rung: list[str] = []
    monkeypatch.setattr(jobs.current_app, "send_task", lambda name, args, **_: rung.append(args[0]))
    address, job = begin(manager_client, group)
    User.objects.filter(pk=group[2].pk).update(first_name="Boom")
    manager_client.post(address, {"step": "start"})
    assert rung == [str(job.pk)]
    assert "0 de 5 linhas vistas" in manager_client.get(address).content.decode()
    with pytest.raises(RuntimeError):
        tasks.work_bulk(rung[0])
    job.refresh_from_db()
    assert (job.state, job.position, len(job.changed)) == ("stopped", 2, 2)
    assert len(active()) == 2  # the piece that failed left nothing
    assert "interrompeu o trabalho na linha 2 de 5" in manager_client.get(address).content.decode()

    User.objects.filter(pk=group[2].pk).update(first_name="Calma")
    manager_client.post(address, {"step": "start"})
    tasks.work_bulk(rung[1])
    tasks.work_bulk(rung[1])  # a message twice
    job.refresh_from_db()
    assert (job.state, job.position, len(job.changed), job.left_out) == ("done", 5, 4, {"same": 1})
    assert active() == []
    assert AuditEvent.objects.filter(action="bulk.started").count() == 1


def test_rows_deleted_meanwhile_are_left_out(group: list[User], manager_client: Client) -> None:
    address, job = begin(manager_client, group[:2])
    group[0].delete()
    assert "não existem mais" in manager_client.get(address).content.decode()
    manager_client.post(address, {"step": "start"})
    job.refresh_from_db()
    assert (job.changed, job.left_out) == ([str(group[1].pk)], {"gone": 1})


def test_the_sweeper_rings_for_the_forgotten_and_forgets_the_old(
    group: list[User], manager_client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    rung: list[str] = []
    monkeypatch.setattr(jobs.current_app, "send_task", lambda name, args, **_: rung.append(args[0]))
    _address, job = begin(manager_client, group)
    now = timezone.now()
    job_of = BulkJob.objects.filter(pk=job.pk)
    job_of.update(state="running", heartbeat_at=now - timedelta(seconds=30))
    tasks.sweep_bulk()
    assert rung == []
    job_of.update(heartbeat_at=now - timedelta(seconds=90))
    tasks.sweep_bulk()
    assert rung == [str(job.pk)]
    job_of.update(state="done", created_at=now - timedelta(days=89))
    tasks.sweep_bulk()
    assert job_of.exists()
    job_of.update(created_at=now - timedelta(days=91))
    tasks.sweep_bulk()
    assert not job_of.exists()
    draft = BulkJob.objects.create(user=job.user, action="x", list_title="", list_url="/")
    BulkJob.objects.filter(pk=draft.pk).update(created_at=now - timedelta(days=2))
    tasks.sweep_bulk()
    assert not BulkJob.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_workers_on_one_piece_do_it_once(
    group: list[User], manager: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    action = jobs.action_named("demo.set_blocked")
    assert action is not None
    job = BulkJob.objects.create(
        user=manager, action=action.name, values={"blocked": True}, list_title="", list_url="/",
        pks=[str(person.pk) for person in group[:2]], state="running",
    )  # fmt: skip
    asked: list[int] = []
    inside, let_go = threading.Event(), threading.Event()

    def slow(rows: Any, values: Any, *, by: Any) -> None:
        asked.append(len(rows))
        inside.set()
        assert let_go.wait(20)

    monkeypatch.setattr(action, "perform", slow)

    def second() -> None:
        try:
            tasks.work_bulk(str(job.pk))
        finally:
            database.close()

    first = threading.Thread(target=second)
    first.start()
    assert inside.wait(20)
    other = threading.Thread(target=second)
    other.start()  # waits at the job's row, or at the database's lock
    let_go.set()
    first.join(20)
    other.join(20)
    assert asked == [2]
    assert BulkJob.objects.get().changed == job.pks
    assert transaction.get_autocommit()
