"""Wire shapes: a table of field names turned into records, pages and single objects.

A vendor's module declares its names with `Shape` and `Envelope`; everything here works
from those tables. It must not know any vendor, HTTP, or who asks. Each row of a page is decoded
apart, so that one bad row is one issue. Source: `contracts/README.md` §3.2.
"""

import re
from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Any, Generic, NamedTuple, TypeVar
from zoneinfo import ZoneInfo

import msgspec

from smartbis_admin.api.decode import NOT_JSON, VALUE, Doubtful, Reader, UnknownWord, Unreadable, read_count
from smartbis_admin.api.errors import Malformed
from smartbis_admin.api.records import Page, Record, RowIssue

R = TypeVar("R", bound=Record)

_ROWS = msgspec.json.Decoder(list[msgspec.Raw])
_PARTS = msgspec.json.Decoder(dict[str, msgspec.Raw])
_FIELD_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,63}")
#: Different unknown names kept per page; a reply keyed by ids would bring one per row.
_MAX_UNKNOWN = 50
_UTC = ZoneInfo("UTC")


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

    def __init__(self, record: type[R], *, singular: str, plural: str, fields: Mapping[str, Field]) -> None:
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

    def is_one(self, row: Any) -> bool:
        """Tell whether a value is an object of this kind: it carries its id."""
        return isinstance(row, dict) and not self._key_names.isdisjoint(row)

    def unknown_and_missing(self, carried: Counter[str]) -> tuple[dict[str, int], frozenset[str]]:
        """From how often each name came: those not described, and those described that never came."""
        unknown: Counter[str] = Counter()
        for name, times in carried.items():
            if name not in self._by_key:
                known_form = _FIELD_NAME.fullmatch(name) and len(unknown) < _MAX_UNKNOWN
                unknown[name if known_form else "…"] += times
        missing = frozenset(key for key in self.fields if key not in carried and camel(key) not in carried)
        return dict(unknown), missing


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


def read_listing(
    body: bytes, *, shape: Shape[R], envelope: Envelope, zone: ZoneInfo, number: int, reference: str
) -> Listing[R]:
    """Decode page `number` of a list. Raises `Malformed` when the body is not a list of any known form."""
    opened, fault = None, "unexpected"
    try:
        opened = _open_list(body, shape, envelope)
    except NOT_JSON:
        # What begins like our JSON was ours, and lost its end on the way.
        fault = "cut" if body.lstrip()[:1] in (b"", b"[", b"{") else "not_json"
    if opened is None:
        # Outside the handler: the decoder's error may hold the body.
        raise Malformed(f"{shape.plural}: the reply is not a list in JSON", reference, fault)
    raws, place = opened
    records: list[R] = []
    issues: list[RowIssue] = []
    carried: Counter[str] = Counter()
    for raw in raws:
        try:
            row = VALUE.decode(raw)
        except NOT_JSON:
            issues.append(RowIssue(remote_id=None, field="", problem="not_json"))
            continue
        if isinstance(row, dict):
            carried.update(row.keys())
        record, problems = shape.read_record(row, zone)
        if record is not None:
            records.append(record)
        if problems:
            issues.extend(problems)
    unknown, missing = shape.unknown_and_missing(carried)
    page = Page(
        records=records,
        issues=issues,
        number=number,
        row_count=len(raws),
        total=_whole(place, envelope.total),
        unknown_fields=unknown,
        missing_fields=missing if carried else frozenset(),
    )
    return Listing(page, _whole(place, envelope.page), _whole(place, envelope.pages))


def _open_list(
    body: bytes, shape: Shape[Any], envelope: Envelope
) -> tuple[list[msgspec.Raw], Mapping[str, Any]] | None:
    """Find the rows and what is said about the place in the list; None when there are no rows to find."""
    if _starts_with(body, b"["):
        return _ROWS.decode(body), {}
    if _starts_with(body, b"{"):
        parts = _PARTS.decode(body)
        place = _place(parts, envelope)
        for key in (*envelope.rows, shape.plural):
            if key in parts and _starts_with(parts[key], b"["):
                return _ROWS.decode(parts[key]), place
        # A single object where a list was due is one row.
        for key in (*envelope.single, shape.singular):
            if key in parts and shape.is_one(VALUE.decode(parts[key])):
                return [parts[key]], place
        if shape.is_one(parts):
            return [msgspec.Raw(body)], {}
    else:
        VALUE.decode(body)
    return None


def _starts_with(raw: bytes | msgspec.Raw, mark: bytes) -> bool:
    return bytes(memoryview(raw)[:64]).lstrip()[:1] == mark


def _place(parts: Mapping[str, msgspec.Raw], envelope: Envelope) -> Mapping[str, Any]:
    """Page, page count and total, at the top level or under the meta key."""
    place: dict[str, Any] = {}
    names = {*envelope.page, *envelope.pages, *envelope.total}
    for key in names.intersection(parts):
        place[key] = VALUE.decode(parts[key])
    for key in envelope.meta:
        if key in parts:
            meta = VALUE.decode(parts[key])
            if isinstance(meta, dict):
                place.update((name, meta[name]) for name in names.intersection(meta))
    return place


def _whole(place: Mapping[str, Any], keys: Iterable[str]) -> int | None:
    for key in keys:
        if key in place:
            try:
                number = read_count(place[key], _UTC)
            except Unreadable:
                continue
            if number is not None and number >= 0:
                return number
    return None


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
