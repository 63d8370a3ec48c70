"""A client of one Smile key for the sandbox's tests: requests, acts, the time all of them happen at."""

from typing import Any

import requests

from sandbox.testing import SMILE_2017, SMILE_CURRENT, SandboxServer

VENDOR = "smile"
KEYS = {"current": SMILE_CURRENT, "2017": SMILE_2017}
NOW = "2026-03-05T17:31:40Z"
SHOWN_NOW = "2026-03-05T17:31:40.000Z"


class Smile:
    """One key of a sandbox, at a standing clock and without a limit on pace."""

    def __init__(self, sandbox: SandboxServer, edition: str = "current") -> None:
        self.sandbox, self.edition = sandbox, edition
        self.current = edition == "current"
        self.key = KEYS[edition]
        self.headers = {"Authorization": f"Bearer {self.key}"}
        # One connection for all: without the pause of a new one per call.
        self.http = requests.Session()
        self.http.trust_env = False
        self.created, self.failed = (201, 422) if self.current else (200, 402)

    def call(self, method: str, path: str, body: Any = None, **more: Any) -> requests.Response:
        """One request; `body` goes out as JSON."""
        if body is not None:
            more["json"] = body
        headers = {**self.headers, **more.pop("headers", {})}
        timeout = more.pop("timeout", 10)
        address = f"{self.sandbox.smile_base}/v1/{path}"
        return self.http.request(method, address, headers=headers, timeout=timeout, **more)

    def get(self, path: str) -> Any:
        """A read that must work; gives the JSON."""
        reply = self.call("GET", path)
        assert reply.status_code == 200, reply.text
        return reply.json()

    def post(self, path: str, body: Any, **more: Any) -> requests.Response:
        """A POST."""
        return self.call("POST", path, body, **more)

    def act(self, action: str, args: Any = None, **more: Any) -> Any:
        """An act on this key's data."""
        return self.sandbox.act(action, args, vendor=VENDOR, credential=self.key, **more)

    def switch(self, name: str, value: str) -> None:
        """A switch of this key."""
        self.sandbox.switch(name, value, vendor=VENDOR, credential=self.key)

    def fault(self, kind: str, **more: Any) -> None:
        """A fault for Smile's calls."""
        self.sandbox.fault(kind, vendor=VENDOR, **more)

    def customer(self, number: int = 1, include: str = "") -> Any:
        """A customer as it is now."""
        return self.get(f"customers/{number}?include={include}")["customer"]

    def walk(self, path: str, *, size: int = 250) -> list[Any]:
        """Every row of a list, by cursor."""
        rows: list[Any] = []
        cursor = ""
        glue = "&" if "?" in path else "?"
        kind = path.partition("?")[0]
        while True:
            page = self.get(f"{path}{glue}limit={size}{cursor}")
            rows += page[kind]
            following = page["metadata"]["next_cursor"]
            if not following:
                return rows
            cursor = f"&cursor={following}"

    def everything(self) -> list[Any]:
        """All that calls can read of customers and transactions."""
        return [self.walk("customers"), self.walk("points_transactions")]

    def committed(self, path: str = "") -> int:
        """How many calls had an effect."""
        return self.sandbox.committed(path, VENDOR)


def ready(sandbox: SandboxServer, edition: str) -> Smile:
    """A key of an empty sandbox whose clock stands still."""
    sandbox.clock(NOW)
    smile = Smile(sandbox, edition)
    smile.switch("rate_limit", "off")
    return smile


def error(reply: requests.Response) -> tuple[int, str]:
    """Status and message of a refusal whose body is exactly what the edition documents."""
    body = reply.json()
    assert set(body) == {"error"}
    assert set(body["error"]) - {"request_id"} == {"message"}
    return reply.status_code, body["error"]["message"]


GIFT = {"code_prefix": "desconto", "valid_days": 30, "usage_instructions": "Use na loja."}


def furnish(smile: Smile) -> Smile:
    """Tiers, two products, a rule and Ana with 700 points."""
    smile.act("add_tier", name="Bronze", milestone=0, perks=["Ofertas"])
    smile.act("add_tier", name="Prata", milestone=500, entry_rewards=["Brinde"])
    smile.act("add_product", {"name": "R$ 10 de desconto", "points_price": 500, **GIFT})
    smile.act("add_product", name="Vale", step=100, step_value=2, min=200, max=600)
    limit = {"max": 1, "type": "rolling", "rolling": {"unit": "day", "unit_count": 30}}
    rule = {"name": "Compre na loja", "points": 1, "per_amount": 2, "earning_limit": limit}
    smile.act("add_earning_rule", {**rule, "restricted_to_vip_tier_ids": [8577]})
    smile.act("add_earning_rule", name="Desligada", points=20, enabled=False)
    ana = {"first_name": "Ana", "last_name": "Souza", "email": "Ana@Loja.example"}
    smile.act("add_customer", {**ana, "points_balance": 700, "date_of_birth": "1004-05-17"})
    return smile
