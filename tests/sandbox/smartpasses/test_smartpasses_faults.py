"""Faults on Smart Passes' calls: what takes effect, what the log says; and rivals for the last step."""

from collections import Counter
from typing import Any

import pytest
import requests

from tests.sandbox.smartpasses.support import ANA, CAFE, Passes
from tests.sandbox.support import RIVALS, at_once


@pytest.fixture
def member(passes: Passes) -> Passes:
    passes.act("add_customer", first_name="Ana", points=5)
    return passes


def points(passes: Passes) -> Any:
    return passes.get("customers/1870")["points"]


@pytest.mark.parametrize(
    ("kind", "effect"), [("drop_before", 0), ("drop_after", 1), ("stall_after", 1), ("truncate_200", 1)]
)
def test_a_lost_reply(member: Passes, kind: str, effect: int) -> None:
    member.fault(kind, method="POST", path="programs/*/points/add")
    with pytest.raises(requests.RequestException):
        member.call("POST", "customers/1870/points/add", {"points": 10}, timeout=1)
    row = member.sandbox.log("smartpasses")[-1]
    assert row["path"] == "/smartpasses/api/v1/loyalty/programs/4000000000000001/customers/1870/points/add"
    status = 200 if kind == "truncate_200" else None
    assert (row["status"], row["committed"], row["fault"]) == (status, bool(effect), kind)
    assert points(member) == 5 + 10 * effect


REPLIES = [
    ("error_before", 500, 0, {"message": "Internal server error"}),
    ("error_after", 500, 1, {"message": "Internal server error"}),
    ("unauthorized", 403, 0, {"message": "Forbidden"}),
    ("rate_limit", 429, 0, {"message": "Too many requests"}),
]


@pytest.mark.parametrize(("kind", "status", "effect", "body"), REPLIES)
def test_a_refusal_on_order(member: Passes, kind: str, status: int, effect: int, body: Any) -> None:
    member.fault(kind, method="POST")
    reply = member.call("POST", "customers/1870/points/add", {"points": 10}, checked=False)
    assert (reply.status_code, reply.json()) == (status, body)
    assert (points(member), member.committed()) == (5 + 10 * effect, effect)


@pytest.mark.parametrize(
    ("kind", "status", "effect"), [("html_502", 502, 0), ("html_200", 200, 0), ("empty_200", 200, 1)]
)
def test_a_reply_that_is_no_json(member: Passes, kind: str, status: int, effect: int) -> None:
    member.fault(kind, method="POST")
    reply = member.call("POST", "offers", CAFE, checked=False)
    assert (reply.status_code, reply.text[:1]) == (status, "" if effect else "<")
    assert (len(member.get("offers")), member.committed()) == (effect, effect)


@pytest.mark.parametrize("kind", ["ignore_paging", "ignore_filter"])
def test_lists_have_neither_pages_nor_filters_to_ignore(member: Passes, kind: str) -> None:
    member.fault(kind, method="GET")
    assert [row["id"] for row in member.get("customers?page=2&phone=1")] == [1870]


@pytest.mark.parametrize("path", ["customers", "offers"])
def test_a_list_that_is_spoilt(member: Passes, path: str) -> None:
    member.act("add_customer")
    member.act("add_offer", [{"name": "Café"}, {"name": "Bolo"}])
    first, second = member.get(path)
    for kind in ("cut_page", "wrong_type"):
        member.fault(kind, path=f"programs/*/{path}")
    assert member.call("GET", path).json() == [first]
    field = [*second][1]
    assert member.call("GET", path, checked=False).json() == [first, {**second, field: {"unexpected": True}}]
    assert member.get(path) == [first, second]


@pytest.mark.parametrize("last", ["publish", "create"])
def test_of_rivals_one_wins(member: Passes, last: str) -> None:
    member.act("add_offer", name="Café")
    path, body = ("offers/301/publish", None) if last == "publish" else ("customers", ANA)
    replies = at_once(member.sandbox, lambda _: Passes(member.sandbox).call("POST", path, body))
    assert Counter(reply.status_code for reply in replies) == {200: 1, 422: RIVALS - 1}
    assert member.committed() == 1


def test_no_added_point_is_lost(member: Passes) -> None:
    path = "customers/1870/points/add"
    at_once(member.sandbox, lambda number: Passes(member.sandbox).call("POST", path, {"points": 1 + number}))
    assert points(member) == 5 + sum(range(1, RIVALS + 1))
