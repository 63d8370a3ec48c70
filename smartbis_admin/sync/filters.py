"""Filters of the history of runs."""

from django.utils.translation import gettext_lazy as _

from smartbis_admin.connections.models import Connection
from smartbis_admin.sync.engine import resources
from smartbis_admin.sync.models import SyncRun
from smartbis_admin.sync.services import resource_label
from smartbis_admin.ui.filters import ChoiceFilter, DateRangeFilter, FilterSet, ModelChoiceFilter


class SyncRunFilter(FilterSet):
    """By list, state, origin, connection and day."""

    resource = ChoiceFilter(
        label=_("Lista"), choices=lambda: [(str(name), resource_label(name)) for name in resources()]
    )
    state = ChoiceFilter(label=_("Situação"), choices=SyncRun.State.choices)
    trigger = ChoiceFilter(label=_("Origem"), choices=SyncRun.Trigger.choices)
    connection = ModelChoiceFilter(label=_("Conexão"), queryset=Connection.objects.programmes())
    requested_at = DateRangeFilter(label=_("Pedida em"))

    class Meta:
        model = SyncRun
        fields = ("resource", "state", "trigger", "connection", "requested_at")
