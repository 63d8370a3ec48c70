"""Reversal cases move one way: asked for, approved and done in the panel, confirmed; or declined.

Nothing here asks the platform for anything or touches the redemption: the voucher stays used, there and
here, whatever becomes of the case. Every step is a conditional update, so that two people cannot both
take it, and is in the audit trail.
"""

from datetime import datetime

from django.db import IntegrityError, transaction
from django.utils import timezone

from smartbis_admin.staff.models import User
from smartbis_admin.staff.services import audit
from vouchers.models import Redemption
from vouchers.reversals.models import ReversalCase

State = ReversalCase.State


class CaseError(Exception):
    """The step cannot be taken; `code` says why: `not_valid`, `too_late`, `exists`, `moved_on`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def window_ends(redemption: Redemption) -> datetime | None:
    """Until when a reversal may be asked for; None: no end, because the scan has no store with a rule."""
    if redemption.store is None:
        return None
    return (redemption.decided_at or redemption.received_at) + redemption.store.reversal_window


def open_case(*, redemption: Redemption, reason: str, note: str, by: User) -> ReversalCase:
    """Ask for a reversal of a validation. Raises `CaseError`; then nothing was recorded."""
    if redemption.state != Redemption.State.VALID:
        raise CaseError("not_valid")
    ends = window_ends(redemption)
    if ends is not None and timezone.now() > ends:
        raise CaseError("too_late")
    try:
        with transaction.atomic():
            case = ReversalCase.objects.create(redemption=redemption, reason=reason, note=note, opened_by=by)
            audit(actor=by, action="reversal.opened", subject=f"reversal:{case.pk}", reason=reason)
    except IntegrityError:
        raise CaseError("exists") from None
    return case


def approve_case(*, case: ReversalCase, by: User) -> None:
    """A manager approves: somebody now makes it good in the panel."""
    _move(case, State.OPEN, State.AT_PANEL, by=by, approver=by, approved_at=timezone.now())


def decline_case(*, case: ReversalCase, by: User) -> None:
    """A manager declines: nothing is made good."""
    _move(case, State.OPEN, State.DECLINED, by=by, approver=by, approved_at=timezone.now())


def confirm_case(*, case: ReversalCase, result: str, evidence: str, by: User) -> None:
    """Somebody looked at the panel: what was done there, and what it shows now."""
    now = timezone.now()
    proof = {"result": result, "evidence": evidence, "confirmed_by": by, "confirmed_at": now}
    _move(case, State.AT_PANEL, State.CONFIRMED, by=by, **proof)


@transaction.atomic
def _move(case: ReversalCase, before: State, after: State, *, by: User, **values: object) -> None:
    if not ReversalCase.objects.filter(pk=case.pk, state=before).update(state=after, **values):
        raise CaseError("moved_on")
    case.refresh_from_db()
    audit(actor=by, action=f"reversal.{after}", subject=f"reversal:{case.pk}")
