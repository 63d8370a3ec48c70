"""WhatsApp's Cloud API as Meta publishes it: messages, templates, errors; receipts and what people write."""

import hashlib
import hmac
import json
from typing import Any

import pytest
import requests

from sandbox.testing import WHATSAPP_ACCOUNT, WHATSAPP_APP_SECRET, WHATSAPP_NUMBER, SandboxFailed
from tests.sandbox.posted import Receiver, WhatsApp, error

NOW = 1772731900
ANA = ("Ana", "Clube", "https://portal.example/")


def values(whatsapp: WhatsApp) -> list[dict[str, Any]]:
    """What is posted to us now: the value of each notification."""
    found = []
    for one in whatsapp.act("take_deliveries"):
        body = json.loads(one["body"])
        proof = hmac.new(WHATSAPP_APP_SECRET.encode(), one["body"].encode(), hashlib.sha256).hexdigest()
        assert one["headers"]["X-Hub-Signature-256"] == f"sha256={proof}"
        assert body["object"] == "whatsapp_business_account"
        [entry] = body["entry"]
        [change] = entry["changes"]
        assert (entry["id"], change["field"]) == (WHATSAPP_ACCOUNT, "messages")
        assert change["value"]["metadata"]["phone_number_id"] == WHATSAPP_NUMBER
        found.append(change["value"])
    return found


def receipts(whatsapp: WhatsApp, now: str) -> list[tuple[str, str]]:
    whatsapp.sandbox.clock(f"2026-03-05T{now}Z")
    return [(one["statuses"][0]["status"], one["statuses"][0]["timestamp"]) for one in values(whatsapp)]


def details(reply: requests.Response) -> str:
    return str(reply.json()["error"]["error_data"]["details"])


def test_a_template_is_accepted(whatsapp: WhatsApp) -> None:
    reply = whatsapp.template(*ANA, to="+55 (11) 98888-0001", biz_opaque_callback_data="m-1", language="es")
    assert reply.status_code == 200
    [message] = reply.json()["messages"]
    assert message["id"].startswith("wamid.")
    assert reply.json() == {
        "messaging_product": "whatsapp",
        "contacts": [{"input": "+55 (11) 98888-0001", "wa_id": "5511988880001"}],
        "messages": [{"id": message["id"], "message_status": "accepted"}],
    }
    assert whatsapp.act("messages") == [
        {
            "id": message["id"],
            "to": "5511988880001",
            "type": "template",
            "template": "welcome",
            "language": "es",
            "text": "¡Hola, Ana! Ya participas en Clube. Mira en https://portal.example/ cómo funciona.",
            "reference": "m-1",
            "status": "accepted",
            "error": None,
            "at": "2026-03-05T17:31:40Z",
        }
    ]
    assert whatsapp.sandbox.committed("/messages", "whatsapp") == 1


def test_the_same_request_twice_is_two_messages(whatsapp: WhatsApp) -> None:
    first, second = (whatsapp.template(*ANA, biz_opaque_callback_data="m-1").json() for _ in range(2))
    assert first["messages"][0]["id"] != second["messages"][0]["id"]
    assert len(whatsapp.act("messages", reference="m-1")) == 2
    assert whatsapp.act("messages", phone="+5511988880002") == []


def test_the_number_answers_and_a_wrong_token_does_not(whatsapp: WhatsApp) -> None:
    number = whatsapp.call("GET", WHATSAPP_NUMBER)
    assert (number.status_code, number.json()["id"]) == (200, WHATSAPP_NUMBER)
    wrong = [
        whatsapp.call("GET", WHATSAPP_NUMBER, token="x"),
        whatsapp.call("POST", "1/messages", {}, token=""),
    ]
    assert [error(reply) for reply in wrong] == [(401, 190)] * 2
    assert wrong[0].json()["error"]["type"] == "OAuthException"
    unknown = whatsapp.call("GET", "999")
    assert (error(unknown), unknown.json()["error"]["type"]) == ((400, 100), "GraphMethodException")
    listed = whatsapp.call("GET", f"{WHATSAPP_ACCOUNT}/message_templates?name=nps").json()["data"]
    assert [(row["language"], row["status"]) for row in listed] == [
        ("pt_BR", "APPROVED"),
        ("en", "APPROVED"),
        ("es", "APPROVED"),
    ]


def test_templates_that_do_not_fit(whatsapp: WhatsApp) -> None:
    whatsapp.act("add_template", name="pausado", body="Oi", status="PAUSED")
    whatsapp.act("add_template", name="parado", body="Oi", status="DISABLED")
    whatsapp.act("add_template", name="novo", body="Oi", status="PENDING")
    whatsapp.act("add_template", name="longo", body="{{1}}{{1}}")
    short = whatsapp.template("Ana", "Clube")
    assert error(short) == (400, 132000)
    assert (
        details(short)
        == "body: number of localizable_params (2) does not match the expected number of params (3)"
    )
    cases = {
        "more": (whatsapp.template(*ANA, "x"), (400, 132000)),
        "name": (whatsapp.template(*ANA, name="nope"), (404, 132001)),
        "language": (whatsapp.template(*ANA, language="fr"), (404, 132001)),
        "lower": (whatsapp.template(*ANA, language="pt_br"), (404, 132001)),
        "pending": (whatsapp.template(name="novo"), (404, 132001)),
        "paused": (whatsapp.template(name="pausado"), (400, 132015)),
        "disabled": (whatsapp.template(name="parado"), (400, 132016)),
        "long": (whatsapp.template("x" * 600, name="longo"), (400, 132005)),
        "newline": (whatsapp.template("Ana\nSouza", *ANA[1:]), (400, 100)),
        "blanks": (whatsapp.template("Ana     Souza", *ANA[1:]), (400, 100)),
        "empty": (whatsapp.template("", *ANA[1:]), (400, 100)),
        "button": (whatsapp.template(*ANA, buttons=[button("x")]), (400, 132000)),
    }
    assert {name: error(reply) for name, (reply, _) in cases.items()} == {
        name: expected for name, (_, expected) in cases.items()
    }
    assert whatsapp.act("messages") == []
    assert whatsapp.template("Ana    Souza", *ANA[1:]).status_code == 200


def button(text: str, index: Any = "0") -> dict[str, Any]:
    parameters = [{"type": "text", "text": text}]
    return {"type": "button", "sub_type": "url", "index": index, "parameters": parameters}


def test_a_button_whose_address_ends_with_a_parameter(whatsapp: WhatsApp) -> None:
    whatsapp.act("add_template", name="nota", body="Oi {{1}}", button_url="https://portal.example/{{1}}")
    assert whatsapp.template("Ana", name="nota", buttons=[button("abc", 0)]).status_code == 200
    assert error(whatsapp.template("Ana", name="nota")) == (400, 132000)
    assert error(whatsapp.template("Ana", name="nota", buttons=[button("abc", 1)])) == (400, 132012)


@pytest.mark.parametrize(
    ("message", "code"),
    [
        ({"type": "text"}, 131008),
        ({"type": "text", "text": {}}, 131008),
        ({"type": "text", "text": {"body": "x" * 4097}}, 100),
        ({"type": "image", "image": {"id": "1"}}, 100),
        ({"type": "sticker"}, 131051),
        ({"type": "text", "text": {"body": "Oi"}, "to": "8888-01"}, 131009),
        ({"type": "text", "text": {"body": "Oi"}, "to": ""}, 100),
        ({"type": "text", "text": {"body": "Oi"}, "messaging_product": "sms"}, 100),
        ({"type": "text", "text": {"body": "Oi"}, "biz_opaque_callback_data": "x" * 513}, 100),
        ({"type": "template", "template": {"name": "welcome", "language": "pt_BR"}}, 100),
        ({"type": "template", "template": {"name": "welcome"}}, 131008),
    ],
)
def test_a_bad_body_is_refused(whatsapp: WhatsApp, message: dict[str, Any], code: int) -> None:
    assert error(whatsapp.send(message)) == (400, code)
    assert whatsapp.act("messages") == []
    assert whatsapp.sandbox.committed("", "whatsapp") == 0


def test_receipts_follow_on_the_clock(whatsapp: WhatsApp) -> None:
    message = whatsapp.held().template(*ANA, biz_opaque_callback_data="m-1").json()["messages"][0]["id"]
    assert receipts(whatsapp, "17:31:40") == []
    whatsapp.sandbox.clock("2026-03-05T17:31:41Z")
    [sent] = values(whatsapp)
    assert sent["statuses"] == [
        {
            "id": message,
            "status": "sent",
            "timestamp": str(NOW + 1),
            "recipient_id": "5511988880001",
            "biz_opaque_callback_data": "m-1",
            "conversation": sent["statuses"][0]["conversation"],
            "pricing": {"billable": True, "pricing_model": "PMP", "category": "utility"},
        }
    ]
    assert receipts(whatsapp, "17:31:43") == [("delivered", str(NOW + 3))]
    assert receipts(whatsapp, "17:32:09") == []
    assert receipts(whatsapp, "17:32:10") == [("read", str(NOW + 30))]
    assert [row["status"] for row in whatsapp.act("messages")] == ["read"]


def test_receipts_twice_late_and_lost(whatsapp: WhatsApp) -> None:
    whatsapp.held().fault("hook_twice", path="sent")
    whatsapp.fault("hook_late", path="delivered")
    whatsapp.template(*ANA)
    assert receipts(whatsapp, "17:31:41") == [("sent", str(NOW + 1))] * 2
    assert receipts(whatsapp, "17:31:43") == []
    assert receipts(whatsapp, "17:32:10") == [("read", str(NOW + 30))]
    assert receipts(whatsapp, "17:32:43") == [("delivered", str(NOW + 3))]
    whatsapp.fault("hook_lost", times=3)
    whatsapp.template(*ANA)
    assert receipts(whatsapp, "17:40:00") == []


def test_people_who_do_not_read_or_get_anything(whatsapp: WhatsApp) -> None:
    whatsapp.held().act("set_recipient", phone="5511988880001", reads=False)
    whatsapp.template(*ANA)
    whatsapp.act("set_recipient", phone="5511988880002", delivers=False)
    whatsapp.template(*ANA, to="5511988880002")
    assert [status for status, _ in receipts(whatsapp, "17:40:00")] == ["sent", "sent", "delivered"]
    whatsapp.switch("reads", "none")
    whatsapp.template(*ANA, to="5511988880003")
    assert [status for status, _ in receipts(whatsapp, "17:50:00")] == ["sent", "delivered"]


def test_what_cannot_be_delivered_is_accepted_and_then_fails(whatsapp: WhatsApp) -> None:
    whatsapp.held().act("set_recipient", phone="5511988880001", fails_with=131026)
    assert whatsapp.template(*ANA, biz_opaque_callback_data="m-1").status_code == 200
    whatsapp.sandbox.clock("2026-03-05T17:32:40Z")
    [failed] = values(whatsapp)
    [receipt] = failed["statuses"]
    assert (receipt["status"], receipt["biz_opaque_callback_data"]) == ("failed", "m-1")
    assert receipt["errors"] == [
        {
            "code": 131026,
            "title": "Message undeliverable",
            "message": "Message undeliverable",
            "error_data": {"details": "Message Undeliverable."},
            "href": "https://developers.facebook.com/docs/whatsapp/cloud-api/support/error-codes/",
        }
    ]
    assert [(row["status"], row["error"]) for row in whatsapp.act("messages")] == [("failed", 131026)]
    whatsapp.switch("failures", "reply")
    assert error(whatsapp.template(*ANA)) == (400, 131026)


def test_a_text_needs_a_message_of_the_last_day(whatsapp: WhatsApp) -> None:
    whatsapp.held().text()
    whatsapp.sandbox.clock("2026-03-05T17:31:42Z")
    [late] = values(whatsapp)
    assert late["statuses"][0]["errors"][0]["code"] == 131047
    whatsapp.act("receive", phone="+5511988880001", text="Oi")
    [opened] = values(whatsapp)
    assert "statuses" not in opened
    whatsapp.sandbox.clock("2026-03-06T17:31:42Z")
    whatsapp.text()
    whatsapp.sandbox.clock("2026-03-06T17:31:43Z")
    assert [one["statuses"][0]["status"] for one in values(whatsapp)] == ["sent"]
    whatsapp.text()
    whatsapp.switch("failures", "reply")
    assert error(whatsapp.text()) == (400, 131047)


def test_somebody_writes(whatsapp: WhatsApp) -> None:
    wamid = whatsapp.held().act("receive", phone="+5511988880001", text="SAIR", name="Ana")["id"]
    [told] = values(whatsapp)
    assert told["contacts"] == [{"profile": {"name": "Ana"}, "wa_id": "5511988880001"}]
    assert told["messages"] == [
        {
            "from": "5511988880001",
            "id": wamid,
            "timestamp": str(NOW),
            "type": "text",
            "text": {"body": "SAIR"},
        }
    ]


def test_older_brazilian_numbers_lose_their_nine(whatsapp: WhatsApp) -> None:
    whatsapp.held().switch("wa_id", "without_nine")
    assert whatsapp.template(*ANA).json()["contacts"] == [{"input": "5511988880001", "wa_id": "551188880001"}]
    whatsapp.act("receive", phone="5511988880001", text="SAIR")
    assert [one["messages"][0]["from"] for one in values(whatsapp)] == ["551188880001"]


def test_one_more_receipt_on_command(whatsapp: WhatsApp) -> None:
    message = whatsapp.held().template(*ANA).json()["messages"][0]["id"]
    assert whatsapp.act("report", message_id=message, status="failed", code=131049)["status"] == "failed"
    [told] = values(whatsapp)
    assert told["statuses"][0]["errors"][0]["code"] == 131049
    with pytest.raises(SandboxFailed, match="no such message"):
        whatsapp.act("report", message_id="wamid.x", status="read")


def test_lost_answers_and_errors_with_and_without_effect(whatsapp: WhatsApp) -> None:
    for kind in ("drop_before", "drop_after"):
        whatsapp.fault(kind, path=f"*/{WHATSAPP_NUMBER}/messages")
        with pytest.raises(requests.ConnectionError):
            whatsapp.template(*ANA, biz_opaque_callback_data=kind)
    for kind, expected in (
        ("error_before", (500, 131000)),
        ("error_after", (500, 131000)),
        ("rate_limit", (429, 130429)),
        ("unauthorized", (401, 190)),
    ):
        whatsapp.fault(kind)
        assert error(whatsapp.template(*ANA, biz_opaque_callback_data=kind)) == expected
    assert [row["reference"] for row in whatsapp.act("messages")] == ["drop_after", "error_after"]
    assert whatsapp.sandbox.committed("/messages", "whatsapp") == 2


def test_the_address_is_asked_before_it_is_taken(whatsapp: WhatsApp, receiver: Receiver) -> None:
    with pytest.raises(SandboxFailed, match="did not give the challenge back: 403"):
        whatsapp.act("subscribe", url=receiver.url, verify_token="errada")
    with pytest.raises(SandboxFailed, match="does not answer"):
        whatsapp.act("subscribe", url="http://127.0.0.1:9/", verify_token="x")
    whatsapp.template(*ANA)
    assert whatsapp.act("deliveries") == []
    whatsapp.act("subscribe", url=receiver.url, verify_token=receiver.verify_token)
    whatsapp.act("receive", phone="5511988880001", text="Olá")
    whatsapp.act("deliver")
    [posted] = receiver.posted
    assert posted.headers["Content-Type"] == "application/json"
    assert b"Ol\\u00e1" in posted.body
    whatsapp.act("subscribe", url=None)
    whatsapp.act("receive", phone="5511988880001", text="Olá")
    assert len(whatsapp.act("deliveries")) == 1


def test_any_version_of_the_api_is_the_same(whatsapp: WhatsApp) -> None:
    whatsapp.base = whatsapp.base.replace("v21.0", "v23.0")
    assert whatsapp.template(*ANA).status_code == 200
