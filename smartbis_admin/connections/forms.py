"""Forms of the integrations: where the platform is, and with which credentials. Credentials are never shown again."""

from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.utils.translation import gettext_lazy as _

from smartbis_admin.api.errors import Misconfigured
from smartbis_admin.api.exchange import check_base_url
from smartbis_admin.connections.models import Connection
from smartbis_admin.connections.words import explain


class CredentialsForm(forms.Form):
    """The key pair of a Smartbis account."""

    api_key = forms.CharField(
        label=_("Chave da API (api_key)"),
        max_length=200,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    api_secret = forms.CharField(
        label=_("Segredo da API (api_secret)"),
        max_length=200,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("Fica guardado com criptografia e não é mostrado de novo."),
    )


class ConnectionForm(forms.ModelForm):
    """Name, address, zone and state of a connection."""

    class Meta:
        model = Connection
        fields = ("name", "base_url", "time_zone", "is_active", "settle_sales_alone")
        help_texts = {
            "settle_sales_alone": _(
                "Só quando os saldos provam a venda. Desligado, um gestor sempre confirma."
            )
        }

    base_url = forms.CharField(
        label=_("Endereço da API"),
        initial="https://api.smartbis.com/v2/",
        max_length=200,
        widget=forms.TextInput(attrs={"inputmode": "url", "spellcheck": "false", "autocomplete": "off"}),
        help_text=_("Começa com https e termina com a versão, como https://api.smartbis.com/v2/"),
    )
    time_zone = forms.ChoiceField(
        label=_("Fuso horário da conta"),
        initial="America/Sao_Paulo",
        help_text=_("Vale para as datas que a plataforma envia sem fuso."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["time_zone"].choices = [(zone, zone) for zone in sorted(available_timezones())]  # type: ignore[attr-defined]

    def clean_base_url(self) -> str:
        try:
            return check_base_url(self.cleaned_data["base_url"].strip())
        except Misconfigured as error:
            raise forms.ValidationError(explain(type(error).__name__, error.reason), code="address") from None


class NewConnectionForm(CredentialsForm, ConnectionForm):
    """A new connection with its credentials; active from the start."""

    is_active = settle_sales_alone = None
    field_order = ("name", "base_url", "api_key", "api_secret", "time_zone")
