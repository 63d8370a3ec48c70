"""Filters of the list of reversal cases."""

from django.utils.translation import gettext_lazy as _

from smartbis_admin.ui.filters import ChoiceFilter, DateRangeFilter, FilterSet
from vouchers.reversals.models import ReversalCase


class ReversalFilter(FilterSet):
    """By state, reason and day."""

    state = ChoiceFilter(label=_("Situação"), choices=ReversalCase.State)
    reason = ChoiceFilter(label=_("Motivo"), choices=ReversalCase.Reason)
    opened_at = DateRangeFilter(label=_("Pedido em"))

    class Meta:
        model = ReversalCase
        fields: tuple[str, ...] = ()
