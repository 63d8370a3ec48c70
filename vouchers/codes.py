"""From what a person typed or scanned to the code that is sent. Reads the mirror, never the platform.

Source: `smartbis-v2.md` §3 "Voucher codes" and `cashier-screen.md` law 4.
"""

import re
from dataclasses import dataclass
from itertools import product

from django.db.models import CharField, QuerySet

from smartbis_admin.api.brazil import is_valid_cpf, normalise_voucher_code, voucher_code_key
from smartbis_admin.connections.models import Connection
from smartbis_admin.prepared import Prepared, Slot
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
    known = {connection.pk: connection for connection in connections}
    found = [voucher for voucher in _OF_KEY(key=key) if voucher.connection_id in known]
    if not found and (others := variants(key)) != [key]:
        found = list(_shown_first().filter(code_key__in=others, connection__in=known)[:2])
    if len(found) == 1:
        [voucher] = found
        voucher.connection = known[voucher.connection_id]
        return ResolvedCode(voucher.remote_id, voucher.connection, voucher)
    return ResolvedCode(text, default, None)


def _shown_first() -> QuerySet[Voucher]:
    """Vouchers with what is looked at before one is used."""
    return Voucher.objects.select_related("customer", "flag").order_by()


_OF_KEY = Prepared(lambda: _shown_first().filter(code_key=Slot("key", CharField())))


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
