"""What cannot be valid is refused here, before anything leaves (`contracts/README.md` §3.3).

Returns values as they go on the wire, or raises `Refused` with one of our codes and the field it is
about. It must not know HTTP.
"""

from decimal import Decimal, InvalidOperation

from smartbis_admin.api.brazil import national_phone, normalise_cpf, normalise_phone
from smartbis_admin.api.errors import Refused

CENT = Decimal("0.01")


def refused(code: str, field: str) -> Refused:
    """A refusal of ours, before anything left."""
    return Refused(f"refused before sending: {code}", code=code, fields={field: []})


def checked_cpf(cpf: str) -> str:
    """11 digits, or `invalid_cpf`."""
    digits = normalise_cpf(cpf)
    if digits is None:
        raise refused("invalid_cpf", "cpf")
    return digits


def checked_phone(phone: str) -> str:
    """A Brazilian phone as 10 or 11 digits, or `invalid_phone`."""
    known = normalise_phone(phone)
    national = national_phone(known) if known else None
    if national is None:
        raise refused("invalid_phone", "phone")
    return national


def checked_name(name: str, *, limit: int) -> str:
    """A trimmed name of at most `limit` characters, or `blank_name`, `name_too_long`."""
    name = name.strip()
    if not name:
        raise refused("blank_name", "name")
    if len(name) > limit:
        raise refused("name_too_long", "name")
    return name


def checked_amount(amount: Decimal) -> Decimal:
    """The amount with exactly two decimals; more, none, or not above zero is refused."""
    try:
        cents = amount.quantize(CENT)
    except InvalidOperation:
        cents = None
    if cents is None or cents != amount or cents <= 0:
        raise refused("invalid_amount", "amount")
    return cents


def checked_segment(text: str, field: str, *, blank: str) -> str:
    """A text that may be one segment of a path. Dots alone would be taken for a way up."""
    if not text.strip():
        raise refused(blank, field)
    if not text.isprintable() or not text.strip("."):
        raise refused("invalid_code" if field == "code" else "invalid_id", field)
    return text
