"""The answers to the satisfaction survey as a list: the rows behind the NPS."""

from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _
from django_tables2.utils import A

from smartbis_admin.staff.access import Access
from smartbis_admin.ui import filters, tables
from smartbis_admin.ui.views import ListView
from vouchers.outreach.models import SurveyAnswer
from vouchers.outreach.models.texts import CHANNEL_CHOICES

AGAINST, NEITHER, FOR = "against", "neither", "for"
_SCORES = {AGAINST: (0, 6), NEITHER: (7, 8), FOR: (9, 10)}


class SurveyAnswerTable(tables.Table):
    """When, who, how many points, what they said."""

    answered_at = tables.DateTimeColumn()
    customer = tables.Column(linkify=("customers:detail", {"pk": A("customer_id")}), orderable=False)
    score = tables.NumberColumn(orderable=False)
    channel = tables.Column(orderable=False)
    comment = tables.Column(orderable=False)

    class Meta:
        model = SurveyAnswer
        fields = ("answered_at", "customer", "score", "channel", "comment")
        order_by = "-answered_at"


class SurveyAnswerFilter(filters.FilterSet):
    """Day, group of scores, channel."""

    answered_at = filters.DateRangeFilter(label=_("Respondida em"))
    group = filters.ChoiceFilter(
        label=_("Nota"),
        empty_label=_("Todas"),
        choices=[(FOR, _("9 e 10")), (NEITHER, _("7 e 8")), (AGAINST, _("0 a 6"))],
        method="keep_group",
    )
    channel = filters.ChoiceFilter(label=_("Canal"), empty_label=_("Todos"), choices=CHANNEL_CHOICES)

    class Meta:
        model = SurveyAnswer
        fields = ("answered_at", "group", "channel")

    def keep_group(self, queryset: QuerySet[SurveyAnswer], name: str, value: str) -> QuerySet[SurveyAnswer]:
        return queryset.filter(score__range=_SCORES[value])


class SurveyAnswerListView(ListView):
    """Every answer, the newest first."""

    access = Access.SEE_CUSTOMERS
    queryset = SurveyAnswer.objects.select_related("customer")
    table_class, filter_class = SurveyAnswerTable, SurveyAnswerFilter
    title = _("Respostas da pesquisa")
    empty_title = _("Nenhuma resposta ainda")
    empty_text = _("Aqui aparecem as notas que os clientes dão na pesquisa de satisfação.")
