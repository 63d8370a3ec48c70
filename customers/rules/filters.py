"""What the list of campaigns can be narrowed down by."""

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from customers.rules.models import Campaign
from smartbis_admin.connections.models import Connection
from smartbis_admin.ui.filters import ChoiceFilter, FilterSet, ModelChoiceFilter, SearchFilter


class CampaignFilter(FilterSet):
    """By name, where it stands and programme."""

    q = SearchFilter(field_name="name", lookup_expr="icontains", help_text=_("Nome da campanha"))
    stage = ChoiceFilter(
        label=_("Situação"), choices=Campaign.Stage, empty_label=_("Todas"), method="standing"
    )
    connection = ModelChoiceFilter(label=_("Conexão"), queryset=Connection.objects.programmes())

    class Meta:
        model = Campaign
        fields = ("q", "stage", "connection")

    def standing(self, queryset: QuerySet[Campaign], name: str, value: str) -> QuerySet[Campaign]:
        """By where they stand today."""
        today = timezone.localdate()
        over = Q(last_day__lt=today) | Q(ended_at__isnull=False)
        if value == Campaign.Stage.OVER:
            return queryset.filter(over)
        waits = Q(first_day__gt=today)
        return queryset.exclude(over).filter(waits if value == Campaign.Stage.WAITING else ~waits)
