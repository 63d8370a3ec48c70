"""The inbox of card machines' sales, and the page of one with its whole life."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.conf import settings
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from customers.bridge import shown
from customers.bridge.bulk import DISCARD_SALES, LINK_SALES
from customers.bridge.filters import PosSaleFilter
from customers.bridge.life import can
from customers.bridge.models import Bridge, PosSale
from customers.bridge.services import may_change_customer
from customers.bridge.tables import LOOKS, PosSaleTable, flags_of
from customers.bridge.transitions import Event
from customers.bridge.views.base import DECIDE, LOOK, ROWS, SALES, shown_buyer
from customers.bridge.waiting import count_waiting
from customers.bridge.words import explain_reason, explain_wait
from smartbis_admin.staff.access import Access
from smartbis_admin.ui.navigation import Link, may
from smartbis_admin.ui.views import Breadcrumbs, DetailView, ListView, Text
from smartbis_admin.writes.evidence import describe
from smartbis_admin.writes.models import Write
from smartbis_admin.writes.tables import LOOKS as WRITE_LOOKS

State = PosSale.State
#: What a person says who looked at a flag.
SEEN = {
    "conflicting_data": _("Conferi o comprador"),
    "changed_after_send": _("Conferi a alteração"),
}
_TONES = {"warning": "warning", "danger": "danger"}


class PosSaleListView(ListView):
    """Every sale that came from a card machine; above it, what waits for a person."""

    access = LOOK
    queryset = PosSale.objects.select_related("machine", "store", "customer")
    table_class, filter_class = PosSaleTable, PosSaleFilter
    template_name = "bridge/list.html"
    title = SALES
    actions: ClassVar[tuple[Link, ...]] = (
        Link(_("Importar arquivo"), "upload", "bridge:upload", DECIDE),
        Link(_("Assistente SmartPOS"), "adjustments", "bridge:assistants", Access.MANAGE_CONNECTIONS),
    )
    bulk_actions = (LINK_SALES, DISCARD_SALES)
    empty_title = _("Nenhuma venda de maquininha ainda")
    empty_text = _(
        "As vendas chegam sozinhas depois que o SmartPOS é conectado; também podem vir num arquivo."
    )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        bridges = list(Bridge.objects.filter(connection__is_active=True).select_related("connection"))
        return super().get_context_data(
            waiting=count_waiting(),
            observing=[bridge for bridge in bridges if bridge.mode == Bridge.Mode.OBSERVE],
            unset=[bridge for bridge in bridges if not bridge.mode],
            stuck=[
                (bridge.connection.name, explain_wait(bridge.waits_for, bridge.waits_cause))
                for bridge in bridges
                if bridge.waits_for
            ],
            **kwargs,
        )


class PosSaleDetailView(DetailView):
    """One sale: what the machine said, whose it is, what is expected, what was sent, and every step of its life."""

    access = LOOK
    queryset = ROWS
    template_name = "bridge/detail.html"
    title = _("Venda da maquininha")

    def get_breadcrumbs(self) -> Breadcrumbs:
        return [(SALES, reverse("bridge:list"))]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        sale: PosSale = self.object
        tone, icon = LOOKS[State(sale.state)]
        write = sale.write
        return super().get_context_data(
            tone=tone,
            state_icon=icon,
            state_word=sale.get_state_display(),
            moving=sale.state in PosSale.MOVING,
            reason=explain_reason(sale.reason),
            reason_tone=_TONES.get(tone, "info"),
            gives_up_at=_gives_up_at(sale),
            flags=flags_of(sale),
            acts=self._acts(sale),
            told=shown.told(sale),
            buyer=shown_buyer(sale, self.request.user),
            expected=shown.expected(sale),
            write=write,
            write_look=WRITE_LOOKS[Write.State(write.state)] if write else None,
            open_writes=[write] if write and write.is_open else [],
            registered=getattr(write, "sale", None) if write and write.state == Write.State.DONE else None,
            readings=_readings(write),
            beside=shown.beside(sale),
            events=shown.events(sale),
            may_settle=may(self.request.user, DECIDE),
            **kwargs,
        )

    def _acts(self, sale: PosSale) -> list[dict[str, Any]]:
        if not may(self.request.user, DECIDE):
            return []
        return [
            {"label": label, "icon": icon, "url": url, "primary": primary}
            for url, label, icon, primary in _open_acts(sale)
        ]


def _open_acts(sale: PosSale) -> Iterator[tuple[str, Text, str, bool]]:
    """What a person may do with a sale where it stands: address, label, icon, whether it is the next step."""

    def here(name: str, *more: str) -> str:
        return reverse(f"bridge:{name}", args=[sale.pk, *more])

    if can(sale, Event.GAVE_UP):
        yield here("discard"), _("Descartar"), "trash-x", False
    for flag in ("conflicting_data", "changed_after_send"):
        if getattr(sale, flag):
            yield here("seen", flag), SEEN[flag], "check", False
    if sale.bridge.target and (sale.state == State.UNIDENTIFIED or may_change_customer(sale)):
        nobody = sale.customer_remote_id is None
        yield here("link"), _("Vincular cliente") if nobody else _("Trocar cliente"), "link", nobody
    if can(sale, Event.OVERRULED):
        yield here("overrule"), _("Liberar mesmo assim"), "lock-open", True
    if can(sale, Event.CORRECTED):
        yield here("correct"), _("Corrigir e enviar de novo"), "pencil", True
    if can(sale, Event.REVERSED):
        yield here("reverse"), _("Confirmar estorno"), "clipboard-check", True
    if sale.state == State.IN_DOUBT and sale.write_id:
        # The ledger's own inbox settles, and gives up; the sale follows.
        yield (
            reverse("writes:detail", args=[sale.write_id]),
            _("Resolver em A confirmar"),
            "clock-question",
            True,
        )


def _gives_up_at(sale: PosSale) -> datetime | None:
    """When the wait for its customer ends by itself."""
    if sale.state != State.UNIDENTIFIED:
        return None
    return sale.state_since + timedelta(days=settings.BRIDGE_IDENTIFY_DAYS)


def _readings(write: Write | None) -> list[tuple[datetime, Any]]:
    """The evidence the ledger gathered about a write."""
    evidence: Any = write.evidence if write else []
    return [(datetime.fromisoformat(reading["at"]), describe(reading["found"])) for reading in evidence]
