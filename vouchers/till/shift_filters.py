"""Filters of the lists of shifts and of scans."""

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from smartbis_admin.staff.models import Shift, Till, User
from smartbis_admin.ui.filters import ChoiceFilter, DateRangeFilter, FilterSet, ModelChoiceFilter
from vouchers.models import Redemption
from vouchers.till.shift_summary import REASONS

#: People who ever stood at a till.
CASHIERS = User.objects.filter(shifts__isnull=False).distinct().order_by("first_name", "email")
TILLS = Till.objects.select_related("store")


class ShiftFilter(FilterSet):
    """By person, till, day of opening, and whether it is still open."""

    cashier = ModelChoiceFilter(label=_("Caixa"), queryset=CASHIERS)
    till = ModelChoiceFilter(label=_("Ponto de caixa"), queryset=TILLS)
    use = ChoiceFilter(
        label=_("Situação"),
        choices=[("open", _("Aberto")), ("closed", _("Encerrado"))],
        method="is_open",
    )
    opened_at = DateRangeFilter(label=_("Aberto em"))

    class Meta:
        model = Shift
        fields: tuple[str, ...] = ()

    def is_open(self, queryset: QuerySet[Shift], name: str, value: str) -> QuerySet[Shift]:
        return queryset.filter(closed_at__isnull=value == "open")


class ShiftScanFilter(FilterSet):
    """The scans of one shift: by verdict, and by the reason of a refusal."""

    state = ChoiceFilter(label=_("Resultado"), choices=Redemption.State)
    reason = ChoiceFilter(label=_("Motivo"), choices=list(REASONS.items()))
    road = ChoiceFilter(label=_("Contingência"), choices=Redemption.Road)

    class Meta:
        model = Redemption
        fields: tuple[str, ...] = ()


class ScanFilter(ShiftScanFilter):
    """All scans: also by person, till and day."""

    cashier = ModelChoiceFilter(label=_("Caixa"), queryset=CASHIERS)
    till = ModelChoiceFilter(label=_("Ponto de caixa"), queryset=TILLS)
    received_at = DateRangeFilter(label=_("Quando"))
