"""Base of every table and the columns the lists are made of.

`render` is what the screen shows; `value` is what an export gets: the plain Decimal, date or text.
"""

from collections.abc import Mapping
from typing import Any

import django_tables2 as tables
from django.db.models import QuerySet
from django.template.loader import render_to_string
from django_tables2.rows import BoundRows
from django_tables2.utils import A

from smartbis_admin.ui import formats

_RIGHT = {"th": {"class": "text-end"}, "td": {"class": "text-end num"}}


class Table(tables.Table):
    """Base of every list. Set `order_by` in Meta for the order a list opens with."""

    #: Whether it stands on a list screen, whose part htmx may replace.
    in_list = False
    #: Whether its rows can be picked.
    pickable = False

    def ordered(self) -> QuerySet[Any]:
        """The rows in the table's order, none of them fetched yet."""
        return self.data.data

    def show(self, rows: list[Any]) -> None:
        """Show these rows, already in order, instead of the whole queryset."""
        self._shown = BoundRows(data=rows, table=self)
        self.in_list = True

    @property
    def paginated_rows(self) -> BoundRows:
        """The rows a template shows."""
        return getattr(self, "_shown", self.rows)


class Column(tables.Column):
    """A plain column."""


class LinkColumn(tables.Column):
    """A column that leads to the row's page: `LinkColumn("rewards:detail")`."""

    def __init__(self, url_name: str, *, arg: str = "pk", **kwargs: Any) -> None:
        super().__init__(linkify=(url_name, {arg: A(arg)}), **kwargs)


class NumberColumn(tables.Column):
    """A number, right-aligned."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("attrs", _RIGHT)
        super().__init__(**kwargs)

    def render(self, value: Any) -> str:
        return formats.number(value)

    def value(self, value: Any) -> Any:
        return value


class PointsColumn(NumberColumn):
    """Points; the header names the unit."""


class MoneyColumn(NumberColumn):
    """An amount in BRL."""

    def render(self, value: Any) -> str:
        return formats.money(value)


class DateColumn(tables.Column):
    """A day."""

    def render(self, value: Any) -> str:
        return formats.day(value)

    def value(self, value: Any) -> Any:
        return value


class DateTimeColumn(DateColumn):
    """A moment in the local time zone."""

    def render(self, value: Any) -> str:
        return formats.datetime_local(value)


class AgeColumn(DateColumn):
    """How long ago; the exact moment is one hover away and goes into exports."""

    def render(self, value: Any) -> str:
        return render_to_string("ui/age.html", {"value": value})


class StatusColumn(tables.Column):
    """A status as icon and word. `looks` maps the stored value to (tone, icon) or (tone, icon, word).

    Tones: neutral, info, success, warning, danger. Without a word the field's choice label is shown.
    """

    def __init__(self, looks: Mapping[Any, tuple[Any, ...]], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.looks = looks

    def render(self, value: Any, record: Any) -> str:
        tone, icon, *_ = self._look(record)
        return render_to_string(
            "ui/status_badge.html", {"label": self.value(value, record), "tone": tone, "icon": icon}
        )

    def value(self, value: Any, record: Any) -> str:
        return str((*self._look(record), value)[2])

    def _look(self, record: Any) -> tuple[Any, ...]:
        return self.looks[A(self.accessor).resolve(record)]


class MaskedCpfColumn(tables.Column):
    """A CPF, always masked, in exports too."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("orderable", False)
        super().__init__(attrs={"td": {"class": "num text-nowrap"}}, **kwargs)

    def render(self, value: str) -> str:
        return formats.mask_cpf(value)


class PhoneColumn(tables.Column):
    """A phone as people write it."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("orderable", False)
        super().__init__(attrs={"td": {"class": "num text-nowrap"}}, **kwargs)

    def render(self, value: str) -> str:
        return formats.phone(value)
