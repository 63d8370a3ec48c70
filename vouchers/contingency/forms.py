"""What is typed about contingency: a manager's PIN at the till, and how a conflict was made good."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from smartbis_admin.staff.forms import PinField
from smartbis_admin.staff.models import Store, User
from vouchers.contingency.models import ContingencyUse
from vouchers.contingency.services import managers_with_pin


class ReleaseForm(forms.Form):
    """Who releases, of those who may, and their PIN."""

    manager = forms.ModelChoiceField(
        label=_("Quem libera"),
        queryset=User.objects.none(),
        widget=forms.RadioSelect,
        empty_label=None,
        error_messages={"required": _("Escolha quem libera.")},
    )
    pin = PinField(label=_("PIN do gestor"))

    def __init__(self, *args: Any, store: Store, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["manager"].queryset = managers_with_pin(store)  # type: ignore[attr-defined]


class ResolveForm(forms.ModelForm):
    """How a conflict was made good."""

    class Meta:
        model = ContingencyUse
        fields = ("resolution", "note")
        widgets = {"resolution": forms.RadioSelect, "note": forms.Textarea(attrs={"rows": 3})}
        help_texts = {"note": _("Não escreva CPF, telefone nem o código do voucher.")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["resolution"].required = self.fields["note"].required = True
        self.fields["resolution"].choices = ContingencyUse.Resolution.choices  # type: ignore[attr-defined]
