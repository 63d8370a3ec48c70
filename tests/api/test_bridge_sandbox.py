"""The bridge's and the messages' clients against the running sandbox: what it counted is what happened."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

import pytest

from sandbox.testing import (
    POS_CLIENT,
    POS_SECRET,
    WHATSAPP_APP_SECRET,
    WHATSAPP_NUMBER,
    WHATSAPP_TOKEN,
    SandboxServer,
)
from smartbis_admin.api.capabilities import Reading
from smartbis_admin.api.errors import CursorExpired, InDoubt, NotAllowed, RateLimited, Refused, Unreachable
from smartbis_admin.api.pos import PosMethod, PosStatus
from smartbis_admin.api.smartpos import SmartPosClient
from smartbis_admin.api.smartpos.push import DeliveryRefused, check_delivery, read_delivery
from smartbis_admin.api.transport import Timeouts
from smartbis_admin.api.whatsapp import WhatsAppClient
from smartbis_admin.api.whatsapp.webhook import Receipt, read_webhook, signature_holds
from tests.api.support import CountingPace, MemoryTokens

PUSH_SECRET, PHONE = "sandbox-webhook-secret", "+5511988880001"
#: A test client's own address; nothing is sent there, because deliveries are taken by hand.
OURS = "http://127.0.0.1:9/api/x/"
LIMITS = Timeouts(connect=0.5, read=2, total=20)
_numbers = count(1)


class Pos:
    """The bridge with two machines, and what is done at them."""

    def __init__(self, server: SandboxServer) -> None:
        self.server = server
        self.pace = CountingPace()
        self.client = self.another(POS_SECRET)
        for number in (1, 2):
            self.act("machine", machine_id=f"m-{number}", store_id="loja-centro", acquirer="Stone")

    def another(self, secret: str) -> SmartPosClient:
        return SmartPosClient(
            base_url=self.server.smartpos_base,
            client_id=POS_CLIENT,
            client_secret=secret,
            tokens=MemoryTokens(None),
            pace=self.pace,
            timeouts=LIMITS,
            sleep=lambda seconds: None,
        )

    def act(self, action: str, **args: Any) -> Any:
        return self.server.act(action, vendor="smartpos", credential=POS_CLIENT, **args)

    def fault(self, kind: str, **options: Any) -> None:
        self.server.fault(kind, vendor="smartpos", **options)

    def deliveries(self) -> list[Any]:
        taken: list[Any] = self.act("take_deliveries")
        return taken


class WhatsApp:
    """The number, and who is written to."""

    def __init__(self, server: SandboxServer) -> None:
        self.server = server
        self.client = WhatsAppClient(
            base_url=server.whatsapp_base,
            phone_number_id=WHATSAPP_NUMBER,
            access_token=WHATSAPP_TOKEN,
            pace=CountingPace(),
            timeouts=LIMITS,
            sleep=lambda seconds: None,
        )
        server.switch("sending", "held", vendor="whatsapp", credential=WHATSAPP_NUMBER)
        self.act("subscribe", url=OURS, verify_token="x", verify=False)
        self.act(
            "add_template", name="aviso", body="Olá, {{1}}! São {{2}}.", button_url="https://x.example/{{1}}"
        )

    def act(self, action: str, **args: Any) -> Any:
        return self.server.act(action, vendor="whatsapp", credential=WHATSAPP_NUMBER, **args)

    def send(self, **changes: Any) -> str:
        given: dict[str, Any] = {
            "to": PHONE,
            "template": "aviso",
            "language": "pt-BR",
            "parameters": ["Ana", "R$ 5,00"],
            "button_parameter": "abc",
            "reference": f"r-{next(_numbers)}",
        }
        return self.client.send_template(**given | changes)

    def hooks(self) -> list[Any]:
        """What is due now, proven and read."""
        found = []
        for sent in self.act("take_deliveries"):
            body = _body(sent)
            header = sent["headers"]["X-Hub-Signature-256"]
            assert signature_holds(app_secret=WHATSAPP_APP_SECRET, body=body, header=header)
            found.append(read_webhook(body, phone_number_id=WHATSAPP_NUMBER))
        return found


def _body(sent: dict[str, Any]) -> bytes:
    body: str = sent["body"]
    return body.encode()


@pytest.fixture
def pos(sandbox: SandboxServer) -> Iterator[Pos]:
    made = Pos(sandbox)
    sandbox.switch("sending", "held", vendor="smartpos", credential=POS_CLIENT)
    yield made
    made.client.close()


@pytest.fixture
def whatsapp(sandbox: SandboxServer) -> Iterator[WhatsApp]:
    made = WhatsApp(sandbox)
    yield made
    made.client.close()


# --- The feed -----------------------------------------------------------------------------------------------
def test_sales_come_in_the_order_of_change(pos: Pos) -> None:
    made = pos.act("burst", count=7, customers=[{"cpf": "529.982.247-25"}, None])
    assert made["first"]
    first = pos.client.sales(cursor=None, limit=3)
    second = pos.client.sales(cursor=first.next_cursor, limit=3)
    third = pos.client.sales(cursor=second.next_cursor, limit=3)
    seen = [sale.id for page in (first, second, third) for sale in page.records]
    assert (len(seen), len(set(seen)), third.next_cursor) == (7, 7, None)
    assert [bool(sale.customer) for sale in first.records] == [True, False, True]
    # A sale whose status changes comes again behind the place last asked at.
    pos.act("cancel_sale", sale_id=seen[0])
    again = pos.client.sales(cursor=second.next_cursor)
    assert [sale.id for sale in again.records] == [seen[6], seen[0]]
    assert again.records[-1].status is PosStatus.CANCELLED
    assert (first.bad, first.unknown_fields) == ([], {})


def test_one_sale_as_it_was_made(pos: Pos) -> None:
    pos.act(
        "sale",
        machine_id="m-2",
        amount="129.90",
        payment_method="pix",
        nsu="000123",
        sold_at="2026-03-05T14:21:40-03:00",
        customer={"phone": "11988880001"},
    )
    [sale] = pos.client.sales(cursor=None).records
    assert (sale.machine_id, sale.amount, sale.payment_method, sale.nsu) == (
        "m-2",
        Decimal("129.90"),
        PosMethod.PIX,
        "000123",
    )
    assert sale.sold_at == datetime(2026, 3, 5, 17, 21, 40, tzinfo=UTC)
    assert sale.customer is not None
    assert sale.customer.phone == "11988880001"


def test_a_row_however_wrong_does_not_stop_the_feed(pos: Pos) -> None:
    pos.act("sale_raw", sale={"id": "pos-torta", "amount": "abc"})
    pos.act("burst", count=2)
    page = pos.client.sales(cursor=None)
    assert len(page.records) == 2
    assert [row.id for row in page.bad] == ["pos-torta"]


def test_machines_and_customers(pos: Pos) -> None:
    pos.act("add_customer", id="c-1", cpf="52998224725", name="Ana")
    assert [machine.id for machine in pos.client.machines().records] == ["m-1", "m-2"]
    [buyer] = pos.client.customers(cursor=None).records
    assert (buyer.id, buyer.cpf, buyer.name) == ("c-1", "52998224725", "Ana")


def test_a_cursor_that_is_too_old_and_one_that_makes_no_sense(pos: Pos) -> None:
    pos.act("burst", count=2)
    cursor = pos.client.sales(cursor=None, limit=1).next_cursor
    pos.act("expire_cursors")
    with pytest.raises(CursorExpired):
        pos.client.sales(cursor=cursor)
    assert len(pos.client.sales(cursor=None).records) == 2
    with pytest.raises(Refused) as raised:
        pos.client.sales(cursor="disparate")
    assert raised.value.status == 400


def test_a_401_in_between_authorises_once_more(pos: Pos) -> None:
    pos.client.machines()
    pos.fault("unauthorized", path="v1/machines")
    pos.client.machines()
    log = [entry["path"] for entry in pos.server.log("smartpos")]
    assert [path.rpartition("/")[2] for path in log] == [
        "authorize",
        "machines",
        "machines",
        "authorize",
        "machines",
    ]
    with pytest.raises(NotAllowed):
        pos.another("errado").machines()


@pytest.mark.parametrize("kind", ["drop_before", "error_before", "truncate_200", "rate_limit"])
def test_a_passing_fault_is_read_over(pos: Pos, kind: str) -> None:
    pos.act("burst", count=3)
    pos.fault(kind, path="v1/sales", times=2)
    assert len(pos.client.sales(cursor=None).records) == 3


def test_a_lasting_fault_ends_as_it_is(pos: Pos) -> None:
    pos.client.machines()
    pos.fault("error_before", path="v1/*", times=20)
    with pytest.raises(Unreachable):
        pos.client.sales(cursor=None)
    pos.server.clear_faults()
    pos.fault("rate_limit", path="v1/*", times=20)
    with pytest.raises(RateLimited):
        pos.client.sales(cursor=None)


def test_trying_the_bridge_recognises_every_field(pos: Pos) -> None:
    pos.act("burst", count=1, customers=[{"cpf": "52998224725"}])
    pos.act("add_customer", cpf="52998224725", name="Ana", phone="11988880001", email="a@b.example")
    for reading in (Reading.POS_SALES, Reading.POS_MACHINES, Reading.POS_CUSTOMERS):
        probe = pos.client.probe(reading)
        assert (probe.missing, probe.unknown, probe.issues) == (frozenset(), {}, [])


# --- Deliveries ---------------------------------------------------------------------------------------------
def verdict(sent: dict[str, Any], secrets: list[str]) -> tuple[int, str] | None:
    """What a delivery is refused with; None: it is genuine."""
    body = _body(sent)
    try:
        check_delivery(headers=sent["headers"], body=body, secrets=secrets, now=datetime.now(UTC))
        read_delivery(body)
    except DeliveryRefused as refused:
        return refused.status, refused.reason
    return None


def test_what_the_bridge_sends_is_genuine_and_reads_as_its_feed(pos: Pos) -> None:
    pos.act("subscribe", url=OURS, secrets=[PUSH_SECRET])
    pos.act("burst", count=3)
    [sent] = pos.deliveries()
    assert verdict(sent, [PUSH_SECRET]) is None
    delivery = read_delivery(_body(sent))
    assert delivery.records == pos.client.sales(cursor=None).records
    assert abs(delivery.sent_at - datetime.now(UTC)) < timedelta(minutes=1)
    assert verdict(sent, ["outro"]) == (401, "bad_signature")


def test_either_of_two_secrets_holds(pos: Pos) -> None:
    pos.act("subscribe", url=OURS, secrets=["velho", "novo"])
    pos.act("ping")
    [sent] = pos.deliveries()
    assert [verdict(sent, [secret]) for secret in ("velho", "novo")] == [None, None]
    assert read_delivery(_body(sent)).is_ping


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("hook_bad_signature", (401, "bad_signature")),
        ("hook_old", (401, "stale")),
        ("hook_oversized", (413, "too_large")),
        ("hook_cut", (422, "envelope")),
        ("hook_text", (415, "not_json")),
    ],
)
def test_a_delivery_that_is_wrong(pos: Pos, kind: str, expected: tuple[int, str]) -> None:
    pos.act("subscribe", url=OURS, secrets=[PUSH_SECRET])
    pos.fault(kind, method="POST", path="sale.upserted")
    pos.act("burst", count=1)
    [sent] = pos.deliveries()
    assert verdict(sent, [PUSH_SECRET]) == expected


# --- Messages -----------------------------------------------------------------------------------------------
def test_a_message_and_its_receipts(whatsapp: WhatsApp, sandbox: SandboxServer) -> None:
    known = whatsapp.send(reference="r-de-teste")
    [kept] = whatsapp.act("messages", phone=PHONE)
    assert (kept["id"], kept["reference"], kept["template"]) == (known, "r-de-teste", "aviso")
    assert whatsapp.hooks() == []
    sandbox.clock(datetime.now(UTC) + timedelta(minutes=1))
    receipts = [record for hook in whatsapp.hooks() for record in hook.statuses]
    assert [(record.status, record.message_id, record.reference) for record in receipts] == [
        (status, known, "r-de-teste") for status in (Receipt.SENT, Receipt.DELIVERED, Receipt.READ)
    ]


@pytest.mark.parametrize("kind", ["drop_after", "error_after", "truncate_200", "empty_200", "html_502"])
def test_a_lost_answer_is_in_doubt_and_nobody_is_written_to_twice(whatsapp: WhatsApp, kind: str) -> None:
    whatsapp.server.fault(kind, vendor="whatsapp", path="*/messages")
    with pytest.raises(InDoubt):
        whatsapp.send(reference="r-perdida")
    kept = whatsapp.act("messages", reference="r-perdida")
    assert len(kept) == (0 if kind == "html_502" else 1)
    assert len(whatsapp.server.log("whatsapp")) == 1


def test_told_to_slow_down_the_message_is_sent_once(whatsapp: WhatsApp) -> None:
    whatsapp.server.fault("rate_limit", vendor="whatsapp", path="*/messages")
    known = whatsapp.send(reference="r-devagar")
    assert [kept["id"] for kept in whatsapp.act("messages", reference="r-devagar")] == [known]


def test_what_is_refused_at_once(whatsapp: WhatsApp) -> None:
    for changes, word in (
        ({"template": "nenhum"}, "template_missing"),
        ({"language": "es"}, "template_missing"),
        ({"parameters": ["Ana"]}, "template_parameters"),
    ):
        with pytest.raises(Refused) as raised:
            whatsapp.send(**changes)
        assert raised.value.code == word
    assert whatsapp.act("messages") == []


def test_a_token_that_is_wrong(whatsapp: WhatsApp) -> None:
    other = WhatsAppClient(
        base_url=whatsapp.server.whatsapp_base,
        phone_number_id=WHATSAPP_NUMBER,
        access_token="errado",
        pace=CountingPace(),
        timeouts=LIMITS,
    )
    with pytest.raises(NotAllowed):
        other.probe(Reading.WHATSAPP_NUMBER)
    with pytest.raises(NotAllowed):
        other.send_text(to=PHONE, text="Oi", reference="r")
    other.close()


def test_somebody_writes_and_is_answered(whatsapp: WhatsApp) -> None:
    whatsapp.act("receive", phone=PHONE, text="SAIR")
    [hook] = whatsapp.hooks()
    [said] = hook.messages
    assert (said.sender_e164, said.text) == (PHONE, "SAIR")
    assert whatsapp.client.send_text(to=PHONE, text="Tudo bem.", reference="r-resposta")


def test_a_number_known_without_its_ninth_digit_is_the_same_person(whatsapp: WhatsApp) -> None:
    whatsapp.server.switch("wa_id", "without_nine", vendor="whatsapp", credential=WHATSAPP_NUMBER)
    whatsapp.act("receive", phone=PHONE, text="SAIR")
    [hook] = whatsapp.hooks()
    assert hook.messages[0].sender_e164 == PHONE


def test_trying_the_number_finds_it(whatsapp: WhatsApp) -> None:
    probe = whatsapp.client.probe(Reading.WHATSAPP_NUMBER)
    assert (probe.status, probe.missing) == (200, frozenset())
