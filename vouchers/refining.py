"""Refusals that came without a reason get the one the platform's voucher list shows.

The till shows the vendor's own sentence meanwhile. Source: `smartbis-v2.md` §3 (status codes, 422).
"""

from collections import defaultdict
from datetime import timedelta
from typing import Any

from django.utils import timezone

from smartbis_admin.api.capabilities import Resource
from smartbis_admin.api.errors import ApiError
from smartbis_admin.api.records import VoucherRecord, VoucherStatus
from smartbis_admin.connections.models import Connection
from smartbis_admin.connections.services import client_for, note_error, note_ok
from smartbis_admin.sync.engine import store_records
from vouchers.finding import find_vouchers
from vouchers.models import Redemption

#: While the list cannot be read to its end, look again after this.
LOOK_AGAIN = timedelta(seconds=60)
#: Scans refined with one reading of a list.
AT_ONCE = 200


def refine_due() -> None:
    """Refine every scan that is due, with one reading of the list per connection."""
    due = Redemption.objects.filter(
        state=Redemption.State.REFUSED, reason="unknown", refine_after__lte=timezone.now()
    )
    scans: dict[Connection, list[Redemption]] = defaultdict(list)
    for scan in due.select_related("connection").order_by("refine_after")[:AT_ONCE]:
        scans[scan.connection].append(scan)
    for connection, waiting in scans.items():
        try:
            refine(connection, waiting)
        except ApiError as error:
            note_error(connection, error)
            _put_off(waiting)


def refine(connection: Connection, scans: list[Redemption]) -> None:
    """Look these scans up. Raises the `ApiError` family; then nothing changed and they stay due."""
    found, whole = find_vouchers(client_for(connection), connection, {scan.code_sent for scan in scans})
    note_ok(connection)
    store_records(connection, Resource.VOUCHERS, list(found.values()))
    for scan in scans:
        record = found.get(scan.code_sent.upper())
        if record is None and not whole:
            _put_off([scan])
            continue
        changes = _reason(record) if record else {"reason": "voucher_not_found"}
        rows = Redemption.objects.filter(pk=scan.pk, state=Redemption.State.REFUSED, reason="unknown")
        rows.update(refine_after=None, **changes)


def _put_off(scans: list[Redemption]) -> None:
    Redemption.objects.filter(pk__in=[scan.pk for scan in scans]).update(
        refine_after=timezone.now() + LOOK_AGAIN
    )


def _reason(record: VoucherRecord) -> dict[str, Any]:
    """What a scan learns from how the platform lists its voucher; empty where that explains nothing."""
    now = timezone.now()
    if record.status == VoucherStatus.USED:
        return {"state": Redemption.State.USED, "reason": "voucher_used", "used_at": record.used_at or None}
    if record.status == VoucherStatus.CANCELLED:
        return {"reason": "voucher_cancelled"}
    if record.status == VoucherStatus.EXPIRED or (record.expires_at and record.expires_at < now):
        return {"reason": "voucher_expired"}
    if record.starts_at and record.starts_at > now:
        return {"reason": "voucher_not_started"}
    return {}
