"""Settling: each row of the contract's evidence tables, the person's decision, and what may not happen."""

import uuid
from decimal import Decimal

import pytest

from customers.models import Customer, Sale
from customers.rules.models import RuleVersion
from customers.services import create_customer, refresh_customer, register_sale
from rewards.models import Category, Reward, StockChange
from rewards.services import create_category, set_stock
from sandbox.testing import SandboxServer
from smartbis_admin.api.capabilities import Resource
from smartbis_admin.connections.models import Connection
from smartbis_admin.connections.services import client_for
from smartbis_admin.staff.models import AuditEvent, User
from smartbis_admin.sync.engine import store_records
from smartbis_admin.writes.models import Write
from smartbis_admin.writes.settling import AlreadySettledError, look, look_now, release, settle_by_person
from tests.writes.support import grow_old, look_after

CPF = "52998224725"
PHONE = "+5511988880001"
State = Write.State


def _lose(sandbox: SandboxServer, kind: str, path: str, method: str = "POST") -> None:
    sandbox.fault(kind, method=method, path=path)


# --- Customer ---------------------------------------------------------------------------------------------
def _create(connection: Connection, actor: User) -> Write:
    return create_customer(
        id=uuid.uuid4(), connection=connection, name="Ana Prado", cpf=CPF, phone=PHONE, actor=actor
    )


def test_a_customer_that_was_created_is_found_at_the_first_look(
    sandbox: SandboxServer, each_connection: Connection, manager: User
) -> None:
    _lose(sandbox, "drop_after", "customers")
    write = _create(each_connection, manager)
    assert write.state == State.IN_DOUBT
    assert look_after(write, 6).state == State.DONE
    customer = Customer.objects.get()
    assert (customer.cpf, customer.name) == (CPF, "Ana Prado")
    assert sandbox.committed("customers") == 1


def test_a_customer_that_was_not_created_needs_two_late_readings(
    sandbox: SandboxServer, each_connection: Connection, manager: User
) -> None:
    _lose(sandbox, "drop_before", "customers")
    write = _create(each_connection, manager)
    assert look_after(write, 6).state == State.IN_DOUBT  # too early to count
    assert look_after(write, 60).state == State.IN_DOUBT  # the first that counts
    assert look_after(write, 20).state == State.IN_DOUBT  # too close to it
    assert look_after(write, 20).state == State.NOT_DONE
    assert (Customer.objects.count(), sandbox.committed("customers")) == (0, 0)
    # A new intent may follow, and is the only one that has an effect.
    assert _create(each_connection, manager).state == State.DONE
    assert sandbox.committed("customers") == 1


def test_a_customer_who_existed_before_is_taken_and_said_so(
    sandbox: SandboxServer, connection: Connection, manager: User
) -> None:
    sandbox.act("create_customer", name="Ana Antiga", cpf=CPF, phone="11988880001")
    _lose(sandbox, "drop_before", "customers")
    write = _create(connection, manager)
    # Sent long after the customer appeared there.
    Write.objects.filter(pk=write.pk).update(sent_at=write.sent_at)
    grow_old(write, -300)
    settled = look_now(write=write, by=manager)
    assert settled.state == State.DONE
    assert settled.evidence[-1]["found"] == {"matches": 1, "note": "already_existed"}


def test_when_the_filter_is_ignored_only_the_whole_list_says_nobody(
    sandbox: SandboxServer, connection: Connection, manager: User
) -> None:
    sandbox.act("create_customer", name="Outra", cpf="11144477735", phone="11988880002")
    _lose(sandbox, "drop_after", "customers")
    write = _create(connection, manager)
    sandbox.fault("ignore_filter", method="GET", path="customers")
    assert look_after(write, 6).state == State.DONE
    assert Customer.objects.get(cpf=CPF).name == "Ana Prado"


def test_a_platform_that_cannot_be_read_settles_nothing(
    sandbox: SandboxServer, connection: Connection, manager: User
) -> None:
    _lose(sandbox, "drop_before", "customers")
    write = _create(connection, manager)
    sandbox.fault("html_200", method="GET", path="customers", times=5)
    for _time in range(3):
        assert look_after(write).state == State.IN_DOUBT
    assert write.evidence == []


# --- Category and stock -----------------------------------------------------------------------------------
def test_a_category_is_settled_by_its_name(
    sandbox: SandboxServer, connection: Connection, manager: User
) -> None:
    _lose(sandbox, "truncate_200", "categories")
    write = create_category(id=uuid.uuid4(), connection=connection, name="Bebidas", actor=manager)
    assert look_after(write, 6).state == State.DONE
    assert Category.objects.get().name == "Bebidas"


def test_a_category_absent_twice_was_not_created(
    sandbox: SandboxServer, connection: Connection, manager: User
) -> None:
    _lose(sandbox, "error_before", "categories")
    write = create_category(id=uuid.uuid4(), connection=connection, name="Bebidas", actor=manager)
    assert look_after(write).state == State.IN_DOUBT
    assert look_after(write).state == State.NOT_DONE
    assert Category.objects.count() == 0


@pytest.fixture
def reward(sandbox: SandboxServer, connection: Connection) -> Reward:
    sandbox.reset("demo")
    page = client_for(connection).walk(Resource.REWARDS).fetch()
    assert page is not None
    limited = next(record for record in page.records if isinstance(record.stock, int) and record.stock > 5)
    (row,) = store_records(connection, Resource.REWARDS, [limited])
    return row


def _stock(reward: Reward, target: int, actor: User) -> StockChange:
    return set_stock(id=uuid.uuid4(), reward=reward, seen=reward.stock, target=target, actor=actor)


def test_a_stock_that_shows_the_target_is_done(sandbox: SandboxServer, reward: Reward, manager: User) -> None:
    _lose(sandbox, "drop_after", "coupons/*/stock", "PATCH")
    change = _stock(reward, 999, manager)
    assert change.write.state == State.IN_DOUBT
    assert look_after(change.write, 6).state == State.DONE
    reward.refresh_from_db()
    assert reward.stock == 999


def test_a_stock_that_shows_the_old_number_twice_is_not_done(
    sandbox: SandboxServer, reward: Reward, manager: User
) -> None:
    _lose(sandbox, "drop_before", "coupons/*/stock", "PATCH")
    change = _stock(reward, 999, manager)
    assert look_after(change.write).state == State.IN_DOUBT
    assert look_after(change.write).state == State.NOT_DONE


def test_a_stock_that_shows_another_number_is_for_a_person(
    sandbox: SandboxServer, reward: Reward, manager: User
) -> None:
    _lose(sandbox, "drop_before", "coupons/*/stock", "PATCH")
    change = _stock(reward, 999, manager)
    sandbox.act("set_stock", coupon_id=int(reward.remote_id), stock=3)
    write = look_after(change.write)
    assert (write.state, write.needs_person) == (State.IN_DOUBT, True)


def test_a_stock_that_changed_meanwhile_is_a_conflict_and_nothing_leaves(
    sandbox: SandboxServer, reward: Reward, manager: User
) -> None:
    sandbox.act("set_stock", coupon_id=int(reward.remote_id), stock=3)
    change = _stock(reward, 999, manager)
    assert (change.write.state, change.write.code, change.after) == (State.REFUSED, "stock_changed", 3)
    assert [row for row in sandbox.log() if row["method"] == "PATCH"] == []
    reward.refresh_from_db()
    assert reward.stock == 3


# --- Sale ---------------------------------------------------------------------------------------------------
@pytest.fixture
def customer(sandbox: SandboxServer, connection: Connection) -> Customer:
    sandbox.act("create_customer", name="Ana Prado", cpf=CPF, phone="11988880001")
    (row,) = refresh_customer(connection=connection, cpf=CPF)
    return row


@pytest.fixture
def rule(connection: Connection) -> RuleVersion:
    return RuleVersion.objects.create(
        connection=connection,
        valid_from=connection.created_at,
        cashback_percent=Decimal(5),
        points_per_brl=Decimal(1),
        voucher_threshold=Decimal(20),
    )


def _lost_sale(sandbox: SandboxServer, customer: Customer, actor: User, amount: str, kind: str) -> Sale:
    _lose(sandbox, kind, "sales")
    return register_sale(id=uuid.uuid4(), customer=customer, amount=Decimal(amount), actor=actor)


def test_strong_evidence_proposes_and_a_person_decides(
    sandbox: SandboxServer, rule: RuleVersion, customer: Customer, manager: User
) -> None:
    sale = _lost_sale(sandbox, customer, manager, "100.00", "drop_after")
    write = look_after(sale.write)
    assert (write.state, write.needs_person) == (State.IN_DOUBT, True)
    assert write.evidence[-1]["proposal"] == "registered"
    assert write.evidence[-1]["found"]["strength"] == "strong"
    assert write.evidence[-1]["found"]["rise"] == {"cashback": "5.00", "points": "100.00"}


def test_strong_evidence_settles_alone_where_the_account_allows_it(
    sandbox: SandboxServer, rule: RuleVersion, customer: Customer, manager: User
) -> None:
    Connection.objects.update(settle_sales_alone=True)
    sale = _lost_sale(sandbox, customer, manager, "100.00", "error_after")
    assert look_after(sale.write).state == State.DONE


def test_a_voucher_of_the_whole_balance_is_strong_evidence(
    sandbox: SandboxServer, rule: RuleVersion, customer: Customer, manager: User
) -> None:
    sale = _lost_sale(sandbox, customer, manager, "500.00", "drop_after")
    write = look_after(sale.write)
    assert write.evidence[-1]["found"]["voucher_value"] == "25.00"
    assert write.evidence[-1]["proposal"] == "registered"


def test_another_change_makes_the_evidence_weak(
    sandbox: SandboxServer, rule: RuleVersion, customer: Customer, manager: User
) -> None:
    sale = _lost_sale(sandbox, customer, manager, "100.00", "drop_before")
    sandbox.act("credit", cpf=CPF, cashback="1.00")
    write = look_after(sale.write)
    assert (write.state, write.needs_person) == (State.IN_DOUBT, True)
    assert write.evidence[-1]["found"]["strength"] == "weak"
    assert "proposal" not in write.evidence[-1]


def test_no_change_proves_nothing(
    sandbox: SandboxServer, rule: RuleVersion, customer: Customer, manager: User
) -> None:
    sale = _lost_sale(sandbox, customer, manager, "100.00", "drop_before")
    write = look_after(sale.write)
    assert (write.state, write.needs_person) == (State.IN_DOUBT, True)
    assert write.evidence[-1]["found"]["strength"] == "none"


def test_a_released_sale_lets_the_next_one_go_and_is_never_strong_again(
    sandbox: SandboxServer, rule: RuleVersion, customer: Customer, manager: User
) -> None:
    sale = _lost_sale(sandbox, customer, manager, "100.00", "drop_after")
    release(write=sale.write, by=manager, reason="Cliente com pressa, fila grande.")
    following = register_sale(id=uuid.uuid4(), customer=customer, amount=Decimal("10.00"), actor=manager)
    assert following.write.state == State.DONE
    assert look_after(sale.write).evidence[-1]["found"]["strength"] == "weak"


# --- A person -------------------------------------------------------------------------------------------------
def test_a_person_settles_with_a_reason_and_it_is_audited(
    sandbox: SandboxServer, customer: Customer, manager: User
) -> None:
    sale = _lost_sale(sandbox, customer, manager, "100.00", "drop_before")
    settled = settle_by_person(
        write=sale.write, state=State.NOT_DONE, by=manager, reason="Não está no extrato do painel."
    )
    assert (settled.state, settled.settled_by, settled.settled_reason) == (
        State.NOT_DONE,
        manager,
        "Não está no extrato do painel.",
    )
    event = AuditEvent.objects.get(action="write.settled")
    assert (event.actor, event.details) == (manager, {"state": "not_done"})


def test_a_blank_reason_settles_nothing(sandbox: SandboxServer, customer: Customer, manager: User) -> None:
    sale = _lost_sale(sandbox, customer, manager, "100.00", "drop_before")
    with pytest.raises(ValueError, match="reason"):
        settle_by_person(write=sale.write, state=State.DONE, by=manager, reason="  ")
    sale.write.refresh_from_db()
    assert (sale.write.state, sale.write.settled_by) == (State.IN_DOUBT, None)


def test_two_people_cannot_settle_the_same_write(
    sandbox: SandboxServer, customer: Customer, manager: User, owner: User
) -> None:
    sale = _lost_sale(sandbox, customer, manager, "100.00", "drop_before")
    stale = Write.objects.get(pk=sale.write_id)
    settle_by_person(write=sale.write, state=State.DONE, by=manager, reason="Está no painel.")
    with pytest.raises(AlreadySettledError):
        settle_by_person(write=stale, state=State.NOT_DONE, by=owner, reason="Não está no painel.")
    stale.refresh_from_db()
    assert (stale.state, stale.settled_by) == (State.DONE, manager)
    assert AuditEvent.objects.filter(action="write.settled").count() == 1


def test_looking_never_sends(sandbox: SandboxServer, customer: Customer, manager: User) -> None:
    sale = _lost_sale(sandbox, customer, manager, "100.00", "drop_before")
    for _time in range(3):
        look_after(sale.write)
    look(str(sale.write.pk))
    posts = [row for row in sandbox.log() if row["method"] == "POST" and row["path"].endswith("sales")]
    assert len(posts) == 1
