"""The start page and what it opens: the figures, one with its definition, what needs a look, how fresh it all is."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from customers.filters import SaleFilter
from customers.models import Sale
from customers.tables import SaleTable
from smartbis_admin.connections.models import Connection
from smartbis_admin.staff.access import SIGNED_IN, Access
from smartbis_admin.sync.models import SyncRun
from smartbis_admin.sync.services import overview
from smartbis_admin.sync.tables import LOOKS
from smartbis_admin.sync.words import explain_run
from smartbis_admin.ui.navigation import may
from smartbis_admin.ui.views import Breadcrumbs, ListView, TemplateView, Text
from vouchers.dashboard import figures
from vouchers.dashboard.alerts import FEW, alerts, scarce_rewards
from vouchers.dashboard.catalogue import GROUPS, INDICATORS, Indicator
from vouchers.dashboard.charts import chart
from vouchers.dashboard.comparing import Comparison, compare, difference, shown

#: The two periods a person may look at.
SPANS = {"month": _("30 dias"), "today": _("Hoje")}
_PANEL = _("Painel")


@dataclass(frozen=True)
class Tile:
    """One figure in one period."""

    indicator: Indicator
    value: str
    before: str
    difference: str
    comparison: Comparison
    note: str
    #: When it was true.
    at: datetime
    #: The list of its rows; empty for who may not open it.
    rows_url: str


def read_known() -> dict[str, Any]:
    """Every figure there is, with what was kept of earlier days."""
    return {**figures.read(), "snapshots": figures.read_snapshots(timezone.localdate())}


def tile(indicator: Indicator, known: Mapping[str, Any], span: str, user: Any) -> Tile | None:
    """A figure as it is shown; None while one of its topics was not computed."""
    if any(topic not in known for topic in indicator.topics):
        return None
    now, before = indicator.read(known, span), indicator.read(known, f"{span}_before")
    period = figures.periods(timezone.localdate())[span]
    return Tile(
        indicator=indicator,
        value=shown(indicator.unit, now),
        before=shown(indicator.unit, before),
        difference=difference(indicator.unit, now, before),
        comparison=compare(indicator.unit, now, before, span=span, at_moment=indicator.at_moment),
        note=indicator.note(known, span),
        at=min(known[topic]["at"] for topic in indicator.topics),
        rows_url=indicator.rows(period) if may(user, indicator.access) else "",
    )


class HomeView(TemplateView):
    """The manager's start page. People of the till go to the till."""

    access = SIGNED_IN
    template_name = "home.html"
    title = _PANEL

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not may(request.user, Access.SEE_OVERVIEW) and may(request.user, Access.USE_TILL):
            return HttpResponseRedirect(reverse("vouchers:till"))
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        user = self.request.user
        if not may(user, Access.SEE_OVERVIEW):
            return super().get_context_data(no_role=True, **kwargs)
        asked = self.request.GET.get("p", "")
        span = asked if asked in SPANS else "month"
        known, lines = read_known(), overview()
        scarce = scarce_rewards() if may(user, Access.SEE_REWARDS) else None
        groups = [
            (title, [one for indicator in group if (one := tile(indicator, known, span, user))])
            for title, group in GROUPS
        ]
        return super().get_context_data(
            groups=groups,
            span=span,
            spans=SPANS.items(),
            waiting=bool(figures.TOPICS.keys() - known.keys()),
            charts=[drawn for name in ("sales", "vouchers") if (drawn := chart(name, known))],
            alerts=alerts(user, known, lines, scarce),
            scarce=None if scarce is None else scarce[:FEW],
            more_scarce=bool(scarce and len(scarce) > FEW),
            lines=[_health(line) for line in lines],
            connected=[] if lines else _connected(),
            several_programmes=len({line.connection.pk for line in lines}) > 1,
            **kwargs,
        )


class FigureView(TemplateView):
    """One figure: its definition, both periods beside those before, its chart, its list and its export."""

    access = Access.SEE_OVERVIEW
    template_name = "dashboard/figure.html"

    @cached_property
    def indicator(self) -> Indicator:
        found = INDICATORS.get(self.kwargs["key"])
        if found is None:
            raise Http404
        return found

    def get_title(self) -> Text:
        return self.indicator.label

    def get_breadcrumbs(self) -> Breadcrumbs:
        return [(_PANEL, reverse("home"))]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        known = read_known()
        told = [
            (name, label, tile(self.indicator, known, name, self.request.user))
            for name, label in SPANS.items()
        ]
        rows = [(name, label, one) for name, label, one in told if one]
        return super().get_context_data(
            indicator=self.indicator,
            rows=rows,
            at=rows[0][2].at if rows else None,
            chart=chart(self.indicator.chart, known) if self.indicator.chart else None,
            **kwargs,
        )


class RecoveredListView(ListView):
    """The sales behind "recovered": those of a day on which a customer came back after the window."""

    access = Access.SEE_CUSTOMERS
    queryset = Sale.objects.select_related("write", "customer", "store", "registered_by")
    table_class, filter_class = SaleTable, SaleFilter
    title = _("Vendas recuperadas")
    empty_title = _("Nenhuma venda recuperada neste período")
    empty_text = _("Aqui aparecem as compras feitas mais de 90 dias depois da anterior do mesmo cliente.")

    def get_breadcrumbs(self) -> Breadcrumbs:
        return [(_PANEL, reverse("home"))]

    def get_queryset(self) -> QuerySet[Sale]:
        if self.kwargs["span"] not in SPANS:
            raise Http404
        told = figures.read().get("people", {}).get(self.kwargs["span"], {})
        return self.queryset.filter(pk__in=told.get("recovered_pks", []))


def _connected() -> list[str]:
    """The names of what is connected and is no programme: bridges and channels. Few."""
    return list(Connection.objects.filter(is_active=True).order_by("name").values_list("name", flat=True))


def _health(line: Any) -> dict[str, Any]:
    """One list of one connection: its newest run in looks and words."""
    run: SyncRun | None = line.latest
    if run is None:
        return {"line": line, "tone": "neutral", "icon": "hourglass", "live": False}
    tone, icon = LOOKS[SyncRun.State(run.state)]
    live = run.state in (SyncRun.State.REQUESTED, SyncRun.State.RUNNING)
    return {"line": line, "tone": tone, "icon": icon, "sentence": explain_run(run), "live": live}
