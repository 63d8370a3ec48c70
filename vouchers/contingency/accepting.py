"""Accepting a voucher while the platform cannot be reached, within the store's policy.

The limit an hour is counted and the acceptance stored while the till is locked, so that readings at the
same moment cannot pass it together. Nothing here calls a platform.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone

from smartbis_admin.api.capabilities import Resource
from smartbis_admin.staff.models import Shift, Till, User
from smartbis_admin.staff.services import audit
from smartbis_admin.sync.services import data_age
from smartbis_admin.writes.models import Write
from vouchers.contingency.models import ContingencyRelease, ContingencyUse
from vouchers.contingency.policy import Policy, accepted_since, breach_of, policy_of, release_at
from vouchers.models import Redemption, Voucher
from vouchers.redemption import holder_of, lose_to, voucher_of

Breach = ContingencyUse.Breach
#: How long after a reading that found no platform it may still be accepted: the customer stands there.
OFFER_LASTS = timedelta(minutes=5)


class NotAcceptedError(Exception):
    """The voucher is not accepted and nothing changed. `code`: a `Breach` or `over` (asked too late)."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def found_no_platform(scan: Redemption) -> bool:
    """Whether a scan ended without an answer because the link to the platform is down. Reads `write`."""
    unsent = scan.state == Redemption.State.NOT_DONE and not scan.road
    return unsent and scan.write is not None and _never_left(scan.write)


def _never_left(write: Write) -> bool:
    return write.state == Write.State.NOT_SENT and write.error == "Unreachable"


def offer(scan: Redemption, shift: Shift) -> str:
    """What keeps a scan that found no platform from being accepted now; empty: it may be offered.

    Reads `voucher`, `connection` and, of the shift, `till.store`.
    """
    now = timezone.now()
    policy, release = policy_of(shift.till.store), release_at(shift)
    return _over(scan, shift, now) or _breach(scan, scan.voucher, policy, release, shift.till, now)


def _over(scan: Redemption, shift: Shift, now: datetime) -> str:
    here = scan.shift_id == shift.pk and now - scan.received_at <= OFFER_LASTS
    return "" if here else "over"


def _breach(
    scan: Redemption,
    voucher: Voucher | None,
    policy: Policy,
    release: ContingencyRelease | None,
    till: Till,
    now: datetime,
) -> str:
    read_at = data_age(scan.connection, Resource.VOUCHERS)
    breach = breach_of(policy=policy, release=release, voucher=voucher, mirror_read_at=read_at, at=now)
    if breach:
        return breach
    if voucher is not None and voucher.status != Voucher.Status.ISSUED:
        return Breach.NOT_ISSUED
    return Breach.TOO_MANY if len(accepted_since(till, now)) >= policy.max_per_hour else ""


@contextmanager
def one_at_a_time(till: Till) -> Iterator[None]:
    """A transaction in which nobody else accepts anything at this till."""
    with transaction.atomic():
        Till.objects.select_for_update(of=("self",)).get(pk=till.pk)
        yield


def accept(*, scan: Redemption, shift: Shift, by: User) -> Redemption:
    """Accept the voucher of a scan that found no platform, and return the scan as it stands.

    The same scan again changes nothing. When another scan holds the voucher meanwhile, this one loses to it.
    Raises `NotAcceptedError`.
    """
    with one_at_a_time(shift.till):
        now = timezone.now()
        scan = Redemption.objects.select_for_update(of=("self",)).select_related("connection").get(pk=scan.pk)
        if scan.road:
            return scan
        if not found_no_platform(scan):
            raise NotAcceptedError("over")
        if _over(scan, shift, now):
            raise NotAcceptedError("over")
        if (winner := holder_of(scan)) is not None:
            _lose(scan, winner)
            return scan
        policy, release = policy_of(shift.till.store), release_at(shift, now)
        breach = _breach(scan, voucher_of(scan), policy, release, shift.till, now)
        if breach:
            raise NotAcceptedError(breach)
        if not _hold(scan, now):
            return scan
        ContingencyUse.objects.create(
            redemption=scan, till=shift.till, accepted_at=now, policy=policy.as_json(), release=release
        )
        audit(actor=by, action="contingency.accepted", subject=f"redemption:{scan.pk}", till=shift.till_id)
    return scan


def _hold(scan: Redemption, now: datetime) -> bool:
    """Let a stored scan hold its voucher; False: it lost to another one this very moment."""
    scan.road, scan.state, scan.reason = Redemption.Road.PLATFORM, Redemption.State.CONTINGENCY, ""
    # Whom it once waited for came to nothing: what happens from here on is not that one's doing.
    scan.decided_at, scan.winner = now, None
    try:
        with transaction.atomic():
            scan.save(update_fields=["road", "state", "reason", "decided_at", "winner"])
    except IntegrityError:
        scan.road = ""
        _lose(scan, holder_of(scan))
        return False
    return True


def _lose(scan: Redemption, winner: Redemption | None) -> None:
    """Another scan holds the voucher, or did a moment ago: then it may be read again."""
    lost = lose_to(winner, scan) if winner else (Redemption.State.NOT_DONE, "try_again")
    scan.state, scan.reason = lost
    scan.decided_at = timezone.now()
    scan.save(update_fields=["state", "reason", "decided_at", "winner", "used_at"])
