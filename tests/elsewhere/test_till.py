"""Codes and cards of other programmes at the till: told apart, noted once, never validated."""

import re
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from customers.models import Customer
from customers.wallet.models import Card
from smartbis_admin.connections.models import Connection
from smartbis_admin.staff.models import AuditEvent, Shift, Till, User
from smartbis_admin.ui.formats import datetime_local
from smartbis_admin.writes.models import Write
from tests.elsewhere.conftest import CARD_URL, CODE, programme
from vouchers.elsewhere import services
from vouchers.elsewhere.models import LocalUse
from vouchers.fulfilments.models import Fulfilment
from vouchers.models import Redemption, Voucher
from vouchers.till.shift_summary import summarise

Read = Callable[..., str]
NOT_HERE = "Código de Loja virtual: é usado na loja virtual e não pode ser validado aqui."
NOTE_IT = "Se o cliente o usar aqui, anote o uso: Enter ou o botão."
KEEP = "Não entregue o benefício."


def said(html: str) -> tuple[str, str, str, str]:
    """Kind, word, reason and next step of a banner."""
    kind = re.search(r'data-kind="(\w+)"', html)
    words = [re.search(rf'class="till-{part}">(.*?)</p>', html, re.S) for part in ("word", "reason", "next")]
    return (kind[1], *(word[1].strip() for word in words))  # type: ignore[index,return-value]


def test_a_code_of_the_shop_is_told_apart_from_a_voucher(
    at_till: Client, till: Till, cashier: User, reward: Fulfilment, read: Read
) -> None:
    html = read(at_till, "frete abcd 1234")
    assert said(html) == ("look", "Outro programa", NOT_HERE, NOTE_IT)
    assert "Frete grátis" in html
    assert "Ana" in html
    assert "Anotar uso" in html
    scan = Redemption.objects.get()
    assert (scan.state, scan.reason, scan.message) == ("elsewhere", "code", "Loja virtual")
    assert (scan.connection, scan.cashier, scan.till, scan.shift) == (
        reward.connection,
        cashier,
        till,
        Shift.objects.get(),
    )
    assert scan.masked_code == "…1234"
    assert (Write.objects.count(), LocalUse.objects.count()) == (0, 0)


def test_its_use_is_noted_with_who_where_and_when(
    at_till: Client, till: Till, cashier: User, reward: Fulfilment, read: Read, note: Read
) -> None:
    read(at_till, CODE)
    expected = (
        "look",
        "Uso anotado",
        "Uso de Loja virtual anotado por Caio.",
        "O registro fica só neste sistema: a plataforma não é avisada.",
    )
    assert said(note(at_till)) == expected
    use = LocalUse.objects.get()
    assert (use.kind, use.key, use.once, use.noted_by, use.scan.till) == (
        "code",
        "FRETEABCD1234",
        "",
        cashier,
        till,
    )
    # Pressed twice, or asked for again after a lost answer: the same.
    assert said(note(at_till)) == expected
    assert said(at_till.get(f"/caixa/leituras/{use.pk}/").content.decode()) == expected
    assert LocalUse.objects.get().noted_at == use.noted_at
    reward.refresh_from_db()
    assert (reward.usage, reward.used_at, Write.objects.count()) == ("unused", None, 0)


def test_who_comes_second_reads_who_was_first(
    at_till: Client, elsewhere: Client, reward: Fulfilment, read: Read, note: Read
) -> None:
    read(at_till, CODE)
    mine = Redemption.objects.get()
    read(elsewhere, CODE)
    theirs = Redemption.objects.exclude(pk=mine.pk).get()
    note(at_till, mine)
    mine.refresh_from_db()
    assert mine.decided_at is not None
    when = datetime_local(mine.decided_at)
    first = f"Uso de Loja virtual anotado em {when}, Loja Centro · Caixa 1, por Caio."
    # Both had read it before either noted it …
    assert said(note(elsewhere, theirs)) == ("used", "Uso já anotado", first, KEEP)
    # … and whoever reads it now is told at once, without the button.
    html = read(elsewhere, CODE)
    assert said(html) == ("used", "Uso já anotado", first, KEEP)
    assert "Anotar uso" not in html
    assert LocalUse.objects.get().scan == mine


def test_the_database_decides_between_two_notes_of_one_moment(
    at_till: Client,
    elsewhere: Client,
    cashier: User,
    manager: User,
    reward: Fulfilment,
    read: Read,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    read(at_till, CODE)
    read(elsewhere, CODE)
    mine, theirs = Redemption.objects.order_by("received_at").select_related("connection", "till__store")
    day = services._day

    def rival_first(*asked: Any) -> str:
        monkeypatch.setattr(services, "_day", day)
        services.note_use(scan=theirs, by=manager)
        return day(*asked)

    # The rival comes between our look at the scan and our row.
    monkeypatch.setattr(services, "_day", rival_first)
    services.note_use(scan=mine, by=cashier)
    assert (mine.reason, mine.winner) == ("noted_before", theirs)
    assert LocalUse.objects.get().scan == theirs
    with pytest.raises(IntegrityError):
        LocalUse.objects.create(
            scan=mine, connection=mine.connection, kind="code", key="FRETEABCD1234", noted_by=cashier
        )


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        (
            {"usage": "used"},
            ("used", "Já usado", "Código de Loja virtual: a plataforma diz que já foi usado."),
        ),
        (
            {"expires_at": timezone.now() - timedelta(days=1)},
            ("refused", "Outro programa", "Código de Loja virtual, vencido."),
        ),
        ({"status": "cancelled"}, ("refused", "Outro programa", "Código de Loja virtual, cancelado.")),
        ({"status": "pending"}, ("refused", "Outro programa", "Código de Loja virtual, ainda não emitido.")),
    ],
)
def test_a_code_that_is_worth_nothing_cannot_be_noted(
    at_till: Client, reward: Fulfilment, read: Read, note: Read, fields: Any, expected: tuple[str, str, str]
) -> None:
    Fulfilment.objects.update(**fields)
    html = read(at_till, CODE)
    assert said(html) == (*expected, KEEP)
    assert "Anotar uso" not in html
    before = Redemption.objects.get().reason
    note(at_till)
    assert (LocalUse.objects.count(), Redemption.objects.get().reason) == (0, before)


def test_a_code_used_on_the_platform_says_when(at_till: Client, reward: Fulfilment, read: Read) -> None:
    at = timezone.now() - timedelta(days=2)
    Fulfilment.objects.update(usage="used", used_at=at)
    assert said(read(at_till, CODE))[2] == f"Código de Loja virtual, usado em {datetime_local(at)}."


def test_a_voucher_with_the_same_code_is_a_voucher(
    at_till: Client, reward: Fulfilment, read: Read, shop: Connection
) -> None:
    smartbis = programme("smartbis", "Smartbis")
    Voucher.objects.create(
        connection=smartbis, remote_id=CODE, code_key="FRETEABCD1234", status="issued", content_hash=b""
    )
    read(at_till, CODE)
    assert Redemption.objects.get().connection == smartbis


@pytest.mark.parametrize("code", [CARD_URL, "s-7k2m9", "70000000000000001", "#70000000000000001"])
def test_a_card_of_the_wallet_leads_to_its_customer(
    at_till: Client, card: Card, read: Read, code: str
) -> None:
    html = read(at_till, code)
    assert said(html) == (
        "look",
        "Cartão da carteira",
        "Cartão de Carteira, não um voucher: pontos e ofertas são usados no próprio cartão.",
        NOTE_IT,
    )
    customer = Customer.objects.get()
    assert f'href="/clientes/{customer.pk}/"' in html
    assert "Rui" in html
    assert "Prado" not in html
    assert (Redemption.objects.get().code, Redemption.objects.get().masked_code) == (
        "70000000000000001",
        "…0001",
    )


def test_a_short_number_is_a_card_where_it_cannot_be_a_voucher(
    at_till: Client, card: Card, read: Read
) -> None:
    Customer.objects.update(remote_id="1870")
    assert said(read(at_till, "1870"))[1] == "Cartão da carteira"
    smartbis = programme("smartbis", "Smartbis")
    read(at_till, "1870")
    assert Redemption.objects.latest("received_at").connection == smartbis
    assert said(read(at_till, "#1870"))[1] == "Cartão da carteira"


def test_a_card_is_noted_once_a_day(at_till: Client, card: Card, read: Read, note: Read) -> None:
    read(at_till, CARD_URL)
    assert said(note(at_till))[1] == "Uso anotado"
    today = timezone.localdate().isoformat()
    assert LocalUse.objects.get().once == today
    assert said(read(at_till, "70000000000000001"))[1] == "Uso já anotado"
    LocalUse.objects.update(once="2026-01-01")
    read(at_till, CARD_URL)
    assert said(note(at_till))[1] == "Uso anotado"
    assert list(LocalUse.objects.order_by("once").values_list("once", flat=True)) == ["2026-01-01", today]


def test_what_left_a_programme_or_is_of_none_is_left_to_the_voucher(
    at_till: Client, reward: Fulfilment, card: Card, read: Read
) -> None:
    Fulfilment.objects.update(withdrawn_at=timezone.now())
    Customer.objects.update(withdrawn_at=timezone.now())
    for code in (CODE, CARD_URL, "70000000000000001", "", "X"):
        assert "Nenhuma integração está ativa." in read(at_till, code)
    assert Redemption.objects.count() == 0


def test_the_same_scan_sent_again_is_one_row(at_till: Client, reward: Fulfilment, read: Read) -> None:
    scan = str(uuid.uuid4())
    first, second = (said(read(at_till, CODE, scan=scan)) for _time in range(2))
    assert first == second
    assert Redemption.objects.count() == 1


def test_without_the_script_it_is_two_pages(at_till: Client, reward: Fulfilment) -> None:
    scan = str(uuid.uuid4())
    answer = at_till.post("/caixa/ler/", {"scan": scan, "code": CODE})
    assert answer["Location"] == f"/caixa/leituras/{scan}/"
    assert "Anotar uso" in at_till.get(answer["Location"]).content.decode()
    noted = at_till.post(f"/caixa/leituras/{scan}/anotar/")
    assert noted["Location"] == f"/caixa/leituras/{scan}/"
    assert said(at_till.get(noted["Location"]).content.decode())[1] == "Uso anotado"


def test_a_scan_of_another_till_cannot_be_noted_here(
    at_till: Client, elsewhere: Client, viewer_client: Client, reward: Fulfilment, read: Read
) -> None:
    read(at_till, CODE)
    address = f"/caixa/leituras/{Redemption.objects.get().pk}/anotar/"
    assert elsewhere.post(address).status_code == 404
    assert viewer_client.post(address).status_code == 403
    assert LocalUse.objects.count() == 0


# --- Where it is told afterwards ---------------------------------------------------------------------
@pytest.fixture
def noted(at_till: Client, reward: Fulfilment, read: Read, note: Read) -> LocalUse:
    read(at_till, CODE)
    note(at_till)
    read(at_till, CODE)
    return LocalUse.objects.get()


def test_the_shift_counts_it_and_lists_it(at_till: Client, manager_client: Client, noted: LocalUse) -> None:
    summary = summarise(Redemption.objects.all())
    assert (summary.total, summary.elsewhere, summary.noted, summary.refused) == (2, 2, 1, 0)
    shift = manager_client.get(f"/caixa/turnos/{noted.scan.shift_id}/").content.decode()
    assert "De outros programas" in shift
    assert "Uso de Loja virtual anotado por Caio." in shift
    report = manager_client.get("/caixa/turnos/leituras/?state=elsewhere&export=csv")
    lines = b"".join(report.streaming_content).decode("utf-8-sig").splitlines()  # type: ignore[attr-defined]
    assert len(lines) == 3
    assert "Uso de Loja virtual anotado por Caio." in lines[2]


def test_the_page_of_the_reward_tells_it(manager_client: Client, reward: Fulfilment, noted: LocalUse) -> None:
    html = manager_client.get(f"/resgates/{reward.pk}/").content.decode()
    assert f"{datetime_local(noted.noted_at)}, Loja Centro · Caixa 1, por Caio" in html


def test_a_manager_takes_a_mistake_back_and_it_may_be_noted_again(
    at_till: Client, cashier_client: Client, manager_client: Client, manager: User, noted: LocalUse,
    read: Read, note: Read,
) -> None:  # fmt: skip
    address = f"/usos-anotados/{noted.pk}/retirar/"
    assert cashier_client.post(address, {"confirmed": "1"}).status_code == 403
    assert "Retirar a anotação deste uso?" in manager_client.post(address).content.decode()
    noted.refresh_from_db()
    assert noted.taken_back_at is None
    manager_client.post(address, {"confirmed": "1"})
    noted.refresh_from_db()
    assert noted.taken_back_by == manager
    assert AuditEvent.objects.filter(action="local_use.taken_back").count() == 1
    again = at_till.get(f"/caixa/leituras/{noted.pk}/").content.decode()
    assert said(again)[1] == "Anotação retirada"
    read(at_till, CODE)
    assert said(note(at_till))[1] == "Uso anotado"
    assert list(LocalUse.objects.filter(taken_back_at=None).values_list("kind", flat=True)) == ["code"]


def test_the_list_of_notes_is_for_who_sees_shifts_and_costs_the_same(
    manager_client: Client, cashier_client: Client, cashier: User, shop: Connection, till: Till
) -> None:  # fmt: skip
    def made(count: int) -> None:
        for _number in range(count):
            key = uuid.uuid4().hex
            scan = Redemption.objects.create(
                connection=shop, code=key, code_sent=key, state="elsewhere", reason="noted", cashier=cashier,
                till=till, store=till.store, happened_at=timezone.now(),
            )  # fmt: skip
            LocalUse.objects.create(scan=scan, connection=shop, kind="code", key=key, noted_by=cashier)

    assert cashier_client.get("/usos-anotados/").status_code == 403
    made(2)
    manager_client.get("/usos-anotados/")
    with CaptureQueriesContext(database) as few:
        assert manager_client.get("/usos-anotados/").content.decode().count("…") >= 2
    made(20)
    with CaptureQueriesContext(database) as many:
        manager_client.get("/usos-anotados/")
    assert len(many) == len(few)
