"""One object out of one reply, for reads that need it and for writes that were done; the same for every vendor.

It must not know any vendor's names: those come with the shape and the envelope.
"""

from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from smartbis_admin.api.errors import InDoubt, Malformed
from smartbis_admin.api.exchange import Reply
from smartbis_admin.api.records import Record
from smartbis_admin.api.shapes import Envelope, Shape, read_single

R = TypeVar("R", bound=Record)


def record_read(reply: Reply, *, shape: Shape[R], envelope: Envelope, zone: ZoneInfo, path: str) -> R:
    """The record a read was answered with. `Malformed` when there is none: never "no data"."""
    record, fault = None, "unexpected"
    try:
        row = read_single(reply.body, shape=shape, envelope=envelope)
    except ValueError:
        fault = "not_json"
    else:
        record = shape.read_record(row, zone)[0]
    if record is None:
        raise Malformed(f"{path}: the reply holds no {shape.singular}", reply.reference, fault)
    return record


def row_written(reply: Reply, *, shape: Shape[Any], envelope: Envelope, path: str) -> dict[str, Any] | None:
    """The object a write was answered with; None = done without details. `InDoubt` when it is not JSON."""
    if not reply.body.strip():
        return None
    try:
        return read_single(reply.body, shape=shape, envelope=envelope)
    except ValueError:
        pass
    raise InDoubt(f"{path}: accepted, but the reply is not JSON", reply.reference, "not_json")
