"""Acts: what people do with their phones, and what the business enters in Meta's panel.

Documented in `sandbox/README.md`.
"""

from collections.abc import Callable, Mapping
from typing import Any

from django.db import transaction

from sandbox.arguments import Arguments
from sandbox.control.clock import clock, rfc3339
from sandbox.outgoing import delivery_acts
from sandbox.vendors import ActRefused
from sandbox.whatsapp import catalogue, services, webhook
from sandbox.whatsapp.models import (
    APPROVED,
    CATEGORIES,
    FAILED,
    STATUSES,
    TEMPLATE_STATUSES,
    Message,
    Number,
    Recipient,
    Template,
)
from sandbox.whatsapp.refusals import GraphError
from sandbox.whatsapp.views import digits

Act = Callable[[Arguments], Any]


def performed(act: Act) -> Callable[[str, Mapping[str, Any]], Any]:
    """The act as the register wants it: refusing unknown arguments, all or nothing."""

    def perform(_: str, given: Mapping[str, Any]) -> Any:
        try:
            with transaction.atomic(), Arguments(given) as arguments:
                return act(arguments)
        except GraphError as error:
            raise ActRefused(error.details) from error

    return perform


def subscribe(_: str, given: Mapping[str, Any]) -> Any:
    """Enter the address of the webhook; the question is asked outside of any transaction."""
    with Arguments(given) as arguments:
        url = arguments.text("url") or ""
        token = arguments.text("verify_token", "")
        asked = arguments.boolean("verify", True)
    if url and asked:
        webhook.verify(url, token)
    Number.objects.update(webhook_url=url, verify_token=token)
    return {"url": url or None}


def add_template(given: Arguments) -> Any:
    """Register a template, or register it anew."""
    name, language = given.text("name"), given.text("language", "pt_BR")
    fields = {
        "body": given.text("body"),
        "button_url": given.text("button_url", ""),
        "category": given.word("category", CATEGORIES, "UTILITY"),
        "status": given.word("status", TEMPLATE_STATUSES, APPROVED),
    }
    Template.objects.update_or_create(name=name, language=language, defaults=fields)
    return {"name": name, "language": language, **fields}


def add_shop_templates(given: Arguments) -> Any:
    """Register the templates of the demo."""
    for name, language, category, body in catalogue.rows():
        fields = {"body": body, "category": category, "status": APPROVED, "button_url": ""}
        Template.objects.update_or_create(name=name, language=language, defaults=fields)
    return list(catalogue.BODIES)


def set_recipient(given: Arguments) -> Any:
    """Say how somebody behaves."""
    fields = {
        "fails_with": given.integer("fails_with", None),
        "delivers": given.boolean("delivers", True),
        "reads": given.boolean("reads", None),
    }
    phone = digits(given.text("phone"))
    Recipient.objects.update_or_create(phone=phone, defaults=fields)
    return {"phone": phone, **fields}


def receive(given: Arguments) -> Any:
    """Somebody writes to the business."""
    phone = digits(given.text("phone"))
    text, name = given.text("text"), given.text("name", "Cliente")
    return {"id": services.receive(phone=phone, text=text, name=name, now=clock.now())}


def report(given: Arguments) -> Any:
    """One more receipt, at once."""
    message = Message.objects.filter(wamid=given.text("message_id")).first()
    if message is None:
        raise ActRefused("there is no such message")
    status = given.word("status", STATUSES)
    code = given.integer("code", services.UNDELIVERABLE if status == FAILED else None)
    services.report(message, status, now=clock.now(), code=code)
    return _shown(message)


def messages(given: Arguments) -> Any:
    """What was accepted, oldest first."""
    rows = Message.objects.order_by("pk")
    if given.has("phone"):
        rows = rows.filter(phone=digits(given.text("phone")))
    if given.has("reference"):
        rows = rows.filter(reference=given.text("reference"))
    return [_shown(row) for row in rows]


def _shown(row: Message) -> dict[str, Any]:
    return {
        "id": row.wamid,
        "to": row.phone,
        "type": row.kind,
        "template": row.template or None,
        "language": row.language or None,
        "text": row.text,
        "reference": row.reference or None,
        "status": services.status_of(row, clock.now()),
        "error": row.error,
        "at": rfc3339(row.accepted_at),
    }


ACTS = {
    **{
        act.__name__: performed(act)
        for act in (add_template, add_shop_templates, set_recipient, receive, report, messages)
    },
    "subscribe": subscribe,
    **delivery_acts(webhook.VENDOR_NAME),
}
