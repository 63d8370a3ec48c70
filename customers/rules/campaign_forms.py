"""What a manager types into a campaign."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from customers.rules.forms import RowsField, store_choices
from customers.rules.words import WEEKDAYS
from smartbis_admin.connections.models import Connection
from smartbis_admin.ui.forms import DateInput


class TimeInput(forms.TimeInput):
    """The browser's own picker of a time."""

    input_type = "time"

    def __init__(self) -> None:
        super().__init__({"step": 60}, format="%H:%M")


class CampaignForm(forms.Form):
    """A campaign: what it gives, when, and to which sales."""

    name = forms.CharField(
        label=_("Nome"), max_length=80, error_messages={"required": _("Dê um nome à campanha.")}
    )
    cashback_multiplier = forms.DecimalField(
        label=_("O cashback vale quantas vezes"),
        min_value=1,
        max_value=100,
        max_digits=5,
        decimal_places=2,
        localize=True,
        initial=Decimal(1),
        help_text=_("1: como sempre; 2: o dobro."),
    )
    points_multiplier = forms.DecimalField(
        label=_("Os pontos valem quantas vezes"),
        min_value=1,
        max_value=100,
        max_digits=5,
        decimal_places=2,
        localize=True,
        initial=Decimal(1),
        help_text=_("1: como sempre; 2: o dobro."),
    )
    first_day = forms.DateField(label=_("Primeiro dia"), widget=DateInput)
    last_day = forms.DateField(label=_("Último dia"), widget=DateInput)
    weekdays = RowsField(
        label=_("Dias da semana"), choices=list(enumerate(WEEKDAYS)), help_text=_("Nenhum marcado: todos.")
    )
    from_time = forms.TimeField(label=_("A partir das"), required=False, widget=TimeInput)
    until_time = forms.TimeField(
        label=_("Até as"),
        required=False,
        widget=TimeInput,
        help_text=_("Vazio: o dia inteiro. Um fim antes do começo passa da meia-noite."),
    )
    stores = RowsField(label=_("Lojas"), help_text=_("Nenhuma marcada: todas."))
    machines = forms.CharField(
        label=_("Maquininhas"),
        max_length=1000,
        required=False,
        help_text=_("Os códigos, separados por vírgula. Vazio: qualquer venda."),
    )
    category = forms.CharField(
        label=_("Categoria"),
        max_length=60,
        required=False,
        help_text=_(
            "Quem registra a venda no balcão escolhe a categoria. Vendas das maquininhas não trazem categoria."
        ),
    )
    stacks = forms.ChoiceField(
        label=_("Quando há outra campanha ao mesmo tempo"),
        choices=[
            ("", _("Vale só a melhor para o cliente")),
            ("yes", _("Multiplica-se com as outras que também se multiplicam")),
        ],
        required=False,
        widget=forms.RadioSelect,
        initial="",
    )

    def __init__(self, *args: Any, connection: Connection | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.whose = connection
        stores: Any = self.fields["stores"]
        choices = store_choices(self.initial.get("stores") or ())
        if choices:
            stores.choices = choices
        else:
            del self.fields["stores"]

    def clean_machines(self) -> list[str]:
        names = (" ".join(name.split()) for name in self.cleaned_data["machines"].split(","))
        return list(dict.fromkeys(name for name in names if name))

    def clean_stacks(self) -> bool:
        return bool(self.cleaned_data["stacks"])

    def clean_category(self) -> str:
        return " ".join(self.cleaned_data["category"].split())

    def clean_first_day(self) -> date:
        first: date = self.cleaned_data["first_day"]
        whose = self.whose or self.cleaned_data.get("connection")
        if whose and first < timezone.localdate(timezone=ZoneInfo(whose.time_zone)):
            raise ValidationError(_("O primeiro dia já passou: o que já valeu não se altera."))
        return first

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        data.setdefault("stores", [])
        first, last = data.get("first_day"), data.get("last_day")
        if first and last and last < first:
            self.add_error("last_day", _("O fim vem antes do começo."))
        if first and last and "last_day" not in self.errors and not _meet(data.get("weekdays"), first, last):
            self.add_error("weekdays", _("Nenhum destes dias da semana cai no período."))
        times = data.get("from_time"), data.get("until_time")
        if times[0] is not None and times[0] == times[1]:
            self.add_error(
                "until_time", _("O fim é igual ao começo. Deixe os dois vazios para o dia inteiro.")
            )
        if data.get("cashback_multiplier") == 1 and data.get("points_multiplier") == 1:
            self.add_error("points_multiplier", _("Diga o que vale mais: o cashback, os pontos ou os dois."))
        return data


def _meet(weekdays: Sequence[int] | None, first: date, last: date) -> bool:
    """Whether one of these days of the week falls between the two days; none named: every one does."""
    within = min((last - first).days + 1, 7)
    return not weekdays or any((first + timedelta(days=n)).weekday() in weekdays for n in range(within))


class NewCampaignForm(CampaignForm):
    """A new campaign, and in which programme."""

    connection = forms.ModelChoiceField(
        label=_("Programa"), queryset=Connection.objects.none(), empty_label=None
    )
    # The programme first: the days are checked on its clock.
    field_order = ("connection",)

    def __init__(self, *args: Any, ruled: QuerySet[Connection], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice: Any = self.fields["connection"]
        choice.queryset, choice.initial = ruled, ruled.first()
        if len(ruled) == 1:
            choice.widget = forms.HiddenInput()
