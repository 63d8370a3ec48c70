"""What a run keeps as drift, what of ours explains a change, and the limits that keep it cheap."""

from datetime import timedelta
from decimal import Decimal
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone

from customers.models import Customer, Sale
from rewards.models import Reward, StockChange
from smartbis_admin.api.records import UNSET, RewardRecord, VoucherStatus
from smartbis_admin.connections.models import Connection
from smartbis_admin.staff.models import User
from smartbis_admin.sync.drift import recording
from smartbis_admin.sync.models import Drift
from smartbis_admin.writes.models import Write
from tests.sync.platform import NOON, Platform, changed, customer, customers, sync, voucher
from vouchers.models import Redemption

Kind = Drift.Kind


def drift(**where: Any) -> list[tuple[Any, ...]]:
    """(kind, remote id, before, after), oldest first."""
    rows = Drift.objects.filter(**where).order_by("pk")
    return [(row.kind, row.remote_id, row.before, row.after) for row in rows]


def own_sale(account: Connection, seller: User, state: str = Write.State.DONE, **fields: Any) -> Sale:
    """A sale of ours to customer 1 that gave cashback 2.00 and 5 points, unless said otherwise."""
    write = Write.objects.create(connection=account, kind="register_sale", state=state)
    benefits: dict[str, Any] = {"cashback_amount": Decimal("2.00"), "points_earned": Decimal(5)}
    return Sale.objects.create(
        connection=account,
        write=write,
        customer_remote_id="1",
        amount=Decimal(40),
        sold_at=timezone.now(),
        registered_by=seller,
        **(benefits | fields),
    )


def test_a_first_load_and_an_unchanged_second_run_keep_nothing(account: Connection) -> None:
    for _time in range(2):
        assert sync(account, Platform(customers(3))).drift_count == 0
    assert drift() == []


def test_a_fact_changed_elsewhere_is_kept_before_and_after(account: Connection) -> None:
    sync(account, Platform(customers(3)))
    people = customers(3)
    people[1] = changed(people[1], name="Outra Pessoa", email=None)
    run = sync(account, Platform(people))
    assert drift(run=run) == [
        (
            Kind.CHANGED,
            "2",
            {"name": "Cliente 2", "email": "c2@example.test"},
            {"name": "Outra Pessoa", "email": None},
        )
    ]
    kept = Drift.objects.get()
    assert (kept.connection, kept.resource, kept.label, kept.state) == (
        account,
        "customers",
        "Outra Pessoa",
        "open",
    )
    assert (run.drift_count, run.drift_skipped) == (1, 0)


def test_a_change_nobody_watches_is_no_drift(account: Connection) -> None:
    sync(account, Platform([customer(1)]))
    run = sync(account, Platform([customer(1, updated_at=NOON + timedelta(days=1))]))
    assert (run.rows_changed, run.drift_count, drift()) == (1, 0, [])


@pytest.mark.parametrize("state", [Write.State.DONE, Write.State.IN_DOUBT])
def test_a_balance_our_sales_explain_is_no_drift(account: Connection, manager: User, state: str) -> None:
    sync(account, Platform([customer(1)]))
    own_sale(account, manager, state)
    risen = customer(1, cashback_balance=Decimal("3.00"), points_balance=Decimal("15.50"))
    assert sync(account, Platform([risen])).drift_count == 0


@pytest.mark.parametrize("state", [Write.State.REFUSED, Write.State.NOT_DONE, Write.State.NOT_SENT])
def test_a_sale_that_did_not_happen_explains_nothing(account: Connection, manager: User, state: str) -> None:
    sync(account, Platform([customer(1)]))
    own_sale(account, manager, state)
    sync(account, Platform([customer(1, cashback_balance=Decimal("3.00"))]))
    assert drift() == [(Kind.BALANCE, "1", {"cashback_balance": "1.00"}, {"cashback_balance": "3.00"})]


def test_only_the_balance_that_jumped_is_told(account: Connection, manager: User) -> None:
    sync(account, Platform([customer(1)]))
    own_sale(account, manager)
    sync(account, Platform([customer(1, cashback_balance=Decimal("3.00"), points_balance=Decimal("500.50"))]))
    assert drift() == [(Kind.BALANCE, "1", {"points_balance": "10.5000"}, {"points_balance": "500.5000"})]


def test_a_sale_before_the_last_reading_explains_nothing(account: Connection, manager: User) -> None:
    sync(account, Platform([customer(1)]))
    sale = own_sale(account, manager)
    Write.objects.filter(pk=sale.write_id).update(created_at=timezone.now() - timedelta(days=1))
    sync(account, Platform([customer(1, cashback_balance=Decimal("3.00"))]))
    assert [row[0] for row in drift()] == [Kind.BALANCE]


def test_a_voucher_the_sale_issued_took_its_value(account: Connection, manager: User) -> None:
    sync(account, Platform([voucher("VALE-1", value=Decimal("3.00"))]), "vouchers")
    sync(account, Platform([customer(1)]))
    own_sale(account, manager, voucher_codes=["VALE-1"])
    spent = customer(1, cashback_balance=Decimal("0.00"), points_balance=Decimal("15.50"))
    assert sync(account, Platform([spent])).drift_count == 0


def test_a_balance_no_longer_told_is_no_jump(account: Connection) -> None:
    sync(account, Platform([customer(1)]))
    sync(account, Platform([customer(1, points_balance=UNSET, cashback_balance=None)]))
    assert drift() == []


# --- Vouchers -------------------------------------------------------------------------------------------
def used(code: str) -> Any:
    return voucher(code, status=VoucherStatus.USED, used_at=NOON, store="Loja Norte")


def test_a_voucher_used_elsewhere_says_where_and_when(account: Connection) -> None:
    sync(account, Platform([voucher("VALE-0001")]), "vouchers")
    sync(account, Platform([used("VALE-0001")]), "vouchers")
    assert drift() == [
        (
            Kind.USED_ELSEWHERE,
            "VALE-0001",
            {"status": "issued", "used_at": None, "store_name": None},
            {"status": "used", "used_at": "2026-03-01T12:00:00+00:00", "store_name": "Loja Norte"},
        )
    ]
    assert "VALE" not in Drift.objects.get().label


@pytest.mark.parametrize(
    ("state", "found"),
    [
        (Redemption.State.VALID, 0),
        (Redemption.State.IN_DOUBT, 0),
        (Redemption.State.REFUSED, 1),
        (Redemption.State.NOT_DONE, 1),
    ],
)
def test_our_own_validation_explains_a_use(
    account: Connection, cashier: User, state: str, found: int
) -> None:
    sync(account, Platform([voucher("VALE-0001")]), "vouchers")
    Redemption.objects.create(
        connection=account,
        code="VALE-0001",
        code_sent="VALE-0001",
        state=state,
        cashier=cashier,
        happened_at=timezone.now(),
    )
    assert sync(account, Platform([used("VALE-0001")]), "vouchers").drift_count == found


def test_a_voucher_that_expired_on_its_day_is_no_drift_and_a_cancelled_one_is(account: Connection) -> None:
    end = timezone.now() - timedelta(days=1)
    rows = [voucher("VALE-1", expires_at=end), voucher("VALE-2", expires_at=end)]
    sync(account, Platform(rows), "vouchers")
    rows = [changed(rows[0], status=VoucherStatus.EXPIRED), changed(rows[1], status=VoucherStatus.CANCELLED)]
    sync(account, Platform(rows), "vouchers")
    assert drift() == [(Kind.CHANGED, "VALE-2", {"status": "issued"}, {"status": "cancelled"})]


# --- Rows that go and come, fields that are new, limits ---------------------------------------------------
def test_missing_withdrawn_and_back_are_three_drifts(account: Connection) -> None:
    sync(account, Platform(customers(3)))
    runs = [sync(account, Platform(customers(2))), sync(account, Platform(customers(2)))]
    runs.append(sync(account, Platform(customers(3))))
    assert [(row.run, row.kind, row.remote_id, row.label) for row in Drift.objects.order_by("pk")] == [
        (run, kind, "3", "Cliente 3")
        for run, kind in zip(runs, (Kind.MISSING, Kind.WITHDRAWN, Kind.BACK), strict=True)
    ]
    assert [run.drift_count for run in runs] == [1, 1, 1]


def test_a_new_field_is_told_once(account: Connection) -> None:
    platform = Platform(customers(1))
    platform.unknown_fields = {"loyalty_tier": 1}
    assert [sync(account, platform).drift_count for _time in range(2)] == [1, 0]
    kept = Drift.objects.get()
    assert (kept.kind, kept.label, kept.remote_id, kept.after) == (Kind.UNKNOWN_FIELD, "loyalty_tier", "", {})


@pytest.mark.usefixtures("pages_of_ten")
def test_a_run_keeps_so_much_and_counts_the_rest(
    account: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recording, "KEPT", 15)
    sync(account, Platform(customers(40)))
    run = sync(account, Platform([changed(row, name="Novo") for row in customers(40)]))
    assert (run.rows_changed, run.drift_count, run.drift_skipped) == (40, 15, 25)
    assert Drift.objects.count() == 15
    assert Customer.objects.filter(name="Novo").count() == 40


@pytest.mark.usefixtures("pages_of_ten")
def test_a_run_looks_at_so_much_even_when_all_of_it_is_explained(
    account: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(recording, "LOOKED_AT", 15)
    sync(account, Platform(customers(40)))
    later = NOON + timedelta(days=1)
    run = sync(account, Platform([changed(row, updated_at=later) for row in customers(40)]))
    assert (run.rows_changed, run.drift_count, run.drift_skipped) == (40, 0, 25)


def test_a_row_that_holds_newer_knowledge_is_no_drift(account: Connection) -> None:
    sync(account, Platform(customers(1)))
    Customer.objects.update(stored_at=timezone.now() + timedelta(hours=1))
    run = sync(account, Platform([customer(1, name="Velho")]))
    assert (run.drift_count, Customer.objects.get().name) == (0, "Cliente 1")


def test_a_stock_we_asked_for_is_not_drift(account: Connection, manager: User) -> None:
    sync(account, Platform([RewardRecord(remote_id="41", name="Café", stock=10)]), "rewards")
    reward = Reward.objects.get()
    write = Write.objects.create(
        id=uuid4(), connection=account, kind="set_stock", state=Write.State.IN_DOUBT, subject="stock:41"
    )
    StockChange.objects.create(reward=reward, write=write, before=10, target=25)
    sync(account, Platform([RewardRecord(remote_id="41", name="Café", stock=25)]), "rewards")
    assert drift() == []
    sync(account, Platform([RewardRecord(remote_id="41", name="Café", stock=7)]), "rewards")
    assert drift() == [(Kind.CHANGED, "41", {"stock": "25"}, {"stock": "7"})]
