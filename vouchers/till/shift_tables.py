"""Lists of shifts and of scans."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from smartbis_admin.staff.models import Shift
from smartbis_admin.ui.tables import Column, DateTimeColumn, LinkColumn, NumberColumn, StatusColumn, Table
from vouchers.models import Redemption
from vouchers.till.verdicts import verdict_of

#: Looks of a scan's state.
LOOKS = {
    "pending": ("warning", "clock-question"),
    "valid": ("success", "check"),
    "used": ("warning", "rotate"),
    "refused": ("danger", "x"),
    "in_doubt": ("warning", "clock-question"),
    "not_done": ("neutral", "circle-dashed"),
    "contingency": ("info", "clock-pause"),
    "elsewhere": ("neutral", "world"),
}


class ShiftTable(Table):
    """Shifts with the number of their scans and of the vouchers they validated."""

    opened_at = DateTimeColumn()
    till = LinkColumn("vouchers:shift", verbose_name=_("ponto de caixa"), orderable=False)
    cashier = Column(orderable=False)
    closed_at = DateTimeColumn(orderable=False)
    closed_by = Column(orderable=False, visible=False)
    scan_count = NumberColumn(verbose_name=_("leituras"), orderable=False)
    valid_count = NumberColumn(verbose_name=_("válidos"), orderable=False)

    class Meta:
        model = Shift
        fields = ("till", "cashier", "opened_at", "closed_at", "closed_by", "scan_count", "valid_count")
        order_by = "-opened_at"


class ScanTable(Table):
    """Scans: the end of the code, the verdict and why, by whom, where, and both times."""

    received_at = DateTimeColumn(verbose_name=_("quando"))
    code = Column(accessor="masked_code", verbose_name=_("código"), orderable=False)
    state = StatusColumn(LOOKS, orderable=False)
    reason = Column(orderable=False, empty_values=())
    reason_code = Column(
        accessor="reason", verbose_name=_("código do motivo"), orderable=False, visible=False
    )
    road = Column(orderable=False)
    cashier = Column(orderable=False)
    till = Column(orderable=False)
    happened_at = DateTimeColumn(verbose_name=_("quando, no caixa"), orderable=False, visible=False)

    class Meta:
        model = Redemption
        fields = (
            "received_at", "code", "state", "reason", "reason_code", "road", "cashier", "till", "happened_at",
        )  # fmt: skip
        order_by = "-received_at"

    def render_reason(self, record: Redemption) -> str:
        return str(verdict_of(record).reason)

    def value_reason(self, record: Redemption) -> Any:
        return self.render_reason(record)
