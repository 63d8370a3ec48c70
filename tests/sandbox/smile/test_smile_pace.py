"""Smile's leaky bucket, measured on the sandbox's clock: ten at once, ten more a second, per key."""

import pytest

from sandbox.smile.pace import Buckets
from sandbox.testing import SandboxServer
from tests.sandbox.smile.support import KEYS, NOW, Smile, error


@pytest.mark.parametrize("edition", KEYS)
def test_the_eleventh_request_of_a_second_is_too_many(sandbox: SandboxServer, edition: str) -> None:
    sandbox.clock(NOW)
    smile = Smile(sandbox, edition)
    smile.act("add_customer", email="ana@loja.example")
    assert [smile.call("GET", "customers").status_code for _ in range(10)] == [200] * 10
    credit = {"points_transaction": {"customer_id": 1, "points_change": 5, "description": "x"}}
    reply = smile.post("points_transactions", credit)
    assert error(reply) == (429, "Too many requests.")
    assert ("request_id" in reply.json()["error"]) == smile.current
    assert "Retry-After" not in reply.headers
    assert smile.committed() == 0
    # Somebody else's key has its own bucket; a wrong one has none.
    other = Smile(sandbox, "2017" if smile.current else "current")
    assert other.call("GET", "customers").status_code == 200
    sandbox.clock("2026-03-05T17:31:41Z")
    assert smile.post("points_transactions", credit).status_code == smile.created
    assert [smile.call("GET", "customers").status_code for _ in range(10)] == [200] * 9 + [429]


def test_a_reset_a_clock_set_back_and_the_switch_empty_it(sandbox: SandboxServer) -> None:
    sandbox.clock(NOW)
    smile = Smile(sandbox)

    def spent() -> list[int]:
        return [smile.call("GET", "customers").status_code for _ in range(11)]

    assert spent() == [200] * 10 + [429]
    sandbox.clock("2026-03-05T17:31:39Z")
    assert spent() == [200] * 10 + [429]
    smile.switch("rate_limit", "off")
    assert spent() == [200] * 11
    sandbox.reset("empty")
    sandbox.clock("2026-03-05T17:31:39Z")
    assert spent() == [200] * 10 + [429]


def test_it_leaks_all_the_time() -> None:
    buckets = Buckets()
    assert [buckets.take("a", 100.0) for _ in range(11)] == [True] * 10 + [False]
    assert [buckets.take("a", 100.05), buckets.take("a", 100.1), buckets.take("a", 100.1)] == [
        False,
        True,
        False,
    ]
    # Eight a second, for ever, is never too many.
    assert all(buckets.take("b", 200 + number / 8) for number in range(1_000))
