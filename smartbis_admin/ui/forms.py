"""Form fields people type Brazilian values into. Each says in one sentence how to get it right.

Knows no model. Forms themselves are plain Django forms; `{% form_fields form %}` gives them their looks.
"""

import re
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.formats import number_format
from django.utils.translation import gettext_lazy as _

from smartbis_admin.api.brazil import format_cpf, normalise_cpf, normalise_phone
from smartbis_admin.ui.formats import money, phone

_PLAIN = re.compile(r"-?[0-9]+(?:[.,][0-9]{1,2})?")
_GROUPED_BY_DOTS = re.compile(r"-?[0-9]{1,3}(?:\.[0-9]{3})+(?:,[0-9]{1,2})?")
_GROUPED_BY_COMMAS = re.compile(r"-?[0-9]{1,3}(?:,[0-9]{3})+\.[0-9]{1,2}")


class MoneyField(forms.DecimalField):
    """BRL with two decimals: `1.234,56`, `1234,56`, `1234.56`, `R$ 10`. Cleans to a Decimal.

    A single group after a comma (`1,234`) could mean two amounts and is refused.
    """

    widget = forms.TextInput
    default_error_messages = {
        "required": _("Informe o valor."),
        "invalid": _("Escreva o valor como 1.234,56."),
        "min_value": _("O valor não pode ser menor que %(limit_value)s."),
        "max_value": _("O valor não pode ser maior que %(limit_value)s."),
    }

    def __init__(self, *, max_digits: int = 12, decimal_places: int = 2, **kwargs: Any) -> None:
        super().__init__(max_digits=max_digits, decimal_places=decimal_places, **kwargs)

    def to_python(self, value: Any) -> Decimal | None:  # type: ignore[override]
        if value in self.empty_values or isinstance(value, Decimal):
            return super().to_python(value)
        text = re.sub(r"\s|R\$", "", str(value), flags=re.I)
        if _GROUPED_BY_DOTS.fullmatch(text):
            text = text.replace(".", "").replace(",", ".")
        elif _GROUPED_BY_COMMAS.fullmatch(text):
            text = text.replace(",", "")
        elif _PLAIN.fullmatch(text):
            text = text.replace(",", ".")
        else:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        return super().to_python(text)

    def run_validators(self, value: Any) -> None:
        try:
            super().run_validators(value)
        except forms.ValidationError as refusal:
            for error in refusal.error_list:
                if error.params and "limit_value" in error.params:
                    error.params["limit_value"] = money(error.params["limit_value"])
            raise

    def prepare_value(self, value: Any) -> Any:
        return number_format(value, self.decimal_places) if isinstance(value, Decimal) else value

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {"inputmode": "decimal", "autocomplete": "off"}


class CpfField(forms.CharField):
    """A CPF with or without punctuation. Cleans to 11 digits, or "" when it may be left out."""

    default_error_messages = {
        "required": _("Informe o CPF."),
        "invalid": _("Este CPF não existe. Confira os 11 números."),
    }

    def clean(self, value: Any) -> str:
        text = super().clean(value)
        if not text:
            return ""
        cpf = normalise_cpf(text)
        if cpf is None:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        return cpf

    def prepare_value(self, value: Any) -> Any:
        return format_cpf(value) if isinstance(value, str) and re.fullmatch(r"\d{11}", value) else value

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {"inputmode": "numeric", "autocomplete": "off", "placeholder": "000.000.000-00"}


class PhoneField(forms.CharField):
    """A phone with area code, foreign ones with `+`. Cleans to E.164, or "" when it may be left out."""

    default_error_messages = {
        "required": _("Informe o telefone."),
        "invalid": _("Escreva o telefone com DDD, como (11) 98888-0001."),
    }

    def clean(self, value: Any) -> str:
        text = super().clean(value)
        if not text:
            return ""
        number = normalise_phone(text)
        if number is None:
            raise forms.ValidationError(self.error_messages["invalid"], code="invalid")
        return number

    def prepare_value(self, value: Any) -> Any:
        return phone(value) if isinstance(value, str) and re.fullmatch(r"\+\d+", value) else value

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {"inputmode": "tel", "autocomplete": "off", "placeholder": "(11) 98888-0001"}


class DateInput(forms.DateInput):
    """The browser's own date picker."""

    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%d")
