"""What was sent, said back and came of it: the log of messages, one message, answers, replies, results."""

from typing import Any

from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from customers.models import Consent
from smartbis_admin.staff.access import Access
from smartbis_admin.ui.views import DetailView, FormView, ListView, TemplateView, Text
from vouchers.outreach.filters import AnswerFilter, IncomingFilter, MessageFilter
from vouchers.outreach.forms import SettleForm
from vouchers.outreach.models import Campaign, Incoming, Message, SurveyAnswer
from vouchers.outreach.results import results_of_automation, results_of_campaign
from vouchers.outreach.settling import settle_email
from vouchers.outreach.tables import AnswerTable, IncomingTable, MessageTable
from vouchers.outreach.triggers import Trigger, automatic
from vouchers.outreach.views.base import PERIODS, Screen, asked_days, period
from vouchers.outreach.words import MESSAGE_LOOKS, reasons_in_words

#: Campaigns the results show.
NEWEST = 20


class MessageListView(Screen, ListView):
    """The log of messages."""

    access = Access.MANAGE_MESSAGES
    tab = "messages"
    queryset = Message.objects.select_related("customer", "campaign")
    table_class, filter_class = MessageTable, MessageFilter
    template_name = "outreach/list.html"
    empty_title = _("Nenhuma mensagem ainda")
    empty_text = _(
        "As mensagens aparecem aqui quando uma automática está ligada ou uma campanha é confirmada."
    )


class AnswerListView(Screen, ListView):
    """Answers to the satisfaction survey."""

    access = Access.MANAGE_MESSAGES
    tab = "answers"
    queryset = SurveyAnswer.objects.select_related("customer")
    table_class, filter_class = AnswerTable, AnswerFilter
    template_name = "outreach/list.html"
    empty_title = _("Nenhuma resposta ainda")
    empty_text = _("As respostas da pesquisa de satisfação aparecem aqui.")


class IncomingListView(Screen, ListView):
    """What customers wrote to us, for as long as it is kept."""

    access = Access.MANAGE_MESSAGES
    tab = "incoming"
    queryset = Incoming.objects.select_related("customer")
    table_class, filter_class = IncomingTable, IncomingFilter
    template_name = "outreach/list.html"
    empty_title = _("Nenhuma mensagem recebida")
    empty_text = _("O que os clientes escrevem no WhatsApp da loja fica aqui por 30 dias.")


class MessageView(Screen, DetailView):
    """One message: its life, what was sent, what the channel reported."""

    access = Access.MANAGE_MESSAGES
    tab = "messages"
    queryset = Message.objects.select_related("customer__connection", "campaign", "template", "write")
    template_name = "outreach/message.html"

    def get_title(self) -> Text:
        return self.object.get_trigger_display()

    def get_breadcrumbs(self) -> list[tuple[Text, str]]:
        return [*super().get_breadcrumbs(), (_("Mensagens"), reverse("outreach:message_list"))]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        row: Message = self.object
        tone, icon = MESSAGE_LOOKS[row.state]
        is_in_doubt = row.state == Message.State.IN_DOUBT
        return super().get_context_data(
            tone=tone,
            icon=icon,
            life=life_of(row),
            receipts=list(row.receipts.all()),
            answer=SurveyAnswer.objects.filter(message=row).first(),
            may_settle=is_in_doubt and row.channel == Consent.Channel.EMAIL,
            **kwargs,
        )


def life_of(row: Message) -> list[tuple[Text, Any]]:
    """What happened to a message and when. In the order of its life: the channel's clock may differ from ours."""
    ended = _("Falhou") if row.state == Message.State.FAILED else _("Não enviada")
    steps = [
        (_("Na fila"), row.queued_at),
        (_("Saiu daqui"), row.left_at),
        (_("Enviada"), row.sent_at),
        (_("Entregue"), row.delivered_at),
        (_("Lida"), row.read_at),
        (ended, row.ended_at),
    ]
    return [(label, at) for label, at in steps if at]


class SettleView(Screen, FormView):
    """Say what became of an e-mail in doubt."""

    access = Access.MANAGE_MESSAGES
    tab = "messages"
    form_class = SettleForm
    title = _("Resolver e-mail a confirmar")
    submit_label = _("Resolver")
    success_message = _("Resolvido. A mensagem não será enviada de novo.")

    @cached_property
    def message(self) -> Message:
        row = Message.objects.filter(pk=self.kwargs["pk"], channel=Consent.Channel.EMAIL).first()
        if row is None:
            raise Http404
        return row

    def get_success_url(self) -> str:
        return reverse("outreach:message", args=[self.kwargs["pk"]])

    @property
    def cancel_url(self) -> str:
        return self.get_success_url()

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.message.state != Message.State.IN_DOUBT:
            raise Http404
        return super().get(request, *args, **kwargs)

    def save(self, form: SettleForm) -> None:
        asked = form.cleaned_data
        settle_email(
            message=self.message, was_sent=asked["was_sent"] == "yes", by=self.person, reason=asked["reason"]
        )


class ResultsView(Screen, TemplateView):
    """What came of automations in a period and of the newest campaigns; each is read when it is shown."""

    access = Access.MANAGE_MESSAGES
    tab = "results"
    template_name = "outreach/results.html"
    title = _("Resultados")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        days = asked_days(self.request)
        since, until = period(days)
        rows = Message.objects.filter(campaign=None, queued_at__gte=since).order_by()
        used = set(rows.values_list("trigger", flat=True).distinct())
        campaigns = Campaign.objects.filter(started_at__gte=since).order_by("-started_at", "-pk")
        return super().get_context_data(
            days=days,
            periods=PERIODS,
            triggers=[trigger for trigger in automatic() if trigger in used],
            campaigns=campaigns[:NEWEST],
            nps=nps_of(since, until),
            **kwargs,
        )


def nps_of(since: Any, until: Any) -> dict[str, Any]:
    """The NPS of answers in a period: percent of 9–10 less percent of 0–6; None without answers."""
    counted = SurveyAnswer.objects.filter(answered_at__gte=since, answered_at__lte=until).aggregate(
        whole=Count("pk"), good=Count("pk", filter=Q(score__gte=9)), bad=Count("pk", filter=Q(score__lte=6))
    )
    whole = counted["whole"]
    return {**counted, "score": round((counted["good"] - counted["bad"]) * 100 / whole) if whole else None}


class ResultsPartView(Screen):
    """What came of one automation or campaign: a part of a page, or one of its own."""

    access = Access.MANAGE_MESSAGES

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        days = asked_days(request)
        context: dict[str, Any] = {"days": days, "page_title": _("Resultados")}
        context["breadcrumbs"] = self.get_breadcrumbs()
        asked, trigger = request.GET.get("campanha", ""), request.GET.get("gatilho", "")
        if asked.isascii() and asked.isdigit() and len(asked) < 19:
            campaign = Campaign.objects.filter(pk=asked).first()
            if campaign is None:
                raise Http404
            context |= {"results": results_of_campaign(campaign), "name": campaign.name}
        elif trigger in automatic():
            results = results_of_automation(trigger, *period(days))
            context |= {"results": results, "name": Trigger(trigger).label, "is_period": True}
        else:
            raise Http404
        context["reasons"] = reasons_in_words(context["results"].reasons)
        htmx = request.htmx  # type: ignore[attr-defined]
        return render(request, "outreach/results_part.html" if htmx else "outreach/results_one.html", context)
