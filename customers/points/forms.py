"""What a person types to change a customer's points or to send an activity."""

from datetime import datetime
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from smartbis_admin.writes.screens import WriteForm

ADD, DEDUCT = "add", "deduct"
#: The largest change accepted here; a slip of the finger is noticed sooner than at the platform.
MOST_POINTS = 1_000_000
REASONS = {
    "courtesy": _("Cortesia"),
    "correction": _("Correção"),
    "return": _("Devolução"),
    "missing": _("Compra sem pontos"),
    "other": _("Outro"),
}


class AdjustForm(WriteForm):
    """A change of points: what the customer reads, and what only staff reads."""

    direction = forms.ChoiceField(
        label=_("Movimento"), choices=[(ADD, _("Somar pontos")), (DEDUCT, _("Tirar pontos"))], initial=ADD
    )
    points = forms.IntegerField(
        label=_("Pontos"),
        min_value=1,
        max_value=MOST_POINTS,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        error_messages={
            "required": _("Informe quantos pontos."),
            "invalid": _("Escreva um número inteiro, como 150."),
            "min_value": _("Informe pelo menos 1 ponto."),
            "max_value": _("O número não pode passar de %(limit_value)s."),
        },
    )
    reason = forms.ChoiceField(
        label=_("Motivo"),
        choices=[("", "—"), *REASONS.items()],
        error_messages={"required": _("Escolha o motivo.")},
    )
    description = forms.CharField(
        label=_("Descrição para o cliente"),
        max_length=250,
        help_text=_("O cliente lê este texto no extrato dele."),
        error_messages={
            "required": _("Informe o que o cliente vai ler."),
            "max_length": _("A descrição não pode passar de %(limit_value)d caracteres."),
        },
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    internal_note = forms.CharField(
        label=_("Nota interna"),
        required=False,
        max_length=500,
        help_text=_("Só a equipe vê. Não escreva dados pessoais."),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def clean(self) -> None:
        data = self.cleaned_data
        if "points" in data and "direction" in data:
            data["points_change"] = data["points"] if data["direction"] == ADD else -data["points"]
        if "reason" in data:
            reason = REASONS[data["reason"]]
            note = data.get("internal_note", "")
            data["whole_note"] = (
                _("%(reason)s: %(note)s") % {"reason": reason, "note": note} if note else str(reason)
            )


class ActivityForm(WriteForm):
    """An event of the programme: its token, of those sent before or typed, and when it happened."""

    token = forms.CharField(
        label=_("Token da atividade"),
        max_length=120,
        help_text=_("Como está no painel da Smile.io, por exemplo activity_order."),
        error_messages={"required": _("Informe o token da atividade.")},
        widget=forms.TextInput(attrs={"autocomplete": "off", "list": "known-tokens", "spellcheck": "false"}),
    )
    happened_at = forms.DateTimeField(
        label=_("Quando aconteceu"),
        required=False,
        help_text=_("Vazio: agora. Antes do início do programa não dá pontos."),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        error_messages={"invalid": _("Informe dia e hora.")},
    )

    def clean_happened_at(self) -> datetime | None:
        moment: datetime | None = self.cleaned_data["happened_at"]
        if moment and moment > timezone.now():
            raise forms.ValidationError(_("Isto ainda não aconteceu: escolha um momento passado."))
        return moment

    def asked(self) -> dict[str, Any]:
        """Token and moment as a write keeps them."""
        moment = self.cleaned_data["happened_at"]
        return {"token": self.cleaned_data["token"], "happened_at": moment and moment.isoformat()}
