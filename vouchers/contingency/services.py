"""Releasing contingency, and what a manager does about a conflict. Each step is in the audit trail.

Nothing here calls a platform. Accepting: `accepting.py`; handing over: `handing.py`.
"""

from datetime import timedelta

from django.contrib.auth.models import Permission
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from smartbis_admin.staff.access import Access
from smartbis_admin.staff.models import Shift, Store, User
from smartbis_admin.staff.pins import verify_pin
from smartbis_admin.staff.services import audit
from vouchers.contingency.following import follow
from vouchers.contingency.models import ContingencyRelease, ContingencyUse
from vouchers.models import Redemption

State = ContingencyUse.State


class ContingencyError(Exception):
    """The step cannot be taken; nothing changed. `code`: `over`, `moved_on`, `not_again`, `held`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def people_who_settle(store: Store) -> QuerySet[User]:
    """Who may release contingency in a store and resolve its conflicts."""
    granted = Permission.objects.filter(
        content_type__app_label="staff", codename=Access.SETTLE_CONTINGENCY.codename
    )
    may = Q(groups__permissions__in=granted) | Q(user_permissions__in=granted) | Q(is_superuser=True)
    here = Q(stores=None) | Q(stores=store)
    return User.objects.filter(may, here, is_active=True).distinct().order_by("first_name", "email")


def managers_with_pin(store: Store) -> QuerySet[User]:
    """Those of them who can show at a till who they are."""
    return people_who_settle(store).filter(pin__isnull=False)


def release(*, shift: Shift, manager: User, pin: str) -> ContingencyRelease:
    """A manager, one of `managers_with_pin`, lets a shift accept vouchers in contingency.

    Raises `WrongPinError`, `PinLockedError`, and `ContingencyError("over")` when the shift was closed.
    """
    # Outside the transaction: a wrong try stays counted.
    verify_pin(user=manager, pin=pin)
    now = timezone.now()
    until = now + timedelta(hours=shift.till.store.contingency_release_hours)
    with transaction.atomic():
        if not Shift.objects.select_for_update(of=("self",)).filter(pk=shift.pk, closed_at=None).exists():
            raise ContingencyError("over")
        given = ContingencyRelease.objects.create(shift=shift, manager=manager, at=now, until=until)
        audit(actor=manager, action="contingency.released", subject=f"shift:{shift.pk}", till=shift.till_id)
    return given


@transaction.atomic
def revoke(*, shift: Shift, by: User) -> bool:
    """End every release of a shift that is in force; False: none was."""
    now = timezone.now()
    releases = ContingencyRelease.objects.filter(shift=shift, revoked_at=None, until__gt=now)
    if not releases.update(revoked_at=now, revoked_by=by):
        return False
    audit(actor=by, action="contingency.revoked", subject=f"shift:{shift.pk}", till=shift.till_id)
    return True


@transaction.atomic
def resolve(*, use: ContingencyUse, resolution: str, note: str, by: User) -> None:
    """A manager says how a conflict was made good. Raises `ContingencyError("moved_on")`."""
    values = {"resolution": resolution, "note": note, "resolved_by": by, "resolved_at": timezone.now()}
    conflicts = ContingencyUse.objects.filter(pk=use.pk, state=State.CONFLICT)
    if not conflicts.update(state=State.SETTLED, **values):
        raise ContingencyError("moved_on")
    audit(actor=by, action="contingency.resolved", subject=f"redemption:{use.pk}", resolution=resolution)


def may_send(use: ContingencyUse) -> bool:
    """Whether a conflict may be sent to the platform: it never was, or nothing came of it there for certain."""
    scan = use.redemption
    never_sent = scan.reason == "outside_policy" and scan.write_id is None
    return use.state == State.CONFLICT and (never_sent or scan.state == Redemption.State.NOT_DONE)


def send_again(*, use: ContingencyUse, by: User) -> None:
    """A manager lets a conflict be sent after all: it waits like the others, under a write of its own.

    Raises `ContingencyError`: `moved_on`, `not_again` (see `may_send`), `held` (another scan holds the voucher).
    """
    try:
        with transaction.atomic():
            scan = Redemption.objects.select_for_update().get(pk=use.pk)
            current = ContingencyUse.objects.get(pk=use.pk)
            current.redemption = scan
            if current.state != State.CONFLICT:
                raise ContingencyError("moved_on")
            if not may_send(current):
                raise ContingencyError("not_again")
            scan.state, scan.reason, scan.decided_at = Redemption.State.CONTINGENCY, "", timezone.now()
            # Whom it once waited for came to nothing: what happens from here on is not that one's doing.
            scan.winner = None
            scan.save(update_fields=["state", "reason", "decided_at", "winner"])
            follow(scan)
            audit(actor=by, action="contingency.sent_again", subject=f"redemption:{scan.pk}")
    except IntegrityError:
        raise ContingencyError("held") from None
