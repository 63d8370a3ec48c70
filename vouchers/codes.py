"""From what a person typed or scanned to the code that is sent. Reads the mirror, never the platform.

Source: `smartbis-v2.md` §3 "Voucher codes" and `cashier-screen.md` law 4.
"""

from dataclasses import dataclass
from itertools import product

from smartbis_admin.api.brazil import normalise_voucher_code, voucher_code_key
from smartbis_admin.connections.models import Connection
from vouchers.models import Voucher

#: Characters people and printers confuse.
LOOK_ALIKES = {"O": "O0", "0": "0O", "I": "I1", "1": "1I"}
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
    for keys in ([key], _variants(key)):
        found = list(
            Voucher.objects.filter(code_key__in=keys, connection__in=connections).select_related(
                "connection", "customer", "reward"
            )[:2]
        )
        if len(found) == 1:
            return ResolvedCode(found[0].remote_id, found[0].connection, found[0])
        if found:
            break
    return ResolvedCode(text, default, None)


def _variants(key: str) -> list[str]:
    """Every reading of a key whose look-alikes were confused."""
    choices = [LOOK_ALIKES.get(char, char) for char in key]
    if sum(len(choice) > 1 for choice in choices) > MOST_LOOK_ALIKES:
        return [key]
    return ["".join(chars) for chars in product(*choices)]
