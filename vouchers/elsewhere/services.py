"""What a till does with a code or card of another programme: record the scan, and note a use by hand.

Nothing is asked of a platform and nothing is sent to one. A note is one row per code, decided by the database;
the scan keeps what became of it as its reason, and the programme's name, as it was, as its message.
"""

import uuid
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.db import IntegrityError, transaction
from django.db.models import QuerySet
from django.utils import timezone

from customers.models import Customer
from smartbis_admin.staff.models import Shift, Till, User
from smartbis_admin.staff.services import audit
from vouchers.elsewhere.finding import Found, code_of, customer_of, find_elsewhere
from vouchers.elsewhere.models import LocalUse
from vouchers.fulfilments.models import Fulfilment
from vouchers.models import Redemption

ELSEWHERE = Redemption.State.ELSEWHERE
#: Reasons of a scan whose use may be noted.
NOTABLE = ("code", "card")
#: Tries for a note whose holder is taken back at that very moment.
ATTEMPTS = 3


def tell_apart(
    *, scan_id: uuid.UUID, code: str, cashier: User, till: Till, shift: Shift, happened_at: datetime
) -> Redemption | None:
    """Record the scan of a code or card of another programme; None: it is none we know.

    The same `scan_id` again returns the first row as it stands now.
    """
    found = find_elsewhere(code)
    if found is None:
        return None
    day = _day(found.kind, till, happened_at)
    earlier = _uses(found.connection.pk, found.kind, found.key, day).select_related("scan").first()
    text = (found.fulfilment.code or "") if found.fulfilment else found.key
    values = {
        "connection": found.connection,
        "code": found.key[:128],
        "code_sent": text[:128],
        "state": ELSEWHERE,
        "reason": _reason(found) if earlier is None else "noted_before",
        "winner": earlier.scan if earlier else None,
        "message": found.connection.programme_name,
        "used_at": found.fulfilment.used_at if found.fulfilment else None,
        "cashier": cashier,
        "store": till.store,
        "till": till,
        "shift": shift,
        "happened_at": happened_at,
        "decided_at": timezone.now(),
    }
    scan, _new = Redemption.objects.get_or_create(pk=scan_id, defaults=values)
    return scan


def _reason(found: Found) -> str:
    row = found.fulfilment
    if row is None:
        return "card"
    if row.usage == Fulfilment.Usage.USED or row.used_at:
        return "code_used"
    if row.expires_at and row.expires_at < timezone.now():
        return "code_expired"
    if row.status == Fulfilment.Status.CANCELLED:
        return "code_cancelled"
    return (
        "code_not_issued" if row.status in (Fulfilment.Status.PENDING, Fulfilment.Status.FAILED) else "code"
    )


def note_use(*, scan: Redemption, by: User) -> Redemption:
    """Note that what was scanned was used here. The scan then says `noted`, or `noted_before` with its winner.

    Pressed again it changes nothing. A scan that may not be noted is returned as it is.
    """
    kind = LocalUse.Kind.CODE if scan.reason == "code" else LocalUse.Kind.CARD
    for _attempt in range(ATTEMPTS):
        if scan.state != ELSEWHERE or scan.reason not in NOTABLE or scan.till is None:
            break
        day = _day(kind, scan.till, scan.happened_at)
        try:
            with transaction.atomic():
                LocalUse.objects.create(
                    scan=scan, connection=scan.connection, kind=kind, key=scan.code, once=day, noted_by=by
                )
                _became(scan, "noted", None)
        except IntegrityError:
            first = _uses(scan.connection_id, kind, scan.code, day).select_related("scan").first()
            if first is not None and first.pk != scan.pk:
                _became(scan, "noted_before", first.scan)
        scan.refresh_from_db()
    return scan


def take_back(*, use: LocalUse, by: User) -> bool:
    """A manager declares a note a mistake; the code may be noted again. False: it was taken back before."""
    with transaction.atomic():
        rows = LocalUse.objects.filter(pk=use.pk, taken_back_at=None)
        if not rows.update(taken_back_at=timezone.now(), taken_back_by=by):
            return False
        Redemption.objects.filter(pk=use.pk).update(reason="taken_back")
        audit(actor=by, action="local_use.taken_back", subject=f"scan:{use.pk}")
    return True


def uses_of(row: Fulfilment) -> QuerySet[LocalUse]:
    """The notes about a reward's code, the newest first; those taken back too."""
    uses = LocalUse.objects.filter(connection=row.connection_id, kind=LocalUse.Kind.CODE, key=row.code_key)
    return uses.select_related("noted_by", "taken_back_by", "scan__till__store").order_by("-noted_at")


@dataclass(frozen=True)
class Shown:
    """What the banner shows beside the words."""

    fulfilment: Fulfilment | None
    customer: Customer | None
    may_note: bool


def shown(scan: Redemption | None) -> dict[str, Any]:
    """Context of `vouchers/elsewhere/note.html` and the customer behind the scan; empty for a voucher's scan."""
    if scan is None or scan.state != ELSEWHERE:
        return {}
    row = code_of(scan.code, scan.connection)
    customer = row.customer if row else customer_of(scan.code, scan.connection)
    return {"customer": customer, "elsewhere": Shown(row, customer, scan.reason in NOTABLE)}


def _uses(connection_id: int, kind: str, key: str, once: str) -> QuerySet[LocalUse]:
    return LocalUse.objects.filter(
        connection=connection_id, kind=kind, key=key, once=once, taken_back_at=None
    )


def _became(scan: Redemption, reason: str, winner: Redemption | None) -> None:
    rows = Redemption.objects.filter(pk=scan.pk, state=ELSEWHERE, reason__in=NOTABLE)
    rows.update(reason=reason, winner=winner, decided_at=timezone.now())


def _day(kind: str, till: Till, at: datetime) -> str:
    """What tells two uses of the same card apart: the store's date."""
    if kind == LocalUse.Kind.CODE:
        return ""
    return timezone.localdate(at, ZoneInfo(till.store.time_zone)).isoformat()
