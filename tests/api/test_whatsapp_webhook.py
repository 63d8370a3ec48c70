"""What WhatsApp calls back with: who signed it, receipts in any order, what people wrote, and whose number that is."""

import hashlib
import hmac
import json
from datetime import UTC, datetime
from typing import Any

import pytest

from smartbis_admin.api.errors import Malformed
from smartbis_admin.api.whatsapp.webhook import (
    IncomingRecord,
    Receipt,
    ReceiptRecord,
    Webhook,
    read_webhook,
    sender_of,
    signature_holds,
)
from tests.api.bridge_support import NUMBER, REFERENCE

SECRET, BODY = "app-secret", b'{"object":"whatsapp_business_account","entry":[]}'
AT, MOMENT = "1750857384", datetime(2025, 6, 25, 13, 16, 24, tzinfo=UTC)


def signed(body: bytes, secret: str = SECRET) -> str:
    return "sha256=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


def call(*values: Any, field: str = "messages", number: str = NUMBER) -> bytes:
    """A call with these values, each in a change of its own."""
    metadata = {"display_phone_number": "551140000000", "phone_number_id": number}
    changes = [
        {"field": field, "value": {"messaging_product": "whatsapp", "metadata": metadata} | value}
        for value in values
    ]
    return json.dumps(
        {"object": "whatsapp_business_account", "entry": [{"id": "1314", "changes": changes}]}
    ).encode()


def receipt(status: str, **changes: Any) -> dict[str, Any]:
    return {
        "id": "wamid.1",
        "status": status,
        "timestamp": AT,
        "recipient_id": "5511988880001",
        "biz_opaque_callback_data": REFERENCE,
    } | changes


def message(**changes: Any) -> dict[str, Any]:
    return {
        "from": "5511988880001",
        "id": "wamid.2",
        "timestamp": AT,
        "type": "text",
        "text": {"body": "SAIR"},
    } | changes


# --- Signature --------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("header", "holds"),
    [
        (signed(BODY), True),
        (f" {signed(BODY)} ", True),
        (signed(BODY, "another"), False),
        (signed(BODY + b" "), False),
        (signed(BODY).removeprefix("sha256="), False),
        (signed(BODY).replace("sha256", "sha1"), False),
        ("sha256=", False),
        ("", False),
        ("é", False),
    ],
)
def test_signature(header: str, holds: bool) -> None:
    assert signature_holds(app_secret=SECRET, body=BODY, header=header) is holds


def test_without_a_secret_nothing_holds() -> None:
    assert signature_holds(app_secret="", body=BODY, header=signed(BODY, "")) is False


# --- Receipts ---------------------------------------------------------------------------------------------
@pytest.mark.parametrize("status", ["sent", "delivered", "read"])
def test_a_receipt(status: str) -> None:
    expected = ReceiptRecord("wamid.1", REFERENCE, Receipt(status), MOMENT)
    assert read_webhook(call({"statuses": [receipt(status)]})) == Webhook([expected])


def test_a_failure_names_its_code() -> None:
    errors = [{"code": 131026, "title": "Message undeliverable", "error_data": {"details": "x"}}]
    [record] = read_webhook(call({"statuses": [receipt("failed", errors=errors)]})).statuses
    assert (record.status, record.error_code) == (Receipt.FAILED, 131026)


def test_what_came_stays_in_its_order_and_what_is_not_understood_is_left_out() -> None:
    rows = [
        receipt("read"),
        receipt("sent", biz_opaque_callback_data=None),
        receipt("played"),
        receipt("sent", id=""),
        receipt("sent", timestamp="ontem"),
        receipt("sent", timestamp=True),
        "x",
        receipt("delivered", timestamp=int(AT)),
    ]
    found = read_webhook(call({"statuses": rows}, {"statuses": None}, {"statuses": {}})).statuses
    assert [(record.status.value, record.reference) for record in found] == [
        ("read", REFERENCE),
        ("sent", ""),
        ("delivered", REFERENCE),
    ]


# --- Messages to us ---------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({}, "SAIR"),
        ({"type": "button", "button": {"text": "Parar", "payload": "p"}}, "Parar"),
        (
            {
                "type": "interactive",
                "interactive": {"type": "button_reply", "button_reply": {"id": "1", "title": "Sim"}},
            },
            "Sim",
        ),
        (
            {
                "type": "interactive",
                "interactive": {"type": "list_reply", "list_reply": {"id": "1", "title": "Dez"}},
            },
            "Dez",
        ),
        ({"type": "image", "image": {"id": "9"}}, ""),
        ({"text": None}, ""),
        ({"type": None}, ""),
        ({"text": {"body": "x" * 5000}}, "x" * 4096),
        ({"text": {"body": "a\x00b"}}, "ab"),
    ],
)
def test_what_somebody_wrote(changes: dict[str, Any], text: str) -> None:
    found = read_webhook(call({"messages": [message(**changes)]}))
    assert found == Webhook(messages=[IncomingRecord("wamid.2", "+5511988880001", text, MOMENT)])
    assert "5511988880001" not in repr(found)


@pytest.mark.parametrize(
    ("wa_id", "phone"),
    [
        ("5511988880001", "+5511988880001"),
        # As older Brazilian accounts are known there: a mobile number without its ninth digit.
        ("551688880001", "+5516988880001"),
        ("551133334444", "+551133334444"),
        ("16505551234", "+16505551234"),
        ("+5511988880001", "+5511988880001"),
        ("", ""),
        ("0", ""),
        ("abc", ""),
    ],
)
def test_whose_number_that_is(wa_id: str, phone: str) -> None:
    assert sender_of(wa_id) == phone


def test_a_message_without_a_sender_is_left_out() -> None:
    assert read_webhook(call({"messages": [message(**{"from": None})]})) == Webhook()


# --- The call itself --------------------------------------------------------------------------------------
def test_other_fields_and_other_numbers_are_none_of_ours() -> None:
    value = {"statuses": [receipt("sent")], "messages": [message()]}
    assert read_webhook(call(value, field="message_template_status_update")) == Webhook()
    assert read_webhook(call(value, number="999"), phone_number_id=NUMBER) == Webhook()
    mine = read_webhook(call(value), phone_number_id=NUMBER)
    assert (len(mine.statuses), len(mine.messages)) == (1, 1)


@pytest.mark.parametrize("body", [b"", b"x", b"[]", b"7", b"{}", b'{"entry":{}}', BODY[:-2], b"[" * 100_000])
def test_what_is_no_call_of_theirs(body: bytes) -> None:
    with pytest.raises(Malformed) as raised:
        read_webhook(body)
    assert raised.value.__context__ is None


@pytest.mark.parametrize(
    "body",
    [
        BODY,
        b'{"entry":[7,{"changes":7},{"changes":[{"field":"messages"}]}]}',
        b'{"entry":[{"changes":[{"field":"messages","value":{"metadata":7,"statuses":7}}]}]}',
    ],
)
def test_an_empty_call_says_nothing(body: bytes) -> None:
    assert read_webhook(body, phone_number_id=NUMBER) == Webhook()
