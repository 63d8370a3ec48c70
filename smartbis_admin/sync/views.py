"""The mirror seen: every list with its state, live progress, the history, one run, and its decisions.

The overview asks for its changing part again every two seconds while something runs, so that progress
survives a reload; without JavaScript the page is simply reloaded by hand.
"""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.urls import reverse, reverse_lazy
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from smartbis_admin.connections.models import Connection
from smartbis_admin.connections.services import pace_of
from smartbis_admin.staff.access import Access
from smartbis_admin.sync.drift.services import open_drift
from smartbis_admin.sync.engine import resources
from smartbis_admin.sync.filters import SyncRunFilter
from smartbis_admin.sync.forms import MailForm, ScheduleForm
from smartbis_admin.sync.models import MailChoice, SyncRun
from smartbis_admin.sync.schedules import pause, read_plan, resume, save_plan
from smartbis_admin.sync.services import (
    NotDecidableError,
    OverviewRow,
    accept_withdrawal,
    cancel_run,
    dismiss_withdrawal,
    overview,
    request_all,
    request_one,
    resource_label,
)
from smartbis_admin.sync.tables import LOOKS, SyncRunTable, duration, spell
from smartbis_admin.sync.words import explain_run
from smartbis_admin.ui.navigation import Link
from smartbis_admin.ui.views import (
    ActionView,
    Breadcrumbs,
    DetailView,
    FormView,
    ListView,
    TemplateView,
    Text,
)

#: What has lists to read; neither bridges nor channels.
PROGRAMMES = Connection.objects.programmes().filter(is_active=True)
LIVE = (SyncRun.State.REQUESTED, SyncRun.State.RUNNING)
LIGHT: QuerySet[SyncRun] = SyncRun.objects.defer("seen", "position").select_related(
    "connection", "requested_by", "decided_by"
)


def _progress(run: SyncRun) -> dict[str, Any]:
    """What the progress of a run needs on screen while it runs: rate (rows a second), time left as text, and the
    pace that is never exceeded (pages a second: a page is one call)."""
    # While it rested after an outage nothing could be read.
    elapsed = (timezone.now() - run.started_at - run.rested).total_seconds() if run.started_at else 0
    rate = run.rows_seen / elapsed if elapsed > 1 else None
    left = ""
    if rate and run.rows_expected:
        left = spell(max(run.rows_expected - run.rows_seen, 0) / rate)
    return {"rate": round(rate) if rate else None, "left": left, "pace": pace_of(run.connection)}


def _shown(run: SyncRun) -> dict[str, Any]:
    tone, icon = LOOKS[SyncRun.State(run.state)]
    return {
        "run": run,
        "tone": tone,
        "icon": icon,
        "sentence": explain_run(run),
        "live": run.state in LIVE,
        "duration": duration(run),
        **(_progress(run) if run.state == SyncRun.State.RUNNING else {}),
    }


class OverviewView(TemplateView):
    """Every list of every connection, what runs now, and the buttons."""

    access = Access.SEE_SYNC
    template_name = "sync/overview.html"
    title = _("Sincronização")

    def get_template_names(self) -> list[str]:
        htmx = self.request.htmx  # type: ignore[attr-defined]
        return (
            ["sync/overview_part.html"] if htmx and not htmx.history_restore_request else [self.template_name]
        )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        rows = overview()
        groups: dict[Connection, list[dict[str, Any]]] = {}
        for row in rows:
            groups.setdefault(row.connection, []).append(self._line(row))
        live = any(line["shown"] and line["shown"]["live"] for lines in groups.values() for line in lines)
        return super().get_context_data(
            groups=list(groups.items()),
            live=live,
            paused={row.connection.pk for row in rows if row.connection_paused},
            open_drift=open_drift().count(),
            **kwargs,
        )

    @staticmethod
    def _line(row: OverviewRow) -> dict[str, Any]:
        return {"row": row, "shown": _shown(row.latest) if row.latest else None}


class RunListView(ListView):
    """The history of runs."""

    access = Access.SEE_SYNC
    queryset = LIGHT
    table_class, filter_class = SyncRunTable, SyncRunFilter
    title = _("Histórico da sincronização")
    actions = (Link(_("Voltar à sincronização"), "arrow-left", "sync:overview", Access.SEE_SYNC),)
    empty_title = _("Nenhuma execução ainda")
    empty_text = _("A primeira carga começa sozinha depois que uma integração é conectada.")

    def get_breadcrumbs(self) -> Breadcrumbs:
        return [(_("Sincronização"), reverse("sync:overview"))]


class RunDetailView(DetailView):
    """One run: its counts, why it ended as it did, its odd rows. While it runs its figures come again by themselves."""

    access = Access.SEE_SYNC
    queryset = LIGHT
    template_name = "sync/run.html"

    def get_template_names(self) -> list[str]:
        return ["sync/run_figures.html"] if self.is_question else [self.template_name]

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        response: HttpResponse = super().get(request, *args, **kwargs)
        # With the end come another state, other buttons and a sentence: the whole page once more.
        if self.is_question and self.object.state not in LIVE:
            response["HX-Refresh"] = "true"
        return response

    @property
    def is_question(self) -> bool:
        """Whether the page itself asks for its changing part."""
        htmx = self.request.htmx  # type: ignore[attr-defined]
        return bool(htmx and not htmx.history_restore_request)

    def get_title(self) -> Text:
        return _("%(resource)s, execução %(number)s") % {
            "resource": str(resource_label(self.object.resource)).capitalize(),
            "number": self.object.pk,
        }

    def get_breadcrumbs(self) -> Breadcrumbs:
        return [
            (_("Sincronização"), reverse("sync:overview")),
            (_("Histórico"), reverse("sync:runs")),
        ]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            issues=self.object.issues.all()[:200], **_shown(self.object), **kwargs
        )


class RequestView(ActionView):
    """Sync one list now, or all of a connection's (without `resource`)."""

    access = Access.RUN_SYNC

    def perform(self) -> Text:
        connection = get_object_or_404(PROGRAMMES, pk=self.kwargs["connection"])
        by: Any = self.request.user
        resource = self.request.POST.get("resource", "")
        if not resource:
            request_all(connection=connection, by=by)
            return _("Sincronização pedida para todas as listas.")
        if resource not in resources(connection):
            raise ValidationError(_("Esta lista não existe."))
        request_one(connection=connection, resource=resource, by=by)
        return _("Sincronização pedida: %(resource)s.") % {"resource": resource_label(resource)}

    def get_success_url(self) -> str:
        return reverse("sync:overview")


class PauseView(ActionView):
    """Read nothing by itself from a list (`resource`) or a whole connection; with `resume`, read again."""

    access = Access.RUN_SYNC

    def perform(self) -> Text:
        connection = get_object_or_404(PROGRAMMES, pk=self.kwargs["connection"])
        by: Any = self.request.user
        resource = self.request.POST.get("resource", "")
        if resource and resource not in resources(connection):
            raise ValidationError(_("Esta lista não existe."))
        if "resume" in self.request.POST:
            resume(connection=connection, resource=resource, by=by)
            return _("As leituras automáticas foram retomadas.")
        pause(connection=connection, resource=resource, by=by)
        return _("As leituras automáticas foram pausadas. Pedir uma sincronização continua possível.")

    def get_success_url(self) -> str:
        return reverse("sync:overview")


class ScheduleView(FormView):
    """When lists are read by themselves."""

    access = Access.RUN_SYNC
    form_class = ScheduleForm
    title = _("Agenda da sincronização")
    success_message = _("Agenda salva.")
    success_url = cancel_url = reverse_lazy("sync:overview")

    def get_breadcrumbs(self) -> Breadcrumbs:
        return [(_("Sincronização"), reverse("sync:overview"))]

    def get_form_kwargs(self) -> dict[str, Any]:
        return {**super().get_form_kwargs(), "plan": read_plan()}

    def save(self, form: ScheduleForm) -> None:
        save_plan(form.plan(), by=self.request.user)  # type: ignore[arg-type]


class MailView(FormView):
    """Which mails of the mirror I want."""

    access = Access.RUN_SYNC
    form_class = MailForm
    title = _("Avisos por e-mail")
    success_message = _("Avisos salvos.")
    success_url = cancel_url = reverse_lazy("sync:overview")

    def get_breadcrumbs(self) -> Breadcrumbs:
        return [(_("Sincronização"), reverse("sync:overview"))]

    def get_initial(self) -> dict[str, Any]:
        choice = MailChoice.objects.filter(user=self.request.user.pk).first() or MailChoice()
        return {"outages": choice.outages, "digest": choice.digest}

    def save(self, form: MailForm) -> None:
        person: Any = self.request.user
        MailChoice.objects.update_or_create(user=person, defaults=form.cleaned_data)


class RunActionView(ActionView):
    """Base of what may be done about one run."""

    abstract = True
    access = Access.RUN_SYNC

    @cached_property
    def run(self) -> SyncRun:
        return get_object_or_404(SyncRun.objects.select_related("connection"), pk=self.kwargs["pk"])

    def get_success_url(self) -> str:
        return reverse("sync:run", args=[self.run.pk])


class CancelView(RunActionView):
    """Stop a run; what it stored stays."""

    def perform(self) -> Text | None:
        if self.run.state not in LIVE:
            messages.info(self.request, _("Esta execução já terminou."))
            return None
        cancel_run(run=self.run)
        return _("Cancelamento pedido: a execução para antes da próxima página.")


class AcceptView(RunActionView):
    """Withdraw what the brake held back."""

    danger = True
    confirm_label = _("Retirar")

    def get_confirm_text(self) -> Text:
        return _(
            "Retirar %(count)s linhas que sumiram da plataforma? Elas ficam guardadas e voltam se aparecerem de novo."
        ) % {"count": self.run.rows_held}

    def perform(self) -> Text:
        try:
            accept_withdrawal(run=self.run, by=self.request.user)  # type: ignore[arg-type]
        except NotDecidableError:
            raise ValidationError(_("Não há nada a decidir nesta execução.")) from None
        return _("Linhas ausentes retiradas.")


class DismissView(RunActionView):
    """Keep what the brake held back."""

    def perform(self) -> Text:
        try:
            dismiss_withdrawal(run=self.run, by=self.request.user)  # type: ignore[arg-type]
        except NotDecidableError:
            raise ValidationError(_("Não há nada a decidir nesta execução.")) from None
        return _("Nada foi retirado.")
