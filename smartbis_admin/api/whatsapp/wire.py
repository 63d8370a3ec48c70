"""Every name WhatsApp's Cloud API uses on the wire: paths, bodies, errors. It must not know HTTP or who calls.

Published by Meta ("WhatsApp Business Platform", Cloud API: messages, template messages, webhooks, error codes). The
version stands in the base address.
"""

from typing import Any

import msgspec

from smartbis_admin.api.capabilities import Reading
from smartbis_admin.api.decode import NOT_JSON, VALUE
from smartbis_admin.api.errors import Refused

# --- paths (relative to the base, which ends in the version and a slash) -------------------------------------
MESSAGES = "{phone_number_id}/messages"
NUMBER = "{phone_number_id}"
Q_FIELDS = "fields"
#: What is asked of the number when the connection is tried.
NUMBER_FIELDS = ("id", "display_phone_number", "verified_name", "quality_rating")
READINGS = {Reading.WHATSAPP_NUMBER: NUMBER}

#: The longest reference that travels with a message and comes back in its receipts, and the longest text.
MAX_REFERENCE = 512
MAX_TEXT = 4096
#: The longest value of a placeholder of a template.
MAX_PARAMETER = 1024

# --- errors: Meta's number -> our word ----------------------------------------------------------------------
NOT_ACCEPTED = frozenset({0, 190})
MISSING_RIGHT = frozenset({3, 10, *range(200, 300)})
#: Seconds to let the number rest: for a moment, or because an hour's or a day's measure is full.
TOO_FAST = {4: 60.0, 80007: 60.0, 130429: 2.0, 131048: 60.0}
#: Too many messages to one and the same person; others may go on.
TOO_OFTEN, TOO_OFTEN_REST = 131056, 60.0
CODES = {
    33: "number_missing",
    100: "invalid_parameter",
    131008: "invalid_parameter",
    131009: "invalid_parameter",
    131021: "same_number",
    131026: "undeliverable",
    131030: "not_in_test_list",
    131031: "account_locked",
    131037: "name_not_approved",
    131042: "payment_problem",
    131045: "number_not_registered",
    131047: "outside_window",
    131049: "held_back",
    131050: "opted_out",
    131051: "invalid_parameter",
    132000: "template_parameters",
    132001: "template_missing",
    132005: "template_text_too_long",
    132007: "template_not_allowed",
    132012: "template_parameters",
    132015: "template_paused",
    132016: "template_disabled",
    133010: "number_not_registered",
    368: "account_locked",
}


def word_of(code: int) -> str:
    """Our word for one of Meta's numbers; `unknown` for one nobody described here."""
    return CODES.get(code, "unknown")


def read_error(body: bytes) -> Refused | None:
    """The refusal an error body describes; its `vendor_reference` is Meta's own id of the call, and its code is
    still Meta's number, as text. None when it is no such error.

    The message is left out: it may name the phone it is about.
    """
    try:
        value = VALUE.decode(body)
    except NOT_JSON:
        return None
    error = value.get("error") if isinstance(value, dict) else None
    if not isinstance(error, dict):
        return None
    code, trace = number_in(error.get("code")), error.get("fbtrace_id")
    return Refused(
        f"refused with code {code}",
        code=str(code),
        vendor_reference=trace[:80] if isinstance(trace, str) else "",
    )


def number_in(value: Any) -> int:
    """A code, whether it is written as a number or as text; -1 where there is none."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 9:
        value = int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) else -1


# --- request bodies: only these keys, a key left out rather than null ------------------------------------------
class Parameter(msgspec.Struct, kw_only=True):
    """The value of one placeholder."""

    type: str = "text"
    text: str


class Component(msgspec.Struct, kw_only=True, omit_defaults=True):
    """The values of one part of a template: its body, or the address behind its button."""

    type: str
    sub_type: str = ""
    index: str = ""
    parameters: list[Parameter]


class Language(msgspec.Struct):
    """A language of a template: `pt_BR`, `en_US`, `es_MX`."""

    code: str


class Template(msgspec.Struct, kw_only=True, omit_defaults=True):
    """Which template, and what is filled in."""

    name: str
    language: Language
    components: list[Component] = []


class Text(msgspec.Struct, kw_only=True):
    """A text in a conversation the other side has begun."""

    body: str
    preview_url: bool = False


class _Message(msgspec.Struct, kw_only=True):
    messaging_product: str = "whatsapp"
    recipient_type: str = "individual"
    to: str
    biz_opaque_callback_data: str


class TemplateBody(_Message, kw_only=True):
    """`POST {phone_number_id}/messages` with a template."""

    type: str = "template"
    template: Template


class TextBody(_Message, kw_only=True):
    """`POST {phone_number_id}/messages` with a text."""

    type: str = "text"
    text: Text


def language_code(language: str) -> str:
    """`pt-BR`, in whatever case, as Meta writes it: `pt_BR`. Meta tells the cases apart."""
    name, _, region = language.replace("-", "_").partition("_")
    return f"{name.lower()}_{region.upper()}" if region else name.lower()


# --- replies -----------------------------------------------------------------------------------------------
def message_id(value: object) -> str:
    """The id of the message a reply says was taken; empty where it names none."""
    found = value.get("messages") if isinstance(value, dict) else None
    first = found[0] if isinstance(found, list) and found else None
    known = first.get("id") if isinstance(first, dict) else None
    return known if isinstance(known, str) else ""
