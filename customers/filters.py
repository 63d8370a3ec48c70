"""What a list of customers or of sales can be narrowed down by."""

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from customers.models import Customer, Sale
from customers.search import search
from customers.tables import SALE_LOOKS
from smartbis_admin.staff.models import Store
from smartbis_admin.sync.lists import MirrorFilterSet
from smartbis_admin.ui.filters import (
    ChoiceFilter,
    DateRangeFilter,
    FilterSet,
    ModelChoiceFilter,
    SearchFilter,
)

WITH, WITHOUT = "with", "without"


class CustomerFilter(MirrorFilterSet):
    """The search box, balances, CPF, day of registration."""

    q = SearchFilter(method="find", help_text=_("CPF, telefone, e-mail ou nome"))
    balance = ChoiceFilter(
        label=_("Saldo"),
        choices=[("cashback", _("Com cashback")), ("points", _("Com pontos"))],
        method="keep_balance",
    )
    cpf = ChoiceFilter(
        label=_("CPF"), choices=[(WITH, _("Com CPF")), (WITHOUT, _("Sem CPF"))], method="keep_cpf"
    )
    registered = DateRangeFilter(field_name="remote_created_at", label=_("Cliente desde"))

    class Meta:
        model = Customer
        fields = ("q", "balance", "cpf", "registered", "withdrawn")

    def find(self, queryset: QuerySet[Customer], name: str, value: str) -> QuerySet[Customer]:
        by_name = self.data.get("sort", "name") in ("name", "-name")
        return search(queryset, value, in_name_order=by_name)

    def keep_balance(self, queryset: QuerySet[Customer], name: str, value: str) -> QuerySet[Customer]:
        return queryset.filter(**{f"{value}_balance__gt": 0})

    def keep_cpf(self, queryset: QuerySet[Customer], name: str, value: str) -> QuerySet[Customer]:
        return queryset.filter(cpf__isnull=value == WITHOUT)


class SaleFilter(FilterSet):
    """Day, what became of it, store."""

    sold_at = DateRangeFilter(label=_("Quando"))
    state = ChoiceFilter(
        field_name="write__state",
        label=_("Situação"),
        empty_label=_("Todas"),
        choices=[(state.value, look[2]) for state, look in SALE_LOOKS.items()],
    )
    store = ModelChoiceFilter(label=_("Loja"), empty_label=_("Todas"), queryset=Store.objects.all())

    class Meta:
        model = Sale
        fields = ("sold_at", "state", "store")
