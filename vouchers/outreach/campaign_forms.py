"""The steps of a campaign: for whom, what, when; and the number that is typed before anything leaves."""

import re
from typing import Any

from django import forms
from django.db.models import Q
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from smartbis_admin.staff.models import User
from smartbis_admin.ui.models import SavedView
from vouchers.outreach.campaigns import BY_HAND
from vouchers.outreach.finding import STANDING
from vouchers.outreach.forms import HELD_OUT_HELP, PlanForm
from vouchers.outreach.models import Template
from vouchers.outreach.models.plans import MOST_HELD_OUT
from vouchers.outreach.services import lacking
from vouchers.outreach.triggers import Trigger

#: The list of customers, whose named views are audiences.
CUSTOMERS = "customers:list"


class AudienceStep(forms.Form):
    """First step of a campaign: what it is called and whom it is for."""

    name = forms.CharField(
        label=_("Nome da campanha"), max_length=80, help_text=_("Só a equipe vê este nome.")
    )
    audience = forms.ChoiceField(
        label=_("Público"), help_text=_("Quem não deu consentimento ou pediu para sair fica sempre de fora.")
    )

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        views = SavedView.objects.filter(Q(user=user.pk) | Q(is_shared=True), screen=CUSTOMERS)
        self.views = {str(view.pk): view for view in views}
        choices: list[Any] = [
            ("all", _("Todos os clientes")),
            (_("Quem está agora no gatilho"), [(f"trigger:{one.value}", one.label) for one in STANDING]),
        ]
        if self.views:
            named = [(f"view:{pk}", view.name) for pk, view in self.views.items()]
            choices.append((_("Visões salvas da lista de clientes"), named))
        self.fields["audience"].choices = choices  # type: ignore[attr-defined]

    def values(self) -> dict[str, str]:
        """What `create_campaign` takes."""
        kind, _colon, word = self.cleaned_data["audience"].partition(":")
        values = {"name": self.cleaned_data["name"]}
        if kind == "trigger":
            return values | {"audience_trigger": word, "audience_name": str(Trigger(word).label)}
        if kind == "view":
            view = self.views[word]
            return values | {"audience_query": view.query, "audience_name": view.name}
        return values | {"audience_name": str(_("Todos os clientes"))}


class TextStep(PlanForm):
    """Second step: what is said, through which channels."""

    text = forms.ChoiceField(label=_("Texto"), widget=forms.RadioSelect)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        rows = (
            Template.objects.filter(trigger__in=BY_HAND).order_by().values_list("trigger", "name").distinct()
        )
        pairs = sorted({(trigger.value, "") for trigger in BY_HAND} | set(rows))
        self.fields = {"text": self.fields["text"], **self.fields}
        labels = [(f"{trigger}:{name}", text_label(trigger, name)) for trigger, name in pairs]
        self.fields["text"].choices = labels  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        if "text" in cleaned and "channels" in cleaned:
            trigger, _colon, name = cleaned["text"].partition(":")
            for sentence in lacking(trigger=trigger, channels=cleaned["channels"], text_name=name):
                self.add_error("text", str(sentence))
        return cleaned

    def values(self) -> dict[str, Any]:
        """What `create_campaign` takes."""
        trigger, _colon, name = self.cleaned_data["text"].partition(":")
        return {
            "trigger": trigger,
            "text_name": name,
            "channels": self.cleaned_data["channels"],
            "language": self.cleaned_data["language"],
        }


class MomentStep(forms.Form):
    """Third step: when, and how many are held out to compare with."""

    held_out_percent = forms.IntegerField(
        label=_("Grupo de comparação (%)"), min_value=0, max_value=MOST_HELD_OUT, help_text=HELD_OUT_HELP
    )
    scheduled_at = forms.DateTimeField(
        label=_("Enviar em"),
        required=False,
        widget=forms.DateTimeInput({"type": "datetime-local", "step": 60}, format="%Y-%m-%dT%H:%M"),
        help_text=_("Em branco: assim que for confirmada, dentro do horário de envio."),
    )

    def values(self) -> dict[str, Any]:
        """What `create_campaign` takes."""
        return dict(self.cleaned_data)


class CountField(forms.IntegerField):
    """A number as the page shows it (`1.234`) or plain (`1234`)."""

    def to_python(self, value: Any) -> int | None:
        return super().to_python(re.sub(r"(?<=\d)[.,\s](?=\d{3}\b)", "", str(value or "")))


class ConfirmForm(forms.Form):
    """The number of people, typed by somebody who has read it."""

    typed = CountField(
        label=_("Digite quantas pessoas vão receber"),
        min_value=0,
        widget=forms.TextInput({"inputmode": "numeric", "autocomplete": "off"}),
    )


def text_label(trigger: str, name: str) -> Any:
    """What a text is called: its trigger, and its own name where it has one."""
    label = Trigger(trigger).label
    return format_lazy("{trigger} · {name}", trigger=label, name=name) if name else label
