"""The list of writes in doubt."""

import django_tables2 as tables
from django.utils.translation import gettext_lazy as _

from smartbis_admin.ui.tables import AgeColumn, LinkColumn, StatusColumn, Table
from smartbis_admin.writes.kinds import kind_of
from smartbis_admin.writes.models import Write

LOOKS = {
    Write.State.PENDING: ("info", "hourglass"),
    Write.State.DONE: ("success", "circle-check"),
    Write.State.REFUSED: ("danger", "circle-x"),
    Write.State.NOT_SENT: ("neutral", "cloud-off"),
    Write.State.IN_DOUBT: ("warning", "clock-question"),
    Write.State.NOT_DONE: ("neutral", "arrow-back-up"),
    Write.State.ABANDONED: ("neutral", "ban"),
}


class WriteTable(Table):
    """Writes, the oldest in doubt first."""

    kind = LinkColumn("writes:detail", verbose_name=_("Operação"), orderable=False)
    created_at = AgeColumn(verbose_name=_("Quando"))
    state = StatusColumn(LOOKS, verbose_name=_("Situação"), orderable=False)
    needs_person = tables.Column(verbose_name=_("Próximo passo"), orderable=False)

    class Meta:
        model = Write
        fields = ("kind", "created_at", "state", "needs_person", "actor", "store")
        order_by = "created_at"

    def render_kind(self, record: Write) -> str:
        return str(kind_of(record).label)

    def render_needs_person(self, value: bool, record: Write) -> str:
        if record.state != Write.State.IN_DOUBT:
            return ""
        return str(_("Precisa de uma pessoa") if value else _("Verificação automática"))
