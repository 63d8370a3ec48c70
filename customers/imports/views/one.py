"""The page of an import is the list of its rows; above it stand its progress and what can be done now."""

from collections.abc import Iterator
from typing import Any

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.translation import gettext_lazy as _
from django_htmx.http import HttpResponseClientRefresh
from openpyxl.utils import get_column_letter

from customers.imports import services
from customers.imports.filters import RowFilter
from customers.imports.models import Import, ImportRow
from customers.imports.tables import IMPORT_LOOKS, ROW_LOOKS, ROW_TABLES, CustomerRowTable
from customers.imports.views.base import OneImport
from customers.imports.words import explain_row, explain_wait
from smartbis_admin.staff.services import audit
from smartbis_admin.ui.export import csv_response
from smartbis_admin.ui.tables import Table
from smartbis_admin.ui.views import (
    ListView,
    TemplateView,
    Text,
)


def _progress(batch: Import) -> dict[str, Any]:
    """What stands above the rows of an import."""
    counts = services.count_rows(batch)
    tone, icon = IMPORT_LOOKS[Import.State(batch.state)]
    total = sum(counts.values())
    to_send = sum(counts[state] for state in ImportRow.TO_SEND)
    sent = (ImportRow.State.DONE, ImportRow.State.REFUSED, ImportRow.State.IN_DOUBT, ImportRow.State.NOT_DONE)
    left = sum(counts[state] for state in sent)
    return {
        "batch": batch,
        "tone": tone,
        "icon": icon,
        "total": total,
        "to_send": to_send,
        "left": left,
        "goal": left + to_send,
        "to_correct": 0 if batch.erased_at else sum(counts[state] for state in ImportRow.TO_CORRECT),
        "doubts": counts[ImportRow.State.IN_DOUBT],
        "working": batch.state in Import.WORKING,
        "wait": explain_wait(batch),
        "parts": [
            {"state": state.value, "label": state.label, "look": ROW_LOOKS[state], "rows": counts[state]}
            for state in ImportRow.State
            if counts[state]
        ],
    }


class ImportDetailView(OneImport, ListView):
    """One import: how far it is, what can be done, and its rows."""

    queryset = ImportRow.objects.all()
    table_class, filter_class = CustomerRowTable, RowFilter
    template_name = "customers/imports/detail.html"
    empty_title = _("Nenhuma linha conferida ainda")
    empty_text = _("Escolha as colunas: depois cada linha aparece aqui com o que acontecerá com ela.")

    def get_title(self) -> Text:
        return str(self.batch)

    def get_queryset(self) -> QuerySet[ImportRow]:
        return self.queryset.filter(batch=self.batch).defer("cells")

    def get_table(self, queryset: QuerySet[Any]) -> Table:
        return ROW_TABLES[self.batch.kind](
            queryset, kind=self.batch.kind, order_by=self.request.GET.get("sort")
        )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**_progress(self.batch), **kwargs)


class ProgressView(OneImport, TemplateView):
    """The part above the rows, asked for while a job works; the whole page once it is over."""

    template_name = "customers/imports/progress.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if self.batch.state not in Import.WORKING:
            return HttpResponseClientRefresh()
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(**_progress(self.batch), **kwargs)


class ErrorFileView(OneImport):
    """The rows to correct, as they came, each with its line and what is wrong. Ready to be imported again."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        self.require_rows()
        _audit_export(request, self.batch)
        return csv_response(_rows_to_correct(self.batch), str(_("Linhas para corrigir")))


def _rows_to_correct(batch: Import) -> Iterator[list[Any]]:
    """The error file: the columns as they came, then the line and what is wrong."""
    width = len(batch.sample[0])
    letters = [get_column_letter(column) for column in range(1, width + 1)]
    yield [*(batch.sample[0] if batch.has_header else letters), str(_("Linha")), str(_("Problema"))]
    rows = batch.rows.filter(state__in=ImportRow.TO_CORRECT).order_by("number")
    for row in rows.iterator(chunk_size=2000):
        filling = [""] * (width - len(row.cells))
        yield [*row.cells, *filling, row.number, " ".join(explain_row(row, batch.kind))]


def _audit_export(request: HttpRequest, batch: Import) -> None:
    audit(actor=request.user, action="import.exported", subject=f"import:{batch.pk}")  # type: ignore[arg-type]
