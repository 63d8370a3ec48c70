"""The list of reversal cases."""

from django.utils.translation import gettext_lazy as _

from smartbis_admin.ui.tables import Column, DateTimeColumn, LinkColumn, StatusColumn, Table
from vouchers.reversals.models import ReversalCase

#: Looks of a case's state.
LOOKS = {
    "open": ("warning", "clock"),
    "at_panel": ("info", "external-link"),
    "confirmed": ("success", "circle-check"),
    "declined": ("neutral", "ban"),
}


class ReversalTable(Table):
    """Cases, the newest first."""

    code = LinkColumn(
        "reversals:detail", accessor="redemption__masked_code", verbose_name=_("voucher"), orderable=False
    )
    state = StatusColumn(LOOKS, orderable=False)
    reason = Column(orderable=False)
    till = Column(accessor="redemption__till", verbose_name=_("ponto de caixa"), orderable=False)
    opened_by = Column(orderable=False)
    opened_at = DateTimeColumn()
    approver = Column(orderable=False)
    result = Column(orderable=False, visible=False)
    confirmed_at = DateTimeColumn(orderable=False, visible=False)

    class Meta:
        model = ReversalCase
        fields = (
            "code", "state", "reason", "till", "opened_by", "opened_at", "approver", "result", "confirmed_at",
        )  # fmt: skip
        order_by = "-opened_at"
