"""What is in doubt: the list, one write with its evidence, and a person's decision about it."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from smartbis_admin.connections.words import explain
from smartbis_admin.staff.access import Access
from smartbis_admin.ui.navigation import register_badge
from smartbis_admin.ui.views import AccessMixin, ActionView, Breadcrumbs, DetailView, FormView, ListView, Text
from smartbis_admin.writes.evidence import describe
from smartbis_admin.writes.filters import WriteFilter
from smartbis_admin.writes.forms import ReasonForm, SettleForm
from smartbis_admin.writes.kinds import kind_of
from smartbis_admin.writes.models import Write
from smartbis_admin.writes.settling import AlreadySettledError, look_now, release, settle_by_person
from smartbis_admin.writes.tables import LOOKS, WriteTable

register_badge("writes:in_doubt", Write.objects.filter(state=Write.State.IN_DOUBT).count)


class InDoubtListView(ListView):
    """Everything whose answer was lost and that nobody has settled yet."""

    access = Access.SETTLE_WRITES
    queryset = Write.objects.filter(state=Write.State.IN_DOUBT).select_related("actor", "store")
    table_class, filter_class = WriteTable, WriteFilter
    title = _("A confirmar")
    empty_title = _("Nada a confirmar")
    empty_text = _(
        "Quando a resposta da plataforma se perde, o envio aparece aqui até que se saiba o que aconteceu."
    )


class WriteDetailView(DetailView):
    """One write: what was asked, what became of it, the evidence so far."""

    access = Access.SETTLE_WRITES
    queryset = Write.objects.select_related("connection", "actor", "store", "till", "settled_by")
    template_name = "writes/detail.html"

    def get_title(self) -> Text:
        return kind_of(self.object).label

    def get_breadcrumbs(self) -> Breadcrumbs:
        return [(_("A confirmar"), reverse("writes:in_doubt"))]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        write: Write = self.object
        tone, icon = LOOKS[Write.State(write.state)]
        return super().get_context_data(
            facts=kind_of(write).describe(write),
            tone=tone,
            state_icon=icon,
            problem=explain(write.error, write.error_cause) if write.error and write.is_open else "",
            may_release=write.kind == "register_sale" and write.released_at is None,
            readings=[
                (datetime.fromisoformat(reading["at"]), describe(reading["found"]))
                for reading in write.evidence
            ],
            proposal=next((reading.get("proposal") for reading in reversed(write.evidence)), ""),
            **kwargs,
        )


class OneInDoubt(AccessMixin):
    """Base of what may be done about one write in doubt."""

    abstract = True
    access = Access.SETTLE_WRITES

    @cached_property
    def write(self) -> Write:
        return get_object_or_404(Write.objects.select_related("connection"), pk=self.kwargs["pk"])

    def get_success_url(self) -> str:
        return reverse("writes:detail", args=[self.write.pk])

    @property
    def cancel_url(self) -> str:
        return self.get_success_url()

    def get_breadcrumbs(self) -> Breadcrumbs:
        return [
            (_("A confirmar"), reverse("writes:in_doubt")),
            (kind_of(self.write).label, self.get_success_url()),
        ]


ALREADY = _("Este envio já foi resolvido. Nada mudou agora.")


class LookView(OneInDoubt, ActionView):
    """Ask the platform again, at once."""

    def perform(self) -> Text | None:
        write = look_now(write=self.write, by=self.request.user)  # type: ignore[arg-type]
        if write.state != Write.State.IN_DOUBT:
            return _("Resolvido: %(state)s.") % {"state": write.get_state_display()}
        messages.info(self.request, _("A plataforma foi consultada e ainda não dá para saber."))
        return None


class SettleView(OneInDoubt, FormView):
    """A person says what happened, with a reason."""

    form_class = SettleForm
    title = _("Resolver")
    submit_label = _("Resolver")
    success_message = _("Resolvido.")

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"write": self.write}

    def save(self, form: SettleForm) -> None:
        try:
            settle_by_person(
                write=self.write,
                state=Write.State(form.cleaned_data["state"]),
                by=self.request.user,  # type: ignore[arg-type]
                reason=form.cleaned_data["reason"],
            )
        except AlreadySettledError:
            raise ValidationError(ALREADY) from None


class ReleaseView(OneInDoubt, FormView):
    """Let the customer's next sale go ahead although this one is in doubt."""

    form_class = ReasonForm
    template_name = "writes/release.html"
    title = _("Liberar próxima venda")
    submit_label = _("Liberar")
    success_message = _("Liberado: o cliente pode ter outra venda registrada.")

    def save(self, form: ReasonForm) -> None:
        try:
            release(write=self.write, by=self.request.user, reason=form.cleaned_data["reason"])  # type: ignore[arg-type]
        except AlreadySettledError:
            raise ValidationError(ALREADY) from None
