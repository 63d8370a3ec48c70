"""The lists of customers and of sales as columns. Personal data are masked for whoever may not see them."""

from typing import Any

import django_tables2 as tables
from django.utils.translation import gettext_lazy as _

from customers.models import Customer, Sale
from customers.persons.services import programme_counts
from smartbis_admin.api.brazil import mask_email, mask_phone
from smartbis_admin.ui.tables import (
    DateColumn,
    DateTimeColumn,
    LinkColumn,
    MaskedCpfColumn,
    MoneyColumn,
    PhoneColumn,
    PointsColumn,
    StatusColumn,
    Table,
)
from smartbis_admin.writes.models import Write
from smartbis_admin.writes.tables import LOOKS

#: A sale's state: tone, icon and the word that agrees with "venda".
SALE_LOOKS = {
    state: (*LOOKS[state], word)
    for state, word in {
        Write.State.PENDING: _("Enviando"),
        Write.State.DONE: _("Registrada"),
        Write.State.REFUSED: _("Recusada"),
        Write.State.NOT_SENT: _("Não enviada"),
        Write.State.IN_DOUBT: _("A confirmar – não repita"),
        Write.State.NOT_DONE: _("Não realizada"),
        Write.State.ABANDONED: _("Abandonada"),
    }.items()
}
_ONE_LINE = {"td": {"class": "text-nowrap"}}


class CustomerTable(Table):
    """Customers by name. The e-mail goes into exports only, so that a row stays one line."""

    name = LinkColumn("customers:detail", order_by="name_search")
    cpf = MaskedCpfColumn()
    phone = PhoneColumn()
    email = tables.Column(orderable=False, visible=False)
    points_balance = PointsColumn(verbose_name=_("Pontos"))
    cashback_balance = MoneyColumn(verbose_name=_("Cashback"))
    remote_created_at = DateColumn()
    tags = tables.TemplateColumn(
        template_name="customers/tags_cell.html",
        accessor="tags_now",
        verbose_name=_("Etiquetas"),
        orderable=False,
        empty_values=(),
    )
    programmes = tables.Column(
        accessor="pk",
        verbose_name=_("Programas"),
        orderable=False,
        exclude_from_export=True,
        attrs={"th": {"class": "text-end"}, "td": {"class": "text-end num"}},
    )
    withdrawn_at = DateColumn(orderable=False)

    class Meta:
        model = Customer
        fields = (
            "name",
            "cpf",
            "phone",
            "email",
            "points_balance",
            "cashback_balance",
            "remote_created_at",
            "tags",
            "programmes",
            "withdrawn_at",
        )
        order_by = "name"

    def show(self, rows: list[Any]) -> None:
        if "programmes" in self.columns.names():
            self._programmes = programme_counts(rows)
        super().show(rows)

    def render_programmes(self, record: Customer) -> int:
        return self._programmes[record.pk]

    def value_tags(self, record: Customer) -> str:
        return ", ".join(row.tag.name for row in getattr(record, "tags_now", ()))


class MaskedCustomerTable(CustomerTable):
    """The same for people who may not see personal data in full."""

    class Meta(CustomerTable.Meta):
        pass

    def render_phone(self, value: str) -> str:
        return mask_phone(value)

    def render_email(self, value: str) -> str:
        return mask_email(value)


class SaleTable(Table):
    """Sales, the newest first."""

    sold_at = DateTimeColumn(
        linkify=("customers:sale_detail", {"write": tables.A("write_id")}), attrs=_ONE_LINE
    )
    customer = tables.Column(
        linkify=("customers:detail", {"pk": tables.A("customer__pk")}),
        verbose_name=_("Cliente"),
        orderable=False,
    )
    amount = MoneyColumn()
    cashback_amount = MoneyColumn(orderable=False)
    points_earned = PointsColumn(orderable=False)
    state = StatusColumn(SALE_LOOKS, accessor="write__state", verbose_name=_("Situação"), orderable=False)
    store = tables.Column(orderable=False)
    registered_by = tables.Column(verbose_name=_("Quem"), orderable=False)

    class Meta:
        model = Sale
        fields = (
            "sold_at",
            "customer",
            "amount",
            "cashback_amount",
            "points_earned",
            "state",
            "store",
            "registered_by",
        )
        order_by = "-sold_at"
