"""Shifts on screen: open, unlock, hand over by PIN, close with a summary, and the manager's view of all."""

from contextlib import suppress
from typing import Any

from django.contrib.auth import login
from django.core.exceptions import ValidationError
from django.db.models import Count, OuterRef, QuerySet, Subquery
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404
from django.urls import reverse, reverse_lazy
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from smartbis_admin.staff.access import Access
from smartbis_admin.staff.models import Shift, User
from smartbis_admin.staff.pins import PinLockedError, WrongPinError
from smartbis_admin.staff.places import choose_till
from smartbis_admin.staff.shifts import (
    TillTakenError,
    close_shift,
    open_shift,
    open_shift_at,
    switch_cashier,
    unlock,
)
from smartbis_admin.ui.navigation import Link, may
from smartbis_admin.ui.views import ActionView, Breadcrumbs, FormView, ListView, TemplateView, Text
from vouchers.contingency.policy import release_at
from vouchers.models import Redemption
from vouchers.till.scans import shown_scans
from vouchers.till.shift_filters import ScanFilter, ShiftFilter, ShiftScanFilter
from vouchers.till.shift_forms import OpenShiftForm, SwitchForm, UnlockForm
from vouchers.till.shift_summary import summarise, tills_today
from vouchers.till.shift_tables import ScanTable, ShiftTable
from vouchers.till.views import AtTill, OnShift

WRONG_PIN = _("O PIN não confere.")
LOCKED_PIN = _("PIN bloqueado por 15 minutos depois de 5 erros. Entre com e-mail e senha.")
TILL = reverse_lazy("vouchers:till")
#: The people at a till sign in with a password or a PIN; both are known to this one.
BACKEND = "django.contrib.auth.backends.ModelBackend"


class OpenShiftView(AtTill):
    """Open one's shift, ending the one of another person that was shown."""

    http_method_names = ["post", "options"]

    def post(self, request: HttpRequest) -> HttpResponse:
        form = OpenShiftForm(request.POST)
        # A shift that ended meanwhile, or another that was opened: the till's page says how it stands now.
        if form.is_valid():
            with suppress(TillTakenError):
                instead_of = form.cleaned_data["instead_of"]
                open_shift(till=self.till, cashier=request.user, instead_of=instead_of)  # type: ignore[arg-type]
        return HttpResponseRedirect(TILL)


class PinView(AtTill, FormView):
    """Base of the forms with a PIN: wrong and locked PINs are shown beside it."""

    abstract = True
    template_name = "vouchers/till/pin.html"
    cancel_url = TILL
    success_url = TILL

    def with_pin(self, form: Form) -> Any:
        """Do what the PIN is for. May raise `WrongPinError`, `PinLockedError`."""
        raise NotImplementedError

    def save(self, form: Form) -> Any:
        try:
            return self.with_pin(form)
        except WrongPinError:
            raise ValidationError({"pin": WRONG_PIN}) from None
        except PinLockedError:
            raise ValidationError({"pin": LOCKED_PIN}) from None


class UnlockView(PinView):
    """Go on with one's own shift that has locked itself."""

    form_class = UnlockForm
    title = _("Desbloquear o caixa")
    submit_label = _("Desbloquear")

    def with_pin(self, form: Form) -> None:
        shift = open_shift_at(self.till)
        if shift is not None and shift.cashier_id == self.request.user.pk:
            unlock(shift=shift, pin=form.cleaned_data["pin"])


class SwitchView(PinView):
    """Hand the till over: the next cashier shows by PIN who they are, and this browser is theirs."""

    form_class = SwitchForm
    title = _("Trocar de caixa")
    submit_label = _("Assumir o caixa")

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"till": self.till}

    def with_pin(self, form: Form) -> User:
        cashier: User = form.cleaned_data["cashier"]
        try:
            switch_cashier(till=self.till, cashier=cashier, pin=form.cleaned_data["pin"])
        except TillTakenError as error:
            text = _("Este ponto de caixa acabou de ser assumido por %(who)s.")
            raise ValidationError(text, params={"who": str(error.shift.cashier)}) from None
        return cashier

    def form_valid(self, form: Form) -> HttpResponse:
        response = super().form_valid(form)
        if form.is_valid():
            # A new session: nothing of the person before is left in it.
            login(self.request, self.result, backend=BACKEND)
            choose_till(self.request, response, self.till)
        return response


class CloseShiftView(OnShift, TemplateView):
    """The summary of one's shift so far, and the button that closes it."""

    template_name = "vouchers/till/shift_close.html"
    title = _("Encerrar turno")

    def get_breadcrumbs(self) -> Breadcrumbs:
        return [(pgettext_lazy("screen", "Caixa"), reverse("vouchers:till"))]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(shift=self.shift, summary=summarise(self.shift.scans.all()), **kwargs)

    def post(self, request: HttpRequest) -> HttpResponse:
        close_shift(shift=self.shift, by=request.user)  # type: ignore[arg-type]
        return HttpResponseRedirect(reverse("vouchers:shift", args=[self.shift.pk]))


class ShiftView(ListView):
    """One shift: its summary and its scans, to be exported. One's own, or anybody's for a manager."""

    access = Access.USE_TILL
    queryset = Redemption.objects.all()
    table_class, filter_class = ScanTable, ShiftScanFilter
    template_name = "vouchers/till/shift.html"
    empty_title = _("Nenhuma leitura neste turno")

    @cached_property
    def shift(self) -> Shift:
        shifts = Shift.objects.select_related("till__store", "cashier", "closed_by")
        if not may(self.request.user, Access.SEE_SHIFTS):
            shifts = shifts.filter(cashier=self.request.user)  # type: ignore[misc]
        return get_object_or_404(shifts, pk=self.kwargs["pk"])

    def get_title(self) -> Text:
        return _("Turno de %(who)s") % {"who": self.shift.cashier}

    def get_breadcrumbs(self) -> Breadcrumbs:
        if may(self.request.user, Access.SEE_SHIFTS):
            return [(_("Turnos"), reverse("vouchers:shift_list"))]
        return [(pgettext_lazy("screen", "Caixa"), reverse("vouchers:till"))]

    def get_queryset(self) -> QuerySet[Redemption]:
        return shown_scans().select_related("till__store").filter(shift=self.shift)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        summary = summarise(Redemption.objects.filter(shift=self.shift))
        may_close = self.shift.is_open and may(self.request.user, Access.SEE_SHIFTS)
        may_revoke = self.shift.is_open and may(self.request.user, Access.SETTLE_CONTINGENCY)
        return super().get_context_data(
            shift=self.shift,
            summary=summary,
            may_close=may_close,
            may_revoke=may_revoke,
            release=release_at(self.shift) if self.shift.is_open else None,
            **kwargs,
        )


class EndShiftView(ActionView):
    """A manager closes a shift somebody forgot."""

    access = Access.SEE_SHIFTS
    confirm_text = _("Encerrar este turno? Quem estiver no caixa terá de abrir outro.")
    confirm_label = _("Encerrar turno")

    def get_success_url(self) -> str:
        return reverse("vouchers:shift", args=[self.kwargs["pk"]])

    def perform(self) -> Text:
        shift = get_object_or_404(Shift, pk=self.kwargs["pk"])
        if not close_shift(shift=shift, by=self.request.user):  # type: ignore[arg-type]
            raise ValidationError(_("Este turno já estava encerrado."))
        return _("Turno encerrado.")


def _count_of(**which: Any) -> Subquery:
    scans = Redemption.objects.filter(shift=OuterRef("pk"), **which).order_by().values("shift")
    return Subquery(scans.annotate(count=Count("pk")).values("count"))


class ShiftListView(ListView):
    """All tills today, and every shift there was."""

    access = Access.SEE_SHIFTS
    queryset = Shift.objects.select_related("till__store", "cashier", "closed_by").annotate(
        scan_count=_count_of(), valid_count=_count_of(state=Redemption.State.VALID)
    )
    table_class, filter_class = ShiftTable, ShiftFilter
    template_name = "vouchers/till/shift_list.html"
    actions = (
        Link(_("Todas as leituras"), "list", "vouchers:scan_list", Access.SEE_SHIFTS),
        Link(_("Usos anotados"), "clipboard-check", "elsewhere:list", Access.SEE_SHIFTS),
    )
    empty_title = _("Nenhum turno ainda")
    empty_text = _("Um turno começa quando alguém escolhe um ponto de caixa.")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(tills=tills_today(), **kwargs)


class ScanListView(ListView):
    """Every scan of every till, to be narrowed to one person, one till, one day, one reason."""

    access = Access.SEE_SHIFTS
    queryset = Redemption.objects.all()
    table_class, filter_class = ScanTable, ScanFilter
    title = _("Leituras")
    empty_title = _("Nenhuma leitura ainda")

    def get_queryset(self) -> QuerySet[Redemption]:
        return shown_scans().select_related("till__store")

    def get_breadcrumbs(self) -> Breadcrumbs:
        return [(_("Turnos"), reverse("vouchers:shift_list"))]
