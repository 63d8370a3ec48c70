"""WhatsApp's calls over HTTP: who asks, what was asked, what is answered. Plain Django views.

Bodies are read strictly by `sandbox.bodies`, templates judged by `templates`, effects are in `services`. Source:
Meta's published Cloud API reference (messages, phone numbers, message templates).
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse

from sandbox.bodies import ENGLISH, Bad, BadBody, Reader, boolean, fields_of, json_object, text
from sandbox.control.calls import Call
from sandbox.control.clock import clock
from sandbox.control.gate import CALL
from sandbox.vendors import Reply, http, json_reply
from sandbox.whatsapp import refusals, services, templates
from sandbox.whatsapp.models import Template
from sandbox.whatsapp.refusals import GraphError
from sandbox.whatsapp.webhook import BUSINESS

TOKEN = "sandbox-whatsapp-token"  # noqa: S105
LONGEST_TEXT = 4096
LONGEST_REFERENCE = 512
_BLANKS = re.compile(r"[ ()\-.]")
_PHONE = re.compile(r"\+?([1-9]\d{7,14})", re.ASCII)


@dataclass(frozen=True)
class Session:
    """One request whose token is right."""

    request: HttpRequest
    call: Call


Handler = Callable[..., Reply]


def word(*allowed: str) -> Reader:
    """Reader of one of some words."""

    def read(value: Any) -> str:
        if value not in allowed:
            raise Bad("format")
        return str(value)

    return read


def an_object(value: Any) -> Any:
    """Reader of an object."""
    if not isinstance(value, dict):
        raise Bad("no_object")
    return value


def a_list(value: Any) -> Any:
    """Reader of a list."""
    if not isinstance(value, list):
        raise Bad("format")
    return value


def digits(given: str) -> str:
    """A phone as digits with the country; it may be written as people write it."""
    found = _PHONE.fullmatch(_BLANKS.sub("", given))
    if found is None:
        raise GraphError(131009, "to is not a phone number with its country")
    return found[1]


NAMES = text(least=1, most=LONGEST_REFERENCE)
MESSAGE: dict[str, Reader] = {
    "recipient_type": word("individual"),
    "biz_opaque_callback_data": text(most=LONGEST_REFERENCE),
    "text": an_object,
    "template": an_object,
}


def refuse(environ: Mapping[str, Any], status: int) -> Reply:
    """The refusal the gate asks for: 401, 429 or 500."""
    made = {401: refusals.bad_token, 429: refusals.too_many_requests}.get(status, refusals.server_error)
    return made().reply()


def calls(**handlers: Handler) -> Callable[..., HttpResponse]:
    """A view that checks the token, then hands over to the handler of the request's method."""

    def view(request: HttpRequest, **path: str) -> HttpResponse:
        try:
            scheme, _, token = request.META.get("HTTP_AUTHORIZATION", "").partition(" ")
            if scheme.lower() != "bearer" or token.strip() != TOKEN:
                raise refusals.bad_token()
            handler = handlers.get(request.method or "")
            if handler is None:
                raise refusals.unknown_object(path.get("object_id", request.path.rpartition("/")[2]))
            path.pop("version", None)
            return http(handler(Session(request, request.META[CALL]), **path))
        except BadBody as bad:
            return http(_bad(bad).reply())
        except GraphError as error:
            return http(error.reply())

    return view


def send_message(session: Session, object_id: str) -> Reply:
    """`POST {number}/messages`: a text or a template."""
    _mine(object_id, str(services.NUMBER))
    required = {"messaging_product": word("whatsapp"), "to": NAMES, "type": NAMES}
    fields = fields_of(json_object(session.request), required=required, optional=MESSAGE)
    kind, phone = fields["type"], digits(fields["to"])
    if kind not in ("text", "template"):
        raise GraphError(131051, f"type {kind} is not supported")
    if kind not in fields:
        raise GraphError(131008, f"{kind} is required")
    read = _text if kind == "text" else _template
    message = services.accept(
        phone=phone,
        kind=kind,
        now=clock.now(),
        reference=fields.get("biz_opaque_callback_data", ""),
        **read(fields[kind]),
    )
    session.call.committed = True
    told = {"id": message.wamid}
    if kind == "template":
        told["message_status"] = "accepted"
    contact = {"input": fields["to"], "wa_id": services.wa_id(phone)}
    return json_reply({"messaging_product": "whatsapp", "contacts": [contact], "messages": [told]})


def get_object(session: Session, object_id: str) -> Reply:
    """`GET {number}`: the number, as a way to see whether the token is right."""
    _mine(object_id, str(services.NUMBER))
    number = services.number()
    return json_reply(
        {
            "id": str(number.pk),
            "display_phone_number": number.display,
            "verified_name": "Lojas do Exemplo",
            "quality_rating": "GREEN",
        }
    )


def list_templates(session: Session, object_id: str) -> Reply:
    """`GET {business account}/message_templates`; `name` narrows it."""
    _mine(object_id, BUSINESS)
    rows = Template.objects.order_by("pk")
    if name := session.request.GET.get("name"):
        rows = rows.filter(name=name)
    return json_reply({"data": [_shown(row) for row in rows], "paging": {}})


def _mine(given: str, known: str) -> None:
    if given != known:
        raise refusals.unknown_object(given)


def _text(given: Mapping[str, Any]) -> dict[str, Any]:
    fields = fields_of(
        given, required={"body": text(least=1, most=LONGEST_TEXT)}, optional={"preview_url": boolean}
    )
    return {"text": fields["body"]}


def _template(given: Mapping[str, Any]) -> dict[str, Any]:
    fields = fields_of(
        given, required={"name": NAMES, "language": an_object}, optional={"components": a_list}
    )
    language = fields_of(
        fields["language"], required={"code": NAMES}, optional={"policy": word("deterministic")}
    )["code"]
    template = templates.find(fields["name"], language)
    return {
        "text": templates.filled(template, fields.get("components", [])),
        "template": template.name,
        "language": language,
        "category": template.category,
    }


def _shown(row: Template) -> dict[str, Any]:
    components: list[dict[str, Any]] = [{"type": "BODY", "text": row.body}]
    if row.button_url:
        button = {"type": "URL", "text": "Abrir", "url": row.button_url}
        components.append({"type": "BUTTONS", "buttons": [button]})
    return {
        "id": str(300_000_000_000_000 + row.pk),
        "name": row.name,
        "language": row.language,
        "status": row.status,
        "category": row.category,
        "components": components,
    }


def _bad(bad: BadBody) -> GraphError:
    details = "; ".join(f"{key} {problem}" for key, problem in bad.errors.items())
    missing = ENGLISH["required"] in bad.errors.values()
    return GraphError(131008 if missing else 100, details)
