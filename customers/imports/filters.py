"""What imports, and the rows of one, can be narrowed down by."""

from django.utils.translation import gettext_lazy as _

from customers.imports.models import Import, ImportRow
from smartbis_admin.ui.filters import ChoiceFilter, FilterSet


class ImportFilter(FilterSet):
    """What it brings, how far it is."""

    kind = ChoiceFilter(label=_("O que traz"), choices=Import.Kind)
    state = ChoiceFilter(label=_("Situação"), empty_label=_("Todas"), choices=Import.State)

    class Meta:
        model = Import
        fields = ("kind", "state")


class RowFilter(FilterSet):
    """What became of a row."""

    state = ChoiceFilter(label=_("Situação"), empty_label=_("Todas"), choices=ImportRow.State)

    class Meta:
        model = ImportRow
        fields = ("state",)
