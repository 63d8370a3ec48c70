"""Imports, and the rows of one import, as columns. CPFs are masked; what is wrong is said in sentences."""

from datetime import datetime
from decimal import Decimal
from typing import Any

import django_tables2 as tables
from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy as _

from customers.imports.models import Import, ImportRow
from customers.imports.words import explain_row
from smartbis_admin.ui.formats import datetime_local, money
from smartbis_admin.ui.tables import (
    DateTimeColumn,
    LinkColumn,
    MaskedCpfColumn,
    MoneyColumn,
    PhoneColumn,
    StatusColumn,
    Table,
)

IMPORT_LOOKS = {
    Import.State.MAPPING: ("info", "adjustments"),
    Import.State.CHECKING: ("info", "hourglass"),
    Import.State.CHECKED: ("info", "clipboard-check"),
    Import.State.RUNNING: ("info", "send"),
    Import.State.PAUSED: ("warning", "player-pause"),
    Import.State.DONE: ("success", "circle-check"),
}
ROW_LOOKS = {
    ImportRow.State.READY: ("info", "circle-dashed"),
    ImportRow.State.INVALID: ("danger", "alert-circle"),
    ImportRow.State.REPEATED: ("neutral", "versions"),
    ImportRow.State.KNOWN: ("neutral", "minus"),
    ImportRow.State.SENDING: ("info", "hourglass"),
    ImportRow.State.DONE: ("success", "circle-check"),
    ImportRow.State.REFUSED: ("danger", "circle-x"),
    ImportRow.State.IN_DOUBT: ("warning", "clock-question"),
    ImportRow.State.NOT_DONE: ("neutral", "arrow-back-up"),
    ImportRow.State.ABANDONED: ("neutral", "ban"),
    ImportRow.State.UNDONE: ("neutral", "arrow-back-up"),
}


class ImportTable(Table):
    """Imports, the newest first."""

    file_name = LinkColumn("imports:detail", orderable=False)
    kind = tables.Column(orderable=False)
    state = StatusColumn(IMPORT_LOOKS, orderable=False)
    created_by = tables.Column(orderable=False)
    created_at = DateTimeColumn()

    class Meta:
        model = Import
        fields = ("file_name", "kind", "state", "created_by", "created_at")
        order_by = "-created_at"


class RowTable(Table):
    """Base of the rows of one import, in the order of the file."""

    number = tables.Column(attrs={"td": {"class": "num"}})
    state = StatusColumn(ROW_LOOKS, orderable=False)
    problems = tables.Column(orderable=False, empty_values=())

    class Meta:
        model = ImportRow
        fields: tuple[str, ...] = ("number", "state", "problems")
        order_by = "number"

    def __init__(self, *args: Any, kind: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._kind = kind

    def render_problems(self, record: ImportRow) -> str:
        context = {"row": record, "sentences": explain_row(record, self._kind)}
        return render_to_string("customers/imports/problems.html", context)

    def value_problems(self, record: ImportRow) -> str:
        return " ".join(explain_row(record, self._kind))


class CustomerRowTable(RowTable):
    """Rows that tell of customers."""

    name = tables.Column(accessor="values__name", verbose_name=_("Nome"), orderable=False)
    cpf = MaskedCpfColumn(accessor="values__cpf", verbose_name=_("CPF"))
    phone = PhoneColumn(accessor="values__phone", verbose_name=_("Telefone"))

    class Meta(RowTable.Meta):
        fields = ("number", "name", "cpf", "phone", "state", "problems")
        sequence = fields


class SaleRowTable(RowTable):
    """Rows that tell of sales."""

    cpf = MaskedCpfColumn(accessor="values__cpf", verbose_name=_("CPF"))
    amount = MoneyColumn(accessor="values__amount", verbose_name=_("Valor da venda"), orderable=False)
    sold_at = tables.Column(accessor="values__sold_at", verbose_name=_("Data da venda"), orderable=False)
    code = tables.Column(accessor="values__code", verbose_name=_("Número da venda"), orderable=False)

    class Meta(RowTable.Meta):
        fields = ("number", "cpf", "amount", "sold_at", "code", "state", "problems")
        sequence = fields

    def render_amount(self, value: str) -> str:
        return money(Decimal(value))

    def value_amount(self, value: str) -> Decimal:
        return Decimal(value)

    def render_sold_at(self, value: str) -> str:
        return datetime_local(datetime.fromisoformat(value))


#: By kind; other rooms add theirs.
ROW_TABLES: dict[str, type[RowTable]] = {
    Import.Kind.CUSTOMERS: CustomerRowTable,
    Import.Kind.SALES: SaleRowTable,
}
