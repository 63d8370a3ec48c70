"""Whole pages of a list: decoded in one go and read column by column, the odd row looked at apart.

So a page costs little, and one bad row is still one issue. Knows shapes and envelopes; it must not know any
vendor, HTTP, or who asks. Source: `contracts/README.md` §3.2.
"""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any, NamedTuple, TypeVar
from zoneinfo import ZoneInfo

import msgspec

from smartbis_admin.api.decode import NOT_JSON, VALUE, Unreadable, read_count
from smartbis_admin.api.errors import Malformed
from smartbis_admin.api.records import Page, Record, RowIssue
from smartbis_admin.api.shapes import Envelope, Listing, Shape

R = TypeVar("R", bound=Record)

_PARTS = msgspec.json.Decoder(dict[str, msgspec.Raw])
_ROWS = msgspec.json.Decoder(list[Any], float_hook=Decimal)
_RAW_ROWS = msgspec.json.Decoder(list[msgspec.Raw])
_UTC = ZoneInfo("UTC")


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
    kinds = _kinds(opened.rows)
    records, issues = _read_rows(opened.rows, kinds, shape, zone)
    unknown, missing = shape.unknown_and_missing({names: len(places) for names, places in kinds.items()})
    page = Page(
        records=records,
        issues=opened.issues + issues,
        number=number,
        row_count=len(opened.rows) + len(opened.issues),
        total=_whole(opened.place, envelope.total),
        unknown_fields=unknown,
        missing_fields=missing,
    )
    return Listing(page, _whole(opened.place, envelope.page), _whole(opened.place, envelope.pages))


def _kinds(rows: list[Any]) -> Mapping[tuple[str, ...], list[int]]:
    """The names that rows carry, in their order -> where such rows are."""
    if {*map(type, rows)} == {dict} and len(forms := {*map(tuple, rows)}) == 1:
        # As nearly always: every row carries the same.
        return {forms.pop(): [*range(len(rows))]}
    kinds: defaultdict[tuple[str, ...], list[int]] = defaultdict(list)
    for place, row in enumerate(rows):
        if isinstance(row, dict):
            kinds[tuple(row)].append(place)
    return kinds


def _read_rows(
    rows: list[Any], kinds: Mapping[tuple[str, ...], list[int]], shape: Shape[R], zone: ZoneInfo
) -> tuple[list[R], list[RowIssue]]:
    """The records of the rows, in their order, and what was wrong."""
    found: list[R | None] = [None] * len(rows)
    for names, places in kinds.items():
        alike = shape.read_alike(names, [rows[place] for place in places], zone)
        for place, record in zip(places, alike, strict=True):
            found[place] = record
    issues: list[RowIssue] = []
    for place, row in enumerate(rows):
        if found[place] is None:
            found[place], problems = shape.read_record(row, zone)
            issues += problems
    return [record for record in found if record is not None], issues


class _Opened(NamedTuple):
    """The rows of a list as JSON values, what could not be decoded, and what is said about the place in it."""

    rows: list[Any]
    issues: list[RowIssue]
    place: Mapping[str, Any]


def _open_list(body: bytes, shape: Shape[Any], envelope: Envelope) -> _Opened | None:
    """Find the rows and what is said about the place in the list; None when there are no rows to find."""
    if _starts_with(body, b"["):
        return _Opened(*_decoded(body), {})
    if _starts_with(body, b"{"):
        parts = _PARTS.decode(body)
        place = _place(parts, envelope)
        for key in (*envelope.rows, shape.plural):
            if key in parts and _starts_with(parts[key], b"["):
                return _Opened(*_decoded(parts[key]), place)
        # A single object where a list was due is one row.
        for key in (*envelope.single, shape.singular):
            if key in parts and shape.is_one(row := VALUE.decode(parts[key])):
                return _Opened([row], [], place)
        if shape.is_one(parts):
            return _Opened([VALUE.decode(body)], [], {})
    else:
        VALUE.decode(body)
    return None


def _decoded(raw: bytes | msgspec.Raw) -> tuple[list[Any], list[RowIssue]]:
    """The rows of a list; each apart when the list cannot be decoded as a whole."""
    try:
        return _ROWS.decode(raw), []
    except NOT_JSON:
        rows: list[Any] = []
        issues: list[RowIssue] = []
    for row in _RAW_ROWS.decode(raw):
        try:
            rows.append(VALUE.decode(row))
        except NOT_JSON:
            issues.append(RowIssue(remote_id=None, field="", problem="not_json"))
    return rows, issues


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
