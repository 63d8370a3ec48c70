"""The one write of this room, as the ledger sees it: validate a voucher, and how a lost answer is settled.

Source: `smartbis-v2.md` §4.1 and §4.2 (voucher validation).
"""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db.models import CharField, DateTimeField, UUIDField
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from smartbis_admin.api.brazil import mask_voucher_code
from smartbis_admin.api.capabilities import Capability, Resource
from smartbis_admin.api.records import UNSET, Record, VoucherRecord, VoucherStatus
from smartbis_admin.api.smartbis import SmartbisClient
from smartbis_admin.prepared import PreparedUpdate, Slot
from smartbis_admin.sync.engine import keep_known, keep_records, spec_of
from smartbis_admin.writes.kinds import Settlement, WriteKind, register
from smartbis_admin.writes.models import Write
from smartbis_admin.writes.settling import CLOCK_TOLERANCE, absent_twice, next_negative_look
from vouchers.contingency.following import follow
from vouchers.finding import find_vouchers
from vouchers.models import Redemption, Voucher
from vouchers.redemption import meanwhile, tell_losers

#: Without `used_at`, a "used" counts as ours only if the mirror read "issued" this shortly before.
READING_AGE = timedelta(minutes=10)
#: A refusal without a reason is refined after this.
REFINE_AFTER = timedelta(seconds=2)


def _asked_here(write: Write) -> bool:
    """Whether the write hangs on the scan's own object, as it does in the request that made both."""
    return Write.redemption.is_cached(write)


def _bring_up_to_date(scan: Redemption, record: VoucherRecord) -> None:
    """Let the voucher at hand say what the platform just said, or be read again where somebody else's it became."""
    if not Redemption.voucher.is_cached(scan):
        return
    voucher = scan.voucher
    if record.customer_remote_id not in (UNSET, voucher.customer_remote_id):
        Redemption.voucher.field.delete_cached_value(scan)
        return
    for column, name in spec_of(Resource.VOUCHERS).columns.items():
        value = getattr(record, name)
        if value is not UNSET:
            setattr(voucher, column, value)


_TELL = PreparedUpdate(
    lambda: Redemption.objects.filter(pk=Slot("pk", UUIDField())),
    **{name: Slot(name, CharField()) for name in ("state", "reason", "message")},
    **{name: Slot(name, DateTimeField()) for name in ("used_at", "decided_at")},
)


@register
class ValidateVoucher(WriteKind[SmartbisClient]):
    """Validate (consume) a voucher."""

    name = "validate_voucher"
    label = _("Validar voucher")
    capability = Capability.VALIDATE_VOUCHER

    def describe(self, write: Write) -> list[tuple[str | Promise, str]]:
        return [(_("Código"), mask_voucher_code(write.payload["code"]))]

    def send(self, client: SmartbisClient, write: Write, secrets: Mapping[str, str]) -> Record | None:
        return client.validate_voucher(code=write.payload["code"])

    def outcome(self, write: Write, record: Record | None) -> None:
        if write.state == Write.State.DONE and _asked_here(write):
            self._done_here(write.redemption, write, record)
            return
        scan = Redemption.objects.select_for_update().get(write=write)
        scan.decided_at = timezone.now()
        scan.message = write.message
        match write.state:
            case Write.State.DONE:
                self._consumed(scan, write, record)
            case Write.State.REFUSED:
                self._refused(scan, write)
            case Write.State.IN_DOUBT:
                scan.state, scan.reason = Redemption.State.IN_DOUBT, write.alert
            case Write.State.ABANDONED:
                scan.state, scan.reason = Redemption.State.REFUSED, "abandoned"
            case Write.State.NOT_SENT if scan.road:
                # The benefit was handed over: the voucher stays held, and waits for the next try.
                scan.state, scan.reason = Redemption.State.CONTINGENCY, ""
            case _:
                scan.state, scan.reason = Redemption.State.NOT_DONE, write.state
        scan.save()
        if scan.road:
            follow(scan)
        if scan.state not in Redemption.UNDECIDED:
            tell_losers(scan)
        if isinstance(record, VoucherRecord):
            keep_records(write.connection, Resource.VOUCHERS, [record])

    def _done_here(self, scan: Redemption, write: Write, record: Record | None) -> None:
        """The same for a voucher that was validated on the asking of this very request, with its own objects.

        Nothing of the row has to be known beforehand, so writing it is what locks it.
        """
        scan.decided_at, scan.message = timezone.now(), write.message
        self._consumed(scan, write, record)
        told = ("state", "reason", "message", "used_at", "decided_at")
        _TELL(pk=scan.pk, **{name: getattr(scan, name) for name in told})
        scan.road, has_losers = meanwhile(scan)
        if scan.road:
            follow(scan)
        if has_losers:
            tell_losers(scan)
        if isinstance(record, VoucherRecord):
            if Redemption.voucher.is_cached(scan):
                keep_known(write.connection, Resource.VOUCHERS, record, scan.voucher)
            else:
                keep_records(write.connection, Resource.VOUCHERS, [record])
            _bring_up_to_date(scan, record)

    @staticmethod
    def _consumed(scan: Redemption, write: Write, record: Record | None) -> None:
        scan.state, scan.reason = Redemption.State.VALID, ""
        if isinstance(record, VoucherRecord) and isinstance(record.used_at, datetime):
            scan.used_at = record.used_at
        if (
            record is None
            and Voucher.objects.filter(connection=write.connection, remote_id=scan.code_sent).exists()
        ):
            used = VoucherRecord(remote_id=scan.code_sent, status=VoucherStatus.USED)
            keep_records(write.connection, Resource.VOUCHERS, [used])

    @staticmethod
    def _refused(scan: Redemption, write: Write) -> None:
        used = write.code == "voucher_used"
        scan.state = Redemption.State.USED if used else Redemption.State.REFUSED
        scan.reason = write.code
        if used and (at := write.result.get("used_at")):
            scan.used_at = datetime.fromisoformat(at)
        if write.code == "unknown":
            scan.refine_after = timezone.now() + REFINE_AFTER

    def settle(self, client: SmartbisClient, write: Write) -> Settlement:
        vouchers, whole = find_vouchers(client, write.connection, [write.payload["code"]])
        record = vouchers.get(write.payload["code"].upper())
        if record is None:
            return Settlement(found={"listed": False, "whole": whole}, needs_person=whole)
        found = {
            "status": str(record.status),
            "used_at": record.used_at.isoformat() if isinstance(record.used_at, datetime) else None,
        }
        match record.status:
            case VoucherStatus.USED:
                return self._settle_used(write, record, found)
            case VoucherStatus.EXPIRED | VoucherStatus.CANCELLED:
                code = f"voucher_{record.status}"
                return Settlement(found=found, state=Write.State.REFUSED, code=code, record=record)
            case VoucherStatus.ISSUED if absent_twice(write, "status", found["status"]):
                return Settlement(found=found, state=Write.State.NOT_DONE, record=record)
            case VoucherStatus.ISSUED:
                return Settlement(found=found, again=next_negative_look(write))
        return Settlement(found=found, needs_person=True)

    @staticmethod
    def _settle_used(write: Write, record: VoucherRecord, found: Mapping[str, str | None]) -> Settlement:
        sent = write.sent_at or write.created_at
        gave_up = write.gave_up_at or sent
        done = Settlement(found=found, state=Write.State.DONE, record=record)
        if isinstance(record.used_at, datetime):
            if record.used_at < sent - CLOCK_TOLERANCE:
                return Settlement(found=found, state=Write.State.REFUSED, code="voucher_used", record=record)
            if record.used_at > gave_up + CLOCK_TOLERANCE:
                return Settlement(found=found, needs_person=True)
            return done
        read_at = write.before.get("read_at")
        was_issued = write.before.get("status") == Voucher.Status.ISSUED
        if was_issued and read_at and sent - datetime.fromisoformat(read_at) <= READING_AGE:
            return done
        return Settlement(found=found, needs_person=True)
