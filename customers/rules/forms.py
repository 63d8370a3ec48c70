"""What a manager types into the rule and a simulation."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from customers.rules.models import TERMS, PaymentMethod, Terms
from smartbis_admin.connections.models import Connection
from smartbis_admin.staff.models import Store
from smartbis_admin.ui.forms import DateInput, MoneyField

#: Days of past sales a simulation proposes, and the most it takes.
PROPOSED, MOST = timedelta(days=90), timedelta(days=2 * 366)


class MomentInput(forms.DateTimeInput):
    """The browser's own picker of a day and a time."""

    input_type = "datetime-local"

    def __init__(self) -> None:
        super().__init__({"step": 60}, format="%Y-%m-%dT%H:%M")


class RowsField(forms.TypedMultipleChoiceField):
    """Several rows by their keys; cleans to a sorted list of keys."""

    widget = forms.CheckboxSelectMultiple

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(coerce=int, required=False, **kwargs)

    def clean(self, value: Any) -> list[int]:
        return sorted(super().clean(value))


def store_choices(kept: Sequence[int] = ()) -> list[tuple[int, str]]:
    """Stores that can be named: those in use, and those named already."""
    rows = Store.objects.filter(is_active=True) | Store.objects.filter(pk__in=list(kept))
    return [(store.pk, store.name) for store in rows.order_by("name", "pk")]


class TermsForm(forms.Form):
    """What a rule says. Rates take more decimals than money (`communication-and-rules.md` §1)."""

    cashback_percent = forms.DecimalField(
        label=_("Percentual de cashback"),
        min_value=0,
        max_value=100,
        max_digits=6,
        decimal_places=3,
        localize=True,
        help_text=_("Quanto da venda volta como cashback, em %."),
    )
    points_per_brl = forms.DecimalField(
        label=_("Pontos por real"),
        min_value=0,
        max_digits=10,
        decimal_places=4,
        localize=True,
        help_text=_("Pode ser menos de 1: com 0,1 são dez reais por ponto."),
    )
    minimum_to_earn = MoneyField(
        label=_("Valor mínimo para acumular"),
        min_value=Decimal(0),
        required=False,
        help_text=_("Uma venda menor não acumula nada. Vazio: qualquer valor acumula."),
    )
    voucher_threshold = MoneyField(
        label=_("Saldo que gera voucher"),
        min_value=Decimal("0.01"),
        required=False,
        help_text=_("Com este saldo de cashback a plataforma emite um voucher. Vazio: nunca."),
    )
    voucher_validity_days = forms.IntegerField(
        label=_("Validade do voucher (dias)"),
        min_value=1,
        max_value=3650,
        required=False,
        help_text=_("Contados da emissão. Vazio: não informada."),
    )
    voucher_minimum_purchase = MoneyField(
        label=_("Valor mínimo de compra do voucher"),
        min_value=Decimal("0.01"),
        required=False,
        help_text=_("Em que compra o voucher pode ser usado. Vazio: em qualquer uma."),
    )
    excluded_stores = RowsField(label=_("Lojas que não acumulam"))
    excluded_methods = forms.MultipleChoiceField(
        label=_("Formas de pagamento que não acumulam"),
        choices=PaymentMethod.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Vale só onde a forma de pagamento é conhecida, como nas vendas das maquininhas."),
    )
    first_day = forms.DateField(
        label=_("Acumula desde"), required=False, widget=DateInput, help_text=_("Vazio: sem começo marcado.")
    )
    last_day = forms.DateField(
        label=_("Acumula até"), required=False, widget=DateInput, help_text=_("Vazio: sem fim marcado.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = store_choices(self.initial.get("excluded_stores") or ())
        if choices:
            self._field("excluded_stores").choices = choices
        else:
            del self.fields["excluded_stores"]

    def _field(self, name: str) -> Any:
        return self.fields[name]

    def clean_minimum_to_earn(self) -> Decimal:
        return self.cleaned_data["minimum_to_earn"] or Decimal(0)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        data.setdefault("excluded_stores", [])
        first, last = data.get("first_day"), data.get("last_day")
        if first and last and last < first:
            self.add_error("last_day", _("O fim vem antes do começo."))
        return data

    def terms(self) -> dict[str, Any]:
        """What was typed, by the names of `TERMS`."""
        return {name: self.cleaned_data[name] for name in TERMS}


class RuleForm(TermsForm):
    """A version of the rule: what it says, and from when."""

    valid_from = forms.DateTimeField(
        label=_("Vale a partir de"),
        required=False,
        widget=MomentInput,
        input_formats=["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"],
        help_text=_("Vazio: agora."),
    )
    since = forms.DateField(label=_("Vendas desde"), required=False, widget=DateInput)
    until = forms.DateField(label=_("Vendas até"), required=False, widget=DateInput)
    with_files = forms.BooleanField(
        label=_("Incluir as vendas de arquivos conferidos e não enviados"), required=False, initial=True
    )
    #: The fields of a simulation stand apart on the page.
    TRIAL = ("since", "until", "with_files")

    def __init__(self, *args: Any, connection: Connection, simulate: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.zone, self.simulate = ZoneInfo(connection.time_zone), simulate
        today = timezone.localdate(timezone=self.zone)
        self.fields["since"].initial, self.fields["until"].initial = today - PROPOSED, today

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if self.simulate:
            self._check_period(data.get("since"), data.get("until"))
        return data

    def _check_period(self, since: date | None, until: date | None) -> None:
        for name, value in (("since", since), ("until", until)):
            if value is None and name not in self.errors:
                self.add_error(name, _("Informe a data."))
        if since and until and until < since:
            self.add_error("until", _("O fim vem antes do começo."))
        if since and until and until - since > MOST:
            self.add_error("since", _("Escolha um período de até dois anos."))

    def clean_valid_from(self) -> datetime | None:
        moment: datetime | None = self.cleaned_data["valid_from"]
        return None if moment is None else moment.replace(tzinfo=self.zone)


def as_typed(terms: Terms) -> dict[str, Any]:
    """A rule as the form's initial values."""
    return {name: getattr(terms, name) for name in TERMS}
