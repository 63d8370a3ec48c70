"""Request bodies, read strictly: unknown keys, wrong types and a missing content type are refused.

Knows the keys and formats of the contract (smartbis-v2.openapi.yaml, request schemas); stores nothing.
"""

import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from django.http import HttpRequest

from sandbox.bodies import Bad, BadBody, Number, Reader, fields_of, json_object, whole
from sandbox.smartbis.refusals import invalid

BIGGEST_STOCK = 2_147_483_647
BIGGEST_AMOUNT = 9_999_999_999
TEXTS = {
    "content_type": "O cabeçalho Content-Type deve ser application/json.",
    "no_json": "O corpo não é um JSON válido.",
    "no_object": "O corpo deve ser um objeto JSON.",
    "unknown": "Campo desconhecido.",
    "required": "Campo obrigatório.",
    "text": "Deve ser um texto.",
    "length": "Deve ter de {least} a {most} caracteres.",
    "characters": "Contém caracteres inválidos.",
    "digits": "Deve conter somente dígitos, na quantidade correta.",
    "day": "Deve ser uma data no formato AAAA-MM-DD.",
    "no_day": "Data inexistente.",
    "decimal": "Deve ser um número com até duas casas decimais.",
    "too_big": "Valor acima do permitido.",
    "positive": "Deve ser maior que zero.",
    "whole": "Deve ser um número inteiro.",
    "range": "Deve estar entre {least} e {most}.",
    "identity": "Deve ser um identificador.",
}
_AMOUNT = re.compile(r"(-?)(\d+)(?:\.(\d{1,2}))?")
_INTEGER = re.compile(r"-?\d+")
_DAY = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)

stock = whole(least=0, most=BIGGEST_STOCK)


def read_body(
    request: HttpRequest, *, required: Mapping[str, Reader], optional: Mapping[str, Reader] | None = None
) -> dict[str, Any]:
    """The body's values by key, each passed through its reader; raises `Refused` naming every bad field."""
    try:
        return fields_of(json_object(request, TEXTS), required=required, optional=optional, texts=TEXTS)
    except BadBody as bad:
        raise invalid(bad.errors) from bad


def digits(*, least: int, most: int) -> Reader:
    """Reader of a text of `least` to `most` ASCII digits."""
    pattern = re.compile(rf"[0-9]{{{least},{most}}}")

    def read(value: Any) -> str:
        if not isinstance(value, str) or not pattern.fullmatch(value):
            raise Bad("digits")
        return value

    return read


def day(value: Any) -> str:
    """Reader of a calendar day `YYYY-MM-DD`."""
    if not isinstance(value, str) or not _DAY.fullmatch(value):
        raise Bad("day")
    try:
        return date.fromisoformat(value).isoformat()
    except ValueError:
        raise Bad("no_day") from None


def amount(value: Any) -> int:
    """Reader of a positive BRL amount, a JSON number with at most two decimals; gives centavos."""
    match = _AMOUNT.fullmatch(value.text) if isinstance(value, Number) else None
    if match is None:
        raise Bad("decimal")
    sign, reais, cents = match.groups(default="")
    if len(reais) > len(str(BIGGEST_AMOUNT)):
        raise Bad("too_big")
    centavos = int(reais) * 100 + int(cents.ljust(2, "0"))
    if sign or centavos == 0:
        raise Bad("positive")
    if centavos > BIGGEST_AMOUNT:
        raise Bad("too_big")
    return centavos


def identity(value: Any) -> str:
    """Reader of an id, which may come as an integer or as text; gives its text."""
    if isinstance(value, Number) and _INTEGER.fullmatch(value.text):
        return value.text
    if isinstance(value, str):
        return value
    raise Bad("identity")
