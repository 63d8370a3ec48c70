"""What people type about an offer."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from smartbis_admin.api.capabilities import Capability
from smartbis_admin.connections.models import Connection
from smartbis_admin.writes.screens import WriteForm


class OfferForm(WriteForm):
    """Name, description, price and how it is claimed."""

    name = forms.CharField(
        label=_("Nome"), max_length=200, error_messages={"required": _("Informe o nome da oferta.")}
    )
    description = forms.CharField(
        label=_("Descrição"), max_length=2000, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )
    points_cost = forms.IntegerField(
        label=_("Preço em pontos"),
        min_value=0,
        max_value=1_000_000,
        error_messages={"required": _("Informe o preço em pontos.")},
    )
    auto_claim = forms.BooleanField(
        label=_("Resgate automático"),
        required=False,
        help_text=_("A oferta é resgatada sozinha assim que o cliente tem os pontos."),
    )


class NewOfferForm(OfferForm):
    """A new offer, and in which programme."""

    connection = forms.ModelChoiceField(
        label=_("Programa"), queryset=Connection.objects.none(), empty_label=None
    )
    field_order = ("connection", "name", "description", "points_cost", "auto_claim")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        able = Connection.objects.able_to(Capability.EDIT_OFFERS)
        choice: Any = self.fields["connection"]
        choice.queryset, choice.initial = able, able.first()
        if len(able) == 1:
            choice.widget = forms.HiddenInput()
