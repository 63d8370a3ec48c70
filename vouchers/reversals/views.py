"""Reversals on screen: ask for one, decide, and confirm what was done in the panel."""

from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Q, QuerySet
from django.forms import ModelForm
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from smartbis_admin.staff.access import Access
from smartbis_admin.ui.navigation import may
from smartbis_admin.ui.views import AccessMixin, ActionView, Breadcrumbs, DetailView, FormView, ListView, Text
from vouchers.models import Redemption
from vouchers.reversals.filters import ReversalFilter
from vouchers.reversals.forms import ConfirmCaseForm, OpenCaseForm
from vouchers.reversals.models import ReversalCase
from vouchers.reversals.services import (
    CaseError,
    approve_case,
    confirm_case,
    decline_case,
    open_case,
    window_ends,
)
from vouchers.reversals.tables import LOOKS, ReversalTable

#: Why a step cannot be taken.
WORDS = {
    "not_valid": _("Só um voucher validado aqui pode ter estorno."),
    "too_late": _("O prazo da loja para pedir estorno terminou."),
    "exists": _("Esta validação já tem um pedido de estorno."),
    "moved_on": _("Este pedido já foi decidido por outra pessoa. Confira a situação."),
}
CASES = ReversalCase.objects.select_related(
    "redemption__voucher__customer", "redemption__till__store", "redemption__store", "redemption__cashier",
    "opened_by", "approver", "confirmed_by",
)  # fmt: skip


class ReversalListView(ListView):
    """All cases."""

    access = Access.DECIDE_REVERSALS
    queryset = CASES
    table_class, filter_class = ReversalTable, ReversalFilter
    empty_title = _("Nenhum estorno pedido")
    empty_text = _("Um estorno é pedido a partir da leitura que validou o voucher.")


def cases_of(user: Any) -> QuerySet[ReversalCase]:
    """The cases a person may see: all for who decides, else those they asked for."""
    return CASES if may(user, Access.DECIDE_REVERSALS) else CASES.filter(Q(opened_by=user))


class ReversalDetailView(DetailView):
    """One case: what happened, what the platform still says, and the next step."""

    access = Access.USE_TILL
    template_name = "vouchers/reversals/detail.html"

    def get_queryset(self) -> QuerySet[ReversalCase]:
        return cases_of(self.request.user)

    def get_title(self) -> Text:
        return _("Estorno do voucher %(code)s") % {"code": self.object.redemption.masked_code}

    def get_breadcrumbs(self) -> Breadcrumbs:
        if may(self.request.user, Access.DECIDE_REVERSALS):
            return [(_("Estornos"), reverse("reversals:list"))]
        return [(_("Caixa"), reverse("vouchers:till"))]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        tone, icon = LOOKS[self.object.state]
        return super().get_context_data(tone=tone, state_icon=icon, **kwargs)


class OpenCaseView(FormView):
    """Ask for the reversal of one validation: one's own scans, or anybody's for who decides."""

    access = Access.USE_TILL
    form_class = OpenCaseForm
    template_name = "vouchers/reversals/open.html"
    title = _("Pedir estorno")
    submit_label = _("Pedir estorno")
    success_message = _("Estorno pedido. Um gestor decide.")

    @cached_property
    def redemption(self) -> Redemption:
        scans = Redemption.objects.select_related("voucher", "store", "till__store", "cashier")
        if not may(self.request.user, Access.DECIDE_REVERSALS):
            scans = scans.filter(cashier=self.request.user)  # type: ignore[misc]
        return get_object_or_404(scans, pk=self.kwargs["pk"])

    @property
    def cancel_url(self) -> str:
        return reverse("vouchers:till")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        case = cases_of(request.user).filter(redemption=self.redemption).first()
        if case:
            return HttpResponseRedirect(reverse("reversals:detail", args=[case.pk]))
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        ends = window_ends(self.redemption)
        return super().get_context_data(redemption=self.redemption, window_ends=ends, **kwargs)

    def save(self, form: ModelForm) -> ReversalCase:
        asked = {name: form.cleaned_data[name] for name in ("reason", "note")}
        try:
            return open_case(redemption=self.redemption, by=self.request.user, **asked)  # type: ignore[arg-type]
        except CaseError as error:
            raise ValidationError(WORDS[error.code]) from None

    def get_success_url(self) -> str:
        return reverse("reversals:detail", args=[self.result.pk])


class CaseStep(AccessMixin):
    """Base of the steps of one case, `self.case`."""

    abstract = True
    access = Access.DECIDE_REVERSALS

    @cached_property
    def case(self) -> ReversalCase:
        return get_object_or_404(CASES, pk=self.kwargs["pk"])

    def get_success_url(self) -> str:
        return reverse("reversals:detail", args=[self.case.pk])


class ApproveView(CaseStep, ActionView):
    """Approve: it is made good by hand, in the panel."""

    def perform(self) -> Text:
        try:
            approve_case(case=self.case, by=self.request.user)  # type: ignore[arg-type]
        except CaseError as error:
            raise ValidationError(WORDS[error.code]) from None
        return _("Estorno aprovado. Siga a lista no painel da Smartbis e confirme aqui.")


class DeclineView(CaseStep, ActionView):
    """Decline: nothing is made good."""

    confirm_text = _("Negar este estorno? A decisão não muda depois.")
    confirm_label = _("Negar estorno")
    danger = True

    def perform(self) -> Text:
        try:
            decline_case(case=self.case, by=self.request.user)  # type: ignore[arg-type]
        except CaseError as error:
            raise ValidationError(WORDS[error.code]) from None
        return _("Estorno negado.")


class ConfirmView(CaseStep, FormView):
    """The checklist of the panel, and what it shows now."""

    form_class = ConfirmCaseForm
    template_name = "vouchers/reversals/confirm.html"
    title = _("Confirmar o que foi feito no painel")
    submit_label = _("Confirmar")
    success_message = _("Estorno confirmado.")

    @property
    def cancel_url(self) -> str:
        return self.get_success_url()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(case=self.case, **kwargs)

    def save(self, form: ModelForm) -> None:
        proof = {name: form.cleaned_data[name] for name in ("result", "evidence")}
        try:
            confirm_case(case=self.case, by=self.request.user, **proof)  # type: ignore[arg-type]
        except CaseError as error:
            raise ValidationError(WORDS[error.code]) from None
