"""The gate in front of the vendors: a WSGI wrapper that counts, logs and, on order, spoils vendor calls.

It works on the socket of the connection (gunicorn hands it over as `gunicorn.socket`), because a lost or cut
reply must be real. What a vendor says belongs to the vendor: here it is only withheld, cut, replaced or
delayed. Source: contract README §4, fault kinds.
"""

import threading
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from http import HTTPStatus
from typing import Any
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

from sandbox.control.calls import Call, log
from sandbox.control.clock import clock, rfc3339
from sandbox.control.faults import BEFORE, SILENT, faults
from sandbox.control.parking import hang_up, parking
from sandbox.vendors import Reply, Vendor, vendor_of

CALL = "sandbox.call"
SOCKET = "gunicorn.socket"
SLOW_SECONDS = 3.0
HTML = (("Content-Type", "text/html; charset=utf-8"),)
# Set when the server is told to stop: a delayed reply must not hold it.
stopping = threading.Event()
BAD_GATEWAY = Reply(502, b"<html><body><h1>502 Bad Gateway</h1></body></html>\n", HTML)
CAPTIVE_PAGE = Reply(
    200, b"<!doctype html><html><body><p>Bem-vindo ao Wi-Fi da loja.</p></body></html>\n", HTML
)


@dataclass
class _Caught:
    """Takes the status line and headers the application starts its reply with."""

    status: int = 0
    headers: tuple[tuple[str, str], ...] = ()

    def start_response(self, status: str, headers: list[tuple[str, str]], exc_info: Any = None) -> Any:
        """WSGI `start_response`; the `write` callable it should return is not used by Django."""
        self.status = int(status.split(" ", 1)[0])
        self.headers = tuple((name, value) for name, value in headers if name.lower() != "content-length")


class _Leaving:
    """A reply's body whose call is in flight until the web server has written it (WSGI's `close`)."""

    def __init__(self, parts: Iterable[bytes]) -> None:
        self._parts = parts

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._parts)

    def close(self) -> None:
        """The reply was handed to the network."""
        log.left()


class Gate:
    """WSGI application around `inner`; calls outside every vendor's prefix pass untouched."""

    def __init__(self, inner: WSGIApplication) -> None:
        self._inner = inner

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        path = _path(environ)
        vendor = vendor_of(path)
        if vendor is None:
            return self._inner(environ, start_response)
        log.arrived()
        try:
            call = Call(vendor.name, environ["REQUEST_METHOD"], path)
            call.fault = faults.take(vendor=vendor.name, method=call.method, paths=_spellings(vendor, path))
            environ[CALL] = call
            return _Leaving(self._answer(vendor, call, environ, start_response))
        except BaseException:
            log.left()
            raise

    def _answer(
        self, vendor: Vendor, call: Call, environ: WSGIEnvironment, start_response: StartResponse
    ) -> Iterable[bytes]:
        if call.fault in BEFORE:
            reply = _instead(vendor, call.fault, environ)
        else:
            reply = _spoilt(vendor, call.fault, environ, self._run(environ))
        log.add(call, at=rfc3339(clock.now()), status=None if call.fault in SILENT else reply.status)
        if call.fault == "stall_after":
            parking.park(environ[SOCKET])
        elif call.fault in SILENT:
            hang_up(environ[SOCKET])
        elif call.fault == "truncate_200":
            return _cut(environ, reply, start_response)
        elif call.fault == "slow":
            stopping.wait(SLOW_SECONDS)
        return _send(reply, start_response)

    def _run(self, environ: WSGIEnvironment) -> Reply:
        caught = _Caught()
        parts = self._inner(environ, caught.start_response)
        try:
            body = b"".join(parts)
        finally:
            getattr(parts, "close", lambda: None)()
        return Reply(caught.status, body, caught.headers)


def _path(environ: Mapping[str, Any]) -> str:
    # WSGI hands the bytes of the path over as Latin-1 text.
    return str(environ["PATH_INFO"]).encode("latin-1").decode("utf-8", "replace")


def _spellings(vendor: Vendor, path: str) -> tuple[str, ...]:
    below = path.removeprefix(vendor.prefix)
    return path, below, f"/{below}"


def _instead(vendor: Vendor, kind: str | None, environ: Mapping[str, Any]) -> Reply:
    if kind == "html_502":
        return BAD_GATEWAY
    if kind == "html_200":
        return CAPTIVE_PAGE
    status = {"unauthorized": vendor.unauthorized, "rate_limit": 429, "rate_limit_silent": 429}.get(
        kind or "", 500
    )
    reply = vendor.refuse(environ, status)
    if kind == "rate_limit_silent":
        spoken = tuple(header for header in reply.headers if header[0].lower() != "retry-after")
        return replace(reply, headers=spoken)
    return reply


def _spoilt(vendor: Vendor, kind: str | None, environ: Mapping[str, Any], reply: Reply) -> Reply:
    if kind == "error_after":
        return vendor.refuse(environ, 500)
    if not 200 <= reply.status < 300:
        return reply
    if kind == "empty_200":
        return replace(reply, status=200, body=b"")
    if kind == "truncate_200":
        return replace(reply, status=200, body=reply.body or b"{}")
    if kind == "cut_json":
        return replace(reply, body=reply.body[: len(reply.body) // 2])
    return reply


def _cut(environ: Mapping[str, Any], reply: Reply, start_response: StartResponse) -> Iterable[bytes]:
    """Announce the whole body, send half of it, close."""
    write = _begin(reply, start_response)
    write(reply.body[: len(reply.body) // 2])
    hang_up(environ[SOCKET])
    return ()


def _send(reply: Reply, start_response: StartResponse) -> Iterable[bytes]:
    _begin(reply, start_response)
    return (reply.body,)


def _begin(reply: Reply, start_response: StartResponse) -> Any:
    headers = [*reply.headers]
    if reply.status != HTTPStatus.NO_CONTENT:
        headers.append(("Content-Length", str(len(reply.body))))
    return start_response(f"{reply.status} {HTTPStatus(reply.status).phrase}", headers)
