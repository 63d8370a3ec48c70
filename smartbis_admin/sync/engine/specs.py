"""What a domain tells the engine about one mirror: its table, and which column holds which value.

The engine knows resources by name only; each domain registers its mirrors when its `sync` module is
loaded. Values that do not fit their column are cut or left out here, and said so as an issue, so that
one odd row never stops a page.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC
from decimal import Decimal, InvalidOperation
from functools import cached_property
from hashlib import blake2b
from operator import attrgetter
from typing import Any

import msgspec
from django.db import models
from django.db.models import QuerySet

from smartbis_admin.api.capabilities import Resource
from smartbis_admin.api.records import UNSET, Record
from smartbis_admin.connections.models import Connection
from smartbis_admin.sync.models import Mirrored

_encoder = msgspec.json.Encoder()
_LARGEST_INTEGER = 2**31 - 1


class Misfit(Exception):
    """A value does not fit its column. `kept` is what is stored instead; UNSET keeps what stands there."""

    def __init__(self, problem: str, kept: Any = UNSET) -> None:
        super().__init__(problem)
        self.problem = problem
        self.kept = kept


@dataclass(frozen=True)
class MirrorSpec:
    """One mirror: the listing, its table, and where each column's value comes from."""

    resource: Resource
    model: type[Mirrored]
    #: Column -> attribute of the record.
    columns: Mapping[str, str]
    #: Column -> how it is computed from the record (search keys and the like).
    derived: Mapping[str, Callable[[Any], Any]] = field(default_factory=dict)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The mirrored columns, in the order of every row of values."""
        return (*self.columns, *self.derived)

    @cached_property
    def _read(self) -> Callable[[Record], tuple[Any, ...]]:
        # With the id at the end, a getter of one column gives a tuple too.
        return attrgetter(*self.columns.values(), "remote_id")

    @cached_property
    def _fits(self) -> list[tuple[int, Callable[[Any], Any]]]:
        return [(place, _fit(self.model._meta.get_field(name))) for place, name in enumerate(self.names)]

    @cached_property
    def defaults(self) -> list[Any]:
        """What a new row holds in columns nothing is known of."""
        fields: list[Any] = [self.model._meta.get_field(name) for name in self.names]
        return [field.get_default() for field in fields]

    def rows(self, connection: Connection | None = None) -> QuerySet[Mirrored]:
        """The mirrored rows of a connection, or of all."""
        rows: QuerySet[Mirrored] = self.model._default_manager.order_by()
        return rows if connection is None else rows.filter(connection=connection)

    def values(self, record: Record) -> tuple[list[Any], list[tuple[str, str]]]:
        """The record as one row of column values, and (column, problem) of what did not fit.

        UNSET stays UNSET: the store puts what it knows in its place.
        """
        values = [*self._read(record)[:-1], *(make(record) for make in self.derived.values())]
        problems = []
        for place, fit in self._fits:
            value = values[place]
            if value is not None and value is not UNSET:
                try:
                    values[place] = fit(value)
                except Misfit as misfit:
                    values[place] = misfit.kept
                    if self.names[place] in self.columns:
                        problems.append((self.names[place], misfit.problem))
        return values, problems


def status_word(record: Any) -> Any:
    """The platform's own word for a status, kept only while it is none of ours; for `derived`."""
    if record.status_word is UNSET and record.status is not UNSET:
        return ""
    return record.status_word


def content_hash(values: list[Any]) -> bytes:
    """16 bytes that stand for one whole row of values (none UNSET)."""
    return blake2b(_encoder.encode(values), digest_size=16).digest()


_specs: dict[str, MirrorSpec] = {}


def register(spec: MirrorSpec) -> MirrorSpec:
    """Make a mirror known to the engine; called when a domain's `sync` module is loaded."""
    _specs[spec.resource] = spec
    return spec


def spec_of(resource: str) -> MirrorSpec:
    """The mirror of a resource. Raises `KeyError` for a word nobody registered."""
    return _specs[resource]


def resources(connection: Connection | None = None) -> list[Resource]:
    """Every registered resource a connection's platform lists (None: any), in the order of a whole run."""
    listed = Resource if connection is None else connection.spec.lists
    return [resource for resource in listed if resource in _specs]


def _fit(column: Any) -> Callable[[Any], Any]:
    """How a known value becomes exactly what the column gives back when it is read."""
    if isinstance(column, models.DecimalField):
        return _fit_decimal(column.max_digits or 0, column.decimal_places or 0)
    if isinstance(column, models.DateTimeField):
        return lambda value: value if value.tzinfo is UTC else value.astimezone(UTC)
    if isinstance(column, models.IntegerField):
        return _fit_integer
    if isinstance(column, models.CharField | models.TextField):
        return _fit_text(column.max_length)
    return lambda value: value


def _fit_text(limit: int | None) -> Callable[[str], str]:
    def fit(value: str) -> str:
        # A status word is a `str` of its own class, which the databases' drivers may read otherwise.
        text = str(value)
        if "\0" in text:
            raise Misfit("control_character", text.replace("\0", "")[:limit])
        if limit is not None and len(text) > limit:
            raise Misfit("too_long", text[:limit])
        return text

    return fit


def _fit_decimal(digits: int, places: int) -> Callable[[Decimal], Decimal]:
    step = Decimal(1).scaleb(-places)
    ceiling = Decimal(1).scaleb(digits - places)

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
        return rounded if rounded else abs(rounded)

    return fit


def _fit_integer(value: int) -> int:
    if not 0 <= value <= _LARGEST_INTEGER:
        raise Misfit("out_of_range")
    return value
