"""Answers that get lost: what the till may say, and how the truth is found (`smartbis-v2.md` §4)."""

import os
import signal
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection as database
from django.db import connections
from django.utils import timezone
from pytest_django.fixtures import Settings

from sandbox.testing import SandboxServer
from smartbis_admin.connections.models import Connection
from smartbis_admin.staff.models import AuditEvent, Till, User
from smartbis_admin.writes import settling
from smartbis_admin.writes.models import Write
from tests.till.conftest import CODE, age, effects, validations
from tests.till.test_redemption import told
from vouchers.codes import resolve_code
from vouchers.models import Redemption, Voucher
from vouchers.redemption import _claim

State = Redemption.State
Scan = Callable[..., Redemption]

#: Fault -> effects at the platform. In every case the till must say "confirming", never "valid".
IN_DOUBT = {
    "drop_before": 0,
    "drop_after": 1,
    "stall_after": 1,
    "error_before": 0,
    "error_after": 1,
    "html_502": 0,
    "html_200": 0,
    "truncate_200": 1,
}


@pytest.fixture(autouse=True)
def _impatient(settings: Settings) -> None:
    """A till that waits for half a second instead of eight."""
    settings.API_TILL_TIMEOUT = 0.5


def lose(scan: Scan, sandbox: SandboxServer, fault: str) -> Redemption:
    sandbox.fault(fault, method="POST", path="vouchers/*/validate")
    lost = scan()
    assert told(lost) == (State.IN_DOUBT, "")
    return lost


def look(scan: Redemption) -> Write:
    """Look at the evidence now, whenever the next look is due."""
    return settling.look(str(age(scan.write, 0).pk))


@pytest.mark.parametrize(("fault", "consumed"), IN_DOUBT.items())
def test_a_lost_answer_is_in_doubt_and_settled_by_the_voucher_list(
    fault: str, consumed: int, scan: Scan, voucher: str, sandbox: SandboxServer, other_till: Till
) -> None:
    lost = lose(scan, sandbox, fault)
    assert effects(sandbox) == consumed
    rival = scan(till=other_till)
    assert told(rival) == (State.REFUSED, "being_confirmed")
    age(lost.write, 61)
    look(lost)
    if consumed:
        assert told(lost) == (State.VALID, "")
        assert told(rival) == (State.USED, "voucher_used")
        assert Voucher.objects.get().status == Voucher.Status.USED
    else:
        assert told(lost) == (State.IN_DOUBT, ""), "one reading proves no negative"
        age(lost.write, 31)
        look(lost)
        assert told(lost) == (State.NOT_DONE, "not_done")
        assert told(rival) == (State.NOT_DONE, "not_done")
        assert told(scan()) == (State.VALID, "")
    assert effects(sandbox) == 1


@pytest.mark.parametrize(
    ("fault", "times", "outcome", "consumed"),
    [
        ("empty_200", 1, (State.VALID, ""), 1),
        ("unauthorized", 1, (State.VALID, ""), 1),
        ("unauthorized", 2, (State.NOT_DONE, "not_sent"), 0),
        ("rate_limit", 3, (State.NOT_DONE, "not_sent"), 0),
    ],
)
def test_answers_that_leave_no_doubt(
    fault: str,
    times: int,
    outcome: tuple[str, str],
    consumed: int,
    scan: Scan,
    voucher: str,
    sandbox: SandboxServer,
    connection: Connection,
) -> None:
    sandbox.fault(fault, method="POST", path="vouchers/*/validate", times=times)
    done = scan()
    assert told(done) == outcome
    assert effects(sandbox) == consumed
    connection.refresh_from_db()
    assert (connection.blocked_at is not None) == (fault == "unauthorized" and times == 2)


def test_a_platform_that_is_not_there_is_not_sent(
    scan: Scan, voucher: str, sandbox: SandboxServer, connection: Connection
) -> None:
    Connection.objects.update(base_url="http://127.0.0.1:9/smartbis/v2/")
    done = scan()
    assert told(done) == (State.NOT_DONE, "not_sent")
    assert done.write is not None
    assert (done.write.error, done.write.error_cause) == ("Unreachable", "refused")
    assert validations(sandbox) == []
    Connection.objects.update(base_url=connection.base_url)
    assert told(scan()) == (State.VALID, "")


# --- The table of evidence, row by row (§4.2) ---------------------------------------------------------
def test_used_before_us_is_refused(scan: Scan, voucher: str, sandbox: SandboxServer) -> None:
    yesterday = (timezone.now() - timedelta(days=1)).replace(microsecond=0)
    lost = lose(scan, sandbox, "drop_before")
    sandbox.act("use_voucher", code=CODE, used_at=yesterday.isoformat())
    look(lost)
    assert told(lost) == (State.USED, "voucher_used")
    assert Voucher.objects.get().used_at == yesterday


def test_used_long_after_us_is_for_a_person(scan: Scan, voucher: str, sandbox: SandboxServer) -> None:
    lost = lose(scan, sandbox, "drop_before")
    age(lost.write, 3600)
    sandbox.act("use_voucher", code=CODE)
    assert look(lost).needs_person
    assert told(lost) == (State.IN_DOUBT, "")


@pytest.mark.parametrize(("read_minutes_ago", "settled"), [(9, True), (11, False)])
def test_used_without_a_time_counts_only_after_a_fresh_reading(
    read_minutes_ago: int,
    settled: bool,
    scan: Scan,
    voucher: str,
    mirror: Callable[[], None],
    sandbox: SandboxServer,
) -> None:
    mirror()
    Voucher.objects.update(stored_at=timezone.now() - timedelta(minutes=read_minutes_ago))
    lost = lose(scan, sandbox, "drop_before")
    sandbox.act("use_voucher", code=CODE, used_at=None)
    write = look(lost)
    assert told(lost)[0] == (State.VALID if settled else State.IN_DOUBT)
    assert write.needs_person is not settled


def test_issued_in_one_reading_only_or_too_early_proves_nothing(
    scan: Scan, voucher: str, sandbox: SandboxServer
) -> None:
    lost = lose(scan, sandbox, "drop_before")
    look(lost)
    age(lost.write, 31)
    look(lost)
    assert told(lost) == (State.IN_DOUBT, ""), "both readings are younger than a minute"
    age(lost.write, 40)
    look(lost)
    assert told(lost) == (State.IN_DOUBT, ""), "only one reading is old enough"
    age(lost.write, 31)
    look(lost)
    assert told(lost) == (State.NOT_DONE, "not_done")


@pytest.mark.parametrize(
    ("act", "reason"), [("expire_voucher", "voucher_expired"), ("cancel_voucher", "voucher_cancelled")]
)
def test_expired_or_cancelled_is_refused(
    act: str, reason: str, scan: Scan, voucher: str, sandbox: SandboxServer
) -> None:
    lost = lose(scan, sandbox, "drop_before")
    sandbox.act(act, code=CODE)
    look(lost)
    assert told(lost) == (State.REFUSED, reason)


def test_not_listed_is_for_a_person(scan: Scan, voucher: str, sandbox: SandboxServer) -> None:
    lost = lose(scan, sandbox, "drop_before")
    sandbox.act("remove_voucher", code=CODE)
    write = look(lost)
    assert write.needs_person
    assert write.evidence[0]["found"] == {"listed": False, "whole": True}
    assert told(lost) == (State.IN_DOUBT, "")


def test_a_list_that_cannot_be_read_proves_nothing(scan: Scan, voucher: str, sandbox: SandboxServer) -> None:
    lost = lose(scan, sandbox, "drop_after")
    sandbox.fault("html_200", method="GET", path="vouchers")
    write = look(lost)
    assert (write.state, write.needs_person, write.evidence) == (Write.State.IN_DOUBT, False, [])
    assert write.settle_after is not None
    assert write.settle_after > timezone.now() + timedelta(seconds=50)
    look(lost)
    assert told(lost) == (State.VALID, "")


def test_a_dry_run_is_found_out_and_the_voucher_is_free_again(
    scan: Scan, voucher: str, sandbox: SandboxServer
) -> None:
    sandbox.switch("validate_mode", "dry_run")
    lost = scan()
    assert told(lost) == (State.IN_DOUBT, "dry_run")
    for older in (61, 31):
        age(lost.write, older)
        look(lost)
    assert told(lost) == (State.NOT_DONE, "not_done")


def test_nothing_is_ever_sent_again_from_doubt(scan: Scan, voucher: str, sandbox: SandboxServer) -> None:
    lost = lose(scan, sandbox, "drop_before")
    scan(scan_id=lost.pk)
    scan()
    for older in (61, 31):
        age(lost.write, older)
        look(lost)
    assert told(lost) == (State.NOT_DONE, "not_done")
    scan(scan_id=lost.pk)
    assert len(validations(sandbox)) == 1


# --- A person decides ---------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("decided", "outcome"),
    [
        (Write.State.DONE, (State.VALID, "")),
        (Write.State.NOT_DONE, (State.NOT_DONE, "not_done")),
        (Write.State.ABANDONED, (State.REFUSED, "abandoned")),
    ],
)
def test_a_person_settles(
    decided: Write.State,
    outcome: tuple[str, str],
    scan: Scan,
    voucher: str,
    sandbox: SandboxServer,
    manager: User,
) -> None:
    lost = lose(scan, sandbox, "drop_after")
    assert lost.write is not None
    settling.settle_by_person(write=lost.write, state=decided, by=manager, reason="Conferi no painel")
    assert told(lost) == outcome
    event = AuditEvent.objects.get(action="write.settled")
    assert (event.actor, event.details) == (manager, {"state": decided.value})
    with pytest.raises(settling.AlreadySettledError):
        settling.settle_by_person(write=lost.write, state=Write.State.DONE, by=manager, reason="De novo")
    assert told(lost) == outcome


# --- Processes that die, answers that come late -------------------------------------------------------
CHILD = """
import django, uuid
django.setup()
from smartbis_admin.staff.models import Till, User
from vouchers.redemption import redeem
till = Till.objects.get()
redeem(scan_id=uuid.UUID({scan!r}), code={code!r}, cashier=User.objects.get(), store=till.store, till=till)
"""


def database_url() -> str:
    """Where this test's database is, for another process."""
    place = database.settings_dict
    if database.vendor == "sqlite":
        return f"sqlite:///{place['NAME']}"
    host = f"{place['HOST']}:{place['PORT']}" if place["PORT"] else place["HOST"]
    return f"postgres://{place['USER']}:{place['PASSWORD']}@{host}/{place['NAME']}"


def test_a_process_killed_before_the_answer_leaves_the_truth_to_be_found(
    transactional_db: None,
    voucher: str,
    sandbox: SandboxServer,
    connection: Connection,
    cashier: User,
    till: Till,
) -> None:
    sandbox.fault("stall_after", method="POST", path="vouchers/*/validate")
    pk = uuid.uuid4()
    child = subprocess.Popen(
        [sys.executable, "-c", CHILD.format(scan=str(pk), code=CODE)],
        env=os.environ
        | {"DJANGO_SETTINGS_MODULE": "smartbis_admin.settings", "DATABASE_URL": database_url()},
    )
    try:
        deadline = time.monotonic() + 60
        while not effects(sandbox):
            assert child.poll() is None, "the child ended before it was killed"
            assert time.monotonic() < deadline
    finally:
        child.send_signal(signal.SIGKILL)
        child.wait(10)
    orphan = Redemption.objects.select_related("write").get(pk=pk)
    assert told(orphan) == (State.PENDING, "")
    assert settling.notice_dead_processes() == 0, "it may still be alive"
    age(orphan.write, 61)
    assert settling.notice_dead_processes() == 1
    assert told(orphan) == (State.IN_DOUBT, "")
    look(orphan)
    assert told(orphan) == (State.VALID, "")
    assert len(validations(sandbox)) == effects(sandbox) == 1


def test_a_process_that_died_before_sending_sent_nothing(
    connection: Connection, voucher: str, sandbox: SandboxServer, cashier: User, till: Till
) -> None:
    orphan = Redemption(
        connection=connection,
        code=CODE,
        code_sent=CODE,
        cashier=cashier,
        till=till,
        happened_at=timezone.now(),
    )
    _claim(orphan, resolve_code(CODE, [connection]).voucher)
    age(orphan.write, 61)
    assert settling.notice_dead_processes() == 1
    assert told(orphan) == (State.NOT_DONE, "not_sent")
    assert validations(sandbox) == []


def test_a_late_answer_still_counts(
    transactional_db: None, scan: Scan, voucher: str, sandbox: SandboxServer, settings: Settings
) -> None:
    """Given up on as dead while the platform was only slow: its answer settles the doubt by itself."""
    settings.API_TILL_TIMEOUT = 8
    sandbox.fault("slow", method="POST", path="vouchers/*/validate")
    pk = uuid.uuid4()

    def go() -> None:
        try:
            scan(scan_id=pk)
        finally:
            connections.close_all()

    thread = threading.Thread(target=go)
    thread.start()
    deadline = time.monotonic() + 30
    while not Write.objects.filter(pk=pk, attempts=1).exists():
        assert time.monotonic() < deadline
    age(Write.objects.get(pk=pk), 61)
    assert settling.notice_dead_processes() == 1
    waiting = Redemption.objects.get(pk=pk)
    assert told(waiting) == (State.IN_DOUBT, "")
    thread.join(30)
    assert told(waiting) == (State.VALID, "")
    assert effects(sandbox) == 1


def test_two_workers_looking_at_once_read_once(scan: Scan, voucher: str, sandbox: SandboxServer) -> None:
    lost = lose(scan, sandbox, "drop_before")
    look(lost)
    reads = len(sandbox.log())
    assert settling.look(str(lost.pk)).state == Write.State.IN_DOUBT
    assert len(sandbox.log()) == reads, "not due: the first look holds it"


def test_evidence_keeps_its_moment(scan: Scan, voucher: str, sandbox: SandboxServer) -> None:
    lost = lose(scan, sandbox, "drop_after")
    evidence: list[dict[str, Any]] = look(lost).evidence
    assert [reading["found"]["status"] for reading in evidence] == ["used"]
    assert abs((datetime.fromisoformat(evidence[0]["at"]) - timezone.now()).total_seconds()) < 30
