"""Validating a voucher at the till: the sharpest safe write.

At most one redemption that is not refused exists per voucher (a partial unique constraint decides, on
every database), nothing says "valid" before the platform did, and a lost answer is in doubt until the
evidence or a person settles it. Every scan is a row, refused ones too.
Source: `architecture.md` mechanism 2, `smartbis-v2.md` §4.
"""

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Exists, QuerySet, UUIDField
from django.utils import timezone

from smartbis_admin.api.brazil import voucher_code_key
from smartbis_admin.prepared import Prepared, PreparedInsert, Slot
from smartbis_admin.staff.models import Shift, Store, Till, User
from smartbis_admin.writes.models import Write
from smartbis_admin.writes.services import new_write, open_write, send
from vouchers.codes import ResolvedCode, resolve_code
from vouchers.models import Redemption, Voucher

#: The same code again at the same till within this time shows the first verdict, not "already used".
REPEAT_WINDOW = timedelta(seconds=10)
#: A code of one sign is a slip of the finger.
SHORTEST_CODE = 2
#: Reasons of a scan that another one beat whose outcome is not known yet.
WAITING_FOR_ANOTHER = ("being_confirmed", "in_contingency")
#: Tries for a voucher whose holder keeps vanishing; more than one is already rare.
ATTEMPTS = 3
#: Longest code the platform takes.
LONGEST_CODE = 64


class NoConnectionError(Exception):
    """No active connection can validate vouchers."""


def redeem(
    *,
    scan_id: uuid.UUID,
    code: str,
    cashier: User,
    store: Store | None = None,
    till: Till | None = None,
    shift: Shift | None = None,
    happened_at: datetime | None = None,
    resolved: ResolvedCode | None = None,
    rows: Callable[[], QuerySet[Redemption]] = Redemption.objects.all,
) -> Redemption:
    """Validate the voucher with this typed or scanned code and return the scan's row with its verdict.

    The same `scan_id` again returns the first row as it stands now. `happened_at` is the till's time.
    `resolved` is what the caller just made of `code`; a row is read through what `rows` gives.
    Raises `NoConnectionError` when there is no platform to ask; then nothing was recorded.
    """
    resolved = resolved or resolve_code(code)
    if resolved.connection is None:
        known = rows().filter(pk=scan_id).first()
        if known is None:
            raise NoConnectionError
        return known
    # Whether this scan is known is not asked first: nearly none is, and the insert meets the one that is.
    scan = Redemption(
        id=scan_id,
        connection=resolved.connection,
        code=resolved.text.upper()[:LONGEST_CODE],
        code_sent=resolved.text[:LONGEST_CODE],
        cashier=cashier,
        store=store,
        till=till,
        shift=shift,
        happened_at=happened_at or timezone.now(),
    )
    if reason := _refused_here(resolved):
        _record(scan, Redemption.State.REFUSED, reason)
    elif _ask(scan, resolved.voucher):
        return scan
    return rows().get(pk=scan_id)


def _ask(scan: Redemption, voucher: Voucher | None) -> bool:
    """Claim the voucher and ask the platform; where somebody else holds it, record the loser.

    Returns whether the object is the row as it was committed, with its voucher: the platform validated, on our
    asking, what our copy knew. Otherwise the row has to be read.
    """
    for _attempt in range(ATTEMPTS):
        try:
            write = _claim(scan, voucher)
        except IntegrityError:
            if _lost(scan):
                return False
            # The rival was settled as "not done" between our insert and our look: the voucher is free.
            continue
        if voucher is not None:
            scan.voucher = voucher
        send(write)
        return scan.state == Redemption.State.VALID and Redemption.voucher.is_cached(scan)
    _record(scan, Redemption.State.NOT_DONE, "try_again")
    return False


def _refused_here(resolved: ResolvedCode) -> str:
    """Reason to refuse without asking the platform; empty to go on."""
    if len(voucher_code_key(resolved.text)) < SHORTEST_CODE:
        return "blank_code"
    if len(resolved.text) > LONGEST_CODE:
        return "code_too_long"
    if resolved.voucher and resolved.voucher.status == Voucher.Status.UNKNOWN:
        return "unknown_status"
    return ""


def _record(scan: Redemption, state: Redemption.State, reason: str) -> Redemption:
    """Keep a scan that asks the platform for nothing."""
    scan.state, scan.reason, scan.decided_at = state, reason, timezone.now()
    scan.write = None
    return _insert(scan)


def _insert(scan: Redemption) -> Redemption:
    """Insert a scan; the first row where the same scan arrived twice at once."""
    try:
        with transaction.atomic():
            scan.save(force_insert=True)
    except IntegrityError:
        return Redemption.objects.get(pk=scan.pk)
    return scan


def _claim(scan: Redemption, voucher: Voucher | None) -> Write:
    """Commit the scan and its intent together. `IntegrityError`: somebody else holds the voucher."""
    scan.write = new_write(id=scan.id, **_validation(scan, voucher))
    _INSERT(scan.write, scan)
    return scan.write


_INSERT = PreparedInsert(Write, Redemption)


def open_validation(scan: Redemption, voucher: Voucher | None, *, write_id: uuid.UUID) -> Write:
    """The intent to validate the voucher a scan holds. Joins the caller's transaction.

    `SubjectBusyError`: another one is open.
    """
    write, _new = open_write(id=write_id, **_validation(scan, voucher))
    return write


def _validation(scan: Redemption, voucher: Voucher | None) -> dict[str, Any]:
    """What the ledger keeps of the intent, but for its identity."""
    return {
        "connection": scan.connection,
        "kind": "validate_voucher",
        "payload": {
            "code": scan.code_sent,
            "customer_remote_id": voucher.customer_remote_id if voucher else None,
        },
        "subject": f"voucher:{scan.code}",
        "actor": scan.cashier,
        "store": scan.store,
        "till": scan.till,
        "before": {"status": voucher.status, "read_at": voucher.stored_at.isoformat()} if voucher else {},
    }


def voucher_of(scan: Redemption) -> Voucher | None:
    """The mirror's row of a scan's code, by one query; None: the mirror does not know it."""
    return Voucher.objects.filter(connection=scan.connection_id, remote_id=scan.code_sent).first()


def _lost(scan: Redemption) -> Redemption | None:
    """Record ours as the loser to the scan that holds the voucher. None: nobody holds it now."""
    with transaction.atomic():
        known = Redemption.objects.filter(pk=scan.pk).first()
        if known:
            return known
        # Locked, so that the winner's outcome finds every loser that was told to wait for it.
        winner = holder_of(scan)
        if winner is None:
            return None
        return _record(scan, *lose_to(winner, scan))


def holder_of(scan: Redemption) -> Redemption | None:
    """The scan that holds this one's voucher, locked until the end of the transaction; None: nobody."""
    return (
        Redemption.objects.select_for_update()
        .filter(connection=scan.connection, code=scan.code, state__in=Redemption.HOLDING)
        .exclude(pk=scan.pk)
        .order_by("received_at")
        .first()
    )


def lose_to(winner: Redemption, scan: Redemption) -> tuple[Redemption.State, str]:
    """What a scan is that another one beat, on the object alone: state and reason."""
    scan.winner = winner
    if winner.state == Redemption.State.VALID:
        scan.used_at = winner.used_at or winner.decided_at
        return Redemption.State.USED, "repeated_scan" if is_repeat(scan, winner) else "voucher_used"
    accepted = winner.state == Redemption.State.CONTINGENCY
    return Redemption.State.REFUSED, "in_contingency" if accepted else "being_confirmed"


def is_repeat(scan: Redemption, winner: Redemption) -> bool:
    """Whether one customer's voucher was read twice: same till, within seconds of the first reading."""
    same_till = scan.till_id is not None and winner.till_id == scan.till_id
    return same_till and timezone.now() - winner.received_at <= REPEAT_WINDOW


def _waiting_for(winner: uuid.UUID | Slot) -> QuerySet[Redemption]:
    """The scans that were told to wait for the outcome of this one."""
    return Redemption.objects.filter(
        winner=winner, state=Redemption.State.REFUSED, reason__in=WAITING_FOR_ANOTHER
    ).order_by()


def _locked() -> QuerySet[Redemption, Any]:
    waiting = Exists(_waiting_for(Slot("scan", UUIDField())))
    return Redemption.objects.filter(pk=Slot("scan", UUIDField())).order_by().values_list("road", waiting)


_LOCKED = Prepared(_locked)


def meanwhile(scan: Redemption) -> tuple[str, bool]:
    """The road of a scan whose row is locked, and whether others wait for it: both may have come since it was read."""
    [(road, waited_for)] = _LOCKED.rows(scan=scan.pk)
    return road, waited_for


def tell_losers(winner: Redemption) -> None:
    """Give the scans that were told to wait for this one the outcome it came to.

    To be called inside the transaction that set the outcome. A repeat at the same till is one customer
    only when it followed within seconds; later scans are somebody else's and read "already used".
    """
    waiting = _waiting_for(winner.pk)
    # The caller holds the winner's lock, and so does whoever adds a loser.
    if not waiting.exists():
        return
    told = {"decided_at": timezone.now(), "used_at": winner.used_at, "message": winner.message}
    if winner.state == Redemption.State.VALID:
        told |= {"state": Redemption.State.USED, "used_at": winner.used_at or winner.decided_at}
        if winner.till_id is not None:
            repeats = waiting.filter(till=winner.till_id, received_at__lte=winner.received_at + REPEAT_WINDOW)
            repeats.update(**told, reason="repeated_scan")
        waiting.update(**told, reason="voucher_used")
    else:
        waiting.update(**told, state=winner.state, reason=winner.reason)
