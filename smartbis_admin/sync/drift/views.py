"""The drift centre on screen: the list with its bulk act, one drift before and after, and its repair."""

import uuid
from typing import Any

from django.core.exceptions import ValidationError
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from smartbis_admin.staff.access import Access
from smartbis_admin.sync.drift import services
from smartbis_admin.sync.drift.filters import DriftFilter
from smartbis_admin.sync.drift.tables import KIND_LOOKS, STATE_LOOKS, DriftTable
from smartbis_admin.sync.models import Drift
from smartbis_admin.sync.services import resource_label
from smartbis_admin.ui.formats import number
from smartbis_admin.ui.views import ActionView, Breadcrumbs, DetailView, ListView, Text

ROWS = Drift.objects.select_related("connection", "decided_by")
CRUMB = (_("Sincronização"), "sync:overview")


class AcknowledgeView(ActionView):
    """Mark as seen: the rows chosen (`pk`), or with `all` everything the filters in the address show.

    `upto` is the newest row the person was shown, so that what came since stays open.
    """

    access = Access.RUN_SYNC
    title = _("Marcar como conferidas")
    confirm_label = _("Marcar como conferidas")

    @cached_property
    def chosen(self) -> Any:
        """The open rows meant."""
        post = self.request.POST
        if "all" in post:
            rows = DriftFilter(self.request.GET, queryset=Drift.objects.all(), request=self.request).qs
            upto = post.get("upto", "")
            return rows.filter(state=Drift.State.OPEN, pk__lte=int(upto) if upto.isdecimal() else 0)
        keys = [int(key) for key in post.getlist("pk") if key.isdecimal() and len(key) < 19]
        return services.open_drift().filter(pk__in=keys)

    def get_confirm_text(self) -> Text:
        if "all" not in self.request.POST:
            return ""
        count = self.chosen.count()
        return ngettext(
            "Marcar como conferida %(n)s divergência em aberto?",
            "Marcar como conferidas %(n)s divergências em aberto?",
            count,
        ) % {"n": number(count)}

    def perform(self) -> Text:
        count = services.acknowledge(drifts=self.chosen, by=self.request.user)  # type: ignore[arg-type]
        if not count:
            raise ValidationError(_("Nenhuma divergência em aberto foi escolhida."))
        said = ngettext("%(n)s divergência conferida.", "%(n)s divergências conferidas.", count)
        return said % {"n": number(count)}

    def get_success_url(self) -> str:
        return reverse("sync:drift")

    def get_breadcrumbs(self) -> Breadcrumbs:
        return [(CRUMB[0], reverse(CRUMB[1])), (_("Divergências"), reverse("sync:drift"))]


class DriftListView(ListView):
    """Drift that is open, or what the filters ask for; the bulk act is a POST to the same address."""

    access = Access.SEE_SYNC
    queryset = ROWS
    table_class, filter_class = DriftTable, DriftFilter
    template_name = "sync/drift/list.html"
    title = _("Divergências")
    empty_title = _("Nenhuma divergência em aberto")
    empty_text = _(
        "O que mudar na plataforma sem um envio daqui aparece nesta lista depois de cada sincronização."
    )

    def get_breadcrumbs(self) -> Breadcrumbs:
        return [(CRUMB[0], reverse(CRUMB[1]))]

    def get_table(self, queryset: Any) -> DriftTable:
        may_act = self.request.user.has_perm(Access.RUN_SYNC.value)
        order = self.request.GET.get("sort")
        return self.table_class(queryset, order_by=order, exclude=() if may_act else ("chosen",))

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        newest = Drift.objects.order_by("-pk").values_list("pk", flat=True).first()
        return super().get_context_data(upto=newest or 0, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        return AcknowledgeView.as_view()(request, *args, **kwargs)


class DriftDetailView(DetailView):
    """One drift: what happened, before and after, and what can be done."""

    access = Access.SEE_SYNC
    queryset = ROWS.select_related("run")
    template_name = "sync/drift/detail.html"

    def get_title(self) -> Text:
        return str(self.object.label)

    def get_breadcrumbs(self) -> Breadcrumbs:
        return [(CRUMB[0], reverse(CRUMB[1])), (_("Divergências"), reverse("sync:drift"))]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        drift: Drift = self.object
        viewer: Any = self.request.user
        return super().get_context_data(
            drift=drift,
            looks=KIND_LOOKS[Drift.Kind(drift.kind)],
            state_looks=STATE_LOOKS[Drift.State(drift.state)],
            list_name=resource_label(drift.resource),
            differences=services.differences(drift, viewer=viewer),
            advice=services.advice(drift),
            row_url=services.page_of(drift),
            repair_label=services.repair_label(drift, viewer=viewer),
            write_id=uuid.uuid4(),
            **kwargs,
        )


class DriftActionView(ActionView):
    """Base of what may be done about one drift."""

    abstract = True

    @cached_property
    def drift(self) -> Drift:
        return get_object_or_404(ROWS, pk=self.kwargs["pk"])

    def get_success_url(self) -> str:
        return reverse("sync:drift_detail", args=[self.drift.pk])

    def get_breadcrumbs(self) -> Breadcrumbs:
        above = [(CRUMB[0], reverse(CRUMB[1])), (_("Divergências"), reverse("sync:drift"))]
        return [*above, (self.drift.label, self.get_success_url())]


class AcknowledgeOneView(DriftActionView):
    """Mark one drift as seen."""

    access = Access.RUN_SYNC

    def perform(self) -> Text:
        rows = Drift.objects.filter(pk=self.drift.pk)
        if not services.acknowledge(drifts=rows, by=self.request.user):  # type: ignore[arg-type]
            raise ValidationError(_("Esta divergência já não está em aberto."))
        return _("Divergência conferida.")


class RepairView(DriftActionView):
    """Put it back: the first POST shows what would change, its button does it."""

    access = Access.RUN_SYNC
    confirm_label = _("Corrigir")

    def get_confirm_text(self) -> Text:
        preview = services.preview_repair(self.drift)
        if preview is None:
            return ""
        return _("%(what)s: mudar de %(now)s para %(then)s na plataforma?") % {
            "what": preview.label,
            "now": preview.now,
            "then": preview.then,
        }

    def perform(self) -> Text:
        by: Any = self.request.user
        try:
            write_id = uuid.UUID(self.request.POST.get("write_id", ""))
        except ValueError:
            raise ValidationError(_("Abra a divergência de novo e repita.")) from None
        if not services.repair_label(self.drift, viewer=by):
            raise ValidationError(_("Não há nada a corrigir aqui."))
        return services.repair(drift=self.drift, id=write_id, by=by)
