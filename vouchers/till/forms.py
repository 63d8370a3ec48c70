"""What the till sends: where it stands, and one scan."""

import uuid
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from django import forms
from django.http import QueryDict
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


@dataclass(frozen=True)
class Asked:
    """One scan as it was sent."""

    #: Made by the till, so that the same press twice is one scan.
    scan: uuid.UUID
    code: str
    #: The voucher that is shown is confirmed; its code is not sent again.
    confirm: bool
    #: The voucher of this very scan found no platform, was offered, and is accepted in contingency.
    contingency: bool
    #: BRL of the sale, when somebody typed it beside the voucher that is shown.
    amount: Decimal | None
    #: When the code was read, by our clock.
    happened_at: datetime


#: Not a form: one is never shown, and making it copies every field for every scan.
_ASKED: dict[str, forms.Field] = {
    "scan": forms.UUIDField(),
    "code": forms.CharField(required=False, max_length=4000),
    "confirm": forms.BooleanField(required=False),
    "contingency": forms.BooleanField(required=False),
    "amount": MoneyField(required=False, min_value=0),
    # Milliseconds between the reading and its sending: the till's clock may be wrong, its stopwatch is not.
    "waited": forms.IntegerField(required=False, min_value=0, max_value=LONGEST_WAIT),
}


def read_asked(sent: QueryDict) -> Asked | frozenset[str]:
    """What was sent, or the names of the fields that cannot be read."""
    cleaned: dict[str, Any] = {}
    for name, field in _ASKED.items():
        with suppress(forms.ValidationError):
            cleaned[name] = field.clean(field.widget.value_from_datadict(sent, {}, name))
    if wrong := _ASKED.keys() - cleaned.keys():
        return frozenset(wrong)
    waited = timedelta(milliseconds=cleaned.pop("waited") or 0)
    return Asked(**cleaned, happened_at=timezone.now() - waited)


class AmountForm(forms.Form):
    """The sale's amount as far as it is typed."""

    amount = MoneyField(min_value=0)
