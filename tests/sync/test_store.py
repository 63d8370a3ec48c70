"""Storing records: what is written, what is kept, what does not fit."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from customers.models import Customer
from rewards.models import Reward
from smartbis_admin.api.records import (
    UNSET,
    CustomerRecord,
    Page,
    RewardRecord,
    RewardStatus,
    VoucherOrigin,
    VoucherStatus,
)
from smartbis_admin.connections.models import Connection
from smartbis_admin.sync.engine import spec_of, store_records, writing
from smartbis_admin.sync.engine.store import store_page
from tests.sync.platform import Writes, changed, customer, customers, frozen, lost, voucher
from vouchers.models import Voucher


@pytest.fixture(params=[1, 10_000], ids=["staged", "row by row"], autouse=True)
def both_ways_of_writing(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever is told here is so for either way in which PostgreSQL takes rows."""
    monkeypatch.setattr(writing, "COPY_FROM", request.param)


PARTIAL = CustomerRecord(remote_id="1", name="Cliente 1")


def stored(
    connection: Connection, *records: Any, at: datetime | None = None, resource: str = "customers"
) -> Any:
    return store_page(
        spec_of(resource),
        connection,
        Page(records=list(records), row_count=len(records)),
        at or timezone.now(),
    )


def test_a_new_record_becomes_a_row_with_every_value(account: Connection) -> None:
    record = customer(7, name="José d'Ávila", birth_date=date(1990, 5, 17))
    [row] = store_records(account, "customers", [record])
    row = Customer.objects.get(pk=row.pk)
    assert (row.connection, row.remote_id, row.name) == (account, "7", "José d'Ávila")
    assert (row.name_search, row.cpf, row.phone) == ("jose d avila", "00000000007", "+5511990000007")
    assert (row.email, row.birth_date) == ("c7@example.test", date(1990, 5, 17))
    assert (row.points_balance, row.cashback_balance) == (Decimal("10.5000"), Decimal("1.00"))
    assert row.remote_created_at == datetime(2026, 3, 1, 12, 7, tzinfo=UTC)
    assert (row.missing_since, row.withdrawn_at) == (None, None)


def test_an_equal_record_writes_nothing(account: Connection) -> None:
    store_records(account, "customers", customers(30))
    before = frozen()
    with Writes("customers_customer") as writes:
        again = stored(account, *customers(30))
    assert (again.created, again.changed, writes.statements) == (0, 0, [])
    assert frozen() == before


def test_only_the_changed_rows_are_written(account: Connection) -> None:
    store_records(account, "customers", customers(30))
    before = {row.remote_id: row.stored_at for row in Customer.objects.all()}
    rows = customers(30)
    rows[3] = changed(rows[3], email="novo@example.test")
    result = stored(account, *rows)
    assert (result.created, result.changed, result.back) == (0, 1, 0)
    assert [row.remote_id for row in Customer.objects.all() if row.stored_at != before[row.remote_id]] == [
        "4"
    ]
    assert Customer.objects.get(remote_id="4").email == "novo@example.test"


def test_the_same_id_on_another_connection_is_another_row(
    account: Connection, other_account: Connection
) -> None:
    store_records(account, "customers", [customer(1, name="Ana")])
    store_records(other_account, "customers", [customer(1, name="Bia")])
    names = Customer.objects.order_by("connection__name").values_list("name", flat=True)
    assert list(names) == ["Ana", "Bia"]


def test_unset_keeps_and_none_clears(account: Connection) -> None:
    store_records(account, "customers", [customer(1)])
    store_records(account, "customers", [changed(PARTIAL, email=None)])
    row = Customer.objects.get()
    assert row.email is None
    assert (row.cpf, row.phone, row.points_balance) == ("00000000001", "+5511990000001", Decimal("10.5"))


def test_a_reply_that_leaves_fields_out_does_not_flip_flop(account: Connection) -> None:
    store_records(account, "customers", [customer(1)])
    before = frozen()
    for record in (PARTIAL, customer(1), PARTIAL, customer(1)):
        result = stored(account, record)
        assert (result.created, result.changed) == (0, 0)
    assert frozen() == before


def test_a_new_row_of_which_little_is_known_holds_the_defaults(account: Connection) -> None:
    store_records(account, "vouchers", [voucher("VALE-1", status=UNSET)])
    row = Voucher.objects.get()
    assert (row.status, row.origin, row.status_word, row.value, row.store_name) == (
        "unknown",
        "unknown",
        "",
        None,
        None,
    )
    assert row.code_key == "VALE1"


def test_status_words_are_stored_as_plain_text(account: Connection) -> None:
    store_records(
        account, "vouchers", [voucher("V", status=VoucherStatus.USED, origin=VoucherOrigin.CASHBACK)]
    )
    row = Voucher.objects.get(status="used", origin="cashback")
    assert (type(row.status), row.status, row.origin) == (str, "used", "cashback")


def test_the_platforms_word_goes_when_its_status_is_one_of_ours_again(account: Connection) -> None:
    odd = RewardRecord(remote_id="1", name="Café", status=RewardStatus.UNKNOWN, status_word="rascunho")
    store_records(account, "rewards", [odd])
    assert Reward.objects.get().status_word == "rascunho"
    store_records(account, "rewards", [RewardRecord(remote_id="1", name="Café")])
    assert Reward.objects.get().status_word == "rascunho"
    store_records(account, "rewards", [RewardRecord(remote_id="1", name="Café", status=RewardStatus.ACTIVE)])
    assert (Reward.objects.get().status, Reward.objects.get().status_word) == ("active", "")


def test_a_page_read_before_newer_knowledge_changes_nothing(account: Connection) -> None:
    """A page asked for before the till validated the voucher must not make it look unused."""
    asked_at = timezone.now()
    store_records(account, "vouchers", [voucher("V")], known_at=asked_at - timedelta(hours=1))
    store_records(account, "vouchers", [voucher("V", status=VoucherStatus.USED)])
    stored(account, voucher("V"), at=asked_at, resource="vouchers")
    assert Voucher.objects.get().status == "used"
    stored(account, voucher("V"), at=timezone.now(), resource="vouchers")
    assert Voucher.objects.get().status == "issued"


def test_a_repeated_id_is_one_row_with_the_last_values(account: Connection) -> None:
    result = stored(account, customer(1, name="Antes"), customer(2), customer(1, name="Depois"))
    assert (result.created, len(result.keys)) == (2, 2)
    assert Customer.objects.get(remote_id="1").name == "Depois"


def test_a_page_larger_than_one_statement_allows_is_stored_whole(account: Connection) -> None:
    result = stored(account, *customers(1234))
    assert (result.created, len(result.keys), Customer.objects.count()) == (1234, 1234, 1234)
    again = stored(account, *customers(1234))
    assert (again.created, again.changed, again.keys) == (0, 0, result.keys)


def test_rows_come_back_in_the_order_of_their_records(account: Connection) -> None:
    rows = store_records(account, "customers", [customer(3), customer(1), customer(2)])
    assert [row.remote_id for row in rows] == ["3", "1", "2"]
    assert store_records(account, "customers", []) == []


def test_a_row_seen_again_comes_back(account: Connection) -> None:
    store_records(account, "customers", customers(3))
    Customer.objects.filter(remote_id="2").update(missing_since=timezone.now(), withdrawn_at=timezone.now())
    result = stored(account, *customers(3))
    assert (result.back, result.changed) == (1, 0)
    assert not Customer.objects.exclude(missing_since=None, withdrawn_at=None).exists()


def test_a_row_that_cannot_be_read_counts_as_sent(account: Connection) -> None:
    store_records(account, "customers", customers(2))
    Customer.objects.filter(remote_id="1").update(missing_since=timezone.now())
    page = Page(records=[customer(2)], issues=[lost("1"), lost("99"), lost(None)], row_count=4)
    result = store_page(spec_of("customers"), account, page, timezone.now())
    assert result.keys == set(Customer.objects.values_list("pk", flat=True))
    assert (result.strays, result.back, len(result.issues)) == ({"99"}, 1, 3)
    assert Customer.objects.get(remote_id="1").missing_since is None


@pytest.mark.parametrize(
    ("given", "column", "kept", "problem"),
    [
        ({"name": "x" * 201}, "name", "x" * 200, "too_long"),
        ({"name": "a\0b"}, "name", "ab", "control_character"),
        ({"points_balance": Decimal("1.23456")}, "points_balance", Decimal("1.2346"), "too_many_decimals"),
        ({"points_balance": Decimal("1e15")}, "points_balance", Decimal("10.5"), "out_of_range"),
        ({"cashback_balance": Decimal("1e40")}, "cashback_balance", Decimal("1"), "out_of_range"),
    ],
)
def test_what_does_not_fit_is_cut_or_left_out_and_said_so(
    account: Connection, given: dict[str, Any], column: str, kept: Any, problem: str
) -> None:
    store_records(account, "customers", [customer(1)])
    result = stored(account, customer(1, **given))
    assert getattr(Customer.objects.get(), column) == kept
    assert [(issue.remote_id, issue.field, issue.problem, issue.row_lost) for issue in result.issues] == [
        ("1", column, problem, False)
    ]


@pytest.mark.parametrize("stock", [-1, 2**31])
def test_a_stock_out_of_range_keeps_the_stored_one(account: Connection, stock: int) -> None:
    store_records(account, "rewards", [RewardRecord(remote_id="1", name="Café", stock=5)])
    result = stored(account, RewardRecord(remote_id="1", name="Café", stock=stock), resource="rewards")
    assert (Reward.objects.get().stock, [issue.problem for issue in result.issues]) == (5, ["out_of_range"])


def test_an_id_too_long_is_a_lost_row_and_the_others_are_stored(account: Connection) -> None:
    result = stored(account, customer(1, remote_id="9" * 129), customer(2))
    assert [(issue.field, issue.row_lost) for issue in result.issues] == [("remote_id", True)]
    assert list(Customer.objects.values_list("remote_id", flat=True)) == ["2"]
    assert result.strays == {"9" * 129}


@pytest.mark.parametrize("amount", ["-0", "0E-9", "-0.00", "1E+1", "-6.50"])
def test_ways_of_writing_one_amount_are_one_value(account: Connection, amount: str) -> None:
    record = customer(1, cashback_balance=Decimal(amount))
    store_records(account, "customers", [record])
    assert Customer.objects.get().cashback_balance == Decimal(amount)
    for again in (record, CustomerRecord(remote_id="1", name="Cliente 1")):
        assert stored(account, again).changed == 0


def test_a_time_in_another_zone_is_the_same_time(account: Connection) -> None:
    store_records(account, "customers", [customer(1)])
    local = customer(1).created_at.astimezone(timezone.get_fixed_timezone(-180))
    assert stored(account, customer(1, created_at=local)).changed == 0


def test_times_are_kept_to_the_microsecond(account: Connection) -> None:
    times = [datetime(2026, 3, 1, 12, 7, 5, 250_001, tzinfo=UTC), None, datetime(999, 1, 2, tzinfo=UTC)]
    rows = [customer(number, created_at=time) for number, time in enumerate(times, 1)]
    store_records(account, "customers", rows)
    assert [*Customer.objects.order_by("pk").values_list("remote_created_at", flat=True)] == times
    assert Customer.objects.get(remote_created_at=times[0]).remote_id == "1"
    assert stored(account, *rows).changed == 0


def test_a_row_is_found_again_whatever_its_id(account: Connection) -> None:
    ids = ["a,b", 'a"b', "a\\b", "{a}", "NULL", "a\nb", "a\x1fb", "é 'ω", "%s"]
    for told in (ids, ids[:2]):
        rows = [customer(1, remote_id=remote_id, cpf=None) for remote_id in told]
        stored(account, *rows)
        again = stored(account, *rows)
        assert (again.created, again.changed, len(again.keys)) == (0, 0, len(told))
    assert Customer.objects.count() == len(ids)


def test_a_changed_row_uses_up_no_key(account: Connection) -> None:
    """The map of seen rows is as long as the largest key: keys must stay dense over the years."""
    store_records(account, "customers", customers(5))
    for year in range(20):
        store_records(account, "customers", [customer(number, name=f"Nome {year}") for number in range(1, 6)])
    keys = sorted(row.pk for row in store_records(account, "customers", customers(6)))
    assert keys == list(range(keys[0], keys[0] + 6))


def test_new_and_changed_rows_of_one_page_are_written_together(account: Connection) -> None:
    store_records(account, "customers", customers(40))
    newer = timezone.now() + timedelta(minutes=1)
    store_records(account, "customers", [customer(3, name="Mais nova")], known_at=newer)
    page = [customer(number, name=f"Novo {number}", email=None) for number in range(1, 81)]
    result = stored(account, *page)
    assert (result.created, result.changed, len(result.keys)) == (40, 40, 80)
    names = dict(Customer.objects.values_list("remote_id", "name"))
    assert names == {str(number): f"Novo {number}" for number in range(1, 81)} | {"3": "Mais nova"}
    assert Customer.objects.filter(email=None).count() == 79


@pytest.mark.parametrize(("minutes", "name"), [(-1, "Da página"), (1, "Do rival")])
def test_a_rival_that_stores_the_same_new_row_first(
    account: Connection, monkeypatch: pytest.MonkeyPatch, minutes: int, name: str
) -> None:
    """Between our reading and our writing the row appears: one row stays, with the newer knowledge."""
    asked_at = timezone.now()
    write = writing.Table.write
    rivals = [customer(1, name="Do rival")]

    def after_the_rival(*args: Any, **kwargs: Any) -> Any:
        if rivals:
            store_records(
                account, "customers", [rivals.pop()], known_at=asked_at + timedelta(minutes=minutes)
            )
        return write(*args, **kwargs)

    monkeypatch.setattr(writing.Table, "write", after_the_rival)
    result = stored(account, customer(1, name="Da página"), at=asked_at)
    row = Customer.objects.get()
    assert (row.name, result.keys) == (name, {row.pk})
