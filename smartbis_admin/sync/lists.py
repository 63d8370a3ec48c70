"""What every list of mirrored rows shares: the age of its data, rows the platform no longer lists, programmes."""

from datetime import datetime
from typing import Any

import django_tables2 as tables
from django.db import models
from django.db.models import QuerySet
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from smartbis_admin.connections.models import Connection
from smartbis_admin.sync.engine import resource_of
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


def programmes_with(model: type[models.Model]) -> list[Connection]:
    """The active connections whose platform lists such rows, by name."""
    resource = resource_of(model)
    active = Connection.objects.filter(is_active=True)
    return [connection for connection in active if resource in connection.lists]


class ProgrammeColumn(tables.TemplateColumn):
    """The programme a row belongs to, by colour and name."""

    def __init__(self) -> None:
        super().__init__(
            template_name="connections/programme_cell.html",
            accessor="connection",
            verbose_name=_("Programa"),
            orderable=False,
        )

    def value(self, record: Mirrored, **kwargs: Any) -> str:
        return record.connection.programme_name


class MirrorFilterSet(FilterSet):
    """Base of their filters: rows the platform no longer lists are left out unless asked for.

    With several programmes the list can be narrowed down to one.
    """

    withdrawn = ChoiceFilter(
        label=_("O que saiu da plataforma"),
        empty_label=_("Não mostrar"),
        choices=[(WITH_WITHDRAWN, _("Mostrar também")), (ONLY_WITHDRAWN, _("Mostrar só isso"))],
        method="keep",
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        programmes = programmes_with(self.queryset.model)
        if len(programmes) > 1:
            choice = ChoiceFilter(
                field_name="connection",
                label=_("Programa"),
                empty_label=_("Todos"),
                choices=[(row.pk, row.programme_name) for row in programmes],
            )
            choice.parent, choice.model = self, self.queryset.model
            self.filters["programme"] = choice
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

    @cached_property
    def several(self) -> bool:
        """Whether rows of more than one programme may stand here."""
        return len(programmes_with(self.model)) > 1

    def get_queryset(self) -> QuerySet[Any]:
        rows = super().get_queryset()
        return rows.select_related("connection") if self.several else rows

    def get_table_options(self) -> dict[str, Any]:
        if not self.several:
            return super().get_table_options()
        first = self.table_class._meta.fields[0]
        columns = [("programme", ProgrammeColumn())]
        return super().get_table_options() | {
            "extra_columns": columns,
            "sequence": (first, "programme", "..."),
        }

    def get_data_age(self) -> datetime | None:
        return data_age(None, self.resource)
