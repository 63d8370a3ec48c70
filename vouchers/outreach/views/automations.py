"""One automation: how it acts, whom it would reach today, its texts and what came of it."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from smartbis_admin.staff.access import Access
from smartbis_admin.ui.views import ActionView, FormView, Text
from vouchers.outreach import services
from vouchers.outreach.forms import AutomationForm
from vouchers.outreach.looking import would_reach
from vouchers.outreach.models import Automation
from vouchers.outreach.models.texts import CHANNELS
from vouchers.outreach.texts import current
from vouchers.outreach.triggers import Language, automatic, spec_of
from vouchers.outreach.views.base import Screen
from vouchers.outreach.words import channels_counted, reasons_in_words


class OfAutomation(Screen):
    """Base of what is about one automation."""

    abstract = True

    @cached_property
    def automation(self) -> Automation:
        if self.kwargs["trigger"] not in automatic():
            raise Http404
        return services.automation_of(self.kwargs["trigger"])

    @property
    def url(self) -> str:
        """Its page."""
        return reverse("outreach:automation", args=[self.automation.pk])


class AutomationView(OfAutomation, FormView):
    """Its settings, and around them what it does."""

    access = Access.MANAGE_MESSAGES
    form_class = AutomationForm
    template_name = "outreach/automation.html"
    success_message = _("Configuração salva.")

    def get_title(self) -> Text:
        return self.automation.get_trigger_display()

    def get_success_url(self) -> str:
        return self.url

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"automation": self.automation}

    def save(self, form: AutomationForm) -> Automation:
        return services.configure(automation=self.automation, by=self.person, **form.values())

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        row = self.automation
        return super().get_context_data(
            automation=row,
            spec=spec_of(row.trigger),
            lacking=services.lacking(trigger=row.trigger, channels=row.channels),
            texts=text_places(row.trigger),
            left_out=reasons_in_words(row.left_out),
            **kwargs,
        )


def text_places(trigger: str, name: str = "") -> list[dict[str, Any]]:
    """Each channel with what is written for it in each language; None: nothing is."""
    texts = current(trigger, name)
    return [
        {
            "channel": channel,
            "languages": [(language, texts.get((channel.value, language.value))) for language in Language],
        }
        for channel in CHANNELS
    ]


class ReachView(OfAutomation):
    """Whom an automation would write to if it looked now; asked for by its card, or a page of its own."""

    access = Access.MANAGE_MESSAGES

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        tally = would_reach(self.automation)
        context = {
            "automation": self.automation,
            "tally": tally,
            "left_out": reasons_in_words(tally.left_out),
            "by_channel": channels_counted(tally.by_channel),
            "detailed": "detalhes" in request.GET or not request.htmx,  # type: ignore[attr-defined]
            "page_title": _("Alcance de hoje"),
            "breadcrumbs": [*self.get_breadcrumbs(), (self.automation.get_trigger_display(), self.url)],
        }
        htmx = request.htmx  # type: ignore[attr-defined]
        return render(request, "outreach/reach.html" if htmx else "outreach/reach_page.html", context)


class SwitchOnView(OfAutomation, ActionView):
    """Let it act from now on."""

    access = Access.MANAGE_MESSAGES

    def get_success_url(self) -> str:
        return self.url

    def perform(self) -> Text:
        if not services.switch_on(automation=self.automation, by=self.person):
            return _("Já estava ligada.")
        return _("Ligada. Só o que acontecer a partir de agora gera mensagens.")


class SwitchOffView(OfAutomation, ActionView):
    """Stop it; what waits is not sent."""

    access = Access.MANAGE_MESSAGES

    def get_success_url(self) -> str:
        return self.url

    def perform(self) -> Text:
        dropped = services.switch_off(automation=self.automation, by=self.person)
        if not dropped:
            return _("Desligada.")
        words = ngettext(
            "Desligada. %(n)s mensagem que esperava não será enviada.",
            "Desligada. %(n)s mensagens que esperavam não serão enviadas.",
            dropped,
        )
        return words % {"n": dropped}
