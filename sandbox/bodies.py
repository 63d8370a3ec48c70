"""Request bodies, read strictly: unknown keys, wrong types and a missing content type are refused.

Knows no vendor: each hands in its readers by key and the texts it refuses with, and turns `BadBody` into its
own refusal. Source: contract README §4, "strict on requests".
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest

ENGLISH = {
    "content_type": "must be application/json",
    "no_json": "is not valid JSON",
    "no_object": "must be a JSON object",
    "unknown": "is not a known parameter",
    "required": "is missing",
    "text": "must be a string",
    "length": "must have {least} to {most} characters",
    "characters": "contains invalid characters",
    "whole": "must be an integer",
    "range": "must be between {least} and {most}",
    "zero": "must not be zero",
    "boolean": "must be a boolean",
    "time": "must be an ISO 8601 time",
    "format": "has an invalid format",
}
_INTEGER = re.compile(r"-?\d+", re.ASCII)


@dataclass(frozen=True)
class Number:
    """A JSON number as it was written, so that no digit is lost and the exponent form is seen."""

    text: str


class Bad(Exception):
    """A value that is refused: the key of a text, and what fills it."""

    def __init__(self, word: str, **values: Any) -> None:
        super().__init__(word)
        self.word = word
        self.values = values


class BadBody(Exception):
    """A body that is refused; `errors` are texts by request key."""

    def __init__(self, errors: Mapping[str, str]) -> None:
        super().__init__(", ".join(errors))
        self.errors = dict(errors)


Reader = Callable[[Any], Any]
Texts = Mapping[str, str]


def json_object(request: HttpRequest, texts: Texts = ENGLISH) -> dict[str, Any]:
    """The body as a JSON object whose numbers are `Number`."""
    if request.content_type != "application/json":
        raise BadBody({"content_type": texts["content_type"]})
    try:
        body = json.loads(request.body, parse_float=Number, parse_int=Number, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise BadBody({"body": texts["no_json"]}) from None
    if not isinstance(body, dict):
        raise BadBody({"body": texts["no_object"]})
    return body


def fields_of(
    body: Mapping[str, Any],
    *,
    required: Mapping[str, Reader] | None = None,
    optional: Mapping[str, Reader] | None = None,
    texts: Texts = ENGLISH,
) -> dict[str, Any]:
    """The values of an object by key, each passed through its reader; every bad field is named at once."""
    needed = required or {}
    readers = {**needed, **(optional or {})}
    errors = {key: texts["unknown"] for key in body if key not in readers}
    values = {}
    for key, reader in readers.items():
        if key in body:
            try:
                values[key] = reader(body[key])
            except Bad as bad:
                errors[key] = texts[bad.word].format(**bad.values)
        elif key in needed:
            errors[key] = texts["required"]
    if errors:
        raise BadBody(errors)
    return values


def _no_constant(word: str) -> None:
    raise ValueError(word)


def text(*, least: int = 0, most: int) -> Reader:
    """Reader of a text of `least` to `most` characters."""

    def read(value: Any) -> str:
        if not isinstance(value, str):
            raise Bad("text")
        if not least <= len(value) <= most:
            raise Bad("length", least=least, most=most)
        try:
            value.encode()
        except UnicodeEncodeError:
            # A lone surrogate is JSON, but no text that could be stored.
            raise Bad("characters") from None
        return value

    return read


def whole(*, least: int, most: int) -> Reader:
    """Reader of a JSON integer from `least` to `most`."""

    def read(value: Any) -> int:
        if not isinstance(value, Number) or not _INTEGER.fullmatch(value.text):
            raise Bad("whole")
        # Longer texts are out of every range; Python would refuse to read the longest.
        if len(value.text) > 20 or not least <= int(value.text) <= most:
            raise Bad("range", least=least, most=most)
        return int(value.text)

    return read


def boolean(value: Any) -> bool:
    """Reader of true or false."""
    if not isinstance(value, bool):
        raise Bad("boolean")
    return value
