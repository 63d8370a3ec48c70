"""What can be done with many rows at once: say whose sales are, end their wait; put problems of feeds aside."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from customers.bridge import services, setting_up
from customers.bridge.forms import BulkLinkForm, DiscardForm
from customers.bridge.models import FeedIssue, PosSale
from customers.bridge.words import explain_problem
from customers.models import Customer
from smartbis_admin.staff.access import Access
from smartbis_admin.ui.bulk import BulkAction, register
from smartbis_admin.ui.formats import datetime_local, money

NOT_WAITING, OTHER_PROGRAMME = "not_waiting", "other_programme"


class _OnWaiting(BulkAction):
    """Base of what is done with sales that wait for their customer."""

    access, model = Access.SETTLE_POS_SALES, PosSale
    reasons = {
        NOT_WAITING: _("não esperam a identificação do cliente"),
        OTHER_PROGRAMME: _("são de outro programa"),
    }

    def get_rows(self) -> QuerySet[Any]:
        return PosSale.objects.select_related("bridge__target")

    def show(self, row: PosSale) -> str:
        return f"{money(row.amount)} · {datetime_local(row.sold_at)}"

    def leave_out(self, rows: Sequence[Any], values: Mapping[str, Any]) -> dict[Any, str]:
        return {row.pk: NOT_WAITING for row in rows if row.state != PosSale.State.UNIDENTIFIED}


class LinkSales(_OnWaiting):
    """All these were bought by one customer."""

    name, label, icon = "bridge.link_sales", _("Vincular cliente"), "link"
    form_class = BulkLinkForm

    def values(self, form: BulkLinkForm) -> dict[str, Any]:
        customer = form.customer
        return {"customer": customer.pk, "name": customer.first_name, "connection": customer.connection_id}

    def describe(self, values: Mapping[str, Any]) -> str:
        return _now("Vincular ao cliente %(name)s") % {"name": values["name"]}

    def leave_out(self, rows: Sequence[Any], values: Mapping[str, Any]) -> dict[Any, str]:
        elsewhere = {row.pk: OTHER_PROGRAMME for row in rows if row.bridge.target_id != values["connection"]}
        return elsewhere | super().leave_out(rows, values)

    def perform(self, rows: Sequence[Any], values: Mapping[str, Any], *, by: Any) -> None:
        customer = Customer.objects.get(pk=values["customer"])
        services.link_many(sales=rows, customer=customer, by=by)


class DiscardSales(_OnWaiting):
    """Nobody will be found: they do not earn."""

    name, label, icon = "bridge.discard_sales", _("Descartar"), "trash-x"
    form_class = DiscardForm
    danger = True

    def describe(self, values: Mapping[str, Any]) -> str:
        return _now("Descartar vendas sem cliente")

    def perform(self, rows: Sequence[Any], values: Mapping[str, Any], *, by: Any) -> None:
        services.discard_many(sales=rows, by=by, note=values["note"])


class ResolveIssues(BulkAction):
    """These problems were seen; what happens again comes back."""

    name, label, icon = "bridge.resolve_issues", _("Arquivar"), "check"
    access, model = Access.SETTLE_POS_SALES, FeedIssue
    reasons = {"resolved": _("já estavam arquivados")}

    def show(self, row: FeedIssue) -> str:
        return f"{explain_problem(row.reason)} {row.remote_id}".strip()

    def leave_out(self, rows: Sequence[Any], values: Mapping[str, Any]) -> dict[Any, str]:
        return {row.pk: "resolved" for row in rows if row.resolved_at}

    def perform(self, rows: Sequence[Any], values: Mapping[str, Any], *, by: Any) -> None:
        for row in rows:
            setting_up.resolve_issue(issue=row, by=by)


LINK_SALES = register(LinkSales())
DISCARD_SALES = register(DiscardSales())
RESOLVE_ISSUES = register(ResolveIssues())
