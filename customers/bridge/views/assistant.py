"""The assistant in five steps: each says what is so now and what is missing; it can be left and taken up any time."""

from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from customers.bridge import setting_up
from customers.bridge.filters import with_standing
from customers.bridge.forms import ModeForm
from customers.bridge.models import Bridge
from customers.bridge.pull import pull_machines
from customers.bridge.refusing import BridgeRefusedError
from customers.bridge.steps import Progress, Step, progress
from customers.bridge.views.base import SALES
from customers.bridge.waiting import count_waiting
from customers.bridge.words import explain_refusal
from customers.rules.models import RuleVersion
from customers.rules.words import sentences
from smartbis_admin.api.capabilities import Capability
from smartbis_admin.api.errors import ApiError
from smartbis_admin.api.smartpos import SmartPosClient
from smartbis_admin.connections.doors import door_address
from smartbis_admin.connections.models import Connection
from smartbis_admin.connections.services import client_for, drop_token, note_error, test_connection
from smartbis_admin.connections.views import problem_of
from smartbis_admin.connections.words import explain
from smartbis_admin.staff.access import Access
from smartbis_admin.staff.models import Store
from smartbis_admin.ui.views import AccessMixin, ActionView, Breadcrumbs, FormView, TemplateView, Text

FEW = 8
_LOCAL = {"127.0.0.1", "localhost", "::1"}


def step_url(connection_id: int, step: Step) -> str:
    """The address of one step."""
    return reverse(f"bridge:step_{step}", args=[connection_id])


class AssistantsView(TemplateView):
    """Where to begin: connect SmartPOS, or go on with the account that is connected."""

    access = Access.MANAGE_CONNECTIONS
    template_name = "bridge/assistants.html"
    title = _("Assistente SmartPOS")

    @cached_property
    def accounts(self) -> list[Connection]:
        return list(Connection.objects.able_to(Capability.POS_FEED))

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if len(self.accounts) == 1:
            return HttpResponseRedirect(reverse("bridge:assistant", args=[self.accounts[0].pk]))
        return super().get(request, *args, **kwargs)

    def get_breadcrumbs(self) -> Breadcrumbs:
        return [(_("Integrações"), reverse("connections:list"))]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(accounts=self.accounts, **kwargs)


class OneBridge(AccessMixin):
    """Base of everything about one SmartPOS account, `self.bridge`."""

    abstract = True
    access = Access.MANAGE_CONNECTIONS

    @cached_property
    def bridge(self) -> Bridge:
        accounts = Connection.objects.able_to(Capability.POS_FEED)
        made = setting_up.bridge_of(get_object_or_404(accounts, pk=self.kwargs["pk"]))
        return Bridge.objects.select_related("connection", "target").get(pk=made.pk)

    @property
    def connection(self) -> Connection:
        return self.bridge.connection


class AssistantView(OneBridge):
    """Take up where it was left: the first step that is not done, else the last one."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        undone = (one.step for one in progress(self.bridge) if not one.done)
        return HttpResponseRedirect(step_url(self.connection.pk, next(undone, Step.OPERATION)))


class StepView(OneBridge):
    """Base of one step. The list of all steps stands beside each."""

    abstract = True
    step: Step

    @cached_property
    def steps(self) -> list[Progress]:
        return progress(self.bridge)

    @property
    def current(self) -> Progress:
        return self.steps[self.step.number - 1]

    def get_title(self) -> Text:
        return self.current.label

    def get_breadcrumbs(self) -> Breadcrumbs:
        return [
            (_("Integrações"), reverse("connections:list")),
            (self.connection.name, reverse("connections:detail", args=[self.connection.pk])),
        ]

    def get_success_url(self) -> str:
        return step_url(self.connection.pk, self.step)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        order = list(Step)
        place = order.index(self.step)
        last = place + 1 == len(order)
        shown = [
            {
                "number": one.number,
                "label": one.label,
                "done": one.done,
                "current": one.step == self.step,
                "url": step_url(self.connection.pk, one.step),
            }
            for one in self.steps
        ]
        return super().get_context_data(
            bridge=self.bridge,
            connection=self.connection,
            step=self.current,
            steps=shown,
            checks=self.current.checks,
            all_done=all(one.done for one in self.steps),
            previous_url=step_url(self.connection.pk, order[place - 1]) if place else "",
            next_url=reverse("bridge:list") if last else step_url(self.connection.pk, order[place + 1]),
            next_label=SALES if last else self.steps[place + 1].label,
            **kwargs,
        )


class StartStepView(StepView, TemplateView):
    """Step 1: the machines are in SmartPOS."""

    step = Step.START
    template_name = "bridge/assistant_start.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        machines = with_standing(self.bridge.machines.select_related("store")).exclude(standing="off")
        few = list(machines.order_by("label", "remote_id")[:FEW])
        return super().get_context_data(machines=few, **kwargs)


class BridgeStepView(StepView, FormView):
    """Step 2: authorise, and say who registers the sales. Nothing is chosen beforehand."""

    step = Step.BRIDGE
    form_class = ModeForm
    template_name = "bridge/assistant_bridge.html"
    success_message = _("Escolha salva.")

    def get_initial(self) -> dict[str, Any]:
        bridge = self.bridge
        chosen = {
            "mode": bridge.mode,
            "target": bridge.target_id,
            "creates_customers": bridge.creates_customers,
        }
        return super().get_initial() | {name: value for name, value in chosen.items() if value}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            push_url=door_address(self.connection),
            local_address=urlsplit(settings.PUBLIC_URL).hostname in _LOCAL,
            problem=problem_of(self.connection),
            **kwargs,
        )

    def save(self, form: ModeForm) -> None:
        asked = form.cleaned_data
        try:
            setting_up.choose_mode(
                bridge=self.bridge,
                target=asked["target"],
                mode=asked["mode"],
                creates_customers=asked["creates_customers"],
                by=self.request.user,  # type: ignore[arg-type]
            )
        except BridgeRefusedError as error:
            raise ValidationError(explain_refusal(error.reason)) from None


class RulesStepView(StepView, TemplateView):
    """Step 3: the rule the sales are judged by; it is written where every rule is."""

    step = Step.RULES
    template_name = "bridge/assistant_rules.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        target = self.bridge.target
        versions = RuleVersion.objects.filter(
            connection=target, cancelled_at=None, valid_from__lte=timezone.now()
        )
        version = versions.order_by("-valid_from").first() if target else None
        names = dict(Store.objects.values_list("pk", "name")) if version else {}
        return super().get_context_data(
            target=target, sentences=sentences(version, names) if version else [], **kwargs
        )


class OperationStepView(StepView, TemplateView):
    """Step 5: customers are told what they earned."""

    step = Step.OPERATION
    template_name = "bridge/assistant_operation.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(waiting=count_waiting(), **kwargs)


class AuthoriseView(OneBridge, ActionView):
    """Ask SmartPOS for a fresh authorisation and read the machines with it. Changes nothing there."""

    def get_success_url(self) -> str:
        return step_url(self.connection.pk, Step.BRIDGE)

    def perform(self) -> Text:
        connection = self.connection
        drop_token(connection)
        for check in test_connection(connection=connection, by=self.request.user):  # type: ignore[arg-type]
            if check.error and not check.absent:
                raise ValidationError(explain(type(check.error).__name__, check.error.reason))
        try:
            pull_machines(self.bridge, client_for(connection, SmartPosClient, interactive=True))
        except ApiError as error:
            note_error(connection, error)
            raise ValidationError(explain(type(error).__name__, error.reason)) from None
        return _("O SmartPOS aceitou a autorização e a lista de maquininhas foi lida.")
