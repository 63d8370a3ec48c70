"""The screens of imports: upload, choose columns, see what would happen, send, follow, take back.

The page of an import is the list of its rows; above it stand its progress and what can be done now.
"""

from collections.abc import Iterator
from typing import Any, ClassVar

from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django_htmx.http import HttpResponseClientRefresh
from openpyxl.utils import get_column_letter

from customers.imports import services
from customers.imports.fields import shown_cell
from customers.imports.filters import ImportFilter, RowFilter
from customers.imports.forms import ColumnsForm, UploadForm
from customers.imports.kinds import KINDS
from customers.imports.models import Import, ImportRow
from customers.imports.reading import MAX_BYTES, UnreadableFileError
from customers.imports.services import ImportRefusedError
from customers.imports.tables import IMPORT_LOOKS, ROW_LOOKS, ROW_TABLES, CustomerRowTable, ImportTable
from customers.imports.words import REFUSALS, explain_file, explain_row, explain_wait
from smartbis_admin.staff.access import Access
from smartbis_admin.staff.services import audit
from smartbis_admin.ui.export import csv_response
from smartbis_admin.ui.formats import number as shown_number
from smartbis_admin.ui.navigation import Link, may
from smartbis_admin.ui.tables import Table
from smartbis_admin.ui.views import (
    AccessMixin,
    ActionView,
    Breadcrumbs,
    FormView,
    ListView,
    TemplateView,
    Text,
)

#: Managers register customers; whoever only serves at a counter imports nothing.
ACCESS = Access.REGISTER_CUSTOMER
_IMPORTS = _("Importações")


class ImportListView(ListView):
    """Every import."""

    access = ACCESS
    queryset = Import.objects.defer("sample").select_related("created_by")
    table_class, filter_class = ImportTable, ImportFilter
    title = _IMPORTS
    actions: ClassVar[tuple[Link, ...]] = (Link(_("Importar arquivo"), "upload", "imports:upload", ACCESS),)
    empty_title = _("Nenhuma importação ainda")
    empty_text = _("Traga clientes ou vendas de uma planilha. Você confere tudo antes de qualquer envio.")

    def get_breadcrumbs(self) -> Breadcrumbs:
        return [(_("Clientes"), reverse("customers:list"))]


class UploadView(FormView):
    """A file to import. The same file again leads to its first import."""

    access = ACCESS
    form_class = UploadForm
    template_name = "customers/imports/upload.html"
    title = _("Importar arquivo")
    submit_label = _("Enviar arquivo")

    def get_breadcrumbs(self) -> Breadcrumbs:
        return [(_IMPORTS, reverse("imports:list"))]

    @property
    def cancel_url(self) -> str:
        return reverse("imports:list")

    def get_form_kwargs(self) -> dict[str, Any]:
        kinds = [name for name, kind in KINDS.items() if may(self.request.user, kind.access)]
        return super().get_form_kwargs() | {"kinds": kinds}

    def get_initial(self) -> dict[str, Any]:
        return {"kind": self.request.GET.get("kind") or Import.Kind.CUSTOMERS}

    def save(self, form: UploadForm) -> Import:
        asked = form.cleaned_data
        if asked["file"].size > MAX_BYTES:
            raise ValidationError({"file": explain_file("too_large")})
        try:
            batch, new = services.upload(
                kind=asked["kind"],
                connection=asked["connection"],
                store=asked["store"] if asked["kind"] == Import.Kind.SALES else None,
                name=asked["file"].name,
                content=asked["file"].read(),
                by=self.request.user,  # type: ignore[arg-type]
            )
        except UnreadableFileError as error:
            raise ValidationError({"file": explain_file(error.reason)}) from error
        if not new:
            self.success_message = _("Este arquivo já foi importado: esta é a importação dele.")
        return batch

    def get_success_url(self) -> str:
        batch: Import = self.result
        name = "imports:columns" if batch.state == Import.State.MAPPING else "imports:detail"
        return reverse(name, args=[batch.pk])


class OneImport(AccessMixin):
    """Base of the screens of one import."""

    abstract = True
    access = ACCESS

    @cached_property
    def batch(self) -> Import:
        rows = Import.objects.select_related("connection", "store", "created_by", "started_by")
        batch = get_object_or_404(rows, pk=self.kwargs["pk"])
        if not may(self.request.user, KINDS[batch.kind].access):
            raise PermissionDenied
        return batch

    def get_success_url(self) -> str:
        return reverse("imports:detail", args=[self.batch.pk])

    def get_breadcrumbs(self) -> Breadcrumbs:
        return [(_IMPORTS, reverse("imports:list"))]


class ColumnsView(OneImport, FormView):
    """Which column is what, beside the first rows of the file."""

    form_class = ColumnsForm
    template_name = "customers/imports/columns.html"
    title = _("Escolher colunas")
    submit_label = _("Conferir as linhas")

    def get_breadcrumbs(self) -> Breadcrumbs:
        return [*super().get_breadcrumbs(), (str(self.batch), self.get_success_url())]

    @property
    def cancel_url(self) -> str:
        return self.get_success_url()

    def get_form_kwargs(self) -> dict[str, Any]:
        kwargs = super().get_form_kwargs() | {"batch": self.batch}
        kwargs.pop("initial")
        return kwargs

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        sample = [[shown_cell(cell) for cell in row] for row in self.batch.sample[:6]]
        letters = [get_column_letter(column + 1) for column in range(len(sample[0]))]
        return super().get_context_data(batch=self.batch, sample=sample, letters=letters, **kwargs)

    def save(self, form: ColumnsForm) -> None:
        try:
            services.choose_columns(
                batch=self.batch, mapping=form.mapping, has_header=form.cleaned_data["has_header"]
            )
        except ImportRefusedError as error:
            raise ValidationError(str(REFUSALS[error.reason])) from error


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
        "to_correct": sum(counts[state] for state in ImportRow.TO_CORRECT),
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


class ImportActionView(OneImport, ActionView):
    """Base of what may be done about one import. Implement `act`."""

    abstract = True

    def act(self) -> Text:
        raise NotImplementedError

    def perform(self) -> Text:
        try:
            return self.act()
        except ImportRefusedError as error:
            raise ValidationError(str(REFUSALS[error.reason])) from error

    @property
    def by(self) -> Any:
        return self.request.user


class StartView(ImportActionView):
    """Send what is ready, or go on after a pause."""

    confirm_label = _("Enviar à plataforma")

    def get_confirm_text(self) -> Text:
        rows = self.batch.rows.filter(state__in=ImportRow.TO_SEND).count()
        return KINDS[self.batch.kind].question(rows) if rows else ""

    def act(self) -> Text:
        services.start(batch=self.batch, by=self.by)
        return _("Envio iniciado. O andamento aparece aqui, mesmo se você sair da página.")


class PauseView(ImportActionView):
    """Stop sending for now."""

    def act(self) -> Text:
        services.pause(batch=self.batch, by=self.by)
        return _("Envio pausado.")


class UndoView(ImportActionView):
    """Take back what has not left."""

    danger = True
    confirm_label = _("Desfazer o que não saiu")
    confirm_text = _("Desfazer todas as linhas que ainda não saíram? O que já foi enviado fica como está.")

    def act(self) -> Text:
        rows = services.undo(batch=self.batch, by=self.by)
        return ngettext("%(rows)s linha desfeita.", "%(rows)s linhas desfeitas.", rows) % {
            "rows": shown_number(rows)
        }


class DiscardView(ImportActionView):
    """Forget an import of which nothing was sent."""

    danger = True
    confirm_label = _("Descartar a importação")
    confirm_text = _(
        "Descartar esta importação? Nada foi enviado. O arquivo pode ser enviado de novo depois."
    )

    def act(self) -> Text:
        services.discard(batch=self.batch, by=self.by)
        return _("Importação descartada.")

    def get_success_url(self) -> str:
        return reverse("imports:list")


class ErrorFileView(OneImport):
    """The rows to correct, as they came, each with its line and what is wrong. Ready to be imported again."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponseBase:
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
