"""Wire shapes: a table of field names turned into records and single objects; `listings` reads whole pages.

A vendor's module declares its names with `Shape` and `Envelope`; everything here works
from those tables. It must not know any vendor, HTTP, or who asks. Source: `contracts/README.md` §3.2.
"""

import re
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Generic, NamedTuple, TypeVar
from zoneinfo import ZoneInfo

from smartbis_admin.api.columns import read_plain
from smartbis_admin.api.decode import NOT_JSON, VALUE, Doubtful, Reader, UnknownWord, Unreadable
from smartbis_admin.api.records import Page, Record, RowIssue

R = TypeVar("R", bound=Record)

_FIELD_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,63}")
#: Different unknown names kept per page; a reply keyed by ids would bring one per row.
_MAX_UNKNOWN = 50


class Field(NamedTuple):
    """Where a wire field goes and how it is read. `required` fields cost the row when unreadable."""

    name: str
    read: Reader
    #: What stands in a record for a doubtful value; without it the field is left out.
    otherwise: Any = None
    nullable: bool = True
    required: bool = False
    #: Field that keeps the vendor's own word when no alias names it.
    word: str = ""


class Envelope(NamedTuple):
    """Keys under which rows, a single object and the place in the list may lie, in order of trial."""

    page: tuple[str, ...]
    pages: tuple[str, ...]
    total: tuple[str, ...]
    meta: tuple[str, ...] = ("meta",)
    rows: tuple[str, ...] = ("data", "items", "results")
    single: tuple[str, ...] = ("data", "item", "result")


class Listing(NamedTuple, Generic[R]):
    """A page with its place in the list, as far as the platform says."""

    page: Page[R]
    page_number: int | None
    page_count: int | None


def camel(name: str) -> str:
    """`points_balance` -> `pointsBalance`."""
    head, *rest = name.split("_")
    return head + "".join(word.capitalize() for word in rest)


class Shape(Generic[R]):
    """One kind of object on the wire. `fields` maps its snake_case names; camelCase is understood too."""

    def __init__(
        self, record: Callable[..., R], *, singular: str, plural: str, fields: Mapping[str, Field]
    ) -> None:
        self.record = record
        self.singular = singular
        self.plural = plural
        self.fields = fields
        self._by_key = {camel(key): field for key, field in fields.items()} | dict(fields)
        self._required = [(key, field.name) for key, field in fields.items() if field.required]
        self._key_names = {
            spelling
            for key, field in fields.items()
            if field.name == "remote_id"
            for spelling in (key, camel(key))
        }

    def read(self, row: Mapping[str, Any], zone: ZoneInfo) -> tuple[dict[str, Any], list[RowIssue]]:
        """Return the readable values by our names, and what was wrong; at most one issue loses the row."""
        values: dict[str, Any] = {}
        problems: list[tuple[str, str, bool]] = []
        by_key = self._by_key
        for key, value in row.items():
            field = by_key.get(key)
            if field is None:
                continue
            if value is None and field.nullable:
                values[field.name] = None
                continue
            try:
                values[field.name] = field.read(value, zone)
            except Doubtful as doubt:
                if field.otherwise is not None:
                    values[field.name] = field.otherwise
                problems.append((field.name, str(doubt), False))
            except UnknownWord as unknown:
                values[field.name] = unknown.meaning
                if field.word:
                    values[field.word] = unknown.word
            except Unreadable as problem:
                problems.append((field.name, str(problem), True))
        for key, name in self._required:
            if name not in values and not any(problem[0] == name for problem in problems):
                problems.append((key, "missing", True))
        return values, self._issues(values, problems) if problems else []

    def _issues(self, values: Mapping[str, Any], problems: list[tuple[str, str, bool]]) -> list[RowIssue]:
        remote_id = values.get("remote_id")
        losses = [problem for problem in problems if problem[2]]
        return [
            RowIssue(remote_id=remote_id, field=name, problem=word, row_lost=lost)
            for name, word, lost in (losses[:1] or problems)
        ]

    def read_record(self, row: Any, zone: ZoneInfo) -> tuple[R | None, list[RowIssue]]:
        """Return the record of a row, or None with the issue that lost it."""
        if not isinstance(row, dict):
            return None, [RowIssue(remote_id=None, field="", problem="not_an_object")]
        values, issues = self.read(row, zone)
        if issues and issues[0].row_lost:
            return None, issues
        return self.record(**values), issues

    def read_alike(
        self, names: tuple[str, ...], rows: Sequence[Mapping[str, Any]], zone: ZoneInfo
    ) -> list[R | None]:
        """The records of rows that carry these names in this order, column by column.

        None stands for a row with anything odd in it: `read_record` has to look.
        """
        odd: set[int] = set()
        columns: dict[str, Sequence[Any]] = {}
        for name, values in zip(names, zip(*(row.values() for row in rows), strict=True), strict=True):
            field = self._by_key.get(name)
            if field is not None:
                columns[field.name] = _read_column(field, values, zone, odd)
        if any(name not in columns for _key, name in self._required):
            return [None] * len(rows)
        record, wanted = self.record, tuple(columns)
        return [
            None if place in odd else record(**dict(zip(wanted, values, strict=True)))
            for place, values in enumerate(zip(*columns.values(), strict=True))
        ]

    def is_one(self, row: Any) -> bool:
        """Tell whether a value is an object of this kind: it carries its id."""
        return isinstance(row, dict) and not self._key_names.isdisjoint(row)

    def unknown_and_missing(
        self, kinds: Mapping[tuple[str, ...], int]
    ) -> tuple[dict[str, int], frozenset[str]]:
        """From the names of each kind of row and how many came: names not described, and described ones
        that never came (none of these when no row came)."""
        carried: Counter[str] = Counter()
        for names, times in kinds.items():
            for name in names:
                carried[name] += times
        unknown: Counter[str] = Counter()
        for name, times in carried.items():
            if name not in self._by_key:
                known_form = _FIELD_NAME.fullmatch(name) and len(unknown) < _MAX_UNKNOWN
                unknown[name if known_form else "…"] += times
        missing = (key for key in self.fields if key not in carried and camel(key) not in carried)
        return dict(unknown), frozenset(missing if carried else ())


def _read_column(field: Field, values: Sequence[Any], zone: ZoneInfo, odd: set[int]) -> Sequence[Any]:
    """One column read; the places of values that are not plainly readable go into `odd`."""
    read, nullable = field.read, field.nullable
    try:
        plain = read_plain(read, values, nullable=nullable)
        if plain is not None:
            return plain
        return [None if value is None and nullable else read(value, zone) for value in values]
    except ValueError:
        found: list[Any] = []
    for place, value in enumerate(values):
        try:
            found.append(None if value is None and nullable else read(value, zone))
        except ValueError:
            found.append(None)
            odd.add(place)
    return found


def nested_reader(shape: Shape[Any]) -> Reader:
    """A reader of a list of objects inside another; what is unreadable in it is left out."""

    def read_nested(value: Any, zone: ZoneInfo) -> list[Any]:
        if value is None:
            return []
        if not isinstance(value, list):
            raise Unreadable("not_a_list")
        records = (shape.read_record(row, zone)[0] for row in value)
        return [record for record in records if record is not None]

    return read_nested


def read_single(body: bytes, *, shape: Shape[R], envelope: Envelope) -> dict[str, Any] | None:
    """The object a reply carries, bare or wrapped; None when it is JSON without such an object.

    Raises `ValueError` when the body is not JSON.
    """
    try:
        value = VALUE.decode(body)
    except NOT_JSON:
        raise ValueError("not_json") from None
    if not isinstance(value, dict):
        return None
    for key in (shape.singular, *envelope.single):
        inner = value.get(key)
        if isinstance(inner, dict):
            return inner
    return value
