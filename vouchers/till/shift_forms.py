"""What is typed to open, unlock and take over a till."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from smartbis_admin.staff.forms import PinField
from smartbis_admin.staff.models import Shift, Till, User
from smartbis_admin.staff.shifts import cashiers_with_pin


class OpenShiftForm(forms.Form):
    """`instead_of` is the shift somebody was shown and chose to end; a later one is not meant."""

    instead_of = forms.ModelChoiceField(queryset=Shift.objects.filter(closed_at=None), required=False)


class UnlockForm(forms.Form):
    """The PIN of whoever's shift has locked itself."""

    pin = PinField(label=_("PIN"))


class SwitchForm(UnlockForm):
    """Who takes the till over, of those who may by PIN."""

    cashier = forms.ModelChoiceField(
        label=_("Quem assume o caixa"),
        queryset=User.objects.none(),
        widget=forms.RadioSelect,
        empty_label=None,
        error_messages={"required": _("Escolha quem assume o caixa.")},
    )
    field_order = ("cashier", "pin")

    def __init__(self, *args: Any, till: Till, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["cashier"].queryset = cashiers_with_pin(till)  # type: ignore[attr-defined]
