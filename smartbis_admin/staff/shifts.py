"""Shifts: who stands at which till from when to when. One open shift per till; a constraint decides.

Knows neither vouchers nor requests; what was scanned in a shift is counted by whoever owns the scans.
"""

from datetime import timedelta

from django.contrib.auth.models import Group
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from smartbis_admin.staff.access import Role
from smartbis_admin.staff.models import Shift, Till, User
from smartbis_admin.staff.pins import verify_pin
from smartbis_admin.staff.services import audit

#: Signs of life closer together than this are one.
TOUCH_EVERY = timedelta(seconds=30)


class TillTakenError(Exception):
    """Somebody else's shift is open at this till."""

    def __init__(self, shift: Shift) -> None:
        super().__init__(f"shift {shift.pk} is open")
        self.shift = shift


def open_shift_at(till: Till) -> Shift | None:
    """The open shift of a till, with its cashier; None while nobody stands there."""
    return Shift.objects.select_related("cashier").filter(till=till, closed_at=None).first()


def open_shift(*, till: Till, cashier: User, instead_of: Shift | None = None) -> Shift:
    """Open a shift, or return the cashier's own that is open there.

    `instead_of` is the other person's open shift the cashier knowingly ends. Raises `TillTakenError` when
    another one is open, also when it was opened this very moment.
    """
    now, current = timezone.now(), open_shift_at(till)
    if current is None or (current == instead_of and current.cashier_id != cashier.pk):
        try:
            with transaction.atomic():
                if current is not None:
                    _close(current, by=cashier, how="shift.taken_over")
                current = Shift.objects.create(till=till, cashier=cashier, opened_at=now, seen_at=now)
                audit(actor=cashier, action="shift.opened", subject=f"shift:{current.pk}", till=till.pk)
        except IntegrityError:
            # Somebody opened one since we looked: the constraint let only theirs in.
            current = open_shift_at(till)
            if current is None:
                raise
    if current.cashier_id != cashier.pk:
        raise TillTakenError(current)
    return current


def close_shift(*, shift: Shift, by: User) -> bool:
    """Close a shift; False when it was closed already."""
    with transaction.atomic():
        return _close(shift, by=by, how="shift.closed")


def close_shifts_of(tills: QuerySet[Till], *, by: User) -> None:
    """Close what is open at these tills, because they are taken out of use."""
    for shift in Shift.objects.filter(till__in=tills, closed_at=None):
        close_shift(shift=shift, by=by)


def _close(shift: Shift, *, by: User, how: str) -> bool:
    now = timezone.now()
    if not Shift.objects.filter(pk=shift.pk, closed_at=None).update(closed_at=now, closed_by=by):
        return False
    shift.closed_at, shift.closed_by = now, by
    audit(actor=by, action=how, subject=f"shift:{shift.pk}", till=shift.till_id)
    return True


def touch(shift: Shift) -> None:
    """Note that somebody is at the till. Written at most every `TOUCH_EVERY`."""
    now = timezone.now()
    if now - shift.seen_at >= TOUCH_EVERY:
        Shift.objects.filter(pk=shift.pk, seen_at__lt=now).update(seen_at=now)
        shift.seen_at = now


def is_locked(shift: Shift, user: User) -> bool:
    """Whether nobody was seen at the till for too long, nor signed in there since. Reads `till.store`."""
    seen = max(shift.seen_at, user.last_login or shift.seen_at)
    return timezone.now() - seen > shift.till.store.lock_after


def unlock(*, shift: Shift, pin: str) -> None:
    """Go on with a locked shift. Raises `WrongPinError` or `PinLockedError`; then it stays locked."""
    verify_pin(user=shift.cashier, pin=pin)
    Shift.objects.filter(pk=shift.pk, closed_at=None).update(seen_at=timezone.now())


def cashiers_with_pin(till: Till) -> QuerySet[User]:
    """Who may take over this till by PIN alone: cashiers of its store.

    A PIN is short. It opens the till and never the back office, so nobody with more than the cashier's
    role is offered: a manager signs in with the password.
    """
    more = Group.objects.exclude(name=Role.CASHIER.value)
    here = Q(stores=None) | Q(stores=till.store_id)
    people = User.objects.filter(here, is_active=True, groups__name=Role.CASHIER.value, pin__isnull=False)
    return (
        people.exclude(groups__in=more)
        .exclude(Q(is_superuser=True) | Q(is_staff=True) | Q(user_permissions__isnull=False))
        .distinct()
        .order_by("first_name", "email")
    )


def switch_cashier(*, till: Till, cashier: User, pin: str) -> Shift:
    """End the open shift of a till and open this cashier's, who shows by PIN who they are.

    `cashier` is one of `cashiers_with_pin`. Raises `WrongPinError`, `PinLockedError`; then nothing changed.
    """
    verify_pin(user=cashier, pin=pin)
    current = open_shift_at(till)
    others = current if current and current.cashier_id != cashier.pk else None
    shift = open_shift(till=till, cashier=cashier, instead_of=others)
    Shift.objects.filter(pk=shift.pk).update(seen_at=timezone.now())
    return shift
