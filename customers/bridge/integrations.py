"""What the bridge tells the integrations screen: when sales of card machines last came in, and by which road."""

from collections.abc import Sequence

from django.utils.translation import gettext_lazy as _

from customers.bridge.models import Bridge
from smartbis_admin.connections.models import Connection
from smartbis_admin.connections.panels import Fact, Panel, register
from smartbis_admin.connections.providers import Provider


def facts(connections: Sequence[Connection]) -> dict[int, list[Fact]]:
    """The last sale, the last reading and the last delivery of each connection; one query."""
    bridges = {bridge.connection_id: bridge for bridge in Bridge.objects.filter(connection__in=connections)}
    found = {}
    for row in connections:
        bridge = bridges.get(row.pk, Bridge())
        found[row.pk] = [
            Fact(_("Última venda recebida"), bridge.last_event_at),
            Fact(_("Última leitura"), bridge.pulled_at),
            Fact(_("Última entrega na hora"), bridge.pushed_at),
        ]
    return found


register(Provider.SMARTPOS, Panel(facts, setup="bridge:assistant"))
