"""What a room says about an act on many rows. Every app's `bulk` module registers its own."""

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar, TypeVar

from django.db.models import Model, QuerySet
from django.forms import Form
from django.http.response import HttpResponseBase
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from smartbis_admin.staff.access import Access
from smartbis_admin.ui.navigation import may

Text = str | Promise


class ListAction:
    """Something that can be done with the rows picked in a list."""

    #: Unique in the program: `customers.add_tag`.
    name: ClassVar[str]
    label: ClassVar[Text]
    icon: ClassVar[str]
    access: ClassVar[Access]
    #: Whether its button may be pressed again on the same page, because it changes nothing.
    repeatable: ClassVar[bool] = False

    def is_for(self, user: Any) -> bool:
        """Whether this person may do it."""
        return may(user, self.access)


class AnswerAction(ListAction):
    """An act that only answers with something: a sheet to print, a file. Nothing is changed."""

    repeatable = True

    def answer(self, request: Any, rows: QuerySet[Any]) -> HttpResponseBase:
        """The response about the rows, which are in the list's order and at most `jobs.MOST`."""
        raise NotImplementedError


class BulkAction(ListAction):
    """An act that changes each row. People see a preview first; `perform` never gets a row left out.

    `values` are what the form asked for, as plain JSON; `{}` without a form.
    """

    model: ClassVar[type[Model]]
    #: What has to be known first, for instance which tag.
    form_class: ClassVar[type[Form] | None] = None
    danger: ClassVar[bool] = False
    #: Whether `undo` brings every changed row back to what it was.
    undoable: ClassVar[bool] = False
    #: Code of `leave_out` -> why these rows stay as they are, as the end of "12 clientes: …".
    reasons: ClassVar[Mapping[str, Text]] = {}

    def get_rows(self) -> QuerySet[Any]:
        """Rows of the model with what `show`, `leave_out` and `perform` need of others."""
        return self.model._base_manager.all()

    def values(self, form: Any) -> dict[str, Any]:
        """The valid form's answers as plain JSON."""
        return dict(form.cleaned_data)

    def describe(self, values: Mapping[str, Any]) -> Text:
        """What will happen, as a heading: `Pôr a etiqueta VIP`."""
        return self.label

    def show(self, row: Any) -> str:
        """A row as an example on the preview; nothing the person may not see."""
        return str(row)

    def leave_out(self, rows: Sequence[Any], values: Mapping[str, Any]) -> Mapping[Any, str]:
        """Primary key -> code in `reasons`, for rows nothing will happen to. At most one query or two."""
        return {}

    def perform(self, rows: Sequence[Any], values: Mapping[str, Any], *, by: Any) -> None:
        """Do it to these rows. Runs inside a transaction that may be repeated: our own database only."""
        raise NotImplementedError

    def undo(self, rows: Sequence[Any], values: Mapping[str, Any], *, by: Any) -> None:
        """Take it back on rows `perform` changed. Rows that changed since stay as they are now."""
        raise NotImplementedError


#: The row was deleted between the preview and the act.
GONE = "gone"
GONE_TEXT = _("não existem mais")
_ACTIONS: dict[str, BulkAction] = {}


A = TypeVar("A", bound=BulkAction)


def register(action: A) -> A:
    """Make an act known to the worker; returns it, for `ListView.bulk_actions`."""
    _ACTIONS[action.name] = action
    return action


def action_named(name: str) -> BulkAction | None:
    """The registered act of that name."""
    return _ACTIONS.get(name)
