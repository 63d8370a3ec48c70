"""From what a person typed or scanned to the code that is sent. Reads the mirror, never the platform.

Source: `smartbis-v2.md` §3 "Voucher codes" and `cashier-screen.md` law 4.
"""

import re
from dataclasses import dataclass
from itertools import product

from smartbis_admin.api.brazil import is_valid_cpf, normalise_voucher_code, voucher_code_key
from smartbis_admin.connections.models import Connection
from vouchers.models import Voucher

#: Characters people and printers confuse.
LOOK_ALIKES = {"O": "O0", "0": "0O", "I": "I1", "1": "1I"}
#: Eleven digits with or without the punctuation of a CPF.
CPF_SHAPE = re.compile(r"\d{3}\.?\d{3}\.?\d{3}-?\d{2}", re.ASCII)
#: With more confusable characters than this only the typed code itself is looked up.
MOST_LOOK_ALIKES = 7


@dataclass(frozen=True)
class ResolvedCode:
    """`text` is what is sent; `voucher` is the mirror's row when exactly one fits."""

    text: str
    connection: Connection | None
    voucher: Voucher | None


def resolve_code(typed: str, connections: list[Connection]) -> ResolvedCode:
    """Resolve a typed code against the mirrors of `connections`.

    Case, spaces and dashes do not matter; look-alikes are tried when the code as typed is unknown. Without
    exactly one match the typed text is sent to the first connection. A blank code gives an empty text.
    """
    text = normalise_voucher_code(typed)
    default = connections[0] if connections else None
    if not text:
        return ResolvedCode("", default, None)
    key = voucher_code_key(text)
    for keys in ([key], variants(key)):
        rows = Voucher.objects.filter(code_key__in=keys, connection__in=connections)
        found = list(rows.select_related("customer")[:2])
        if len(found) == 1:
            [voucher] = found
            voucher.connection = next(known for known in connections if known.pk == voucher.connection_id)
            return ResolvedCode(voucher.remote_id, voucher.connection, voucher)
        if found:
            break
    return ResolvedCode(text, default, None)


def cpf_in(typed: str, connections: list[Connection]) -> str | None:
    """The 11 digits of a CPF typed where codes are typed; None for anything that may be a voucher's code."""
    text = typed.strip()
    digits = re.sub(r"\D", "", text)
    if not CPF_SHAPE.fullmatch(text) or not is_valid_cpf(digits):
        return None
    is_voucher = Voucher.objects.filter(code_key=voucher_code_key(text), connection__in=connections).exists()
    return None if is_voucher else digits


def variants(key: str) -> list[str]:
    """Every reading of a key whose look-alikes were confused."""
    choices = [LOOK_ALIKES.get(char, char) for char in key]
    if sum(len(choice) > 1 for choice in choices) > MOST_LOOK_ALIKES:
        return [key]
    return ["".join(chars) for chars in product(*choices)]
