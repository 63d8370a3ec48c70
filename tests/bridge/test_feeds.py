"""The feed that is pulled and the deliveries that are pushed, against the sandbox's SmartPOS."""

import hashlib
import hmac
import json
import time
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from customers.bridge import endpoint, leases, pull, push, receiving
from customers.bridge.models import Bridge, FeedIssue, PosBuyer, PosMachine, PosSale
from sandbox.testing import POS_CLIENT, SandboxServer
from smartbis_admin.api.errors import ApiError
from smartbis_admin.connections.doors import door_token
from smartbis_admin.connections.models import Connection
from tests.bridge.conftest import CPFS, SECRET

pytestmark = pytest.mark.django_db


class Machines:
    """The sandbox's SmartPOS, nothing of which is sent by itself."""

    def __init__(self, sandbox: SandboxServer) -> None:
        self.sandbox = sandbox
        sandbox.switch("sending", "held", vendor="smartpos", credential=POS_CLIENT)
        self.act("machine", store_id="Loja Centro", machine_id="maq-01", acquirer="Stone", label="Balcão")

    def act(self, action: str, args: Any = None, **more: Any) -> Any:
        return self.sandbox.act(action, args, vendor="smartpos", credential=POS_CLIENT, **more)

    def sell(self, **more: Any) -> Any:
        return self.act("sale", **({"machine_id": "maq-01", "amount": "129.90"} | more))

    def asked(self, path: str) -> int:
        return sum(1 for call in self.sandbox.log("smartpos") if call["path"].split("?")[0].endswith(path))

    def deliveries(self) -> list[dict[str, Any]]:
        taken: list[dict[str, Any]] = self.act("take_deliveries")
        return taken


@pytest.fixture
def machines(sandbox: SandboxServer, bridge: Bridge) -> Machines:
    return Machines(sandbox)


# --- Pull ---------------------------------------------------------------------------------------------
def test_sales_machines_and_buyers_are_read(machines: Machines, bridge: Bridge) -> None:
    machines.sell(customer={"cpf": CPFS[0]}, nsu="000123")
    machines.act("add_customer", id="c1", cpf=CPFS[0], phone="11988880001", email="ANA@x.example")
    assert pull.pull(bridge.pk) is None
    sale = PosSale.objects.get()
    assert (sale.road, sale.nsu, sale.buyer_cpf, str(sale.amount)) == ("pull", "000123", CPFS[0], "129.90")
    machine = PosMachine.objects.get()
    assert (machine.label, machine.is_listed, sale.machine) == ("Balcão", True, machine)
    buyer = PosBuyer.objects.get()
    assert (buyer.cpf, buyer.phone, buyer.email) == (CPFS[0], "+5511988880001", "ana@x.example")
    bridge.refresh_from_db()
    assert None not in (bridge.pulled_at, bridge.machines_at, bridge.buyers_at, bridge.last_event_at)


def test_the_cursor_is_kept_and_the_overlap_adds_nothing(machines: Machines, bridge: Bridge) -> None:
    machines.act("burst", count=1203)
    pull.pull(bridge.pk)
    bridge.refresh_from_db()
    assert (PosSale.objects.count(), bool(bridge.sales_cursor)) == (1203, True)
    assert machines.asked("v1/sales") == 3
    cursor = bridge.sales_cursor
    sold = machines.sell(customer={"cpf": CPFS[0]})
    pull.pull(bridge.pk)
    machines.act("cancel_sale", sale_id=sold["id"])
    pull.pull(bridge.pk)
    bridge.refresh_from_db()
    # Two more pages, each asked with the cursor last used; what was hourly was not read again.
    assert (machines.asked("v1/sales"), machines.asked("v1/machines")) == (5, 1)
    assert PosSale.objects.count() == 1204
    assert PosSale.objects.get(remote_id=sold["id"]).status == "cancelled"
    assert bridge.sales_cursor == cursor


def test_a_cursor_moves_only_after_its_page_is_stored(
    machines: Machines, bridge: Bridge, monkeypatch: pytest.MonkeyPatch
) -> None:
    machines.act("burst", count=1203)
    store, pages = receiving._store_once, []

    def failing(*args: Any) -> Any:
        pages.append(1)
        if len(pages) == 2:
            raise OperationalError("the disk is full")
        return store(*args)

    monkeypatch.setattr(receiving, "_store_once", failing)
    with pytest.raises(OperationalError):
        pull.pull(bridge.pk)
    bridge.refresh_from_db()
    assert (PosSale.objects.count(), bridge.pull_worker) == (500, None)
    pull.pull(bridge.pk)
    assert PosSale.objects.count() == 1203


def test_a_cursor_too_old_begins_again_and_doubles_nothing(machines: Machines, bridge: Bridge) -> None:
    machines.act("burst", count=600)
    pull.pull(bridge.pk)
    machines.act("expire_cursors")
    machines.sell()
    assert pull.pull(bridge.pk) is None
    assert PosSale.objects.count() == 601
    issue = FeedIssue.objects.get()
    assert (issue.subject, issue.reason, issue.is_lost) == ("delivery", "cursor_expired", False)


def test_bad_rows_cost_only_themselves(machines: Machines, bridge: Bridge) -> None:
    machines.sell()
    machines.act("sale_raw", sale={"id": "odd", "machine_id": "maq-01", "amount": "muito"})
    machines.sell()
    pull.pull(bridge.pk)
    pull.pull(bridge.pk)
    assert PosSale.objects.count() == 2
    issue = FeedIssue.objects.get()
    assert (issue.remote_id, issue.is_lost, issue.count) == ("odd", True, 2)


def test_a_failing_feed_is_told_and_tried_again(
    machines: Machines, bridge: Bridge, pos_connection: Connection
) -> None:
    machines.sell()
    machines.sandbox.fault("error_before", vendor="smartpos", path="v1/sales", times=10)
    failure = pull.pull(bridge.pk)
    pos_connection.refresh_from_db()
    assert isinstance(failure, ApiError)
    assert (pos_connection.last_error, PosSale.objects.count()) == (type(failure).__name__, 0)
    machines.sandbox.clear_faults()
    assert pull.pull(bridge.pk) is None
    assert PosSale.objects.count() == 1


def test_only_one_worker_reads_at_a_time(machines: Machines, bridge: Bridge) -> None:
    machines.sell()
    worker = leases.take(bridge.pk, "pull")
    assert worker is not None
    pull.pull_all()
    assert (machines.asked("v1/sales"), leases.take(bridge.pk, "pull")) == (0, None)
    leases.give_back(bridge.pk, "pull", worker)
    pull.pull_all()
    assert machines.asked("v1/sales") == 1
    Connection.objects.filter(pk=bridge.connection_id).update(is_active=False)
    pull.pull_all()
    assert machines.asked("v1/sales") == 1


def test_a_machine_that_left_the_list_says_so(machines: Machines, bridge: Bridge) -> None:
    PosMachine.objects.create(bridge=bridge, remote_id="maq-99", is_listed=True)
    pull.pull(bridge.pk)
    assert dict(PosMachine.objects.values_list("remote_id", "is_listed")) == {"maq-01": True, "maq-99": False}


# --- Push ---------------------------------------------------------------------------------------------
def address(bridge: Bridge) -> str:
    return reverse("bridge:push", args=[door_token(bridge.connection)])


def post(url: str, body: bytes, *, secret: str = SECRET, at: float | None = None, **more: Any) -> Any:
    """A delivery as SmartPOS signs it."""
    stamp = str(int(at or time.time()))
    proof = hmac.new(secret.encode(), stamp.encode() + b"." + body, hashlib.sha256).hexdigest()
    headers = {"X-SmartPOS-Timestamp": stamp, "X-SmartPOS-Signature": f"v1={proof}"}
    return Client().post(url, body, **({"content_type": "application/json", "headers": headers} | more))


def envelope(sales: list[dict[str, Any]], event: str = "sale.upserted") -> bytes:
    return json.dumps({"event": event, "sent_at": timezone.now().isoformat(), "sales": sales}).encode()


def test_what_the_sandbox_posts_is_taken(machines: Machines, bridge: Bridge) -> None:
    url = f"http://testserver{address(bridge)}"
    machines.act("subscribe", url=url, secrets=["an older one", SECRET])
    machines.act("ping")
    sold = machines.sell(customer={"cpf": CPFS[0]})
    machines.act("push", sale_ids=[sold["id"]])
    answers = []
    for delivery in machines.deliveries():
        kind = delivery["headers"].pop("Content-Type")
        reply = Client().post(
            address(bridge), delivery["body"].encode(), content_type=kind, headers=delivery["headers"]
        )
        answers.append((reply.status_code, reply.json()["accepted"], reply.json()["duplicates"]))
    assert answers == [(202, 0, 0), (202, 1, 0), (202, 0, 1)]
    assert PosSale.objects.get().road == "push"
    bridge.refresh_from_db()
    assert None not in (bridge.pinged_at, bridge.pushed_at)
    # Pulled afterwards, it is known.
    pull.pull(bridge.pk)
    assert PosSale.objects.count() == 1


def test_one_bad_sale_never_blocks_the_others(machines: Machines, bridge: Bridge) -> None:
    sale = machines.sell()
    reply = post(
        address(bridge), envelope([sale, {"id": "odd"}, {**sale, "id": "much", "amount": "9999999.00"}])
    )
    assert reply.status_code == 202
    answer = reply.json()
    assert (answer["accepted"], answer["duplicates"]) == (1, 0)
    assert [row["id"] for row in answer["rejected"]] == ["odd", "much"]
    assert answer["rejected"][1]["reason"] == "absurd_amount"


def test_the_order_of_the_checks(bridge: Bridge) -> None:
    """Everything is wrong at first; what is checked first is put right first. Nothing is stored on the way."""
    url, big, bad = address(bridge), b"x" * (1024 * 1024 + 1), b"not json"
    old, other = time.time() - 301, "another secret"
    tries = [
        (413, post(url, big, content_type="text/plain", at=old, secret=other)),
        (415, post(url, bad, content_type="text/plain", at=old, secret=other)),
        (401, post(url, bad, at=old, secret=other)),
        (401, post(url, bad, secret=other)),
        (422, post(url, bad)),
        (422, post(url, envelope([], event="sale.deleted"))),
        (422, post(url, envelope([{"id": str(number)} for number in range(501)]))),
        (202, post(url, envelope([]))),
    ]
    assert [reply.status_code for _status, reply in tries] == [status for status, _reply in tries]
    assert [reply.json().get("error") for _status, reply in tries[:4]] == [
        "too_large", "not_json", "stale", "bad_signature",
    ]  # fmt: skip
    assert PosSale.objects.count() == 0
    assert set(FeedIssue.objects.values_list("subject", flat=True)) == {"delivery"}
    assert post(url, envelope([]), at=time.time() + 301).status_code == 401
    assert Client().get(url).status_code == 405


def test_a_door_that_is_nobodys_does_the_same_work(
    machines: Machines, bridge: Bridge, monkeypatch: pytest.MonkeyPatch
) -> None:
    checked: list[int] = []
    original = push.check_delivery

    def counted(**given: Any) -> None:
        checked.append(len(given["secrets"]))
        original(**given)

    monkeypatch.setattr(push, "check_delivery", counted)
    nobody = reverse("bridge:push", args=["0" * 40])
    body = envelope([machines.sell()])
    assert [post(nobody, body).status_code, post(nobody, b"x" * (1 << 21)).status_code] == [404, 404]
    assert post(address(bridge), body, secret="wrong").status_code == 401
    Connection.objects.filter(pk=bridge.connection_id).update(is_active=False)
    assert post(address(bridge), body).status_code == 404
    assert (checked, PosSale.objects.count()) == ([1, 1, 1, 1], 0)


def test_no_secret_takes_nothing(bridge: Bridge) -> None:
    bridge.connection.credentials = {"client_id": "a", "client_secret": "b", "push_secret": ""}
    bridge.connection.save()
    assert post(address(bridge), envelope([]), secret="").status_code == 401


def test_when_nothing_could_be_stored_the_sender_is_asked_to_repeat(
    machines: Machines, bridge: Bridge, monkeypatch: pytest.MonkeyPatch
) -> None:
    body = envelope([machines.sell()])

    def full(*args: Any) -> Any:
        raise OperationalError("the disk is full")

    with monkeypatch.context() as broken:
        broken.setattr(receiving, "_store_once", full)
        reply = post(address(bridge), body)
    assert (reply.status_code, reply.headers["Retry-After"]) == (503, str(endpoint.RETRY_AFTER))
    assert PosSale.objects.count() == 0
    assert post(address(bridge), body).json() == {"accepted": 1, "duplicates": 0, "rejected": []}
