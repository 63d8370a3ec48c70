"""Validating a voucher against the real sandbox: every verdict, and what each leaves behind."""

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import connection as database
from django.utils import timezone

from sandbox.testing import SandboxServer
from smartbis_admin.api.smartbis import SmartbisClient
from smartbis_admin.connections.models import Connection
from smartbis_admin.staff.models import Till, User
from smartbis_admin.writes.models import Write
from tests.till.conftest import CODE, CPF, effects, validations
from vouchers.models import Redemption, Voucher
from vouchers.redemption import NoConnectionError, redeem
from vouchers.refining import refine_due

State = Redemption.State
Scan = Callable[..., Redemption]


def told(scan: Redemption) -> tuple[str, str]:
    scan.refresh_from_db()
    return scan.state, scan.reason


def test_valid_consumes_once_and_is_mirrored(
    scan: Scan, voucher: str, sandbox: SandboxServer, cashier: User, till: Till
) -> None:
    done = scan()
    assert told(done) == (State.VALID, "")
    assert (done.code, done.code_sent, done.cashier, done.till, done.store) == (
        CODE,
        CODE,
        cashier,
        till,
        till.store,
    )
    assert done.used_at is not None
    assert abs((done.used_at - timezone.now()).total_seconds()) < 60
    assert done.write is not None
    assert (done.write.state, done.write.attempts, done.write.pk) == (Write.State.DONE, 1, done.pk)
    assert effects(sandbox) == 1
    assert Voucher.objects.get().status == Voucher.Status.USED


def test_a_scan_is_recorded_at_both_its_times(scan: Scan, voucher: str) -> None:
    happened = timezone.now() - timedelta(seconds=4)
    done = scan(happened_at=happened)
    assert done.happened_at == happened
    assert (done.received_at - happened).total_seconds() >= 4


def test_no_transaction_is_open_during_the_call(
    transactional_db: None, scan: Scan, voucher: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = SmartbisClient.validate_voucher
    seen: list[tuple[bool, str]] = []

    def watched(self: SmartbisClient, **asked: Any) -> Any:
        seen.append((database.in_atomic_block, Redemption.objects.get().state))
        return real(self, **asked)

    monkeypatch.setattr(SmartbisClient, "validate_voucher", watched)
    assert told(scan()) == (State.VALID, "")
    assert seen == [(False, State.PENDING)]


@pytest.mark.parametrize("typed", [" vale 7k2m 9q ", "VALE7K2M9Q", "vale-7k2m-9q", "VALE-7K2M-9Q\t"])
def test_case_spaces_and_dashes_do_not_matter(
    typed: str, scan: Scan, voucher: str, mirror: Callable[[], None], sandbox: SandboxServer
) -> None:
    mirror()
    done = scan(typed)
    assert told(done) == (State.VALID, "")
    assert done.code_sent == CODE
    assert effects(sandbox) == 1


def test_look_alikes_are_resolved_against_the_mirror(
    scan: Scan, sandbox: SandboxServer, mirror: Callable[[], None], customer: dict[str, Any]
) -> None:
    sandbox.act("issue_voucher", code="OI10-AB", customer_id=str(customer["id"]))
    mirror()
    done = scan("0I1O-AB")
    assert (told(done), done.code_sent) == ((State.VALID, ""), "OI10-AB")


def test_an_ambiguous_look_alike_is_sent_as_typed(
    scan: Scan, sandbox: SandboxServer, mirror: Callable[[], None]
) -> None:
    sandbox.act("issue_voucher", [{"code": "CODE-O1"}, {"code": "CODE-OI"}])
    mirror()
    done = scan("CODE-01")
    assert (told(done), done.code_sent) == ((State.REFUSED, "voucher_not_found"), "CODE-01")
    assert effects(sandbox) == 0


@pytest.mark.parametrize(
    ("typed", "reason"),
    [("", "blank_code"), ("  - ", "blank_code"), ("7", "blank_code"), ("A" * 65, "code_too_long")],
)
def test_what_cannot_be_a_code_asks_for_nothing(
    typed: str, reason: str, scan: Scan, sandbox: SandboxServer
) -> None:
    done = scan(typed)
    assert told(done) == (State.REFUSED, reason)
    assert sandbox.log() == []
    assert Write.objects.count() == 0


def test_an_unknown_status_is_never_offered_for_validation(
    scan: Scan, voucher: str, mirror: Callable[[], None], sandbox: SandboxServer
) -> None:
    mirror()
    Voucher.objects.update(status=Voucher.Status.UNKNOWN, status_word="suspenso")
    assert told(scan()) == (State.REFUSED, "unknown_status")
    assert validations(sandbox) == []


def test_an_unknown_code_is_refused(scan: Scan, sandbox: SandboxServer) -> None:
    assert told(scan("NAO-EXISTE")) == (State.REFUSED, "voucher_not_found")
    assert effects(sandbox) == 0


def test_used_elsewhere_says_when(scan: Scan, voucher: str, sandbox: SandboxServer) -> None:
    sandbox.act("use_voucher", code=CODE, used_at="2026-03-05T14:31:40-03:00", store="Loja Praia")
    done = scan()
    assert told(done) == (State.USED, "voucher_used")
    assert done.used_at == datetime.fromisoformat("2026-03-05T14:31:40-03:00")
    assert done.winner is None
    assert effects(sandbox) == 0


@pytest.mark.parametrize(
    ("act", "reason"), [("expire_voucher", "voucher_expired"), ("cancel_voucher", "voucher_cancelled")]
)
def test_a_voucher_that_is_over(
    act: str, reason: str, scan: Scan, voucher: str, sandbox: SandboxServer
) -> None:
    sandbox.act(act, code=CODE)
    assert told(scan()) == (State.REFUSED, reason)
    assert effects(sandbox) == 0


def test_a_voucher_that_has_not_started(scan: Scan, sandbox: SandboxServer) -> None:
    starts = (timezone.now() + timedelta(days=3)).isoformat()
    sandbox.act("issue_voucher", code=CODE, starts_at=starts)
    assert told(scan()) == (State.REFUSED, "voucher_not_started")
    assert effects(sandbox) == 0


def test_the_platform_is_asked_even_where_the_mirror_says_used(
    scan: Scan, voucher: str, mirror: Callable[[], None], sandbox: SandboxServer
) -> None:
    """The mirror may be old; only the platform decides."""
    mirror()
    Voucher.objects.update(status=Voucher.Status.USED)
    assert told(scan()) == (State.VALID, "")
    assert effects(sandbox) == 1


def test_without_a_platform_nothing_is_recorded(scan: Scan, connection: Connection) -> None:
    Connection.objects.update(is_active=False)
    with pytest.raises(NoConnectionError):
        scan()
    assert Redemption.objects.count() == 0


def test_the_same_scan_twice_is_one_scan(scan: Scan, voucher: str, sandbox: SandboxServer) -> None:
    first = uuid.uuid4()
    assert scan(scan_id=first).pk == scan(scan_id=first).pk == first
    assert Redemption.objects.count() == 1
    assert effects(sandbox) == 1


def test_the_same_voucher_again_at_the_same_till_is_a_repeat(
    scan: Scan, voucher: str, sandbox: SandboxServer
) -> None:
    first, second = scan(), scan()
    assert told(second) == (State.USED, "repeated_scan")
    assert second.winner == first
    assert len(validations(sandbox)) == 1


def test_ten_seconds_later_it_is_used(scan: Scan, voucher: str) -> None:
    first = scan()
    Redemption.objects.filter(pk=first.pk).update(received_at=timezone.now() - timedelta(seconds=11))
    second = scan()
    assert told(second) == (State.USED, "voucher_used")
    first.refresh_from_db()
    assert (second.winner, second.used_at) == (first, first.used_at)


def test_another_till_reads_who_used_it(scan: Scan, voucher: str, other_till: Till, manager: User) -> None:
    first = scan()
    second = scan(till=other_till, cashier=manager)
    assert told(second) == (State.USED, "voucher_used")
    assert (second.winner, second.till, second.cashier) == (first, other_till, manager)


def test_a_refused_voucher_may_be_scanned_again(scan: Scan, voucher: str, sandbox: SandboxServer) -> None:
    sandbox.fault("rate_limit", method="POST", path="vouchers/*", times=3)
    assert told(scan())[0] == State.NOT_DONE
    sandbox.clear_faults()
    assert told(scan()) == (State.VALID, "")
    assert effects(sandbox) == 1


def test_nothing_leaves_while_the_credentials_are_refused(
    scan: Scan, voucher: str, sandbox: SandboxServer, connection: Connection
) -> None:
    Connection.objects.update(blocked_at=timezone.now())
    done = scan()
    assert told(done) == (State.NOT_DONE, "not_sent")
    assert done.write is not None
    assert (done.write.error, done.write.error_cause) == ("NotAllowed", "blocked")
    assert sandbox.log() == []


def test_each_profile_gives_the_same_verdict(
    each_connection: Connection, sandbox: SandboxServer, cashier: User, till: Till
) -> None:
    profile = each_connection.credentials["api_key"]
    sandbox.act("issue_voucher", code=CODE, credential=profile)

    def go(scan_till: Till | None) -> Redemption:
        return redeem(scan_id=uuid.uuid4(), code=CODE, cashier=cashier, till=scan_till)

    assert told(go(till)) == (State.VALID, "")
    assert told(go(None)) == (State.USED, "voucher_used")
    assert effects(sandbox) == 1


def test_a_refusal_without_a_reason_is_looked_up(
    make_connection: Callable[..., Connection], sandbox: SandboxServer, cashier: User
) -> None:
    make_connection("bare")
    sandbox.act("issue_voucher", [{"code": f"CODE-{n}"} for n in range(4)], credential="sandbox-bare")
    sandbox.act("use_voucher", code="CODE-0", used_at="2026-03-05T14:31:40-03:00", credential="sandbox-bare")
    sandbox.act("expire_voucher", code="CODE-1", credential="sandbox-bare")
    sandbox.act("cancel_voucher", code="CODE-2", credential="sandbox-bare")
    codes = ["CODE-0", "CODE-1", "CODE-2", "CODE-9"]
    scans = [redeem(scan_id=uuid.uuid4(), code=code, cashier=cashier) for code in codes]
    assert [told(scan) for scan in scans] == [(State.REFUSED, "unknown")] * 4
    assert scans[0].message == "Voucher já utilizado."
    refine_due()
    assert [told(scan)[1] for scan in scans] == ["unknown"] * 4, "not before they are due"
    Redemption.objects.update(refine_after=timezone.now())
    reads = len(sandbox.log())
    refine_due()
    assert len(sandbox.log()) == reads + 2, "one reading of the list for all, its end confirmed"
    assert [told(scan) for scan in scans] == [
        (State.USED, "voucher_used"),
        (State.REFUSED, "voucher_expired"),
        (State.REFUSED, "voucher_cancelled"),
        (State.REFUSED, "voucher_not_found"),
    ]
    assert scans[0].used_at == datetime.fromisoformat("2026-03-05T14:31:40-03:00")
    assert not Redemption.objects.exclude(refine_after=None).exists()
    refine_due()
    assert len(sandbox.log()) == reads + 2


def test_a_list_that_cannot_be_read_leaves_the_refusal_as_it_was(
    make_connection: Callable[..., Connection], sandbox: SandboxServer, cashier: User
) -> None:
    make_connection("bare")
    scan = redeem(scan_id=uuid.uuid4(), code="CODE-9", cashier=cashier)
    Redemption.objects.update(refine_after=timezone.now())
    sandbox.fault("html_200", method="GET", path="vouchers")
    refine_due()
    assert told(scan) == (State.REFUSED, "unknown")
    assert scan.refine_after is not None
    assert scan.refine_after > timezone.now() + timedelta(seconds=50)


def test_a_dry_run_is_never_called_valid(scan: Scan, voucher: str, sandbox: SandboxServer) -> None:
    sandbox.switch("validate_mode", "dry_run")
    done = scan()
    assert told(done) == (State.IN_DOUBT, "dry_run")
    assert done.write is not None
    assert done.write.alert == "dry_run"
    assert effects(sandbox) == 0


def test_cpf_is_no_part_of_a_scan(scan: Scan, voucher: str) -> None:
    done = scan()
    assert done.write is not None
    assert CPF not in str(done.write.payload) + str(done.write.result)
