"""Faults on Smile's calls: what takes effect, what the log says, in both editions."""

from collections import Counter
from typing import Any

import pytest
import requests

from tests.sandbox.smile.support import Smile, error
from tests.sandbox.support import RIVALS, at_once

CREDIT = {"points_transaction": {"customer_id": 1, "points_change": 5, "description": "x"}}
LOST = {"drop_before": 0, "drop_after": 1, "stall_after": 1, "truncate_200": 1}


@pytest.fixture
def member(each_smile: Smile) -> Smile:
    each_smile.act("add_customer", email="ana@loja.example", points_balance=10)
    each_smile.act("add_product", name="Frete", points_price=10)
    return each_smile


def logged(smile: Smile) -> tuple[Any, ...]:
    row = smile.sandbox.log("smile")[-1]
    return row["path"], row["status"], row["committed"], row["fault"]


@pytest.mark.parametrize("kind", LOST)
def test_a_lost_reply(member: Smile, kind: str) -> None:
    member.fault(kind, method="POST", path="v1/points_transactions")
    with pytest.raises(requests.RequestException):
        member.post("points_transactions", CREDIT, timeout=1)
    status = 200 if kind == "truncate_200" else None
    assert logged(member) == ("/smile/v1/points_transactions", status, bool(LOST[kind]), kind)
    assert member.customer()["points_balance"] == 10 + 5 * LOST[kind]
    assert member.committed("/points_transactions") == LOST[kind]


@pytest.mark.parametrize(
    ("kind", "status", "effect"),
    [("error_before", 500, 0), ("error_after", 500, 1), ("unauthorized", 401, 0), ("rate_limit", 429, 0)],
)
def test_a_refusal_on_order(member: Smile, kind: str, status: int, effect: int) -> None:
    member.fault(kind, method="POST", path="v1/points_products/*/purchase")
    reply = member.post("points_products/21/purchase", {"customer_id": 1})
    text = {500: "Something went wrong.", 401: "Invalid credentials.", 429: "Too many requests."}[status]
    assert error(reply) == (status, text)
    assert ("request_id" in reply.json()["error"]) == member.current
    assert "Retry-After" not in reply.headers
    assert member.customer()["points_balance"] == 10 - 10 * effect
    assert member.committed("/purchase") == effect


@pytest.mark.parametrize(
    ("kind", "status", "effect"), [("html_502", 502, 0), ("html_200", 200, 0), ("empty_200", 200, 1)]
)
def test_a_reply_that_is_no_json(member: Smile, kind: str, status: int, effect: int) -> None:
    member.fault(kind, method="POST", path="v1/activities")
    body = {"activity": {"customer_id": 1, "token": "activity_order"}}
    reply = member.post("activities", body)
    assert (reply.status_code, reply.text[:1]) == (status, "" if effect else "<")
    member.sandbox.clock("2026-03-05T17:31:42Z")
    assert member.customer()["points_balance"] == 10 + 100 * effect
    assert member.committed("/activities") == effect


@pytest.mark.parametrize(("query", "size"), [("customers", "limit"), ("points_products", "page_size")])
def test_a_page_that_is_spoilt(each_smile: Smile, query: str, size: str) -> None:
    each_smile.act("add_customer", [{"email": f"c{place}@loja.example"} for place in range(6)])
    each_smile.act("add_product", [{"name": f"P{place}", "points_price": 10} for place in range(6)])
    first = each_smile.get(f"{query}?{size}=2")
    cursor = first.get("metadata", {}).get("next_cursor")
    following = f"{query}?{size}=2&" + (f"cursor={cursor}" if cursor else "page=2")
    second = each_smile.get(following)
    for kind in ("cut_page", "repeat_page", "wrong_type"):
        each_smile.fault(kind, path=f"v1/{query}")
    assert each_smile.get(following)[query] == second[query][:1]
    again = each_smile.get(following)
    assert again == {**second, query: first[query]}
    odd = each_smile.get(following)[query]
    assert odd[0] == second[query][0]
    assert odd[1] == {**second[query][1], [*odd[1]][1]: {"unexpected": True}}
    assert each_smile.get(following) == second


def test_what_is_refused_anyway_stays_refused(member: Smile) -> None:
    member.fault("drop_after", method="POST", path="v1/points_transactions")
    body = {"points_transaction": {**CREDIT["points_transaction"], "points_change": -11}}
    with pytest.raises(requests.ConnectionError):
        member.post("points_transactions", body)
    assert (member.customer()["points_balance"], member.committed()) == (10, 0)


def test_rivals_spend_a_balance_once(member: Smile) -> None:
    replies = at_once(
        member.sandbox,
        lambda _: Smile(member.sandbox, member.edition).post(
            "points_products/21/purchase", {"customer_id": 1}
        ),
    )
    expected = {member.created: 1, member.failed: RIVALS - 1}
    assert Counter(reply.status_code for reply in replies) == expected
    assert (member.customer()["points_balance"], member.committed("/purchase")) == (0, 1)


def test_rivals_record_an_activity_once(member: Smile) -> None:
    body = {"activity": {"customer_id": 1, "token": "activity_order", "distinct_id": "7"}}
    at_once(member.sandbox, lambda _: Smile(member.sandbox, member.edition).post("activities", body))
    member.sandbox.clock("2026-03-05T17:31:42Z")
    # All who look at once meet the same work, and it is done once.
    seen = at_once(
        member.sandbox, lambda _: Smile(member.sandbox, member.edition).customer()["points_balance"]
    )
    assert (set(seen), member.committed("/activities")) == ({110}, 1)
    assert len(member.walk("points_transactions")) == 1
