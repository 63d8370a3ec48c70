"""When lists are read, pauses, and mail: one when reading fails, one when it works again, one a day on drift."""

from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
import time_machine
from django.core import mail as django_mail
from django.core.mail.backends.locmem import EmailBackend
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from django_celery_beat.models import PeriodicTask

from smartbis_admin.connections.models import Connection
from smartbis_admin.staff.models import AuditEvent, User
from smartbis_admin.sync import jobs, schedules, tasks
from smartbis_admin.sync.drift import mail
from smartbis_admin.sync.engine import resources
from smartbis_admin.sync.models import Digest, Drift, MailChoice, Outage, Pause, SyncRun

State = SyncRun.State
CHAIN = ["categories", "rewards", "customers", "vouchers"]
pytestmark = pytest.mark.usefixtures("doorbells")


# --- The plan -------------------------------------------------------------------------------------------
def test_the_tasks_have_the_names_the_schedule_uses() -> None:
    assert (tasks.everywhere.name, tasks.newest.name) == (jobs.EVERYWHERE_TASK, jobs.NEWEST_TASK)


def test_a_new_installation_reads_at_night_and_the_newest_every_five_minutes(db: None) -> None:
    assert schedules.read_plan() == schedules.Plan(
        night_at=time(3, 15),
        night_on=True,
        full=dict.fromkeys(resources(), 0),
        newest={"customers": 5, "vouchers": 5, "points_transactions": 5, "fulfilments": 5},
    )


def test_the_form_changes_what_beat_follows(
    account: Connection, manager_client: Client, manager: User
) -> None:
    data: dict[str, Any] = {f"full_{name}": 0 for name in CHAIN} | {"full_vouchers": 4}
    data |= {"newest_customers": 0, "newest_vouchers": 15, "night_on": "on", "night_at": "02:40"}
    page = manager_client.post(reverse("sync:schedule"), data, follow=True).content.decode()
    assert "Agenda salva." in page
    tasks_now = {
        task.name: (task.task, task.args, task.enabled, str(task.schedule))
        for task in PeriodicTask.objects.filter(task__startswith="smartbis_admin.sync")
    }
    night = PeriodicTask.objects.get(task=jobs.NIGHTLY_TASK)
    assert (night.crontab.hour, night.crontab.minute, str(night.crontab.timezone)) == (
        "2",
        "40",
        "America/Sao_Paulo",
    )
    assert tasks_now["full:vouchers"][:3] == (jobs.EVERYWHERE_TASK, '["vouchers"]', True)
    assert PeriodicTask.objects.get(name="full:vouchers").schedule.run_every == timedelta(hours=4)
    assert tasks_now["newest:customers"][2] is False
    assert PeriodicTask.objects.get(name="newest:vouchers").schedule.run_every == timedelta(minutes=15)
    assert "full:customers" not in tasks_now
    event = AuditEvent.objects.get(action="sync.schedule_changed")
    assert (event.actor, event.details["newest"]) == (
        manager,
        {"customers": 0, "vouchers": 15, "points_transactions": 5, "fulfilments": 5},
    )


def test_what_people_chose_outlives_a_migration(db: None, manager: User) -> None:
    newest = {"customers": 0, "vouchers": 30, "points_transactions": 0, "fulfilments": 10}
    plan = schedules.Plan(time(1, 5), False, dict.fromkeys(resources(), 0), newest)
    schedules.save_plan(plan, by=manager)
    schedules.keep_schedule(using="default")
    assert schedules.read_plan() == plan


def test_an_unreadable_schedule_changes_nothing(manager_client: Client) -> None:
    before = schedules.read_plan()
    page = manager_client.post(reverse("sync:schedule"), {"night_at": "25:00"}).content.decode()
    assert "Nada foi salvo" in page
    assert (schedules.read_plan(), AuditEvent.objects.count()) == (before, 0)


@pytest.mark.parametrize("name", ["sync:schedule", "sync:mail"])
def test_a_viewer_may_not_change_them(viewer_client: Client, name: str) -> None:
    assert viewer_client.get(reverse(name)).status_code == 403
    assert viewer_client.post(reverse(name), {"digest": "on"}).status_code == 403
    assert MailChoice.objects.count() == 0


# --- Pauses ---------------------------------------------------------------------------------------------
def test_a_paused_list_is_left_out_at_night_and_may_still_be_asked_for(
    account: Connection, manager_client: Client
) -> None:
    address = reverse("sync:pause", args=[account.pk])
    page = manager_client.post(address, {"resource": "customers"}, follow=True).content.decode()
    assert "Pausada" in page
    jobs.nightly()
    assert list(SyncRun.objects.order_by("pk").values_list("resource", flat=True)) == [
        "categories", "rewards", "vouchers"
    ]  # fmt: skip
    manager_client.post(reverse("sync:request", args=[account.pk]), {"resource": "customers"})
    assert SyncRun.objects.filter(resource="customers", trigger="manual").count() == 1
    manager_client.post(address, {"resource": "customers", "resume": "1"})
    assert Pause.objects.count() == 0


def test_a_paused_connection_reads_nothing_by_itself(
    account: Connection, other_account: Connection, manager: User
) -> None:
    schedules.pause(connection=account, resource="", by=manager)
    schedules.pause(connection=account, resource="", by=manager)
    jobs.nightly()
    assert set(SyncRun.objects.values_list("connection", flat=True)) == {other_account.pk}
    events = AuditEvent.objects.filter(action="sync.paused")
    assert [(event.actor, event.subject) for event in events] == [(manager, f"connection:{account.pk}")]


def test_a_viewer_cannot_pause(account: Connection, viewer_client: Client) -> None:
    assert viewer_client.post(reverse("sync:pause", args=[account.pk])).status_code == 403
    assert Pause.objects.count() == 0


# --- Outages --------------------------------------------------------------------------------------------
def ended(account: Connection, state: str, resource: str = "customers", reason: str = "") -> SyncRun:
    return SyncRun.objects.create(
        connection=account, resource=resource, state=state, reason=reason, finished_at=timezone.now()
    )


def subjects() -> list[str]:
    return [message.subject for message in django_mail.outbox]


def test_an_outage_is_told_once_and_its_end_once(account: Connection, manager: User, viewer: User) -> None:
    ended(account, State.DONE)
    jobs.sweep()
    assert subjects() == []
    for resource in ("customers", "vouchers"):
        ended(account, State.FAILED, resource, "Unreachable")
    for _time in range(3):
        jobs.sweep()
        ended(account, State.FAILED, "rewards", "Unreachable")
    assert subjects() == ["Sincronização com problema: Conta"]
    message = django_mail.outbox[0]
    assert (message.to, message.bcc) == ([], [manager.email])
    assert "- Clientes: Não foi possível falar com a plataforma." in message.body
    assert "- Vouchers: " in message.body
    for resource in ("customers", "vouchers"):
        ended(account, State.DONE, resource)
        jobs.sweep()
    assert len(subjects()) == 1
    ended(account, State.DONE, "rewards")
    for _time in range(2):
        jobs.sweep()
    assert subjects()[1:] == ["Sincronização normalizada: Conta"]
    assert Outage.objects.filter(closed_at=None).count() == 0
    ended(account, State.FAILED, reason="Unreachable")
    jobs.sweep()
    assert len(subjects()) == 3


def test_a_rest_after_an_outage_and_a_cancelled_run_are_no_failure(
    account: Connection, manager: User
) -> None:
    SyncRun.objects.create(connection=account, resource="customers", state=State.REQUESTED, outages=2)
    ended(account, State.CANCELLED, "vouchers")
    jobs.sweep()
    assert (subjects(), Outage.objects.count()) == ([], 0)


def test_mail_that_cannot_be_sent_is_tried_again(
    account: Connection, manager: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(self: EmailBackend, messages: Any) -> int:
        raise ConnectionRefusedError

    ended(account, State.FAILED, reason="Malformed")
    with monkeypatch.context() as broken:
        broken.setattr(EmailBackend, "send_messages", refuse)
        jobs.sweep()
    assert not Outage.objects.get().told_open
    jobs.sweep()
    assert subjects() == ["Sincronização com problema: Conta"]


def test_who_does_not_want_mail_gets_none(
    account: Connection, manager: User, manager_client: Client, owner: User
) -> None:
    page = manager_client.post(reverse("sync:mail"), {"digest": "on"}, follow=True).content.decode()
    assert "Avisos salvos." in page
    assert mail.wanted_by("outages") == [owner.email]
    assert sorted(mail.wanted_by("digest")) == sorted([owner.email, manager.email])


# --- The daily digest -------------------------------------------------------------------------------------
#: 07:30 in São Paulo is 10:30 UTC.
MORNING = datetime(2026, 3, 10, 10, 31, tzinfo=UTC)


def test_the_digest_goes_out_once_a_day_after_half_past_seven(account: Connection, manager: User) -> None:
    with time_machine.travel(MORNING - timedelta(minutes=2), tick=False):
        for number in range(2):
            Drift.objects.create(
                connection=account, resource="customers", kind="balance", label=f"Ana {number}"
            )
        Drift.objects.create(connection=account, resource="vouchers", kind="used_elsewhere", label="••••0001")
        jobs.sweep()
        assert subjects() == []
    with time_machine.travel(MORNING, tick=False):
        for _time in range(2):
            jobs.sweep()
    (message,) = django_mail.outbox
    assert (message.subject, message.bcc) == ("Divergências encontradas", [manager.email])
    assert "- Saldo inesperado: 2\n" in message.body
    assert "- Usado fora daqui: 1\n" in message.body
    assert "Em aberto: 3 divergências." in message.body
    assert "Ana" not in message.body
    with time_machine.travel(MORNING + timedelta(days=1), tick=False):
        jobs.sweep()
    assert len(subjects()) == 1
    assert list(Digest.objects.order_by("day").values_list("found", flat=True)) == [3, 0]


def test_what_was_settled_long_ago_is_forgotten(account: Connection) -> None:
    fields = {"connection": account, "resource": "customers", "kind": "changed"}
    old = MORNING - timedelta(days=91)
    Drift.objects.create(**fields, label="velha", state="acknowledged", decided_at=old)
    Drift.objects.create(**fields, label="recente", state="repaired", decided_at=MORNING - timedelta(days=89))
    Drift.objects.create(**fields, label="aberta")
    with time_machine.travel(MORNING, tick=False):
        jobs.sweep()
    assert list(Drift.objects.order_by("pk").values_list("label", flat=True)) == ["recente", "aberta"]
