"""Campaigns: the list, and the page of one, where it is confirmed and followed."""

from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django_htmx.http import HttpResponseClientRefresh

from smartbis_admin.staff.access import Access
from smartbis_admin.ui.formats import number
from smartbis_admin.ui.navigation import Link
from smartbis_admin.ui.views import ActionView, Breadcrumbs, FormView, ListView, Text
from vouchers.outreach import campaigns as logic
from vouchers.outreach.campaign_forms import ConfirmForm, text_label
from vouchers.outreach.filters import CampaignFilter
from vouchers.outreach.models import Campaign, Message
from vouchers.outreach.tables import CampaignTable
from vouchers.outreach.texts import current
from vouchers.outreach.triggers import Language
from vouchers.outreach.views.base import Screen, campaigns_place
from vouchers.outreach.words import (
    CAMPAIGN_LOOKS,
    MESSAGE_LOOKS,
    channels_counted,
    channels_in_words,
    reasons_in_words,
)

State = Campaign.State
PT_BR = Language.PT_BR.value
#: States in which the page asks for itself again.
MOVING = (State.COUNTING, State.SCHEDULED, State.QUEUEING, State.RUNNING)


class CampaignListView(Screen, ListView):
    """All campaigns."""

    access = Access.MANAGE_MESSAGES
    tab = "campaigns"
    queryset = Campaign.objects.select_related("created_by")
    table_class, filter_class = CampaignTable, CampaignFilter
    template_name = "outreach/list.html"
    actions = (Link(_("Criar campanha"), "plus", "outreach:campaign_create", Access.MANAGE_MESSAGES),)
    empty_title = _("Nenhuma campanha ainda")
    empty_text = _("Escolha um público e um texto; nada é enviado antes de você confirmar.")


class OfCampaign(Screen):
    """Base of what is about one campaign."""

    abstract = True
    tab = "campaigns"

    @cached_property
    def campaign(self) -> Campaign:
        rows = Campaign.objects.select_related("created_by", "confirmed_by")
        return get_object_or_404(rows, pk=self.kwargs["pk"])

    @property
    def url(self) -> str:
        """Its page."""
        return reverse("outreach:campaign", args=[self.campaign.pk])

    def get_breadcrumbs(self) -> Breadcrumbs:
        return [*super().get_breadcrumbs(), campaigns_place()]


def progress_of(campaign: Campaign) -> dict[str, Any]:
    """How far a campaign is, for its page and the part of it that asks again."""
    made = logic.progress(campaign)
    whole = sum(made.values()) - made.get(Message.State.HELD_OUT, 0)
    waiting = made.get(Message.State.QUEUED, 0) + made.get(Message.State.SENDING, 0)
    labels = dict(Message.State.choices)
    tone, icon = CAMPAIGN_LOOKS[campaign.state]
    return {
        "campaign": campaign,
        "tone": tone,
        "icon": icon,
        "is_moving": campaign.state in MOVING,
        "whole": whole,
        "gone": whole - waiting,
        "parts": [
            (state, labels[state], *MESSAGE_LOOKS[state], made[state])
            for state in MESSAGE_LOOKS
            if made.get(state)
        ],
        "by_channel": channels_counted(campaign.by_channel),
        "left_out": reasons_in_words(campaign.left_out),
    }


class CampaignView(OfCampaign, FormView):
    """Its audience as counted, the number to type, then how far it is and what came of it."""

    access = Access.MANAGE_MESSAGES
    form_class = ConfirmForm
    template_name = "outreach/campaign.html"

    def get_title(self) -> Text:
        return self.campaign.name

    def get_success_url(self) -> str:
        return self.url

    def save(self, form: ConfirmForm) -> Campaign:
        return logic.confirm(campaign=self.campaign, typed=form.cleaned_data["typed"], by=self.person)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        campaign = self.campaign
        waits = campaign.state == State.COUNTED
        texts = current(campaign.trigger, campaign.text_name)
        return super().get_context_data(
            **progress_of(campaign),
            waits=waits,
            sample=logic.sample(campaign) if waits else [],
            written=text_label(campaign.trigger, campaign.text_name),
            bodies=[texts[place] for channel in campaign.channels if (place := (channel, PT_BR)) in texts],
            channels=channels_in_words(campaign.channels),
            may_pause=campaign.state in (State.RUNNING, State.QUEUEING),
            is_over=campaign.state in (State.DONE, State.STOPPED),
            **kwargs,
        )


class CampaignProgressView(OfCampaign):
    """The part of its page that asks again; once its state is another, the whole page is."""

    access = Access.MANAGE_MESSAGES

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.htmx:  # type: ignore[attr-defined]
            return HttpResponseRedirect(self.url)
        if request.GET.get("de") != self.campaign.state:
            return HttpResponseClientRefresh()
        return render(request, "outreach/campaign_progress.html", progress_of(self.campaign))


class _Turn(OfCampaign, ActionView):
    abstract = True
    access = Access.MANAGE_MESSAGES

    def get_success_url(self) -> str:
        return self.url


class CampaignPauseView(_Turn):
    """Hold it."""

    access = Access.MANAGE_MESSAGES

    def perform(self) -> Text:
        if not logic.pause(campaign=self.campaign, by=self.person):
            raise ValidationError(_("Esta campanha não está mais em andamento."))
        return _("Campanha pausada. Nada dela sai até você continuar.")


class CampaignResumeView(_Turn):
    """Let it go on."""

    access = Access.MANAGE_MESSAGES

    def perform(self) -> Text:
        if not logic.resume(campaign=self.campaign, by=self.person):
            raise ValidationError(_("Esta campanha não está mais pausada."))
        return _("A campanha continua.")


class CampaignRecountView(_Turn):
    """Count its audience anew."""

    access = Access.MANAGE_MESSAGES

    def perform(self) -> Text:
        if not logic.count_again(campaign=self.campaign, by=self.person):
            raise ValidationError(_("A campanha não está mais à espera de confirmação."))
        return _("Contando o público de novo.")


class CampaignStopView(_Turn):
    """End it for good."""

    access = Access.MANAGE_MESSAGES
    danger = True
    confirm_label = _("Interromper")

    def get_confirm_text(self) -> Text:
        return _(
            "Interromper a campanha “%(name)s”? O que ainda não saiu não sai mais, e não há como retomar."
        ) % {"name": self.campaign.name}

    def perform(self) -> Text:
        dropped = logic.stop(campaign=self.campaign, by=self.person)
        if dropped is None:
            raise ValidationError(_("Esta campanha já acabou."))
        words = ngettext(
            "Campanha interrompida. %(n)s mensagem não será enviada.",
            "Campanha interrompida. %(n)s mensagens não serão enviadas.",
            dropped,
        )
        return words % {"n": number(dropped)}
