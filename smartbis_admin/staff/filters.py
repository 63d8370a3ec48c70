"""Filters of the list of stores."""

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from smartbis_admin.staff.models import Store
from smartbis_admin.ui.filters import ChoiceFilter, FilterSet, SearchFilter


class StoreFilter(FilterSet):
    """By name, and by whether the store is in use."""

    q = SearchFilter(field_name="name", lookup_expr="icontains", help_text=_("Nome da loja"))
    use = ChoiceFilter(
        label=_("Situação"),
        choices=[("on", _("Ativa")), ("off", _("Desativada"))],
        empty_label=_("Todas"),
        method="in_use",
    )

    class Meta:
        model = Store
        fields: tuple[str, ...] = ()

    def in_use(self, queryset: QuerySet[Store], name: str, value: str) -> QuerySet[Store]:
        return queryset.filter(is_active=value == "on")
