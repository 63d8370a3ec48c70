"""What the mirror tells the integrations screen: when a list of a programme was last read to its end."""

from collections.abc import Sequence

from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from smartbis_admin.connections.models import Connection
from smartbis_admin.connections.panels import Fact, Panel, register
from smartbis_admin.connections.providers import programmes
from smartbis_admin.sync.models import SyncRun
from smartbis_admin.sync.services import COMPLETE


def facts(connections: Sequence[Connection]) -> dict[int, list[Fact]]:
    """The newest complete reading of each connection; one query."""
    runs = SyncRun.objects.filter(connection__in=connections, state__in=COMPLETE).order_by()
    read = dict(runs.values_list("connection").annotate(Max("finished_at")))
    return {row.pk: [Fact(_("Última lista lida"), read.get(row.pk))] for row in connections}


for provider in programmes():
    register(provider, Panel(facts))
