"""The ledger itself: one intent, one call, four outcomes, and nothing sent twice."""

import threading
import uuid
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection as database
from django.db import connections
from django.utils import timezone

from customers.models import Customer, Sale
from customers.services import create_customer, customer_of, refresh_customer, register_sale
from sandbox.testing import SandboxServer
from smartbis_admin.connections.models import Connection
from smartbis_admin.staff.models import User
from smartbis_admin.writes import services
from smartbis_admin.writes.models import Write
from smartbis_admin.writes.services import SubjectBusyError, open_write, perform, send
from smartbis_admin.writes.settling import notice_dead_processes
from tests.writes.support import grow_old

CPF = "52998224725"
State = Write.State


def _customer(sandbox: SandboxServer, connection: Connection, cpf: str = CPF) -> Customer:
    sandbox.act("create_customer", name="Ana Prado", cpf=cpf, phone="11988880001")
    (customer,) = refresh_customer(connection=connection, cpf=cpf)
    return customer


def _category(connection: Connection, actor: User, name: str = "Bebidas", **more: Any) -> Write:
    return perform(
        id=more.pop("id", uuid.uuid4()),
        connection=connection,
        kind="create_category",
        payload={"name": name},
        subject=f"category:{name.casefold()}",
        actor=actor,
        **more,
    )


@pytest.mark.parametrize(
    ("kind", "state", "committed"),
    [
        ("drop_before", State.IN_DOUBT, 0),
        ("drop_after", State.IN_DOUBT, 1),
        ("error_before", State.IN_DOUBT, 0),
        ("error_after", State.IN_DOUBT, 1),
        ("html_502", State.IN_DOUBT, 0),
        ("html_200", State.IN_DOUBT, 0),
        ("truncate_200", State.IN_DOUBT, 1),
        ("empty_200", State.DONE, 1),
        ("unauthorized", State.DONE, 1),
    ],
)
def test_each_fault_has_its_outcome(
    sandbox: SandboxServer,
    connection: Connection,
    manager: User,
    kind: str,
    state: Write.State,
    committed: int,
) -> None:
    sandbox.fault(kind, method="POST", path="categories")
    write = _category(connection, manager)
    assert (write.state, write.attempts) == (state, 1)
    assert sandbox.committed("categories") == committed


def test_an_unreachable_platform_means_not_sent_and_the_same_write_may_go_again(
    sandbox: SandboxServer, connection: Connection, manager: User
) -> None:
    address, connection.base_url = connection.base_url, "http://127.0.0.1:9/"
    connection.save()
    write = _category(connection, manager)
    assert (write.state, write.error, write.error_cause) == (State.NOT_SENT, "Unreachable", "refused")
    connection.base_url = address
    connection.save()
    again = _category(connection, manager, id=write.pk)
    assert (again.pk, again.state) == (write.pk, State.DONE)
    assert sandbox.committed("categories") == 1


def test_the_same_id_again_is_the_first_outcome_and_no_call(
    sandbox: SandboxServer, connection: Connection, manager: User
) -> None:
    first = _category(connection, manager)
    calls = len(sandbox.log())
    again = _category(connection, manager, id=first.pk)
    assert (again.pk, again.state, again.finished_at) == (first.pk, State.DONE, first.finished_at)
    assert len(sandbox.log()) == calls


def test_in_doubt_is_never_sent_again_and_holds_its_subject(
    sandbox: SandboxServer, connection: Connection, manager: User
) -> None:
    sandbox.fault("drop_after", method="POST", path="categories")
    write = _category(connection, manager)
    calls = len(sandbox.log())
    assert _category(connection, manager, id=write.pk).state == State.IN_DOUBT
    with pytest.raises(SubjectBusyError) as busy:
        _category(connection, manager, name="BEBIDAS")
    assert busy.value.write.pk == write.pk
    assert len(sandbox.log()) == calls
    assert Write.objects.count() == 1


def test_a_refusal_keeps_the_platforms_words_and_frees_the_subject(
    sandbox: SandboxServer, connection: Connection, manager: User
) -> None:
    _category(connection, manager)
    refused = _category(connection, manager)
    assert (refused.state, refused.code) == (State.REFUSED, "category_duplicate_name")
    assert list(refused.field_errors) == ["name"]
    assert sandbox.committed("categories") == 1


def test_no_transaction_is_open_during_the_call(
    sandbox: SandboxServer, connection: Connection, manager: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[int] = []
    depth = len(database.savepoint_ids)

    class Watched(type(services.kind_of(Write(kind="create_category")))):  # type: ignore[misc]
        def send(self, client: Any, write: Write, secrets: Any) -> Any:
            seen.append(len(database.savepoint_ids) - depth)
            return super().send(client, write, secrets)

    monkeypatch.setattr(services, "kind_of", lambda write: Watched())
    assert _category(connection, manager).state == State.DONE
    assert seen == [0]


def test_a_process_that_died_before_sending_means_not_sent(connection: Connection, manager: User) -> None:
    write, _new = open_write(
        id=uuid.uuid4(),
        connection=connection,
        kind="create_category",
        payload={"name": "Bebidas"},
        actor=manager,
    )
    assert notice_dead_processes() == 0
    grow_old(write)
    assert notice_dead_processes() == 1
    write.refresh_from_db()
    assert (write.state, write.error) == (State.NOT_SENT, "ProcessDied")


def test_a_process_that_died_after_sending_means_in_doubt_and_a_late_answer_still_settles_it(
    sandbox: SandboxServer, connection: Connection, manager: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    write, _new = open_write(
        id=uuid.uuid4(),
        connection=connection,
        kind="create_category",
        payload={"name": "Bebidas"},
        actor=manager,
    )
    states: list[str] = []

    class Slow(type(services.kind_of(write))):  # type: ignore[misc]
        def send(self, client: Any, sent: Write, secrets: Any) -> Any:
            record = super().send(client, sent, secrets)
            # The answer is here, but before it is written down the sweeper takes us for dead.
            grow_old(sent)
            notice_dead_processes()
            states.append(Write.objects.get(pk=sent.pk).state)
            return record

    monkeypatch.setattr(services, "kind_of", lambda _write: Slow())
    assert send(write).state == State.DONE
    assert states == [State.IN_DOUBT]
    assert sandbox.committed("categories") == 1


@pytest.mark.django_db(transaction=True)
def test_one_press_sent_by_two_processes_at_once_is_one_call(
    sandbox: SandboxServer, connection: Connection, manager: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The rival gets into the gap between reading the write and claiming it, where a naive check fails."""
    write, _new = open_write(
        id=uuid.uuid4(),
        connection=connection,
        kind="create_category",
        payload={"name": "Bebidas"},
        actor=manager,
    )
    rival_done: list[str] = []

    class Gap(type(services.kind_of(write))):  # type: ignore[misc]
        def prepare(self, client: Any, prepared: Write) -> Any:
            monkeypatch.setattr(services, "kind_of", original)

            def rival() -> None:
                rival_done.append(send(Write.objects.get(pk=write.pk)).state)
                connections.close_all()

            thread = threading.Thread(target=rival)
            thread.start()
            thread.join()
            return {}

    original = services.kind_of
    monkeypatch.setattr(services, "kind_of", lambda _write: Gap())
    assert send(write).state == State.DONE
    assert rival_done == [State.DONE]
    assert sandbox.committed("categories") == 1


def test_without_the_claim_the_same_gap_sends_twice(
    sandbox: SandboxServer, connection: Connection, manager: User
) -> None:
    """Proof that the guard matters: taking the claim away (attempts put back) lets a second call out."""
    write = _category(connection, manager)
    Write.objects.filter(pk=write.pk).update(state=State.PENDING, attempts=0, sent_at=None)
    write.refresh_from_db()
    assert send(write).code == "category_duplicate_name"
    assert [row["status"] for row in sandbox.log() if row["path"].endswith("categories")] == [201, 422]


def test_a_sale_is_done_with_the_platforms_figures_and_its_voucher(
    sandbox: SandboxServer, connection: Connection, manager: User
) -> None:
    customer = _customer(sandbox, connection)
    sale = register_sale(id=uuid.uuid4(), customer=customer, amount=Decimal("500.00"), actor=manager)
    assert sale.write.state == State.DONE
    assert (sale.cashback_amount, sale.points_earned) == (Decimal("25.00"), Decimal("500.00"))
    assert len(sale.voucher_codes) == 1
    customer.refresh_from_db()
    assert (customer.cashback_balance, customer.points_balance) == (Decimal("0.00"), Decimal("500.0000"))
    assert [voucher.remote_id for voucher in customer.vouchers.all()] == sale.voucher_codes
    assert sandbox.committed("sales") == 1


def test_the_same_sale_pressed_twice_is_one_sale(
    sandbox: SandboxServer, connection: Connection, manager: User
) -> None:
    customer, press = _customer(sandbox, connection), uuid.uuid4()
    for _time in range(2):
        sale = register_sale(id=press, customer=customer, amount=Decimal("10.00"), actor=manager)
    assert (Sale.objects.count(), sale.write_id) == (1, press)
    assert sandbox.committed("sales") == 1


def test_a_second_sale_waits_while_the_first_is_in_doubt(
    sandbox: SandboxServer, connection: Connection, manager: User
) -> None:
    customer = _customer(sandbox, connection)
    sandbox.fault("drop_after", method="POST", path="sales")
    register_sale(id=uuid.uuid4(), customer=customer, amount=Decimal("10.00"), actor=manager)
    with pytest.raises(SubjectBusyError):
        register_sale(id=uuid.uuid4(), customer=customer, amount=Decimal("11.00"), actor=manager)
    assert Sale.objects.count() == 1
    assert sandbox.committed("sales") == 1


def test_no_password_is_kept(sandbox: SandboxServer, connection: Connection, manager: User) -> None:
    write = create_customer(
        id=uuid.uuid4(),
        connection=connection,
        name="Ana Prado",
        cpf=CPF,
        phone="+5511988880001",
        password="segredo-da-ana",
        actor=manager,
    )
    assert write.state == State.DONE
    everything = Write.objects.filter(pk=write.pk).values().get()
    assert "segredo-da-ana" not in str(everything)
    customer = customer_of(write)
    assert customer is not None
    assert (customer.cpf, customer.phone) == (CPF, "+5511988880001")


def test_an_empty_answer_is_done_and_the_details_are_read(
    sandbox: SandboxServer, connection: Connection, manager: User
) -> None:
    sandbox.fault("empty_200", method="POST", path="customers")
    write = create_customer(
        id=uuid.uuid4(), connection=connection, name="Ana", cpf=CPF, phone="+5511988880001", actor=manager
    )
    assert (write.state, write.result) == (State.DONE, {})
    assert Customer.objects.get().cpf == CPF


def test_the_ledger_never_claims_the_future(connection: Connection, manager: User) -> None:
    write, _new = open_write(
        id=uuid.uuid4(), connection=connection, kind="create_category", payload={"name": "x"}, actor=manager
    )
    assert (write.state, write.attempts, write.sent_at, write.finished_at) == (State.PENDING, 0, None, None)
    assert write.created_at <= timezone.now()
