"""SmartPOS' objects: every wire name and format stands here. Source: contract smartpos.md §2.1."""

import json
from datetime import datetime
from typing import Any

from sandbox.control.clock import rfc3339
from sandbox.smartpos.models import Customer, Machine, Sale
from sandbox.times import ZONE

BUYER = ("cpf", "phone", "email", "name")


def money(centavos: int) -> str:
    """`129.90`."""
    return f"{centavos // 100}.{centavos % 100:02d}"


def local_time(moment: int) -> str:
    """RFC 3339 with the merchant's offset."""
    return datetime.fromtimestamp(moment, ZONE).isoformat()


def sale(row: Sale) -> dict[str, Any]:
    """A sale; one that was given as it is goes out as it is."""
    if row.raw:
        given: dict[str, Any] = json.loads(row.raw)
        return given
    return {
        "id": row.code,
        "machine_id": row.machine,
        "acquirer": row.acquirer,
        "terminal_serial": row.terminal_serial,
        "nsu": row.nsu or None,
        "authorization_code": row.authorization_code or None,
        "store_id": row.store_id,
        "amount": money(row.amount),
        "installments": row.installments,
        "payment_method": row.payment_method,
        "status": row.status,
        "sold_at": local_time(row.sold_at),
        "customer": _known(row) or None,
    }


def machine(row: Machine) -> dict[str, Any]:
    """A machine."""
    return {
        "id": row.code,
        "acquirer": row.acquirer,
        "terminal_serial": row.terminal_serial,
        "label": row.label,
        "store_id": row.store_id,
        "active": row.active,
        "last_seen_at": local_time(row.last_seen_at),
    }


def customer(row: Customer) -> dict[str, Any]:
    """A customer, without what is not known."""
    return {"id": row.code, **_known(row), "updated_at": rfc3339(row.updated_at)}


def _known(row: Sale | Customer) -> dict[str, str]:
    return {name: value for name in BUYER if (value := getattr(row, name))}
