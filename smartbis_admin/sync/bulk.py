"""What can be done with many drifts at once."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.utils.translation import gettext_lazy as _

from smartbis_admin.staff.access import Access
from smartbis_admin.sync.drift import services
from smartbis_admin.sync.models import Drift
from smartbis_admin.ui.bulk import BulkAction, register


class Acknowledge(BulkAction):
    """Mark drift as seen."""

    name, label, icon = "sync.acknowledge_drift", _("Marcar como conferidas"), "check"
    access, model, undoable = Access.RUN_SYNC, Drift, True
    reasons = {"settled": _("já não estão em aberto")}

    def leave_out(self, rows: Sequence[Any], values: Mapping[str, Any]) -> dict[Any, str]:
        return {row.pk: "settled" for row in rows if row.state != Drift.State.OPEN}

    def perform(self, rows: Sequence[Any], values: Mapping[str, Any], *, by: Any) -> None:
        services.acknowledge(drifts=Drift.objects.filter(pk__in=[row.pk for row in rows]), by=by)

    def undo(self, rows: Sequence[Any], values: Mapping[str, Any], *, by: Any) -> None:
        services.reopen(drifts=Drift.objects.filter(pk__in=[row.pk for row in rows]), by=by)


ACKNOWLEDGE = register(Acknowledge())
