"""What messages tell the integrations screen: when somebody last wrote to us on a connection."""

from collections.abc import Sequence

from django.db.models import Max
from django.utils.translation import gettext_lazy as _

from smartbis_admin.connections.models import Connection
from smartbis_admin.connections.panels import Fact, Panel, register
from smartbis_admin.connections.providers import Provider
from vouchers.outreach.models import Incoming


def facts(connections: Sequence[Connection]) -> dict[int, list[Fact]]:
    """The newest message to us on each connection; one query over the few days these are kept."""
    rows = Incoming.objects.filter(connection__in=connections).order_by()
    heard = dict(rows.values_list("connection").annotate(Max("received_at")))
    return {row.pk: [Fact(_("Última mensagem recebida"), heard.get(row.pk))] for row in connections}


register(Provider.WHATSAPP, Panel(facts))
