"""Every call of the programmes' clients against every fault: what the caller is told, how often it was sent."""

from typing import Any

import pytest
import structlog

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
from smartbis_admin.api.static_key import StaticKey
from tests.api.points_support import CALLS, PERSON, READS, SECRETS, WRITES, bench
from tests.api.support import Answer, reply, scripted
from tests.api.test_faults import FAULTS, Fault

UNPARSED = {"wallet_delete_customer", "wallet_delete_offer"}
#: How many seconds are waited for before the 2nd and further tries when nobody says how long.
SLOW = {"smile": [1.0, 2.0, 4.0], "smartpasses": [2.0, 2.0]}


def _waited(slept: list[float], steps: list[float]) -> bool:
    """Whether each wait was its step and at most a quarter more, by chance."""
    return all(step <= wait <= step * 1.25 for wait, step in zip(slept, steps, strict=True))


def expected_of(name: str, fault: str) -> tuple[type[ApiError] | None, str, int]:
    """The outcome of a call in a lasting fault: class, cause and how often it was sent."""
    given: Fault = FAULTS[fault]
    vendor = CALLS[name].vendor
    kind, reason = given.read if name in READS else given.write
    times = (given.reads or 4) if name in READS else (given.writes or 1)
    if fault == "429":
        times = 1 + len(SLOW[vendor])
    elif fault == "403_json":
        lacks = f"scope:{CALLS[name].scope}"
        kind, reason = (Misconfigured, lacks) if vendor == "smile" else (NotAllowed, "credentials")
    elif name in UNPARSED and kind is InDoubt and reason == "not_json":
        return None, "", 1
    elif kind is Malformed and CALLS[name].single:
        reason = "not_json"
    return kind, reason, times


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("name", CALLS)
def test_call_against_fault(name: str, fault: str) -> None:
    call, given = CALLS[name], FAULTS[fault]
    kind, reason, times = expected_of(name, fault)
    raised: ApiError | None = None
    with (
        scripted(given.answer) as server,
        bench(call.vendor, server.url) as it,
        structlog.testing.capture_logs() as log,
    ):
        try:
            call.act(it.client)
        except ApiError as error:
            raised = error
        attempts = server.connections if given.answer.unread else len(server.requests)
    assert (type(raised) if raised else None) is kind
    assert attempts == times
    assert len(log) == times
    written = f"{log} {raised}"
    assert [secret for secret in SECRETS if secret in written] == []
    if raised is not None:
        assert raised.reason == reason
        assert len(raised.reference) == 8
        assert raised.__cause__ is None
        assert raised.__context__ is None
    if kind is RateLimited:
        assert _waited(it.slept, SLOW[call.vendor])


@pytest.mark.parametrize("name", WRITES)
def test_silence_after_a_write_is_in_doubt_and_it_is_not_sent_again(name: str) -> None:
    call = WRITES[name]
    with scripted(Answer(then="silence")) as server, bench(call.vendor, server.url, read=0.1) as it:
        with pytest.raises(InDoubt) as raised:
            call.act(it.client)
        assert raised.value.reason == "timeout"
        assert len(server.requests) == 1


@pytest.mark.parametrize("name", CALLS)
def test_a_call_that_could_not_leave_is_known_not_to_have_left(name: str) -> None:
    call = CALLS[name]
    with bench(call.vendor, "https://programme.invalid/") as it, pytest.raises(Unreachable) as raised:
        call.act(it.client)
    assert raised.value.reason == "name_lookup"
    assert it.pace.calls == (4 if name in READS else 1)


@pytest.mark.parametrize("name", WRITES)
@pytest.mark.parametrize(("headers", "slept"), [({"Retry-After": "7"}, 7.0), ({}, None)])
def test_a_write_told_to_slow_down_is_sent_again_unchanged(
    name: str, headers: dict[str, str], slept: float | None
) -> None:
    call = WRITES[name]
    slow = reply(429, {"error": {"message": "Slow down."}}, headers=headers)
    with scripted(slow, reply(204)) as server, bench(call.vendor, server.url) as it:
        assert call.act(it.client) is None
        first, second = server.requests
        assert (first.line, first.body) == (second.line, second.body)
        assert it.slept == [slept] if slept else _waited(it.slept, SLOW[call.vendor][:1])


@pytest.mark.parametrize("name", CALLS)
def test_a_key_that_is_not_accepted_ends_it_at_once(name: str) -> None:
    call = CALLS[name]
    with scripted(reply(401, {"error": {"message": "Invalid credentials."}})) as server:
        with bench(call.vendor, server.url) as it, pytest.raises(NotAllowed) as raised:
            call.act(it.client)
        assert (raised.value.reason, len(server.requests)) == ("credentials", 1)


@pytest.mark.parametrize("name", [name for name, call in CALLS.items() if call.vendor == "smile"])
def test_a_missing_right_is_named(name: str) -> None:
    call = CALLS[name]
    with scripted(reply(403, {"error": {"message": "No."}})) as server:
        with bench(call.vendor, server.url) as it, pytest.raises(Misconfigured) as raised:
            call.act(it.client)
        assert raised.value.reason == f"scope:{call.scope}"
        assert str(raised.value).endswith(f": the key lacks {call.scope}")
        assert len(server.requests) == 1


@pytest.mark.parametrize("body", [{"message": "manutenção"}, "texto", 7, None, {}, {"data": None}])
@pytest.mark.parametrize("name", READS)
def test_json_that_is_not_what_was_asked_for_is_never_no_data(name: str, body: object) -> None:
    call = READS[name]
    with scripted(reply(200, body)) as server, bench(call.vendor, server.url) as it:
        with pytest.raises(Malformed) as raised:
            call.act(it.client)
        assert raised.value.reason == "unexpected"


@pytest.mark.parametrize("body", [b"", b"7", b"null", b"[]", b"{}", b'{"message":"Feito."}'])
@pytest.mark.parametrize("name", WRITES)
def test_a_write_without_details_is_done(name: str, body: bytes) -> None:
    call = WRITES[name]
    with scripted(reply(201, body)) as server, bench(call.vendor, server.url) as it:
        assert call.act(it.client) is None
        assert len(server.requests) == 1


NOWHERE = {"smile": {"error": {"message": "Not found."}}, "smartpasses": {"message": "No encontrado."}}


@pytest.mark.parametrize("name", CALLS)
def test_what_a_platform_does_not_have(name: str) -> None:
    call = CALLS[name]
    end: Any = None
    with scripted(reply(404, NOWHERE[call.vendor])) as server, bench(call.vendor, server.url) as it:
        try:
            assert call.act(it.client) is None
        except Refused as refused:
            end = refused.code
        assert len(server.requests) == 1
    if "_read_" in name or name in UNPARSED:
        assert end is None
    elif name in WRITES:
        assert end == "not_found"
    else:
        assert end == ("not_offered" if call.vendor == "smile" else "unknown")


@pytest.mark.parametrize("name", READS)
def test_a_refused_read_is_told(name: str) -> None:
    call = READS[name]
    with scripted(reply(422, {"message": "Impossible."})) as server, bench(call.vendor, server.url) as it:
        with pytest.raises(Refused) as raised:
            call.act(it.client)
        assert (raised.value.status, raised.value.message, raised.value.code) == (
            422,
            "Impossible.",
            "unknown",
        )


def test_what_holds_secrets_does_not_show_them() -> None:
    assert repr(PERSON) == "PersonDraft(…)"
    assert repr(StaticKey(SECRETS[0])) == "StaticKey(…)"
