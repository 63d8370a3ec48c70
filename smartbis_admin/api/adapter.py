"""HTTP connections that say honestly whether a request left, and that cannot be held for ever.

Knows requests, urllib3 and sockets; it must not know retries, tokens, vendors or JSON. Two things
the libraries do not give by themselves:

* **Not sent or in doubt.** requests folds a failed TLS handshake and a TLS fault in the middle of a
  reply into the same exception. Here whatever fails while connecting becomes `NotConnected`, before
  a byte of the request was written; every other exception means that bytes may have left.
* **A deadline for the whole reply.** A socket timeout starts anew with every byte, so a server that
  drips holds its caller for hours. Here the read timeout is the time for the whole reply, headers
  and body, counted from the moment the request was sent.
"""

import functools
import http.client
import io
import logging
import socket
import ssl
import time
from typing import Any

from requests import PreparedRequest, adapters
from requests.adapters import HTTPAdapter
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.connectionpool import HTTPConnectionPool, HTTPSConnectionPool
from urllib3.exceptions import ConnectTimeoutError, NameResolutionError, NewConnectionError
from urllib3.util.ssl_ import create_urllib3_context

# urllib3 writes whole addresses into its log, hence voucher codes and CPFs, some of them as warnings. The
# line per attempt is written by `exchange.py`; these are dropped whatever level somebody sets.
for _name in ("connection", "connectionpool", "poolmanager", "util.retry"):
    logging.getLogger(f"urllib3.{_name}").addFilter(lambda record: False)


class NotConnected(Exception):
    """No connection came about, so nothing was sent. `reason` is one word, without an address."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class _DeadlineReader(io.RawIOBase):
    """The raw reading end of a socket, giving each read only what is left until the deadline."""

    def __init__(self, raw: Any, sock: socket.socket, deadline: float) -> None:
        self._raw = raw
        self._sock = sock
        self._deadline = deadline

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError("the reply took too long")
        self._sock.settimeout(left)
        count: int | None = self._raw.readinto(buffer)
        return count

    def close(self) -> None:
        if not self.closed:
            self._raw.close()
        super().close()


class _DeadlineReply(http.client.HTTPResponse):
    def __init__(self, sock: socket.socket, *args: Any, deadline: float, **kwargs: Any) -> None:
        super().__init__(sock, *args, **kwargs)
        # detach() keeps the socket's own count of open files right, so that close() still closes.
        self.fp = io.BufferedReader(_DeadlineReader(self.fp.detach(), sock, deadline))


class _Honest:
    """Mixed into urllib3's connections; see the module's paragraph."""

    timeout: float

    def connect(self) -> None:
        reason = ""
        try:
            super().connect()  # type: ignore[misc]
        except Exception as error:  # noqa: BLE001 - whatever it is, the request was not written yet
            reason = _why_not_connected(error)
        if reason:
            # Outside the handler: the library's error names the address and must not be chained.
            self.close()  # type: ignore[attr-defined]
            raise NotConnected(reason)

    def getresponse(self) -> Any:
        deadline = time.monotonic() + self.timeout
        self.response_class = functools.partial(_DeadlineReply, deadline=deadline)
        return super().getresponse()  # type: ignore[misc]


def _why_not_connected(error: Exception) -> str:
    if isinstance(error, NameResolutionError):
        return "name_lookup"
    if isinstance(error, NewConnectionError):
        return "refused"
    if isinstance(error, ConnectTimeoutError | TimeoutError):
        return "connect_timeout"
    return "tls"


class _Http(_Honest, HTTPConnection):  # type: ignore[misc]
    pass


class _Https(_Honest, HTTPSConnection):  # type: ignore[misc]
    pass


class _NeverIdle:
    """Makes urllib3 take every pooled connection for dropped, hence open a new one."""

    @property
    def is_connected(self) -> bool:
        return False


class _FreshHttp(_NeverIdle, _Http):  # type: ignore[misc]
    pass


class _FreshHttps(_NeverIdle, _Https):  # type: ignore[misc]
    pass


class _HttpPool(HTTPConnectionPool):
    ConnectionCls = _Http  # type: ignore[assignment]


class _HttpsPool(HTTPSConnectionPool):
    ConnectionCls = _Https  # type: ignore[assignment]


class _FreshHttpPool(HTTPConnectionPool):
    ConnectionCls = _FreshHttp  # type: ignore[assignment]


class _FreshHttpsPool(HTTPSConnectionPool):
    ConnectionCls = _FreshHttps  # type: ignore[assignment]


@functools.lru_cache(maxsize=2)
def _trusting(bundle: str) -> ssl.SSLContext:
    """Trusts these certification authorities, and asks every server for its certificate and name."""
    context = create_urllib3_context()
    context.load_verify_locations(bundle)
    return context


class Adapter(HTTPAdapter):
    """requests' adapter over the connections above, to one server. It retries nothing and follows nothing.

    `fresh=True` never reuses a connection. Writes go that way: a server may close an idle connection
    at the very moment we write on it, and such a reset cannot be told from one after the work was
    done, so every stale connection would end as an unnecessary doubt.
    """

    def __init__(self, *, fresh: bool = False, pool_size: int = 4) -> None:
        self._fresh = fresh
        self._pool: Any = None
        super().__init__(pool_connections=1, pool_maxsize=pool_size, max_retries=0)

    def init_poolmanager(self, *args: Any, **kwargs: Any) -> None:
        super().init_poolmanager(*args, **kwargs)
        self.poolmanager.pool_classes_by_scheme = (
            {"http": _FreshHttpPool, "https": _FreshHttpsPool}
            if self._fresh
            else {"http": _HttpPool, "https": _HttpsPool}
        )

    def cert_verify(self, conn: Any, url: str, verify: Any, cert: Any) -> None:
        """Always verified. requests would have each connection read the authorities anew, which takes a processor
        longer than all the rest of a call."""
        if url.lower().startswith("https"):
            conn.cert_reqs = "CERT_REQUIRED"
            conn.conn_kw["ssl_context"] = _trusting(adapters.DEFAULT_CA_BUNDLE_PATH)

    # The server is always the same and no proxy is ever named: looking for both takes a tenth of a call.
    def get_connection_with_tls_context(self, *args: Any, **kwargs: Any) -> Any:
        self._pool = self._pool or super().get_connection_with_tls_context(*args, **kwargs)
        return self._pool

    def request_url(self, request: PreparedRequest, proxies: Any) -> str:
        return request.path_url

    def close(self) -> None:
        """Close the idle connections now; urllib3 alone leaves that to the garbage collector."""
        for key in self.poolmanager.pools.keys():  # noqa: SIM118 - this container refuses iteration
            pool = self.poolmanager.pools.get(key)
            if pool is not None:
                pool.close()
        self._pool = None
        super().close()
