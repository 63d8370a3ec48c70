"""What a statement of points can be narrowed down by."""

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from customers.points.models import EarningRule, PointsTransaction, VipTier
from smartbis_admin.sync.lists import MirrorFilterSet
from smartbis_admin.ui.filters import ChoiceFilter, DateRangeFilter

GAINED, SPENT = "gained", "spent"


class StatementFilter(MirrorFilterSet):
    """By sign and period."""

    sign = ChoiceFilter(
        label=_("Movimento"),
        choices=[(GAINED, _("Entrada")), (SPENT, _("Saída"))],
        empty_label=_("Todos"),
        method="having_sign",
    )
    period = DateRangeFilter(field_name="remote_created_at", label=_("Período"))

    class Meta:
        model = PointsTransaction
        fields: tuple[str, ...] = ()

    def having_sign(
        self, queryset: QuerySet[PointsTransaction], name: str, value: str
    ) -> QuerySet[PointsTransaction]:
        return (
            queryset.filter(points_change__gt=0) if value == GAINED else queryset.filter(points_change__lt=0)
        )


class TierFilter(MirrorFilterSet):
    """By programme alone."""

    class Meta:
        model = VipTier
        fields: tuple[str, ...] = ()


class EarningRuleFilter(MirrorFilterSet):
    """By programme alone."""

    class Meta:
        model = EarningRule
        fields: tuple[str, ...] = ()
