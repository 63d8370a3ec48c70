"""What the list of noted uses can be narrowed down by."""

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from smartbis_admin.ui.filters import ChoiceFilter, DateRangeFilter, FilterSet, ModelChoiceFilter
from vouchers.elsewhere.models import LocalUse
from vouchers.till.shift_filters import CASHIERS, TILLS

HERE, TAKEN_BACK = "here", "taken_back"


class LocalUseFilter(FilterSet):
    """By kind, person, till, day, and whether it was taken back."""

    kind = ChoiceFilter(label=_("O que foi lido"), choices=LocalUse.Kind)
    noted_by = ModelChoiceFilter(label=_("Caixa"), queryset=CASHIERS)
    till = ModelChoiceFilter(label=_("Ponto de caixa"), field_name="scan__till", queryset=TILLS)
    noted_at = DateRangeFilter(label=_("Anotado em"))
    state = ChoiceFilter(
        label=_("Situação"),
        choices=[(HERE, _("Anotados")), (TAKEN_BACK, _("Retirados"))],
        method="being",
    )

    class Meta:
        model = LocalUse
        fields: tuple[str, ...] = ()

    def being(self, queryset: QuerySet[LocalUse], name: str, value: str) -> QuerySet[LocalUse]:
        return queryset.filter(taken_back_at__isnull=value == HERE)
