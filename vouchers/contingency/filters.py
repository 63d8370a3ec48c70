"""Filters of the list of what was accepted in contingency."""

from django.utils.translation import gettext_lazy as _

from smartbis_admin.staff.models import Till
from smartbis_admin.ui.filters import ChoiceFilter, DateRangeFilter, FilterSet, ModelChoiceFilter
from vouchers.contingency.models import ContingencyUse
from vouchers.models import Redemption


class ContingencyFilter(FilterSet):
    """By state, road, till and day."""

    state = ChoiceFilter(label=_("Situação"), choices=ContingencyUse.State)
    road = ChoiceFilter(label=_("O que faltou"), choices=Redemption.Road, field_name="redemption__road")
    till = ModelChoiceFilter(label=_("Ponto de caixa"), queryset=Till.objects.select_related("store"))
    accepted_at = DateRangeFilter(label=_("Aceito em"))

    class Meta:
        model = ContingencyUse
        fields: tuple[str, ...] = ()
