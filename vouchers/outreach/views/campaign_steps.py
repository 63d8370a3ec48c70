"""The three steps that make a campaign: for whom, what, when. Nothing is sent by them."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from smartbis_admin.staff.access import Access
from smartbis_admin.ui.paging import TOTAL_LIMIT, count_up_to_limit
from smartbis_admin.ui.views import Breadcrumbs, TemplateView
from vouchers.outreach import campaigns as logic
from vouchers.outreach.campaign_forms import AudienceStep, MomentStep, TextStep
from vouchers.outreach.texts import current
from vouchers.outreach.triggers import Language, Trigger, spec_of
from vouchers.outreach.views.base import Screen, campaigns_place

PT_BR = Language.PT_BR.value


class CampaignCreateView(Screen, TemplateView):
    """Three steps: for whom, what, when. Earlier steps travel in the address; the last one is posted."""

    access = Access.MANAGE_MESSAGES
    tab = "campaigns"
    template_name = "outreach/campaign_form.html"
    title = _("Criar campanha")
    labels = (_("Público"), _("Texto"), _("Momento"), _("Confirmação"))

    def get_breadcrumbs(self) -> Breadcrumbs:
        return [*super().get_breadcrumbs(), campaigns_place()]

    def _steps(self, data: Mapping[str, Any] | None, upto: int) -> list[forms.Form]:
        """The three forms; those up to a step are filled in with what was sent."""
        start = {"text": f"{Trigger.CAMPAIGN}:", "held_out_percent": spec_of(Trigger.CAMPAIGN).held_out}
        bound = [data if step < upto else None for step in range(3)]
        kept: dict[str, Any] = {name: data[name] for name in data} if data else {}
        start |= {name: value for name, value in kept.items() if value}
        return [
            AudienceStep(bound[0], user=self.person, initial=start),
            TextStep(bound[1], initial=start),
            MomentStep(bound[2], initial=start),
        ]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        asked = request.GET.get("passo", "1")
        wanted = int(asked) if asked in ("1", "2", "3") else 1
        steps = self._steps(request.GET, wanted - 1)
        wrong = next((place for place, form in enumerate(steps[: wanted - 1]) if not form.is_valid()), None)
        return self._show(steps, wanted - 1 if wrong is None else wrong)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        steps = self._steps(request.POST, 3)
        wrong = next((place for place, form in enumerate(steps) if not form.is_valid()), None)
        if wrong is not None:
            return self._show(steps, wrong)
        values: dict[str, Any] = {}
        for form in steps:
            values |= form.values()  # type: ignore[attr-defined]
        try:
            campaign = logic.create_campaign(**values, by=self.person)
        except ValidationError as error:
            told = error.error_dict if hasattr(error, "error_dict") else {"": error.error_list}
            for name, problems in told.items():
                steps[2].add_error(name if name in steps[2].fields else None, problems)
            return self._show(steps, 2)
        return HttpResponseRedirect(reverse("outreach:campaign", args=[campaign.pk]))

    def _show(self, steps: list[forms.Form], place: int) -> HttpResponse:
        data = self.request.POST if self.request.method == "POST" else self.request.GET
        others = [name for step, form in enumerate(steps) if step != place for name in form.fields]
        context = self.get_context_data(
            form=steps[place],
            step=place + 1,
            labels=[(at, label) for at, label in enumerate(self.labels, 1)],
            carried=[(name, data[name]) for name in others if data.get(name)],
            samples=self._samples() if place == 1 else [],
        )
        return self.render_to_response(context)

    @staticmethod
    def _samples() -> list[tuple[str, Any]]:
        """What each text says in Portuguese."""
        names = TextStep().fields["text"].choices  # type: ignore[attr-defined]
        found = []
        for value, label in names:
            trigger, _colon, name = value.partition(":")
            rows = current(trigger, name)
            bodies = [row for (_channel, language), row in rows.items() if language == PT_BR]
            found.append((label, trigger, name, bodies))
        return found  # type: ignore[return-value]


class AudienceView(Screen):
    """How many customers an audience names before anybody is left out, and a few of them; for the first step."""

    access = Access.MANAGE_MESSAGES

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        form = AudienceStep({"name": "-", "audience": request.GET.get("audience", "")}, user=self.person)
        context: dict[str, Any] = {"is_known": form.is_valid()}
        if context["is_known"] and "audience_trigger" not in form.values():
            rows = logic.filtered(form.values().get("audience_query", ""))
            total = count_up_to_limit(rows)
            context |= {
                "total": total,
                "is_more": total > TOTAL_LIMIT,
                "limit": TOTAL_LIMIT,
                "some": list(rows.order_by("name_search", "pk")[:5]),
            }
        return render(request, "outreach/audience.html", context)
