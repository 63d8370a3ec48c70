"""The list of what was accepted in contingency."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from smartbis_admin.ui.tables import Column, DateTimeColumn, LinkColumn, MoneyColumn, StatusColumn, Table
from vouchers.contingency.models import ContingencyUse
from vouchers.till.verdicts import verdict_of

#: Looks of an acceptance's state.
LOOKS = {
    "waiting": ("info", "clock-pause"),
    "sending": ("info", "send"),
    "in_doubt": ("warning", "clock-question"),
    "confirmed": ("success", "circle-check"),
    "conflict": ("danger", "alert-triangle"),
    "settled": ("neutral", "circle-check"),
}


class ContingencyTable(Table):
    """Acceptances, the newest first; what became of each, and who has to act."""

    code = LinkColumn(
        "contingency:detail", accessor="redemption__masked_code", verbose_name=_("voucher"), orderable=False
    )
    state = StatusColumn(LOOKS, orderable=False)
    why = Column(verbose_name=_("motivo"), orderable=False, accessor="redemption__reason")
    value = MoneyColumn(accessor="redemption__voucher__value", verbose_name=_("valor"), orderable=False)
    till = Column(orderable=False)
    cashier = Column(accessor="redemption__cashier", verbose_name=_("caixa"), orderable=False)
    accepted_at = DateTimeColumn()
    owner = Column(orderable=False, empty_values=())
    road = Column(
        accessor="redemption__get_road_display",
        verbose_name=_("o que faltou"),
        orderable=False,
        visible=False,
    )
    received_at = DateTimeColumn(
        accessor="redemption__received_at", verbose_name=_("chegou aqui"), orderable=False, visible=False
    )
    resolution = Column(orderable=False, visible=False)
    note = Column(orderable=False, visible=False)
    resolved_by = Column(orderable=False, visible=False)

    class Meta:
        model = ContingencyUse
        fields = (
            "code", "state", "why", "value", "till", "cashier", "accepted_at", "owner", "road", "received_at",
            "resolution", "note", "resolved_by",
        )  # fmt: skip
        order_by = "-accepted_at"

    def render_why(self, record: ContingencyUse) -> str:
        if record.breach:
            return record.get_breach_display()
        return str(verdict_of(record.redemption).reason) if record.conflict_at else ""

    def value_why(self, record: ContingencyUse) -> Any:
        return self.render_why(record)

    def render_owner(self, record: ContingencyUse) -> str:
        return owner_of(record) or "—"

    def value_owner(self, record: ContingencyUse) -> Any:
        return owner_of(record)


def owner_of(use: ContingencyUse) -> str:
    """Who has to act on a conflict; empty where there is none."""
    if use.conflict_at is None:
        return ""
    return str(use.owner or _("Gestores da loja"))
