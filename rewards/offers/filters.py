"""Filters of the list of offers."""

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from rewards.filters import having_name
from rewards.products.models import Offer
from smartbis_admin.sync.lists import MirrorFilterSet
from smartbis_admin.ui.filters import ChoiceFilter, SearchFilter


class OfferFilter(MirrorFilterSet):
    """By name and state."""

    q = SearchFilter(method="search_for", help_text=_("Nome da oferta"))
    status = ChoiceFilter(label=_("Situação"), choices=Offer.Status, empty_label=_("Todas"))

    class Meta:
        model = Offer
        fields: tuple[str, ...] = ("status",)

    def search_for(self, queryset: QuerySet[Offer], name: str, value: str) -> QuerySet[Offer]:
        return having_name(queryset, value)
