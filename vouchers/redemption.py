"""Validating a voucher at the till: the sharpest safe write.

At most one redemption that is not refused exists per voucher (a partial unique constraint decides, on
every database), nothing says "valid" before the platform did, and a lost answer is in doubt until the
evidence or a person settles it. Every scan is a row, refused ones too.
Source: `architecture.md` mechanism 2, `smartbis-v2.md` §4.
"""

import uuid
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.utils import timezone

from smartbis_admin.connections.models import Connection
from smartbis_admin.staff.models import Store, Till, User
from smartbis_admin.writes.models import Write
from smartbis_admin.writes.services import SubjectBusyError, open_write, send
from vouchers.codes import ResolvedCode, resolve_code
from vouchers.models import Redemption, Voucher

#: The same code again at the same till within this time shows the first verdict, not "already used".
REPEAT_WINDOW = timedelta(seconds=10)
#: Tries for a voucher whose holder keeps vanishing; more than one is already rare.
ATTEMPTS = 3
#: Longest code the platform takes.
LONGEST_CODE = 64


class NoConnectionError(Exception):
    """No active connection can validate vouchers."""


def till_connections() -> list[Connection]:
    """The connections a till may validate on, the oldest first."""
    return list(Connection.objects.filter(is_active=True).order_by("pk"))


def redeem(
    *,
    scan_id: uuid.UUID,
    code: str,
    cashier: User,
    store: Store | None = None,
    till: Till | None = None,
    happened_at: datetime | None = None,
) -> Redemption:
    """Validate the voucher with this typed or scanned code and return the scan's row with its verdict.

    The same `scan_id` again returns the first row as it stands now. `happened_at` is the till's time.
    Raises `NoConnectionError` when there is no platform to ask; then nothing was recorded.
    """
    known = Redemption.objects.filter(pk=scan_id).first()
    if known:
        return known
    connections = till_connections()
    if not connections:
        raise NoConnectionError
    resolved = resolve_code(code, connections)
    scan = Redemption(
        id=scan_id,
        connection=resolved.connection,
        code=resolved.text.upper()[:LONGEST_CODE],
        code_sent=resolved.text[:LONGEST_CODE],
        cashier=cashier,
        store=store,
        till=till,
        happened_at=happened_at or timezone.now(),
    )
    if reason := _refused_here(resolved):
        return _record_refusal(scan, reason)
    for _attempt in range(ATTEMPTS):
        try:
            write = _claim(scan, resolved.voucher)
        except (IntegrityError, SubjectBusyError):
            if lost := _lost(scan):
                return lost
            # The rival was settled as "not done" between our insert and our look: the voucher is free.
            continue
        send(write)
        scan.refresh_from_db()
        return scan
    scan.state, scan.reason, scan.decided_at = Redemption.State.NOT_DONE, "try_again", timezone.now()
    scan.save(force_insert=True)
    return scan


def _refused_here(resolved: ResolvedCode) -> str:
    """Reason to refuse without asking the platform; empty to go on."""
    if not resolved.text:
        return "blank_code"
    if len(resolved.text) > LONGEST_CODE:
        return "code_too_long"
    if resolved.voucher and resolved.voucher.status == Voucher.Status.UNKNOWN:
        return "unknown_status"
    return ""


def _record_refusal(scan: Redemption, reason: str) -> Redemption:
    scan.state, scan.reason, scan.decided_at = Redemption.State.REFUSED, reason, timezone.now()
    scan.save(force_insert=True)
    return scan


def _claim(scan: Redemption, voucher: Voucher | None) -> Write:
    """Commit the scan and its intent together. Raises `IntegrityError` when somebody else holds the voucher."""
    before = {"status": voucher.status, "read_at": voucher.stored_at.isoformat()} if voucher else {}
    with transaction.atomic():
        scan.save(force_insert=True)
        write, _new = open_write(
            id=scan.id,
            connection=scan.connection,
            kind="validate_voucher",
            payload={
                "code": scan.code_sent,
                "customer_remote_id": voucher.customer_remote_id if voucher else None,
            },
            subject=f"voucher:{scan.code}",
            actor=scan.cashier,
            store=scan.store,
            till=scan.till,
            before=before,
        )
        scan.write = write
        scan.save(update_fields=["write"])
    return write


def _lost(scan: Redemption) -> Redemption | None:
    """Another scan holds the voucher: record ours as the loser, naming the winner. None: nobody holds it now."""
    with transaction.atomic():
        known = Redemption.objects.filter(pk=scan.pk).first()
        if known:
            return known
        winner = (
            Redemption.objects.filter(
                connection=scan.connection, code=scan.code, state__in=Redemption.HOLDING
            )
            .order_by("received_at")
            .first()
        )
        if winner is None:
            return None
        scan.write = None
        scan.winner = winner
        scan.decided_at = timezone.now()
        if winner.state == Redemption.State.VALID:
            scan.state, scan.reason = Redemption.State.USED, "voucher_used"
            scan.used_at = winner.used_at or winner.decided_at
            if _is_repeat(scan, winner):
                scan.reason = "repeated_scan"
        else:
            scan.state, scan.reason = Redemption.State.REFUSED, "being_confirmed"
        scan.save(force_insert=True)
    return scan


def _is_repeat(scan: Redemption, winner: Redemption) -> bool:
    decided = winner.decided_at or winner.received_at
    return (
        scan.till_id is not None
        and winner.till_id == scan.till_id
        and timezone.now() - decided <= REPEAT_WINDOW
    )

