"""The list of drift."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from smartbis_admin.sync.drift.services import list_label, model_of
from smartbis_admin.sync.models import Drift
from smartbis_admin.ui.tables import AgeColumn, Column, LinkColumn, StatusColumn, Table

KIND_LOOKS = {
    Drift.Kind.CHANGED: ("info", "pencil"),
    Drift.Kind.USED_ELSEWHERE: ("warning", "ticket"),
    Drift.Kind.BALANCE: ("warning", "coin"),
    Drift.Kind.MISSING: ("warning", "zoom-question"),
    Drift.Kind.WITHDRAWN: ("danger", "trash-x"),
    Drift.Kind.BACK: ("success", "arrow-back-up"),
    Drift.Kind.UNKNOWN_FIELD: ("neutral", "tag"),
    Drift.Kind.BENEFIT: ("warning", "percentage"),
}
STATE_LOOKS = {
    Drift.State.OPEN: ("warning", "alert-circle"),
    Drift.State.ACKNOWLEDGED: ("neutral", "check"),
    Drift.State.REPAIRED: ("success", "circle-check"),
}


class DriftTable(Table):
    """Drift, the newest first."""

    label = LinkColumn("sync:drift_detail", verbose_name=_("Registro"), orderable=False)
    kind = StatusColumn(KIND_LOOKS, verbose_name=_("O que houve"), orderable=False)
    columns = Column(verbose_name=_("Campos"), empty_values=(), orderable=False)
    resource = Column(verbose_name=_("Lista"), orderable=False)
    found_at = AgeColumn(verbose_name=_("Encontrada"))
    state = StatusColumn(STATE_LOOKS, verbose_name=_("Situação"), orderable=False)

    class Meta:
        model = Drift
        fields = ("label", "kind", "columns", "resource", "found_at", "state")
        order_by = "-found_at"

    def render_columns(self, record: Drift) -> str:
        return self.value_columns(record) or "—"

    def value_columns(self, record: Drift) -> str:
        model: Any = model_of(record.resource)
        return ", ".join(str(model._meta.get_field(name).verbose_name) for name in record.after)

    def render_resource(self, value: str) -> str:
        return list_label(value)
