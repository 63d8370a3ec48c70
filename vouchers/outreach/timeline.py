"""What this room tells of a customer: messages that were sent to them, and their answers."""

from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from customers.timeline import Event, Source, register
from smartbis_admin.staff.access import Access
from vouchers.outreach.models import Message, SurveyAnswer

State = Message.State
TITLES: dict[str, tuple[str | Promise, str]] = {
    State.SENDING: (_("Mensagem saindo: %(trigger)s"), "info"),
    State.SENT: (_("Mensagem enviada: %(trigger)s"), "info"),
    State.DELIVERED: (_("Mensagem entregue: %(trigger)s"), "success"),
    State.READ: (_("Mensagem lida: %(trigger)s"), "success"),
    State.FAILED: (_("Mensagem não entregue: %(trigger)s"), "warning"),
    State.DROPPED: (_("Mensagem não enviada: %(trigger)s"), "neutral"),
    State.IN_DOUBT: (_("Mensagem a confirmar – não repita: %(trigger)s"), "warning"),
}


def _written_to(row: Message, known_at: datetime) -> Event:
    title, tone = TITLES[row.state]
    text = " · ".join(filter(None, [row.channel_label, row.get_reason_display()]))
    return Event(title % {"trigger": row.get_trigger_display()}, "mail", tone, text)


def _answered(row: SurveyAnswer, known_at: datetime) -> Event:
    title = _("Pesquisa respondida: %(score)s") % {"score": row.score}
    return Event(title, "clipboard-check", "info", row.comment)


register(
    Source(
        "message",
        lambda of: Message.objects.filter(customer=of, state__in=list(TITLES)),
        "queued_at",
        _written_to,
        Access.SEE_OVERVIEW,
    ),
    Source(
        "survey",
        lambda of: SurveyAnswer.objects.filter(customer=of),
        "answered_at",
        _answered,
        Access.SEE_PERSONAL_DATA,
    ),
)
