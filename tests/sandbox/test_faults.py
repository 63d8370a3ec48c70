"""Every fault, down to the socket: what leaves the machine, what took effect, what the log says."""

import json
import socket
import time
from collections.abc import Callable
from typing import Any

import pytest

from sandbox.testing import SandboxFailed, SandboxServer
from tests.sandbox.support import Api, RawConnection

Dial = Callable[[], RawConnection]
BODY = json.dumps({"name": "Bebidas"}).encode()


def last_row(sandbox: SandboxServer) -> tuple[Any, ...]:
    row = sandbox.log()[-1]
    return row["path"], row["status"], row["committed"], row["fault"]


def broken(api: Api, dial: Dial, kind: str) -> RawConnection:
    """Send one category creation that meets a fault."""
    token = api.sandbox.token(api.credential)
    api.sandbox.fault(kind, method="POST", path="categories")
    connection = dial()
    connection.send("POST", "categories", token=token, body=BODY)
    return connection


def parts(reply: bytes) -> tuple[bytes, dict[bytes, bytes], bytes]:
    """Status line, headers, body."""
    head, _, body = reply.partition(b"\r\n\r\n")
    status, *lines = head.split(b"\r\n")
    return status, {name.lower(): value for name, _, value in (line.partition(b": ") for line in lines)}, body


@pytest.mark.parametrize(("kind", "effect"), [("drop_before", 0), ("drop_after", 1)])
def test_a_dropped_connection_ends_without_a_byte(each_api: Api, dial: Dial, kind: str, effect: int) -> None:
    connection = broken(each_api, dial, kind)
    try:
        assert connection.everything() == b""
    except ConnectionResetError:
        # What was sent lay unread when the server closed: the same thing, said more rudely.
        assert kind == "drop_before"
    assert last_row(each_api.sandbox) == ("/smartbis/v2/categories", None, bool(effect), kind)
    assert len(each_api.rows("categories")) == effect


def test_a_stall_stays_silent_and_open(api: Api, dial: Dial) -> None:
    connection = broken(api, dial, "stall_after")
    connection.socket.settimeout(0.4)
    with pytest.raises(TimeoutError):
        connection.everything()
    assert last_row(api.sandbox) == ("/smartbis/v2/categories", None, True, "stall_after")
    assert len(api.rows("categories")) == 1
    api.sandbox.clear_faults()
    connection.socket.settimeout(10)
    assert connection.everything() == b""


def test_stalls_keep_no_thread(api: Api, dial: Dial) -> None:
    token = api.sandbox.token()
    api.sandbox.fault("stall_after", method="GET", path="coupons", times=80)
    for _ in range(80):
        dial().send("GET", "coupons", token=token)
    until = time.monotonic() + 10
    while len([row for row in api.sandbox.log() if row["fault"]]) < 80:
        assert time.monotonic() < until
    assert api.rows("coupons") == []
    # A call is in the log a moment before its thread is free.
    while api.sandbox.state()["in_flight"]:
        assert time.monotonic() < until


@pytest.mark.parametrize(("kind", "effect"), [("error_before", 0), ("error_after", 1)])
def test_an_error_is_a_500_with_or_without_the_effect(each_api: Api, kind: str, effect: int) -> None:
    each_api.sandbox.fault(kind, method="POST", path="categories")
    reply = each_api.post("categories", {"name": "Bebidas"}, checked=False)
    assert reply.status_code == 500
    assert (
        reply.json()
        == {
            "laravel": {"message": "Erro interno do servidor.", "code": "server_error"},
            "bare": {"error": "Erro interno do servidor."},
            "items": {
                "error": {"code": "SERVER_ERROR", "message": "Erro interno do servidor.", "fields": []}
            },
        }[each_api.profile]
    )
    assert last_row(each_api.sandbox) == ("/smartbis/v2/categories", 500, bool(effect), kind)
    assert len(each_api.rows("categories")) == effect


@pytest.mark.parametrize(("kind", "status"), [("html_502", 502), ("html_200", 200)])
def test_html_instead_of_json(api: Api, kind: str, status: int) -> None:
    api.sandbox.fault(kind, method="POST", path="categories")
    reply = api.post("categories", {"name": "Bebidas"}, checked=False)
    assert reply.status_code == status
    assert reply.headers["Content-Type"] == "text/html; charset=utf-8"
    assert reply.text.rstrip().endswith("</html>")
    assert last_row(api.sandbox) == ("/smartbis/v2/categories", status, False, kind)
    assert api.rows("categories") == []


def test_a_cut_reply_announces_more_than_it_sends(each_api: Api, dial: Dial) -> None:
    connection = broken(each_api, dial, "truncate_200")
    status, headers, body = parts(connection.everything())
    assert status == b"HTTP/1.1 200 OK"
    whole = int(headers[b"content-length"])
    assert len(body) == whole // 2
    assert last_row(each_api.sandbox) == ("/smartbis/v2/categories", 200, True, "truncate_200")
    assert len(each_api.rows("categories")) == 1


def test_an_empty_reply_has_its_effect(each_api: Api, dial: Dial) -> None:
    each_api.sandbox.fault("empty_200", method="POST", path="categories")
    reply = each_api.post("categories", {"name": "Bebidas"}, checked=False)
    assert (reply.status_code, reply.content, reply.headers["Content-Length"]) == (200, b"", "0")
    assert last_row(each_api.sandbox) == ("/smartbis/v2/categories", 200, True, "empty_200")
    assert len(each_api.rows("categories")) == 1


def test_cut_and_empty_replies_of_a_call_that_answers_nothing(sandbox: SandboxServer, dial: Dial) -> None:
    api = Api(sandbox, "bare")
    api.act("create_coupon", {"name": "Café grátis", "stock": 1})
    sandbox.fault("truncate_200", method="PATCH")
    connection = dial()
    connection.send("PATCH", "coupons/41/stock", token=sandbox.token("sandbox-bare"), body=b'{"stock": 5}')
    status, headers, body = parts(connection.everything())
    assert (status, headers[b"content-length"], body) == (b"HTTP/1.1 200 OK", b"2", b"{")
    assert api.rows("coupons")[0]["stock"] == 5


@pytest.mark.parametrize("kind", ["empty_200", "truncate_200"])
def test_a_refusal_stays_a_refusal(api: Api, dial: Dial, kind: str) -> None:
    api.post("categories", {"name": "Bebidas"})
    connection = broken(api, dial, kind)
    # Nothing more will be asked on this connection, so the server closes it after a whole reply as well.
    connection.socket.shutdown(socket.SHUT_WR)
    status, headers, body = parts(connection.everything())
    assert status == b"HTTP/1.1 422 Unprocessable Entity"
    assert last_row(api.sandbox) == ("/smartbis/v2/categories", 422, False, kind)
    whole = int(headers[b"content-length"])
    assert len(body) == (whole // 2 if kind == "truncate_200" else whole)


def test_unauthorized_refuses_before_acting(each_api: Api) -> None:
    each_api.sandbox.fault("unauthorized", method="POST", path="categories")
    reply = each_api.post("categories", {"name": "Bebidas"})
    assert reply.status_code == 401
    assert "Não autenticado." in reply.text
    assert last_row(each_api.sandbox) == ("/smartbis/v2/categories", 401, False, "unauthorized")
    assert each_api.rows("categories") == []


def test_rate_limit_says_how_long_to_wait(each_api: Api) -> None:
    each_api.sandbox.fault("rate_limit", path="categories", times=2)
    for reply in (each_api.post("categories", {"name": "Bebidas"}), each_api.call("GET", "categories")):
        assert (reply.status_code, reply.headers["Retry-After"]) == (429, "1")
    assert last_row(each_api.sandbox) == ("/smartbis/v2/categories", 429, False, "rate_limit")
    assert each_api.rows("categories") == []


def test_a_silent_rate_limit_does_not_say_how_long_to_wait(each_api: Api) -> None:
    each_api.sandbox.fault("rate_limit_silent", path="categories")
    reply = each_api.post("categories", {"name": "Bebidas"}, checked=False)
    assert (reply.status_code, "Retry-After" in reply.headers) == (429, False)
    assert each_api.rows("categories") == []


def test_cut_json_is_a_complete_reply(each_api: Api) -> None:
    each_api.post("categories", {"name": "Bebidas"})
    whole = each_api.call("GET", "categories", checked=False).content
    each_api.sandbox.fault("cut_json", path="categories")
    reply = each_api.call("GET", "categories", checked=False)
    assert (reply.status_code, reply.content) == (200, whole[: len(whole) // 2])
    assert reply.headers["Content-Length"] == str(len(whole) // 2)


@pytest.mark.parametrize(
    ("kind", "names", "place"),
    [
        ("cut_page", ["c"], (2, 3, 5)),
        ("repeat_page", ["a", "b"], (2, 3, 5)),
        ("wrong_type", ["c", {"unexpected": True}], (2, 3, 5)),
        ("total_less", ["c", "d"], (2, 1, 2)),
        ("total_more", ["c", "d"], (2, 5, 10)),
    ],
)
def test_a_spoilt_page_of_a_list(api: Api, kind: str, names: list[Any], place: tuple[int, int, int]) -> None:
    for name in "abcde":
        api.post("categories", {"name": name})
    api.sandbox.fault(kind, path="categories")
    page = api.get("categories?page=2&per_page=2", checked=False)
    meta = page["meta"]
    assert [row["name"] for row in page["data"]] == names
    assert (meta["current_page"], meta["last_page"], meta["total"]) == place
    assert last_row(api.sandbox) == ("/smartbis/v2/categories", 200, False, kind)


def test_slow_takes_three_seconds_and_loses_nothing(api: Api) -> None:
    api.sandbox.fault("slow", method="POST", path="categories")
    started = time.monotonic()
    reply = api.post("categories", {"name": "Bebidas"})
    assert (reply.status_code, time.monotonic() - started >= 3) == (201, True)
    assert last_row(api.sandbox) == ("/smartbis/v2/categories", 201, True, "slow")


def test_the_token_call_can_fail_too(sandbox: SandboxServer) -> None:
    sandbox.fault("error_before", path="auth/token")
    with pytest.raises(SandboxFailed, match="500"):
        sandbox.token()
    assert sandbox.token().startswith("sbx.")


@pytest.mark.parametrize(
    ("method", "path", "hits"),
    [
        ("*", "*", True),
        ("POST", "/smartbis/v2/vouchers/VALE-1/validate", True),
        ("POST", "vouchers/VALE-1/validate", True),
        ("POST", "/vouchers/*/validate", True),
        ("post", "vouchers/*", True),
        ("POST", "*/validate", True),
        ("GET", "*", False),
        ("POST", "vouchers/VALE-2/*", False),
        ("POST", "validate", False),
    ],
)
def test_which_requests_a_fault_means(api: Api, method: str, path: str, hits: bool) -> None:
    api.act("issue_voucher", {"code": "VALE-1"})
    token = api.sandbox.token()
    api.token = token
    api.sandbox.fault("error_before", method=method, path=path)
    reply = api.post("vouchers/VALE-1/validate", checked=False)
    assert reply.status_code == (500 if hits else 200)


def test_faults_wait_in_order_and_are_spent(api: Api) -> None:
    api.sandbox.token()
    assert api.rows("categories") == []
    api.sandbox.fault("error_before", path="categories", times=2)
    api.sandbox.fault("html_502", path="categories")
    codes = [api.call("GET", "categories", checked=False).status_code for _ in range(4)]
    assert codes == [500, 500, 502, 200]
    api.sandbox.fault("error_before", path="categories")
    api.sandbox.clear_faults()
    assert api.rows("categories") == []
    assert api.sandbox.state()["faults"] == []
