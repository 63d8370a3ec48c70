"""What a manager types into the screens of communication. What is right is decided by the services."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from customers.models import Consent
from smartbis_admin.ui.forms import MoneyField
from vouchers.outreach.campaigns import BY_HAND
from vouchers.outreach.models import Automation, Preferences
from vouchers.outreach.models.plans import MOST_HELD_OUT
from vouchers.outreach.models.texts import CHANNELS
from vouchers.outreach.triggers import Action, Language, Threshold, spec_of
from vouchers.outreach.words import CHANNEL_ORDERS

HELD_OUT_HELP = _("Parte do público que não recebe, para comparar depois. De 0 a 50.")


class DaysField(forms.CharField):
    """Several numbers of days, as `7, 1`. Cleans to a list of them."""

    default_error_messages = {"invalid": _("Escreva os dias separados por vírgulas, como 7, 1.")}

    def prepare_value(self, value: Any) -> Any:
        return value if isinstance(value, str) else ", ".join(str(day) for day in value or ())

    def clean(self, value: Any) -> list[int]:
        parts = super().clean(value).replace(";", ",").split(",")
        days = [part.strip() for part in parts if part.strip()]
        if not days or not all(day.isascii() and day.isdigit() and len(day) < 5 for day in days):
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return [int(day) for day in days]


def threshold_field(threshold: Threshold) -> forms.Field:
    """The field in which a number of an automation is typed."""
    label: Any = threshold.label
    if threshold.unit == "days_list":
        help_text = _("Separe por vírgulas: 7, 1 são duas mensagens.")
        return DaysField(label=label, help_text=help_text)
    if threshold.unit == "money":
        return MoneyField(label=label)
    return forms.IntegerField(label=label, min_value=threshold.minimum, max_value=threshold.maximum)


class PlanForm(forms.Form):
    """What automations and campaigns share."""

    channels = forms.ChoiceField(label=_("Canais"), choices=list(CHANNEL_ORDERS.items()))
    language = forms.ChoiceField(
        label=_("Idioma"),
        required=False,
        choices=[("", _("Pelo país do telefone")), *Language.choices],
        help_text=_("Sem texto no idioma do cliente, vai o texto em português."),
    )

    def clean_channels(self) -> list[str]:
        return str(self.cleaned_data["channels"]).split(",")


class AutomationForm(PlanForm):
    """How a trigger acts by itself: the contract's numbers until somebody changes them."""

    held_out_percent = forms.IntegerField(
        label=_("Grupo de comparação (%)"), min_value=0, max_value=MOST_HELD_OUT, help_text=HELD_OUT_HELP
    )

    def __init__(self, *args: Any, automation: Automation, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.thresholds = spec_of(automation.trigger).thresholds
        thresholds = {name: threshold_field(threshold) for name, threshold in self.thresholds.items()}
        self.fields = {**thresholds, **self.fields}
        self.initial = {
            "channels": ",".join(automation.channels),
            "language": automation.language,
            "held_out_percent": automation.held_out_percent,
            **{name: automation.threshold(name) for name in self.thresholds},
        }

    def values(self) -> dict[str, Any]:
        """What `services.configure` takes."""
        asked = dict(self.cleaned_data)
        return {"thresholds": {name: asked.pop(name) for name in self.thresholds}} | asked


class PreferencesForm(forms.Form):
    """Addresses of the next steps, hours, and how far apart contacts are."""

    portal_url = forms.URLField(
        label=_("Endereço do portal do cliente"),
        required=False,
        max_length=300,
        assume_scheme="https",
        help_text=_("Aonde levam “ver o saldo”, “abrir o portal” e “usar o voucher”."),
    )
    talk_url = forms.URLField(
        label=_("Endereço para falar com a loja"),
        required=False,
        max_length=300,
        assume_scheme="https",
        help_text=_("Por exemplo https://wa.me/5511999999999"),
    )
    opens_at = forms.TimeField(
        label=_("Enviar a partir de"), widget=forms.TimeInput({"type": "time", "step": 60}, format="%H:%M")
    )
    closes_at = forms.TimeField(
        label=_("Enviar até"),
        widget=forms.TimeInput({"type": "time", "step": 60}, format="%H:%M"),
        help_text=_("No horário da loja do cliente."),
    )
    hours_apart = forms.IntegerField(
        label=_("Horas entre dois contatos com a mesma pessoa"),
        min_value=1,
        max_value=720,
        help_text=_("Voucher emitido e resgate confirmado não contam e não esperam."),
    )

    def __init__(self, *args: Any, preferences: Preferences, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial = {name: getattr(preferences, name) for name in self.fields}


class TextForm(forms.Form):
    """One text. What is wrong with it is said by `texts.check`, beside the field."""

    subject = forms.CharField(
        label=_("Assunto"), required=False, max_length=150, widget=forms.TextInput({"data-takes-fields": ""})
    )
    body = forms.CharField(
        label=_("Texto"),
        required=False,
        max_length=2000,
        strip=False,
        widget=forms.Textarea({"rows": 7, "data-takes-fields": ""}),
    )
    action = forms.ChoiceField(
        label=_("Próximo passo"),
        choices=Action.choices,
        help_text=_("Cada mensagem leva um único próximo passo."),
    )
    action_label = forms.CharField(label=_("Texto do próximo passo"), required=False, max_length=40)
    action_url = forms.URLField(
        label=_("Endereço do próximo passo"),
        required=False,
        max_length=300,
        assume_scheme="https",
        help_text=_("Em branco: o endereço das preferências ou, na pesquisa, a nossa página."),
    )
    whatsapp_name = forms.CharField(
        label=_("Modelo no WhatsApp"),
        required=False,
        max_length=100,
        help_text=_(
            "O nome do modelo aprovado; os campos {{1}}, {{2}}… seguem a ordem em que aparecem aqui."
        ),
    )
    whatsapp_button = forms.BooleanField(
        label=_("O modelo tem um botão com endereço"),
        required=False,
        help_text=_("O botão recebe a última parte do endereço do próximo passo."),
    )

    def __init__(self, *args: Any, channel: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        others = ("whatsapp_name", "whatsapp_button") if channel == Consent.Channel.EMAIL else ("subject",)
        for name in others:
            del self.fields[name]


class NewTextForm(forms.Form):
    """Begin a text of one's own for what is sent by hand."""

    trigger = forms.ChoiceField(
        label=_("Para"), choices=[(trigger.value, trigger.label) for trigger in BY_HAND]
    )
    name = forms.SlugField(
        label=_("Nome do texto"),
        max_length=40,
        help_text=_("Letras sem acento, números e hífens, como natal-2026."),
        error_messages={"invalid": _("Use letras sem acento, números e hífens.")},
    )
    channel = forms.ChoiceField(
        label=_("Primeiro canal"), choices=[(channel.value, channel.label) for channel in CHANNELS]
    )


class SettleForm(forms.Form):
    """What became of an e-mail nobody knows about."""

    was_sent = forms.ChoiceField(
        label=_("O e-mail saiu?"),
        choices=[("yes", _("Saiu")), ("no", _("Não saiu"))],
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(
        label=_("Como você descobriu"), max_length=300, widget=forms.Textarea({"rows": 2})
    )
