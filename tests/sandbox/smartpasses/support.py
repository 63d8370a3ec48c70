"""A client of Smart Passes for the sandbox's tests, which holds every reply against the contract's document."""

import re
from pathlib import Path
from typing import Any

import requests
import yaml

from sandbox.testing import APP_KEY, PROGRAM, SandboxServer
from tests.sandbox.support import Contract

VENDOR = "smartpasses"
DOCUMENT = yaml.safe_load(
    (Path(__file__).parents[3] / "sandbox" / "smartpasses" / "openapi.yaml").read_text(encoding="utf-8")
)
CONTRACT = Contract(DOCUMENT)
ANA = {"firstName": "Ana", "lastName": "García", "email": "ana@cliente.example", "phone": "+5511988880001"}
CAFE = {"name": "Café Gratis", "description": "Um café.", "pointsCost": 10, "autoClaim": True}


def template_of(path: str) -> str:
    """The documented path a path below the programme is an instance of."""
    named = re.sub(r"^(customers|offers)/[^/]+", lambda found: f"{found[1]}/{{{found[1][:-1]}Id}}", path)
    return f"/programs/{{programId}}/{named}"


class Passes:
    """The programme of a sandbox."""

    def __init__(self, sandbox: SandboxServer) -> None:
        self.sandbox = sandbox
        self.headers = {"Authorization": APP_KEY}
        self.program = PROGRAM
        self.http = requests.Session()
        self.http.trust_env = False

    def call(self, method: str, path: str, body: Any = None, *, checked: bool = True, **more: Any) -> Any:
        """One request below the programme; `body` goes out as JSON."""
        if body is not None:
            more["json"] = body
        headers = {**self.headers, **more.pop("headers", {})}
        timeout = more.pop("timeout", 10)
        address = f"{self.sandbox.smartpasses_base}programs/{self.program}/{path}"
        reply = self.http.request(method, address, headers=headers, timeout=timeout, **more)
        if checked:
            CONTRACT.check(method, template_of(path.partition("?")[0]), reply)
        return reply

    def get(self, path: str) -> Any:
        """A read that must work; gives the JSON."""
        reply = self.call("GET", path)
        assert reply.status_code == 200, reply.text
        return reply.json()

    def everything(self) -> list[Any]:
        """Both lists."""
        return [self.get("customers"), self.get("offers")]

    def act(self, action: str, args: Any = None, **more: Any) -> Any:
        """An act."""
        return self.sandbox.act(action, args, vendor=VENDOR, credential=APP_KEY, **more)

    def switch(self, name: str, value: str) -> None:
        """A switch."""
        self.sandbox.switch(name, value, vendor=VENDOR, credential=APP_KEY)

    def fault(self, kind: str, **more: Any) -> None:
        """A fault for these calls."""
        self.sandbox.fault(kind, vendor=VENDOR, **more)

    def committed(self, path: str = "") -> int:
        """How many calls had an effect."""
        return self.sandbox.committed(path, VENDOR)
