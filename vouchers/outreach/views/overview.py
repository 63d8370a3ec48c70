"""The overview of communication, what holds for all of it, and the switch that stops everything."""

from collections import defaultdict
from typing import Any

from django.db.models import Count, Max, Q
from django.urls import reverse, reverse_lazy
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from customers.consents import consenting
from customers.models import Consent, Customer
from smartbis_admin.api.capabilities import Capability
from smartbis_admin.connections.models import Connection
from smartbis_admin.staff.access import Access
from smartbis_admin.ui.paging import count_up_to_limit
from smartbis_admin.ui.views import ActionView, FormView, TemplateView, Text
from vouchers.outreach import services
from vouchers.outreach.forms import PreferencesForm
from vouchers.outreach.models import Automation, Campaign, Message, Template
from vouchers.outreach.models.texts import CHANNELS
from vouchers.outreach.texts import use_defaults
from vouchers.outreach.triggers import spec_of
from vouchers.outreach.views.base import PERIODS, PLACE, Screen, period
from vouchers.outreach.words import CAMPAIGN_LOOKS, channels_in_words

State = Message.State
#: Up to so many customers the audiences are counted while the page opens; beyond, when asked for.
COUNTED_AT_ONCE = 20_000
_GONE = (State.SENT, State.DELIVERED, State.READ)
_OPEN_CAMPAIGNS = [state for state in Campaign.State if state not in ("done", "stopped")]


class OverviewView(TemplateView):
    """Each automation, the queue, campaigns under way."""

    access = Access.MANAGE_MESSAGES
    template_name = "outreach/overview.html"
    title = PLACE

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        since, _now = period(PERIODS[0])
        recent: dict[str, dict[str, int]] = defaultdict(dict)
        rows = Message.objects.filter(campaign=None, queued_at__gte=since).order_by()
        for trigger, state, number in rows.values_list("trigger", "state").annotate(n=Count("pk")):
            recent[trigger][state] = number
        written = set(
            Template.objects.filter(name="").order_by().values_list("trigger", flat=True).distinct()
        )
        newest = Customer.objects.aggregate(pk=Max("pk"))["pk"] or 0
        campaigns = Campaign.objects.filter(state__in=_OPEN_CAMPAIGNS).select_related("created_by")
        return super().get_context_data(
            preferences=services.preferences(),
            queue=self._queue(),
            automations=[self._entry(row, recent[row.trigger], written) for row in services.automations()],
            campaigns=[(row, *CAMPAIGN_LOOKS[row.state]) for row in campaigns.order_by("-created_at")[:10]],
            counts_at_once=newest <= COUNTED_AT_ONCE,
            lacks_texts=not written,
            lacks_whatsapp=not Connection.objects.able_to(Capability.SEND_WHATSAPP).exists(),
            days=PERIODS[0],
            **kwargs,
        )

    @staticmethod
    def _queue() -> dict[str, int]:
        # Nothing waits for so long: older messages need not be read through.
        since, _now = period(PERIODS[0])
        return Message.objects.filter(queued_at__gte=since).aggregate(
            queued=Count("pk", filter=Q(state=State.QUEUED)),
            sending=Count("pk", filter=Q(state=State.SENDING)),
            in_doubt=Count("pk", filter=Q(state=State.IN_DOUBT)),
        )

    @staticmethod
    def _entry(row: Automation, recent: dict[str, int], written: set[str]) -> dict[str, Any]:
        return {
            "row": row,
            "when": spec_of(row.trigger).when,
            "channels": channels_in_words(row.channels),
            "has_texts": row.trigger in written,
            "sent": sum(recent.get(state, 0) for state in _GONE),
            "read": recent.get(State.READ, 0),
            "dropped": recent.get(State.DROPPED, 0) + recent.get(State.FAILED, 0),
        }


class _Switch(Screen, ActionView):
    abstract = True
    access = Access.MANAGE_MESSAGES

    def get_success_url(self) -> str:
        return reverse("outreach:overview")


class PauseAllView(_Switch):
    """Let nothing leave any more."""

    access = Access.MANAGE_MESSAGES
    confirm_text = _(
        "Pausar todas as mensagens? Nada sai, nem automático nem de campanha, até você continuar."
    )
    confirm_label = _("Pausar tudo")
    danger = True

    def perform(self) -> Text:
        self.undo_url = reverse("outreach:resume_all")
        return _("Tudo pausado.") if services.pause_all(by=self.person) else _("Já estava pausado.")


class ResumeAllView(_Switch):
    """Let messages leave again."""

    access = Access.MANAGE_MESSAGES

    def perform(self) -> Text:
        resumed = services.resume_all(by=self.person)
        return _("As mensagens voltaram a sair.") if resumed else _("Não estava pausado.")


class UseDefaultsView(_Switch):
    """Write our own texts where there are none."""

    access = Access.MANAGE_MESSAGES

    def get_success_url(self) -> str:
        return reverse("outreach:text_list")

    def perform(self) -> Text:
        count = use_defaults(by=self.person)
        if not count:
            return _("Nenhum texto faltava.")
        return ngettext("%(n)s texto criado.", "%(n)s textos criados.", count) % {"n": count}


class PreferencesView(Screen, FormView):
    """Addresses of the next steps, hours, and how far apart contacts are."""

    access = Access.MANAGE_MESSAGES
    tab = "preferences"
    form_class = PreferencesForm
    template_name = "outreach/preferences.html"
    title = _("Preferências de comunicação")
    success_message = _("Preferências salvas.")
    success_url = cancel_url = reverse_lazy("outreach:overview")

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"preferences": services.preferences()}

    def save(self, form: PreferencesForm) -> None:
        services.save_preferences(values=form.cleaned_data, by=self.person)


class ConsentsView(Screen, TemplateView):
    """How many agreed to be written to and how many took it back, by channel; the list of customers names them."""

    access = Access.MANAGE_MESSAGES
    tab = "consents"
    template_name = "outreach/consents.html"
    title = _("Consentimentos e descadastros")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        customers = Customer.objects.filter(withdrawn_at=None).order_by()
        rows = []
        for channel in CHANNELS:
            counted = {
                word: count_up_to_limit(consenting(customers, channel, is_given=is_given))
                for word, is_given in (("given", True), ("withdrawn", False))
            }
            rows.append({"channel": Consent.Channel(channel), **counted})
        latest = Consent.objects.filter(is_given=False).select_related("customer", "recorded_by")
        return super().get_context_data(rows=rows, latest=latest.order_by("-pk")[:20], **kwargs)
