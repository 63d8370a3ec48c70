"""WhatsApp at the sandbox: sent once, settled by receipts after a lost answer, and what people write back."""

import json
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connections
from django.test import Client
from django.urls import reverse

from customers.models import Consent, Customer
from sandbox.testing import WHATSAPP_APP_SECRET, WHATSAPP_NUMBER, WHATSAPP_TOKEN, SandboxServer
from smartbis_admin.connections.doors import door_token
from smartbis_admin.connections.models import Connection
from smartbis_admin.connections.services import create_connection
from smartbis_admin.staff.models import User
from smartbis_admin.writes import settling
from smartbis_admin.writes.models import Write
from smartbis_admin.writes.services import close
from tests.outreach.conftest import NOW
from vouchers.outreach import life, sending
from vouchers.outreach.answers import erase_old
from vouchers.outreach.looking import look
from vouchers.outreach.models import Incoming, LastContact, Message, Receipt
from vouchers.outreach.opting import is_opt_out

#: Words, access and the wire: nothing here differs from one database to the other.
pytestmark = pytest.mark.one_database

Make = Callable[..., Any]


class _NoTransaction:
    """The gap must not lie inside a transaction, or the rival would only wait for its end."""

    @staticmethod
    @contextmanager
    def atomic() -> Iterator[None]:
        yield


@pytest.fixture
def whatsapp(db: None, sandbox: SandboxServer, clock: Any) -> Connection:
    """The shop's number at the sandbox, with its templates; nothing is posted to us unasked."""
    sandbox.clock(NOW)
    sandbox.act("add_shop_templates", vendor="whatsapp", credential=WHATSAPP_NUMBER)
    sandbox.switch("sending", "held", vendor="whatsapp", credential=WHATSAPP_NUMBER)
    url = "http://127.0.0.1/hook/"
    act(sandbox, "subscribe", url=url, verify_token="prove-it", verify=False)
    return create_connection(
        by=None,
        provider="whatsapp",
        name="Zap",
        base_url=sandbox.whatsapp_base,
        credentials={
            "phone_number_id": WHATSAPP_NUMBER,
            "access_token": WHATSAPP_TOKEN,
            "app_secret": WHATSAPP_APP_SECRET,
            "verify_token": "prove-it",
        },
    )


def act(sandbox: SandboxServer, action: str, **args: Any) -> Any:
    return sandbox.act(action, args, vendor="whatsapp", credential=WHATSAPP_NUMBER)


def hook(connection: Connection) -> str:
    return reverse("outreach:webhook", args=[door_token(connection)])


def deliver(sandbox: SandboxServer, connection: Connection) -> list[int]:
    """Hand over what the sandbox would post; the answers."""
    answers = []
    for delivery in act(sandbox, "take_deliveries"):
        headers = {
            name: value for name, value in delivery["headers"].items() if name.lower() != "content-type"
        }
        reply = Client().post(
            hook(connection), delivery["body"], content_type="application/json", headers=headers
        )
        answers.append(reply.status_code)
    return answers


@pytest.fixture
def waiting(whatsapp: Connection, make_customer: Make, turn_on: Make) -> Message:
    """Ana's message about her balance, by WhatsApp."""
    make_customer("Ana Lima", consents="whatsapp", cashback_balance=Decimal("12.50"), phone="+5511987654321")
    turn_on("balance_available")
    look("balance_available")
    return Message.objects.get()


def fate(message: Message) -> tuple[str, str, str]:
    message.refresh_from_db()
    return message.state, message.reason, message.detail


def accepted(sandbox: SandboxServer) -> list[dict[str, Any]]:
    """What the sandbox was asked to send."""
    found: list[dict[str, Any]] = act(sandbox, "messages")
    return found


def test_a_message_is_sent_and_its_receipts_follow(
    sandbox: SandboxServer, whatsapp: Connection, waiting: Message, clock: Any
) -> None:
    assert sending.work() == 1
    assert fate(waiting) == ("sent", "", "")
    [there] = accepted(sandbox)
    assert (there["to"].lstrip("+"), there["template"], there["language"], there["reference"]) == (
        "5511987654321", "balance_available", "pt_BR", str(waiting.pk),
    )  # fmt: skip
    assert there["text"].replace("\xa0", " ") == (
        "Ana, você tem R$ 12,50 de cashback para a próxima compra. Veja em https://portal.example/ o seu saldo."
    )
    assert (waiting.remote_id, waiting.write.state) == (there["id"], Write.State.DONE)
    # Neither phone nor text is kept in the ledger.
    assert waiting.write.payload == {"message": str(waiting.pk)}
    sandbox.clock(NOW + timedelta(seconds=5))
    assert set(deliver(sandbox, whatsapp)) == {200}
    assert fate(waiting)[0] == "delivered"
    sandbox.clock(NOW + timedelta(seconds=40))
    deliver(sandbox, whatsapp)
    assert fate(waiting)[0] == "read"
    assert list(waiting.receipts.values_list("status", flat=True)) == ["sent", "delivered", "read"]
    assert waiting.read_at is not None


@pytest.mark.parametrize("order", [("read", "delivered", "sent"), ("delivered", "read", "sent", "delivered")])
def test_receipts_in_any_order_and_twice(waiting: Message, order: tuple[str, ...]) -> None:
    sending.work()
    news = [life.take_receipt(waiting, status, NOW) for status in order]
    assert fate(waiting)[0] == "read"
    assert news == [order.index(status) == place for place, status in enumerate(order)]
    assert waiting.receipts.count() == len(set(order))


@pytest.mark.parametrize(
    ("order", "state", "reason"),
    [
        (("sent", "failed"), "failed", "undelivered"),
        (("failed", "sent"), "failed", "undelivered"),
        (("failed", "delivered"), "delivered", ""),
        (("delivered", "failed"), "delivered", ""),
    ],
)
def test_what_arrived_has_arrived(waiting: Message, order: tuple[str, ...], state: str, reason: str) -> None:
    sending.work()
    for status in order:
        life.take_receipt(waiting, status, NOW, error_code="131026" if status == "failed" else "")
    assert fate(waiting)[:2] == (state, reason)


def test_an_undeliverable_message_says_so(
    sandbox: SandboxServer, whatsapp: Connection, waiting: Message
) -> None:
    act(sandbox, "set_recipient", phone="+5511987654321", fails_with=131026)
    sending.work()
    assert fate(waiting)[0] == "sent"
    sandbox.clock(NOW + timedelta(seconds=60))
    deliver(sandbox, whatsapp)
    assert fate(waiting) == ("failed", "undelivered", "131026")


@pytest.mark.parametrize("said", ["webhook", "reply"])
def test_who_opted_out_at_whatsapp_is_not_written_to_again(
    sandbox: SandboxServer, whatsapp: Connection, waiting: Message, said: str
) -> None:
    if said == "webhook":
        act(sandbox, "set_recipient", phone="+5511987654321", fails_with=131050)
        sending.work()
        sandbox.clock(NOW + timedelta(seconds=60))
        deliver(sandbox, whatsapp)
    else:
        sending.work()
        write = Write.objects.get(pk=waiting.pk)
        Message.objects.update(state="sending")
        Write.objects.update(state=Write.State.IN_DOUBT)
        close(write, Write.State.REFUSED, code="opted_out")
    assert fate(waiting)[0] == "failed"
    assert list(Consent.objects.filter(is_given=False).values_list("channel", flat=True)) == ["whatsapp"]


def test_a_refusal_is_told_and_not_tried_again(sandbox: SandboxServer, waiting: Message, clock: Any) -> None:
    act(sandbox, "add_template", name="balance_available", language="pt_BR", body="Oi {{1}}")
    sending.work()
    assert fate(waiting) == ("failed", "refused", "template_parameters")
    clock.shift(timedelta(days=1))
    assert sending.work() == 0
    assert accepted(sandbox) == []
    assert LastContact.objects.count() == 0


def lose_answer(sandbox: SandboxServer, kind: str) -> None:
    sandbox.fault(kind, method="POST", path="*/messages", vendor="whatsapp")


def test_a_lost_answer_is_in_doubt_and_a_receipt_settles_it(
    sandbox: SandboxServer, whatsapp: Connection, waiting: Message, clock: Any
) -> None:
    lose_answer(sandbox, "drop_after")
    assert sending.work() == 0
    assert fate(waiting)[0] == "in_doubt"
    assert waiting.write.state == Write.State.IN_DOUBT
    clock.shift(timedelta(minutes=10))
    # Never again, however often the queue is worked on.
    assert sending.work() == 0
    settling.look(str(waiting.write.pk))
    assert fate(waiting)[0] == "in_doubt"
    sandbox.clock(NOW + timedelta(minutes=10))
    deliver(sandbox, whatsapp)
    assert fate(waiting)[0] == "read"
    assert waiting.write.state == Write.State.DONE
    assert waiting.write.evidence[-1]["found"] == {"receipt": True}
    assert len(accepted(sandbox)) == 1


def test_a_lost_answer_without_a_receipt_waits_for_a_person(
    sandbox: SandboxServer, waiting: Message, clock: Any, manager: User
) -> None:
    lose_answer(sandbox, "drop_before")
    sending.work()
    clock.shift(timedelta(hours=25))
    settling.look(str(waiting.pk))
    write = Write.objects.get(pk=waiting.pk)
    assert (write.state, write.needs_person) == (Write.State.IN_DOUBT, True)
    settling.settle_by_person(
        write=write, state=Write.State.NOT_DONE, by=manager, reason="Cliente não recebeu"
    )
    assert fate(waiting) == ("dropped", "not_done", "")
    assert sending.work() == 0
    assert accepted(sandbox) == []


def test_a_receipt_that_comes_before_the_answer_is_not_lost(
    sandbox: SandboxServer, whatsapp: Connection, waiting: Message, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The call's answer is still on its way while the message is already read."""
    real = life.sent

    def late(*args: Any, **kwargs: Any) -> bool:
        life.take_receipt(Message.objects.get(), "read", NOW)
        return real(*args, **kwargs)

    monkeypatch.setattr(life, "sent", late)
    sending.work()
    assert fate(waiting)[0] == "read"
    assert waiting.remote_id == accepted(sandbox)[0]["id"]


def test_a_call_that_never_left_is_tried_again_and_is_one_message(
    sandbox: SandboxServer, whatsapp: Connection, waiting: Message, clock: Any
) -> None:
    Connection.objects.filter(pk=whatsapp.pk).update(base_url="http://127.0.0.1:1/v21.0/")
    assert sending.work() == 0
    assert fate(waiting)[0] == "queued"
    assert waiting.not_before == NOW + timedelta(minutes=5)
    Connection.objects.filter(pk=whatsapp.pk).update(base_url=sandbox.whatsapp_base)
    clock.shift(timedelta(minutes=5))
    assert sending.work() == 1
    assert fate(waiting)[0] == "sent"
    assert len(accepted(sandbox)) == 1


def test_a_worker_that_dies_before_its_call_gives_the_message_back(
    sandbox: SandboxServer, waiting: Message, clock: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Death(BaseException):
        """The process is killed."""

    def die(**kwargs: Any) -> Any:
        raise Death

    monkeypatch.setattr(sending, "perform", die)
    with pytest.raises(Death):
        sending.work()
    monkeypatch.undo()
    assert fate(waiting)[0] == "sending"
    clock.shift(timedelta(minutes=6))
    assert sending.work() == 1
    assert len(accepted(sandbox)) == 1


@pytest.mark.parametrize("state", ["sending", "queued"])
def test_a_message_whose_answer_was_not_noted_is_not_sent_again(
    sandbox: SandboxServer, waiting: Message, clock: Any, state: str
) -> None:
    """The call was made and the ledger knows; a slow worker, or a death, kept the message from knowing."""
    sending.work()
    Message.objects.update(state=state, claim="dead", claimed_at=NOW, sent_at=None, remote_id="")
    clock.shift(timedelta(minutes=6))
    sending.work()
    assert fate(waiting)[0] == "sent"
    assert (waiting.sent_at, waiting.remote_id) == (NOW, accepted(sandbox)[0]["id"])
    assert len(accepted(sandbox)) == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("guarded", [True, False])
def test_two_workers_at_whatsapp_are_one_message(
    sandbox: SandboxServer, waiting: Message, monkeypatch: pytest.MonkeyPatch, guarded: bool
) -> None:
    """The rival sends between our claim and our call. Without the claim the ledger still lets one call out."""
    real, results = sending.open_write, list[int]()

    def rival() -> None:
        if not guarded:
            Message.objects.update(state="queued", claim="")
        results.append(sending.work())
        if not guarded:
            Message.objects.update(state="sending", claim=Message.objects.get().claim)
        connections.close_all()

    def gap(**intent: Any) -> Any:
        monkeypatch.setattr(sending, "open_write", real)
        thread = threading.Thread(target=rival)
        thread.start()
        thread.join()
        return real(**intent)

    monkeypatch.setattr(sending, "transaction", _NoTransaction)
    monkeypatch.setattr(sending, "open_write", gap)
    sending.work()
    assert results == [0 if guarded else 1]
    assert len(accepted(sandbox)) == 1


# --- the webhook ------------------------------------------------------------------------------------------
def test_meta_proves_the_address(whatsapp: Connection, client: Client) -> None:
    asked = {"hub.mode": "subscribe", "hub.verify_token": "prove-it", "hub.challenge": "4711"}
    reply = client.get(hook(whatsapp), asked)
    assert (reply.status_code, reply.content) == (200, b"4711")
    assert client.get(hook(whatsapp), asked | {"hub.verify_token": "no"}).status_code == 403
    assert client.get(hook(whatsapp), asked | {"hub.mode": "x"}).status_code == 403
    assert client.get(reverse("outreach:webhook", args=["0" * 40]), asked).status_code == 404


def test_only_a_signed_body_is_read(sandbox: SandboxServer, whatsapp: Connection, waiting: Message) -> None:
    act(sandbox, "receive", phone="+5511987654321", text="SAIR")
    [delivery] = act(sandbox, "take_deliveries")
    client = Client(enforce_csrf_checks=True)

    def post(body: str, signature: str) -> int:
        headers = {"X-Hub-Signature-256": signature}
        reply = client.post(hook(whatsapp), body, content_type="application/json", headers=headers)
        return reply.status_code

    signature = next(
        value for name, value in delivery["headers"].items() if name.lower() == "x-hub-signature-256"
    )
    body = delivery["body"] if isinstance(delivery["body"], str) else json.dumps(delivery["body"])
    assert post(body, "sha256=" + "0" * 64) == 401
    assert post(body, "") == 401
    assert post(body + " ", signature) == 401
    assert (Incoming.objects.count(), fate(waiting)[0]) == (0, "queued")
    Connection.objects.filter(pk=whatsapp.pk).update(is_active=False)
    assert post(body, signature) == 404
    Connection.objects.filter(pk=whatsapp.pk).update(is_active=True)
    assert post(body, signature) == 200
    assert Incoming.objects.count() == 1


def test_sair_holds_at_once_and_only_once(
    sandbox: SandboxServer, whatsapp: Connection, waiting: Message, make_customer: Make, clock: Any
) -> None:
    other = make_customer("Outra Ana", consents="whatsapp email", phone="+5511987654321")
    act(sandbox, "receive", phone="+5511987654321", text=" Sair! ")
    deliveries = act(sandbox, "take_deliveries")
    for _time in range(2):
        for delivery in deliveries:
            headers = {
                name: value for name, value in delivery["headers"].items() if name.lower() != "content-type"
            }
            reply = Client().post(
                hook(whatsapp), delivery["body"], content_type="application/json", headers=headers
            )
            assert reply.status_code == 200
    assert fate(waiting) == ("dropped", "opted_out", "")
    said = Consent.objects.filter(is_given=False).order_by("customer")
    assert [(row.customer_id, row.channel, row.source, row.recorded_by) for row in said] == [
        (waiting.customer_id, "whatsapp", "message", None),
        (other.pk, "whatsapp", "message", None),
    ]
    assert said[0].proof.endswith(": Sair!")
    assert Incoming.objects.get().is_opt_out
    assert sending.work() == 0
    assert accepted(sandbox) == []
    Message.objects.all().delete()
    look("balance_available", NOW + timedelta(hours=2))
    assert Message.objects.count() == 0
    clock.shift(timedelta(days=31))
    assert erase_old() == 1


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SAIR", True), ("sair", True), (" Sair. ", True), ("PARAR", True), ("Stop!", True), ("BAJA", True),
        ("não quero sair daqui", False), ("obrigado", False), ("", False), ("para", False),
    ],
)  # fmt: skip
def test_words_that_end_it(text: str, expected: bool) -> None:
    assert is_opt_out(text) is expected


def test_what_else_people_write_is_kept_and_changes_nothing(
    sandbox: SandboxServer, whatsapp: Connection, waiting: Message
) -> None:
    act(sandbox, "receive", phone="+5511987654321", text="Que horas abre?")
    assert deliver(sandbox, whatsapp) == [200]
    row = Incoming.objects.get()
    assert (row.text, row.is_opt_out, row.customer) == ("Que horas abre?", False, Customer.objects.get())
    assert Consent.objects.filter(is_given=False).count() == 0
    assert Receipt.objects.count() == 0
    assert fate(waiting)[0] == "queued"
