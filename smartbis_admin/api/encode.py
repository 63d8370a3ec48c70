"""Request bodies as bytes: exact numbers, ids in the form they came. It must not know any vendor's names."""

import re

import msgspec
from msgspec import Raw

_BODY = msgspec.json.Encoder(decimal_format="number")
_NUMBER_ID = re.compile(r"[1-9][0-9]*")


def encode_body(body: msgspec.Struct) -> bytes:
    """A request body as the bytes that are sent; what is `UNSET` is left out."""
    return _BODY.encode(body)


def id_in_body(remote_id: str) -> Raw | str:
    """An id as it goes into a body: digits without a leading zero as a JSON integer, else as text."""
    return Raw(remote_id.encode()) if _NUMBER_ID.fullmatch(remote_id) else remote_id
