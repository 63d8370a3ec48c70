"""Reversal cases: who may take which step, and that the voucher stays used whatever becomes of them."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from sandbox.testing import SandboxServer
from smartbis_admin.connections.models import Connection
from smartbis_admin.staff.access import Role
from smartbis_admin.staff.models import AuditEvent, Store, Till, User
from tests.conftest import signed_in
from tests.till.conftest import CODE, effects, validations
from vouchers.models import Redemption
from vouchers.reversals.models import ReversalCase
from vouchers.reversals.services import CaseError, approve_case, decline_case, open_case, window_ends
from vouchers.till.shift_summary import summarise

State = ReversalCase.State
ASKED = {"reason": "wrong_voucher", "note": "O cliente tinha outro voucher."}
DONE = {
    "found": "on", "still_used": "on", "told": "on", "result": "new_voucher", "evidence": "Novo voucher emitido.",
}  # fmt: skip


@pytest.fixture
def used(scan: Callable[..., Redemption], voucher: str) -> Redemption:
    """Caio's validation of a voucher."""
    done = scan()
    assert done.state == Redemption.State.VALID
    return done


@pytest.fixture
def case(used: Redemption, cashier: User) -> ReversalCase:
    return open_case(redemption=used, by=cashier, **ASKED)


def test_from_asking_to_confirming_and_the_platform_is_never_asked(
    used: Redemption,
    cashier: User,
    cashier_client: Client,
    manager: User,
    manager_client: Client,
    sandbox: SandboxServer,
) -> None:
    calls = len(sandbox.log())
    page = cashier_client.get(f"/estornos/pedir/{used.pk}/").content.decode()
    assert "o voucher continua usado nela e aqui, e não poderá ser validado de novo" in page
    answer = cashier_client.post(f"/estornos/pedir/{used.pk}/", ASKED)
    case = ReversalCase.objects.get()
    assert answer.url == f"/estornos/{case.pk}/"
    assert (case.state, case.reason, case.opened_by) == (State.OPEN, "wrong_voucher", cashier)
    manager_client.post(f"/estornos/{case.pk}/aprovar/")
    case.refresh_from_db()
    assert (case.state, case.approver) == (State.AT_PANEL, manager)
    assert (
        "Emita um novo voucher ou faça um ajuste de saldo" in manager_client.get(answer.url).content.decode()
    )
    manager_client.post(f"/estornos/{case.pk}/confirmar/", DONE)
    case.refresh_from_db()
    assert (case.state, case.confirmed_by, case.result) == (State.CONFIRMED, manager, "new_voucher")
    assert case.evidence == "Novo voucher emitido."
    steps = AuditEvent.objects.filter(subject=f"reversal:{case.pk}").order_by("pk")
    assert list(steps.values_list("action", flat=True)) == [
        "reversal.opened",
        "reversal.at_panel",
        "reversal.confirmed",
    ]
    assert len(sandbox.log()) == calls


@pytest.mark.parametrize("state", State)
def test_the_voucher_is_never_free_again(
    state: State,
    case: ReversalCase,
    used: Redemption,
    scan: Callable[..., Redemption],
    sandbox: SandboxServer,
) -> None:
    ReversalCase.objects.update(state=state)
    Redemption.objects.update(received_at=timezone.now() - timedelta(minutes=5))
    again = scan()
    used.refresh_from_db()
    assert (used.state, again.state, again.winner) == ("valid", "used", used)
    assert (len(validations(sandbox)), effects(sandbox)) == (1, 1)


@pytest.mark.parametrize("code", ["NAO-EXISTE", "7"])
def test_only_a_validation_can_be_reversed(code: str, scan: Callable[..., Redemption], cashier: User) -> None:
    with pytest.raises(CaseError, match="not_valid"):
        open_case(redemption=scan(code), by=cashier, **ASKED)
    assert ReversalCase.objects.count() == 0


def test_a_validation_in_doubt_cannot_be_reversed(
    voucher: str, scan: Callable[..., Redemption], sandbox: SandboxServer, cashier: User
) -> None:
    sandbox.fault("drop_after", method="POST", path="vouchers/*")
    with pytest.raises(CaseError, match="not_valid"):
        open_case(redemption=scan(), by=cashier, **ASKED)


def test_the_window_is_the_stores(used: Redemption, cashier_client: Client) -> None:
    Store.objects.update(reversal_hours=2)
    Redemption.objects.update(decided_at=timezone.now() - timedelta(hours=2, minutes=1))
    page = cashier_client.post(f"/estornos/pedir/{used.pk}/", ASKED).content.decode()
    assert "O prazo da loja para pedir estorno terminou." in page
    assert ReversalCase.objects.count() == 0
    Redemption.objects.update(decided_at=timezone.now() - timedelta(hours=1, minutes=59))
    assert cashier_client.post(f"/estornos/pedir/{used.pk}/", ASKED).status_code == 302


def test_a_scan_without_a_store_has_no_window(scan: Callable[..., Redemption], voucher: str) -> None:
    assert window_ends(scan(till=None)) is None


def test_one_case_a_validation(case: ReversalCase, used: Redemption, cashier_client: Client) -> None:
    assert cashier_client.get(f"/estornos/pedir/{used.pk}/").url == f"/estornos/{case.pk}/"
    page = cashier_client.post(f"/estornos/pedir/{used.pk}/", ASKED).content.decode()
    assert "Esta validação já tem um pedido de estorno." in page
    assert ReversalCase.objects.count() == 1


def test_two_managers_cannot_decide_both_ways(case: ReversalCase, manager: User, owner: User) -> None:
    theirs = ReversalCase.objects.get()
    approve_case(case=case, by=manager)
    with pytest.raises(CaseError, match="moved_on"):
        decline_case(case=theirs, by=owner)
    case.refresh_from_db()
    assert (case.state, case.approver) == (State.AT_PANEL, manager)


@pytest.mark.parametrize("missing", ["found", "still_used", "told", "result", "evidence"])
def test_confirming_needs_the_whole_checklist(
    missing: str, case: ReversalCase, manager: User, manager_client: Client
) -> None:
    approve_case(case=case, by=manager)
    sent = {name: value for name, value in DONE.items() if name != missing}
    assert manager_client.post(f"/estornos/{case.pk}/confirmar/", sent).status_code == 200
    case.refresh_from_db()
    assert (case.state, case.confirmed_by) == (State.AT_PANEL, None)


def test_what_was_not_approved_cannot_be_confirmed(case: ReversalCase, manager_client: Client) -> None:
    page = manager_client.post(f"/estornos/{case.pk}/confirmar/", DONE).content.decode()
    assert "Este pedido já foi decidido por outra pessoa. Confira a situação." in page
    case.refresh_from_db()
    assert case.state == State.OPEN


def test_declining_asks_first(case: ReversalCase, manager: User, manager_client: Client) -> None:
    page = manager_client.post(f"/estornos/{case.pk}/negar/").content.decode()
    assert "Negar este estorno? A decisão não muda depois." in page
    case.refresh_from_db()
    assert case.state == State.OPEN
    manager_client.post(f"/estornos/{case.pk}/negar/", {"confirmed": "1"})
    case.refresh_from_db()
    assert (case.state, case.approver) == (State.DECLINED, manager)


@pytest.mark.parametrize("step", ["aprovar", "negar", "confirmar"])
@pytest.mark.parametrize("who", ["cashier", "viewer", "stranger"])
def test_only_managers_decide(
    who: str, step: str, case: ReversalCase, request: pytest.FixtureRequest
) -> None:
    client: Client = request.getfixturevalue(f"{who}_client")
    assert client.post(f"/estornos/{case.pk}/{step}/", DONE | {"confirmed": "1"}).status_code == 403
    case.refresh_from_db()
    assert (case.state, case.approver) == (State.OPEN, None)


def test_a_cashier_asks_about_and_sees_their_own_alone(
    case: ReversalCase, used: Redemption, make_person: Callable[..., User], cashier_client: Client
) -> None:
    other = signed_in(make_person("ana", Role.CASHIER))
    assert other.get(f"/estornos/{case.pk}/").status_code == 404
    ReversalCase.objects.all().delete()
    assert other.post(f"/estornos/pedir/{used.pk}/", ASKED).status_code == 404
    assert ReversalCase.objects.count() == 0
    assert cashier_client.get("/estornos/").status_code == 403


def test_the_summary_counts_what_was_asked_to_be_reversed(case: ReversalCase) -> None:
    counts = []
    for state in State:
        ReversalCase.objects.update(state=state)
        counts.append(summarise(Redemption.objects.all()).reversed)
    assert dict(zip(State, counts, strict=True)) == {
        State.OPEN: 1,
        State.AT_PANEL: 1,
        State.CONFIRMED: 1,
        State.DECLINED: 0,
    }


def test_the_list_costs_the_same_with_many_rows_and_shows_no_whole_code(
    case: ReversalCase, connection: Connection, cashier: User, till: Till, manager_client: Client
) -> None:
    counts = []
    for more in (1, 30):
        for n in range(more):
            code = f"MANY-{more}-{n}"
            fields: dict[str, Any] = {
                "connection": connection,
                "code": code,
                "code_sent": code,
                "state": "valid",
            }
            scan = Redemption.objects.create(
                **fields, cashier=cashier, till=till, store=till.store, happened_at=timezone.now()
            )
            open_case(redemption=scan, by=cashier, **ASKED)
        with CaptureQueriesContext(database) as queries:
            page = manager_client.get("/estornos/").content.decode()
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 14
    assert "…M-9Q" in manager_client.get("/estornos/?sort=opened_at").content.decode()
    assert CODE not in page
