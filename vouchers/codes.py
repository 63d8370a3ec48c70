"""From what a person typed or scanned to the code that is sent. Reads the mirror, never the platform.

Source: `smartbis-v2.md` §3 "Voucher codes" and `cashier-screen.md` law 4.
"""

import re
from dataclasses import dataclass
from itertools import product

from django.db.models import CharField, QuerySet

from smartbis_admin.api.brazil import is_valid_cpf, normalise_voucher_code, voucher_code_key
from smartbis_admin.api.capabilities import Capability
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


def till_connections() -> list[Connection]:
    """The connections a till may validate on, the oldest first."""
    return _CONNECTIONS()


_CONNECTIONS = Prepared(lambda: Connection.objects.able_to(Capability.VALIDATE_VOUCHER))


def resolve_code(typed: str, connections: list[Connection] | None = None) -> ResolvedCode:
    """Resolve a typed code against the mirrors of `connections`; without them, of those a till may validate on.

    Case, spaces and dashes do not matter; look-alikes are tried when the code as typed is unknown. Without
    exactly one match the typed text is sent to the first connection. A blank code gives an empty text.
    """
    text = normalise_voucher_code(typed)
    key = voucher_code_key(text)
    found = _OF_KEY(key=key) if text else []
    if connections is not None:
        found = [voucher for voucher in found if voucher.connection in connections]
    if len(found) != 1:
        # Nearly every code is known once, and brings its connection.
        connections = till_connections() if connections is None else connections
        if text and not found and (others := variants(key)) != [key]:
            found = list(_shown_first().filter(code_key__in=others, connection__in=connections)[:2])
    if len(found) == 1:
        return ResolvedCode(found[0].remote_id, found[0].connection, found[0])
    return ResolvedCode(text, connections[0] if connections else None, None)


def _shown_first() -> QuerySet[Voucher]:
    """Vouchers with what is looked at before one is used."""
    return Voucher.objects.select_related("customer", "flag", "connection").order_by()


def _of_key() -> QuerySet[Voucher]:
    able = Connection.objects.able_to(Capability.VALIDATE_VOUCHER).order_by()
    return _shown_first().filter(code_key=Slot("key", CharField()), connection__in=able)


_OF_KEY = Prepared(_of_key)


def cpf_in(typed: str) -> str | None:
    """The 11 digits of a CPF typed where codes are typed; None for anything that may be a voucher's code."""
    text = typed.strip()
    digits = re.sub(r"\D", "", text)
    if not CPF_SHAPE.fullmatch(text) or not is_valid_cpf(digits):
        return None
    vouchers = Voucher.objects.filter(code_key=voucher_code_key(text), connection__in=till_connections())
    return None if vouchers.exists() else digits


def variants(key: str) -> list[str]:
    """Every reading of a key whose look-alikes were confused."""
    choices = [LOOK_ALIKES.get(char, char) for char in key]
    if sum(len(choice) > 1 for choice in choices) > MOST_LOOK_ALIKES:
        return [key]
    return ["".join(chars) for chars in product(*choices)]
