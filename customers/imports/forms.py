"""The two forms of an import: the file, and which column is what."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _
from openpyxl.utils import get_column_letter

from customers.imports.fields import FIELDS, shown_cell
from customers.imports.models import Import
from customers.platforms import cpf_connections
from smartbis_admin.connections.models import Connection
from smartbis_admin.staff.models import Store


class UploadForm(forms.Form):
    """A file, and what it holds."""

    kind = forms.ChoiceField(
        label=_("O que o arquivo traz"),
        choices=Import.Kind.choices,
        widget=forms.RadioSelect,
        initial=Import.Kind.CUSTOMERS,
    )
    connection = forms.ModelChoiceField(
        label=_("Conexão"), queryset=Connection.objects.none(), empty_label=None
    )
    store = forms.ModelChoiceField(
        label=_("Loja"),
        queryset=Store.objects.filter(is_active=True),
        required=False,
        empty_label=_("Não informar"),
        help_text=_("Só para vendas: onde elas foram feitas."),
    )
    file = forms.FileField(
        label=_("Arquivo"),
        max_length=200,
        widget=forms.FileInput(
            attrs={"accept": ".csv,.txt,.tsv,.xlsx", "class": "drop-input", "data-drop-input": True}
        ),
        error_messages={
            "required": _("Escolha um arquivo."),
            "empty": _("O arquivo está vazio."),
        },
        help_text=_("CSV ou XLSX, até 20 MB e 100.000 linhas."),
    )

    def __init__(self, *args: Any, kinds: Sequence[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        kind: Any = self.fields["kind"]
        kind.choices = [choice for choice in kind.choices if choice[0] in kinds]
        active = cpf_connections()
        choice: Any = self.fields["connection"]
        choice.queryset, choice.initial = active, active.first()
        if len(active) == 1:
            choice.widget = forms.HiddenInput()


class ColumnsForm(forms.Form):
    """For each field of the kind, the column that holds it."""

    has_header = forms.BooleanField(label=_("A primeira linha traz os nomes das colunas"), required=False)

    def __init__(self, *args: Any, batch: Import, **kwargs: Any) -> None:
        kwargs.setdefault("initial", {"has_header": batch.has_header, **batch.mapping})
        super().__init__(*args, **kwargs)
        self._batch = batch
        choices = [("", _("Não usar")), *self._columns()]
        for field in FIELDS[batch.kind]:
            self.fields[field.name] = forms.TypedChoiceField(
                label=str(field.label),
                choices=choices,
                coerce=int,
                empty_value=None,
                required=field.required,
                error_messages={"required": _("Escolha a coluna.")},
            )
        self.order_fields([field.name for field in FIELDS[batch.kind]])

    def _columns(self) -> list[tuple[str, str]]:
        """Each column as its letter and the first things in it."""
        sample = self._batch.sample
        columns = []
        for column in range(len(sample[0])):
            filled = [shown_cell(row[column]) for row in sample if row[column]][:2]
            text = " · ".join([get_column_letter(column + 1), *filled])
            columns.append((str(column), text[:80]))
        return columns

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        used: dict[int, str] = {}
        for field in FIELDS[self._batch.kind]:
            column = data.get(field.name)
            if column is None:
                continue
            if column in used:
                self.add_error(field.name, _("Esta coluna já foi escolhida para outro campo."))
            used[column] = field.name
        return data

    @property
    def mapping(self) -> dict[str, int]:
        """Field -> column, as chosen."""
        chosen = {field.name: self.cleaned_data[field.name] for field in FIELDS[self._batch.kind]}
        return {name: column for name, column in chosen.items() if column is not None}
