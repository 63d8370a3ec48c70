"""One record whose row was just read: the same row as by the usual way, by one statement while nobody was quicker."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from smartbis_admin.api.records import VoucherOrigin, VoucherRecord, VoucherStatus
from smartbis_admin.connections.models import Connection
from smartbis_admin.sync.engine import keep_known, keep_records, store_records
from tests.sync.platform import voucher
from vouchers.models import Voucher

WHOLE: dict[str, Any] = {
    "customer_remote_id": "7",
    "reward_remote_id": None,
    "reward_name": "Café d'Ávila",
    "origin": VoucherOrigin.POINTS,
    "value": Decimal("20.50"),
    "minimum_purchase": None,
    "issued_at": datetime(2026, 3, 1, 12, 7, tzinfo=UTC),
    "starts_at": None,
    "expires_at": datetime(2026, 12, 31, 23, 59, 59, 123456, tzinfo=UTC),
    "used_at": None,
    "store": "Centro",
}
USED = voucher("V", status=VoucherStatus.USED, used_at=datetime(2026, 5, 1, 8, tzinfo=UTC))
#: What two rows of one record share whichever way they were stored.
ALIKE = [
    field.attname
    for field in Voucher._meta.concrete_fields
    if field.attname not in {"id", "connection_id", "first_seen_at", "stored_at"}
]


@pytest.fixture
def row(account: Connection) -> Voucher:
    """A voucher of which everything is known, as it was just read."""
    store_records(account, "vouchers", [voucher("V", **WHOLE)])
    return Voucher.objects.get()


@pytest.mark.parametrize(
    "record",
    [USED, voucher("V", **WHOLE | {"status": VoucherStatus.CANCELLED, "value": Decimal("1.005")})],
    ids=["a few fields", "every field, one that does not fit"],
)
def test_one_statement_leaves_the_row_the_usual_way_leaves(
    account: Connection,
    other_account: Connection,
    row: Voucher,
    record: VoucherRecord,
    django_assert_num_queries: Callable[..., Any],
) -> None:
    store_records(other_account, "vouchers", [voucher("V", **WHOLE)])
    keep_records(other_account, "vouchers", [record])
    with django_assert_num_queries(1):
        keep_known(account, "vouchers", record, row)
    mine, usual = Voucher.objects.get(connection=account), Voucher.objects.get(connection=other_account)
    assert mine.status == record.status != "issued"
    for name in ALIKE:
        assert getattr(mine, name) == getattr(usual, name), name
    assert mine.stored_at > row.stored_at


def test_what_somebody_else_stored_since_stays(account: Connection, row: Voucher) -> None:
    store_records(account, "vouchers", [VoucherRecord(remote_id="V", reward_name="Chá")])
    keep_known(account, "vouchers", USED, row)
    now = Voucher.objects.get()
    assert (now.status, now.used_at, now.reward_name) == ("used", USED.used_at, "Chá")
    assert row.reward_name == "Café d'Ávila", "the row at hand was the older one"


def test_newer_knowledge_is_left_alone(account: Connection, row: Voucher) -> None:
    Voucher.objects.update(stored_at=timezone.now() + timedelta(minutes=1))
    keep_known(account, "vouchers", USED, row)
    assert Voucher.objects.get().status == "issued"


def test_a_row_a_walk_missed_comes_back(account: Connection, row: Voucher) -> None:
    Voucher.objects.update(missing_since=timezone.now(), withdrawn_at=timezone.now())
    keep_known(account, "vouchers", USED, Voucher.objects.get())
    now = Voucher.objects.get()
    assert (now.status, now.missing_since, now.withdrawn_at) == ("used", None, None)


def test_nothing_new_writes_nothing(account: Connection, row: Voucher) -> None:
    keep_known(account, "vouchers", voucher("V", **WHOLE), row)
    assert Voucher.objects.get().stored_at == row.stored_at


def test_another_id_is_another_row(account: Connection, row: Voucher) -> None:
    keep_known(account, "vouchers", voucher("W", status=VoucherStatus.USED), row)
    assert dict(Voucher.objects.values_list("remote_id", "status")) == {"V": "issued", "W": "used"}
