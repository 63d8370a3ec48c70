"""Cursors: where a feed goes on. Opaque outside; inside they say which feed, behind which change, how old.

Source: contract smartpos.md §2.2. Pure.
"""

import base64
import binascii
import re

from sandbox.smartpos.refusals import gone, invalid

LIFETIME = 7 * 86_400
_INSIDE = re.compile(r"([a-z]+):(\d{1,9}):(\d{1,12}):(\d{1,12})", re.ASCII)


def written(kind: str, *, generation: int, now: int, change: int) -> str:
    """The cursor behind a change."""
    return base64.urlsafe_b64encode(f"{kind}:{generation}:{now}:{change}".encode()).decode()


def read(text: str, kind: str, *, generation: int, now: int, last: int) -> int:
    """The change a cursor stands behind; `last` is the newest there is."""
    try:
        inside = _INSIDE.fullmatch(base64.urlsafe_b64decode(text).decode("ascii"))
    except (binascii.Error, ValueError):
        inside = None
    if inside is None or inside[1] != kind:
        raise invalid({"cursor": "is not a cursor of this list"})
    change = int(inside[4])
    if int(inside[2]) != generation or int(inside[3]) < now - LIFETIME or change > last:
        raise gone()
    return change
