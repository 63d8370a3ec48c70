"""Handing over what was accepted: in order, once, and what comes of every answer."""

import threading
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.core import mail
from django.db import connection as database
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django.fixtures import Settings

from sandbox.testing import SandboxServer
from smartbis_admin.connections.models import Connection
from smartbis_admin.staff.access import Role
from smartbis_admin.staff.models import AuditEvent, Shift, Store, Till, User
from smartbis_admin.writes import settling
from smartbis_admin.writes.models import Write
from tests.till.conftest import CODE, age, effects, validations
from tests.till.contingency.conftest import SCRIPT, cut, told
from vouchers.contingency import handing
from vouchers.contingency.handing import hand_over, hand_over_all
from vouchers.contingency.models import ContingencyRelease, ContingencyUse
from vouchers.contingency.tasks import hand_over as job
from vouchers.models import Redemption
from vouchers.till.shift_summary import summarise
from vouchers.till.verdicts import verdict_of
from vouchers.writes import ValidateVoucher

Accepted = Callable[..., Redemption]
RESOLVED = {"resolution": "charged", "note": "O cliente pagou no mesmo dia."}


def asked(sandbox: SandboxServer) -> list[str]:
    """The codes the platform was asked about, in the order they came."""
    return [row["path"].split("/")[-2] for row in validations(sandbox)]


def test_the_link_is_back_and_each_is_confirmed_once_in_order(
    accepted: Accepted, connection: Connection, sandbox: SandboxServer, issued: list[str]
) -> None:
    scans = [accepted(code) for code in reversed(issued[:3])]
    with cut(connection):
        assert hand_over_all() == 0
        assert [told(scan) for scan in scans] == [("contingency", "", "waiting")] * 3
    assert validations(sandbox) == []
    assert hand_over_all() == 3
    assert [told(scan) for scan in scans] == [("valid", "", "confirmed")] * 3
    assert asked(sandbox) == list(reversed(issued[:3]))
    assert effects(sandbox) == 3
    assert [scan.write_id for scan in scans] == [scan.pk for scan in scans]
    assert hand_over_all() == 0
    assert len(validations(sandbox)) == 3
    assert str(verdict_of(scans[0]).reason) == "Aceito em contingência e confirmado pela plataforma."
    assert str(verdict_of(scans[0]).next_step) == "O benefício já foi entregue: não entregue de novo."


def test_who_was_told_to_wait_learns_the_end(
    accepted: Accepted, scan: Callable[..., Redemption], other_till: Till, connection: Connection
) -> None:
    first, second = accepted(), scan(till=other_till)
    assert told(second) == ("refused", "in_contingency", "")
    hand_over(connection)
    assert told(second) == ("used", "voucher_used", "")
    assert (second.winner, second.used_at) == (first, Redemption.objects.get(pk=first.pk).used_at)


def test_used_elsewhere_meanwhile_is_a_conflict_of_the_manager_who_released(
    accepted: Accepted,
    released: ContingencyRelease,
    connection: Connection,
    sandbox: SandboxServer,
    releaser: User,
    make_person: Callable[..., User],
    mailbox: list[mail.EmailMessage],
) -> None:
    scan = accepted()
    sandbox.act("use_voucher", code=CODE)
    job()
    assert told(scan) == ("used", "voucher_used", "conflict")
    use = ContingencyUse.objects.get()
    assert (use.owner, use.breach, use.resolved_at) == (releaser, "", None)
    assert [message.bcc for message in mailbox] == [["marta@people.test"]]
    assert mailbox[0].subject == "Conflito de contingência: Loja Centro · Caixa 1"
    assert CODE not in mailbox[0].body
    job()
    assert len(mailbox) == 1
    verdict = verdict_of(scan)
    assert (str(verdict.kind), str(verdict.next_step)) == (
        "used",
        "Foi aceito em contingência: um gestor decide o que fazer.",
    )


def test_without_a_release_the_managers_of_the_store_own_it(
    accepted: Accepted,
    sandbox: SandboxServer,
    manager: User,
    owner: User,
    store: Store,
    make_person: Callable[..., User],
    mailbox: list[mail.EmailMessage],
) -> None:
    elsewhere = make_person("zita", Role.MANAGER)
    elsewhere.stores.add(Store.objects.create(name="Loja Praia"))
    scan = accepted()
    sandbox.act("expire_voucher", code=CODE)
    job()
    assert told(scan) == ("refused", "voucher_expired", "conflict")
    assert ContingencyUse.objects.get().owner is None
    assert sorted(mailbox[0].bcc) == [manager.email, owner.email]


def test_a_withdrawn_policy_drops_nothing_that_was_accepted(
    accepted: Accepted, connection: Connection, sandbox: SandboxServer
) -> None:
    scan = accepted()
    Store.objects.update(contingency="refuse", contingency_max_per_hour=0)
    hand_over(connection)
    assert told(scan) == ("valid", "", "confirmed")
    assert effects(sandbox) == 1


@pytest.mark.parametrize(
    ("fault", "consumed", "settled"),
    [("drop_after", 1, ("valid", "", "confirmed")), ("drop_before", 0, ("not_done", "not_done", "conflict"))],
)
def test_an_answer_lost_at_the_hand_over_is_in_doubt_and_settled(
    fault: str,
    consumed: int,
    settled: tuple[str, str, str],
    accepted: Accepted,
    connection: Connection,
    sandbox: SandboxServer,
    settings: Settings,
) -> None:
    settings.API_TILL_TIMEOUT = 0.5
    scan = accepted()
    sandbox.fault(fault, method="POST", path="vouchers/*/validate")
    hand_over(connection)
    assert told(scan) == ("in_doubt", "", "in_doubt")
    assert hand_over_all() == 0
    assert len(validations(sandbox)) == 1
    for _look in range(2):
        settling.look(str(age(scan.write, 61).pk))
    assert told(scan) == settled
    assert effects(sandbox) == consumed


def test_one_in_doubt_does_not_keep_the_others(
    accepted: Accepted, connection: Connection, sandbox: SandboxServer, settings: Settings, issued: list[str]
) -> None:
    settings.API_TILL_TIMEOUT = 0.5
    first, second = accepted(issued[0]), accepted(issued[1])
    sandbox.fault("drop_after", method="POST", path="vouchers/*/validate")
    assert hand_over(connection) == 2
    assert (told(first)[2], told(second)[2]) == ("in_doubt", "confirmed")


def test_two_workers_hand_over_one_after_the_other(
    transactional_db: None,
    accepted: Accepted,
    connection: Connection,
    sandbox: SandboxServer,
    issued: list[str],
) -> None:
    scans = [accepted(code) for code in issued[:3]]
    sandbox.fault("slow", method="POST", path="vouchers/*/validate")

    def work() -> None:
        try:
            hand_over(connection)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=work) for _worker in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    hand_over(connection)
    assert [told(scan)[2] for scan in scans] == ["confirmed"] * 3
    assert asked(sandbox) == issued[:3]


def test_a_process_killed_between_claim_and_call_loses_nothing(
    accepted: Accepted, connection: Connection, sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    def die(write: Write) -> Write:
        raise Killed

    scan = accepted()
    monkeypatch.setattr(handing, "send", die)
    with pytest.raises(Killed):
        hand_over(connection)
    assert told(scan) == ("pending", "", "sending")
    monkeypatch.undo()
    assert hand_over(connection) == 0, "one in flight keeps the others back until it is known to be dead"
    age(scan.write, 61)
    assert settling.notice_dead_processes() == 1
    assert told(scan) == ("contingency", "", "waiting")
    assert hand_over(connection) == 1
    assert told(scan) == ("valid", "", "confirmed")
    assert effects(sandbox) == len(validations(sandbox)) == 1


def test_a_process_killed_after_the_call_left_is_in_doubt(
    accepted: Accepted, connection: Connection, sandbox: SandboxServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    real = ValidateVoucher.send

    def die(self: Any, *args: Any) -> Any:
        real(self, *args)
        raise Killed

    scan = accepted()
    monkeypatch.setattr(ValidateVoucher, "send", die)
    with pytest.raises(Killed):
        hand_over(connection)
    monkeypatch.undo()
    assert told(scan) == ("pending", "", "sending")
    age(scan.write, 61)
    settling.notice_dead_processes()
    assert told(scan) == ("in_doubt", "", "in_doubt")
    settling.look(str(age(scan.write, 61).pk))
    assert told(scan) == ("valid", "", "confirmed")
    assert effects(sandbox) == 1


def test_a_scan_that_finds_the_platform_back_rings(
    at_till: Client,
    accepted: Accepted,
    connection: Connection,
    monkeypatch: pytest.MonkeyPatch,
    issued: list[str],
) -> None:
    rung: list[str] = []
    monkeypatch.setattr(handing.current_app, "send_task", lambda name, **how: rung.append(name))
    accepted(issued[1])
    for code in (issued[2], issued[3]):
        at_till.post("/caixa/ler/", {"scan": str(uuid.uuid4()), "code": code}, **SCRIPT)
    assert rung == ["vouchers.contingency.tasks.hand_over"], "the first answer after a failure, and no other"


# --- Conflicts ------------------------------------------------------------------------------------------
@pytest.fixture
def conflict(accepted: Accepted, connection: Connection, sandbox: SandboxServer) -> Redemption:
    """A voucher that was used elsewhere before it was handed over."""
    scan = accepted()
    sandbox.act("use_voucher", code=CODE)
    hand_over(connection)
    return scan


def test_a_manager_sees_and_resolves_a_conflict_once(
    conflict: Redemption, manager_client: Client, manager: User
) -> None:
    page = manager_client.get("/contingencia/").content.decode()
    assert "1 conflito espera uma decisão" in page
    detail = f"/contingencia/{conflict.pk}/"
    shown = manager_client.get(detail).content.decode()
    assert "Gestores da loja" in shown
    assert "Enviar à plataforma" not in shown
    assert CODE not in shown
    blank = manager_client.post(f"{detail}resolver/", {"resolution": "", "note": ""})
    assert blank.status_code == 200
    assert told(conflict)[2] == "conflict"
    assert manager_client.post(f"{detail}resolver/", RESOLVED).url == detail
    use = ContingencyUse.objects.get()
    assert (use.state, use.resolution, use.note) == ("settled", "charged", RESOLVED["note"])
    assert use.resolved_by == manager
    assert told(conflict)[:2] == ("used", "voucher_used")
    event = AuditEvent.objects.get(action="contingency.resolved")
    assert (event.actor, event.details) == (manager, {"resolution": "charged"})
    twice = manager_client.post(f"{detail}resolver/", RESOLVED | {"resolution": "store"}).content.decode()
    assert "Este conflito já foi resolvido por outra pessoa." in twice
    use.refresh_from_db()
    assert use.resolution == "charged"
    assert "conflito espera" not in manager_client.get("/contingencia/").content.decode()


def test_a_refused_voucher_is_not_sent_again(
    conflict: Redemption, manager_client: Client, sandbox: SandboxServer
) -> None:
    calls = len(validations(sandbox))
    answer = manager_client.post(f"/contingencia/{conflict.pk}/enviar/", {"confirmed": "1"}, follow=True)
    assert "Este voucher não pode ser enviado de novo" in answer.content.decode()
    assert told(conflict) == ("used", "voucher_used", "conflict")
    assert hand_over_all() == 0
    assert len(validations(sandbox)) == calls


def test_what_nothing_came_of_may_be_sent_once_more_under_another_write(
    accepted: Accepted,
    connection: Connection,
    sandbox: SandboxServer,
    settings: Settings,
    manager_client: Client,
    scan: Callable[..., Redemption],
) -> None:
    settings.API_TILL_TIMEOUT = 0.5
    mine = accepted()
    sandbox.fault("drop_before", method="POST", path="vouchers/*/validate")
    hand_over(connection)
    for _look in range(2):
        settling.look(str(age(mine.write, 61).pk))
    assert told(mine) == ("not_done", "not_done", "conflict")
    assert "Enviar à plataforma" in manager_client.get(f"/contingencia/{mine.pk}/").content.decode()
    manager_client.post(f"/contingencia/{mine.pk}/enviar/", {"confirmed": "1"})
    assert told(mine) == ("contingency", "", "waiting")
    assert hand_over(connection) == 1
    assert told(mine) == ("valid", "", "confirmed")
    assert mine.write_id != mine.pk
    assert Write.objects.get(pk=mine.pk).state == Write.State.NOT_DONE
    assert effects(sandbox) == 1


def test_what_another_scan_used_meanwhile_is_not_sent(
    accepted: Accepted,
    connection: Connection,
    sandbox: SandboxServer,
    settings: Settings,
    manager_client: Client,
    scan: Callable[..., Redemption],
    other_till: Till,
) -> None:
    settings.API_TILL_TIMEOUT = 0.5
    mine = accepted()
    sandbox.fault("drop_before", method="POST", path="vouchers/*/validate")
    hand_over(connection)
    for _look in range(2):
        settling.look(str(age(mine.write, 61).pk))
    assert told(scan(till=other_till))[0] == "valid"
    answer = manager_client.post(f"/contingencia/{mine.pk}/enviar/", {"confirmed": "1"}, follow=True)
    assert "Outra leitura deste voucher" in answer.content.decode()
    assert told(mine) == ("not_done", "not_done", "conflict")


@pytest.mark.parametrize("who", ["cashier", "viewer", "stranger"])
@pytest.mark.parametrize("what", ["", "resolver/", "enviar/"])
def test_conflicts_are_for_managers(
    who: str, what: str, conflict: Redemption, request: pytest.FixtureRequest
) -> None:
    client: Client = request.getfixturevalue(f"{who}_client")
    url = f"/contingencia/{conflict.pk}/{what}"
    assert (client.post(url, RESOLVED) if what else client.get(url)).status_code == 403
    assert told(conflict) == ("used", "voucher_used", "conflict")


def test_the_list_asks_as_often_for_forty_as_for_two(conflict: Redemption, manager_client: Client) -> None:
    def count() -> int:
        with CaptureQueriesContext(database) as queries:
            assert manager_client.get("/contingencia/").status_code == 200
        return len(queries)

    manager_client.get("/contingencia/")
    few = count()
    use = ContingencyUse.objects.get()
    for _n in range(20):
        conflict.pk, conflict.write_id, conflict.state = uuid.uuid4(), None, "used"
        conflict.save(force_insert=True)
        use.pk = conflict.pk
        use.redemption_id = conflict.pk
        use.save(force_insert=True)
    assert count() == few


# --- What shifts and lists say ----------------------------------------------------------------------------
def test_the_shift_counts_and_says_what_becomes_of_them(
    at_till: Client,
    accepted: Accepted,
    connection: Connection,
    sandbox: SandboxServer,
    shift: Shift,
    issued: list[str],
) -> None:
    accepted(issued[0])
    sandbox.act("use_voucher", code=issued[0])
    hand_over(connection)
    accepted(issued[1])
    accepted(issued[2])
    summary = summarise(shift.scans.all())
    assert (summary.contingency, summary.conflicts, summary.used, summary.total) == (2, 1, 0, 3)
    page = at_till.get("/caixa/turno/encerrar/").content.decode()
    assert "2 vouchers aceitos em contingência ainda não foram confirmados." in page
    assert "A liberação da contingência termina com o turno." in page
    at_till.post("/caixa/turno/encerrar/")
    assert hand_over(connection) == 2
    table = at_till.get(f"/caixa/turnos/{shift.pk}/?export=csv").getvalue().decode()
    assert table.count("Sem conexão com a plataforma") == 3
    summary = summarise(shift.scans.all())
    assert (summary.contingency, summary.conflicts, summary.valid) == (0, 1, 2)
