"""The kinds of this room: customers, and sales of customers who are known."""

import uuid
from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal

from django.utils import timezone
from django.utils.translation import ngettext

from customers.imports.fields import Problem
from customers.imports.kinds import ImportKind, RowState, mark, register, settle
from customers.imports.models import Import, ImportRow
from customers.models import Customer
from customers.services import create_customer, known_customer, refresh_customer, register_sale
from smartbis_admin.staff.access import Access
from smartbis_admin.staff.models import User
from smartbis_admin.ui.formats import number
from smartbis_admin.writes.models import Write


def _known_cpfs(batch: Import, rows: Sequence[ImportRow]) -> set[str]:
    found = Customer.objects.filter(
        connection=batch.connection_id, withdrawn_at=None, cpf__in=[row.values["cpf"] for row in rows]
    )
    return {cpf for cpf in found.values_list("cpf", flat=True) if cpf}


def _actor(batch: Import) -> User:
    return batch.started_by or batch.created_by


@register
class CustomersKind(ImportKind):
    """New customers; one the platform has already is left alone."""

    name = Import.Kind.CUSTOMERS.value
    access = Access.REGISTER_CUSTOMER

    def same(self, row: ImportRow) -> str:
        # A second row about the same new customer cannot be meant; a second sale to them can.
        return str(row.values["cpf"])

    def compare(self, batch: Import, rows: Sequence[ImportRow]) -> None:
        known = _known_cpfs(batch, rows)
        for row in rows:
            if row.values["cpf"] in known:
                mark(row, RowState.KNOWN, ["cpf", "known"])

    def perform(
        self, batch: Import, row: ImportRow, planned: uuid.UUID, earlier: Write | None
    ) -> Write | None:
        values = row.values
        if earlier is None and known_customer(cpf=values["cpf"], connection=batch.connection):
            settle(row, RowState.KNOWN, ["cpf", "known"])
            return None
        return create_customer(
            id=planned,
            connection=batch.connection,
            name=values["name"],
            cpf=values["cpf"],
            phone=values["phone"],
            email=values.get("email"),
            birth_date=date.fromisoformat(values["birth_date"]) if "birth_date" in values else None,
            actor=_actor(batch),
        )

    def refused(self, write: Write) -> tuple[ImportRow.State, list[Problem]] | None:
        return (RowState.KNOWN, [["cpf", "known"]]) if write.code == "customer_duplicate_cpf" else None

    def question(self, rows: int) -> str:
        return ngettext(
            "Cadastrar %(rows)s cliente na plataforma? Depois de enviado, um cadastro não pode ser desfeito.",
            "Cadastrar %(rows)s clientes na plataforma? Depois de enviado, um cadastro não pode ser desfeito.",
            rows,
        ) % {"rows": number(rows)}


@register
class SalesKind(ImportKind):
    """Sales of customers the platform knows."""

    name = Import.Kind.SALES.value
    access = Access.REGISTER_CUSTOMER

    def compare(self, batch: Import, rows: Sequence[ImportRow]) -> None:
        known = _known_cpfs(batch, rows)
        for row in rows:
            if row.values["cpf"] not in known:
                # Not an error: the platform may know them. It is asked when the row's turn comes.
                row.problems = [["cpf", "not_here"]]

    def perform(
        self, batch: Import, row: ImportRow, planned: uuid.UUID, earlier: Write | None
    ) -> Write | None:
        values = row.values
        customer = known_customer(cpf=values["cpf"], connection=batch.connection) or self._ask_for(batch, row)
        if customer is None:
            settle(row, RowState.REFUSED, ["cpf", "nobody"])
            return None
        sold_at = datetime.fromisoformat(values["sold_at"]) if "sold_at" in values else timezone.now()
        return register_sale(
            id=planned,
            customer=customer,
            amount=Decimal(values["amount"]),
            actor=_actor(batch),
            store=batch.store,
            sold_at=min(sold_at, timezone.now()),
        ).write

    @staticmethod
    def _ask_for(batch: Import, row: ImportRow) -> Customer | None:
        rows = refresh_customer(connection=batch.connection, cpf=row.values["cpf"])
        return rows[0] if rows else None

    def question(self, rows: int) -> str:
        return ngettext(
            "Registrar %(rows)s venda na plataforma? Depois de enviada, uma venda não pode ser desfeita. "
            "A plataforma não recebe a data: a venda conta como de agora.",
            "Registrar %(rows)s vendas na plataforma? Depois de enviada, uma venda não pode ser desfeita. "
            "A plataforma não recebe a data: as vendas contam como de agora.",
            rows,
        ) % {"rows": number(rows)}
