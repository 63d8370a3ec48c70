"""Queries that are worked out once in a process; afterwards only their values are put in.

For the few questions that are asked at every scan of a till: there Django spends several times longer on turning
a wide query into SQL than the database on answering it. Knows Django's compiler and no model; what comes out are
the objects that the same query would give.
"""

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any, Generic, TypeVar

from django.db import connections, models
from django.db.models import Expression, Field, QuerySet
from django.db.models.query import get_related_populators

M = TypeVar("M", bound=models.Model)


class Slot(Expression):
    """The place of a value in a prepared query, as a field takes it."""

    def __init__(self, name: str, field: "Field[Any, Any]") -> None:
        super().__init__(output_field=field)
        self.name = name

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:  # type: ignore[override]
        # The place travels among the parameters, where a call finds it.
        return "%s", [self]

    def filled(self, value: Any, connection: Any) -> Any:
        """A value as the database's driver takes it."""
        return self.output_field.get_db_prep_value(value, connection)


class Prepared(Generic[M]):
    """A query of model objects. `build` makes it once, with a `Slot` wherever a call's value belongs."""

    def __init__(self, build: Callable[[], QuerySet[M, Any]]) -> None:
        self._build = build

    def __call__(self, **values: Any) -> list[M]:
        """The objects of the query for these values, each under the name of its slot."""
        plan = self._plan
        return [plan.made(row) for row in plan.rows(values)]

    def first(self, **values: Any) -> M | None:
        """The first of them."""
        return next(iter(self(**values)), None)

    def rows(self, **values: Any) -> list[Sequence[Any]]:
        """The rows of a query that names its columns (`values_list`)."""
        return self._plan.rows(values)

    @cached_property
    def _plan(self) -> "_Plan":
        return _Plan(self._build())


class _Plan:
    """The SQL of a query, and how its rows become objects. Shared by the threads of the process."""

    def __init__(self, queryset: QuerySet[Any, Any]) -> None:
        self._alias = queryset.db
        self._model = queryset.model
        compiler: Any = queryset.query.get_compiler(using=self._alias)
        self._sql, self._parameters = compiler.as_sql()
        self._converters = compiler.get_converters([column for column, *_more in compiler.select])
        shape = compiler.klass_info
        if shape is not None:
            fields = shape["select_fields"]
            self._columns = slice(fields[0], fields[-1] + 1)
            self._names = [column[0].target.attname for column in compiler.select[self._columns]]
            self._related = get_related_populators(shape, compiler.select, self._alias)  # type: ignore[call-arg]

    def rows(self, values: Mapping[str, Any]) -> list[Sequence[Any]]:
        """The rows as the columns' fields give them."""
        database = connections[self._alias]
        parameters = [
            item.filled(values[item.name], database) if isinstance(item, Slot) else item
            for item in self._parameters
        ]
        with database.cursor() as cursor:
            cursor.execute(self._sql, parameters)
            found = [list(row) for row in cursor.fetchall()]
        for place, (convert, column) in self._converters.items():
            for row in found:
                for converter in convert:
                    row[place] = converter(row[place], column, database)
        return found  # type: ignore[return-value]

    def made(self, row: Sequence[Any]) -> Any:
        """The object of a row, with what the query selects beside it."""
        made = self._model.from_db(self._alias, self._names, row[self._columns])
        for related in self._related:
            related.populate(row, made)
        return made
