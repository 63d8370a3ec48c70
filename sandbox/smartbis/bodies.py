"""Request bodies, read strictly: unknown keys, wrong types and a missing content type are refused.

Knows the keys and formats of the contract (smartbis-v2.openapi.yaml, request schemas); stores nothing.
"""

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.http import HttpRequest

from sandbox.smartbis.refusals import invalid

BIGGEST_STOCK = 2_147_483_647
BIGGEST_AMOUNT = 9_999_999_999
_AMOUNT = re.compile(r"(-?)(\d+)(?:\.(\d{1,2}))?")
_INTEGER = re.compile(r"-?\d+")
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


@dataclass(frozen=True)
class Number:
    """A JSON number as it was written, so that no digit is lost and the exponent form is seen."""

    text: str


class Bad(Exception):
    """A value that is refused; the text is for a person."""


Reader = Callable[[Any], Any]


def read_body(
    request: HttpRequest, *, required: Mapping[str, Reader], optional: Mapping[str, Reader] | None = None
) -> dict[str, Any]:
    """The body's values by key, each passed through its reader; raises `Refused` naming every bad field."""
    body = _json_object(request)
    readers = {**required, **(optional or {})}
    errors = {key: "Campo desconhecido." for key in body if key not in readers}
    values = {}
    for key, reader in readers.items():
        if key in body:
            try:
                values[key] = reader(body[key])
            except Bad as bad:
                errors[key] = str(bad)
        elif key in required:
            errors[key] = "Campo obrigatório."
    if errors:
        raise invalid(errors)
    return values


def _json_object(request: HttpRequest) -> dict[str, Any]:
    if request.content_type != "application/json":
        raise invalid({"content_type": "O cabeçalho Content-Type deve ser application/json."})
    try:
        body = json.loads(request.body, parse_float=Number, parse_int=Number, parse_constant=_no_constant)
    except (ValueError, RecursionError):
        raise invalid({"body": "O corpo não é um JSON válido."}) from None
    if not isinstance(body, dict):
        raise invalid({"body": "O corpo deve ser um objeto JSON."})
    return body


def _no_constant(word: str) -> None:
    raise ValueError(word)


def text(*, least: int = 0, most: int) -> Reader:
    """Reader of a text of `least` to `most` characters."""

    def read(value: Any) -> str:
        if not isinstance(value, str):
            raise Bad("Deve ser um texto.")
        if not least <= len(value) <= most:
            raise Bad(f"Deve ter de {least} a {most} caracteres.")
        try:
            value.encode()
        except UnicodeEncodeError:
            # A lone surrogate is JSON, but no text that could be stored.
            raise Bad("Contém caracteres inválidos.") from None
        return value

    return read


def digits(*, least: int, most: int) -> Reader:
    """Reader of a text of `least` to `most` ASCII digits."""
    pattern = re.compile(rf"[0-9]{{{least},{most}}}")

    def read(value: Any) -> str:
        if not isinstance(value, str) or not pattern.fullmatch(value):
            raise Bad("Deve conter somente dígitos, na quantidade correta.")
        return value

    return read


def day(value: Any) -> str:
    """Reader of a calendar day `YYYY-MM-DD`."""
    if not isinstance(value, str) or not _DAY.fullmatch(value):
        raise Bad("Deve ser uma data no formato AAAA-MM-DD.")
    try:
        return date.fromisoformat(value).isoformat()
    except ValueError:
        raise Bad("Data inexistente.") from None


def amount(value: Any) -> int:
    """Reader of a positive BRL amount, a JSON number with at most two decimals; gives centavos."""
    match = _AMOUNT.fullmatch(value.text) if isinstance(value, Number) else None
    if match is None:
        raise Bad("Deve ser um número com até duas casas decimais.")
    sign, whole, cents = match.groups(default="")
    if len(whole) > len(str(BIGGEST_AMOUNT)):
        raise Bad("Valor acima do permitido.")
    centavos = int(whole) * 100 + int(cents.ljust(2, "0"))
    if sign or centavos == 0:
        raise Bad("Deve ser maior que zero.")
    if centavos > BIGGEST_AMOUNT:
        raise Bad("Valor acima do permitido.")
    return centavos


def stock(value: Any) -> int:
    """Reader of an absolute stock, a JSON integer from 0."""
    if not isinstance(value, Number) or not _INTEGER.fullmatch(value.text):
        raise Bad("Deve ser um número inteiro.")
    if value.text.startswith("-") or len(value.text) > 10 or int(value.text) > BIGGEST_STOCK:
        raise Bad(f"Deve estar entre 0 e {BIGGEST_STOCK}.")
    return int(value.text)


def identity(value: Any) -> str:
    """Reader of an id, which may come as an integer or as text; gives its text."""
    if isinstance(value, Number) and _INTEGER.fullmatch(value.text):
        return value.text
    if isinstance(value, str):
        return value
    raise Bad("Deve ser um identificador.")
