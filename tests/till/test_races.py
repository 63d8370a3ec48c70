"""One winner per voucher. Rivals are forced into the gaps, and each gap is first shown to be one."""

import threading
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest
from django.db import connection as database
from django.db import connections

from sandbox.testing import SandboxServer
from smartbis_admin.connections.models import Connection
from smartbis_admin.staff.models import Till, User
from smartbis_admin.writes.models import Write
from smartbis_admin.writes.services import close
from tests.till.conftest import CODE, effects, validations
from tests.till.test_redemption import told
from vouchers import redemption
from vouchers.models import Redemption
from vouchers.redemption import redeem

State = Redemption.State
Scan = Callable[..., Redemption]
RunBefore = Callable[[str, Callable[[], Any]], None]


@pytest.fixture
def run_before(monkeypatch: pytest.MonkeyPatch) -> RunBefore:
    """`run_before("send", rival)`: the rival acts in the gap before the next call of that function, once."""

    def arrange(name: str, rival: Callable[[], Any]) -> None:
        real = getattr(redemption, name)

        def gap(*args: Any, **kwargs: Any) -> Any:
            monkeypatch.setattr(redemption, name, real)
            rival()
            return real(*args, **kwargs)

        monkeypatch.setattr(redemption, name, gap)

    return arrange


def drop_the_guards() -> None:
    """Take away both constraints, until the test's transaction is rolled back."""
    with database.cursor() as cursor:
        cursor.execute("DROP INDEX one_redemption_per_voucher")
        cursor.execute("DROP INDEX one_open_write_per_subject")


#: The gaps between looking a voucher up, claiming it and asking for it.
GAPS = ["_claim", "send"]


@pytest.mark.parametrize("gap", GAPS)
def test_without_the_guard_two_requests_leave(
    gap: str, run_before: RunBefore, scan: Scan, voucher: str, sandbox: SandboxServer, other_till: Till
) -> None:
    """The proof that each gap is one: the same interleaving asks the platform twice for one voucher."""
    drop_the_guards()
    run_before(gap, lambda: scan(till=other_till))
    scan()
    assert len(validations(sandbox)) == 2


@pytest.mark.parametrize("gap", GAPS)
def test_one_request_leaves_whoever_steps_in_between(
    gap: str, run_before: RunBefore, scan: Scan, voucher: str, sandbox: SandboxServer, other_till: Till
) -> None:
    rivals: list[Redemption] = []
    run_before(gap, lambda: rivals.append(scan(till=other_till)))
    mine = scan()
    assert len(validations(sandbox)) == effects(sandbox) == 1
    winner, loser = (rivals[0], mine) if gap == "_claim" else (mine, rivals[0])
    assert told(winner) == (State.VALID, "")
    assert told(loser) == (State.USED, "voucher_used")
    assert (loser.winner, loser.write, loser.used_at) == (winner, None, winner.used_at)


def test_a_rival_during_the_call_is_told_to_wait_and_then_what_happened(
    run_before: RunBefore, scan: Scan, voucher: str, other_till: Till
) -> None:
    seen: list[tuple[str, str]] = []
    rivals: list[Redemption] = []

    def rival() -> None:
        rivals.append(scan(till=other_till))
        seen.append(told(rivals[0]))

    run_before("send", rival)
    scan()
    assert seen == [(State.REFUSED, "being_confirmed")]
    assert told(rivals[0]) == (State.USED, "voucher_used")


def test_a_second_reading_at_the_same_till_during_the_call_is_a_repeat(
    run_before: RunBefore, scan: Scan, voucher: str
) -> None:
    rivals: list[Redemption] = []
    run_before("send", lambda: rivals.append(scan()))
    mine = scan()
    assert told(rivals[0]) == (State.USED, "repeated_scan")
    assert rivals[0].winner == mine


def test_a_rival_of_a_refused_scan_learns_the_refusal(
    run_before: RunBefore, scan: Scan, voucher: str, sandbox: SandboxServer, other_till: Till
) -> None:
    sandbox.act("expire_voucher", code=CODE)
    rivals: list[Redemption] = []
    run_before("send", lambda: rivals.append(scan(till=other_till)))
    assert told(scan()) == (State.REFUSED, "voucher_expired")
    assert told(rivals[0]) == (State.REFUSED, "voucher_expired")


def test_a_rival_of_a_scan_in_doubt_waits_with_it(
    run_before: RunBefore, scan: Scan, voucher: str, sandbox: SandboxServer, other_till: Till
) -> None:
    sandbox.fault("drop_after", method="POST", path="vouchers/*")
    rivals: list[Redemption] = []
    run_before("send", lambda: rivals.append(scan(till=other_till)))
    mine = scan()
    assert told(mine) == (State.IN_DOUBT, "")
    assert told(rivals[0]) == (State.REFUSED, "being_confirmed")
    assert mine.write is not None
    close(mine.write, Write.State.DONE)
    assert told(rivals[0]) == (State.USED, "voucher_used")
    assert len(validations(sandbox)) == 1


def test_a_voucher_set_free_meanwhile_is_tried_again(
    run_before: RunBefore, scan: Scan, voucher: str, sandbox: SandboxServer, other_till: Till
) -> None:
    """The rival holds the voucher at our insert and is settled as not done before we look for it."""
    sandbox.fault("drop_before", method="POST", path="vouchers/*")
    rival = scan(till=other_till)
    assert told(rival) == (State.IN_DOUBT, "")

    def settled() -> None:
        assert rival.write is not None
        close(rival.write, Write.State.NOT_DONE)

    run_before("_lost", settled)
    assert told(scan()) == (State.VALID, "")
    assert told(rival) == (State.NOT_DONE, "not_done")
    assert effects(sandbox) == 1


def test_a_winner_decided_while_the_loser_is_recorded_tells_it(
    transactional_db: None,
    run_before: RunBefore,
    scan: Scan,
    voucher: str,
    sandbox: SandboxServer,
    other_till: Till,
) -> None:
    """The winner's outcome arrives after the loser has looked at it and before the loser's row is there."""
    sandbox.fault("drop_after", method="POST", path="vouchers/*")
    winner = scan()
    assert winner.write is not None
    write = winner.write

    def decide() -> None:
        try:
            close(write, Write.State.DONE)
        finally:
            connections.close_all()

    deciding = threading.Thread(target=decide)

    def meanwhile() -> None:
        deciding.start()
        # Without the lock it would be done by now, and would have found no loser to tell.
        deciding.join(0.5)

    run_before("_record", meanwhile)
    loser = scan(till=other_till)
    deciding.join(30)
    assert told(winner) == (State.VALID, "")
    assert told(loser) == (State.USED, "voucher_used")


@pytest.mark.parametrize("code", [CODE, ""], ids=["asked", "refused here"])
def test_the_same_scan_arriving_twice_at_once_is_one(
    code: str, run_before: RunBefore, scan: Scan, voucher: str, sandbox: SandboxServer
) -> None:
    """Both requests saw no row of this scan; the second insert meets the first one's."""
    same = uuid.uuid4()
    run_before("_claim" if code else "_record", lambda: scan(code, scan_id=same))
    second = scan(code, scan_id=same)
    assert Redemption.objects.count() == 1
    assert second.pk == same
    assert told(second) == ((State.VALID, "") if code else (State.REFUSED, "blank_code"))
    assert len(validations(sandbox)) == (1 if code else 0)


def test_fifty_tills_on_one_code(
    transactional_db: None,
    connection: Connection,
    voucher: str,
    sandbox: SandboxServer,
    cashier: User,
    till: Till,
) -> None:
    tills = [Till.objects.create(store=till.store, name=f"Caixa {n}") for n in range(10, 60)]
    start = threading.Barrier(len(tills))

    def go(place: Till) -> uuid.UUID:
        try:
            start.wait(30)
            return redeem(scan_id=uuid.uuid4(), code=CODE, cashier=cashier, store=place.store, till=place).pk
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(tills)) as pool:
        scans = list(pool.map(go, tills))
    assert len(validations(sandbox)) == effects(sandbox) == 1
    outcomes = [told(scan) for scan in Redemption.objects.filter(pk__in=scans)]
    assert sorted(outcomes) == sorted([(State.VALID, "")] + [(State.USED, "voucher_used")] * 49)
    winner = Redemption.objects.get(state=State.VALID)
    assert set(Redemption.objects.exclude(pk=winner.pk).values_list("winner", flat=True)) == {winner.pk}


def test_the_same_scan_sent_by_ten_threads(
    transactional_db: None,
    connection: Connection,
    voucher: str,
    sandbox: SandboxServer,
    cashier: User,
    till: Till,
) -> None:
    same = uuid.uuid4()
    start = threading.Barrier(10)

    def go(_number: int) -> uuid.UUID:
        try:
            start.wait(30)
            return redeem(scan_id=same, code=CODE, cashier=cashier, store=till.store, till=till).pk
        finally:
            connections.close_all()

    with ThreadPoolExecutor(10) as pool:
        assert set(pool.map(go, range(10))) == {same}
    assert told(Redemption.objects.get()) == (State.VALID, "")
    assert len(validations(sandbox)) == 1
