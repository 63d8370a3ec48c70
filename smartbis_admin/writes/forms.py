"""How a person settles a write in doubt: what happened, and how they know."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from smartbis_admin.writes.kinds import kind_of
from smartbis_admin.writes.models import Write


class ReasonForm(forms.Form):
    """A reason in words, kept for ever beside the decision."""

    reason = forms.CharField(
        label=_("Como você sabe?"),
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Fica registrado com o seu nome. Exemplo: conferi o extrato no painel da Smartbis."),
        error_messages={"required": _("Escreva como você sabe o que aconteceu.")},
    )


class SettleForm(ReasonForm):
    """What happened."""

    state = forms.ChoiceField(
        label=_("O que aconteceu?"),
        widget=forms.RadioSelect,
        error_messages={"required": _("Escolha o que aconteceu.")},
    )
    field_order = ("state", "reason")

    def __init__(self, *args: Any, write: Write, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["state"].choices = list(kind_of(write).person_may.items())  # type: ignore[attr-defined]
