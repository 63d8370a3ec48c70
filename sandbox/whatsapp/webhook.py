"""The webhook: what is posted to the business' address and how it is signed; the question that is asked first.

Source: Meta's published webhook reference (field `messages`) and the verification of endpoints. Delivering, with
its repeats, is the courier's. Meta escapes what is not ASCII, and so does this.
"""

import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from typing import Any

import requests
from django.db import transaction

from sandbox.control.clock import clock
from sandbox.control.courier import Letter, courier
from sandbox.vendors import ActRefused
from sandbox.whatsapp.models import FAILED, READ, SENT, Message, Number
from sandbox.whatsapp.refusals import webhook_error

VENDOR_NAME = "whatsapp"
APP_SECRET = "sandbox-whatsapp-app-secret"  # noqa: S105
BUSINESS = "200000000000001"
INCOMING = "message"
DAY = 86_400
_PATIENCE_SECONDS = 10


def signature(body: bytes, secret: str = APP_SECRET) -> str:
    """The header `X-Hub-Signature-256` of a body."""
    return f"sha256={hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}"


def verify(url: str, token: str) -> None:
    """Ask an address for the challenge, as Meta does when it is entered; refuses the act when it fails."""
    challenge = str(secrets.randbelow(10**10))
    query = {"hub.mode": "subscribe", "hub.challenge": challenge, "hub.verify_token": token}
    with requests.Session() as session:
        session.trust_env = False
        try:
            reply = session.get(url, params=query, timeout=_PATIENCE_SECONDS, allow_redirects=False)
        except requests.RequestException as error:
            raise ActRefused(f"the address does not answer: {type(error).__name__}") from None
    if reply.status_code != 200 or reply.text != challenge:
        raise ActRefused(f"the address did not give the challenge back: {reply.status_code}")


def report(
    number: Number, message: Message, status: str, *, at: int, wa_id: str, code: int | None = None
) -> None:
    """Hand a receipt over to the courier; it is due at `at`."""
    receipt: dict[str, Any] = {
        "id": message.wamid,
        "status": status,
        "timestamp": str(at),
        "recipient_id": wa_id,
    }
    if message.reference:
        receipt["biz_opaque_callback_data"] = message.reference
    if status == FAILED:
        receipt["errors"] = [webhook_error(code or 131000)]
    elif status != READ:
        origin = message.category.lower() or "service"
        receipt["conversation"] = {"id": message.wamid[-32:], "origin": {"type": origin}}
        if status == SENT:
            receipt["conversation"]["expiration_timestamp"] = str(at + DAY)
        receipt["pricing"] = {"billable": origin != "service", "pricing_model": "PMP", "category": origin}
    _post(number, status, {"statuses": [receipt]}, due_at=float(at), subject=message.wamid)


def incoming(number: Number, *, wamid: str, wa_id: str, name: str, text: str) -> None:
    """Hand over that somebody wrote."""
    person = {"profile": {"name": name}, "wa_id": wa_id}
    message = {
        "from": wa_id,
        "id": wamid,
        "timestamp": str(clock.now()),
        "type": "text",
        "text": {"body": text},
    }
    _post(number, INCOMING, {"contacts": [person], "messages": [message]}, due_at=None, subject=wa_id)


def _post(number: Number, event: str, more: Mapping[str, Any], *, due_at: float | None, subject: str) -> None:
    if not number.webhook_url:
        return
    metadata = {"display_phone_number": number.display, "phone_number_id": str(number.pk)}
    value = {"messaging_product": "whatsapp", "metadata": metadata, **more}
    entry = {"id": BUSINESS, "changes": [{"value": value, "field": "messages"}]}
    body = json.dumps({"object": "whatsapp_business_account", "entry": [entry]}, separators=(",", ":"))

    def sign(content: bytes, at: int, wrong: bool) -> Mapping[str, str]:
        proof = signature(content, "some-other-secret") if wrong else signature(content)
        return {"X-Hub-Signature-256": proof, "User-Agent": "facebookexternalua"}

    letter = Letter(
        vendor=VENDOR_NAME,
        credential=str(number.pk),
        event=event,
        url=number.webhook_url,
        body=body.encode(),
        sign=sign,
        subjects=frozenset({subject}),
    )
    transaction.on_commit(lambda: courier.put(letter, due_at))
