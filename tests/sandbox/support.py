"""What the tests of the sandbox share: a client of one credential, the contract's schemas, raw sockets.

Knows the sandbox only from outside: over HTTP and, where a race must be forced, its database file.
"""

import socket
import sqlite3
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import requests
import yaml
from jsonschema_rs import Draft202012Validator

from sandbox.testing import SandboxServer

CPF = "52998224725"
PROFILES = ("laravel", "bare", "items")
DOCUMENT = yaml.safe_load(
    (Path(__file__).parents[2] / "sandbox" / "smartbis" / "openapi.yaml").read_text(encoding="utf-8")
)
# The document's schema for a refused validation names the voucher's own reasons only, while the prose lists
# `validation_failed` for every 422; a body that is not `{}` is refused with it.
_refused = DOCUMENT["paths"]["/vouchers/{voucher_code}/validate"]["post"]["responses"]["422"]["content"]
_bad_body = {"properties": {"code": {"const": "validation_failed"}}, "required": ["code", "errors"]}
_refused["application/json"]["schema"] = {
    "oneOf": [
        {"$ref": "#/components/schemas/VoucherRefusal"},
        {"allOf": [{"$ref": "#/components/schemas/Error"}, _bad_body]},
    ]
}
# The document requires a CPF of the client and says that the sandbox tolerates its absence.
DOCUMENT["components"]["schemas"]["CustomerCreate"]["required"].remove("cpf")
PERSON = {"name": "Cliente Exemplo Um", "phone": "11988880001", "password": "troque-esta-senha"}


class Contract:
    """A vendor's OpenAPI document as the judge of replies."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document
        self._validators: dict[tuple[str, str, str], Draft202012Validator | None] = {}

    def check(self, method: str, template: str, reply: requests.Response) -> None:
        """Fail unless the contract knows this status for this call and its schema accepts the body."""
        accepted = self._validator(template, method.lower(), str(reply.status_code))
        if accepted is not None:
            problems = [error.message for error in accepted.iter_errors(reply.json())]
            assert problems == [], f"{method} {template}: {problems}"

    def _validator(self, template: str, method: str, status: str) -> Draft202012Validator | None:
        """The validator of a documented reply; None when its body is nobody's business."""
        key = template, method, status
        if key not in self._validators:
            answers = self.document["paths"][template][method]["responses"]
            assert status in answers, f"{method} {template} is not documented to give {status}"
            answer = answers[status]
            components = self.document["components"]
            if "$ref" in answer:
                answer = components["responses"][answer["$ref"].rpartition("/")[2]]
            schema = answer.get("content", {}).get("application/json", {}).get("schema")
            self._validators[key] = (
                None if schema is None else Draft202012Validator({**schema, "components": components})
            )
        return self._validators[key]


CONTRACT = Contract(DOCUMENT)


def template_of(path: str) -> str:
    """The documented path a path is an instance of."""
    head, *rest = path.split("/")
    if head == "coupons" and rest:
        return "/coupons/{coupon_id}/stock"
    if head == "vouchers" and rest:
        return "/vouchers/{voucher_code}/validate"
    return f"/{path}"


class Api:
    """One credential of a sandbox. Replies of profile `laravel` are checked against the contract at once."""

    def __init__(self, sandbox: SandboxServer, profile: str = "laravel") -> None:
        self.sandbox, self.profile = sandbox, profile
        self.credential = f"sandbox-{profile}"
        self.token: str | None = None

    def call(
        self, method: str, path: str, body: Any = None, *, checked: bool = True, **more: Any
    ) -> requests.Response:
        """One request with this credential's token; `body` goes out as JSON."""
        if self.token is None:
            self.token = self.sandbox.token(self.credential)
        headers = {"Authorization": f"Bearer {self.token}", **more.pop("headers", {})}
        if body is not None:
            more["json"] = body
        reply = requests.request(
            method, self.sandbox.base + path, headers=headers, timeout=more.pop("timeout", 10), **more
        )
        if checked and self.profile == "laravel":
            CONTRACT.check(method, template_of(path.partition("?")[0]), reply)
        return reply

    def get(self, path: str, **more: Any) -> Any:
        """A read that must work; gives the JSON."""
        reply = self.call("GET", path, **more)
        assert reply.status_code == 200, reply.text
        return reply.json()

    def post(self, path: str, body: Any = None, **more: Any) -> requests.Response:
        """A POST, `{}` when no body is given."""
        return self.call("POST", path, {} if body is None else body, **more)

    def rows(self, path: str, **more: Any) -> list[Any]:
        """The rows of one page of a list, out of this profile's envelope."""
        reply = self.get(path, **more)
        if self.profile == "bare":
            return list(reply)
        return list(reply["data" if self.profile == "laravel" else "items"])

    def act(self, action: str, args: Any = None, **more: Any) -> Any:
        """An act on this credential's data."""
        return self.sandbox.act(action, args, credential=self.credential, **more)


RIVALS = 8


def at_once(sandbox: SandboxServer, request: Callable[[int], Any]) -> list[Any]:
    """The replies of `RIVALS` requests that all stood at the write lock together.

    The test itself holds SQLite's write lock until the server is working on every rival, so that each of them
    has arrived and none can take its deciding step. Then all go at once.
    """
    with (
        closing(sqlite3.connect(sandbox.database, isolation_level=None)) as holder,
        ThreadPoolExecutor(RIVALS) as rivals,
    ):
        holder.execute("BEGIN IMMEDIATE")
        try:
            replies = [rivals.submit(request, number) for number in range(RIVALS)]
            until = time.monotonic() + 10
            while sandbox.state()["in_flight"] < RIVALS:
                assert time.monotonic() < until, "the rivals never met"
        finally:
            holder.execute("COMMIT")
        return [reply.result() for reply in replies]


class RawConnection:
    """A connection whose bytes are counted: what was sent, what came back, how it ended."""

    def __init__(self, sandbox: SandboxServer, timeout: float = 5.0) -> None:
        where = urlsplit(sandbox.url)
        self.socket = socket.create_connection((where.hostname, where.port), timeout)

    def send(self, method: str, path: str, *, token: str, body: bytes = b"{}") -> None:
        """One HTTP/1.1 request below the Smartbis base."""
        head = [
            f"{method} /smartbis/v2/{path} HTTP/1.1",
            "Host: 127.0.0.1",
            f"Authorization: Bearer {token}",
            "Content-Type: application/json",
            f"Content-Length: {len(body)}",
        ]
        self.socket.sendall("\r\n".join([*head, "", ""]).encode() + body)

    def everything(self) -> bytes:
        """All bytes up to the end of the connection; raises TimeoutError when it stays open."""
        parts = []
        while part := self.socket.recv(65536):
            parts.append(part)
        return b"".join(parts)

    def close(self) -> None:
        """Give up."""
        self.socket.close()
