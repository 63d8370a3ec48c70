"""One customer's timeline: the platform's facts and ours in one order, page by page, for who may read them."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from customers import consents, notes, tags
from customers.models import Customer, Sale, Tag
from customers.timeline import SOURCES, Event, timeline
from smartbis_admin.staff.models import Store, User
from smartbis_admin.sync.models import Drift
from smartbis_admin.writes.models import Write
from tests.customers.conftest import CPF
from tests.customers.test_detail import add_voucher
from vouchers.models import Redemption, Voucher
from vouchers.reversals.models import ReversalCase

Make = Callable[..., Customer]
DAY = datetime(2026, 3, 1, 12, tzinfo=UTC)


def at(days: float) -> datetime:
    return DAY + timedelta(days=days)


def make_write(customer: Customer, **values: Any) -> Write:
    created = values.pop("created_at", None)
    write = Write.objects.create(connection=customer.connection, **values)
    if created:
        Write.objects.filter(pk=write.pk).update(created_at=created)
    return write


def sell(customer: Customer, by: User, when: datetime, state: str = "done", **values: Any) -> Sale:
    write = make_write(customer, kind="register_sale", state=state, actor=by)
    return Sale.objects.create(
        connection=customer.connection, write=write, customer_remote_id=customer.remote_id,
        amount=Decimal("50.00"), sold_at=when, registered_by=by, **values,
    )  # fmt: skip


@pytest.fixture
def life(make_customer: Make, manager: User, owner: User, cashier: User) -> Customer:
    """A customer to whom everything happened once, a day apart."""
    ana = make_customer(
        "Ana Prado", cpf=CPF, remote_created_at=at(0), cashback_balance=Decimal("6.50"),
        points_balance=Decimal("129.9"),
    )  # fmt: skip
    Customer.objects.filter(pk=ana.pk).update(stored_at=at(20))
    make_write(
        ana, kind="create_customer", subject=f"cpf:{CPF}", state="done", actor=owner, created_at=at(-1),
        payload={"cpf": CPF},
    )  # fmt: skip
    sell(ana, cashier, at(2), cashback_amount=Decimal("2.50"), store=Store.objects.create(name="Loja Centro"))
    sell(ana, cashier, at(3), state="in_doubt")
    used = add_voucher(
        ana, "VALE-AAAA-0001", status=Voucher.Status.USED, issued_at=at(4), used_at=at(5), value=Decimal("20"),
        store_name="Loja Sul",
    )  # fmt: skip
    add_voucher(ana, "VALE-BBBB-0002", issued_at=at(6), expires_at=at(7))
    scan = Redemption.objects.create(
        connection=ana.connection, code=used.remote_id, code_sent=used.remote_id, state="valid",
        cashier=cashier, happened_at=at(5),
    )  # fmt: skip
    Redemption.objects.filter(pk=scan.pk).update(received_at=at(5.5))
    case = ReversalCase.objects.create(
        redemption=scan, state="confirmed", reason="wrong_voucher", note="x", opened_by=cashier,
        approver=manager, approved_at=at(9), result="new_voucher", confirmed_by=owner, confirmed_at=at(10),
    )  # fmt: skip
    ReversalCase.objects.filter(pk=case.pk).update(opened_at=at(8))
    note = notes.add_note(customer=ana, text="Prefere manhã", by=manager)
    type(note).objects.filter(pk=note.pk).update(created_at=at(11))
    tag = Tag.objects.create(name="VIP", created_by=manager)
    tags.add_tag(tag_id=tag.pk, customers=[ana], by=manager)
    tags.remove_tag(tag_id=tag.pk, customers=[ana], by=owner)
    ana.taggings.update(added_at=at(12), removed_at=at(13))
    said = consents.record_consent(
        customer=ana, channel="email", is_given=False, said_on=date(2026, 3, 10), source="message", proof="",
        by=manager,
    )  # fmt: skip
    type(said).objects.filter(pk=said.pk).update(recorded_at=at(14))
    drift = Drift.objects.create(
        connection=ana.connection, resource="customers", kind="balance", remote_id=ana.remote_id, label="Ana"
    )
    Drift.objects.filter(pk=drift.pk).update(found_at=at(15))
    # Of somebody else.
    bia = make_customer("Bia Lima", cpf="11144477735", remote_created_at=at(0))
    sell(bia, cashier, at(2))
    notes.add_note(customer=bia, text="Da Bia", by=manager)
    ana.refresh_from_db()
    return ana


def told(events: Any) -> list[tuple[str, str, str]]:
    def source(event: Event) -> str:
        return "plataforma" if event.is_remote else str(event.by)

    return [(str(event.title), str(event.text), source(event)) for event in events]


EVERYTHING = [
    ("Cadastro e saldos como estão", "R$\xa06,50 · 129,9 pontos", "plataforma"),
    ("Saldo mudou sem venda daqui", "", "plataforma"),
    ("Consentimento retirado: E-mail", "Por mensagem, em 10/03/2026", "Marta"),
    ("Etiqueta tirada: VIP", "", "Olga"),
    ("Etiqueta posta: VIP", "", "Marta"),
    ("Nota", "Prefere manhã", "Marta"),
    ("Estorno concluído", "Novo voucher emitido", "Olga"),
    ("Estorno aprovado", "", "Marta"),
    ("Estorno pedido", "Voucher errado", "Caio"),
    ("Voucher vencido", "…0002", "plataforma"),
    ("Voucher emitido", "…0002", "plataforma"),
    ("Voucher lido no caixa", "Válido · …0001", "Caio"),
    ("Voucher usado", "R$\xa020,00 · …0001 · Loja Sul", "plataforma"),
    ("Voucher emitido", "R$\xa020,00 · …0001", "plataforma"),
    ("Venda de R$\xa050,00 a confirmar – não repita", "", "Caio"),
    ("Venda de R$\xa050,00 registrada", "R$\xa02,50 · Loja Centro", "Caio"),
    ("Cadastrado na plataforma", "", "plataforma"),
    ("Cadastrado por aqui", "", "Olga"),
]


@pytest.mark.parametrize("size", [1, 4, 100])
def test_everything_in_one_order_whatever_the_size_of_a_page(
    life: Customer, manager: User, size: int
) -> None:
    found, after = [], ""
    for _turn in range(30):
        page = timeline(life, viewer=manager, known_at=timezone.now(), after=after, size=size)
        found += told(page.events)
        if page.next is None:
            break
        after = page.next
    assert found == EVERYTHING


def test_events_of_one_moment_are_neither_lost_nor_repeated(life: Customer, manager: User) -> None:
    same = at(30)
    Customer.objects.filter(pk=life.pk).update(remote_created_at=same, stored_at=same)
    Sale.objects.filter(customer_remote_id=life.remote_id).update(sold_at=same)
    life.vouchers.update(issued_at=same)
    keys: list[tuple[str, str]] = []
    after = ""
    while True:
        page = timeline(life, viewer=manager, known_at=same, after=after, size=2)
        keys += [event.key for event in page.events]
        if page.next is None:
            break
        after = page.next
    assert len(keys) == len(set(keys)) == len(EVERYTHING)


def test_each_reads_what_is_theirs_to_read(life: Customer, viewer: User) -> None:
    page = timeline(life, viewer=viewer, known_at=timezone.now(), size=100)
    hidden = {"Nota", "Estorno concluído", "Estorno aprovado", "Estorno pedido"}
    assert told(page.events) == [event for event in EVERYTHING if event[0] not in hidden]


@pytest.mark.parametrize(
    "after", ["", "x", "~~", "2026-03-01~sale~x", "2026-03-01T00:00:00+00:00~nowhere~1", "é~é~é"]
)
def test_a_mangled_place_is_the_first_page(life: Customer, manager: User, after: str) -> None:
    page = timeline(life, viewer=manager, known_at=timezone.now(), after=after, size=1)
    assert told(page.events) == EVERYTHING[:1]


def test_the_pages_link_on_and_htmx_gets_only_what_follows(life: Customer, manager_client: Client) -> None:
    address = reverse("customers:timeline", args=[life.pk])
    page = manager_client.get(address)
    assert "Cadastro e saldos como estão" in page.content.decode()
    after = page.context["events"].next
    assert len(page.context["events"].events) == 15
    rest = manager_client.get(address, {"depois": after}, headers={"HX-Request": "true"}).content.decode()
    assert rest.count('class="event ') == 3
    assert "<html" not in rest
    assert "Ver o que veio antes" in manager_client.get(address).content.decode()


def test_as_many_queries_for_many_events_as_for_few(life: Customer, manager: User, cashier: User) -> None:
    def cost() -> int:
        with CaptureQueriesContext(database) as queries:
            timeline(life, viewer=manager, known_at=timezone.now())
        return len(queries)

    cost()  # what the person may do is asked once
    few = cost()
    for number in range(30):
        sell(life, cashier, at(40 + number))
        notes.add_note(customer=life, text="x", by=manager)
        add_voucher(life, f"C-{number}", issued_at=at(40), status=Voucher.Status.USED, used_at=at(41))
    assert cost() == few == len(SOURCES)
