"""Sending messages by WhatsApp's Cloud API, and trying the number. One message is one write and never sent again.

Names come from `wire`, time limits and the pace from `transport`. It must not know Django, storage or screens, nor who
is written to and why. The API has no key against doubles: what is known after a lost answer comes from the receipts
alone, which carry the `reference` back (`webhook`).

Documents: Meta, "Cloud API", Messages and Error codes; named at each call.
"""

import re
import time
from collections.abc import Callable, Sequence
from typing import Any

import msgspec

from smartbis_admin.api.capabilities import Capability, Reading
from smartbis_admin.api.decode import NOT_JSON, VALUE
from smartbis_admin.api.encode import encode_body
from smartbis_admin.api.errors import (
    ApiError,
    InDoubt,
    Malformed,
    Misconfigured,
    NotAllowed,
    RateLimited,
    Refused,
)
from smartbis_admin.api.ports import Pace
from smartbis_admin.api.records import Probe
from smartbis_admin.api.static_key import StaticKey
from smartbis_admin.api.transport import AccountClient, Call, Reply, Timeouts, Transport
from smartbis_admin.api.whatsapp import wire

#: Seconds at the most for a probe: a person waits.
SHORT = 8.0
_E164 = re.compile(r"\+[1-9][0-9]{7,14}")
_SPACES = re.compile(r"\s+")


class WhatsAppClient(AccountClient):
    """One phone number of a business. Safe to share between threads; `close()` frees its connections.

    Every call raises the family of `api.errors`. A message that may have left is `InDoubt`; the words a
    `Refused` may carry stand in `wire.CODES`, and refused here, before anything left, are `invalid_phone`,
    `invalid_reference`, `blank_text`, `text_too_long`, `blank_template`, `blank_parameter`.
    """

    provider = "whatsapp"
    capabilities = frozenset({Capability.SEND_WHATSAPP})

    def __init__(
        self,
        *,
        base_url: str,
        phone_number_id: str,
        access_token: str,
        pace: Pace,
        timeouts: Timeouts = Timeouts(),  # noqa: B008 - frozen
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._number = {"phone_number_id": phone_number_id}
        self._pace = pace
        self._transport = Transport(
            base_url,
            vendor=self.provider,
            auth=StaticKey(f"Bearer {access_token}"),
            pace=pace,
            read_error=wire.read_error,
            timeouts=timeouts,
            sleep=sleep,
        )

    # POST {phone_number_id}/messages, type template. Not repeatable.
    def send_template(
        self,
        *,
        to: str,
        template: str,
        language: str,
        parameters: Sequence[str],
        button_parameter: str | None = None,
        reference: str,
        timeout: float | None = None,
    ) -> str:
        """Send an approved template to a phone in E.164; the id of the message that was taken, not delivered yet.

        `parameters` fill the body's placeholders in their order, `button_parameter` the end of its button's address.
        Lines and repeated spaces in them, which Meta refuses, become one space. `language` is `pt-BR` or `pt_BR`.
        """
        if not template.strip():
            raise _refused("blank_template", "template")
        components = []
        if parameters:
            filled = [wire.Parameter(text=_parameter(text)) for text in parameters]
            components.append(wire.Component(type="body", parameters=filled))
        if button_parameter is not None:
            address = [wire.Parameter(text=_parameter(button_parameter))]
            button = wire.Component(type="button", sub_type="url", index="0", parameters=address)
            components.append(button)
        body = wire.TemplateBody(
            to=_phone(to),
            biz_opaque_callback_data=_reference(reference),
            template=wire.Template(
                name=template, language=wire.Language(wire.language_code(language)), components=components
            ),
        )
        return self._message(body, timeout)

    # POST {phone_number_id}/messages, type text. Not repeatable; only within 24 hours of a message to us.
    def send_text(self, *, to: str, text: str, reference: str, timeout: float | None = None) -> str:
        """Answer somebody who wrote within the last 24 hours (else `outside_window`); the message's id."""
        if not text.strip():
            raise _refused("blank_text", "text")
        if len(text) > wire.MAX_TEXT:
            raise _refused("text_too_long", "text")
        body = wire.TextBody(
            to=_phone(to), biz_opaque_callback_data=_reference(reference), text=wire.Text(body=text)
        )
        return self._message(body, timeout)

    # GET {phone_number_id}: a read that shows whether address, number and token fit together.
    def probe(self, resource: Reading) -> Probe:
        """Read what Meta says of the number. Raises like any read; `Misconfigured` for a number it does not know."""
        call = Call(
            method="GET",
            path=wire.READINGS[resource],
            segments=self._number,
            query={wire.Q_FIELDS: ",".join(wire.NUMBER_FIELDS)},
            repeatable=True,
            timeout=SHORT,
        )
        reply = self._known(call)
        value = _value(reply)
        if not isinstance(value, dict) or "id" not in value:
            reason = "not_json" if value is _NOTHING else "unexpected"
            raise Malformed(f"{call.path}: the reply is no phone number", reply.reference, reason)
        described = frozenset(wire.NUMBER_FIELDS)
        return Probe(
            status=reply.status,
            latency_ms=reply.latency_ms,
            row_count=1,
            recognised=frozenset(described & value.keys()),
            missing=frozenset(described - value.keys()),
            unknown={},
            issues=[],
            reference=reply.reference,
        )

    def _known(self, call: Call) -> Reply:
        """What is refused of a read without any argument is the number itself, or whose token it is."""
        try:
            return self._send(call)
        except Refused as refused:
            unknown = Misconfigured(
                f"{call.path}: no such number", refused.reference, "number", refused.status
            )
        raise unknown

    def _message(self, body: msgspec.Struct, timeout: float | None) -> str:
        call = Call(
            method="POST",
            path=wire.MESSAGES,
            segments=self._number,
            body=encode_body(body),
            repeatable=False,
            timeout=timeout,
        )
        reply = self._send(call)
        value = _value(reply)
        known = wire.message_id(value)
        if not known:
            # Taken, as it seems; yet without the id nothing says so for certain.
            reason = "not_json" if value is _NOTHING else "unexpected"
            raise InDoubt(f"{call.path}: answered without a message", reply.reference, reason)
        return known

    def _send(self, call: Call) -> Reply:
        """Meta tells by its number what is wrong; the HTTP status beside it varies with the edition."""
        try:
            return self._transport.send(call)
        except Refused as refused:
            end = self._judge(call, refused)
        raise end

    def _judge(self, call: Call, refused: Refused) -> ApiError:
        code = int(refused.code)
        if code in wire.TOO_FAST:
            rest = wire.TOO_FAST[code]
            self._pace.penalise(rest)
            return RateLimited(f"{call.path}: too fast", refused.reference, retry_after=rest)
        if code == wire.TOO_OFTEN:
            return RateLimited(
                f"{call.path}: too often to one person",
                refused.reference,
                retry_after=wire.TOO_OFTEN_REST,
            )
        if code in wire.NOT_ACCEPTED:
            return NotAllowed(f"{call.path}: the token is refused", refused.reference, "credentials")
        if code in wire.MISSING_RIGHT:
            return Misconfigured(f"{call.path}: the token lacks a right", refused.reference, "scope")
        refused.code = wire.word_of(code)
        return refused


_NOTHING = object()


def _value(reply: Reply) -> Any:
    """The reply's JSON, or `_NOTHING`."""
    try:
        return VALUE.decode(reply.body)
    except NOT_JSON:
        return _NOTHING


def _refused(code: str, field: str) -> Refused:
    return Refused(f"refused before sending: {code}", code=code, fields={field: []})


def _phone(to: str) -> str:
    if _E164.fullmatch(to) is None:
        raise _refused("invalid_phone", "to")
    return to


def _reference(reference: str) -> str:
    if not 1 <= len(reference) <= wire.MAX_REFERENCE:
        raise _refused("invalid_reference", "reference")
    return reference


def _parameter(text: str) -> str:
    plain = _SPACES.sub(" ", text).strip()
    if not plain:
        raise _refused("blank_parameter", "parameters")
    if len(plain) > wire.MAX_PARAMETER:
        raise _refused("text_too_long", "parameters")
    return plain
