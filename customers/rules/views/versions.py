"""The rule of each programme: what it says now and will say, every version of it, and the editor."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Prefetch, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse, reverse_lazy
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from customers.rules import simulation, words
from customers.rules.forms import RuleForm, as_typed
from customers.rules.models import Campaign, RuleVersion, Simulation
from customers.rules.services import (
    RuleRefusedError,
    cancel_version,
    current_version,
    enter_version,
    store_names,
)
from smartbis_admin.api.capabilities import Capability
from smartbis_admin.connections.models import Connection
from smartbis_admin.staff.access import Access
from smartbis_admin.ui.formats import datetime_local
from smartbis_admin.ui.views import AccessMixin, ActionView, Breadcrumbs, FormView, TemplateView, Text

#: Versions shown of each connection.
MOST = 50
PLACE = _("Regra do programa")


def ruled() -> QuerySet[Connection]:
    """The programmes that have a rule: those sales are registered at."""
    return Connection.objects.able_to(Capability.REGISTER_SALE)


@dataclass(frozen=True)
class Step:
    """One version in the history: what it says, or what it changed of the one before it."""

    version: RuleVersion
    changes: Sequence[str]
    sentences: Sequence[str]


def history(versions: Sequence[RuleVersion], stores: words.Names) -> list[Step]:
    """The versions, the newest first, each beside the one that held before it."""
    steps: list[Step] = []
    before: RuleVersion | None = None
    for version in reversed(versions):
        if before is None:
            steps.append(Step(version, [], words.sentences(version, stores)))
        else:
            steps.append(Step(version, words.differences(before, version, stores), []))
        if version.cancelled_at is None:
            before = version
    return steps[::-1]


class OverviewView(TemplateView):
    """The rule of every programme in use: now, from when another, its campaigns and its versions."""

    access = Access.SEE_OVERVIEW
    template_name = "rules/overview.html"
    title = PLACE

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        versions = RuleVersion.objects.select_related("created_by", "cancelled_by")
        campaigns = Campaign.objects.filter(ended_at=None, last_day__gte=timezone.localdate())
        rows = ruled().prefetch_related(
            Prefetch("rule_versions", queryset=versions.order_by("-valid_from", "-pk")),
            Prefetch("campaigns", queryset=campaigns.order_by("first_day", "pk")),
        )
        stores = store_names()
        shown = [self._entry(row, stores) for row in rows]
        return super().get_context_data(shown=shown, **kwargs)

    @staticmethod
    def _entry(row: Connection, stores: words.Names) -> dict[str, Any]:
        now, versions = timezone.now(), list(row.rule_versions.all())
        alive = [version for version in versions if version.cancelled_at is None]
        current = next((version for version in alive if version.valid_from <= now), None)
        return {
            "connection": row,
            "current": current,
            "says": words.sentences(current, stores) if current else [],
            "waiting": [
                (version, words.sentences(version, stores))
                for version in reversed(alive)
                if version.valid_from > now
            ],
            "campaigns": [
                (campaign, words.campaign_sentences(campaign, stores)) for campaign in row.campaigns.all()
            ],
            "history": history(versions, stores)[:MOST],
        }


class OfOneProgramme(AccessMixin):
    """Base of the screens about the rule of one programme."""

    abstract = True

    @cached_property
    def connection(self) -> Connection:
        return get_object_or_404(ruled(), pk=self.kwargs["pk"])


class EditView(OfOneProgramme, FormView):
    """Enter the next version of the rule, or first see what it would have brought."""

    access = Access.CHANGE_RULE
    form_class = RuleForm
    template_name = "rules/form.html"
    title = _("Alterar a regra do programa")
    submit_label = _("Salvar a regra")
    success_url = cancel_url = reverse_lazy("rules:overview")

    def get_breadcrumbs(self) -> Breadcrumbs:
        return [(PLACE, reverse("rules:overview"))]

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {
            "connection": self.connection,
            "simulate": "simulate" in self.request.POST,
        }

    def get_initial(self) -> dict[str, Any]:
        tried = self.request.GET.get("simulacao", "")
        rows = Simulation.objects.filter(connection=self.connection)
        start = rows.filter(pk=tried).first() if tried.isdigit() else current_version(self.connection)
        return super().get_initial() | (as_typed(start) if start else {})

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        waiting = RuleVersion.objects.filter(
            connection=self.connection, cancelled_at=None, valid_from__gt=timezone.now()
        )
        return super().get_context_data(waiting=waiting.order_by("valid_from"), **kwargs)

    def save(self, form: RuleForm) -> Simulation | None:
        user: Any = self.request.user
        if form.simulate:
            asked = form.cleaned_data
            return simulation.start(
                connection=self.connection,
                terms=form.terms(),
                since=asked["since"],
                until=asked["until"],
                with_files=asked["with_files"],
                by=user,
            )
        moment = form.cleaned_data["valid_from"]
        try:
            version = enter_version(
                connection=self.connection, terms=form.terms(), by=user, valid_from=moment
            )
        except RuleRefusedError as refusal:
            raise ValidationError({"valid_from": str(words.REFUSALS[refusal.reason])}) from None
        self.success_message: Text = self._told(version)
        return None

    @staticmethod
    def _told(version: RuleVersion | None) -> Text:
        if version is None:
            return _("A regra já era esta.")
        if version.is_future:
            return _("Regra salva: ela passa a valer em %(moment)s.") % {
                "moment": datetime_local(version.valid_from)
            }
        return _("Regra salva: as próximas estimativas usam esta.")

    def get_success_url(self) -> str:
        tried: Simulation | None = self.result
        return reverse("rules:simulation", args=[tried.pk]) if tried else reverse("rules:overview")


class PreviewView(OfOneProgramme):
    """What the typed rule says in plain language, and what it changes, while it is typed."""

    access = Access.CHANGE_RULE

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        form = RuleForm(request.GET, connection=self.connection)
        context: dict[str, Any] = {"form": form}
        if form.is_valid():
            typed, now, stores = RuleVersion(**form.terms()), current_version(self.connection), store_names()
            context |= {
                "says": words.sentences(typed, stores),
                "changes": words.differences(now, typed, stores) if now else [],
            }
            context["is_same"] = bool(now and not context["changes"])
        return render(request, "rules/preview.html", context)


class CancelView(ActionView):
    """Take back a version that has not begun."""

    access = Access.CHANGE_RULE
    danger = True
    confirm_label = _("Cancelar a versão")

    @cached_property
    def version(self) -> RuleVersion:
        return get_object_or_404(RuleVersion.objects.select_related("connection"), pk=self.kwargs["pk"])

    def get_confirm_text(self) -> Text:
        return _("Cancelar a versão agendada para %(moment)s? A regra de agora continua valendo.") % {
            "moment": datetime_local(self.version.valid_from)
        }

    def get_breadcrumbs(self) -> Breadcrumbs:
        return [(PLACE, reverse("rules:overview"))]

    def get_success_url(self) -> str:
        return reverse("rules:overview")

    def perform(self) -> Text:
        user: Any = self.request.user
        try:
            cancel_version(version=self.version, by=user)
        except RuleRefusedError as refusal:
            raise ValidationError(str(words.REFUSALS[refusal.reason])) from None
        return _("Versão cancelada.")
