"""What a domain tells the engine about one mirror: its table, and which column holds which value.

The engine knows resources by name only; each domain registers its mirrors when its `sync` module is
loaded. Values that do not fit their column are cut or left out here, and said so as an issue, so that
one odd row never stops a page.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC
from decimal import Decimal, InvalidOperation
from functools import cached_property
from hashlib import blake2b
from itertools import repeat
from operator import attrgetter
from typing import Any, NamedTuple

import msgspec
from django.db import models
from django.db.models import QuerySet

from smartbis_admin.api.capabilities import Resource
from smartbis_admin.api.records import UNSET, Record, UnsetType
from smartbis_admin.connections.models import Connection
from smartbis_admin.sync.models import Mirrored

_encoder = msgspec.json.Encoder()
_LARGEST_INTEGER = 2**31 - 1
_NOTHING_KNOWN = frozenset({type(None), UnsetType})


class Misfit(Exception):
    """A value does not fit its column. `kept` is what is stored instead; UNSET keeps what stands there."""

    def __init__(self, problem: str, kept: Any = UNSET) -> None:
        super().__init__(problem)
        self.problem = problem
        self.kept = kept


class Contents(NamedTuple):
    """Some records as rows of column values, in the order of the records."""

    rows: list[tuple[Any, ...]]
    #: (place of the record, column, problem) of every value that did not fit.
    problems: list[tuple[int, str, str]]
    #: Some value is UNSET: the store puts what it knows in its place.
    partial: bool


class Move(NamedTuple):
    """A row whose followed column changed."""

    remote_id: str
    before: Any
    after: Any


@dataclass(frozen=True)
class Follow:
    """A column whose every change a domain keeps, whoever made it and however many there are."""

    column: str
    #: Whether a connection's platform tells it at all: others cost nothing.
    told_by: Callable[[Connection], bool]
    #: Called in the transaction that stores the rows.
    note: Callable[[Connection, Sequence[Move]], None]


class _Fit(NamedTuple):
    """How the known values of a column become exactly what the column gives back when it is read."""

    #: All of them at once, or None when one of them needs a look. Asked first, because nearly always they fit.
    all: Callable[[Sequence[Any]], Sequence[Any] | None]
    one: Callable[[Any], Any]


@dataclass(frozen=True)
class MirrorSpec:
    """One mirror: the listing, its table, and where each column's value comes from."""

    resource: Resource
    model: type[Mirrored]
    #: Column -> attribute of the record.
    columns: Mapping[str, str]
    #: Column -> how it is computed from the record (search keys and the like).
    derived: Mapping[str, Callable[[Any], Any]] = field(default_factory=dict)
    follow: Follow | None = None

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The mirrored columns, in the order of every row of values."""
        return (*self.columns, *self.derived)

    @cached_property
    def _read(self) -> Callable[[Record], tuple[Any, ...]]:
        # With the id at the end, a getter of one column gives a tuple too.
        return attrgetter(*self.columns.values(), "remote_id")

    @cached_property
    def _fits(self) -> list[_Fit]:
        return [_fit(self.model._meta.get_field(name)) for name in self.names]

    @cached_property
    def defaults(self) -> list[Any]:
        """What a new row holds in columns nothing is known of."""
        fields: list[Any] = [self.model._meta.get_field(name) for name in self.names]
        return [field.get_default() for field in fields]

    def rows(self, connection: Connection | None = None) -> QuerySet[Mirrored]:
        """The mirrored rows of a connection, or of all."""
        rows: QuerySet[Mirrored] = self.model._default_manager.order_by()
        return rows if connection is None else rows.filter(connection=connection)

    def contents(self, records: Sequence[Record]) -> Contents:
        """The records as rows of column values, worked out column by column."""
        columns: list[Sequence[Any]] = [*zip(*map(self._read, records), strict=True)]
        # The id is no column.
        columns.pop()
        columns += [[make(record) for record in records] for make in self.derived.values()]
        problems: list[tuple[int, str, str]] = []
        partial = False
        for number, (column, fit) in enumerate(zip(columns, self._fits, strict=True)):
            # Looked for by type, because comparing a Decimal with anything takes long.
            kinds = {*map(type, column)}
            whole = kinds.isdisjoint(_NOTHING_KNOWN)
            known = column if whole else [value for value in column if type(value) not in _NOTHING_KNOWN]
            fitted = fit.all(known)
            if fitted is None:
                columns[number] = self._fitted(self.names[number], column, fit.one, problems)
                kinds = {*map(type, columns[number])}
            elif fitted is not known:
                following = iter(fitted)
                columns[number] = [
                    value if type(value) in _NOTHING_KNOWN else next(following) for value in column
                ]
            partial |= UnsetType in kinds
        return Contents([*zip(*columns, strict=True)], problems, partial)

    def _fitted(
        self,
        name: str,
        column: Sequence[Any],
        fit: Callable[[Any], Any],
        problems: list[tuple[int, str, str]],
    ) -> list[Any]:
        fitted = []
        for place, value in enumerate(column):
            try:
                fitted.append(value if value is None or value is UNSET else fit(value))
            except Misfit as misfit:
                fitted.append(misfit.kept)
                if name in self.columns:
                    problems.append((place, name, misfit.problem))
        return fitted


def status_word(record: Any) -> Any:
    """The platform's own word for a status, kept only while it is none of ours; for `derived`."""
    if record.status_word is UNSET and record.status is not UNSET:
        return ""
    return record.status_word


def content_hashes(rows: Sequence[Sequence[Any]]) -> list[bytes]:
    """For each row of values (none UNSET) 16 bytes that stand for the whole of it."""
    # As JSON, in which a line break within a value is written otherwise.
    lines = _encoder.encode_lines(rows).split(b"\n")
    return [blake2b(line, digest_size=16).digest() for line in lines[: len(rows)]]


_specs: dict[str, MirrorSpec] = {}


def register(spec: MirrorSpec) -> MirrorSpec:
    """Make a mirror known to the engine; called when a domain's `sync` module is loaded."""
    _specs[spec.resource] = spec
    return spec


def spec_of(resource: str) -> MirrorSpec:
    """The mirror of a resource. Raises `KeyError` for a word nobody registered."""
    return _specs[resource]


def resource_of(model: type[models.Model]) -> Resource:
    """The list a mirror's rows come from. Raises `KeyError` for a table that is no mirror."""
    for resource, spec in _specs.items():
        if spec.model is model:
            return Resource(resource)
    raise KeyError(model)


def resources(connection: Connection | None = None) -> list[Resource]:
    """Every registered resource a connection's platform lists (None: any), in the order of a whole run."""
    listed = Resource if connection is None else connection.lists
    return [resource for resource in listed if resource in _specs]


def _fit(column: Any) -> _Fit:
    if isinstance(column, models.DecimalField):
        return _fit_decimal(column.max_digits or 0, column.decimal_places or 0)
    if isinstance(column, models.DateTimeField):
        return _Fit(_all_in_utc, lambda value: value.astimezone(UTC))
    if isinstance(column, models.IntegerField):
        return _Fit(_all_counts, _fit_integer)
    if isinstance(column, models.CharField | models.TextField):
        return _fit_text(column.max_length)
    return _Fit(lambda values: values, lambda value: value)


def _all_in_utc(values: Sequence[Any]) -> Sequence[Any] | None:
    return values if all(value.tzinfo is UTC for value in values) else None


def _all_counts(values: Sequence[Any]) -> Sequence[Any] | None:
    fit = not values or (
        {*map(type, values)} == {int} and min(values) >= 0 and max(values) <= _LARGEST_INTEGER
    )
    return values if fit else None


def _fit_text(limit: int | None) -> _Fit:
    def all_fit(values: Sequence[Any]) -> Sequence[Any] | None:
        # A status word is a `str` of its own class, which the databases' drivers may read otherwise.
        fit = not values or (
            {*map(type, values)} == {str}
            and (limit is None or max(map(len, values)) <= limit)
            and "\0" not in "".join(values)
        )
        return values if fit else None

    def fit(value: str) -> str:
        text = str(value)
        if "\0" in text:
            raise Misfit("control_character", text.replace("\0", "")[:limit])
        if limit is not None and len(text) > limit:
            raise Misfit("too_long", text[:limit])
        return text

    return _Fit(all_fit, fit)


def _fit_decimal(digits: int, places: int) -> _Fit:
    step = Decimal(1).scaleb(-places)
    ceiling = Decimal(1).scaleb(digits - places)
    zero = Decimal(0).quantize(step)

    def fit_all(values: Sequence[Decimal]) -> Sequence[Decimal] | None:
        try:
            rounded = [*map(Decimal.quantize, values, repeat(step))]
        except InvalidOperation:
            return None
        if rounded != [*values] or (rounded and not -ceiling < min(rounded) <= max(rounded) < ceiling):
            return None
        # As below.
        return [value or zero for value in rounded]

    def fit(value: Decimal) -> Decimal:
        try:
            rounded = value.quantize(step)
        except InvalidOperation:
            raise Misfit("out_of_range") from None
        if not -ceiling < rounded < ceiling:
            raise Misfit("out_of_range")
        if rounded != value:
            raise Misfit("too_many_decimals", rounded)
        # Zero with a sign would read back as plain zero and look changed for ever.
        return rounded or zero

    return _Fit(fit_all, fit)


def _fit_integer(value: int) -> int:
    if not 0 <= value <= _LARGEST_INTEGER:
        raise Misfit("out_of_range")
    return value
