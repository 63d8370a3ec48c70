"""Filters of the drift list. It opens with what is still open."""

from typing import Any

from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from smartbis_admin.connections.models import Connection
from smartbis_admin.sync.drift.rules import own_lists
from smartbis_admin.sync.drift.services import list_label
from smartbis_admin.sync.engine import resources
from smartbis_admin.sync.models import Drift
from smartbis_admin.ui.filters import (
    ChoiceFilter,
    DateRangeFilter,
    FilterSet,
    ModelChoiceFilter,
    SearchFilter,
)

SETTLED, EVERYTHING = "settled", "all"


class DriftFilter(FilterSet):
    """By row, what happened, list, state, connection, day and run."""

    q = SearchFilter(method="search_for", help_text=_("Nome do registro ou do campo"))
    kind = ChoiceFilter(label=_("O que houve"), choices=Drift.Kind.choices)
    resource = ChoiceFilter(
        label=_("Lista"),
        choices=lambda: [(name, list_label(name)) for name in (*map(str, resources()), *own_lists())],
    )
    state = ChoiceFilter(
        label=_("Situação"),
        empty_label=Drift.State.OPEN.label,
        choices=[(SETTLED, _("Conferidas e corrigidas")), (EVERYTHING, _("Todas"))],
        method="keep",
    )
    connection = ModelChoiceFilter(label=_("Conexão"), queryset=Connection.objects.programmes())
    found_at = DateRangeFilter(label=_("Encontrada em"))

    class Meta:
        model = Drift
        fields = ("q", "kind", "resource", "state", "connection", "found_at")

    def filter_queryset(self, queryset: Any) -> Any:
        queryset = super().filter_queryset(queryset)
        asked = self.form.cleaned_data.get("state")
        if asked == EVERYTHING:
            return queryset
        is_open = Q(state=Drift.State.OPEN)
        return queryset.filter(~is_open if asked == SETTLED else is_open)

    def keep(self, queryset: QuerySet[Drift], name: str, value: str) -> QuerySet[Drift]:
        """Handled in `filter_queryset`, because the filter also acts when it is not set."""
        return queryset

    def search_for(self, queryset: QuerySet[Drift], name: str, value: str) -> QuerySet[Drift]:
        """Rows whose name holds these words."""
        return queryset.filter(label__icontains=value.strip())
