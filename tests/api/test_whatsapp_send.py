"""Sending by WhatsApp: every call against every fault, exact bodies, what each of Meta's codes means to the caller."""

import json
from typing import Any

import pytest
import structlog

from smartbis_admin.api.capabilities import Reading
from smartbis_admin.api.errors import (
    ApiError,
    InDoubt,
    Malformed,
    Misconfigured,
    NotAllowed,
    RateLimited,
    Refused,
    Unreachable,
)
from tests.api.bridge_support import (
    ACCEPTED,
    ACCESS,
    NAME,
    NUMBER,
    NUMBERS,
    PHONE,
    REFERENCE,
    SECRETS,
    SENDS,
    send_template,
    whatsapp,
)
from tests.api.support import Answer, reply, scripted
from tests.api.test_faults import FAULTS

#: These bodies are no error of Meta's kind, so that what answers is not its API.
NOT_ITS_ERRORS = {"403_json": (Misconfigured, "status")}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("name", [*SENDS, *NUMBERS])
def test_call_against_fault(name: str, fault: str) -> None:
    given = FAULTS[fault]
    sending = name in SENDS
    kind, reason = NOT_ITS_ERRORS.get(fault) or (given.write if sending else given.read)
    if kind is Malformed:
        reason = "not_json"
    times = (given.writes or 1) if sending else (given.reads or 4)
    with (
        scripted(given.answer) as server,
        whatsapp(server.url) as it,
        structlog.testing.capture_logs() as log,
    ):
        with pytest.raises(ApiError) as raised:
            (SENDS | NUMBERS)[name](it.client)
        attempts = server.connections if given.answer.unread else len(server.requests)
    assert (type(raised.value), raised.value.reason) == (kind, reason)
    assert raised.value.__cause__ is None
    assert raised.value.__context__ is None
    assert attempts == times == len(log)
    written = f"{log} {raised.value}"
    assert [secret for secret in SECRETS if secret in written] == []


@pytest.mark.parametrize("name", SENDS)
def test_silence_is_in_doubt_and_it_is_not_sent_again(name: str) -> None:
    with scripted(Answer(then="silence")) as server, whatsapp(server.url, read=0.1) as it:
        with pytest.raises(InDoubt) as raised:
            SENDS[name](it.client)
        assert (raised.value.reason, len(server.requests)) == ("timeout", 1)


@pytest.mark.parametrize("name", SENDS)
def test_what_could_not_leave_is_known_not_to_have_left(name: str) -> None:
    with whatsapp("https://graph.invalid/v21.0/") as it, pytest.raises(Unreachable) as raised:
        SENDS[name](it.client)
    assert (raised.value.reason, it.pace.calls) == ("name_lookup", 1)


@pytest.mark.parametrize("body", [b"", b"{}", b"[]", b"null", b'{"messages":[]}', b'{"messages":[{"id":7}]}'])
@pytest.mark.parametrize("name", SENDS)
def test_an_answer_without_a_message_is_in_doubt(name: str, body: bytes) -> None:
    with scripted(reply(200, body)) as server, whatsapp(server.url) as it:
        with pytest.raises(InDoubt):
            SENDS[name](it.client)
        assert len(server.requests) == 1


@pytest.mark.parametrize("name", SENDS)
def test_a_429_waits_sends_the_same_again_and_holds_the_others_back(name: str) -> None:
    slow = reply(429, {"error": {"message": "x", "code": 130429}}, headers={"Retry-After": "7"})
    with scripted(slow, reply(200, ACCEPTED)) as server, whatsapp(server.url) as it:
        assert SENDS[name](it.client) == "wamid.HBgN="
        first, second = server.requests
        assert (first.line, first.body) == (second.line, second.body)
        assert (it.slept, it.pace.penalties) == ([7.0], [7.0])


# --- Exact bodies -----------------------------------------------------------------------------------------
def sent(**changes: Any) -> Any:
    with scripted(reply(200, ACCEPTED)) as server, whatsapp(server.url) as it:
        assert send_template(it.client, **changes) == "wamid.HBgN="
        [request] = server.requests
    assert request.line == f"POST /v2/{NUMBER}/messages HTTP/1.1"
    assert request.headers["authorization"] == f"Bearer {ACCESS}"
    assert request.headers["content-type"] == "application/json"
    assert request.headers["connection"] == "close"
    return json.loads(request.body)


@pytest.mark.parametrize(
    ("language", "code"), [("pt-br", "pt_BR"), ("pt_BR", "pt_BR"), ("en", "en"), ("ES", "es")]
)
def test_a_language_as_meta_writes_it(language: str, code: str) -> None:
    assert sent(language=language)["template"]["language"] == {"code": code}


def test_a_template_with_a_button() -> None:
    assert sent(button_parameter="v/ABC") == {
        "messaging_product": "whatsapp",
        "recipient_type": "individual",
        "to": PHONE,
        "type": "template",
        "template": {
            "name": "voucher_emitido",
            "language": {"code": "pt_BR"},
            "components": [
                {
                    "type": "body",
                    "parameters": [{"type": "text", "text": NAME}, {"type": "text", "text": "R$ 10,00"}],
                },
                {
                    "type": "button",
                    "sub_type": "url",
                    "index": "0",
                    "parameters": [{"type": "text", "text": "v/ABC"}],
                },
            ],
        },
        "biz_opaque_callback_data": REFERENCE,
    }


def test_a_template_without_placeholders_has_no_components() -> None:
    assert sent(parameters=[], language="en")["template"] == {
        "name": "voucher_emitido",
        "language": {"code": "en"},
    }


def test_lines_and_spaces_in_a_parameter_become_one_space() -> None:
    [body] = sent(parameters=[" Ana\n\tLima     Souza "])["template"]["components"]
    assert body["parameters"] == [{"type": "text", "text": "Ana Lima Souza"}]


def test_a_text() -> None:
    with scripted(reply(200, ACCEPTED)) as server, whatsapp(server.url) as it:
        assert SENDS["send_text"](it.client) == "wamid.HBgN="
        assert json.loads(server.requests[0].body) == {
            "messaging_product": "whatsapp",
            "recipient_type": "individual",
            "to": PHONE,
            "type": "text",
            "text": {"body": f"Oi, {NAME}!", "preview_url": False},
            "biz_opaque_callback_data": REFERENCE,
        }


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({"to": "11988880001"}, "invalid_phone"),
        ({"to": "5511988880001"}, "invalid_phone"),
        ({"to": "+55 11 98888-0001"}, "invalid_phone"),
        ({"to": ""}, "invalid_phone"),
        ({"template": " "}, "blank_template"),
        ({"parameters": ["Ana", " \n"]}, "blank_parameter"),
        ({"parameters": ["x" * 1025]}, "text_too_long"),
        ({"button_parameter": ""}, "blank_parameter"),
        ({"reference": ""}, "invalid_reference"),
        ({"reference": "x" * 513}, "invalid_reference"),
    ],
)
def test_what_cannot_be_valid_never_leaves(changes: dict[str, Any], code: str) -> None:
    with scripted(reply(200, ACCEPTED)) as server, whatsapp(server.url) as it:
        with pytest.raises(Refused) as raised:
            send_template(it.client, **changes)
        assert (raised.value.code, raised.value.status, server.requests) == (code, 0, [])


@pytest.mark.parametrize(("text", "code"), [(" \n", "blank_text"), ("x" * 4097, "text_too_long")])
def test_a_text_that_cannot_be_sent_never_leaves(text: str, code: str) -> None:
    with scripted(reply(200, ACCEPTED)) as server, whatsapp(server.url) as it:
        with pytest.raises(Refused) as raised:
            it.client.send_text(to=PHONE, text=text, reference=REFERENCE)
        assert (raised.value.code, server.requests) == (code, [])


# --- Meta's codes -----------------------------------------------------------------------------------------
def error(code: object, status: int = 400) -> Answer:
    """A refusal as Meta writes it; its text may name the phone."""
    return reply(
        status,
        {
            "error": {
                "message": f"(#{code}) about {PHONE}",
                "type": "OAuthException",
                "code": code,
                "error_data": {"messaging_product": "whatsapp", "details": PHONE},
                "fbtrace_id": "Az8or2yhqkZfEZ-_4Qn_Bam",
            }
        },
    )


@pytest.mark.parametrize(
    ("code", "word"),
    [
        (131026, "undeliverable"),
        (131047, "outside_window"),
        (132000, "template_parameters"),
        (132001, "template_missing"),
        (132015, "template_paused"),
        (131042, "payment_problem"),
        (131050, "opted_out"),
        (100, "invalid_parameter"),
        ("131026", "undeliverable"),
        (999_999, "unknown"),
        (None, "unknown"),
    ],
)
@pytest.mark.parametrize("name", SENDS)
def test_a_refusal_is_one_of_our_words(name: str, code: object, word: str) -> None:
    with scripted(error(code)) as server, whatsapp(server.url) as it:
        with pytest.raises(Refused) as raised:
            SENDS[name](it.client)
        assert len(server.requests) == 1
    refused = raised.value
    assert (refused.code, refused.status, refused.vendor_reference) == (word, 400, "Az8or2yhqkZfEZ-_4Qn_Bam")
    assert refused.fields == {}
    assert PHONE not in str(refused)


@pytest.mark.parametrize("status", [400, 401])
@pytest.mark.parametrize("name", [*SENDS, *NUMBERS])
def test_a_token_that_is_not_accepted_ends_it_at_once(name: str, status: int) -> None:
    with scripted(error(190, status)) as server, whatsapp(server.url) as it:
        with pytest.raises(NotAllowed) as raised:
            (SENDS | NUMBERS)[name](it.client)
        assert (raised.value.reason, len(server.requests)) == ("credentials", 1)


@pytest.mark.parametrize("code", [10, 200, 299])
def test_a_missing_right(code: int) -> None:
    with scripted(error(code, 403)) as server, whatsapp(server.url) as it:
        with pytest.raises(Misconfigured) as raised:
            send_template(it.client)
        assert (raised.value.reason, len(server.requests)) == ("scope", 1)


@pytest.mark.parametrize(
    ("code", "rest", "penalties"),
    [
        (130429, 2.0, [2.0]),
        (4, 60.0, [60.0]),
        (80007, 60.0, [60.0]),
        (131048, 60.0, [60.0]),
        # Too often to one person: the others need not wait.
        (131056, 60.0, []),
    ],
)
def test_too_fast_told_with_another_status(code: int, rest: float, penalties: list[float]) -> None:
    with scripted(error(code)) as server, whatsapp(server.url) as it:
        with pytest.raises(RateLimited) as raised:
            send_template(it.client)
        assert (len(server.requests), raised.value.retry_after, it.pace.penalties) == (1, rest, penalties)


# --- The number -------------------------------------------------------------------------------------------
def test_trying_the_number() -> None:
    answer = reply(200, {"id": NUMBER, "display_phone_number": "+55 11 4000-0000", "verified_name": "Loja"})
    with scripted(answer) as server, whatsapp(server.url) as it:
        probe = it.client.probe(Reading.WHATSAPP_NUMBER)
        assert server.requests[0].line == (
            f"GET /v2/{NUMBER}?fields=id%2Cdisplay_phone_number%2Cverified_name%2Cquality_rating HTTP/1.1"
        )
    assert probe.recognised == {"id", "display_phone_number", "verified_name"}
    assert probe.missing == {"quality_rating"}


@pytest.mark.parametrize(("code", "status"), [(100, 400), (33, 404)])
def test_a_number_nobody_knows(code: int, status: int) -> None:
    with scripted(error(code, status)) as server, whatsapp(server.url) as it:
        with pytest.raises(Misconfigured) as raised:
            it.client.probe(Reading.WHATSAPP_NUMBER)
        assert (raised.value.reason, raised.value.status, len(server.requests)) == ("number", status, 1)
        assert raised.value.__context__ is None
