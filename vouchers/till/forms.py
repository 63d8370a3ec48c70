"""What the till sends: where it stands, and one scan."""

from datetime import timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from smartbis_admin.staff.models import Till, User
from smartbis_admin.staff.places import tills_of
from smartbis_admin.ui.forms import MoneyField

#: A queue at the till is never older than this (milliseconds).
LONGEST_WAIT = 10 * 60 * 1000


class PlaceForm(forms.Form):
    """The till somebody stands at, of those they may use."""

    till = forms.ModelChoiceField(
        queryset=Till.objects.none(),
        error_messages={
            "required": _("Escolha o ponto de caixa."),
            "invalid_choice": _("Este ponto de caixa não está disponível. Escolha outro."),
        },
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["till"].queryset = tills_of(user)  # type: ignore[attr-defined]


class ScanForm(forms.Form):
    """One scan. `scan` is made by the till, so that the same press twice is one scan."""

    scan = forms.UUIDField()
    code = forms.CharField(required=False, max_length=4000)
    #: Milliseconds between the reading and its sending: the till's clock may be wrong, its stopwatch is not.
    waited = forms.IntegerField(required=False, min_value=0, max_value=LONGEST_WAIT)

    #: The voucher that is shown is confirmed; its code is not sent again.
    confirm = forms.BooleanField(required=False)
    #: The voucher of this very scan found no platform, was offered, and is accepted in contingency.
    contingency = forms.BooleanField(required=False)
    #: BRL of the sale, when somebody typed it beside the voucher that is shown.
    amount = MoneyField(required=False, min_value=0)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        data["happened_at"] = timezone.now() - timedelta(milliseconds=data.get("waited") or 0)
        return data


class AmountForm(forms.Form):
    """The sale's amount as far as it is typed."""

    amount = MoneyField(min_value=0)
