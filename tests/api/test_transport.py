"""Connections, waits, addresses, limits and what is written into the log."""

import gzip
import logging
import subprocess
import sys

import pytest
from structlog.testing import capture_logs

from smartbis_admin.api.capabilities import Resource
from smartbis_admin.api.errors import ApiError, InDoubt, Malformed, Misconfigured, RateLimited, Unreachable
from smartbis_admin.api.exchange import check_base_url
from tests.api.support import (
    CODE,
    CPF,
    EMAIL,
    KEY,
    PASSWORD,
    READS,
    SECRET,
    TOKEN,
    WRITES,
    Act,
    Answer,
    Bench,
    bench,
    reply,
    scripted,
)


def page(it: Bench) -> None:
    it.client.walk(Resource.CUSTOMERS).fetch()


# --- Connections ------------------------------------------------------------------------------------
def test_reads_share_a_connection() -> None:
    with scripted(reply(200, [])) as server, bench(server.url) as it:
        for _ in range(5):
            page(it)
        assert server.connections == 1


def test_a_write_never_takes_an_idle_connection() -> None:
    """A reset on an idle connection could not be told from one after the work was done."""
    with scripted(reply(200, [])) as server, bench(server.url) as it:
        page(it)
        it.client.create_category(name="Bebidas")
        it.client.create_category(name="Doces")
        page(it)
        # The server kept every connection open; the reads shared one, each write had its own.
        assert [request.connection for request in server.requests] == [1, 2, 3, 1]


def test_read_on_a_connection_the_server_closed_meanwhile() -> None:
    with scripted(reply(200, [], then="close"), reply(200, [])) as server, bench(server.url) as it:
        page(it)
        page(it)
        assert len(server.requests) == 2


def test_connections_of_a_closed_client_are_closed_at_once() -> None:
    with scripted(reply(200, [])) as server:
        with bench(server.url) as it:
            page(it)
            it.client.create_category(name="Bebidas")
        assert server.wait_until_idle()


# --- Waits ------------------------------------------------------------------------------------------
def test_waits_between_tries_of_a_read() -> None:
    with scripted(reply(500)) as server, bench(server.url) as it:
        with pytest.raises(Unreachable):
            page(it)
        assert len(server.requests) == 4
        assert it.pace.calls == 4
    for base, slept in zip((0.5, 1.0, 2.0), it.slept, strict=True):
        assert base <= slept <= base * 1.25


RETRY_AFTER = {
    "seconds": ({"Retry-After": "7"}, 7.0),
    "zero": ({"Retry-After": "0"}, 0.0),
    "absent": ({}, 2.0),
    "nonsense": ({"Retry-After": "soon"}, 2.0),
    "negative": ({"Retry-After": "-3"}, 2.0),
    "fraction": ({"Retry-After": "1.5"}, 2.0),
    "beyond_cap": ({"Retry-After": "86400"}, 60.0),
    "date": (
        {"Retry-After": "Mon, 01 Mar 2027 12:00:09 GMT", "Date": "Mon, 01 Mar 2027 12:00:00 GMT"},
        9.0,
    ),
    "past_date": (
        {"Retry-After": "Mon, 01 Mar 2027 11:00:00 GMT", "Date": "Mon, 01 Mar 2027 12:00:00 GMT"},
        0.0,
    ),
    "far_date": (
        {"Retry-After": "Mon, 01 Mar 2027 15:00:00 GMT", "Date": "Mon, 01 Mar 2027 12:00:00 GMT"},
        60.0,
    ),
}


NOT_TOLD = {"absent", "nonsense", "negative", "fraction"}


@pytest.mark.parametrize("case", RETRY_AFTER)
@pytest.mark.parametrize("call", ["list_vouchers", "register_sale"])
def test_429(call: str, case: str) -> None:
    headers, seconds = RETRY_AFTER[case]
    act = READS.get(call) or WRITES[call]
    with scripted(reply(429, headers=headers)) as server, bench(server.url) as it:
        with pytest.raises(RateLimited) as raised:
            act(it.client)
        waits = it.pace.penalties
        if case in NOT_TOLD:
            # Up to a quarter more by chance, or all processes would come back at once.
            assert [seconds <= wait <= seconds * 1.25 for wait in waits] == [True] * 3
        else:
            assert waits == [seconds] * 3
        assert (raised.value.retry_after, it.slept) == (waits[2], waits[:2])
        assert len(server.requests) == 3


def test_faults_and_slow_downs_are_counted_apart() -> None:
    script = [reply(500), reply(429), reply(500), reply(429), reply(500), reply(200, [])]
    with scripted(*script) as server, bench(server.url) as it:
        page(it)
        assert len(server.requests) == 6
        assert len(it.slept) == 5


# --- Addresses --------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("http://api.smartbis.com/v2/", "plain_http"),
        ("http://10.0.0.1/", "plain_http"),
        ("http://localhost.example/", "plain_http"),
        ("http://127.0.0.1.example/", "plain_http"),
        ("ftp://127.0.0.1/", "address"),
        ("api.smartbis.com/v2/", "address"),
        ("", "address"),
        ("https://", "address"),
        ("https://api.smartbis.com:port/", "address"),
        ("https://user:word@api.smartbis.com/v2/", "address"),
        ("https://api.smartbis.com/v2/?a=1", "address"),
        ("https://api.smartbis.com/v2/#a", "address"),
        ("https://[::1/", "address"),
    ],
)
def test_address_that_may_not_be_spoken_to(url: str, reason: str) -> None:
    with pytest.raises(Misconfigured) as raised:
        Bench(url)
    assert raised.value.reason == reason


@pytest.mark.parametrize(
    ("url", "base"),
    [
        ("https://api.smartbis.com/v2", "https://api.smartbis.com/v2/"),
        ("https://api.smartbis.com/v2/", "https://api.smartbis.com/v2/"),
        ("http://127.0.0.1:8001/smartbis/v2", "http://127.0.0.1:8001/smartbis/v2/"),
        ("http://localhost:8001/", "http://localhost:8001/"),
        ("http://[::1]:8001/v2/", "http://[::1]:8001/v2/"),
        ("http://127.8.9.10/", "http://127.8.9.10/"),
    ],
)
def test_address_that_may(url: str, base: str) -> None:
    assert check_base_url(url) == base


def test_last_segment_of_the_base_is_kept_without_its_slash() -> None:
    with scripted(reply(200, [])) as server, bench(server.url.rstrip("/")) as it:
        page(it)
        assert server.requests[0].line.startswith("GET /v2/customers?")


def test_proxy_and_netrc_of_the_surroundings_are_not_asked(
    monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory
) -> None:
    netrc = tmp_path_factory.mktemp("home") / "netrc"
    netrc.write_text("machine 127.0.0.1 login somebody password else\n")
    monkeypatch.setenv("NETRC", str(netrc))
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9/")
    monkeypatch.delenv("no_proxy", raising=False)
    with scripted(reply(200, [])) as server, bench(server.url) as it:
        page(it)
        assert server.requests[0].headers["authorization"] == f"Bearer {TOKEN}"


def test_cookies_are_not_kept() -> None:
    with scripted(reply(200, [], headers={"Set-Cookie": "a=b"})) as server, bench(server.url) as it:
        page(it)
        page(it)
        assert "cookie" not in server.requests[1].headers


# --- Size -------------------------------------------------------------------------------------------
@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("smartbis_admin.api.exchange.MAX_REPLY", 2000)


def test_compressed_reply() -> None:
    body = gzip.compress(b'[{"id":1,"name":"Um"}]')
    with scripted(reply(200, body, headers={"Content-Encoding": "gzip"})) as server, bench(server.url) as it:
        assert it.client.walk(Resource.CUSTOMERS).fetch().records[0].name == "Um"  # type: ignore[union-attr]


@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.usefixtures("small")
def test_reply_over_the_cap(packed: bool) -> None:
    body = b"[" + b" " * 100_000 + b"]"
    headers = {"Content-Encoding": "gzip"} if packed else {}
    answer = reply(200, gzip.compress(body) if packed else body, headers=headers)
    with scripted(answer) as server, bench(server.url) as it:
        with pytest.raises(Malformed) as malformed:
            page(it)
        assert malformed.value.reason == "too_large"
        assert len(server.requests) == 1
        with pytest.raises(InDoubt) as doubt:
            it.client.create_category(name="Bebidas")
        assert doubt.value.reason == "too_large"


def error_of(act: Act, it: Bench) -> ApiError | None:
    try:
        act(it.client)
    except ApiError as error:
        return error
    return None


@pytest.mark.usefixtures("small")
def test_token_reply_over_the_cap_is_no_doubt_about_the_write() -> None:
    with scripted(reply(200, b" " * 100_000)) as server, bench(server.url, token="") as it:
        with pytest.raises(Misconfigured) as raised:
            it.client.create_category(name="Bebidas")
        assert raised.value.reason == "too_large"
        assert [request.line for request in server.requests] == ["POST /v2/auth/token HTTP/1.1"]


# --- Log --------------------------------------------------------------------------------------------
def test_one_line_per_attempt() -> None:
    with scripted(reply(500), reply(200, [])) as server, bench(server.url) as it, capture_logs() as lines:
        page(it)
    reference = lines[0]["reference"]
    assert len(reference) == 8
    for line in lines:
        assert isinstance(line.pop("ms"), int)
    fixed = {
        "event": "vendor_call",
        "vendor": "smartbis",
        "method": "GET",
        "path": "customers",
        "reference": reference,
    }
    assert lines == [
        {**fixed, "status": 500, "attempt": 1, "outcome": "fault:server", "log_level": "warning"},
        {**fixed, "status": 200, "attempt": 2, "outcome": "ok", "log_level": "info"},
    ]


OUTCOMES = {
    "ok": (reply(200, []), "ok", "ok"),
    "refused": (reply(422, {"message": "x"}), "refused", "refused"),
    "redirect": (reply(302), "redirect", "redirect"),
    "rate_limited": (reply(429), "rate_limited", "rate_limited"),
    "server": (reply(503), "fault:server", "in_doubt:server"),
    "reset": (Answer(then="reset"), "fault:broken", "in_doubt:broken"),
}


@pytest.mark.parametrize("case", OUTCOMES)
@pytest.mark.parametrize("call", ["list_vouchers", "validate_voucher"])
def test_outcome_in_the_log(call: str, case: str) -> None:
    answer, read, write = OUTCOMES[case]
    act = READS.get(call) or WRITES[call]
    with scripted(answer) as server, bench(server.url) as it, capture_logs() as lines:
        told = error_of(act, it)
    assert told is None or told.reference == lines[0]["reference"]
    assert (told is None) == (case == "ok")
    assert {line["outcome"] for line in lines} == {read if call in READS else write}
    assert {line["path"] for line in lines} == {
        "vouchers" if call in READS else "vouchers/{voucher_code}/validate"
    }


SECRETS = [
    KEY, SECRET, TOKEN, "token-renewed", PASSWORD, EMAIL, CPF, "529.982", CODE, "7K2M", "988880001",
    "Cliente Exemplo", "Bearer", "129.9",
]  # fmt: skip


@pytest.mark.parametrize("call", [*READS, *WRITES])
@pytest.mark.parametrize("case", ["ok", "refused", "reset", "unauthorised", "not_connected", "half_headers"])
def test_nothing_personal_is_logged_or_raised(call: str, case: str, caplog: pytest.LogCaptureFixture) -> None:
    """Every logger at its most talkative; also the error, its cause chain and everything it holds."""
    caplog.set_level(logging.DEBUG)
    row = {"id": 1, "name": "Cliente Exemplo Um", "cpf": CPF, "email": EMAIL, "code": CODE, "status": "used"}
    script = {
        "ok": [reply(200, {"data": row})],
        "refused": [reply(422, {"message": "x", "code": "validation_failed"})],
        "reset": [Answer(then="reset")],
        "unauthorised": [reply(401), reply(200, {"access_token": "token-renewed"}), reply(401)],
        "not_connected": [reply(200)],
        "half_headers": [Answer(b"HTTP/1.1 200 OK\r\nBroken header line\r\n\r\n{}", then="close")],
    }[case]
    with scripted(*script) as server, capture_logs() as lines:
        url = "http://127.0.0.1:9/v2/" if case == "not_connected" else server.url
        with bench(url) as it:
            error = error_of(READS.get(call) or WRITES[call], it)
    assert lines
    assert error is None or error.__context__ is None
    told = "" if error is None else f"{error!r} {error} {vars(error)}"
    everything = caplog.text + repr(lines) + told
    assert [secret for secret in SECRETS if secret in everything] == []


# --- Layers -----------------------------------------------------------------------------------------
def test_the_wire_needs_no_django() -> None:
    program = (
        "import smartbis_admin.api.smartbis, sys; print([m for m in sys.modules if m.startswith('django')])"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "[]"
