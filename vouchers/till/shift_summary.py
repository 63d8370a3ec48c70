"""What became of the scans of a shift or of a day, counted. Reads only and knows no request."""

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import Count, Max, Q, QuerySet
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from smartbis_admin.staff.models import Shift, Till
from vouchers.models import Redemption

State = Redemption.State
#: Why a scan was refused, in as few words as a table has room for.
REASONS: dict[str, Promise] = {
    "voucher_expired": _("Vencido"),
    "voucher_not_started": _("Ainda não vale"),
    "voucher_cancelled": _("Cancelado"),
    "voucher_not_found": _("Não encontrado"),
    "blank_code": _("Código em branco"),
    "code_too_long": _("Código longo demais"),
    "invalid_code": _("Código inválido"),
    "unknown_status": _("Situação não reconhecida"),
    "in_contingency": _("Já aceito em contingência"),
    "abandoned": _("Sem resposta definitiva"),
}
OTHER = _("Outro motivo da plataforma")


@dataclass
class Summary:
    """Counts of scans. Together they are every scan there was, each counted once."""

    valid: int = 0
    used: int = 0
    #: The same voucher read twice in a row: one customer, no second use.
    repeated: int = 0
    refused: int = 0
    in_doubt: int = 0
    not_done: int = 0
    #: Codes and cards of other programmes, and of these the ones whose use was noted.
    elsewhere: int = 0
    noted: int = 0
    #: Accepted in contingency, and not confirmed yet.
    contingency: int = 0
    #: Accepted in contingency, and then not confirmed by the platform.
    conflicts: int = 0
    #: Of the valid ones, those with a reversal case that was not declined.
    reversed: int = 0
    #: Label and count of the refusals, the most frequent first.
    reasons: list[tuple[Promise, int]] = field(default_factory=list)

    @property
    def total(self) -> int:
        plain = self.valid + self.used + self.repeated + self.refused + self.in_doubt + self.not_done
        return plain + self.contingency + self.conflicts + self.elsewhere


def summarise(scans: QuerySet[Redemption]) -> Summary:
    """Count these scans, with two queries."""
    summary, reasons = Summary(), dict[Promise, int]()
    counted = scans.order_by().values_list("state", "reason", "road").annotate(Count("pk"))
    for state, reason, road, count in counted:
        match state:
            case State.VALID:
                summary.valid += count
            case State.CONTINGENCY:
                summary.contingency += count
            case State.PENDING if road:
                summary.contingency += count
            case State.USED | State.REFUSED | State.NOT_DONE if road:
                summary.conflicts += count
            case State.USED if reason == "repeated_scan":
                summary.repeated += count
            case State.USED:
                summary.used += count
            case State.NOT_DONE:
                summary.not_done += count
            case State.ELSEWHERE:
                summary.elsewhere += count
                summary.noted += count if reason == "noted" else 0
            case State.REFUSED if reason != "being_confirmed":
                summary.refused += count
                label = REASONS.get(reason, OTHER)
                reasons[label] = reasons.get(label, 0) + count
            case _:
                summary.in_doubt += count
    summary.reasons = sorted(reasons.items(), key=lambda pair: -pair[1])
    cases = scans.filter(state=State.VALID, reversal__isnull=False).exclude(reversal__state="declined")
    summary.reversed = cases.order_by().count()
    return summary


@dataclass(frozen=True)
class TillToday:
    """One till today: who stands there, and what was scanned."""

    till: Till
    shift: Shift | None
    valid: int
    refused: int
    in_doubt: int
    contingency: int
    last_scan: datetime | None


def tills_today() -> list[TillToday]:
    """Every active till since local midnight, with three queries."""
    midnight = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    scans = Redemption.objects.filter(received_at__gte=midnight, till__isnull=False).order_by()
    counted: dict[int, dict[str, Any]] = {
        row["till"]: dict(row)
        for row in scans.values("till").annotate(
            valid=Count("pk", filter=Q(state=State.VALID)),
            refused=Count("pk", filter=Q(state__in=[State.REFUSED, State.USED])),
            in_doubt=Count("pk", filter=Q(state__in=[State.PENDING, State.IN_DOUBT])),
            waiting=Count("pk", filter=Q(state=State.CONTINGENCY)),
            last=Max("received_at"),
        )
    }
    shifts = {
        shift.till_id: shift
        for shift in Shift.objects.filter(closed_at=None).select_related("cashier", "till__store")
    }
    tills = Till.objects.filter(is_active=True, store__is_active=True).select_related("store")
    nothing: dict[str, Any] = {"valid": 0, "refused": 0, "in_doubt": 0, "waiting": 0, "last": None}
    return [
        TillToday(
            till,
            shifts.get(till.pk),
            row["valid"],
            row["refused"],
            row["in_doubt"],
            row["waiting"],
            row["last"],
        )
        for till in tills
        for row in [counted.get(till.pk, nothing)]
    ]
