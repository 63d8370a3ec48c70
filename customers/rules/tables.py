"""The list of campaigns."""

from django.utils.translation import gettext_lazy as _

from customers.rules.models import Campaign
from smartbis_admin.ui.tables import Column, DateColumn, LinkColumn, NumberColumn, StatusColumn, Table

#: Where a campaign stands: tone, icon, word.
LOOKS = {
    Campaign.Stage.WAITING: ("info", "clock", Campaign.Stage.WAITING.label),
    Campaign.Stage.RUNNING: ("success", "circle-check", Campaign.Stage.RUNNING.label),
    Campaign.Stage.OVER: ("neutral", "flag", Campaign.Stage.OVER.label),
}


class CampaignTable(Table):
    """Campaigns, the newest first."""

    name = LinkColumn("rules:campaign", orderable=False)
    first_day = DateColumn()
    last_day = DateColumn(orderable=False)
    cashback_multiplier = NumberColumn(orderable=False)
    points_multiplier = NumberColumn(orderable=False)
    stage = StatusColumn(LOOKS, verbose_name=_("Situação"), orderable=False)
    connection = Column(verbose_name=_("Conexão"), orderable=False)

    class Meta:
        model = Campaign
        fields = (
            "name",
            "first_day",
            "last_day",
            "cashback_multiplier",
            "points_multiplier",
            "stage",
            "connection",
        )
        order_by = "-first_day"
