"""What the lists of communication can be narrowed down by."""

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from customers.models import Customer
from customers.search import search
from smartbis_admin.ui.filters import (
    ChoiceFilter,
    DateRangeFilter,
    FilterSet,
    ModelChoiceFilter,
    PickedFilter,
    SearchFilter,
)
from vouchers.outreach.models import Campaign, Incoming, Message, SurveyAnswer
from vouchers.outreach.models.texts import CHANNEL_CHOICES
from vouchers.outreach.triggers import Trigger


class MessageFilter(FilterSet):
    """By person, trigger, state, channel, campaign and period."""

    q = SearchFilter(method="find", help_text=_("CPF, telefone, e-mail ou nome"))
    trigger = ChoiceFilter(label=_("Gatilho"), choices=Trigger)
    state = ChoiceFilter(label=_("Situação"), choices=Message.State, empty_label=_("Todas"))
    reason = ChoiceFilter(label=_("Motivo"), choices=Message.Reason)
    channel = ChoiceFilter(label=_("Canal"), choices=CHANNEL_CHOICES)
    campaign = ModelChoiceFilter(
        label=_("Campanha"), queryset=Campaign.objects.order_by("-created_at"), empty_label=_("Todas")
    )
    queued_at = DateRangeFilter(label=_("Na fila desde"))
    customer_id = PickedFilter(label=_("Cliente"), queryset=Customer.objects.all(), field_name="customer")

    class Meta:
        model = Message
        fields: tuple[str, ...] = ()

    def find(self, queryset: QuerySet[Message], name: str, value: str) -> QuerySet[Message]:
        """Messages to the customers a text fits."""
        found = search(Customer.objects.all(), value, in_name_order=False)
        return queryset.filter(customer__in=found.order_by().values("pk"))


class CampaignFilter(FilterSet):
    """By name and state."""

    q = SearchFilter(field_name="name", lookup_expr="icontains", help_text=_("Nome da campanha"))
    state = ChoiceFilter(label=_("Situação"), choices=Campaign.State, empty_label=_("Todas"))

    class Meta:
        model = Campaign
        fields: tuple[str, ...] = ()


#: Who recommends, who does not: the two ends of the NPS.
GROUPS = {"promoter": (9, 10), "passive": (7, 8), "detractor": (0, 6)}


class AnswerFilter(FilterSet):
    """By group of scores and day."""

    group = ChoiceFilter(
        label=pgettext_lazy("score", "Nota"),
        choices=[("promoter", _("9 ou 10")), ("passive", _("7 ou 8")), ("detractor", _("0 a 6"))],
        empty_label=_("Todas"),
        method="keep_group",
    )
    answered_at = DateRangeFilter(label=_("Respondida em"))

    class Meta:
        model = SurveyAnswer
        fields: tuple[str, ...] = ()

    def keep_group(self, queryset: QuerySet[SurveyAnswer], name: str, value: str) -> QuerySet[SurveyAnswer]:
        """Scores from the lowest to the highest of a group."""
        return queryset.filter(score__range=GROUPS[value])


class IncomingFilter(FilterSet):
    """By whether somebody asked to be left alone, and day."""

    wish = ChoiceFilter(
        label=_("Pedido"),
        choices=[("true", _("Pediu para sair"))],
        field_name="is_opt_out",
        method="keep_wish",
    )
    received_at = DateRangeFilter(label=_("Recebida em"))

    class Meta:
        model = Incoming
        fields: tuple[str, ...] = ()

    def keep_wish(self, queryset: QuerySet[Incoming], name: str, value: str) -> QuerySet[Incoming]:
        """Only wishes not to be written to."""
        return queryset.filter(is_opt_out=True)
