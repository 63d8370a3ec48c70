"""Files of sales as the bridge prints them: uploaded, previewed, imported in the background, errors given back."""

from collections.abc import Iterator
from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django_htmx.http import HttpResponseClientRefresh

from customers.bridge import files
from customers.bridge.files import FileRefusedError
from customers.bridge.filters import PosFileFilter
from customers.bridge.forms import FileForm
from customers.bridge.models import PosFile
from customers.bridge.tables import FILE_LOOKS, PosFileTable
from customers.bridge.views.base import DECIDE, SALES
from customers.bridge.words import COLUMNS, explain_file, explain_row
from customers.imports.fields import shown_cell
from customers.imports.reading import MAX_BYTES
from smartbis_admin.staff.services import audit
from smartbis_admin.ui.export import csv_response
from smartbis_admin.ui.navigation import Link
from smartbis_admin.ui.views import (
    AccessMixin,
    ActionView,
    Breadcrumbs,
    FormView,
    ListView,
    TemplateView,
    Text,
)

FILES = _("Arquivos de vendas")
ROWS = PosFile.objects.select_related("bridge__connection", "created_by")


class PosFileListView(ListView):
    """Every file of sales."""

    access = DECIDE
    queryset = ROWS
    table_class, filter_class = PosFileTable, PosFileFilter
    template_name = "bridge/plain_list.html"
    title = FILES
    actions: ClassVar[tuple[Link, ...]] = (Link(_("Importar arquivo"), "upload", "bridge:upload", DECIDE),)
    empty_title = _("Nenhum arquivo ainda")
    empty_text = _(
        "Traga as vendas de um arquivo impresso pelo SmartPOS: você confere tudo antes de importar."
    )

    def get_breadcrumbs(self) -> Breadcrumbs:
        return [(SALES, reverse("bridge:list"))]


class UploadView(FormView):
    """Choose a file. The same file again leads to its first upload."""

    access = DECIDE
    form_class = FileForm
    template_name = "bridge/upload.html"
    title = _("Importar arquivo de vendas")
    submit_label = _("Ver a pré-visualização")

    def get_breadcrumbs(self) -> Breadcrumbs:
        return [(SALES, reverse("bridge:list")), (FILES, reverse("bridge:files"))]

    @property
    def cancel_url(self) -> str:
        return reverse("bridge:files")

    def save(self, form: FileForm) -> PosFile:
        asked = form.cleaned_data
        if asked["file"].size > MAX_BYTES:
            raise ValidationError({"file": explain_file("too_large", "")})
        try:
            file, new = files.upload(
                bridge=asked["bridge"],
                name=asked["file"].name,
                content=asked["file"].read(),
                by=self.request.user,  # type: ignore[arg-type]
            )
        except FileRefusedError as error:
            raise ValidationError({"file": explain_file(error.reason, error.field)}) from None
        if not new:
            self.success_message = _("Este arquivo já tinha sido enviado: aqui está ele.")
        return file

    def get_success_url(self) -> str:
        return reverse("bridge:file", args=[self.result.pk])


class OneFile(AccessMixin):
    """Base of what is done about one file, `self.file`."""

    abstract = True
    access = DECIDE

    @cached_property
    def file(self) -> PosFile:
        return get_object_or_404(ROWS, pk=self.kwargs["pk"])

    def get_title(self) -> Text:
        return self.file.name

    def get_success_url(self) -> str:
        return reverse("bridge:file", args=[self.kwargs["pk"]])

    def get_breadcrumbs(self) -> Breadcrumbs:
        return [(SALES, reverse("bridge:list")), (FILES, reverse("bridge:files"))]


class PosFileDetailView(OneFile, TemplateView):
    """One file: the preview before, the progress during, the outcome after."""

    template_name = "bridge/file.html"

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.htmx and self.file.state in PosFile.OVER:  # type: ignore[attr-defined]
            return HttpResponseClientRefresh()
        return super().get(request, *args, **kwargs)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        file = self.file
        tone, icon = FILE_LOOKS[PosFile.State(file.state)]
        errors = list(file.errors.order_by("number")[:20])
        context: dict[str, Any] = {
            "file": file,
            "tone": tone,
            "icon": icon,
            "columns": [COLUMNS[name] for name in file.columns],
            "problem": explain_file(file.reason, "") if file.reason else "",
            "errors": [(row.number, explain_row(row.field, row.reason)) for row in errors],
        }
        if file.state == PosFile.State.PREVIEW:
            context |= self._preview()
        return super().get_context_data(**context, **kwargs)

    def _preview(self) -> dict[str, Any]:
        shown = files.preview(self.file)
        rows = [
            {
                "number": row.number,
                "record": row.record,
                "is_known": row.is_known,
                "problem": "" if row.record else explain_row(row.field, row.reason),
                "cells": " · ".join(shown_cell(cell) for cell in row.cells if cell),
            }
            for row in shown.rows
        ]
        return {"rows": rows, "good": shown.good, "bad": shown.bad}


class FileAct(OneFile, ActionView):
    """Base of what may be done about a previewed file. Implement `act`."""

    abstract = True

    def act(self) -> Text:
        raise NotImplementedError

    def perform(self) -> Text:
        try:
            return self.act()
        except FileRefusedError as error:
            raise ValidationError(explain_file(error.reason, error.field)) from None


class FileStartView(FileAct):
    """Import it."""

    def act(self) -> Text:
        files.start(file=self.file, by=self.request.user)  # type: ignore[arg-type]
        return _("Importação iniciada. O andamento aparece aqui, mesmo se você sair da página.")


class FileDiscardView(FileAct):
    """Forget it."""

    danger = True
    confirm_label = _("Descartar arquivo")
    confirm_text = _("Descartar este arquivo? Nada foi importado.")

    def act(self) -> Text:
        files.discard(file=self.file, by=self.request.user)  # type: ignore[arg-type]
        return _("Arquivo descartado.")

    def get_success_url(self) -> str:
        return reverse("bridge:files")


class FileErrorsView(OneFile):
    """The rows that could not be imported, as they came, each with its line and what is wrong."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponseBase:
        file = self.file
        audit(actor=request.user, action="bridge.file_errors_exported", subject=f"pos_file:{file.pk}")  # type: ignore[arg-type]
        return csv_response(_error_rows(file), str(_("Linhas para corrigir")))


def _error_rows(file: PosFile) -> Iterator[list[Any]]:
    heading: list[str] = list(file.header)
    yield [*heading, str(_("Linha")), str(_("Problema"))]
    for error, cells in files.error_lines(file):
        filling = [""] * (len(heading) - len(cells))
        yield [*cells, *filling, error.number, explain_row(error.field, error.reason)]
