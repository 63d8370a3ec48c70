"""What is written about a reversal: why it is asked for, and what the panel shows afterwards."""

from django import forms
from django.utils.translation import gettext_lazy as _

from vouchers.reversals.models import ReversalCase


class OpenCaseForm(forms.ModelForm):
    """Why somebody asks for it."""

    class Meta:
        model = ReversalCase
        fields = ("reason", "note")
        widgets = {"note": forms.Textarea(attrs={"rows": 3})}
        help_texts = {"note": _("Não escreva CPF, telefone nem o código do voucher.")}


class ConfirmCaseForm(forms.ModelForm):
    """What was done in the panel; every point of the checklist has to be ticked."""

    found = forms.BooleanField(label=_("Abri no painel o voucher e o cliente certos."))
    still_used = forms.BooleanField(label=_("Conferi que este voucher continua usado na plataforma."))
    told = forms.BooleanField(label=_("O cliente sabe o que recebeu no lugar."))

    class Meta:
        model = ReversalCase
        fields = ("result", "evidence")
        widgets = {"evidence": forms.Textarea(attrs={"rows": 3})}

    field_order = ("found", "still_used", "result", "evidence", "told")

    def __init__(self, *args: object, **kwargs: object) -> None:
        super().__init__(*args, **kwargs)  # type: ignore[arg-type]
        for name in ("result", "evidence"):
            self.fields[name].required = True
