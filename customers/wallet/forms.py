"""What people type about customers of a wallet programme."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from customers.forms import PHONE_ATTRS
from customers.platforms import wallet_connections
from smartbis_admin.connections.models import Connection
from smartbis_admin.ui.forms import PhoneField
from smartbis_admin.writes.screens import WriteForm

#: More points than this at once is a slip of the hand.
MOST_POINTS = 1_000_000


class PersonForm(WriteForm):
    """Names, phone and e-mail of a customer; one of the last two is needed to find them again."""

    first_name = forms.CharField(
        label=_("Nome"), max_length=100, error_messages={"required": _("Informe o nome.")}
    )
    last_name = forms.CharField(label=_("Sobrenome"), max_length=100, required=False)
    phone = PhoneField(label=_("Telefone"), required=False, widget=forms.TextInput(attrs=PHONE_ATTRS))
    email = forms.EmailField(label=_("E-mail"), required=False)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        given = data.get("phone") or data.get("email")
        if not given and not {"phone", "email"} & self.errors.keys():
            self.add_error("phone", _("Informe o telefone ou o e-mail."))
        return data


class NewPersonForm(PersonForm):
    """A new customer, and in which programme."""

    connection = forms.ModelChoiceField(
        label=_("Programa"), queryset=Connection.objects.none(), empty_label=None
    )
    field_order = ("connection", "first_name", "last_name", "phone", "email")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        wallets = wallet_connections()
        choice: Any = self.fields["connection"]
        choice.queryset, choice.initial = wallets, wallets.first()
        if len(wallets) == 1:
            choice.widget = forms.HiddenInput()


class DeleteForm(WriteForm):
    """The customer's name, typed, before they are deleted for good."""

    name = forms.CharField(
        label=_("Digite o nome do cliente para confirmar"),
        error_messages={"required": _("Digite o nome do cliente.")},
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, *args: Any, name: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._name = name

    def clean_name(self) -> str:
        typed: str = self.cleaned_data["name"]
        if " ".join(typed.split()).casefold() != " ".join(self._name.split()).casefold():
            raise forms.ValidationError(_("Não é o nome deste cliente. Nada foi excluído."))
        return typed


class PointsForm(WriteForm):
    """Points to add."""

    points = forms.IntegerField(
        label=_("Pontos a adicionar"),
        min_value=1,
        max_value=MOST_POINTS,
        error_messages={
            "required": _("Informe quantos pontos."),
            "invalid": _("Informe um número inteiro de pontos."),
            "min_value": _("A plataforma só soma pontos: informe um número maior que zero."),
        },
    )
