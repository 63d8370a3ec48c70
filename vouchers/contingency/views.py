"""Contingency on screen: a manager releases it at the till, and resolves what the platform refused."""

from decimal import Decimal
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.forms import Form, ModelForm
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from smartbis_admin.staff.access import Access
from smartbis_admin.staff.models import Shift
from smartbis_admin.ui.navigation import register_badge
from smartbis_admin.ui.views import AccessMixin, ActionView, Breadcrumbs, DetailView, FormView, ListView, Text
from vouchers.contingency.filters import ContingencyFilter
from vouchers.contingency.forms import ReleaseForm, ResolveForm
from vouchers.contingency.models import ContingencyUse
from vouchers.contingency.policy import mode_of
from vouchers.contingency.services import (
    ContingencyError,
    may_send,
    release,
    resolve,
    revoke,
    send_again,
)
from vouchers.contingency.tables import LOOKS, ContingencyTable, owner_of
from vouchers.till.shift_views import PinView
from vouchers.till.verdicts import verdict_of
from vouchers.till.views import OnShift

State = ContingencyUse.State
#: Why a step cannot be taken.
WORDS = {
    "over": _("O turno acabou de ser encerrado."),
    "moved_on": _("Este conflito já foi resolvido por outra pessoa. Confira a situação."),
    "not_again": _("Este voucher não pode ser enviado de novo: a plataforma já respondeu."),
    "held": _("Outra leitura deste voucher está em andamento ou já o usou."),
}
USES = ContingencyUse.objects.select_related(
    "redemption__voucher__customer", "redemption__cashier", "redemption__write", "redemption__shift",
    "redemption__winner__cashier", "redemption__winner__store", "redemption__winner__till__store",
    "till__store", "release__manager", "owner", "resolved_by", "handed_by",
)  # fmt: skip

register_badge("contingency:list", ContingencyUse.objects.filter(state=State.CONFLICT).count)


class ReleaseView(OnShift, PinView):
    """A manager lets this shift accept vouchers while a link is down."""

    form_class = ReleaseForm
    template_name = "vouchers/contingency/release.html"
    title = _("Liberar contingência")
    submit_label = _("Liberar")

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"store": self.till.store}

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(mode=mode_of(self.shift), store=self.till.store, **kwargs)

    def with_pin(self, form: Form) -> None:
        asked = form.cleaned_data
        try:
            release(shift=self.shift, manager=asked["manager"], pin=asked["pin"])
        except ContingencyError as error:
            raise ValidationError(WORDS[error.code]) from None


class RevokeView(ActionView):
    """A manager takes a release back."""

    access = Access.SETTLE_CONTINGENCY
    confirm_text = _("Revogar a liberação? O que já foi aceito continua sendo enviado.")
    confirm_label = _("Revogar liberação")

    def get_success_url(self) -> str:
        return reverse("vouchers:shift", args=[self.kwargs["pk"]])

    def perform(self) -> Text:
        shift = get_object_or_404(Shift, pk=self.kwargs["pk"])
        if not revoke(shift=shift, by=self.request.user):  # type: ignore[arg-type]
            raise ValidationError(_("Nenhuma liberação está valendo neste turno."))
        return _("Liberação revogada.")


class ContingencyListView(ListView):
    """What was accepted in contingency; the conflicts among it wait for somebody."""

    access = Access.SETTLE_CONTINGENCY
    queryset = USES
    table_class, filter_class = ContingencyTable, ContingencyFilter
    template_name = "vouchers/contingency/list.html"
    title = pgettext_lazy("screen", "Contingência")
    empty_title = _("Nada foi aceito em contingência")
    empty_text = _("Aqui aparece o que os caixas aceitaram sem conexão, e o que a plataforma recusou depois.")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        counts = {
            "conflicts": ContingencyUse.objects.filter(state=State.CONFLICT).count(),
            "waiting": ContingencyUse.objects.filter(state__in=ContingencyUse.OPEN).count(),
        }
        return super().get_context_data(**counts, **kwargs)


class OneUse(AccessMixin):
    """Base of what is done about one conflict, `self.use`."""

    abstract = True
    access = Access.SETTLE_CONTINGENCY

    @cached_property
    def use(self) -> ContingencyUse:
        return get_object_or_404(USES, pk=self.kwargs["pk"])

    def get_success_url(self) -> str:
        return reverse("contingency:detail", args=[self.use.pk])

    @property
    def cancel_url(self) -> str:
        return self.get_success_url()

    def get_breadcrumbs(self) -> Breadcrumbs:
        return [(ContingencyListView.title, reverse("contingency:list"))]


class ContingencyDetailView(DetailView):
    """One acceptance: what was handed over, by which rule, what the platform said, and the next step."""

    access = Access.SETTLE_CONTINGENCY
    template_name = "vouchers/contingency/detail.html"

    def get_queryset(self) -> QuerySet[ContingencyUse]:
        return USES

    def get_title(self) -> Text:
        return _("Voucher %(code)s em contingência") % {"code": self.object.redemption.masked_code}

    def get_breadcrumbs(self) -> Breadcrumbs:
        return [(ContingencyListView.title, reverse("contingency:list"))]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        tone, icon = LOOKS[self.object.state]
        limit = self.object.policy.get("max_value")
        return super().get_context_data(
            tone=tone,
            state_icon=icon,
            verdict=verdict_of(self.object.redemption),
            owner=owner_of(self.object),
            may_send=may_send(self.object),
            limit=limit and Decimal(limit),
            **kwargs,
        )


class ResolveView(OneUse, FormView):
    """Say how a conflict was made good."""

    form_class = ResolveForm
    title = _("Resolver conflito")
    success_message = _("Conflito resolvido.")

    def save(self, form: ModelForm) -> None:
        asked = {name: form.cleaned_data[name] for name in ("resolution", "note")}
        try:
            resolve(use=self.use, by=self.request.user, **asked)  # type: ignore[arg-type]
        except ContingencyError as error:
            raise ValidationError(WORDS[error.code]) from None


class SendAgainView(OneUse, ActionView):
    """Let a conflict be sent to the platform after all."""

    confirm_text = _("Enviar este voucher à plataforma? Se ela aceitar, ele fica usado.")
    confirm_label = _("Enviar à plataforma")

    def perform(self) -> Text:
        try:
            send_again(use=self.use, by=self.request.user)  # type: ignore[arg-type]
        except ContingencyError as error:
            raise ValidationError(WORDS[error.code]) from None
        return _("O voucher aguarda envio. O resultado aparece aqui.")
