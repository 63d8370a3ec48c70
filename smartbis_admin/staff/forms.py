"""Forms about stores, tills and PINs."""

from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from smartbis_admin.staff.models import Store, Till, User
from smartbis_admin.staff.pins import LONGEST, SHORTEST, is_guessable
from smartbis_admin.ui.forms import MoneyField

#: Where a Brazilian or Mexican shop may stand.
TIME_ZONES = (
    "America/Sao_Paulo", "America/Bahia", "America/Fortaleza", "America/Recife", "America/Belem",
    "America/Maceio", "America/Araguaina", "America/Cuiaba", "America/Campo_Grande", "America/Manaus",
    "America/Porto_Velho", "America/Boa_Vista", "America/Rio_Branco", "America/Noronha", "America/Mexico_City",
)  # fmt: skip


class StoreForm(forms.ModelForm):
    """A store's name, time zone and whether it is in use."""

    class Meta:
        model = Store
        fields = ("name", "time_zone", "is_active")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        zones = sorted({*TIME_ZONES, self.instance.time_zone})
        choices = [(zone, zone.partition("/")[2].replace("_", " ")) for zone in zones]
        self.fields["time_zone"] = forms.ChoiceField(label=_("Fuso horário"), choices=choices)
        if self.instance.pk is None:
            del self.fields["is_active"]
        else:
            self.fields["is_active"].help_text = _("Ao desativar, os turnos abertos na loja são encerrados.")


class RulesForm(forms.ModelForm):
    """The rules the tills of a store work by."""

    look_above = MoneyField(
        label=_("Mostrar antes de validar acima de (R$)"),
        required=False,
        min_value=0,
        help_text=_("Em branco: só os vouchers marcados são mostrados antes."),
    )
    contingency_max_value = MoneyField(
        label=_("Valor máximo por voucher (R$)"),
        required=False,
        min_value=0,
        help_text=_("Só vouchers com valor em reais que a última sincronização conhecia como emitidos."),
    )

    class Meta:
        model = Store
        fields = (
            "look_above", "lock_after_minutes", "reversal_hours", "contingency", "contingency_max_value",
            "contingency_max_per_hour", "contingency_needs_pin", "contingency_release_hours",
        )  # fmt: skip
        help_texts = {
            "contingency_max_per_hour": _("Por ponto de caixa: um caixa sem conexão não sabe dos outros."),
            "contingency_needs_pin": _(
                "O PIN é pedido antes, no ponto de caixa e com conexão: sem ela não há como conferi-lo."
            ),
            "contingency_release_hours": _("Termina antes quando o turno é encerrado."),
        }

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if data.get("contingency") == Store.Contingency.ACCEPT:
            if "contingency_max_value" in data and data["contingency_max_value"] is None:
                self.add_error("contingency_max_value", _("Informe o valor máximo para aceitar vouchers."))
            if data.get("contingency_max_per_hour") == 0:
                self.add_error("contingency_max_per_hour", _("Informe quantos vouchers podem ser aceitos."))
        return data


class TillForm(forms.ModelForm):
    """A till's name and whether it is in use. The store is given by the instance."""

    class Meta:
        model = Till
        fields = ("name", "is_active")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk is None:
            del self.fields["is_active"]
        else:
            self.fields["is_active"].help_text = _("Ao desativar, o turno aberto aqui é encerrado.")

    def clean_name(self) -> str:
        name: str = self.cleaned_data["name"]
        same = Till.objects.filter(store=self.instance.store, name=name).exclude(pk=self.instance.pk)
        if same.exists():
            raise forms.ValidationError(_("Esta loja já tem um ponto de caixa com este nome."))
        return name


class PinField(forms.CharField):
    """A PIN as it is typed: digits alone, never shown again."""

    def __init__(self, **kwargs: Any) -> None:
        digits = RegexValidator(rf"\A[0-9]{{{SHORTEST},{LONGEST}}}\Z", _("O PIN tem de 4 a 8 números."))
        attrs = {"inputmode": "numeric", "autocomplete": "off", "maxlength": LONGEST}
        widget = forms.PasswordInput(attrs=attrs)
        messages = {"required": _("Digite o PIN.")}
        super().__init__(validators=[digits], widget=widget, error_messages=messages, **kwargs)


class OwnPinForm(forms.Form):
    """One's own new PIN; the password shows that it is oneself."""

    password = forms.CharField(
        label=_("Sua senha"), widget=forms.PasswordInput(attrs={"autocomplete": "current-password"})
    )
    pin = PinField(label=_("Novo PIN"), help_text=_("De 4 a 8 números. Não use data de nascimento."))
    again = PinField(label=_("Repita o novo PIN"))

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.user = user

    def clean_password(self) -> str:
        password: str = self.cleaned_data["password"]
        if not self.user.check_password(password):
            raise forms.ValidationError(_("A senha não confere."))
        return password

    def clean_pin(self) -> str:
        pin: str = self.cleaned_data["pin"]
        if is_guessable(pin):
            raise forms.ValidationError(_("Este PIN é fácil de adivinhar. Escolha outro."))
        return pin

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        if "pin" in data and "again" in data and data["pin"] != data["again"]:
            self.add_error("again", _("Os dois PINs são diferentes."))
        return data
