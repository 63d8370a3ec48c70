"""What a person types to change a stock or to create a category."""

import re
from copy import deepcopy
from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from smartbis_admin.api.capabilities import Capability
from smartbis_admin.connections.models import Connection
from smartbis_admin.writes.screens import WriteForm

#: The largest number the platform and the mirror can hold.
LARGEST_STOCK = 2**31 - 1
NO_CONNECTION = _("Nenhuma conexão está ativa. Conecte uma conta em Integrações.")
_PLAIN = re.compile(r"-?\d+")
_GROUPED = re.compile(r"-?\d{1,3}(?:[.\s]\d{3})+")


class StockField(forms.IntegerField):
    """A number of pieces: `1500` or `1.500`. Anything else is asked for again rather than guessed."""

    widget = forms.TextInput
    default_error_messages = {
        "required": _("Informe o novo estoque."),
        "invalid": _("Escreva um número inteiro, como 1500."),
        "min_value": _("O estoque não pode ser negativo."),
        "max_value": _("O estoque não pode passar de %(limit_value)s."),
    }

    def to_python(self, value: Any) -> int | None:
        text = str(value or "").strip()
        if _GROUPED.fullmatch(text):
            text = re.sub(r"[.\s]", "", text)
        elif text and not _PLAIN.fullmatch(text):
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        return super().to_python(text)

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {"inputmode": "numeric", "autocomplete": "off"}


class StockForm(WriteForm):
    """The new stock, and the number the person saw when choosing it (`seen`, empty = unlimited)."""

    seen = forms.RegexField(
        r"\A\d{1,10}\Z",
        required=False,
        widget=forms.HiddenInput,
        error_messages={"invalid": _("Este formulário perdeu a validade. Confira e envie de novo.")},
    )
    target = StockField(label=_("Novo estoque"), min_value=0, max_value=LARGEST_STOCK)
    confirm_limited = forms.BooleanField(
        label=_("Entendi: o estoque passa a ser limitado e não há como voltar por aqui"),
        error_messages={"required": _("Marque para confirmar que o estoque passa a ser limitado.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._ask_only_when_unlimited()

    def renew(self, **values: str) -> None:
        super().renew(**values)
        self._ask_only_when_unlimited()

    def _ask_only_when_unlimited(self) -> None:
        seen = self["seen"].value()
        if seen is None or seen == "":
            self.fields.setdefault("confirm_limited", deepcopy(self.base_fields["confirm_limited"]))
        else:
            self.fields.pop("confirm_limited", None)

    def clean_seen(self) -> int | None:
        seen: str = self.cleaned_data["seen"]
        return int(seen) if seen else None

    def clean(self) -> None:
        target = self.cleaned_data.get("target")
        if target is not None and target == self.cleaned_data.get("seen"):
            self.add_error("target", _("O estoque já é esse. Nada a alterar."))


class LowStockForm(forms.Form):
    """At how many pieces to warn; empty: as the program's setting says."""

    low_at = StockField(
        label=_("Avisar quando restarem"),
        required=False,
        min_value=0,
        max_value=LARGEST_STOCK,
        error_messages={
            "min_value": _("O número não pode ser negativo."),
            "max_value": _("O número não pode passar de %(limit_value)s."),
        },
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["low_at"].help_text = _(
            "Número de unidades a partir do qual o estoque conta como baixo. Vazio: o padrão, %(low)s. "
            "Fica só neste sistema; nada é enviado à plataforma."
        ) % {"low": settings.LOW_STOCK}


class CategoryForm(WriteForm):
    """The name of a new category, and where to create it when there are several connections."""

    connection = forms.ModelChoiceField(
        label=_("Conexão"),
        queryset=Connection.objects.able_to(Capability.CREATE_CATEGORY),
        error_messages={"required": _("Escolha a conexão.")},
    )
    name = forms.CharField(
        label=_("Nome"),
        max_length=80,
        help_text=_("Cada categoria tem um nome só dela; letras maiúsculas não fazem diferença."),
        error_messages={
            "required": _("Informe o nome da categoria."),
            "max_length": _("O nome não pode passar de %(limit_value)d caracteres."),
        },
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        active = list(Connection.objects.able_to(Capability.CREATE_CATEGORY)[:2])
        if not active:
            self.fields["connection"].error_messages["required"] = NO_CONNECTION
        elif len(active) == 1:
            self.fields["connection"].disabled = True
            self.fields["connection"].widget = forms.HiddenInput()
            self.initial["connection"] = active[0]
