"""The demo people: names, valid CPFs, phones, mails, days of birth. Deterministic; knows no database."""

import random
import unicodedata
from datetime import date, timedelta

from sandbox.names import AREA_CODES, FAMILY, GIVEN, MAIL_DOMAINS

_NINE_DIGITS = 10**9
# Coprime to ten, so that different serials never share a CPF.
_STEP = 387_420_489
_FIRST_BIRTH = date(1944, 1, 1)
_BIRTH_DAYS = 64 * 365


def cpf_of(*, serial: int, account: int) -> str:
    """The CPF of an account's `serial`-th person, with right check digits, different for every serial."""
    base = f"{(serial * _STEP + account * 271_828_183) % _NINE_DIGITS:09d}"
    for length in (9, 10):
        total = sum(int(digit) * (length + 1 - place) for place, digit in enumerate(base))
        rest = total * 10 % 11
        base += str(rest % 10)
    return base


def person(
    source: random.Random, *, serial: int, account: int
) -> tuple[str, str | None, str | None, str | None, str | None]:
    """Name, CPF, phone, e-mail and day of birth; any but the name may be missing, as in real card files."""
    given, family = source.choice(GIVEN), source.choice(FAMILY)
    middle = f" {source.choice(FAMILY)}" if source.random() < 0.4 else ""
    cpf = cpf_of(serial=serial, account=account)
    known = source.random() >= 0.07 and len(set(cpf)) > 1
    phone = _phone(source) if source.random() >= 0.03 else None
    mail = None
    if source.random() >= 0.25:
        mail = f"{_ascii(given)}.{_ascii(family)}{serial}@{source.choice(MAIL_DOMAINS)}"
    birth = None
    if source.random() >= 0.2:
        birth = (_FIRST_BIRTH + timedelta(days=int(source.random() * _BIRTH_DAYS))).isoformat()
    return f"{given}{middle} {family}", cpf if known else None, phone, mail, birth


def _phone(source: random.Random) -> str:
    area = source.choice(AREA_CODES)
    if source.random() < 0.08:
        return f"{area}3{int(source.random() * 10**7):07d}"
    return f"{area}9{int(source.random() * 10**8):08d}"


def _ascii(name: str) -> str:
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    return plain.lower().replace(" ", "")
