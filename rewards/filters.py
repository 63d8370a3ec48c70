"""Filters of the lists of rewards and categories."""

from datetime import datetime

from django import forms
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_filters import CharFilter

from customers.search import fold_name
from rewards.models import Category, Reward, reward_status_is, stock_level_is
from smartbis_admin.sync.lists import MirrorFilterSet
from smartbis_admin.ui.filters import ChoiceFilter, DateRangeFilter, ModelChoiceFilter, SearchFilter

CARDS = "cards"


def having_name(queryset: QuerySet, text: str) -> QuerySet:
    """The rows whose name holds every word of a text; accents, capitals and order do not matter.

    Read through whole: rewards and categories are hundreds, and no database folds accents alike.
    """
    words = fold_name(text).split()
    if not words:
        return queryset.none()
    names = queryset.order_by().values_list("pk", "name")
    return queryset.filter(
        pk__in=[pk for pk, name in names if all(word in fold_name(name) for word in words)]
    )


class RewardFilter(MirrorFilterSet):
    """By name, category, status, stock and the time they can be used."""

    q = SearchFilter(method="search_for", help_text=_("Nome da recompensa"))
    category = ModelChoiceFilter(
        label=_("Categoria"), queryset=Category.objects.all(), empty_label=_("Todas"), method="in_category"
    )
    status = ChoiceFilter(
        label=_("Situação"), choices=Reward.Status, empty_label=_("Todas"), method="having_status"
    )
    stock = ChoiceFilter(label=_("Estoque"), choices=Reward.StockLevel, method="having_stock")
    period = DateRangeFilter(label=_("Período de uso"), method="usable_in")
    layout = CharFilter(widget=forms.HiddenInput, method="keep")

    class Meta:
        model = Reward
        fields: tuple[str, ...] = ()

    def search_for(self, queryset: QuerySet[Reward], name: str, value: str) -> QuerySet[Reward]:
        return having_name(queryset, value)

    def in_category(self, queryset: QuerySet[Reward], name: str, value: Category) -> QuerySet[Reward]:
        return queryset.filter(connection=value.connection_id, category_remote_id=value.remote_id)

    def having_status(self, queryset: QuerySet[Reward], name: str, value: str) -> QuerySet[Reward]:
        return queryset.filter(reward_status_is(value, timezone.now()))

    def having_stock(self, queryset: QuerySet[Reward], name: str, value: str) -> QuerySet[Reward]:
        return queryset.filter(stock_level_is(value))

    def usable_in(self, queryset: QuerySet[Reward], name: str, value: slice) -> QuerySet[Reward]:
        """Rewards whose period meets the given days; an open end has no limit."""
        first: datetime | None = value.start
        last: datetime | None = value.stop
        if last:
            queryset = queryset.filter(Q(starts_at=None) | Q(starts_at__lte=last))
        if first:
            queryset = queryset.filter(Q(ends_at=None) | Q(ends_at__gte=first))
        return queryset


class CategoryFilter(MirrorFilterSet):
    """By name."""

    q = SearchFilter(method="search_for", help_text=_("Nome da categoria"))

    class Meta:
        model = Category
        fields: tuple[str, ...] = ()

    def search_for(self, queryset: QuerySet[Category], name: str, value: str) -> QuerySet[Category]:
        return having_name(queryset, value)
