"""Forms of the integrations: where the platform is, and with which credentials. Credentials are never shown again."""

from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.utils.translation import gettext_lazy as _

from smartbis_admin.api.capabilities import Capability
from smartbis_admin.api.errors import Misconfigured
from smartbis_admin.api.exchange import check_base_url
from smartbis_admin.connections.models import Connection
from smartbis_admin.connections.providers import ProviderSpec
from smartbis_admin.connections.words import explain


class CredentialsForm(forms.Form):
    """What the platform asks for to let us in, as its entry in `providers` says."""

    def __init__(self, *args: Any, spec: ProviderSpec, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.spec = spec
        for credential in spec.credentials:
            hidden = forms.PasswordInput(attrs={"autocomplete": "new-password"})
            shown = forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"})
            self.fields[credential.name] = forms.CharField(
                label=str(credential.label),
                max_length=500,
                widget=hidden if credential.secret else shown,
                help_text=str(credential.help_text),
            )

    @property
    def credentials(self) -> dict[str, str]:
        """What was entered, under the platform's own keys."""
        return {credential.name: self.cleaned_data[credential.name] for credential in self.spec.credentials}


class ConnectionForm(forms.ModelForm):
    """Name, address, zone and state of a connection."""

    class Meta:
        model = Connection
        fields = (
            "name",
            "programme",
            "colour",
            "base_url",
            "time_zone",
            "is_active",
            "settle_sales_alone",
        )
        help_texts = {
            "settle_sales_alone": _(
                "Só quando os saldos provam a venda. Desligado, um gestor sempre confirma."
            )
        }

    base_url = forms.CharField(
        label=_("Endereço da API"),
        max_length=200,
        widget=forms.TextInput(attrs={"inputmode": "url", "spellcheck": "false", "autocomplete": "off"}),
    )
    time_zone = forms.ChoiceField(
        label=_("Fuso horário da conta"),
        initial="America/Sao_Paulo",
        help_text=_("Vale para as datas que a plataforma envia sem fuso."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        spec = self.platform()
        self.fields["base_url"].initial = spec.address
        self.fields["base_url"].help_text = str(spec.address_hint)
        if Capability.REGISTER_SALE not in spec.capabilities:
            self.fields.pop("settle_sales_alone", None)
        if not spec.is_programme:
            # No customer is in it: it has no name for them, and nothing to tell apart by colour.
            del self.fields["programme"], self.fields["colour"]
        self.fields["time_zone"].choices = [(zone, zone) for zone in sorted(available_timezones())]  # type: ignore[attr-defined]

    def platform(self) -> ProviderSpec:
        """The platform this connection is of."""
        return self.instance.spec

    def clean_base_url(self) -> str:
        try:
            return check_base_url(self.cleaned_data["base_url"].strip())
        except Misconfigured as error:
            raise forms.ValidationError(explain(type(error).__name__, error.reason), code="address") from None


class NewConnectionForm(CredentialsForm, ConnectionForm):
    """A new connection with its credentials; active from the start."""

    def __init__(self, *args: Any, spec: ProviderSpec, **kwargs: Any) -> None:
        self.spec = spec
        super().__init__(*args, spec=spec, **kwargs)
        for name in ("is_active", "settle_sales_alone"):
            self.fields.pop(name, None)
        keys = [credential.name for credential in spec.credentials]
        self.order_fields(["name", "programme", "colour", "base_url", *keys, "time_zone"])

    def platform(self) -> ProviderSpec:
        return self.spec
