"""What a scan asks of the database, and what keeps the short way as true as the long one."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.db import connection as database
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from smartbis_admin.api.smartbis import SmartbisClient
from smartbis_admin.connections.models import Connection
from smartbis_admin.staff.access import Role
from smartbis_admin.staff.models import Store, Till, User
from smartbis_admin.staff.shifts import open_shift
from tests.conftest import signed_in
from tests.till.conftest import CODE
from vouchers.codes import resolve_code
from vouchers.contingency.delivery import read_delivery, take
from vouchers.contingency.models import ContingencyUse
from vouchers.models import Redemption, VoucherFlag

#: Session, person with permissions, shift, voucher with its connection; write and scan; claim, token, pace; outcome
#: of both, who waits, the mirror's row.
STATEMENTS = 13


def test_a_scan_asks_the_database_thirteen_times(
    connection: Connection, voucher: str, mirror: Callable[[], None], cashier: User, till: Till
) -> None:
    mirror()
    client = signed_in(cashier)
    session = client.session
    session["till"] = till.pk
    session.save()
    open_shift(till=till, cashier=cashier)
    with CaptureQueriesContext(database) as asked:
        answer = client.post(
            "/caixa/ler/", {"scan": uuid.uuid4(), "code": CODE}, headers={"HX-Request": "true"}
        )
    assert 'data-kind="valid"' in answer.content.decode()
    statements = [query["sql"] for query in asked.captured_queries]
    own = [sql for sql in statements if "SAVEPOINT" not in sql and sql not in ("BEGIN", "COMMIT")]
    assert len(own) == STATEMENTS, own


def test_the_object_at_hand_is_the_row(
    voucher: str, mirror: Callable[[], None], scan: Callable[..., Redemption]
) -> None:
    mirror()
    at_hand = scan()
    row = Redemption.objects.select_related("write", "voucher").get(pk=at_hand.pk)
    for name in [field.attname for field in Redemption._meta.concrete_fields]:
        assert getattr(at_hand, name) == getattr(row, name), name
    assert (at_hand.write, at_hand.write.state) == (row.write, row.write.state)  # type: ignore[union-attr]
    told = ("status", "used_at", "value", "reward_name", "customer_remote_id", "expires_at")
    assert [getattr(at_hand.voucher, name) for name in told] == [getattr(row.voucher, name) for name in told]


def test_what_was_handed_over_during_the_call_follows_its_scan(
    connection: Connection,
    voucher: str,
    mirror: Callable[[], None],
    cashier: User,
    till: Till,
    scan: Callable[..., Redemption],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The till's page lost its link while we asked the platform, accepted, and delivers before the answer is here."""
    mirror()
    shift = open_shift(till=till, cashier=cashier)
    pk, real = uuid.uuid4(), SmartbisClient.validate_voucher

    def meanwhile(self: SmartbisClient, **asked: Any) -> Any:
        item = {
            "id": str(pk),
            "code": CODE,
            "happened_at": timezone.now().isoformat(),
            "position": 1,
            "shown": "accepted",
            "shift": shift.pk,
        }
        given = {"sent_at": timezone.now().isoformat(), "items": [item]}
        [receipt] = take(read_delivery(given), by=cashier, connections=[connection])
        assert receipt.scan is not None
        return real(self, **asked)

    monkeypatch.setattr(SmartbisClient, "validate_voucher", meanwhile)
    done = scan(scan_id=pk, shift=shift)
    assert (done.state, done.road) == (Redemption.State.VALID, Redemption.Road.TILL)
    assert ContingencyUse.objects.get().state == ContingencyUse.State.CONFIRMED


def test_prepared_queries_give_what_the_plain_ones_give(
    connection: Connection,
    voucher: str,
    mirror: Callable[[], None],
    manager: User,
    django_assert_num_queries: Any,
) -> None:
    mirror()
    for flagged in (False, True):
        with django_assert_num_queries(1):
            found = resolve_code(CODE.lower(), [connection]).voucher
            assert found is not None
            assert (found.remote_id, found.customer is not None) == (CODE, True)
            assert hasattr(found, "flag") == flagged
        if not flagged:
            VoucherFlag.objects.create(voucher=found, note="Confira", flagged_by=manager)
    assert resolve_code(CODE, []).voucher is None


def test_one_query_tells_the_person_and_the_permissions_that_djangos_own_backend_tells(
    people: dict[Role | None, User], django_assert_num_queries: Any
) -> None:
    people[None].user_permissions.add(Permission.objects.get(codename="use_till"))
    names = [f"{row.content_type.app_label}.{row.codename}" for row in Permission.objects.select_related()]
    for person in people.values():
        granted = person.get_all_permissions()
        with django_assert_num_queries(1):
            fresh = User.objects.get(pk=person.pk)
            assert {name for name in names if fresh.has_perm(name)} == granted
    assert people[None].get_all_permissions() == {"staff.use_till"}
    User.objects.filter(pk=people[Role.OWNER].pk).update(is_active=False)
    assert not any(User.objects.get(pk=people[Role.OWNER].pk).has_perm(name) for name in names)


def test_the_till_of_another_store_is_not_found(cashier: User, till: Till) -> None:
    client = signed_in(cashier)
    session = client.session
    session["till"] = till.pk
    session.save()
    open_shift(till=till, cashier=cashier)
    assert client.get("/caixa/").status_code == 200
    cashier.stores.set([Store.objects.create(name="Loja Norte")])
    assert client.get("/caixa/").status_code == 302
    cashier.stores.add(till.store)
    assert client.get("/caixa/").status_code == 200
    Till.objects.filter(pk=till.pk).update(is_active=False)
    assert client.get("/caixa/").status_code == 302
