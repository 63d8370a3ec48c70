"""What the tests of the wire share: a scripted server on raw sockets, token and pace in memory, builders.

The server does exactly what its script says, byte by byte, so that every fault of a connection can be
forced. It must not know the client.
"""

import json
import socket
import ssl
import struct
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

from smartbis_admin.api.capabilities import Resource
from smartbis_admin.api.ports import Token
from smartbis_admin.api.records import CustomerDraft, SaleDraft
from smartbis_admin.api.smartbis import SmartbisClient, wire
from smartbis_admin.api.transport import Timeouts

SAO_PAULO = ZoneInfo("America/Sao_Paulo")
CPF = "52998224725"
CODE = "VALE-7K2M-9Q"
KEY, SECRET, PASSWORD, EMAIL = (
    "key-of-the-shop",
    "secret-of-the-shop",
    "troque-esta-senha",
    "um@cliente.example",
)
TOKEN = "token-in-store"

CUSTOMER_DRAFT = CustomerDraft(
    name="Cliente Exemplo Um",
    cpf="529.982.247-25",
    phone="+5511988880001",
    password=PASSWORD,
    email=EMAIL,
    birth_date=date(1990, 5, 17),
)
SALE_DRAFT = SaleDraft(amount=Decimal("129.9"), cpf=CPF)

Act = Callable[[SmartbisClient], Any]

READS: dict[str, Act] = {
    f"list_{resource}": lambda client, resource=resource: client.walk(resource).fetch()
    for resource in wire.LISTS
} | {
    "find_customers": lambda client: client.find_customers(cpf=CPF),
    "probe": lambda client: client.probe(Resource.VOUCHERS),
}
WRITES: dict[str, Act] = {
    "create_customer": lambda client: client.create_customer(CUSTOMER_DRAFT),
    "register_sale": lambda client: client.register_sale(SALE_DRAFT),
    "set_stock": lambda client: client.set_stock(reward_remote_id="41", stock=24),
    "validate_voucher": lambda client: client.validate_voucher(code=CODE),
    "create_category": lambda client: client.create_category(name="Bebidas"),
}


class MemoryTokens:
    """A token store of one process."""

    def __init__(self, token: Token | None) -> None:
        self.token = token
        self.rejected: list[str | None] = []

    def get(self) -> Token | None:
        return self.token

    def renew(self, rejected: str | None, fetch: Callable[[], Token]) -> Token:
        self.rejected.append(rejected)
        if self.token is None or rejected is None or self.token.value == rejected:
            self.token = fetch()
        return self.token


class CountingPace:
    """Counts instead of waiting."""

    def __init__(self) -> None:
        self.calls = 0
        self.penalties: list[float] = []

    def wait(self) -> None:
        self.calls += 1

    def penalise(self, seconds: float) -> None:
        self.penalties.append(seconds)


class Bench:
    """A client with everything it was given, so that a test can look at it."""

    def __init__(
        self,
        base_url: str,
        *,
        connect: float = 0.5,
        read: float = 1.0,
        token: str = TOKEN,
        key: str = KEY,
        secret: str = SECRET,
    ) -> None:
        self.slept: list[float] = []
        self.pace = CountingPace()
        end = datetime.now(UTC) + timedelta(hours=1)
        self.tokens = MemoryTokens(Token(token, end) if token else None)
        self.client = SmartbisClient(
            base_url=base_url,
            api_key=key,
            api_secret=secret,
            tokens=self.tokens,
            pace=self.pace,
            zone=SAO_PAULO,
            timeouts=Timeouts(connect=connect, read=read, total=200),
            sleep=self.slept.append,
        )


@contextmanager
def bench(base_url: str, **options: Any) -> Iterator[Bench]:
    """A bench whose connections are closed at the end."""
    made = Bench(base_url, **options)
    try:
        yield made
    finally:
        made.client.close()


# --- The scripted server ------------------------------------------------------------------------------
class Request:
    """A request as its bytes arrived."""

    def __init__(self, head: bytes, body: bytes, connection: int) -> None:
        self.head = head.decode("latin-1")
        self.line, *lines = self.head.split("\r\n")
        self.headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines)}
        self.body = body
        self.connection = connection


class Answer:
    """What the server does with one request. `unread` closes before a request was made out, after `data`."""

    def __init__(
        self, data: bytes = b"", *, then: str = "keep", unread: bool = False, drip: float = 0
    ) -> None:
        self.data = data
        self.then = then
        self.unread = unread
        self.drip = drip


def reply(status: int, body: Any = b"", *, headers: dict[str, str] | None = None, **options: Any) -> Answer:
    """A complete HTTP answer; anything but bytes goes out as JSON."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(content)}"]
    lines += [f"{name}: {value}" for name, value in (headers or {}).items()]
    return Answer("\r\n".join(lines).encode() + b"\r\n\r\n" + content, **options)


class ScriptedServer:
    """Answers requests in the order of the script; the last answer goes on for ever."""

    def __init__(self, script: list[Answer], tls: ssl.SSLContext | None = None) -> None:
        self._tls = tls
        self._script = list(script)
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._open: list[socket.socket] = []
        self.requests: list[Request] = []
        self.connections = 0
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port = self._listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}/v2/"
        self._threads = [threading.Thread(target=self._accept, daemon=True)]
        self._threads[0].start()

    def close(self) -> None:
        self._stop.set()
        # A blocked accept() is not woken by closing its socket; a last connection does it.
        with socket.create_connection(("127.0.0.1", self.port)):
            pass
        with self._lock:
            for connection in self._open:
                # Wakes a thread that waits in recv(), which close() alone does not.
                with suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(5)
        self._listener.close()

    def wait_until_idle(self) -> bool:
        """Whether every connection ends within a second, without our doing."""
        for thread in self._threads[1:]:
            thread.join(1)
        return not any(thread.is_alive() for thread in self._threads[1:])

    def _next(self) -> Answer:
        with self._lock:
            return self._script.pop(0) if len(self._script) > 1 else self._script[0]

    def _accept(self) -> None:
        while True:
            connection, _ = self._listener.accept()
            if self._stop.is_set():
                connection.close()
                return
            with self._lock:
                self.connections += 1
                self._open.append(connection)
            thread = threading.Thread(target=self._serve, args=(connection, self.connections), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket, number: int) -> None:
        try:
            if self._tls is not None:
                connection = self._tls.wrap_socket(connection, server_side=True)
            while self._serve_one(connection, number):
                pass
        except OSError:
            pass
        finally:
            connection.close()

    def _serve_one(self, connection: socket.socket, number: int) -> bool:
        if self._script[0].unread:
            answer = self._next()
            # Wait for the first bytes, so that the connection was made before it breaks.
            connection.recv(1, socket.MSG_PEEK)
            if answer.data:
                connection.recv(65536)
                connection.sendall(answer.data)
                return False
            _reset(connection)
            return False
        request = _read_request(connection, number)
        if request is None:
            return False
        answer = self._next()
        with self._lock:
            self.requests.append(request)
        if answer.drip:
            for byte in answer.data:
                connection.sendall(bytes([byte]))
                if self._stop.wait(answer.drip):
                    return False
        elif answer.data:
            connection.sendall(answer.data)
        if answer.then == "reset":
            _reset(connection)
        elif answer.then == "silence":
            self._stop.wait(20)
        return answer.then == "keep"


def _reset(connection: socket.socket) -> None:
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def _read_request(connection: socket.socket, number: int) -> Request | None:
    data = b""
    while b"\r\n\r\n" not in data:
        part = connection.recv(65536)
        if not part:
            return None
        data += part
    head, _, body = data.partition(b"\r\n\r\n")
    request = Request(head, b"", number)
    length = int(request.headers.get("content-length", "0"))
    while len(body) < length:
        body += connection.recv(65536)
    request.body = body
    return request


@contextmanager
def scripted(*script: Answer, tls: ssl.SSLContext | None = None) -> Iterator[ScriptedServer]:
    """A running scripted server."""
    server = ScriptedServer(list(script), tls)
    try:
        yield server
    finally:
        server.close()
