"""What can be done with many customers at once."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from django import forms
from django.utils.translation import gettext_lazy as _

from customers import tags
from customers.models import Customer, Tag
from smartbis_admin.staff.access import Access
from smartbis_admin.ui.bulk import BulkAction, register


class TagForm(forms.Form):
    """Which tag."""

    tag = forms.ModelChoiceField(label=_("Etiqueta"), queryset=Tag.objects.none(), empty_label=_("Escolha"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field: Any = self.fields["tag"]
        field.queryset = tags.tags_in_use()


class TagAction(BulkAction):
    """Base of the two acts with tags."""

    access, model, icon = Access.CARE_FOR_CUSTOMERS, Customer, "tag"
    form_class: ClassVar[type[forms.Form] | None] = TagForm
    undoable = True

    def values(self, form: Any) -> dict[str, Any]:
        tag: Tag = form.cleaned_data["tag"]
        return {"tag": tag.pk, "name": tag.name}


class AddTag(TagAction):
    """Put a tag on customers."""

    name, label = "customers.add_tag", _("Pôr etiqueta")
    reasons = {"has_it": _("já têm a etiqueta")}

    def describe(self, values: Mapping[str, Any]) -> str:
        return _("Pôr a etiqueta %(tag)s") % {"tag": values["name"]}

    def leave_out(self, rows: Sequence[Any], values: Mapping[str, Any]) -> dict[Any, str]:
        return dict.fromkeys(tags.bearers(values["tag"], rows), "has_it")

    def perform(self, rows: Sequence[Any], values: Mapping[str, Any], *, by: Any) -> None:
        tags.add_tag(tag_id=values["tag"], customers=rows, by=by)

    def undo(self, rows: Sequence[Any], values: Mapping[str, Any], *, by: Any) -> None:
        tags.undo_add(tag_id=values["tag"], customers=rows, by=by)


class RemoveTag(TagAction):
    """Take a tag off customers."""

    name, label = "customers.remove_tag", _("Tirar etiqueta")
    reasons = {"has_not": _("não têm a etiqueta")}

    def describe(self, values: Mapping[str, Any]) -> str:
        return _("Tirar a etiqueta %(tag)s") % {"tag": values["name"]}

    def leave_out(self, rows: Sequence[Any], values: Mapping[str, Any]) -> dict[Any, str]:
        has = tags.bearers(values["tag"], rows)
        return {row.pk: "has_not" for row in rows if row.pk not in has}

    def perform(self, rows: Sequence[Any], values: Mapping[str, Any], *, by: Any) -> None:
        tags.remove_tag(tag_id=values["tag"], customers=rows, by=by)

    def undo(self, rows: Sequence[Any], values: Mapping[str, Any], *, by: Any) -> None:
        tags.undo_remove(tag_id=values["tag"], customers=rows, by=by)


ADD_TAG = register(AddTag())
REMOVE_TAG = register(RemoveTag())
