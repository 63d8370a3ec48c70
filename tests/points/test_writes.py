"""Changing points, buying and sending activities against the real sandbox: every outcome, both editions."""

import uuid
from datetime import timedelta

import pytest

from customers.points.models import PointsTransaction
from customers.points.services import change_points, known_tokens, send_activity
from rewards.products.services import buy_product
from smartbis_admin.staff.models import User
from smartbis_admin.writes.models import Write
from smartbis_admin.writes.services import SubjectBusyError
from smartbis_admin.writes.services import perform as perform_again
from smartbis_admin.writes.settling import look_now, settle_by_person
from tests.points.conftest import Shop, only_write
from tests.writes.support import look_after
from vouchers.fulfilments.models import Fulfilment

#: The ledger below these writes is tried on both databases in its own tests.
pytestmark = pytest.mark.one_database

State = Write.State
#: What happens to a call -> whether the platform acted.
LOST = [
    ("drop_before", False),
    ("error_before", False),
    ("html_502", False),
    ("drop_after", True),
    ("error_after", True),
    ("stall_after", True),
    ("truncate_200", True),
]


def adjusted(shop: Shop, by: User, points: int = 120, **more: object) -> Write:
    values = {"id": uuid.uuid4(), "description": "Cortesia", "internal_note": "Chamado 7"} | more
    return change_points(customer=shop.customer, points_change=points, actor=by, **values)  # type: ignore[arg-type]


def bought(shop: Shop, by: User, name: str = "Frete grátis", points: int = 300) -> Write:
    return buy_product(
        id=uuid.uuid4(), product=shop.product(name), customer=shop.customer, points=points, actor=by
    )


def sent(shop: Shop, by: User, token: str = "activity_order") -> Write:
    return send_activity(id=uuid.uuid4(), customer=shop.customer, token=token, happened_at=None, actor=by)


# --- changing points --------------------------------------------------------------------------------------
@pytest.mark.parametrize("points", [120, -120])
def test_a_change_is_done_and_the_balance_is_what_the_platform_says(
    each_shop: Shop, manager: User, points: int
) -> None:
    write = adjusted(each_shop, manager, points)
    assert (write.state, write.actor) == (State.DONE, manager)
    assert each_shop.balance() == 500 + points
    assert each_shop.customer.points_balance == 500 + points
    row = PointsTransaction.objects.get()
    assert (row.points_change, row.description) == (points, "Cortesia")
    assert row.internal_note == f"[ref:{write.pk}] Chamado 7"
    assert each_shop.posts() == [True]


def test_a_short_balance_is_refused_and_read_again(each_shop: Shop, manager: User) -> None:
    each_shop.act("credit", customer_id=each_shop.who["id"], points=-450)
    write = adjusted(each_shop, manager, -120)
    assert (write.state, write.code) == (State.REFUSED, "short_balance")
    assert (each_shop.balance(), each_shop.customer.points_balance) == (50, 50)
    assert each_shop.posts() == [False]
    assert PointsTransaction.objects.count() == 0


@pytest.mark.parametrize(("kind", "happened"), LOST)
def test_a_lost_change_is_settled_by_its_reference(
    each_shop: Shop, manager: User, kind: str, happened: bool
) -> None:
    each_shop.fault(kind, method="POST")
    write = adjusted(each_shop, manager)
    assert write.state == State.IN_DOUBT
    with pytest.raises(SubjectBusyError):
        adjusted(each_shop, manager)

    write = look_after(write)
    if not happened:
        assert write.state == State.IN_DOUBT
        write = look_after(write)
    assert write.state == (State.DONE if happened else State.NOT_DONE)
    assert each_shop.posts() == [happened]
    assert each_shop.balance() == (620 if happened else 500)
    assert each_shop.customer.points_balance == each_shop.balance()
    assert PointsTransaction.objects.count() == happened


def test_absence_counts_late_and_in_two_whole_readings_only(shop: Shop, manager: User) -> None:
    shop.fault("drop_before", method="POST")
    write = adjusted(shop, manager)
    write = look_after(write, 10)
    write = look_after(write, 35)
    assert write.state == State.IN_DOUBT  # 45 s after the send
    shop.fault("cut_json", method="GET", path="*points_transactions*", times=9)
    write = look_after(write, 40)
    assert (write.state, len(write.evidence)) == (State.IN_DOUBT, 2)
    shop.sandbox.clear_faults()
    write = look_after(write, 1)
    assert write.state == State.IN_DOUBT
    write = look_after(write, 31)
    assert write.state == State.NOT_DONE


def test_what_did_not_leave_is_looked_up_before_it_is_sent_again(each_shop: Shop, manager: User) -> None:
    each_shop.fault("rate_limit", method="POST", times=9)
    intent = {"id": uuid.uuid4()}
    write = adjusted(each_shop, manager, **intent)
    assert (write.state, each_shop.balance()) == (State.NOT_SENT, 500)
    each_shop.sandbox.clear_faults()
    before = len(each_shop.posts())
    assert adjusted(each_shop, manager, **intent).state == State.DONE
    assert each_shop.posts()[before:] == [True]

    # The same again as if nobody had known of it: found by its reference, so nothing is sent.
    Write.objects.update(state=State.NOT_SENT)
    write = perform_again(id=intent["id"], connection=each_shop.connection, kind="change_points", payload={})
    assert (write.state, each_shop.balance()) == (State.DONE, 620)
    assert each_shop.posts()[before:] == [True]


def test_the_same_press_twice_is_one_change(shop: Shop, manager: User) -> None:
    intent = {"id": uuid.uuid4()}
    assert {adjusted(shop, manager, **intent).pk for _press in range(2)} == {intent["id"]}
    assert (shop.posts(), shop.balance()) == ([True], 620)


# --- buying -----------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("name", "points"), [("Frete grátis", 300), ("Vale-compra", 200)])
def test_a_purchase_is_done_with_its_code(each_shop: Shop, manager: User, name: str, points: int) -> None:
    write = bought(each_shop, manager, name, points)
    assert write.state == State.DONE
    assert each_shop.balance() == 500 - points == each_shop.customer.points_balance
    got = Fulfilment.objects.get()
    assert (got.name, got.customer, bool(got.code)) == (name, each_shop.customer, True)
    assert got.code == write.result["fulfilment"]["code"]
    assert each_shop.posts() == [True]


def test_a_product_that_changed_is_not_bought(each_shop: Shop, manager: User) -> None:
    assert bought(each_shop, manager, points=299).code == "product_changed"
    assert bought(each_shop, manager, "Vale-compra", 150).code == "product_changed"
    assert bought(each_shop, manager, "Vale-compra", 500).code == "product_changed"
    product = each_shop.product("Frete grátis")
    each_shop.act("remove_product", product_id=product.remote_id)
    assert bought(each_shop, manager).code == "product_gone"
    assert set(Write.objects.values_list("state", flat=True)) == {State.REFUSED}
    assert (each_shop.posts(), each_shop.balance()) == ([], 500)


def test_a_purchase_on_a_short_balance_is_refused(each_shop: Shop, manager: User) -> None:
    each_shop.act("credit", customer_id=each_shop.who["id"], points=-250)
    write = bought(each_shop, manager)
    assert (write.state, write.code) == (State.REFUSED, "short_balance")
    assert each_shop.customer.points_balance == 250
    assert (each_shop.posts(), Fulfilment.objects.count()) == ([False], 0)


@pytest.mark.parametrize(("kind", "happened"), LOST)
def test_a_lost_purchase_is_settled_by_what_it_left_behind(
    each_shop: Shop, manager: User, kind: str, happened: bool
) -> None:
    # The customer bought the same a moment before: that one is no evidence.
    bought(each_shop, manager, "Vale-compra", 100)
    Write.objects.update(sent_at=Write.objects.get().sent_at - timedelta(hours=1))
    each_shop.fault(kind, method="POST")
    write = bought(each_shop, manager, "Vale-compra", 100)
    assert write.state == State.IN_DOUBT
    with pytest.raises(SubjectBusyError):
        bought(each_shop, manager)
    with pytest.raises(SubjectBusyError):
        adjusted(each_shop, manager)

    write = look_after(write, 5)
    assert write.state == (State.DONE if happened else State.IN_DOUBT)
    if not happened:
        write = look_after(look_after(write))
        assert (write.state, write.needs_person) == (State.IN_DOUBT, True)
        settle_by_person(write=write, state=State.NOT_DONE, by=manager, reason="Nada no painel")
    assert each_shop.posts() == [True, happened]
    assert each_shop.balance() == (300 if happened else 400) == each_shop.customer.points_balance


def test_two_purchases_that_cannot_be_told_apart_are_for_a_person(shop: Shop, manager: User) -> None:
    shop.fault("drop_after", method="POST")
    write = bought(shop, manager, "Vale-compra", 100)
    # Meanwhile the customer buys the same in the shop.
    product = shop.product("Vale-compra")
    shop.act("fulfil", customer_id=shop.who["id"], product_id=product.remote_id)
    write = look_after(write, 5)
    assert (write.state, write.needs_person) == (State.IN_DOUBT, True)
    assert write.evidence[-1]["found"]["fulfilments"] == 2


# --- activities -------------------------------------------------------------------------------------------
def test_an_activity_is_sent_with_an_id_of_ours(each_shop: Shop, manager: User) -> None:
    assert known_tokens(each_shop.connection) == []
    write = sent(each_shop, manager)
    assert (write.state, each_shop.posts()) == (State.DONE, [True])
    # Its points come later: the balance we show stays what was read.
    assert each_shop.customer.points_balance == 500
    assert known_tokens(each_shop.connection) == ["activity_order"]


def test_an_unknown_activity_is_refused(each_shop: Shop, manager: User) -> None:
    write = sent(each_shop, manager, "activity_nothing")
    assert (write.state, write.code) == (State.REFUSED, "not_found")
    assert known_tokens(each_shop.connection) == []


@pytest.mark.parametrize("repeat", ["accept", "reject"])
@pytest.mark.parametrize(("kind", "happened"), LOST)
def test_a_lost_activity_is_sent_once_more_and_counts_once(
    each_shop: Shop, manager: User, kind: str, happened: bool, repeat: str
) -> None:
    if repeat == "reject":
        each_shop.sandbox.switch("distinct_repeat", "reject", credential=each_shop.credential, vendor="smile")
    each_shop.fault(kind, method="POST")
    write = sent(each_shop, manager)
    assert write.state == State.DONE
    assert len(each_shop.posts()) == 2
    assert each_shop.posts().count(True) == 1


def test_an_activity_lost_twice_is_for_a_person(each_shop: Shop, manager: User) -> None:
    each_shop.fault("drop_before", method="POST", times=2)
    write = sent(each_shop, manager)
    assert (write.state, len(each_shop.posts())) == (State.IN_DOUBT, 2)
    write = look_after(write)
    assert (write.state, write.needs_person) == (State.IN_DOUBT, True)
    look_now(write=write, by=manager)
    assert len(each_shop.posts()) == 2
    assert only_write().state == State.IN_DOUBT


def test_a_refused_repeat_of_what_never_arrived_is_refused(shop: Shop, manager: User) -> None:
    shop.fault("drop_before", method="POST")
    write = sent(shop, manager, "activity_nothing")
    assert (write.state, write.code) == (State.REFUSED, "not_found")
