"""Error bodies of all shapes turned into `Refused`.

A vendor's module declares its codes and keys with `ErrorShape`. It must not know HTTP statuses or any
vendor. Source: `contracts/README.md` §3.2 ("Errors").
"""

import re
from collections.abc import Iterable, Mapping
from typing import Any, NamedTuple
from zoneinfo import ZoneInfo

from smartbis_admin.api.decode import NOT_JSON, VALUE, Reader, Unreadable
from smartbis_admin.api.errors import Refused
from smartbis_admin.api.shapes import camel

_MAX_MESSAGE = 500
#: Where an entry of a list of field errors keeps what is wrong.
_SENTENCES = ("messages", "reasons", "message")


class ErrorShape(NamedTuple):
    """Keys of an error body beyond those all vendors share, and the codes we know."""

    codes: frozenset[str]
    fields: tuple[str, ...]
    used_at: tuple[str, ...]
    #: Wire name of a field -> our name, where they differ.
    our_names: Mapping[str, str]
    read_time: Reader


def read_refusal(body: bytes, *, shape: ErrorShape, zone: ZoneInfo) -> Refused | None:
    """The refusal an error body describes, or None when it is not an error in JSON.

    Message from `message`, `error`, `error.message` or `detail`; code from `code` or `error.code`, in
    any case; a code we do not know is `unknown`. The message is for a person and is never parsed.
    """
    try:
        value = VALUE.decode(body)
    except NOT_JSON:
        return None
    if not isinstance(value, dict):
        return None
    error = value.get("error")
    inner = error if isinstance(error, dict) else {}
    message = _first_text(value.get("message"), error, inner.get("message"), value.get("detail"))
    word = _first_text(value.get("code"), inner.get("code"))
    fields = _first(shape.fields, value, inner)
    if not message and not word and not fields:
        return None
    code = word.strip().lower()
    return Refused(
        message[:_MAX_MESSAGE],
        code=code if code in shape.codes else "unknown",
        fields=_field_messages(fields, shape.our_names),
        used_at=_time(_first(shape.used_at, value, inner), shape.read_time, zone),
    )


def _first_text(*values: Any) -> str:
    return next((value for value in values if isinstance(value, str) and value), "")


def _first(keys: Iterable[str], *places: Mapping[str, Any]) -> Any:
    """The first filled value under any of the keys, in either spelling."""
    for place in places:
        for key in keys:
            value = place.get(key) or place.get(camel(key))
            if value:
                return value
    return None


def _time(value: Any, read: Reader, zone: ZoneInfo) -> Any:
    try:
        return read(value, zone) if value else None
    except Unreadable:
        return None


def _field_messages(value: Any, our_names: Mapping[str, str]) -> dict[str, list[str]]:
    """`{field: [text]}`, `{field: text}` or `[{field, messages or reasons}]` as our field names with sentences."""
    pairs: Iterable[tuple[Any, Any]] = ()
    if isinstance(value, dict):
        pairs = value.items()
    elif isinstance(value, list):
        pairs = (
            (entry.get("field"), next((entry[key] for key in _SENTENCES if entry.get(key)), None))
            for entry in value
            if isinstance(entry, dict)
        )
    messages: dict[str, list[str]] = {}
    for field, texts in pairs:
        if not isinstance(field, str):
            continue
        name = re.sub(r"(?<=[a-z0-9])([A-Z])", r"_\1", field).lower()
        sentences = [texts] if isinstance(texts, str) else texts if isinstance(texts, list) else []
        kept = [text[:_MAX_MESSAGE] for text in sentences if isinstance(text, str)]
        messages.setdefault(our_names.get(name, name), []).extend(kept)
    return messages
