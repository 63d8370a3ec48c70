"""Pushes: what is posted to the merchant's address and how it is signed. Source: contract smartpos.md §2.3.

Delivering, with its repeats, is the courier's.
"""

import hashlib
import hmac
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

from sandbox.control.clock import clock, rfc3339
from sandbox.control.courier import Letter, courier
from sandbox.control.switches import switches
from sandbox.smartpos.models import Account
from sandbox.vendors import Switch

VENDOR_NAME = "smartpos"
UPSERTED, PING = "sale.upserted", "ping"
BIGGEST_PUSH = 500
SWITCHES = {"push": Switch(("on", "off"))}


def signature(*, secrets: Sequence[str], timestamp: int, body: bytes) -> str:
    """The signature header of a body: one value per secret."""
    message = f"{timestamp}.".encode() + body
    return ",".join(
        f"v1={hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()}" for secret in secrets
    )


def body_of(event: str, sales: Sequence[Mapping[str, Any]], *, now: int) -> bytes:
    """The body of a push."""
    return msgspec.json.encode({"event": event, "sent_at": rfc3339(now), "sales": sales})


def wanted(account: Account) -> bool:
    """Whether sales are pushed by themselves."""
    word = switches.get(vendor=VENDOR_NAME, credential=account.client_id, name="push", default="on")
    return bool(account.push_url) and word == "on"


def push(
    account: Account,
    sales: Sequence[Mapping[str, Any]],
    *,
    event: str = UPSERTED,
    due_at: float | None = None,
) -> None:
    """Hand one push over to the courier."""
    delivery = str(uuid.uuid4())
    secrets = [str(secret) for secret in account.push_secrets]

    def sign(body: bytes, at: int, wrong: bool) -> Mapping[str, str]:
        keys = ["some-other-secret"] if wrong else secrets
        return {
            "X-SmartPOS-Timestamp": str(at),
            "X-SmartPOS-Signature": signature(secrets=keys, timestamp=at, body=body),
            "X-SmartPOS-Delivery": delivery,
        }

    courier.put(
        Letter(
            vendor=VENDOR_NAME,
            credential=account.client_id,
            event=event,
            url=account.push_url,
            body=body_of(event, sales, now=int(due_at or clock.now())),
            sign=sign,
            subjects=frozenset(str(sale.get("id")) for sale in sales),
        ),
        due_at,
    )
