"""A rule tried on past sales: the sums side by side, the sales that differ most, and every sale as a file."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from customers.rules import simulation, words
from customers.rules.models import Simulation
from customers.rules.services import store_names
from customers.rules.views.versions import PLACE
from smartbis_admin.staff.access import Access
from smartbis_admin.ui.export import csv_response
from smartbis_admin.ui.journal import note
from smartbis_admin.ui.views import AccessMixin, Breadcrumbs, DetailView

ROWS = Simulation.objects.select_related("connection", "base", "created_by")
TITLE = gettext_lazy("Simulação da regra")


class SimulationView(DetailView):
    """One simulation; while it is calculated the page asks again by itself."""

    access = Access.CHANGE_RULE
    queryset = ROWS
    title = TITLE

    def get_template_names(self) -> list[str]:
        part = self.request.htmx and not self.request.htmx.history_restore_request  # type: ignore[attr-defined]
        return ["rules/simulation_part.html" if part else "rules/simulation.html"]

    def get_breadcrumbs(self) -> Breadcrumbs:
        return [(PLACE, reverse("rules:overview"))]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        tried: Simulation = self.object
        stores = store_names()
        base = tried.base
        return super().get_context_data(
            tried=tried,
            says=words.sentences(tried, stores),
            changes=words.differences(base, tried, stores) if base else None,
            figures=_figures(tried.result) if tried.state == Simulation.State.DONE else None,
            most=simulation.greatest(tried.result),
            **kwargs,
        )


def _figures(result: dict[str, Any]) -> dict[str, Any]:
    """The sums as numbers, and what the new rule adds to each."""
    told = {
        name: Decimal(value) if isinstance(value, str) else value
        for name, value in result.items()
        if name != "most"
    }
    for name in ("cashback", "points", "earned"):
        told[f"{name}_more"] = told[f"{name}_after"] - told[f"{name}_before"]
    return told


class LinesView(AccessMixin):
    """Every sale of a simulation under both rules, as a CSV file that is written while it is sent."""

    access = Access.CHANGE_RULE

    def get(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        tried = get_object_or_404(ROWS, pk=pk)
        note(request.user, "list.exported", f"simulation:{pk}", format="csv")
        return csv_response(_rows(tried), str(TITLE))


def _rows(tried: Simulation) -> Iterator[list[Any]]:
    yield [
        _("Data da venda"),
        _("Valor da venda"),
        _("Loja"),
        _("Cashback pela regra de hoje"),
        _("Cashback pela regra simulada"),
        _("Pontos pela regra de hoje"),
        _("Pontos pela regra simulada"),
        _("Cashback que a plataforma deu"),
        _("Pontos que a plataforma deu"),
    ]
    for line in simulation.lines(tried):
        yield [
            line.sold_at,
            line.amount,
            line.store,
            line.cashback_before,
            line.cashback_after,
            line.points_before,
            line.points_after,
            line.cashback_given,
            line.points_given,
        ]
