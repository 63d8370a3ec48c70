"""Brazilian personal data and voucher codes as text: pure helpers anybody may reuse.

Knows CPF check digits, phone numbers and the contract's way of reading typed codes. It must not
know vendors, records or the database. Nothing here logs, and no error text repeats the value.
Source: `contracts/README.md` §3.2 and `smartbis-v2.md` §3.
"""

import re
from itertools import product

import phonenumbers

_NOT_DIGITS = re.compile(r"[^0-9]+")
_WHITE_SPACE = re.compile(r"\s+")
_SPACES_AND_DASHES = re.compile(r"[\s\-‐-―−]+")
_CPF_LENGTH = 11
_REPEATED = frozenset(digit * _CPF_LENGTH for digit in "0123456789")
#: Area code without a zero, then a landline (8 digits) or a mobile (9 digits) number.
_NATIONAL_PHONE = re.compile(r"[1-9][1-9][0-9]{8,9}")


def _sums(first: int) -> dict[str, int]:
    """For three digits from place `first`: what they add to the two weighted sums, each kept below 11."""
    weights = range(10 - first, 7 - first, -1)
    table = {}
    for digits in product(range(10), repeat=3):
        weighted = sum(digit * weight for digit, weight in zip(digits, weights, strict=True))
        table["".join(map(str, digits))] = weighted % 11 + _SECOND * ((weighted + sum(digits)) % 11)
    return table


def _check_digits(weighted: int, second: int) -> str:
    check = weighted * 10 % 11 % 10
    return f"{check}{(second + 2 * check) * 10 % 11 % 10}"


# Looked up instead of worked out, because the mirror reads a million of these.
_SECOND = 32
_HEAD, _MIDDLE, _TAIL = _sums(0), _sums(3), _sums(6)
_CHECK_DIGITS = [_check_digits(sums % _SECOND, sums // _SECOND) for sums in range(_SECOND * _SECOND)]


def is_valid_cpf(cpf: str) -> bool:
    """Tell whether `cpf` is exactly 11 ASCII digits whose check digits fit.

    A repeated digit (000.000.000-00 …) passes the arithmetic, but is never issued, hence invalid.
    """
    try:
        sums = _HEAD[cpf[:3]] + _MIDDLE[cpf[3:6]] + _TAIL[cpf[6:9]]
    except KeyError:
        return False
    return _CHECK_DIGITS[sums] == cpf[9:] and cpf not in _REPEATED


def normalise_cpf(value: str) -> str | None:
    """Return the 11 digits of a CPF written with or without punctuation or leading zeros.

    None when no digit is left, when there are more than 11, or when the check digits do not fit.
    """
    cpf = value if len(value) == _CPF_LENGTH and value.isdigit() else _NOT_DIGITS.sub("", value)
    if not cpf:
        return None
    cpf = cpf.rjust(_CPF_LENGTH, "0")
    return cpf if is_valid_cpf(cpf) else None


def mask_cpf(cpf: str | None) -> str:
    """Return `•••.456.789-••` for 11 digits; an empty text for None; dots alone for anything else."""
    if cpf is None or cpf == "":
        return ""
    if len(cpf) != _CPF_LENGTH:
        return "•••.•••.•••-••"
    return f"•••.{cpf[3:6]}.{cpf[6:9]}-••"


def format_cpf(cpf: str) -> str:
    """Return 11 digits as `529.982.247-25`, for the manager's customer page alone."""
    return f"{cpf[:3]}.{cpf[3:6]}.{cpf[6:9]}-{cpf[9:]}"


def mask_phone(phone: str) -> str:
    """Return an E.164 phone with its last four digits shown: `(11) •••••-0001`, foreign ones `•••••-0100`."""
    national = national_phone(phone)
    if national:
        return f"({national[:2]}) {'•' * (len(national) - 6)}-{national[-4:]}"
    return f"•••••-{phone[-4:]}" if len(phone) > 8 else "•••••"


def mask_email(email: str) -> str:
    """Return `m•••@loja.com`; dots alone for what has no `@`."""
    name, at, domain = email.rpartition("@")
    return f"{name[:1]}•••@{domain}" if at else "•••"


def normalise_phone(value: str) -> str | None:
    """Return a phone in E.164 (`+5511988880001`), or None when it cannot be one.

    A leading 55 on 12 or 13 digits is the country code; 10 or 11 digits are area code and number.
    A foreign number is understood only when it is written with its `+`.
    """
    if _NATIONAL_PHONE.fullmatch(value):
        return f"+55{value}"
    digits = _NOT_DIGITS.sub("", value)
    if len(digits) in (12, 13) and digits.startswith("55"):
        digits = digits[2:]
        foreign = False
    else:
        foreign = value.lstrip().startswith("+")
    if not foreign and _NATIONAL_PHONE.fullmatch(digits):
        return f"+55{digits}"
    # Foreign numbers, trunk prefixes and carrier codes: rare, and worth a library.
    try:
        number = phonenumbers.parse(value, "BR")
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_valid_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def national_phone(phone: str) -> str | None:
    """Return the 10 or 11 digits (area code and number) of a Brazilian E.164 phone, else None."""
    digits = phone.removeprefix("+55")
    return digits if phone.startswith("+55") and _NATIONAL_PHONE.fullmatch(digits) else None


def normalise_voucher_code(value: str) -> str:
    """Return a typed or scanned code trimmed, without white space, in capitals; dashes stay.

    Empty when nothing is left: a blank code is never sent.
    """
    return _WHITE_SPACE.sub("", value).upper()


def voucher_code_key(value: str) -> str:
    """Return what two codes are compared by: no spaces, no dashes, no case."""
    return _SPACES_AND_DASHES.sub("", value).upper()


def mask_voucher_code(code: str) -> str:
    """Return the code with only its last four characters shown; shorter codes are hidden whole."""
    return f"…{code[-4:]}" if len(code) > 4 else "…"
