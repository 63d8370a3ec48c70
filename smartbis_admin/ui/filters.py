"""Base of every list's filters: good widgets, and the active filters as removable chips.

Filters live in the URL. A filter named `q` is the list's search box.
"""

from typing import Any, NamedTuple

import django_filters as filters
from django.forms import BoundField, Field, HiddenInput, SearchInput, TextInput
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from django_filters.widgets import RangeWidget, SuffixedMultiWidget

from smartbis_admin.ui.formats import day
from smartbis_admin.ui.forms import DateInput

#: Parameters that say where in a list somebody is; any change of filter starts at page one.
POSITION = ("after", "before")
SEARCH = _("Buscar")
ALL = _("Todos")


class Chip(NamedTuple):
    """One active filter: its label, its value as text, and the query string without it."""

    label: str
    value: str
    without: str


class SearchFilter(filters.CharFilter):
    """The search box. Give `method=` and a `help_text` that says what may be typed."""

    def __init__(self, *args: Any, label: Any = SEARCH, help_text: Any = "", **kwargs: Any) -> None:
        widget = SearchInput(
            attrs={"placeholder": help_text or label, "autocomplete": "off", "spellcheck": "false"}
        )
        super().__init__(*args, label=label, widget=widget, **kwargs)


class TextFilter(filters.CharFilter):
    """Text, compared as `lookup_expr` says."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, widget=TextInput(attrs={"autocomplete": "off"}), **kwargs)


class ChoiceFilter(filters.ChoiceFilter):
    """One of some choices, or all of them."""

    def __init__(self, *args: Any, empty_label: Any = ALL, **kwargs: Any) -> None:
        super().__init__(*args, empty_label=empty_label, **kwargs)


class ModelChoiceFilter(filters.ModelChoiceFilter):
    """One row of another table, or all of them."""

    def __init__(self, *args: Any, empty_label: Any = ALL, **kwargs: Any) -> None:
        super().__init__(*args, empty_label=empty_label, **kwargs)


class PickedInput(HiddenInput):
    """Carries a row chosen by a link: no field to fill in, but a chip that says and removes it."""


class PickedFilter(filters.ModelChoiceFilter):
    """One row that a link elsewhere names by its key: "all sales of this customer"."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, widget=PickedInput, **kwargs)


class DateRangeWidget(RangeWidget):
    """Two date pickers, each with its own name for people who do not see them side by side."""

    template_name = "ui/widgets/date_range.html"
    suffixes = ("from", "to")

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        pickers = (DateInput({"aria-label": _("De")}), DateInput({"aria-label": _("Até")}))
        SuffixedMultiWidget.__init__(self, pickers, attrs)


class DateRangeFilter(filters.DateFromToRangeFilter):
    """From a day to a day, both included, in the local time zone."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, widget=DateRangeWidget(), **kwargs)


class FilterSet(filters.FilterSet):
    """Base of every list's filters. An unreadable filter shows nothing rather than everything."""

    @property
    def qs(self) -> Any:
        return super().qs if self.form.is_valid() else self.queryset.none()

    @property
    def search(self) -> Any:
        """The search box's bound field, or None."""
        return self.form["q"] if "q" in self.form.fields else None

    @property
    def others(self) -> list[Any]:
        """All fields but the search box and hidden ones: those say how the list looks, and are kept."""
        return [field for field in self.form.visible_fields() if field.name != "q"]

    @property
    def chips(self) -> list[Chip]:
        """The filters in force, unreadable ones included, so that each can be removed."""
        cleaned = self.form.cleaned_data if self.form.is_valid() else {}
        chips = []
        for bound in self._narrowing():
            typed = self._typed(bound)
            if typed:
                text = self._text(bound.field, cleaned.get(bound.name)) or " ".join(typed.values())
                chips.append(Chip(str(bound.label), text, without(self.data, *typed)))
        return chips

    @property
    def clear_url(self) -> str:
        """The query string without any filter."""
        names = [name for bound in self._narrowing() for name in self._typed(bound)]
        return without(self.data, *names)

    @property
    def others_active(self) -> bool:
        """Whether any filter but the search box is in force."""
        return any(self._typed(bound) for bound in self.others)

    def _narrowing(self) -> list[BoundField]:
        """The fields that narrow the list down: all but those that say how it looks."""
        picked = [field for field in self.form.hidden_fields() if isinstance(field.field.widget, PickedInput)]
        return [*picked, *self.form.visible_fields()]

    def _typed(self, bound: BoundField) -> dict[str, str]:
        """The parameters of one filter as they stand in the URL, empty ones left out."""
        suffixes = getattr(bound.field.widget, "suffixes", None)
        names = [f"{bound.name}_{suffix}" for suffix in suffixes] if suffixes else [bound.name]
        return {name: self.data[name] for name in names if self.data.get(name)}

    @staticmethod
    def _text(field: Field, value: Any) -> str:
        if value in (None, ""):
            return ""
        if isinstance(value, slice):
            first, last = value.start, value.stop
            if first and last:
                return _("%(first)s a %(last)s") % {"first": day(first), "last": day(last)}
            return (
                _("desde %(day)s") % {"day": day(first)} if first else _("até %(day)s") % {"day": day(last)}
            )
        if isinstance(value, bool):
            return str(_("Sim") if value else _("Não"))
        if hasattr(value, "_meta"):
            return str(value)
        labels = {str(key): str(label) for key, label in getattr(field, "choices", ())}
        return labels.get(str(value), str(value))


def without(query: QueryDict, *names: str) -> str:
    """The query string without these parameters and without a position, beginning with `?`."""
    rest = query.copy()
    for name in (*names, *POSITION, "export"):
        rest.pop(name, None)
    return f"?{rest.urlencode()}"
