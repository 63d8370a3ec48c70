"""Every call against every fault: what the caller is told, how often it was sent, and that nothing is
sent again that may have been done."""

import datetime as dt
import ipaddress
import socket
import ssl
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

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
from smartbis_admin.api.records import CpfLookup
from tests.api.support import READS, WRITES, Act, Answer, bench, reply, scripted

HTML = b"<html><body>Sorry</body></html>"
HEAD = b"HTTP/1.1 200 OK\r\nContent-Length: 400\r\n\r\n"


class Fault(NamedTuple):
    """A lasting fault; what a read and a write end in, and how many requests the server read from each."""

    answer: Answer
    read: tuple[type[ApiError], str]
    write: tuple[type[ApiError], str]
    reads: int = 4
    writes: int = 1


FAULTS = {
    "reset_unread": Fault(
        Answer(unread=True), (Unreachable, "broken"), (InDoubt, "broken"), reads=0, writes=0
    ),
    "reset_after": Fault(Answer(then="reset"), (Unreachable, "broken"), (InDoubt, "broken")),
    "closed_after": Fault(Answer(then="close"), (Unreachable, "broken"), (InDoubt, "broken")),
    "not_http": Fault(
        Answer(b"SSH-2.0-OpenSSH\r\n", then="close"), (Unreachable, "broken"), (InDoubt, "broken")
    ),
    "half_status_line": Fault(
        Answer(b"HTTP/1.1 20", then="close"), (Unreachable, "broken"), (InDoubt, "broken")
    ),
    "half_headers": Fault(
        Answer(b"HTTP/1.1 200 OK\r\nContent-Le", then="reset"), (Unreachable, "broken"), (InDoubt, "broken")
    ),
    "truncated": Fault(
        Answer(HEAD + b'{"data":[', then="close"), (Unreachable, "broken"), (InDoubt, "broken")
    ),
    "truncated_whole_json": Fault(
        Answer(HEAD + b'{"data":[]}', then="close"), (Unreachable, "broken"), (InDoubt, "broken")
    ),
    "truncated_chunks": Fault(
        Answer(b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nb\r\n{"data":[]}\r\n', then="close"),
        (Unreachable, "broken"),
        (InDoubt, "broken"),
    ),
    "truncated_4xx": Fault(
        Answer(b'HTTP/1.1 422 X\r\nContent-Length: 99\r\n\r\n{"message":"n"}', then="close"),
        (Unreachable, "broken"),
        (InDoubt, "broken"),
    ),
    "broken_gzip": Fault(
        reply(200, HTML, headers={"Content-Encoding": "gzip"}), (Unreachable, "broken"), (InDoubt, "broken")
    ),
    "500": Fault(reply(500, {"message": "x"}), (Unreachable, "server"), (InDoubt, "server")),
    "502_html": Fault(reply(502, HTML), (Unreachable, "server"), (InDoubt, "server")),
    "503": Fault(reply(503), (Unreachable, "server"), (InDoubt, "server")),
    "408": Fault(reply(408, {"message": "x"}), (Unreachable, "server"), (InDoubt, "server")),
    "429": Fault(reply(429, {"message": "x"}), (RateLimited, ""), (RateLimited, ""), reads=3, writes=3),
    "html_200": Fault(reply(200, HTML), (Malformed, "not_json"), (InDoubt, "not_json"), reads=1),
    "cut_json_200": Fault(
        reply(200, b'{"data":[{"id":1,"na'), (Malformed, "cut"), (InDoubt, "not_json"), reads=1
    ),
    "text_200": Fault(reply(200, b"OK"), (Malformed, "not_json"), (InDoubt, "not_json"), reads=1),
    "not_utf8_200": Fault(reply(200, b'"\xe7"'), (Malformed, "not_json"), (InDoubt, "not_json"), reads=1),
    "redirect": Fault(
        reply(302, headers={"Location": "https://elsewhere.invalid/"}),
        (Misconfigured, "redirect"),
        (Misconfigured, "redirect"),
        reads=1,
    ),
    "404_html": Fault(reply(404, HTML), (Misconfigured, "not_found"), (Misconfigured, "not_found"), reads=1),
    "404_other_json": Fault(
        reply(404, ["x"]), (Misconfigured, "not_found"), (Misconfigured, "not_found"), reads=1
    ),
    "405": Fault(reply(405), (Misconfigured, "not_found"), (Misconfigured, "not_found"), reads=1),
    "422_html": Fault(reply(422, HTML), (Misconfigured, "status"), (Misconfigured, "status"), reads=1),
    "403_json": Fault(reply(403, {"message": "Sem acesso."}), (Refused, ""), (Refused, ""), reads=1),
}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("call", [*READS, *WRITES])
def test_call_against_fault(call: str, fault: str) -> None:
    given = FAULTS[fault]
    act = READS.get(call) or WRITES[call]
    kind, reason = given.read if call in READS else given.write
    with scripted(given.answer) as server, bench(server.url) as it:
        with pytest.raises(ApiError) as raised:
            act(it.client)
        assert type(raised.value) is kind
        assert raised.value.reason == reason
        assert len(raised.value.reference) == 8
        assert raised.value.__cause__ is None
        assert raised.value.__context__ is None
        # A reset before reading says nothing of requests; connections stand for attempts there.
        attempts = server.connections if given.answer.unread else len(server.requests)
        expected = (given.reads if call in READS else given.writes) or (4 if call in READS else 1)
        assert attempts == expected
    if kind is RateLimited:
        assert [2.0 <= wait <= 2.5 for wait in it.pace.penalties] == [True, True, True]
        assert [2.0 <= slept <= 2.5 for slept in it.slept] == [True, True]


@pytest.mark.parametrize("call", READS)
@pytest.mark.parametrize("fault", [name for name, fault in FAULTS.items() if fault.reads in (0, 4)])
def test_read_survives_a_passing_fault(call: str, fault: str) -> None:
    good = reply(200, {"data": [], "meta": {"current_page": 1, "last_page": 1, "per_page": 50, "total": 0}})
    with scripted(FAULTS[fault].answer, good) as server, bench(server.url) as it:
        READS[call](it.client)
        assert it.pace.calls == 2
        assert len(it.slept) == 1
        assert 0.5 <= it.slept[0] <= 0.625


@pytest.mark.parametrize("call", WRITES)
def test_write_after_slow_down_is_sent_again(call: str) -> None:
    with scripted(reply(429, headers={"Retry-After": "7"}), reply(204)) as server, bench(server.url) as it:
        assert WRITES[call](it.client) is None
        assert it.slept == [7.0]
        assert len(server.requests) == 2
        assert server.requests[0].body == server.requests[1].body


# --- Nothing left ---------------------------------------------------------------------------------
def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
    return port


@pytest.fixture
def full_port() -> Iterator[int]:
    """A port whose queue of waiting connections is full, so that a further connect hangs."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as listener:
        port = listener.getsockname()[1]
        waiting = []
        for _ in range(4):
            caller = socket.socket()
            caller.setblocking(False)
            caller.connect_ex(("127.0.0.1", port))
            waiting.append(caller)
        yield port
        for caller in waiting:
            caller.close()


@pytest.mark.parametrize("call", [*READS, *WRITES])
@pytest.mark.parametrize("fault", ["refused", "name_lookup", "tls"])
def test_nothing_left(call: str, fault: str) -> None:
    act = READS.get(call) or WRITES[call]
    # A server that answers plain HTTP to a TLS greeting makes the handshake fail.
    with scripted(Answer(b"HTTP/1.1 400 Bad Request\r\n\r\n", unread=True)) as server:
        url = {
            "refused": f"http://127.0.0.1:{closed_port()}/v2/",
            "name_lookup": "https://api.smartbis.invalid/v2/",
            "tls": f"https://127.0.0.1:{server.port}/v2/",
        }[fault]
        with bench(url, connect=0.2) as it, pytest.raises(Unreachable) as raised:
            act(it.client)
    assert raised.value.reason == fault
    assert it.pace.calls == (4 if call in READS else 1)


@pytest.mark.parametrize("call", ["list_customers", "validate_voucher"])
def test_connect_timeout_is_not_sent(call: str, full_port: int) -> None:
    act = READS.get(call) or WRITES[call]
    with bench(f"http://127.0.0.1:{full_port}/v2/", connect=0.1) as it, pytest.raises(Unreachable) as raised:
        act(it.client)
    assert raised.value.reason == "connect_timeout"


# --- TLS --------------------------------------------------------------------------------------------
@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A self-signed certificate for 127.0.0.1 with its key, in one file."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "loopback")])
    now = dt.datetime.now(dt.UTC)
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]), critical=False
        )
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "loopback.pem"
    path.write_bytes(
        certificate.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
    )
    return path


@pytest.fixture
def tls_context(certificate: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    return context


@pytest.mark.parametrize("call", ["list_customers", "register_sale"])
def test_untrusted_certificate_is_not_sent(call: str, tls_context: ssl.SSLContext) -> None:
    act = READS.get(call) or WRITES[call]
    with (
        scripted(reply(200, []), tls=tls_context) as server,
        bench(f"https://127.0.0.1:{server.port}/v2/") as it,
    ):
        with pytest.raises(Unreachable) as raised:
            act(it.client)
        assert raised.value.reason == "tls"
        assert server.requests == []


def test_fault_inside_tls_after_the_handshake_is_in_doubt(
    certificate: Path, tls_context: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    """requests reports both as an SSL or connection error; only the moment tells them apart."""
    monkeypatch.setattr("requests.adapters.DEFAULT_CA_BUNDLE_PATH", str(certificate))
    script = [Answer(then="reset"), reply(201, {"data": {"id": 7, "name": "Bebidas"}})]
    with (
        scripted(*script, tls=tls_context) as server,
        bench(f"https://127.0.0.1:{server.port}/v2/") as it,
    ):
        with pytest.raises(InDoubt) as raised:
            it.client.create_category(name="Bebidas")
        assert raised.value.reason == "broken"
        record = it.client.create_category(name="Bebidas")
        assert record is not None
        assert record.remote_id == "7"
        assert len(server.requests) == 2


def test_the_authorities_are_read_once(
    certificate: Path, tls_context: ssl.SSLContext, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Reading them takes a processor longer than the rest of a call, and each write has a connection of its own."""
    bundle = tmp_path / "bundle.pem"
    bundle.write_bytes(certificate.read_bytes())
    monkeypatch.setattr("requests.adapters.DEFAULT_CA_BUNDLE_PATH", str(bundle))
    script = [reply(201, {"data": {"id": 7, "name": "Bebidas"}})] * 2
    with scripted(*script, tls=tls_context) as server:
        base = f"https://127.0.0.1:{server.port}/v2/"
        with bench(base) as first:
            assert first.client.create_category(name="Bebidas") is not None
        bundle.unlink()
        with bench(base) as second:
            assert second.client.create_category(name="Bebidas") is not None
        assert (len(server.requests), server.connections) == (2, 2)


# --- Time -------------------------------------------------------------------------------------------
@pytest.mark.parametrize("call", WRITES)
def test_silence_after_a_write_is_in_doubt(call: str) -> None:
    with scripted(Answer(then="silence")) as server, bench(server.url, read=0.1) as it:
        with pytest.raises(InDoubt) as raised:
            WRITES[call](it.client)
        assert raised.value.reason == "timeout"
        assert len(server.requests) == 1


def test_silence_after_a_read_is_tried_again_then_unreachable() -> None:
    with scripted(Answer(then="silence")) as server, bench(server.url, read=0.1) as it:
        with pytest.raises(Unreachable) as raised:
            READS["list_customers"](it.client)
        assert raised.value.reason == "timeout"
        assert it.pace.calls == 4
        assert len(it.slept) == 3


DRIPS = {
    "headers": Answer(b"HTTP/1.1 200 OK\r\n" + b"X-A: b\r\n" * 99, drip=0.02),
    "body": Answer(b"HTTP/1.1 200 OK\r\nContent-Length: 999\r\n\r\n" + b" " * 999, drip=0.02),
    "chunks": Answer(
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"1\r\n \r\n" * 99, drip=0.02
    ),
}


@pytest.mark.parametrize("drip", DRIPS)
@pytest.mark.parametrize("call", ["list_customers", "register_sale"])
def test_dripping_server_cannot_hold_us(call: str, drip: str) -> None:
    """Every byte comes well within the read timeout; the whole reply would take many times it."""
    act: Act = READS.get(call) or WRITES[call]
    with scripted(DRIPS[drip]) as server, bench(server.url, read=0.15) as it:
        started = time.monotonic()
        with pytest.raises(Unreachable if call in READS else InDoubt) as raised:
            act(it.client)
        assert raised.value.reason == "timeout"
        assert time.monotonic() - started < 1.5


def test_timeout_of_a_read_includes_its_repeats() -> None:
    with scripted(Answer(then="silence")) as server, bench(server.url, read=30) as it:
        started = time.monotonic()
        with pytest.raises(Unreachable):
            it.client.find_customers(cpf="52998224725", timeout=0.2)
        assert time.monotonic() - started < 1


def test_timeout_of_a_write_bounds_the_wait_after_429() -> None:
    with scripted(reply(429, headers={"Retry-After": "30"})) as server, bench(server.url) as it:
        with pytest.raises(RateLimited) as raised:
            it.client.validate_voucher(code="A-1", timeout=8)
        assert raised.value.retry_after == 30
        assert it.slept == []
        assert len(server.requests) == 1


# --- 401 --------------------------------------------------------------------------------------------
TOKEN_REPLY = reply(200, {"access_token": "token-renewed", "token_type": "Bearer", "expires_in": 3600})
UNAUTHORISED = reply(401, {"message": "Não autenticado.", "code": "token_expired"})


@pytest.mark.parametrize("call", [*READS, *WRITES])
def test_401_renews_once_and_sends_the_same_again(call: str) -> None:
    act = READS.get(call) or WRITES[call]
    done = reply(200, []) if call in READS else reply(204)
    with scripted(UNAUTHORISED, TOKEN_REPLY, done) as server, bench(server.url) as it:
        act(it.client)
        first, token_call, second = server.requests
        assert token_call.line == "POST /v2/auth/token HTTP/1.1"
        assert "authorization" not in token_call.headers
        assert first.headers["authorization"] == "Bearer token-in-store"
        assert second.headers["authorization"] == "Bearer token-renewed"
        assert (first.line, first.body) == (second.line, second.body)
        assert it.tokens.rejected == ["token-in-store"]
        assert it.slept == []


@pytest.mark.parametrize("call", [*READS, *WRITES])
def test_second_401_is_final(call: str) -> None:
    act = READS.get(call) or WRITES[call]
    with scripted(UNAUTHORISED, TOKEN_REPLY, UNAUTHORISED) as server, bench(server.url) as it:
        with pytest.raises(NotAllowed):
            act(it.client)
        assert len(server.requests) == 3


@pytest.mark.parametrize("call", WRITES)
def test_write_ends_harmlessly_when_no_token_can_be_had(call: str) -> None:
    wrong_pair = reply(401, {"message": "Credenciais inválidas.", "code": "invalid_credentials"})
    with scripted(wrong_pair) as server, bench(server.url, token="") as it:
        with pytest.raises(NotAllowed):
            WRITES[call](it.client)
        assert [request.line for request in server.requests] == ["POST /v2/auth/token HTTP/1.1"]


TOKEN_FAULTS = {
    "500": (reply(500), Unreachable, 4),
    "reset": (Answer(then="reset"), Unreachable, 4),
    "truncated": (Answer(HEAD + b"{", then="close"), Unreachable, 4),
    "429": (reply(429), RateLimited, 3),
    "html": (reply(200, HTML), Misconfigured, 1),
    "empty": (reply(200), Misconfigured, 1),
    "list": (reply(200, []), Misconfigured, 1),
    "no_token": (reply(200, {"token": "x"}), Misconfigured, 1),
    "token_with_space": (reply(200, {"access_token": "a b"}), Misconfigured, 1),
    "token_with_line_end": (reply(200, {"access_token": "a\nX: y"}), Misconfigured, 1),
    "token_null": (reply(200, {"access_token": None}), Misconfigured, 1),
    "422": (reply(422, {"message": "x", "code": "validation_failed"}), NotAllowed, 1),
    "401": (UNAUTHORISED, NotAllowed, 1),
    "404": (reply(404, HTML), Misconfigured, 1),
    "redirect": (reply(301, headers={"Location": "/"}), Misconfigured, 1),
}


@pytest.mark.parametrize("fault", TOKEN_FAULTS)
def test_token_call_against_fault(fault: str) -> None:
    answer, kind, sent = TOKEN_FAULTS[fault]
    with scripted(answer) as server, bench(server.url, token="") as it:
        with pytest.raises(ApiError) as raised:
            it.client.create_category(name="Bebidas")
        assert type(raised.value) is kind
        assert [request.line for request in server.requests] == ["POST /v2/auth/token HTTP/1.1"] * sent


# --- 404 and empty ------------------------------------------------------------------------------------
def test_404_in_json_is_nobody_by_that_cpf() -> None:
    with scripted(reply(404, {"message": "Cliente não encontrado."})) as server, bench(server.url) as it:
        assert it.client.find_customers(cpf="52998224725") == CpfLookup(matches=[], filter_honoured=True)


@pytest.mark.parametrize("call", [name for name in READS if name != "find_customers"])
def test_404_in_json_is_a_refusal_elsewhere(call: str) -> None:
    with scripted(reply(404, {"message": "Nada."})) as server, bench(server.url) as it:
        with pytest.raises(Refused) as raised:
            READS[call](it.client)
        assert (raised.value.code, raised.value.status, str(raised.value)) == ("unknown", 404, "Nada.")


@pytest.mark.parametrize("status", [200, 204])
@pytest.mark.parametrize("call", READS)
def test_empty_reply_is_never_an_empty_list(call: str, status: int) -> None:
    with scripted(reply(status)) as server, bench(server.url) as it, pytest.raises(Malformed) as raised:
        READS[call](it.client)
    assert raised.value.reason == "cut"


@pytest.mark.parametrize("status", [200, 201, 204])
@pytest.mark.parametrize("call", WRITES)
def test_empty_reply_to_a_write_is_done(call: str, status: int) -> None:
    with scripted(reply(status)) as server, bench(server.url) as it:
        assert WRITES[call](it.client) is None
        assert len(server.requests) == 1


@pytest.mark.parametrize(
    "body", [{"message": "manutenção"}, "texto", 7, None, {"data": None}, {"data": "x"}, {"data": {}}, {}]
)
@pytest.mark.parametrize("call", READS)
def test_json_that_is_no_list_is_malformed(call: str, body: object) -> None:
    with scripted(reply(200, body)) as server, bench(server.url) as it:
        with pytest.raises(Malformed) as raised:
            READS[call](it.client)
        assert raised.value.reason == "unexpected"
        assert len(server.requests) == 1


@pytest.mark.parametrize("body", ["ok", 7, None, [], {}, {"data": None}, {"message": "Feito."}])
@pytest.mark.parametrize("call", WRITES)
def test_json_without_details_is_done(call: str, body: object) -> None:
    with scripted(reply(200, body)) as server, bench(server.url) as it:
        assert WRITES[call](it.client) is None
