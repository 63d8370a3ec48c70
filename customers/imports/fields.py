"""What a row of each kind is made of: the fields, how a column is recognised, how a cell is understood.

Pure: texts in, texts or problem codes out. Knows neither files nor the database.
"""

import hashlib
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

from django import forms
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from customers.imports.models import Import
from customers.search import fold_name
from smartbis_admin.api.brazil import is_valid_cpf, mask_cpf, normalise_cpf, normalise_phone
from smartbis_admin.ui.forms import MoneyField

_DATE = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4}|\d{2})(?:[ T,]+(\d{1,2}):(\d{2})(?::(\d{2}))?)?")
_ISO = re.compile(r"(\d{4})-(\d{1,2})-(\d{1,2})(?:[ T](\d{1,2}):(\d{2})(?::(\d{2}))?)?")
_CPF_SHAPE = re.compile(r"\d{3}\.\d{3}\.\d{3}-?\d{2}")
_MONEY = re.compile(r"(?:R\$ ?)?-?\d[\d.]*[.,]\d{2}")
MAX_NAME = 200
#: A share of a column's cells above which its content speaks for a field.
_CLEAR = 0.6

Problem = list[Any]


class Unclear(Exception):
    """A cell that cannot be understood; `code` is a word of `words.ROW_PROBLEMS`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


class Field(NamedTuple):
    """One thing a row tells. `read` cleans a filled cell or raises `Unclear`."""

    name: str
    label: str | Promise
    required: bool
    read: Callable[[str], str]
    #: Words of a column's heading, as `fold_name` writes them, the most telling first.
    headings: tuple[str, ...]
    #: Whether a cell looks like this field, to recognise a column without a telling heading.
    looks: Callable[[str], bool] | None = None


def by_form(field: forms.Field) -> Callable[[str], str]:
    """Understand a cell exactly as a form would."""

    def read(text: str) -> str:
        try:
            return str(field.clean(text))
        except ValidationError as refusal:
            raise Unclear(refusal.error_list[0].code or "invalid") from None

    return read


def _by(understand: Callable[[str], str | None]) -> Callable[[str], str]:
    """Understand a cell by a function that gives None for what it cannot read."""

    def read(text: str) -> str:
        value = understand(text)
        if value is None:
            raise Unclear("invalid")
        return value

    return read


def _name(text: str) -> str:
    if len(text) > MAX_NAME:
        raise Unclear("max_length")
    return text


def read_moment(text: str) -> datetime:
    """A day, with or without a time, as Brazilians or ISO write it; noon without one. Local, aware.

    Raises `Unclear`.
    """
    zone = timezone.get_current_timezone()
    if match := _ISO.fullmatch(text):
        year, month, day = (int(part) for part in match.groups()[:3])
    elif match := _DATE.fullmatch(text):
        day, month, year = (int(part) for part in match.groups()[:3])
        if year < 100:
            year += 1900 if 2000 + year > timezone.localdate().year else 2000
    else:
        raise Unclear("invalid")
    hour, minute, second = (int(part or 0) for part in match.groups()[3:])
    if match.group(4) is None:
        hour = 12
    try:
        return datetime(year, month, day, hour, minute, second, tzinfo=zone)
    except ValueError:
        raise Unclear("invalid") from None


def _birth_date(text: str) -> str:
    born = read_moment(text).date()
    if not date(timezone.localdate().year - 120, 1, 1) <= born <= timezone.localdate():
        raise Unclear("out_of_range")
    return born.isoformat()


def _sold_at(text: str) -> str:
    sold = read_moment(text)
    # By the day: noon of today may still be to come.
    if sold.date() > timezone.localdate():
        raise Unclear("future")
    return sold.isoformat()


def _is_date(text: str) -> bool:
    return bool(_ISO.fullmatch(text) or _DATE.fullmatch(text))


def _is_cpf(text: str) -> bool:
    return is_valid_cpf(re.sub(r"\D", "", text).rjust(11, "0"))


def _is_phone(text: str) -> bool:
    return not _is_cpf(text) and not _MONEY.fullmatch(text) and normalise_phone(text) is not None


_CPF = Field(
    "cpf",
    _("CPF"),
    True,
    _by(normalise_cpf),
    ("cpf", "cpf cnpj", "documento", "doc", "cpf do cliente"),
    _is_cpf,
)
#: By kind; other rooms add theirs.
FIELDS: dict[str, tuple[Field, ...]] = {
    Import.Kind.CUSTOMERS: (
        Field(
            "name",
            _("Nome"),
            True,
            _name,
            ("nome", "nome completo", "cliente", "nome do cliente", "name", "nombre", "consumidor", "pessoa"),
            lambda text: len(text.split()) >= 2 and not any(sign.isdigit() or sign == "@" for sign in text),
        ),
        _CPF,
        Field(
            "phone",
            _("Telefone"),
            True,
            _by(normalise_phone),
            ("celular", "telefone", "fone", "whatsapp", "tel", "phone", "mobile", "telefono", "contato"),
            _is_phone,
        ),
        Field(
            "email",
            _("E-mail"),
            False,
            by_form(forms.EmailField()),
            ("e mail", "email", "mail", "correio eletronico", "correo"),
            lambda text: "@" in text,
        ),
        Field(
            "birth_date",
            _("Data de nascimento"),
            False,
            _birth_date,
            ("data de nascimento", "nascimento", "data nascimento", "dt nascimento", "dt nasc", "nasc"),
            _is_date,
        ),
    ),
    Import.Kind.SALES: (
        _CPF,
        Field(
            "amount",
            _("Valor da venda"),
            True,
            by_form(MoneyField(min_value=Decimal("0.01"))),
            (
                "valor",
                "valor da venda",
                "total",
                "valor total",
                "amount",
                "preco",
                "vl total",
                "vlr",
                "importe",
            ),
            lambda text: bool(_MONEY.fullmatch(text)),
        ),
        Field(
            "sold_at",
            _("Data da venda"),
            False,
            _sold_at,
            ("data", "data da venda", "data venda", "dt venda", "emissao", "data hora", "date", "fecha"),
            _is_date,
        ),
        Field(
            "code",
            _("Número da venda"),
            False,
            lambda text: text[:100],
            (
                "numero",
                "numero da venda",
                "pedido",
                "cupom",
                "cupom fiscal",
                "nota",
                "nf",
                "nfce",
                "codigo",
                "id",
            ),
        ),
    ),
}


def shown_cell(text: str) -> str:
    """A cell as it may be shown on screen: a CPF, also a mistyped one, is masked."""
    digits = re.sub(r"\D", "", text).rjust(11, "0")
    return mask_cpf(digits) if _is_cpf(text) or _CPF_SHAPE.fullmatch(text) else text


def guess_header(sample: Sequence[Sequence[str]]) -> bool:
    """Whether the first row names the columns: it holds nothing that looks like data."""
    return not any(
        _is_cpf(cell) or "@" in cell or _is_date(cell) or _MONEY.fullmatch(cell) for cell in sample[0]
    )


def guess_mapping(kind: str, sample: Sequence[Sequence[str]], *, has_header: bool) -> dict[str, int]:
    """Field name -> column, as far as headings, then contents, tell."""
    mapping: dict[str, int] = {}
    headings = [fold_name(cell) for cell in sample[0]] if has_header else []
    for exact in (True, False):
        for field in FIELDS[kind]:
            for wanted in field.headings:
                found = next(
                    (
                        column
                        for column, heading in enumerate(headings)
                        if column not in mapping.values()
                        and (heading == wanted if exact else f" {wanted} " in f" {heading} ")
                    ),
                    None,
                )
                if field.name not in mapping and found is not None:
                    mapping[field.name] = found
    rows = sample[1:] if has_header else sample
    for field in FIELDS[kind]:
        if field.name in mapping or field.looks is None:
            continue
        for column in range(len(sample[0])):
            cells = [row[column] for row in rows if row[column]]
            fits = sum(map(field.looks, cells))
            if column not in mapping.values() and cells and fits / len(cells) > _CLEAR:
                mapping[field.name] = column
                break
    return mapping


def read_row(
    kind: str, cells: Sequence[str], mapping: Mapping[str, int]
) -> tuple[dict[str, str], list[Problem]]:
    """The values of a row and what is wrong with it, as `[field, code]`."""
    values: dict[str, str] = {}
    problems: list[Problem] = []
    for field in FIELDS[kind]:
        column = mapping.get(field.name)
        text = cells[column] if column is not None and column < len(cells) else ""
        if not text:
            if field.required:
                problems.append([field.name, "required"])
            continue
        try:
            values[field.name] = field.read(text)
        except Unclear as refusal:
            problems.append([field.name, refusal.code])
    return values, problems


def fingerprint(kind: str, values: Mapping[str, str], *, scope: str = "") -> str:
    """Equal for rows that tell the same, whatever file, order of columns or spelling they came in; within
    `scope`, where the same may be meant again.
    """
    told = [kind, *(f"{field.name}={values.get(field.name, '')}" for field in FIELDS[kind])]
    if scope:
        told.append(scope)
    return hashlib.sha256("\x1f".join(told).encode()).hexdigest()
