"""What people type about customers and sales. Checks what can be checked before anything leaves."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from customers.platforms import cpf_connections
from smartbis_admin.connections.models import Connection
from smartbis_admin.staff.models import Store, Till, User
from smartbis_admin.staff.places import tills_of
from smartbis_admin.ui.forms import CpfField, DateInput, MoneyField, PhoneField
from smartbis_admin.writes.screens import WriteForm

#: Punctuated and checked while typed (`masks.js`).
CPF_ATTRS = {"data-mask": "cpf", "data-wrong": CpfField.default_error_messages["invalid"]}
PHONE_ATTRS = {"data-mask": "phone"}


class LookupForm(forms.Form):
    """A customer's CPF, as asked for at the counter."""

    cpf = CpfField(
        label=_("CPF do cliente"),
        widget=forms.TextInput(attrs=CPF_ATTRS | {"autofocus": True, "class": "lookup-input"}),
    )


class CustomerForm(WriteForm):
    """A new customer."""

    connection = forms.ModelChoiceField(
        label=_("Conexão"), queryset=Connection.objects.none(), empty_label=None
    )
    cpf = CpfField(label=_("CPF"), widget=forms.TextInput(attrs=CPF_ATTRS))
    name = forms.CharField(
        label=_("Nome"), max_length=200, error_messages={"required": _("Informe o nome completo.")}
    )
    phone = PhoneField(label=_("Telefone"), widget=forms.TextInput(attrs=PHONE_ATTRS))
    email = forms.EmailField(label=_("E-mail"), required=False)
    birth_date = forms.DateField(label=_("Data de nascimento"), required=False, widget=DateInput)
    password = forms.CharField(
        label=_("Senha"),
        required=False,
        min_length=8,
        max_length=72,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_(
            "Para o portal do cliente. Vazia: é criada uma aleatória. A senha não fica guardada aqui."
        ),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        active = cpf_connections()
        choice: Any = self.fields["connection"]
        choice.queryset, choice.initial = active, active.first()
        if len(active) == 1:
            choice.widget = forms.HiddenInput()

    def clean_birth_date(self) -> Any:
        born = self.cleaned_data["birth_date"]
        if born and not timezone.localdate().year - 120 <= born.year:
            raise forms.ValidationError(_("Confira o ano de nascimento."))
        if born and born > timezone.localdate():
            raise forms.ValidationError(_("A data de nascimento está no futuro."))
        return born


class PlaceField(forms.ChoiceField):
    """A store, or one of its tills; cleans to (store, till). Only where the person works."""

    default_error_messages = {"required": _("Escolha a loja ou o ponto de caixa.")}

    def __init__(self, *, user: User, **kwargs: Any) -> None:
        theirs = user.stores.values("pk")
        stores = Store.objects.filter(is_active=True, **({"pk__in": theirs} if theirs.exists() else {}))
        tills = list(tills_of(user))
        self._places: dict[str, tuple[Store | None, Till | None]] = {"": (None, None)}
        choices: list[tuple[str, Any]] = []
        for store in stores.order_by("name", "pk"):
            self._places[f"s{store.pk}"] = (store, None)
            choices += [(f"t{till.pk}", str(till)) for till in tills if till.store_id == store.pk]
            choices.append((f"s{store.pk}", _("%(store)s, sem ponto de caixa") % {"store": store}))
        self._places |= {f"t{till.pk}": (till.store, till) for till in tills}
        if len(choices) != 1:
            choices.insert(0, ("", _("Escolha")))
        super().__init__(choices=choices, required=len(self._places) > 1, **kwargs)

    def clean(self, value: Any) -> tuple[Store | None, Till | None]:
        return self._places[super().clean(value)]


class SaleForm(WriteForm):
    """A sale: how much, where, and its category where a campaign asks for one.

    `place` is the choice proposed, as `PlaceField` writes it; `categories` are those of campaigns in force.
    """

    amount = MoneyField(
        label=_("Valor da venda"),
        min_value=Decimal("0.01"),
        error_messages={"min_value": _("O valor tem de ser maior que zero.")},
        widget=forms.TextInput(attrs={"autofocus": True, "class": "amount-input", "placeholder": "0,00"}),
    )

    def __init__(
        self, *args: Any, user: User, place: str = "", categories: Sequence[str] = (), **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        field = PlaceField(user=user, label=_("Onde"), initial=place)
        if field.required:
            self.fields["place"] = field
        if categories:
            choices = [("", _("Nenhuma destas")), *((name, name) for name in categories)]
            self.fields["category"] = forms.ChoiceField(
                label=_("Categoria"),
                choices=choices,
                required=False,
                help_text=_("Há uma campanha para esta categoria."),
            )

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        data["store"], data["till"] = data.pop("place", (None, None))
        data.setdefault("category", "")
        return data
