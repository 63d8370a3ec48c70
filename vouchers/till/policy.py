"""A manager marks a voucher, so that every till shows it before it is used. Ours alone; nothing is sent."""

from typing import Any

from django import forms
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from smartbis_admin.staff.access import Access
from smartbis_admin.staff.services import audit
from smartbis_admin.ui.views import AccessMixin, ActionView, FormView, Text
from vouchers.models import Voucher, VoucherFlag


class FlagForm(forms.ModelForm):
    """What the cashier is to look at."""

    class Meta:
        model = VoucherFlag
        fields = ("note",)
        help_texts = {"note": _("O caixa lê esta frase antes de validar. Não escreva dados pessoais.")}


class OneVoucher(AccessMixin):
    """Base of what is done to the flag of one voucher."""

    abstract = True
    access = Access.FLAG_VOUCHERS

    @cached_property
    def voucher(self) -> Voucher:
        return get_object_or_404(Voucher, pk=self.kwargs["pk"])

    def get_success_url(self) -> str:
        return reverse("vouchers:detail", args=[self.voucher.pk])


class FlagView(OneVoucher, FormView):
    """Mark a voucher, or change what is to be looked at."""

    form_class = FlagForm
    title = _("Marcar para conferência")
    success_message = _("Voucher marcado. O caixa o vê antes de validar.")

    @property
    def cancel_url(self) -> str:
        return self.get_success_url()

    def get_form_kwargs(self) -> dict[str, Any]:
        flag = VoucherFlag.objects.filter(voucher=self.voucher).first()
        return super().get_form_kwargs() | {"instance": flag}

    def save(self, form: forms.ModelForm) -> None:
        values = {"note": form.cleaned_data["note"], "flagged_by": self.request.user}
        VoucherFlag.objects.update_or_create(voucher=self.voucher, defaults=values)
        audit(actor=self.request.user, action="voucher.flagged", subject=f"voucher:{self.voucher.pk}")  # type: ignore[arg-type]


class UnflagView(OneVoucher, ActionView):
    """Take the mark away."""

    def perform(self) -> Text:
        VoucherFlag.objects.filter(voucher=self.voucher).delete()
        audit(actor=self.request.user, action="voucher.unflagged", subject=f"voucher:{self.voucher.pk}")  # type: ignore[arg-type]
        return _("Marca retirada.")
