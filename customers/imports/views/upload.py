"""A file is chosen, and its columns are; the list of all imports."""

from typing import Any, ClassVar

from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from openpyxl.utils import get_column_letter

from customers.imports import services
from customers.imports.fields import shown_cell
from customers.imports.filters import ImportFilter
from customers.imports.forms import ColumnsForm, UploadForm
from customers.imports.kinds import KINDS
from customers.imports.models import Import
from customers.imports.reading import MAX_BYTES, UnreadableFileError
from customers.imports.services import ImportRefusedError
from customers.imports.tables import ImportTable
from customers.imports.views.base import ACCESS, IMPORTS, OneImport
from customers.imports.words import REFUSALS, explain_file
from smartbis_admin.ui.navigation import Link, may
from smartbis_admin.ui.views import (
    Breadcrumbs,
    FormView,
    ListView,
)


class ImportListView(ListView):
    """Every import."""

    access = ACCESS
    queryset = Import.objects.defer("sample").select_related("created_by")
    table_class, filter_class = ImportTable, ImportFilter
    title = IMPORTS
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
        return [(IMPORTS, reverse("imports:list"))]

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
        self.require_rows()
        kwargs = super().get_form_kwargs() | {"batch": self.batch}
        kwargs.pop("initial")
        return kwargs

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        self.require_rows()
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
