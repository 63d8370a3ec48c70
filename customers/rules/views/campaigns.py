"""Campaigns: the list, one campaign, making and changing one that has not begun, ending one."""

from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse, reverse_lazy
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from customers.rules import words
from customers.rules.campaign_forms import CampaignForm, NewCampaignForm
from customers.rules.filters import CampaignFilter
from customers.rules.models import Campaign
from customers.rules.services import CONDITIONS, RuleRefusedError, end_campaign, save_campaign, store_names
from customers.rules.tables import LOOKS, CampaignTable
from customers.rules.views.versions import PLACE, ruled
from smartbis_admin.staff.access import Access
from smartbis_admin.ui.navigation import Link
from smartbis_admin.ui.views import (
    AccessMixin,
    ActionView,
    Breadcrumbs,
    DetailView,
    FormView,
    ListView,
    Text,
)

ROWS = Campaign.objects.select_related("connection", "created_by", "ended_by")
CAMPAIGNS = _("Campanhas")


def _places() -> Breadcrumbs:
    return [(PLACE, reverse("rules:overview")), (CAMPAIGNS, reverse("rules:campaign_list"))]


class CampaignListView(ListView):
    """Campaigns of every programme."""

    access = Access.SEE_OVERVIEW
    queryset = Campaign.objects.select_related("connection")
    table_class, filter_class = CampaignTable, CampaignFilter
    actions = (Link(_("Criar campanha"), "plus", "rules:campaign_create", Access.CHANGE_RULE),)
    empty_title = _("Nenhuma campanha ainda")
    empty_text = _("Uma campanha faz as vendas de alguns dias valerem mais cashback ou mais pontos.")

    def get_breadcrumbs(self) -> Breadcrumbs:
        return [(PLACE, reverse("rules:overview"))]


class CampaignDetailView(DetailView):
    """One campaign in plain language, and who made and ended it."""

    access = Access.SEE_OVERVIEW
    queryset = ROWS
    template_name = "rules/campaign.html"

    def get_breadcrumbs(self) -> Breadcrumbs:
        return _places()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        campaign: Campaign = self.object
        tone, icon, label = LOOKS[campaign.stage]
        return super().get_context_data(
            says=words.campaign_sentences(campaign, store_names()),
            stage=campaign.stage,
            tone=tone,
            icon=icon,
            label=label,
            **kwargs,
        )


class CampaignCreateView(FormView):
    """A new campaign."""

    access = Access.CHANGE_RULE
    form_class = NewCampaignForm
    template_name = "rules/campaign_form.html"
    title = _("Criar campanha")
    submit_label = _("Criar campanha")
    success_message = _("Campanha criada: as estimativas contam com ela a partir do primeiro dia.")
    cancel_url = reverse_lazy("rules:campaign_list")

    def get_breadcrumbs(self) -> Breadcrumbs:
        return _places()

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"ruled": ruled()}

    def save(self, form: NewCampaignForm) -> Campaign:
        user: Any = self.request.user
        return save_campaign(connection=form.cleaned_data["connection"], values=form.cleaned_data, by=user)

    def get_success_url(self) -> str:
        return reverse("rules:campaign", args=[self.result.pk])


class CampaignEditView(FormView):
    """Change a campaign that has not begun."""

    access = Access.CHANGE_RULE
    form_class = CampaignForm
    template_name = "rules/campaign_form.html"
    title = _("Alterar campanha")
    submit_label = _("Salvar a campanha")
    success_message = _("Campanha alterada.")

    @cached_property
    def campaign(self) -> Campaign:
        return get_object_or_404(ROWS, pk=self.kwargs["pk"])

    @property
    def cancel_url(self) -> str:
        return reverse("rules:campaign", args=[self.campaign.pk])

    def get_success_url(self) -> str:
        return self.cancel_url

    def get_breadcrumbs(self) -> Breadcrumbs:
        return [*_places(), (self.campaign.name, self.cancel_url)]

    def get_initial(self) -> dict[str, Any]:
        present = {name: getattr(self.campaign, name) for name in CONDITIONS}
        present["machines"] = ", ".join(self.campaign.machines)
        present["stacks"] = "yes" if self.campaign.stacks else ""
        return super().get_initial() | present

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"connection": self.campaign.connection}

    def save(self, form: CampaignForm) -> Campaign:
        user: Any = self.request.user
        try:
            return save_campaign(
                connection=self.campaign.connection,
                values=form.cleaned_data,
                by=user,
                campaign=self.campaign,
            )
        except RuleRefusedError as refusal:
            raise ValidationError(str(words.REFUSALS[refusal.reason])) from None


class CampaignPreviewView(AccessMixin):
    """What the typed campaign says in plain language, while it is typed."""

    access = Access.CHANGE_RULE

    def get(self, request: HttpRequest) -> HttpResponse:
        form = CampaignForm(request.GET)
        context: dict[str, Any] = {"form": form}
        if form.is_valid():
            typed = Campaign(**{name: form.cleaned_data[name] for name in CONDITIONS})
            context["says"] = words.campaign_sentences(typed, store_names())
        return render(request, "rules/preview.html", context)


class CampaignEndView(ActionView):
    """End a campaign now; one that has not begun is thereby cancelled."""

    access = Access.CHANGE_RULE
    danger = True
    confirm_label = _("Encerrar campanha")

    @cached_property
    def campaign(self) -> Campaign:
        return get_object_or_404(ROWS, pk=self.kwargs["pk"])

    def get_confirm_text(self) -> Text:
        return _("Encerrar a campanha “%(name)s” agora? Vendas a partir deste momento não contam mais.") % {
            "name": self.campaign.name
        }

    def get_breadcrumbs(self) -> Breadcrumbs:
        return [*_places(), (self.campaign.name, self.get_success_url())]

    def get_success_url(self) -> str:
        return reverse("rules:campaign", args=[self.kwargs["pk"]])

    def perform(self) -> Text:
        user: Any = self.request.user
        try:
            end_campaign(campaign=self.campaign, by=user)
        except RuleRefusedError as refusal:
            raise ValidationError(str(words.REFUSALS[refusal.reason])) from None
        return _("Campanha encerrada.")
