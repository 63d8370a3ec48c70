"""One attempt: a request sent over an honest connection, its whole reply read, one log line written.

Knows HTTP, addresses and what may be logged. It must not know repeats, tokens, pace or vendors' JSON:
that is `transport.py`. Nothing personal is logged: no query value, header, body or code.
"""

import ipaddress
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import lru_cache
from http import HTTPStatus
from urllib.parse import quote, urlencode, urlsplit

import msgspec
import requests
import structlog
from requests.structures import CaseInsensitiveDict

from smartbis_admin.api.adapter import Adapter, NotConnected
from smartbis_admin.api.errors import Misconfigured

log = structlog.get_logger("smartbis_admin.api")

#: Bytes of a decoded reply. A list that ignores paging may be one reply of 100 000 customers.
MAX_REPLY = 64 * 1024 * 1024
CHUNK = 64 * 1024


class Timeouts(msgspec.Struct, frozen=True, kw_only=True):
    """Seconds. `read` is for one whole reply: 30 for lists, 8 where a person waits.

    `total` is for a call with all its repeats and waits; without it, five times `read`.
    """

    connect: float = 3.0
    read: float = 30.0
    total: float | None = None


class Call(msgspec.Struct, frozen=True, kw_only=True):
    """One request to make. `path` is a template (`vouchers/{code}/validate`), and all a log sees of it."""

    method: str
    path: str
    segments: Mapping[str, str] = {}
    query: Mapping[str, str] = {}
    body: bytes | None = None
    #: May be sent again without harm: reads, and the token call.
    repeatable: bool
    #: How long somebody waits for it, in seconds: for a read everything, repeats included; for a
    #: write the reply. None: the transport's own limits.
    timeout: float | None = None
    #: False for the token call alone: no credentials, and a 401 is final.
    authorised: bool = True

    def __repr__(self) -> str:
        return f"Call({self.method} {self.path})"


class Reply(msgspec.Struct, frozen=True, kw_only=True):
    """A complete answer. `date` is the vendor's clock, where it says."""

    status: int
    body: bytes
    headers: Mapping[str, str]
    date: datetime | None
    latency_ms: int
    reference: str

    def __repr__(self) -> str:
        return f"Reply({self.status}, {len(self.body)} bytes)"


class Fault(msgspec.Struct, frozen=True):
    """No complete answer. `sent` False: certainly nothing left."""

    reason: str
    sent: bool


class Exchange:
    """The connections to one base address. `Misconfigured` when it may not be spoken to."""

    def __init__(self, base_url: str, *, vendor: str, timeouts: Timeouts) -> None:
        # As it is written on the wire: a name beyond ASCII has another form there.
        self._base = requests.Request("GET", check_base_url(base_url)).prepare().url or ""
        self._vendor = vendor
        self._timeouts = timeouts
        self._reads = Adapter()
        self._writes = Adapter(fresh=True)
        #: Seconds the vendor's clock is ahead of ours, from the latest reply; None before the first.
        self.clock_skew: float | None = None

    def close(self) -> None:
        """Close the idle connections."""
        self._reads.close()
        self._writes.close()

    def attempt(
        self,
        call: Call,
        authorization: tuple[str, str] | None,
        *,
        reference: str,
        number: int,
        ends: float,
    ) -> Fault | Reply:
        """Send once and read the whole answer; one log line, whatever happens.

        `ends` (monotonic seconds) is when a repeatable call must be over with all its repeats.
        """
        request = self._prepare(call, authorization)
        started = time.monotonic()
        patience = call.timeout or self._timeouts.read
        if call.repeatable:
            patience = max(min(patience, self._timeouts.read, ends - started), 0.001)
        answer = self._exchange(request, call, patience, reference, started)
        status = answer.status if isinstance(answer, Reply) else None
        (log.info if status and status < HTTPStatus.BAD_REQUEST else log.warning)(
            "vendor_call",
            vendor=self._vendor,
            method=call.method,
            path=call.path,
            status=status,
            ms=round((time.monotonic() - started) * 1000),
            attempt=number,
            reference=reference,
            outcome=_outcome(call, answer),
        )
        return answer

    def _prepare(self, call: Call, authorization: tuple[str, str] | None) -> requests.PreparedRequest:
        """The request as it goes out. Base and template are fixed and the rest is quoted here, so that nothing is
        left of what the library would look for in each."""
        path = call.path.format_map({name: quote(text, safe="") for name, text in call.segments.items()})
        query = f"?{urlencode(call.query)}" if call.query else ""
        headers = {
            "Accept": "application/json",
            "Accept-Encoding": "gzip, deflate",
            "Content-Type": "application/json",
            "User-Agent": "smartbis_admin",
        }
        if call.method != "GET":
            headers["Content-Length"] = str(len(call.body or b""))
        if not call.repeatable:
            headers["Connection"] = "close"
        if authorization is not None:
            headers[authorization[0]] = authorization[1]
        request = requests.PreparedRequest()
        request.method, request.url, request.body = call.method, f"{self._base}{path}{query}", call.body
        request.headers = CaseInsensitiveDict(headers)
        return request

    def _exchange(
        self, request: requests.PreparedRequest, call: Call, patience: float, reference: str, started: float
    ) -> Fault | Reply:
        adapter = self._reads if call.repeatable else self._writes
        try:
            response = adapter.send(request, stream=True, timeout=(self._timeouts.connect, patience))
            try:
                body = self._read_body(response)
            finally:
                response.close()
        except NotConnected as error:
            return Fault(error.reason, sent=False)
        except (requests.Timeout, TimeoutError):
            return Fault("timeout", sent=True)
        except Exception as error:  # noqa: BLE001 - a write may have left: nothing may pass as "not sent"
            return Fault(_reason(error), sent=True)
        if body is None:
            return Fault("too_large", sent=True)
        date = http_date(response.headers.get("Date"))
        if date is not None:
            self.clock_skew = (date - datetime.now(UTC)).total_seconds()
        return Reply(
            status=response.status_code,
            body=body,
            headers=response.headers,
            date=date,
            latency_ms=round((time.monotonic() - started) * 1000),
            reference=reference,
        )

    def _read_body(self, response: requests.Response) -> bytes | None:
        """The whole decoded body, or None when it is over the cap.

        `raw.stream` raises when fewer bytes came than Content-Length or the last chunk promised;
        the deadline lies in the connection.
        """
        parts: list[bytes] = []
        size = 0
        for part in response.raw.stream(CHUNK, decode_content=True):
            size += len(part)
            if size > MAX_REPLY:
                return None
            parts.append(part)
        return b"".join(parts)


@lru_cache(maxsize=64)
def check_base_url(base_url: str) -> str:
    """Return the base with its closing slash, without which the last segment (`v2`) would be lost.

    Raises `Misconfigured` for plain http to anything but this machine, and for what is not an address.
    """
    try:
        parts = urlsplit(base_url)
        host, _port = parts.hostname, parts.port
        requests.Request("GET", base_url).prepare()
    except ValueError:
        host = None
    if not host or parts.scheme not in ("http", "https") or parts.username is not None:
        raise Misconfigured("the base address is not an http(s) address", reason="address")
    if parts.query or parts.fragment:
        raise Misconfigured("the base address has a query or a fragment", reason="address")
    if parts.scheme == "http" and not is_loopback(host):
        raise Misconfigured("plain http is for this machine alone", reason="plain_http")
    return base_url if base_url.endswith("/") else f"{base_url}/"


def is_loopback(host: str) -> bool:
    """Tell whether a host name is this machine."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def is_server_trouble(status: int) -> bool:
    """408, 5xx, and what is no final status at all: says nothing about what was done."""
    return status == HTTPStatus.REQUEST_TIMEOUT or not HTTPStatus.OK <= status < 500


def _outcome(call: Call, answer: Fault | Reply) -> str:
    """The log's word for what an attempt came to."""
    if isinstance(answer, Fault):
        if not answer.sent:
            return f"not_sent:{answer.reason}"
        return f"{'fault' if call.repeatable else 'in_doubt'}:{answer.reason}"
    if is_server_trouble(answer.status):
        return "fault:server" if call.repeatable else "in_doubt:server"
    return {2: "ok", 3: "redirect"}.get(answer.status // 100) or {
        HTTPStatus.UNAUTHORIZED.value: "unauthorised",
        HTTPStatus.TOO_MANY_REQUESTS.value: "rate_limited",
    }.get(answer.status, "refused")


def _reason(error: Exception) -> str:
    """`timeout` or `broken`: requests and urllib3 wrap a timeout in several ways."""
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, TimeoutError):
            return "timeout"
        nested = [argument for argument in seen.args if isinstance(argument, BaseException)]
        seen = seen.__cause__ or (nested[0] if nested else None)
    return "broken"


def http_date(text: str | None) -> datetime | None:
    """An HTTP date as an aware moment in UTC; None when there is none to be read."""
    if not text:
        return None
    try:
        moment = parsedate_to_datetime(text)
    except ValueError:
        return None
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
