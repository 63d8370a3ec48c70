"""What the tests of SmartPOS and WhatsApp share: clients of both, and an address of ours that takes what they post."""

import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from queue import Queue
from types import TracebackType
from typing import Any, Self
from urllib.parse import parse_qs, urlsplit

import requests

from sandbox.testing import (
    POS_CLIENT,
    POS_SECRET,
    WHATSAPP_NUMBER,
    WHATSAPP_TOKEN,
    SandboxServer,
)

NOW = "2026-03-05T17:31:40Z"
SECRET = "sandbox-webhook-secret"


class Pos:
    """One client of SmartPOS at a standing clock."""

    def __init__(self, sandbox: SandboxServer, client: str = POS_CLIENT) -> None:
        self.sandbox, self.client = sandbox, client
        self.base = sandbox.smartpos_base
        self.http = requests.Session()
        self.http.trust_env = False
        self.token: str | None = None

    def authorize(self, **changes: Any) -> requests.Response:
        """Ask for a token; `changes` replace fields of the body, None leaves one out."""
        body = {"client_id": self.client, "client_secret": POS_SECRET, "grant_type": "client_credentials"}
        given = {key: value for key, value in {**body, **changes}.items() if value is not None}
        return self.http.post(f"{self.base}/v1/authorize", json=given, timeout=10)

    def call(self, path: str, **query: Any) -> requests.Response:
        """A read with this client's token."""
        if self.token is None:
            self.token = self.authorize().json()["access_token"]
        headers = {"Authorization": f"Bearer {self.token}"}
        return self.http.get(f"{self.base}/v1/{path}", params=query, headers=headers, timeout=20)

    def get(self, path: str, **query: Any) -> Any:
        """A read that must work."""
        reply = self.call(path, **query)
        assert reply.status_code == 200, reply.text
        return reply.json()

    def act(self, action: str, args: Any = None, **more: Any) -> Any:
        """An act on this client's data."""
        return self.sandbox.act(action, args, vendor="smartpos", credential=self.client, **more)

    def switch(self, name: str, value: str) -> None:
        """A switch of this client."""
        self.sandbox.switch(name, value, vendor="smartpos", credential=self.client)

    def fault(self, kind: str, **more: Any) -> None:
        """A fault of SmartPOS."""
        self.sandbox.fault(kind, vendor="smartpos", **more)

    def held(self, url: str = "http://testserver/pos", *secrets: str) -> Self:
        """Send nothing by itself, to this address."""
        self.switch("sending", "held")
        self.act("subscribe", url=url, secrets=list(secrets or (SECRET,)))
        return self


class WhatsApp:
    """The business' number at a standing clock."""

    def __init__(self, sandbox: SandboxServer) -> None:
        self.sandbox = sandbox
        self.base = f"{sandbox.whatsapp_base}"
        self.http = requests.Session()
        self.http.trust_env = False

    def call(
        self, method: str, path: str, body: Any = None, token: str = WHATSAPP_TOKEN
    ) -> requests.Response:
        """One request with the token."""
        headers = {"Authorization": f"Bearer {token}"}
        return self.http.request(method, self.base + path, json=body, headers=headers, timeout=10)

    def send(self, message: Mapping[str, Any]) -> requests.Response:
        """A message with what every message has."""
        body = {"messaging_product": "whatsapp", "to": "5511988880001", **message}
        return self.call("POST", f"{WHATSAPP_NUMBER}/messages", body)

    def template(self, *parameters: str, name: str = "welcome", **more: Any) -> requests.Response:
        """A template with parameters in its body."""
        texts = [{"type": "text", "text": text} for text in parameters]
        template = {
            "name": name,
            "language": {"code": more.pop("language", "pt_BR")},
            "components": [{"type": "body", "parameters": texts}, *more.pop("buttons", [])],
        }
        return self.send({"type": "template", "template": template, **more})

    def text(self, body: str = "Olá", **more: Any) -> requests.Response:
        """A free text."""
        return self.send({"type": "text", "text": {"body": body}, **more})

    def act(self, action: str, args: Any = None, **more: Any) -> Any:
        """An act."""
        return self.sandbox.act(action, args, vendor="whatsapp", credential=WHATSAPP_NUMBER, **more)

    def switch(self, name: str, value: str) -> None:
        """A switch."""
        self.sandbox.switch(name, value, vendor="whatsapp", credential=WHATSAPP_NUMBER)

    def fault(self, kind: str, **more: Any) -> None:
        """A fault of WhatsApp."""
        self.sandbox.fault(kind, vendor="whatsapp", **more)

    def held(self) -> Self:
        """Send nothing by itself; the address is not asked first."""
        self.switch("sending", "held")
        self.act("subscribe", url="http://testserver/wa", verify_token="", verify=False)
        return self


def error(reply: requests.Response) -> tuple[int, int]:
    """Status and code of a Graph error whose body is as Meta documents it."""
    told = reply.json()["error"]
    assert set(told) - {"error_data"} == {"message", "type", "code", "fbtrace_id"}
    return reply.status_code, told["code"]


@dataclass(frozen=True)
class Posted:
    """What arrived."""

    path: str
    headers: Mapping[str, str]
    body: bytes


class Receiver:
    """An address of ours on loopback: takes what is posted, answers as it is told, gives challenges back."""

    def __init__(self) -> None:
        self.posted: list[Posted] = []
        #: Status and headers of the next answers; 202 when it is empty.
        self.answers: deque[tuple[int, dict[str, str]]] = deque()
        #: What arrives next waits for one of these before it is answered.
        self.gates: deque[threading.Event] = deque()
        self._arrivals: Queue[Posted] = Queue()
        self.verify_token = "senha-do-webhook"
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                receiver.posted.append(Posted(self.path, dict(self.headers.items()), body))
                receiver._arrivals.put(receiver.posted[-1])
                if receiver.gates:
                    receiver.gates.popleft().wait(10)
                status, headers = receiver.answers.popleft() if receiver.answers else (202, {})
                self.answer(status, b"", headers)

            def do_GET(self) -> None:
                query = parse_qs(urlsplit(self.path).query)
                right = query["hub.verify_token"] == [receiver.verify_token]
                assert query["hub.mode"] == ["subscribe"]
                self.answer(200 if right else 403, query["hub.challenge"][0].encode() if right else b"", {})

            def answer(self, status: int, body: bytes, headers: dict[str, str]) -> None:
                self.send_response(status)
                for name, value in {**headers, "Content-Length": str(len(body))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                """Nothing: the tests look at `posted`."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}/in"

    def next(self) -> Posted:
        """What arrives next, waited for."""
        return self._arrivals.get(timeout=10)

    def __enter__(self) -> Self:
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, problem: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown()
        self._server.server_close()
