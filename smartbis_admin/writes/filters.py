"""Filters of the list of writes."""

from typing import Any

import django_filters
from django.utils.translation import gettext_lazy as _

from smartbis_admin.ui.filters import ChoiceFilter, DateRangeFilter, FilterSet
from smartbis_admin.writes.kinds import all_kinds
from smartbis_admin.writes.models import Write


def _kind_choices() -> list[tuple[str, Any]]:
    return [(kind.name, kind.label) for kind in all_kinds()]


class WriteFilter(FilterSet):
    """By operation, day, and whether a person is needed."""

    kind = ChoiceFilter(label=_("Operação"), choices=_kind_choices)
    created_at = DateRangeFilter(label=_("Quando"))
    needs_person = django_filters.BooleanFilter(label=_("Precisa de uma pessoa"))

    class Meta:
        model = Write
        fields = ("kind", "created_at", "needs_person")
