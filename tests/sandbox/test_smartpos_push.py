"""SmartPOS' pushes as the contract smartpos.md §2.3 describes them: signed, repeated, and spoilt on order."""

import hashlib
import hmac
import json
import threading
import time
from collections.abc import Mapping
from typing import Any

import pytest

from tests.sandbox.posted import SECRET, Pos, Receiver

VECTOR = "v1=e4d2c4a9ff9f77a75951a1794bb136b2b82fdc553356af75b61e04e39a6f4ae2"
VECTOR_BODY = '{"event":"ping","sent_at":"2026-01-01T00:00:00Z","sales":[]}'


def signed(secret: str, headers: Mapping[str, str], body: str) -> str:
    message = f"{headers['X-SmartPOS-Timestamp']}.{body}".encode()
    return f"v1={hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()}"


def sell(pos: Pos, **more: Any) -> Any:
    return pos.act("sale", machine_id="maq-01", amount="10.00", **more)


def states(pos: Pos) -> list[tuple[str, list[int | None]]]:
    return [(row["state"], [one["status"] for one in row["attempts"]]) for row in pos.act("deliveries")]


def test_the_contracts_test_vector(pos: Pos) -> None:
    pos.sandbox.clock("2026-01-01T00:00:00Z")
    pos.held().act("ping")
    [push] = pos.act("take_deliveries")
    assert (push["event"], push["url"], push["body"]) == ("ping", "http://testserver/pos", VECTOR_BODY)
    assert len(push["body"].encode()) == 60
    assert push["headers"] == {
        "Content-Type": "application/json",
        "X-SmartPOS-Timestamp": "1767225600",
        "X-SmartPOS-Signature": VECTOR,
        "X-SmartPOS-Delivery": push["headers"]["X-SmartPOS-Delivery"],
    }


def test_two_secrets_while_one_is_being_changed(pos: Pos) -> None:
    pos.held("http://testserver/pos", "old", "ação-nova").act("ping")
    [push] = pos.act("take_deliveries")
    proofs = [signed(secret, push["headers"], push["body"]) for secret in ("old", "ação-nova")]
    assert push["headers"]["X-SmartPOS-Signature"] == ",".join(proofs)


def test_a_sale_is_posted_at_once_and_every_change_again(pos: Pos, receiver: Receiver) -> None:
    pos.held(receiver.url)
    sale = sell(pos, customer={"name": "João Conceição"})
    cancelled = pos.act("cancel_sale", sale_id=sale["id"])
    assert [row["state"] for row in pos.act("deliver")] == ["done", "done"]
    bodies = [json.loads(one.body) for one in receiver.posted]
    envelope = {"event": "sale.upserted", "sent_at": "2026-03-05T17:31:40Z"}
    assert bodies == [{**envelope, "sales": [sale]}, {**envelope, "sales": [cancelled]}]
    first, second = (one.headers for one in receiver.posted)
    assert first["Content-Type"] == "application/json"
    assert first["X-SmartPOS-Delivery"] != second["X-SmartPOS-Delivery"]
    assert first["X-SmartPOS-Signature"] == signed(SECRET, first, receiver.posted[0].body.decode())


def test_what_is_due_leaves_by_itself(pos: Pos, receiver: Receiver) -> None:
    pos.act("subscribe", url=receiver.url, secrets=[SECRET])
    sales = [sell(pos)["id"] for _ in range(20)]
    pos.act("cancel_sale", sale_id=sales[0])
    pos.act("deliver")
    assert states(pos) == [("done", [202])] * 21
    about_first = [
        sale["status"]
        for one in receiver.posted
        for sale in json.loads(one.body)["sales"]
        if sale["id"] == sales[0]
    ]
    assert about_first == ["approved", "cancelled"]


def test_a_change_waits_until_the_sale_before_it_was_answered(pos: Pos, receiver: Receiver) -> None:
    answered = threading.Event()
    receiver.gates.append(answered)
    pos.act("subscribe", url=receiver.url, secrets=[SECRET])
    sale = sell(pos)
    arrived = [receiver.next()]
    pos.act("cancel_sale", sale_id=sale["id"])
    other = sell(pos)
    arrived.append(receiver.next())
    answered.set()
    arrived.append(receiver.next())
    told = [json.loads(one.body)["sales"][0] for one in arrived]
    assert [(row["id"], row["status"]) for row in told] == [
        (sale["id"], "approved"),
        (other["id"], "approved"),
        (sale["id"], "cancelled"),
    ]


def test_nothing_without_an_address_or_with_the_switch_off(pos: Pos) -> None:
    sell(pos)
    pos.held().switch("push", "off")
    sale = sell(pos)
    assert pos.act("take_deliveries") == []
    assert pos.act("push", sale_ids=[sale["id"], "pos-000001"]) == {"sales": 2}
    [push] = pos.act("take_deliveries")
    assert [row["id"] for row in json.loads(push["body"])["sales"]] == [sale["id"], "pos-000001"]
    pos.switch("push", "on")
    pos.act("subscribe", url=None)
    sell(pos)
    assert pos.act("take_deliveries") == []


def test_repeated_after_growing_waits_until_it_is_taken(pos: Pos, receiver: Receiver) -> None:
    pos.held(receiver.url).act("ping")
    receiver.answers.extend(
        [(503, {"Retry-After": "30"}), (500, {}), (302, {"Location": "/"}), (401, {}), (204, {})]
    )
    clock = ["17:31:40", "17:32:09", "17:32:10", "17:32:24", "17:32:25", "17:33:25", "17:38:24", "17:38:25"]
    tried = []
    for now in clock:
        pos.sandbox.clock(f"2026-03-05T{now}Z")
        tried.append(len(pos.act("deliver")))
    assert tried == [1, 0, 1, 0, 1, 1, 0, 1]
    [row] = pos.act("deliveries")
    assert row["state"] == "done"
    assert [one["status"] for one in row["attempts"]] == [503, 500, 302, 401, 204]
    uuids = {one.headers["X-SmartPOS-Delivery"] for one in receiver.posted}
    stamps = {one.headers["X-SmartPOS-Timestamp"] for one in receiver.posted}
    assert (len(uuids), len(stamps), len({one.body for one in receiver.posted})) == (1, 5, 1)


def test_given_up_after_ten_attempts(pos: Pos, receiver: Receiver) -> None:
    pos.held(receiver.url).act("ping")
    receiver.answers.extend([(500, {})] * 10)
    for hour in range(12):
        pos.sandbox.clock(f"2026-03-06T{hour:02d}:00:00Z")
        pos.act("deliver")
    assert states(pos) == [("abandoned", [500] * 10)]


def test_nobody_there_is_tried_again(pos: Pos) -> None:
    pos.held("http://127.0.0.1:9/pos").act("ping")
    assert [one["status"] for one in pos.act("deliver")[0]["attempts"]] == [None]
    assert states(pos) == [("waiting", [None])]


def test_a_burst_in_packets_and_over_time(pos: Pos) -> None:
    pos.held()
    assert pos.act("burst", count=1_001)["pushes"] == 3
    packets = [len(json.loads(one["body"])["sales"]) for one in pos.act("take_deliveries")]
    assert packets == [500, 500, 1]
    assert pos.act("burst", count=40, per_push=1, over_seconds=2)["pushes"] == 40
    assert len(pos.act("take_deliveries")) == 1
    pos.sandbox.clock("2026-03-05T17:31:41Z")
    assert len(pos.act("take_deliveries")) == 20
    pos.sandbox.clock("2026-03-05T17:31:42Z")
    assert len(pos.act("take_deliveries")) == 19


def test_twenty_a_second_are_no_burden(pos: Pos, receiver: Receiver) -> None:
    pos.act("subscribe", url=receiver.url, secrets=[SECRET])
    begin = time.perf_counter()
    pos.act("burst", count=200, per_push=1)
    pos.act("deliver")
    assert time.perf_counter() - begin < 10
    ids = [sale["id"] for one in receiver.posted for sale in json.loads(one.body)["sales"]]
    assert sorted(ids) == [f"pos-{number:06d}" for number in range(1, 201)]


def test_more_than_may_be_sent(pos: Pos) -> None:
    pos.act("burst", count=501)
    pos.held().act("push", sale_ids=[f"pos-{number:06d}" for number in range(1, 502)])
    [push] = pos.act("take_deliveries")
    assert len(json.loads(push["body"])["sales"]) == 501


def test_spoilt_on_the_way(pos: Pos) -> None:
    pos.held()
    kinds = (
        "hook_bad_signature",
        "hook_old",
        "hook_oversized",
        "hook_cut",
        "hook_text",
        "hook_twice",
        "hook_lost",
    )
    taken = {}
    for kind in kinds:
        pos.fault(kind, path="ping", method="POST")
        pos.act("ping")
        taken[kind] = pos.act("take_deliveries")
    assert {kind: len(pushes) for kind, pushes in taken.items()} == {
        **dict.fromkeys(kinds, 1),
        "hook_twice": 2,
        "hook_lost": 0,
    }
    right = {
        kind: [
            signed(SECRET, one["headers"], one["body"]) == one["headers"]["X-SmartPOS-Signature"]
            for one in pushes
        ]
        for kind, pushes in taken.items()
    }
    assert right == {
        **{kind: [True] for kind in kinds},
        "hook_bad_signature": [False],
        "hook_twice": [True, True],
        "hook_lost": [],
    }
    stamps = [int(taken[kind][0]["headers"]["X-SmartPOS-Timestamp"]) for kind in ("hook_old", "hook_cut")]
    assert stamps[1] - stamps[0] == 600
    big = taken["hook_oversized"][0]["body"]
    assert (len(big.encode()), json.loads(big)["event"]) == (1024 * 1024 + 1, "ping")
    with pytest.raises(json.JSONDecodeError):
        json.loads(taken["hook_cut"][0]["body"])
    assert taken["hook_text"][0]["headers"]["Content-Type"] == "text/plain"
    assert taken["hook_twice"][0] == taken["hook_twice"][1]
    assert states(pos)[-1] == ("lost", [])


def test_a_late_one_is_overtaken(pos: Pos) -> None:
    pos.held()
    pos.fault("hook_late")
    sale = sell(pos)
    pos.act("take_deliveries")
    pos.act("cancel_sale", sale_id=sale["id"])
    [overtaking] = pos.act("take_deliveries")
    pos.sandbox.clock("2026-03-05T17:32:40Z")
    [late] = pos.act("take_deliveries")
    told = [json.loads(push["body"]) for push in (overtaking, late)]
    assert [one["sales"][0]["status"] for one in told] == ["cancelled", "approved"]
    assert {one["sent_at"] for one in told} == {"2026-03-05T17:31:40Z"}


def test_a_request_never_draws_a_fault_of_what_is_sent(pos: Pos) -> None:
    pos.fault("hook_twice", times=1)
    pos.fault("drop_before", times=1, path="elsewhere")
    pos.held()
    assert pos.get("sales")["sales"] == []
    pos.act("ping")
    assert len(pos.act("take_deliveries")) == 2


def test_starting_over_forgets_what_waits(pos: Pos) -> None:
    pos.held().act("ping")
    pos.sandbox.reset()
    assert pos.act("deliveries") == []
