"""How values look to a person in the active language: money, points, times, ages, phones.

Pure functions of a value; no HTML, no database. Formats are those of the glossary.
"""

from datetime import date, datetime, timedelta
from decimal import Decimal
from functools import lru_cache
from typing import Any, Literal

import phonenumbers
from babel.dates import format_date, format_datetime, format_timedelta
from babel.numbers import format_decimal
from django.conf import settings
from django.utils import formats, timezone
from django.utils.translation import get_language, gettext, ngettext

from smartbis_admin.api.brazil import format_cpf as format_cpf
from smartbis_admin.api.brazil import mask_cpf as mask_cpf

_LOCALES = {"pt": "pt_BR", "en": "en", "es": "es_MX"}
_MONEY = {"pt_BR": "'R$'\xa0#,##0.00", "en": "'R$'#,##0.00", "es_MX": "'R$'#,##0.00"}
_DATE = {"pt_BR": "dd/MM/yyyy", "en": "d MMM y", "es_MX": "dd/MM/yyyy"}
_DATETIME = {"pt_BR": "dd/MM/yyyy HH:mm", "en": "d MMM y, HH:mm", "es_MX": "dd/MM/yyyy HH:mm"}
#: An age older than this is shown as a date.
_OLDEST_AGE = timedelta(days=60)
_UNITS: tuple[tuple[Literal["day", "hour", "minute"], int], ...] = (
    ("day", 86400),
    ("hour", 3600),
    ("minute", 60),
)


def babel_locale() -> str:
    """The Babel locale of the active language."""
    return _LOCALES.get((get_language() or settings.LANGUAGE_CODE)[:2], "pt_BR")


def money(value: Decimal | int) -> str:
    """BRL: `R$ 1.234,56`; negative amounts carry the sign in front."""
    return _money(value, babel_locale())


@lru_cache(maxsize=4096)
def _money(value: Decimal | int, locale: str) -> str:
    # The same amounts come again and again, on a page and at a till.
    return format_decimal(value, format=_MONEY[locale], locale=locale)


def number(value: Decimal | int) -> str:
    """A number with the language's separators and at most two decimals: `1.234,5`."""
    return format_decimal(value, format="#,##0.##", locale=babel_locale())


def rate(value: Decimal | int) -> str:
    """A rate with the decimals it has, at most four: `0,1`, `1,25`."""
    return format_decimal(value, format="#,##0.####", locale=babel_locale())


def points(value: Decimal | int) -> str:
    """Points with their word: `1.234,5 pontos`."""
    amount = number(value)
    return ngettext("%(amount)s ponto", "%(amount)s pontos", 1 if value == 1 else 2) % {"amount": amount}


def day(value: date | datetime) -> str:
    """A date: `05/03/2026`; a datetime is first brought to the local time zone."""
    if isinstance(value, datetime):
        value = timezone.localtime(value)
    locale = babel_locale()
    return format_date(value, format=_DATE[locale], locale=locale)


def datetime_local(value: datetime) -> str:
    """A moment in the local time zone: `05/03/2026 14:31`."""
    locale = babel_locale()
    return format_datetime(timezone.localtime(value), format=_DATETIME[locale], locale=locale)


def age(value: datetime, *, now: datetime | None = None) -> str:
    """How long ago: `agora`, `há 3 min`, `há 2 h`, `há 5 dias`; after 60 days the date.

    `ui.js` counts on with the same rules, so the two must say the same.
    """
    passed = (now or timezone.now()) - value
    if passed < timedelta(minutes=1):
        return gettext("agora")
    if passed >= _OLDEST_AGE:
        return day(value)
    unit, seconds = next((unit, seconds) for unit, seconds in _UNITS if passed.total_seconds() >= seconds)
    whole = timedelta(seconds=int(passed.total_seconds()) // seconds * seconds)
    return format_timedelta(
        -whole, granularity=unit, threshold=10_000, add_direction=True, format="short", locale=babel_locale()
    )


def phone(value: str) -> str:
    """An E.164 phone as people write it: `(11) 98888-0001`, foreign ones with their country code."""
    try:
        parsed = phonenumbers.parse(value, "BR")
    except phonenumbers.NumberParseException:
        return value
    national = parsed.country_code == 55
    kind = phonenumbers.PhoneNumberFormat
    return phonenumbers.format_number(parsed, kind.NATIONAL if national else kind.INTERNATIONAL)


def export_value(value: Any) -> str:
    """A cell of a CSV file in the active language, safe to open in a spreadsheet.

    Numbers carry no thousands separator, so that they stay numbers. Text that a spreadsheet would take
    for a formula gets an apostrophe in front.
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return gettext("Sim") if value else gettext("Não")
    if isinstance(value, Decimal):
        value = format(value.normalize(), "f")
        return formats.number_format(value, use_l10n=True, force_grouping=False)
    if isinstance(value, int | float):
        return formats.number_format(value, use_l10n=True, force_grouping=False)
    if isinstance(value, datetime):
        return datetime_local(value)
    if isinstance(value, date):
        return day(value)
    text = str(value).replace("\xa0", " ")
    return f"'{text}" if text.startswith(("=", "+", "-", "@", "\t", "\r", "\n")) else text
