"""What every list of mirrored rows shares: the age of its data, and rows the platform no longer lists."""

from datetime import datetime
from typing import Any

from django.utils.translation import gettext_lazy as _

from smartbis_admin.sync.models import Mirrored
from smartbis_admin.sync.services import data_age
from smartbis_admin.ui.filters import ChoiceFilter, FilterSet
from smartbis_admin.ui.views import ListView

WITH_WITHDRAWN = "all"
ONLY_WITHDRAWN = "only"


def known_at(row: Mirrored, resource: str) -> datetime:
    """When the platform last said what this row holds: its own reading or the newest complete listing."""
    listed = None if row.missing_since else data_age(row.connection, resource)
    return max(row.stored_at, listed) if listed else row.stored_at


class MirrorFilterSet(FilterSet):
    """Base of their filters: rows the platform no longer lists are left out unless asked for."""

    withdrawn = ChoiceFilter(
        label=_("O que saiu da plataforma"),
        empty_label=_("Não mostrar"),
        choices=[(WITH_WITHDRAWN, _("Mostrar também")), (ONLY_WITHDRAWN, _("Mostrar só isso"))],
        method="keep",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # The least asked for comes last; a base class declares it first.
        self.filters["withdrawn"] = self.filters.pop("withdrawn")

    def filter_queryset(self, queryset: Any) -> Any:
        queryset = super().filter_queryset(queryset)
        asked = self.form.cleaned_data.get("withdrawn")
        if asked == WITH_WITHDRAWN:
            return queryset
        return queryset.filter(withdrawn_at__isnull=asked != ONLY_WITHDRAWN)

    def keep(self, queryset: Any, name: str, value: str) -> Any:
        """Handled in `filter_queryset`, because the filter also acts when it is not set."""
        return queryset


class MirrorListView(ListView):
    """Base of these lists. `resource` is required."""

    abstract = True
    resource: str

    def get_data_age(self) -> datetime | None:
        return data_age(None, self.resource)
