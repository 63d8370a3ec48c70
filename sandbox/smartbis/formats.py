"""Formats of single values on the wire, from what is stored (units as in `models`). Knows no profile."""

import zlib
from datetime import datetime
from typing import Any

from sandbox.smartbis.stores import STORES
from sandbox.times import ZONE, utc_second


def plain(value: Any) -> Any:
    """As stored."""
    return value


def hundredths(count: int) -> str:
    """Hundredths as a decimal text with two places."""
    sign = "-" if count < 0 else ""
    whole, rest = divmod(abs(count), 100)
    return f"{sign}{whole}.{rest:02d}"


def shown_points(stored: int) -> int:
    """Stored points (1/10000) in hundredths, cut towards zero."""
    return stored // 100 if stored >= 0 else -(-stored // 100)


def trimmed(count: int) -> str:
    """Hundredths as a decimal text without trailing zeros."""
    return hundredths(count).rstrip("0").removesuffix(".")


def utc(moment: int) -> str:
    """UTC with six fractional digits and `Z`."""
    return f"{utc_second(moment)}.000000Z"


def wall_clock(moment: int) -> str:
    """The account's wall clock, without a zone."""
    return datetime.fromtimestamp(moment, ZONE).isoformat(" ")[:19]


def offset(moment: int) -> str:
    """RFC 3339 with the account's offset."""
    return datetime.fromtimestamp(moment, ZONE).isoformat()


def local_date(moment: int) -> str:
    """The account's calendar day."""
    return datetime.fromtimestamp(moment, ZONE).date().isoformat()


def punctuated_cpf(cpf: str) -> str:
    """`529.982.247-25`."""
    return f"{cpf[:3]}.{cpf[3:6]}.{cpf[6:9]}-{cpf[9:]}"


def punctuated_phone(phone: str) -> str:
    """`(11) 98888-0001`."""
    return f"({phone[:2]}) {phone[2:-4]}-{phone[-4:]}"


def store_object(name: str) -> dict[str, str]:
    """A store as an object; a name nobody listed gets a number of its own."""
    number = STORES.get(name) or 1_000 + zlib.crc32(name.encode()) % 1_000_000
    return {"id": str(number), "name": name}
