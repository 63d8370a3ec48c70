"""What WhatsApp does with a message: accept it, plan how it goes on, report it. Knows no HTTP.

Every effect is one transaction (BEGIN IMMEDIATE); receipts are handed over after the commit. The delays are
assumed. Source: Meta's published Cloud API.
"""

import base64
import secrets
from typing import Any

from django.db import transaction

from sandbox.control.switches import switches
from sandbox.vendors import Switch
from sandbox.whatsapp import webhook
from sandbox.whatsapp.models import (
    ACCEPTED,
    DELIVERED,
    FAILED,
    READ,
    SENT,
    STATUSES,
    Message,
    Number,
    Recipient,
)
from sandbox.whatsapp.refusals import DETAILS, GraphError
from sandbox.whatsapp.webhook import VENDOR_NAME

NUMBER = 100_000_000_000_001
WINDOW = 86_400
UNDELIVERABLE, OUTSIDE_WINDOW = 131026, 131047
FAILS_AFTER = 2
DELAYS = {SENT: 1, DELIVERED: 3, READ: 30}
TEXT = "text"
SWITCHES = {
    "failures": Switch(("webhook", "reply")),
    "reads": Switch(("all", "some", "none")),
    "wa_id": Switch(("same", "without_nine")),
}


def switch(name: str) -> str:
    """The value of a switch."""
    default = SWITCHES[name].values[0]
    return switches.get(vendor=VENDOR_NAME, credential=str(NUMBER), name=name, default=default)


def number() -> Number:
    """The business' number as it is now."""
    return Number.objects.get(pk=NUMBER)


def wa_id(phone: str) -> str:
    """How WhatsApp calls a phone: older Brazilian mobiles without the nine, when the switch says so."""
    if switch("wa_id") == "without_nine" and phone.startswith("55") and len(phone) == 13:
        return phone[:4] + phone[5:]
    return phone


def new_wamid(phone: str) -> str:
    """The id of a new message."""
    return f"wamid.{base64.b64encode(phone.encode() + secrets.token_bytes(18)).decode()}"


def accept(*, phone: str, kind: str, now: int, **fields: Any) -> Message:
    """Take a message; what becomes of it is planned and will be reported."""
    person = Recipient.objects.filter(phone=phone).first() or Recipient(phone=phone)
    error = person.fails_with
    if kind == TEXT and error is None and now - (person.wrote_at or -WINDOW) > WINDOW:
        error = OUTSIDE_WINDOW
    if error in (UNDELIVERABLE, OUTSIDE_WINDOW) and switch("failures") == "reply":
        raise GraphError(error, DETAILS[error])
    message = Message(wamid=new_wamid(phone), phone=phone, kind=kind, accepted_at=now, error=error, **fields)
    if error is not None:
        message.failed_at = now + FAILS_AFTER
    else:
        message.sent_at = now + DELAYS[SENT]
        message.delivered_at = now + DELAYS[DELIVERED] if person.delivers else None
        message.read_at = now + DELAYS[READ] if person.delivers and _reads(person) else None
    with transaction.atomic():
        message.save()
    sender = number()
    for status in STATUSES:
        at = getattr(message, f"{status}_at")
        if at is not None:
            webhook.report(sender, message, status, at=at, wa_id=wa_id(phone), code=error)
    return message


def status_of(message: Message, now: int) -> str:
    """What a message is at a moment."""
    reached = [status for status in STATUSES if (getattr(message, f"{status}_at") or now + 1) <= now]
    return FAILED if FAILED in reached else [ACCEPTED, *reached][-1]


def report(message: Message, status: str, *, now: int, code: int | None) -> None:
    """One more receipt, whatever was said before."""
    setattr(message, f"{status}_at", now)
    if status == FAILED:
        message.error = code
    message.save()
    webhook.report(number(), message, status, at=now, wa_id=wa_id(message.phone), code=code)


def receive(*, phone: str, text: str, name: str, now: int) -> str:
    """Somebody writes to the business; gives the message's id."""
    Recipient.objects.update_or_create(phone=phone, defaults={"wrote_at": now})
    wamid = new_wamid(phone)
    webhook.incoming(number(), wamid=wamid, wa_id=wa_id(phone), name=name, text=text)
    return wamid


def _reads(person: Recipient) -> bool:
    if person.reads is not None:
        return person.reads
    word = switch("reads")
    return word == "all" or (word == "some" and int(person.phone[-4:]) % 3 > 0)
