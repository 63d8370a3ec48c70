"""The three questions of a page without a link: the snapshot, the delivery, the signal."""

import base64
import hashlib
import json
import threading
import uuid
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection as database
from django.db import connections
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from pytest_django.fixtures import Settings

from sandbox.testing import SandboxServer
from smartbis_admin.connections.models import Connection
from smartbis_admin.staff.models import Shift, Store, Till, User
from smartbis_admin.staff.shifts import close_shift
from smartbis_admin.staff.stores import save_store
from tests.conftest import signed_in
from tests.till.conftest import CODE, effects, validations
from tests.till.contingency.conftest import DELIVERY, cut, deliver, item, nothing_happened, told
from tests.till.contingency.test_accepting import forbid
from vouchers.contingency.handing import hand_over
from vouchers.contingency.models import ContingencyRelease, ContingencyUse
from vouchers.models import Redemption, Voucher, VoucherFlag

SNAPSHOT, SIGNAL = "/caixa/contingencia/retrato/", "/caixa/contingencia/sinal/"


# --- The signal -------------------------------------------------------------------------------------------
def test_the_signal_looks_nothing_up(client: Client, db: None) -> None:
    with CaptureQueriesContext(database) as queries:
        answer = client.get(SIGNAL)
    assert (answer.status_code, answer.content, len(queries)) == (204, b"", 0)


# --- The snapshot -----------------------------------------------------------------------------------------
def hashed(salt: str, code: str) -> str:
    """As the document says, apart from our code."""
    key = code.upper().replace("-", "").replace(" ", "")
    digest = hashlib.sha256(base64.b64decode(salt) + key.encode()).digest()[:16]
    return base64.urlsafe_b64encode(digest).decode().rstrip("=")


def test_the_snapshot_holds_what_may_be_accepted_and_no_code_in_plain(
    at_till: Client, issued: list[str], shift: Shift, released: ContingencyRelease, manager: User
) -> None:
    now = timezone.now()
    rows = Voucher.objects.filter(remote_id__in=issued)
    rows.filter(remote_id=issued[1]).update(
        expires_at=now + timedelta(days=1), minimum_purchase=Decimal(80), starts_at=now - timedelta(days=1)
    )
    rows.filter(remote_id=issued[2]).update(status="used")
    rows.filter(remote_id=issued[3]).update(expires_at=now - timedelta(seconds=1))
    VoucherFlag.objects.create(voucher=rows.get(remote_id=issued[4]), note="Olhar", flagged_by=manager)
    answer = at_till.get(SNAPSHOT)
    content = answer.json()
    lines = {line[0]: line[1:] for line in content["codes"]}
    salt = content["salt"]
    assert list(lines) == [hashed(salt, issued[1]), hashed(salt, issued[0])], "the soonest to expire first"
    changed = rows.get(remote_id=issued[1])
    assert lines[hashed(salt, issued[1])] == [
        int(changed.expires_at.timestamp()), "20.00", int(changed.starts_at.timestamp()), "80.00",
    ]  # fmt: skip
    assert lines[hashed(salt, issued[0])][1:] == ["20.00", None, None]
    assert not any(code in answer.content.decode() for code in issued)
    assert content["policy"] == {"mode": "accept", "max_value": "50.00", "max_per_hour": 3, "needs_pin": True}
    assert content["release"] == {"until": int(released.until.timestamp()), "by": "Marta"}
    assert content["store"] == {"id": shift.till.store.pk, "name": "Loja Centro"}
    assert content["till"] == {"id": shift.till.pk, "name": "Caixa 1"}
    assert content["cashier"] == {"id": shift.cashier_id, "name": "Caio"}
    assert content["shift"] == {"id": shift.pk, "opened_at": int(shift.opened_at.timestamp())}
    assert content["stale_at"] - content["mirror_age_at"] == 24 * 3600
    assert abs(content["made_at"] - now.timestamp()) < 30
    assert (content["cut"], content["already_used_this_hour"], content["accepted_at"]) == (False, 0, [])


def test_the_snapshot_counts_what_was_accepted_and_leaves_out_what_is_held(
    at_till: Client, accepted: Callable[..., Redemption], scan: Callable[..., Redemption], issued: list[str]
) -> None:
    accepted(issued[0])
    scan(issued[1])
    content = at_till.get(SNAPSHOT).json()
    at = int(ContingencyUse.objects.get().accepted_at.timestamp())
    assert (content["already_used_this_hour"], content["accepted_at"]) == (1, [at])
    assert [line[0] for line in content["codes"]] == [hashed(content["salt"], code) for code in issued[2:]]


def test_the_snapshot_is_cut_unchanged_and_as_cheap_for_many(
    at_till: Client, issued: list[str], settings: Settings
) -> None:
    settings.CONTINGENCY_CODES = 2
    at_till.get(SNAPSHOT)
    with CaptureQueriesContext(database) as few:
        first = at_till.get(SNAPSHOT)
    assert (len(first.json()["codes"]), first.json()["cut"]) == (2, True)
    unchanged = at_till.get(SNAPSHOT, headers={"If-None-Match": first["ETag"]})
    assert (unchanged.status_code, unchanged.content, unchanged["ETag"]) == (304, b"", first["ETag"])
    settings.CONTINGENCY_CODES = 4
    with CaptureQueriesContext(database) as more:
        second = at_till.get(SNAPSHOT, headers={"If-None-Match": first["ETag"]})
    assert (second.status_code, len(second.json()["codes"])) == (200, 4)
    assert len(few) == len(more)
    assert second.json()["salt"] == first.json()["salt"]


def test_a_snapshot_is_of_ones_own_open_shift(
    at_till: Client, shift: Shift, manager_client: Client, viewer_client: Client, client: Client, till: Till
) -> None:
    def refused(who: Client) -> tuple[int, str]:
        answer = who.get(SNAPSHOT)
        return answer.status_code, answer.json()["error"]

    assert refused(client) == (401, "signed_out")
    assert refused(viewer_client) == (403, "forbidden")
    assert refused(manager_client) == (409, "no_till")
    manager_client.cookies["till"] = at_till.cookies["till"].value
    assert refused(manager_client) == (409, "no_shift")
    long_ago = timezone.now() - timedelta(hours=1)
    Shift.objects.update(seen_at=long_ago)
    User.objects.update(last_login=long_ago)
    assert refused(at_till) == (409, "locked")
    close_shift(shift=shift, by=shift.cashier)
    assert refused(at_till) == (409, "no_shift")


# --- The delivery: what is accepted -----------------------------------------------------------------------
def test_what_was_accepted_without_a_link_waits_and_is_confirmed_once(
    at_till: Client,
    issued: list[str],
    shift: Shift,
    connection: Connection,
    sandbox: SandboxServer,
    cashier: User,
) -> None:
    at = timezone.now() - timedelta(minutes=20)
    first, second = item(shift, issued[0], at=at, position=1), item(shift, "vale 0001", at=at, position=2)
    answers = deliver(at_till, first, second)
    assert answers[0] == {
        "id": first["id"],
        "state": "recorded",
        "reason": "",
        "contingency": "waiting",
        "verdict": {
            "kind": "contingency",
            "word": "Aceito em contingência",
            "reason": "Ainda não confirmado pela plataforma.",
            "next_step": "Entregue o benefício. A confirmação aparece sozinha nas últimas leituras.",
        },
    }
    scan = Redemption.objects.get(pk=first["id"])
    assert (scan.state, scan.road, scan.code_sent, scan.cashier) == ("contingency", "till", CODE, cashier)
    assert abs(scan.happened_at - at) < timedelta(seconds=5)
    assert scan.received_at > scan.happened_at
    use = ContingencyUse.objects.get(pk=second["id"])
    assert (use.position, use.handed_by, use.breach, use.till) == (2, cashier, "", shift.till)
    assert use.redemption.code_sent == "VALE-0001", "resolved against the mirror like any other"
    assert validations(sandbox) == []
    # The answer was lost: the same again.
    again = deliver(at_till, first, second)
    assert [answer["state"] for answer in again] == ["already", "already"]
    assert ContingencyUse.objects.count() == Redemption.objects.count() == 2
    assert hand_over(connection) == 2
    assert effects(sandbox) == 2
    after = deliver(at_till, first)[0]
    assert (after["state"], after["contingency"], after["verdict"]["kind"]) == (
        "already",
        "confirmed",
        "valid",
    )


@pytest.mark.parametrize("shown", ["refused", "unknown"])
def test_what_was_only_read_is_a_plain_row(
    shown: str, at_till: Client, issued: list[str], shift: Shift, connection: Connection
) -> None:
    answer = deliver(at_till, item(shift, shown=shown))[0]
    assert (answer["state"], answer["contingency"], answer["reason"]) == ("recorded", None, "offline")
    assert answer["verdict"]["reason"] == "Não foi validado: o caixa estava sem conexão."
    scan = Redemption.objects.get()
    assert (told(scan), scan.road, scan.write) == (("not_done", "offline", ""), "", None)
    assert nothing_happened()
    assert hand_over(connection) == 0


def test_a_clock_that_is_wrong_is_put_right(at_till: Client, issued: list[str], shift: Shift) -> None:
    now, wrong = timezone.now(), timedelta(hours=5)
    read = item(shift, at=now + wrong - timedelta(minutes=10))
    deliver(at_till, read, sent_at=(now + wrong).isoformat())
    scan = Redemption.objects.get()
    assert abs(scan.happened_at - (now - timedelta(minutes=10))) < timedelta(seconds=10)
    assert told(scan)[2] == "waiting"


BREACHES = [
    "refused", "no_release", "unknown_code", "not_issued", "expired", "not_started", "no_amount", "too_dear",
    "too_many", "outside_shift", "old_mirror",
]  # fmt: skip


@pytest.mark.parametrize("breach", BREACHES)
def test_what_broke_the_policy_of_its_moment_is_a_conflict_at_once(
    breach: str,
    at_till: Client,
    issued: list[str],
    shift: Shift,
    connection: Connection,
    sandbox: SandboxServer,
    accepted: Callable[..., Redemption],
    manager_client: Client,
) -> None:
    now = timezone.now()
    at = now - timedelta(seconds=1)
    match breach:
        case "not_issued":
            Voucher.objects.update(status="unknown")
        case "expired":
            Voucher.objects.update(expires_at=now - timedelta(minutes=1))
        case "outside_shift":
            at = shift.opened_at - timedelta(minutes=3)
        case "too_many":
            for n in range(1, 4):
                accepted(f"VALE-000{n}")
            at = timezone.now()
        case _:
            forbid(breach, accepted)
    calls = len(validations(sandbox))
    answer = deliver(at_till, item(shift, at=at))[0]
    assert (answer["state"], answer["reason"], answer["contingency"]) == (
        "recorded",
        "outside_policy",
        "conflict",
    )
    assert answer["verdict"]["reason"] == "Foi aceito fora da regra da loja para quando não há conexão."
    scan = Redemption.objects.get(pk=answer["id"])
    use = ContingencyUse.objects.get(pk=scan.pk)
    assert told(scan) == ("refused", "outside_policy", "conflict")
    assert (use.breach, scan.write) == (breach, None)
    assert breach == "too_many" or hand_over(connection) == 0
    assert len(validations(sandbox)) == calls, "the platform is not asked unless a manager says so"


def test_a_manager_may_send_what_broke_the_policy(
    at_till: Client,
    issued: list[str],
    shift: Shift,
    connection: Connection,
    manager_client: Client,
    sandbox: SandboxServer,
) -> None:
    Store.objects.update(contingency="refuse")
    answer = deliver(at_till, item(shift))[0]
    manager_client.post(f"/contingencia/{answer['id']}/enviar/", {"confirmed": "1"})
    assert hand_over(connection) == 1
    scan = Redemption.objects.get()
    assert told(scan) == ("valid", "", "confirmed")
    assert scan.write_id == scan.pk
    assert effects(sandbox) == 1


def test_the_policy_and_the_release_of_the_moment_count_not_todays(
    at_till: Client, issued: list[str], shift: Shift, released: ContingencyRelease, owner: User
) -> None:
    at = timezone.now() - timedelta(minutes=5)
    ContingencyRelease.objects.update(revoked_at=timezone.now())
    store = Store.objects.get()
    store.contingency = Store.Contingency.REFUSE
    save_store(store, by=owner, changed=["contingency"])
    inside = deliver(at_till, item(shift, issued[0], at=at))[0]
    assert inside["contingency"] == "waiting"
    assert ContingencyUse.objects.get().release == released
    outside = deliver(at_till, item(shift, issued[1], at=timezone.now()))[0]
    assert (outside["contingency"], ContingencyUse.objects.get(pk=outside["id"]).breach) == (
        "conflict",
        "refused",
    )


def test_the_limit_is_of_any_hour(at_till: Client, issued: list[str], shift: Shift) -> None:
    Shift.objects.update(opened_at=timezone.now() - timedelta(hours=4))
    start = timezone.now() - timedelta(hours=3)
    minutes = [0, 10, 20, 59, 61]
    items = [
        item(shift, code, at=start + timedelta(minutes=late), position=n)
        for n, (code, late) in enumerate(zip(issued, minutes, strict=True))
    ]
    assert [answer["contingency"] for answer in deliver(at_till, *items)] == [
        "waiting", "waiting", "waiting", "conflict", "waiting",
    ]  # fmt: skip


# --- The delivery: scans the server knows -----------------------------------------------------------------
@pytest.mark.parametrize(
    ("fault", "contingency", "kind", "reason"),
    [
        ("", None, "valid", ""),
        ("cut", "waiting", "contingency", ""),
        ("drop_after", "in_doubt", "waiting", ""),
    ],
)
def test_an_online_request_whose_answer_was_lost_answers_already(
    fault: str,
    contingency: str | None,
    kind: str,
    reason: str,
    at_till: Client,
    issued: list[str],
    shift: Shift,
    connection: Connection,
    sandbox: SandboxServer,
    settings: Settings,
) -> None:
    """The request arrived, the page never knew, and showed "accepted" on its own."""
    settings.API_TILL_TIMEOUT = 0.5
    read = item(shift)
    if fault == "drop_after":
        sandbox.fault(fault, method="POST", path="vouchers/*/validate")
    with cut(connection) if fault == "cut" else CaptureQueriesContext(database):
        at_till.post("/caixa/ler/", {"scan": read["id"], "code": CODE}, headers={"HX-Request": "true"})
    answer = deliver(at_till, read)[0]
    assert (answer["state"], answer["contingency"], answer["verdict"]["kind"]) == (
        "already",
        contingency,
        kind,
    )
    hand_over(connection)
    assert effects(sandbox) == len(validations(sandbox)) == 1


def test_refused_online_and_handed_over_all_the_same_is_a_conflict(
    at_till: Client, issued: list[str], shift: Shift, sandbox: SandboxServer
) -> None:
    sandbox.act("use_voucher", code=CODE)
    read = item(shift)
    at_till.post("/caixa/ler/", {"scan": read["id"], "code": CODE}, headers={"HX-Request": "true"})
    answer = deliver(at_till, read)[0]
    assert (answer["state"], answer["contingency"], answer["verdict"]["kind"]) == (
        "already",
        "conflict",
        "used",
    )
    assert told(Redemption.objects.get()) == ("used", "voucher_used", "conflict")


def test_two_tills_that_accepted_one_voucher_are_one_acceptance_and_one_conflict(
    at_till: Client,
    manager_client: Client,
    issued: list[str],
    shift: Shift,
    other_shift: Shift,
    connection: Connection,
    sandbox: SandboxServer,
) -> None:
    manager_client.post("/caixa/ponto/", {"till": other_shift.till.pk})
    first = deliver(at_till, item(shift))[0]
    second = deliver(manager_client, item(other_shift, at=timezone.now()))[0]
    assert (first["contingency"], second["contingency"]) == ("waiting", "conflict")
    assert (second["reason"], second["verdict"]["word"]) == ("in_contingency", "Já aceito em contingência")
    hand_over(connection)
    assert told(Redemption.objects.get(pk=first["id"])) == ("valid", "", "confirmed")
    assert told(Redemption.objects.get(pk=second["id"])) == ("used", "voucher_used", "conflict")
    assert effects(sandbox) == 1


def test_used_before_it_was_delivered_is_a_conflict(
    at_till: Client, issued: list[str], shift: Shift, scan: Callable[..., Redemption], other_till: Till
) -> None:
    winner = scan(till=other_till)
    answer = deliver(at_till, item(shift))[0]
    assert (answer["contingency"], answer["reason"], answer["verdict"]["kind"]) == (
        "conflict", "voucher_used", "used",
    )  # fmt: skip
    assert Redemption.objects.get(pk=answer["id"]).winner == winner


def test_the_same_delivery_from_two_tabs_at_once_is_one(
    transactional_db: None, at_till: Client, issued: list[str], shift: Shift, cashier: User, till: Till
) -> None:
    items = [item(shift, code, position=n) for n, code in enumerate(issued[:3])]
    body = json.dumps({"sent_at": timezone.now().isoformat(), "items": items})
    answers: list[list[str]] = []

    def tab() -> None:
        client = signed_in(cashier)
        client.cookies["till"] = at_till.cookies["till"].value
        try:
            reply = client.post(DELIVERY, body, content_type="application/json").json()
            answers.append([answer["state"] for answer in reply["items"]])
        finally:
            connections.close_all()

    threads = [threading.Thread(target=tab) for _tab in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    states = [state for tab_states in answers for state in tab_states]
    assert (states.count("recorded"), states.count("already")) == (3, 9)
    assert ContingencyUse.objects.filter(state="waiting").count() == Redemption.objects.count() == 3


# --- The delivery: who and what ---------------------------------------------------------------------------
def test_another_cashier_of_the_till_may_deliver_for_a_closed_shift(
    at_till: Client, issued: list[str], shift: Shift, manager_client: Client, manager: User, cashier: User
) -> None:
    read = item(shift)
    close_shift(shift=shift, by=cashier)
    manager_client.post("/caixa/ponto/", {"till": shift.till.pk})
    assert deliver(manager_client, read)[0]["contingency"] == "waiting"
    scan, use = Redemption.objects.get(), ContingencyUse.objects.get()
    assert (scan.cashier, scan.shift, use.handed_by) == (cashier, shift, manager)


def test_who_may_not_deliver(
    client: Client,
    viewer_client: Client,
    at_till: Client,
    issued: list[str],
    shift: Shift,
) -> None:
    body = {"sent_at": timezone.now().isoformat(), "items": [item(shift)]}
    for who, status, word in (
        (client, 401, "signed_out"),
        (viewer_client, 403, "forbidden"),
    ):
        answer = who.post(DELIVERY, json.dumps(body), content_type="application/json")
        assert (answer.status_code, answer.json()) == (status, {"error": word})
    Connection.objects.update(is_active=False)
    answer = at_till.post(DELIVERY, json.dumps(body), content_type="application/json")
    assert (answer.status_code, answer.json()) == (503, {"error": "no_connection"})
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = at_till.cookies
    assert strict.post(DELIVERY, json.dumps(body), content_type="application/json").status_code == 403
    assert Redemption.objects.count() == 0


@pytest.mark.parametrize(
    "body",
    [
        "", "[]", "null", "{}", '{"items": []}', '{"items": {}, "sent_at": "2026-11-21T10:00:00Z"}',
        '{"items": [], "sent_at": "2026-11-21T10:00:00"}', '{"items": [], "sent_at": 7}',
        json.dumps({"sent_at": "2026-11-21T10:00:00Z", "items": [{}] * 51}), "[" * 100_000,
    ],
)  # fmt: skip
def test_what_is_no_delivery_is_said_to_be_none(body: str, at_till: Client) -> None:
    answer = at_till.post(DELIVERY, body, content_type="application/json")
    assert (answer.status_code, answer.json()) == (400, {"error": "unreadable"})


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"id": "7"}, "unreadable"),
        ({"code": None}, "unreadable"),
        ({"code": "A\x00B"}, "unreadable"),
        ({"code": "\ud800X"}, "unreadable"),
        ({"code": "- -"}, "blank_code"),
        ({"happened_at": "ontem"}, "unreadable"),
        ({"happened_at": "9999-12-31T23:59:59.999999Z"}, "unreadable"),
        ({"position": -1}, "unreadable"),
        ({"position": 2**31}, "unreadable"),
        ({"shown": "maybe"}, "unreadable"),
        ({"shift": "1"}, "unreadable"),
        ({"shift": 999_999}, "other_till"),
    ],
)
def test_one_item_that_cannot_be_recorded_keeps_no_other_back(
    wrong: dict[str, Any], reason: str, at_till: Client, issued: list[str], shift: Shift
) -> None:
    bad, good = item(shift) | wrong, item(shift, issued[1])
    first, second = deliver(at_till, bad, good)
    assert first == {
        "id": str(bad["id"]), "state": "rejected", "reason": reason, "contingency": None, "verdict": None,
    }  # fmt: skip
    assert second["state"] == "recorded"
    assert list(Redemption.objects.values_list("code", flat=True)) == [issued[1]]


def test_a_queue_may_follow_its_cashier_to_another_till(
    at_till: Client, issued: list[str], shift: Shift, other_till: Till, cashier: User
) -> None:
    """The browser was moved to another till meanwhile, the first one even taken out of use."""
    at_till.post("/caixa/ponto/", {"till": other_till.pk})
    Till.objects.filter(pk=shift.till_id).update(is_active=False)
    assert deliver(at_till, item(shift))[0]["contingency"] == "waiting"
    scan = Redemption.objects.get()
    assert (scan.till, scan.shift, scan.cashier) == (shift.till, shift, cashier)


def test_a_scan_of_a_till_one_may_not_use_is_not_touched(
    at_till: Client,
    issued: list[str],
    shift: Shift,
    other_shift: Shift,
    scan: Callable[..., Redemption],
    connection: Connection,
    cashier: User,
    store: Store,
) -> None:
    cashier.stores.set([store])
    Till.objects.filter(pk=other_shift.till_id).update(store=Store.objects.create(name="Loja Praia"))
    with cut(connection):
        theirs = scan(till=other_shift.till, shift=other_shift)
    assert deliver(at_till, item(shift, id=str(theirs.pk)))[0]["reason"] == "other_till"
    assert deliver(at_till, item(other_shift, id=str(uuid.uuid4())))[0]["reason"] == "other_till"
    assert told(theirs) == ("not_done", "not_sent", "")
    assert Redemption.objects.count() == 1
