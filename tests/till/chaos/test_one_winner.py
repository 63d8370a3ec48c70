"""Fifty tills on one code, again and again: one effect, one winner, and every loser reads who, where and when.

The suite runs a handful of rounds; `make chaos` runs ROUNDS=1000 as threads and a tenth of that as processes.
"""

import json
import os
import random
import subprocess
import sys
import threading
import uuid
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connections

from sandbox.testing import SandboxServer
from smartbis_admin.api.capabilities import Resource
from smartbis_admin.connections.models import Connection
from smartbis_admin.connections.services import client_for
from smartbis_admin.staff.models import Till, User
from smartbis_admin.ui.formats import datetime_local
from smartbis_admin.writes import settling
from smartbis_admin.writes.models import Write
from tests.till.conftest import age, effects, validations
from tests.till.test_lost_answers import database_url
from vouchers.models import Redemption
from vouchers.redemption import redeem
from vouchers.till.verdicts import verdict_of

ROUNDS = int(os.environ.get("CHAOS_ROUNDS") or 0)
TILLS = 50
State = Redemption.State

pytestmark = pytest.mark.usefixtures("transactional_db", "connection")


@pytest.fixture
def tills(till: Till) -> list[Till]:
    return [Till.objects.create(store=till.store, name=f"Caixa {n}") for n in range(10, 10 + TILLS)]


def issue(sandbox: SandboxServer, count: int) -> list[str]:
    codes = [f"UM-{n:04}" for n in range(count)]
    sandbox.act("issue_voucher", [{"code": code} for code in codes])
    return codes


def check_round(code: str, scans: list[uuid.UUID]) -> None:
    """One winner, and losers that name it."""
    rows = Redemption.objects.filter(code=code).select_related(
        "winner__till__store", "winner__cashier", "voucher"
    )
    assert {row.pk for row in rows} == set(scans)
    [winner] = [row for row in rows if row.state == State.VALID]
    assert Write.objects.get(subject=f"voucher:{code}").pk == winner.pk
    losers = [row for row in rows if row.pk != winner.pk]
    assert {(row.state, row.reason, row.winner) for row in losers} == {(State.USED, "voucher_used", winner)}
    where = f"{winner.till}, por {winner.cashier}"
    said = {verdict_of(row).reason for row in losers}
    assert said == {f"Usado em {datetime_local(winner.used_at)}, {where}."}


def check_all(sandbox: SandboxServer, codes: list[str]) -> None:
    """At the platform: one call per voucher, and it took effect."""
    calls = validations(sandbox)
    assert sorted(row["path"].split("/")[-2] for row in calls) == sorted(codes)
    assert effects(sandbox) == len(codes)


def test_fifty_threads_on_one_code(sandbox: SandboxServer, cashier: User, tills: list[Till]) -> None:
    codes = issue(sandbox, ROUNDS or 3)
    start = threading.Barrier(TILLS)

    def go(place: Till, code: str) -> uuid.UUID:
        start.wait(60)
        scan = redeem(scan_id=uuid.uuid4(), code=code, cashier=cashier, store=place.store, till=place)
        # What the till is told at once is never a second "valid".
        assert scan.state == State.VALID or scan.winner_id is not None
        return scan.pk

    def leave(_place: Till) -> None:
        start.wait(60)
        connections.close_all()

    with ThreadPoolExecutor(TILLS) as pool:
        for code in codes:
            check_round(code, list(pool.map(go, tills, [code] * TILLS)))
        list(pool.map(leave, tills))
    check_all(sandbox, codes)


# --- Processes ----------------------------------------------------------------------------------------
Order = Callable[..., dict[str, int]]


@pytest.fixture
def fork() -> Iterator[Order]:
    """Order processes: `fork(scans=[(id, till id), …], cashier=id, code=…, kill_after=None)`."""
    child = subprocess.Popen(
        [sys.executable, "-m", "tests.till.chaos.forks"],
        env=os.environ
        | {"DJANGO_SETTINGS_MODULE": "smartbis_admin.settings", "DATABASE_URL": database_url()},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )

    def order(**what: Any) -> dict[str, int]:
        assert child.stdin
        assert child.stdout
        print(json.dumps(what), file=child.stdin, flush=True)
        answer: dict[str, int] = json.loads(child.stdout.readline())
        return answer

    yield order
    child.communicate()
    assert child.returncode == 0


def test_fifty_processes_on_one_code(
    sandbox: SandboxServer, cashier: User, tills: list[Till], fork: Order
) -> None:
    codes = issue(sandbox, ROUNDS // 10 or 1)
    for code in codes:
        scans = [(str(uuid.uuid4()), place.pk) for place in tills]
        ends = fork(scans=scans, cashier=cashier.pk, code=code, kill_after=None)
        assert ends == {"killed": 0, "failed": 0}
        check_round(code, [uuid.UUID(scan) for scan, _till in scans])
    check_all(sandbox, codes)


def test_killed_processes_leave_the_truth_to_be_found(
    sandbox: SandboxServer, cashier: User, tills: list[Till], fork: Order, capsys: pytest.CaptureFixture[str]
) -> None:
    """Killed at any moment of a scan: nothing recorded and nothing asked, or a row that the evidence settles."""
    chance = random.Random(ROUNDS)
    codes = issue(sandbox, ROUNDS // 5 or 12)
    found = {"no row": 0, "before asking": 0, "in doubt": 0, "answered": 0}
    # A token is there; a process that dies while it fetches one makes the next wait for the lease's end.
    client_for(Connection.objects.get()).probe(Resource.VOUCHERS)
    for code in codes:
        scan = uuid.uuid4()
        told = [(str(scan), chance.choice(tills).pk)]
        fork(scans=told, cashier=cashier.pk, code=code, kill_after=chance.uniform(0.0, 0.03))
        row = Redemption.objects.select_related("write").filter(pk=scan).first()
        if row is None:
            found["no row"] += 1
        elif row.state == State.VALID:
            found["answered"] += 1
        else:
            assert (row.state, row.write.state) == (State.PENDING, Write.State.PENDING)
            found["in doubt" if row.write.attempts else "before asking"] += 1
    while sandbox.state()["in_flight"]:
        pass
    calls = validations(sandbox)
    done = {row["path"].split("/")[-2] for row in calls if row["committed"]}
    asked = Redemption.objects.filter(write__attempts=1)
    assert {row["path"].split("/")[-2] for row in calls} <= set(asked.values_list("code", flat=True))
    for seconds in (61, 61, 31):
        for write in Write.objects.filter(state__in=Write.OPEN):
            age(write, seconds)
        settling.notice_dead_processes()
        for write_id in settling.due_ids():
            settling.look(write_id)
    assert not Write.objects.filter(state__in=Write.OPEN).exists()
    assert set(Redemption.objects.filter(state=State.VALID).values_list("code", flat=True)) == done
    assert len(validations(sandbox)) == len(calls)
    assert effects(sandbox) == len(done)
    assert found["no row"] + Redemption.objects.count() == len(codes)
    if ROUNDS:
        with capsys.disabled():
            print(f"\nkilled processes: {found}, effects: {len(done)}")
