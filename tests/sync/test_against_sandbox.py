"""The mirror over real HTTP: three wire profiles, and what changes at the platform between two walks."""

from collections.abc import Callable
from contextlib import ExitStack, closing
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from pytest_django import Settings

from customers.models import Customer
from customers.tasks import sync_customers
from rewards.tasks import sync_categories, sync_rewards
from sandbox.testing import SandboxServer
from smartbis_admin.connections.models import Connection
from smartbis_admin.sync.engine import execute, resources, runs
from smartbis_admin.sync.models import SyncRun, UnknownField
from tests.conftest import PROFILES
from tests.sync import shop
from tests.sync.platform import Writes, claimed, mirror
from vouchers.models import Voucher
from vouchers.tasks import sync_vouchers

pytestmark = pytest.mark.usefixtures("pages_of_ten")
State = SyncRun.State
#: Valid CPFs; their check digits are of the contract's examples.
CPFS = ["52998224725", "11144477735", "39053344705"]


@pytest.fixture
def client_of() -> Any:
    """The connection's own client, which waits for nothing between two calls or tries."""
    with ExitStack() as clients:
        yield lambda connection: clients.enter_context(closing(shop.client_of(connection)))


def people(count: int) -> list[dict[str, Any]]:
    """Arguments of so many customers, the first ones with everything."""
    full = [
        {
            "name": f"José d'Ávila {number}",
            "cpf": cpf,
            "phone": f"1198888000{number}",
            "email": f"p{number}@example.test",
            "birth_date": "1990-05-17",
            "points_balance": "129.90",
            "cashback_balance": "6.50",
        }
        for number, cpf in enumerate(CPFS)
    ]
    return full + [{"name": f"Cliente {number}"} for number in range(len(full), count)]


def fill(sandbox: SandboxServer, credential: str) -> None:
    """25 customers, 12 coupons, 23 vouchers in every state, all at one frozen moment."""
    sandbox.clock("2026-03-10T15:00:00Z")
    created = sandbox.act("create_customer", people(25), credential=credential)
    coupons = [
        {"name": "Café grátis", "points_required": 50, "stock": 40, "ends_at": "2026-12-31"},
        {"name": "Pão de queijo", "description": "Um por pessoa", "stock": None, "paused": True},
    ]
    coupons += [{"name": f"Cupom {number}"} for number in range(10)]
    defined = sandbox.act("create_coupon", coupons, credential=credential)
    holder = str(created[0]["id"])
    vouchers = [{"code": f"VALE-{number:02d}", "customer_id": holder} for number in range(20)]
    vouchers.append({"code": "CAFE-1", "customer_id": holder, "coupon_id": str(defined[0]["id"])})
    vouchers.append({"code": "VALOR-1", "value": "20.00", "minimum_purchase": "50.00"})
    vouchers.append({"code": "DEPOIS-1", "starts_at": "2026-03-20", "expires_at": "2026-04-20"})
    sandbox.act("issue_voucher", vouchers, credential=credential)
    sandbox.act("use_voucher", code="VALE-00", store="Loja Centro", credential=credential)
    sandbox.act("expire_voucher", code="VALE-01", credential=credential)
    sandbox.act("cancel_voucher", code="VALE-02", credential=credential)


def walk(connection: Connection, client: Any, resource: str, on_page: Any = None) -> SyncRun:
    """One run; one that an outage put back goes on at once."""
    waiting = SyncRun.objects.filter(connection=connection, resource=resource, state=State.REQUESTED)
    waiting.update(not_before=None)
    run = claimed(connection, resource)
    execute(run, client=client, on_page=on_page)
    run.refresh_from_db()
    return run


def test_three_profiles_give_the_same_mirror(
    sandbox: SandboxServer, make_connection: Callable[..., Connection], client_of: Any
) -> None:
    found: dict[str, Any] = {}
    for profile in PROFILES:
        connection = make_connection(profile)
        client = client_of(connection)
        fill(sandbox, f"sandbox-{profile}")
        client.create_category(name="Bebidas")
        client.create_category(name="Padaria")
        for resource in resources(connection):
            run = walk(connection, client, resource)
            assert (run.state, run.issue_count) == (State.DONE, 0), (profile, resource, run.reason)
        found[profile] = {resource: mirror(resource, connection) for resource in resources(connection)}
    assert found["bare"] == found["laravel"]
    assert found["items"] == found["laravel"]
    counts = {resource: len(rows) for resource, rows in found["laravel"].items()}
    assert counts == {"categories": 2, "rewards": 12, "customers": 25, "vouchers": 23}
    unknown = UnknownField.objects.values_list("connection__name", "resource", "name").distinct()
    assert sorted(unknown) == [
        ("Smartbis bare", "customers", "origin_system"),
        ("Smartbis items", "categories", "links"),
        ("Smartbis items", "customers", "links"),
        ("Smartbis items", "rewards", "links"),
        ("Smartbis items", "vouchers", "links"),
    ]


def test_what_the_platform_says_is_what_the_mirror_holds(
    sandbox: SandboxServer, each_connection: Connection, client_of: Any
) -> None:
    credential = each_connection.credentials["api_key"]
    fill(sandbox, credential)
    for resource in ("customers", "vouchers"):
        walk(each_connection, client_of(each_connection), resource)
    person = Customer.objects.get(cpf=CPFS[0])
    assert (person.name, person.name_search) == ("José d'Ávila 0", "jose d avila 0")
    assert (person.phone, person.email) == ("+5511988880000", "p0@example.test")
    assert (person.birth_date, person.points_balance) == (date(1990, 5, 17), Decimal("129.90"))
    assert person.cashback_balance == Decimal("6.50")
    used = Voucher.objects.get(remote_id="VALE-00")
    assert (used.status, used.store_name, used.used_at is not None) == ("used", "Loja Centro", True)
    states = dict(
        Voucher.objects.filter(remote_id__in=["VALE-01", "VALE-02", "VALE-03"]).values_list(
            "remote_id", "status"
        )
    )
    assert states == {"VALE-01": "expired", "VALE-02": "cancelled", "VALE-03": "issued"}


@pytest.mark.parametrize("resource", ["categories", "rewards", "customers", "vouchers"])
def test_a_second_run_writes_no_mirror_row(
    sandbox: SandboxServer, each_connection: Connection, client_of: Any, resource: str
) -> None:
    fill(sandbox, each_connection.credentials["api_key"])
    client = client_of(each_connection)
    client.create_category(name="Bebidas")
    walk(each_connection, client, resource)
    table = {"categories": "rewards_category", "rewards": "rewards_reward"}.get(
        resource, f"{resource}_{resource[:-1]}"
    )
    with Writes(table) as writes:
        run = walk(each_connection, client, resource)
    assert (run.state, run.rows_created, run.rows_changed, writes.statements) == (State.DONE, 0, 0, [])
    assert run.rows_seen > 0


@pytest.mark.parametrize(
    ("task", "resource", "rows"),
    [
        (sync_categories, "categories", 0),
        (sync_rewards, "rewards", 12),
        (sync_customers, "customers", 25),
        (sync_vouchers, "vouchers", 23),
    ],
)
def test_every_list_has_a_task_that_can_be_given_a_schedule(
    sandbox: SandboxServer, connection: Connection, settings: Settings, task: Any, resource: str, rows: int
) -> None:
    settings.API_PACE = {"smartbis": 2000.0}
    fill(sandbox, "sandbox-laravel")
    task()
    run = SyncRun.objects.get()
    assert (run.resource, run.trigger, run.state, run.rows_seen) == (resource, "scheduled", State.DONE, rows)
    assert task.name.endswith(f".tasks.sync_{resource}")


# --- What changes at the platform (faults: `test_fault_matrix.py`) -----------------------------------------
def walk_with_fault(
    sandbox: SandboxServer, connection: Connection, client: Any, resource: str, kind: str, times: int
) -> SyncRun:
    """A walk of which the second page meets the fault."""

    def after(run: SyncRun) -> None:
        if run.pages == 1:
            sandbox.fault(kind, method="GET", path=resource, times=times)

    run = walk(connection, client, resource, on_page=after)
    sandbox.clear_faults()
    return run


def test_rows_that_vanish_at_the_platform_are_withdrawn_after_two_walks(
    sandbox: SandboxServer, each_connection: Connection, client_of: Any
) -> None:
    credential = each_connection.credentials["api_key"]
    fill(sandbox, credential)
    client = client_of(each_connection)
    walk(each_connection, client, "vouchers")
    sandbox.act("remove_voucher", code="VALE-05", credential=credential)
    first = walk(each_connection, client, "vouchers")
    second = walk(each_connection, client, "vouchers")
    assert (first.rows_missing, first.rows_withdrawn) == (1, 0)
    assert (second.rows_missing, second.rows_withdrawn) == (0, 1)
    assert list(Voucher.objects.exclude(withdrawn_at=None).values_list("remote_id", flat=True)) == ["VALE-05"]


def test_a_walk_put_back_by_an_outage_does_not_ask_for_its_pages_again(
    sandbox: SandboxServer, connection: Connection, client_of: Any
) -> None:
    fill(sandbox, "sandbox-laravel")
    client = client_of(connection)
    run = walk_with_fault(sandbox, connection, client, "customers", "drop_before", times=50)
    assert (run.state, run.pages) == (State.REQUESTED, 1)
    before = len(sandbox.log())
    SyncRun.objects.update(not_before=None)
    assert runs.claim(run)
    execute(run, client=client)
    assert (run.state, run.rows_seen, run.rows_created, len(sandbox.log()) - before) == (
        State.DONE,
        25,
        25,
        2,
    )
