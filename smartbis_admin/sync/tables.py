"""The history of runs and the odd rows of one run."""

import django_tables2 as tables
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from smartbis_admin.sync.models import SyncRun
from smartbis_admin.sync.services import resource_label
from smartbis_admin.ui.tables import AgeColumn, LinkColumn, NumberColumn, StatusColumn, Table

LOOKS = {
    SyncRun.State.REQUESTED: ("neutral", "hourglass"),
    SyncRun.State.RUNNING: ("info", "refresh"),
    SyncRun.State.DONE: ("success", "circle-check"),
    SyncRun.State.INCOMPLETE: ("warning", "alert-triangle"),
    SyncRun.State.NEEDS_ATTENTION: ("warning", "alert-circle"),
    SyncRun.State.FAILED: ("danger", "circle-x"),
    SyncRun.State.CANCELLED: ("neutral", "ban"),
}


class SyncRunTable(Table):
    """Runs, the newest first."""

    resource = LinkColumn("sync:run", verbose_name=_("Lista"), orderable=False)
    state = StatusColumn(LOOKS, verbose_name=_("Situação"), orderable=False)
    requested_at = AgeColumn(verbose_name=_("Pedida"))
    took = tables.Column(verbose_name=_("Duração"), empty_values=(), orderable=False)
    rows_seen = NumberColumn(verbose_name=_("Lidas"))
    rows_created = NumberColumn(verbose_name=_("Novas"))
    rows_changed = NumberColumn(verbose_name=_("Alteradas"))
    rows_withdrawn = NumberColumn(verbose_name=_("Retiradas"))
    issue_count = NumberColumn(verbose_name=_("Ocorrências"))

    class Meta:
        model = SyncRun
        fields = (
            "resource",
            "state",
            "requested_at",
            "took",
            "rows_seen",
            "rows_created",
            "rows_changed",
            "rows_withdrawn",
            "issue_count",
            "trigger",
        )
        order_by = "-requested_at"

    def render_resource(self, value: str) -> str:
        return capfirst(str(resource_label(value)))

    def render_took(self, record: SyncRun) -> str:
        return duration(record)


def duration(run: SyncRun) -> str:
    """How long a run took; empty while it has not ended."""
    if not (run.started_at and run.finished_at):
        return ""
    return spell((run.finished_at - run.started_at).total_seconds())


def spell(seconds: float) -> str:
    """A length of time as hours and minutes, minutes and seconds, or seconds."""
    minutes, rest = divmod(round(seconds), 60)
    if minutes >= 60:
        return f"{minutes // 60} h {minutes % 60} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
