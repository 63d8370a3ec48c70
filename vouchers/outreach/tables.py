"""The lists of communication: messages, campaigns, answers, what customers wrote."""

from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django_tables2.utils import A

from smartbis_admin.ui.tables import (
    AgeColumn,
    Column,
    DateTimeColumn,
    LinkColumn,
    NumberColumn,
    StatusColumn,
    Table,
)
from vouchers.outreach.models import Campaign, Incoming, Message, SurveyAnswer
from vouchers.outreach.words import CAMPAIGN_LOOKS, MESSAGE_LOOKS


class MessageTable(Table):
    """Messages, the newest first."""

    customer = LinkColumn("outreach:message", orderable=False)
    trigger = Column(orderable=False)
    campaign = Column(orderable=False)
    channel = Column(orderable=False)
    state = StatusColumn(MESSAGE_LOOKS, orderable=False)
    reason = Column(orderable=False)
    queued_at = DateTimeColumn()
    sent_at = DateTimeColumn(orderable=False)
    language = Column(orderable=False, visible=False)
    delivered_at = DateTimeColumn(orderable=False, visible=False)
    read_at = DateTimeColumn(orderable=False, visible=False)

    class Meta:
        model = Message
        fields = (
            "customer", "trigger", "campaign", "channel", "state", "reason", "queued_at", "sent_at", "language",
            "delivered_at", "read_at",
        )  # fmt: skip
        order_by = "-queued_at"


class CampaignTable(Table):
    """Campaigns, the newest first."""

    name = LinkColumn("outreach:campaign", orderable=False)
    state = StatusColumn(CAMPAIGN_LOOKS, orderable=False)
    audience_name = Column(orderable=False)
    found = NumberColumn(orderable=False)
    reachable = NumberColumn(orderable=False)
    held_out = NumberColumn(orderable=False)
    created_by = Column(orderable=False)
    created_at = AgeColumn()

    class Meta:
        model = Campaign
        fields = (
            "name", "state", "audience_name", "found", "reachable", "held_out", "created_by", "created_at",
        )  # fmt: skip
        order_by = "-created_at"


class AnswerTable(Table):
    """Answers to the survey, the newest first."""

    customer = Column(linkify=("outreach:message", {"pk": A("message_id")}), orderable=False)
    score = NumberColumn(orderable=False)
    comment = Column(orderable=False)
    channel = Column(orderable=False)
    answered_at = DateTimeColumn()

    class Meta:
        model = SurveyAnswer
        fields = ("customer", "score", "comment", "channel", "answered_at")
        order_by = "-answered_at"


class IncomingTable(Table):
    """What customers wrote on WhatsApp, the newest first."""

    customer = Column(
        orderable=False,
        empty_values=(),
        linkify=lambda record: (
            reverse("customers:detail", args=[record.customer_id]) if record.customer_id else None
        ),
    )
    text = Column(orderable=False)
    is_opt_out = StatusColumn(
        {True: ("warning", "ban", _("Pediu para sair")), False: ("neutral", "mail", _("Mensagem"))},
        verbose_name=_("pedido"),
        orderable=False,
    )
    received_at = DateTimeColumn()

    class Meta:
        model = Incoming
        fields = ("customer", "text", "is_opt_out", "received_at")
        order_by = "-received_at"

    def render_customer(self, record: Incoming) -> str:
        return str(record.customer) if record.customer else str(_("Telefone de ninguém conhecido"))

    def value_customer(self, record: Incoming) -> str:
        return self.render_customer(record)
