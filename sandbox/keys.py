"""Primary keys that carry their account: a listing of one account is one range of keys. Knows no vendor.

The same public ids (key modulo `SPAN`) exist in several accounts.
"""

SPAN = 10**12
NO_ROW = -1


def key_of(*, account: int, public_id: str) -> int:
    """The primary key behind an id as text; one that no row has when the text is no id."""
    number = int(public_id) if public_id.isascii() and public_id.isdigit() and len(public_id) <= 12 else 0
    return account * SPAN + number if str(number) == public_id else NO_ROW
