"""What counts as drift of a voucher: used without a validation of ours, or changed otherwise."""

from collections.abc import Iterable, Sequence
from contextlib import closing

from django.utils import timezone

from smartbis_admin.api.capabilities import Resource
from smartbis_admin.api.errors import ApiError
from smartbis_admin.connections.models import Connection
from smartbis_admin.connections.services import client_for, note_error, note_ok
from smartbis_admin.sync.drift.rules import Change, DriftRule, Finding, Kind, register
from smartbis_admin.sync.reading import keep_reading
from vouchers.finding import find_vouchers
from vouchers.models import Redemption, Voucher

WATCHED = (
    "status", "customer_remote_id", "reward_remote_id", "value", "minimum_purchase", "starts_at", "expires_at"
)  # fmt: skip
#: What is told with a use: where and when it happened.
USE = ("status", "used_at", "store_name")
USED, ISSUED, EXPIRED = (
    str(word) for word in (Voucher.Status.USED, Voucher.Status.ISSUED, Voucher.Status.EXPIRED)
)


def judge(connection: Connection, changes: Sequence[Change]) -> Iterable[Finding]:
    """Uses nobody asked for here, and changed terms; a voucher that simply expired is no drift."""
    used = [change.remote_id for change in changes if _became(change, USED)]
    ours = set(
        Redemption.objects.filter(
            connection=connection, code_sent__in=used, state__in=Redemption.HOLDING
        ).values_list("code_sent", flat=True)
    )
    now = timezone.now()
    for change in changes:
        if _became(change, USED):
            if change.remote_id not in ours:
                yield Finding(change, Kind.USED_ELSEWHERE, change.differs(USE))
            continue
        columns = change.differs(WATCHED)
        expires_at = change.after["expires_at"]
        if _became(change, EXPIRED) and change.before["status"] == ISSUED and expires_at and expires_at < now:
            columns = tuple(name for name in columns if name != "status")
        if columns:
            yield Finding(change, Kind.CHANGED, columns)


def _became(change: Change, status: str) -> bool:
    return bool(change.after["status"] == status != change.before["status"])


def _read(voucher: Voucher) -> bool:
    """Where it was last seen only: the whole list may take longer than anybody waits."""
    connection, asked_at = voucher.connection, timezone.now()
    try:
        with closing(client_for(connection, interactive=True)) as client:
            found, _whole = find_vouchers(client, connection, [voucher.remote_id], everywhere=False)
    except ApiError as error:
        note_error(connection, error)
        raise
    note_ok(connection)
    keep_reading(connection, Resource.VOUCHERS, list(found.values()), asked_at=asked_at)
    return bool(found)


def _label(voucher: Voucher) -> str:
    return voucher.masked_code


register(
    DriftRule(
        resource=Resource.VOUCHERS,
        watched=WATCHED,
        label=_label,
        url_name="vouchers:detail",
        judge=judge,
        read=_read,
    )
)
