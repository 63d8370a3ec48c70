"""The drift centre on screen: the list with its bulk act, one drift before and after, and its repair."""

import uuid
from typing import Any

from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from smartbis_admin.api.errors import ApiError
from smartbis_admin.connections.words import explain
from smartbis_admin.staff.access import Access
from smartbis_admin.sync.bulk import ACKNOWLEDGE
from smartbis_admin.sync.drift import services
from smartbis_admin.sync.drift.filters import DriftFilter
from smartbis_admin.sync.drift.tables import KIND_LOOKS, STATE_LOOKS, DriftTable
from smartbis_admin.sync.lists import known_at
from smartbis_admin.sync.models import Drift, Mirrored
from smartbis_admin.ui.views import ActionView, Breadcrumbs, DetailView, ListView, Text

ROWS = Drift.objects.select_related("connection", "decided_by")
CRUMB = (_("Sincronização"), "sync:overview")


class DriftListView(ListView):
    """Drift that is open, or what the filters ask for; the bulk act is a POST to the same address."""

    access = Access.SEE_SYNC
    queryset = ROWS
    table_class, filter_class = DriftTable, DriftFilter
    bulk_actions = (ACKNOWLEDGE,)
    title = _("Divergências")
    empty_title = _("Nenhuma divergência em aberto")
    empty_text = _(
        "O que mudar na plataforma sem um envio daqui aparece nesta lista depois de cada sincronização."
    )

    def get_breadcrumbs(self) -> Breadcrumbs:
        return [(CRUMB[0], reverse(CRUMB[1]))]


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
        row = services.row_of(drift)
        return super().get_context_data(
            drift=drift,
            looks=KIND_LOOKS[Drift.Kind(drift.kind)],
            state_looks=STATE_LOOKS[Drift.State(drift.state)],
            list_name=services.list_label(drift.resource),
            differences=services.differences(drift, viewer=viewer),
            advice=services.advice(drift),
            row_url=services.page_of(drift, row),
            row=row,
            known_at=known_at(row, drift.resource) if isinstance(row, Mirrored) else None,
            can_read_again=services.can_read_again(drift, row, viewer=viewer),
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


class ReadAgainView(DriftActionView):
    """Ask the platform for the row now; before, after and now are then compared on the drift's page."""

    access = Access.RUN_SYNC

    def perform(self) -> Text:
        try:
            told = services.read_again(drift=self.drift, by=self.request.user)  # type: ignore[arg-type]
        except ApiError as error:
            raise ValidationError(explain(type(error).__name__, error.reason)) from None
        except LookupError:
            raise ValidationError(_("Este registro não pode ser lido sozinho.")) from None
        if not told:
            raise ValidationError(
                _(
                    "A plataforma não trouxe este registro agora. A próxima leitura completa dirá se ele saiu da lista."
                )
            )
        return _("Lido agora na plataforma. Compare com o que havia antes e depois.")


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
