"""Statements that are worked out once in a process; afterwards only their values are put in.

For the few that every scan of a till needs: there Django spends several times longer on turning a wide query
into SQL than the database on answering it. PostgreSQL plans them once in a connection too. Knows Django's
compiler and no model; what they give and change is what the same query set would.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import cached_property
from itertools import chain
from typing import Any, Generic, TypeVar

from django.db import connections, models, router, transaction
from django.db.models import Expression, Field, QuerySet
from django.db.models.query import get_related_populators
from django.db.models.sql import UpdateQuery
from psycopg import Cursor

M = TypeVar("M", bound=models.Model)


class Slot(Expression):
    """The place of a value in a prepared query, as a field takes it."""

    def __init__(self, name: str, field: "Field[Any, Any]") -> None:
        super().__init__(output_field=field)
        self.name = name
        self._is_plain = _is_plain(field)

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, list[Any]]:  # type: ignore[override]
        # The place travels among the parameters, where a call finds it.
        return "%s", [self]

    def filled(self, value: Any, connection: Any) -> Any:
        """A value as the database's driver takes it."""
        if self._is_plain and connection.vendor == "postgresql":
            return value
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
            self._annotations = [*(compiler.annotation_col_map or {}).items()]

    def rows(self, values: Mapping[str, Any]) -> list[Sequence[Any]]:
        """The rows as the columns' fields give them."""
        database = connections[self._alias]
        rows, _count = executed(database, self._sql, _filled(self._parameters, values, database))
        if not self._converters:
            return rows
        found = [list(row) for row in rows]
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
        for name, place in self._annotations:
            setattr(made, name, row[place])
        return made


class PreparedUpdate:
    """`update()` of some rows. `build` gives the rows, once; what they are set to may hold slots too."""

    def __init__(self, build: Callable[[], QuerySet[Any, Any]], **changes: Any) -> None:
        self._build, self._changes = build, changes

    def __call__(self, **values: Any) -> int:
        """Set them; returns how many rows there were."""
        alias, sql, parameters = self._plan
        database = connections[alias]
        _rows, count = executed(database, sql, _filled(parameters, values, database))
        return count

    @cached_property
    def _plan(self) -> tuple[str, str, Sequence[Any]]:
        queryset = self._build()
        query: Any = queryset.query.chain(UpdateQuery)
        query.add_update_values(self._changes)
        return queryset.db, *query.get_compiler(using=queryset.db).as_sql()


class PreparedInsert:
    """`save(force_insert=True)` of one new row of each of these models, all or none; their keys are known before."""

    def __init__(self, *kinds: type[models.Model]) -> None:
        self._kinds = kinds

    def __call__(self, *rows: models.Model) -> None:
        """Insert the rows, in the order of the models. What the database refuses leaves the caller's transaction
        whole."""
        alias, statements, together, columns = self._plan
        database = connections[alias]
        values = [
            [
                getattr(row, field.attname)
                if is_plain
                else field.get_db_prep_save(field.pre_save(row, add=True), database)
                for field, is_plain in fields
            ]
            for row, fields in zip(rows, columns, strict=True)
        ]
        whole: AbstractContextManager[Any] = transaction.atomic(alias)
        if together and not database.in_atomic_block:
            statements, values, whole = [together], [[*chain.from_iterable(values)]], nullcontext()
        with whole:
            for sql, given in zip(statements, values, strict=True):
                executed(database, sql, given)
        for row in rows:
            row._state.adding, row._state.db = False, alias

    @cached_property
    def _plan(self) -> tuple[str, list[str], str, list[list[tuple[Any, bool]]]]:
        """Where, one statement for each row, on PostgreSQL one for all (that is a transaction of its own, and one
        way to the database instead of four), and the columns."""
        alias = router.db_for_write(self._kinds[0])
        database = connections[alias]
        statements = [_insertion(kind._meta, database.ops.quote_name) for kind in self._kinds]
        is_postgres = database.vendor == "postgresql"
        columns = [
            [(field, is_postgres and _is_plain(field)) for field in kind._meta.concrete_fields]
            for kind in self._kinds
        ]
        if not is_postgres:
            return alias, statements, "", columns
        *first, last = statements
        parts = ", ".join(f"part{number} AS ({sql})" for number, sql in enumerate(first))
        return alias, statements, f"WITH {parts} {last}" if parts else last, columns


def _insertion(meta: Any, quote: Callable[[str], str]) -> str:
    columns = ", ".join(quote(field.column) for field in meta.concrete_fields)
    marks = ", ".join(["%s"] * len(meta.concrete_fields))
    return f"INSERT INTO {quote(meta.db_table)} ({columns}) VALUES ({marks})"  # noqa: S608


#: Whose values PostgreSQL's driver takes as they stand in an object.
_PLAIN = frozenset(
    {
        models.BigAutoField,
        models.BigIntegerField,
        models.BooleanField,
        models.CharField,
        models.DateTimeField,
        models.DecimalField,
        models.PositiveSmallIntegerField,
        models.SmallIntegerField,
        models.TextField,
        models.UUIDField,
    }
)


def _is_plain(field: Any) -> bool:
    """Whether asking the field how to write a value would, on PostgreSQL, only give the value back."""
    if isinstance(field, models.ForeignKey):
        return type(field.target_field) in _PLAIN
    return type(field) in _PLAIN and not (
        getattr(field, "auto_now", False) or getattr(field, "auto_now_add", False)
    )


def executed(database: Any, sql: str, values: Sequence[Any]) -> tuple[list[Sequence[Any]], int]:
    """Execute a statement that comes again and again in the same words; its rows, and how many it touched."""
    if database.vendor != "postgresql" or database.queries_logged or database.execute_wrappers:
        with database.cursor() as cursor:
            cursor.execute(sql, values)
            return (cursor.fetchall() if cursor.description else []), cursor.rowcount
    # Django's own cursor puts the values into the text, so that PostgreSQL would plan each statement anew; and
    # what it wraps around the driver's takes as long as the driver itself.
    database.validate_no_broken_transaction()
    database.ensure_connection()
    with database.wrap_database_errors:
        bare = Cursor(database.connection)
        bare.execute(sql, values, prepare=True)
        gives_rows = bare.pgresult is not None and bare.pgresult.nfields
        return (bare.fetchall() if gives_rows else []), bare.rowcount


def _filled(parameters: Iterable[Any], values: Mapping[str, Any], database: Any) -> list[Any]:
    return [
        item.filled(values[item.name], database) if isinstance(item, Slot) else item for item in parameters
    ]
