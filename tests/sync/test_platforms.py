"""The mirror of the other platforms: cursor pages, whole lists, lists an account does not have."""

from decimal import Decimal

import pytest

from customers.models import Customer
from customers.points.models import EarningRule, PointsTransaction, VipTier
from rewards.products.models import Offer, PointsProduct
from sandbox.testing import SandboxServer
from smartbis_admin.api import transport
from smartbis_admin.connections import services
from smartbis_admin.connections.models import Connection
from smartbis_admin.connections.providers import Provider
from smartbis_admin.connections.services import create_connection
from smartbis_admin.staff.models import User
from smartbis_admin.sync import jobs
from smartbis_admin.sync.engine import resources
from smartbis_admin.sync.models import SyncRun
from smartbis_admin.sync.words import explain_run
from vouchers.fulfilments.models import Fulfilment

pytestmark = pytest.mark.django_db

SMILE = [Customer, PointsTransaction, VipTier, EarningRule, PointsProduct, Fulfilment]
State = SyncRun.State


@pytest.fixture(autouse=True)
def _no_waits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(transport, "READ_WAITS", (0.0, 0.0, 0.0))


@pytest.fixture
def programmes(sandbox: SandboxServer) -> SandboxServer:
    """The sandbox with its demo data, without a limit of calls."""
    sandbox.reset("demo")
    for credential in ("sandbox_smile_current", "sandbox_smile_2017"):
        sandbox.switch("rate_limit", "off", credential=credential, vendor="smile")
    return sandbox


def smile(sandbox: SandboxServer, edition: str) -> Connection:
    return create_connection(
        by=None,
        provider=Provider.SMILE,
        name="Loja virtual",
        base_url=sandbox.smile_base,
        credentials={"secret_key": f"sandbox_smile_{edition}"},
    )


def wallet(sandbox: SandboxServer) -> Connection:
    return create_connection(
        by=None,
        provider=Provider.SMARTPASSES,
        name="Carteira",
        base_url=sandbox.smartpasses_base,
        credentials={"app_key": "sandbox-app-key", "program_id": "4000000000000001"},
    )


def work_to_end(connection: Connection) -> None:
    """Do every run that waits and does not rest."""
    for _list in range(len(resources(connection))):
        jobs.work(connection.pk)
    connection.refresh_from_db()


def synced(connection: Connection) -> dict[str, SyncRun]:
    """Every list of the connection walked once; the newest run by list."""
    jobs.request_all(connection, SyncRun.Trigger.MANUAL)
    work_to_end(connection)
    return {run.resource: run for run in SyncRun.objects.filter(connection=connection).order_by("pk")}


def test_a_second_walk_of_an_unchanged_shop_writes_nothing(programmes: SandboxServer) -> None:
    connection = smile(programmes, "current")
    first = synced(connection)
    assert {run.state for run in first.values()} == {State.DONE}
    counts = {name: run.rows_created for name, run in first.items()}
    assert counts == {
        "vip_tiers": 4,
        "points_products": 8,
        "earning_rules": 5,
        "customers": Customer.objects.count(),
        "points_transactions": PointsTransaction.objects.count(),
        "fulfilments": Fulfilment.objects.count(),
    }
    before = {model: list(model.objects.order_by("pk").values()) for model in SMILE}
    second = synced(connection)
    assert {(run.state, run.rows_created, run.rows_changed) for run in second.values()} == {
        (State.DONE, 0, 0)
    }
    assert {model: list(model.objects.order_by("pk").values()) for model in SMILE} == before


def test_what_the_shop_tells_of_a_customer_is_kept(programmes: SandboxServer) -> None:
    synced(smile(programmes, "current"))
    customer = Customer.objects.filter(state=Customer.State.MEMBER, tier_remote_id__isnull=False).first()
    assert customer is not None
    assert customer.name == f"{customer.standing.first_name} {customer.standing.last_name}"
    assert customer.standing.referral_url is not None
    tier = VipTier.objects.get(remote_id=customer.tier_remote_id)
    assert tier.connection == customer.connection
    assert customer.points_transactions.count() > 0
    assert all(row.customer_remote_id == customer.remote_id for row in customer.points_transactions.all())


def test_lists_an_older_account_does_not_have_are_no_fault_and_not_asked_again(
    programmes: SandboxServer, manager: User
) -> None:
    connection = smile(programmes, "2017")
    runs = synced(connection)
    absent = ["earning_rules", "fulfilments", "vip_tiers"]
    assert connection.absent_lists == absent
    assert connection.last_error == ""
    assert {runs[name].state for name in absent} == {State.CANCELLED}
    assert {explain_run(runs[name]) for name in absent} == {"A conta não oferece esta lista."}
    assert {runs[name].state for name in ("customers", "points_transactions", "points_products")} == {
        State.DONE
    }
    assert resources(connection) == ["points_products", "customers", "points_transactions"]
    asked = len([call for call in programmes.log("smile") if call["status"] == 404])
    synced(connection)
    assert len([call for call in programmes.log("smile") if call["status"] == 404]) == asked
    checks = services.test_connection(connection=connection, by=manager)
    assert [str(check.resource) for check in checks if check.absent] == [
        "vip_tiers",
        "earning_rules",
        "fulfilments",
    ]
    assert connection.last_error == ""


def test_a_whole_list_of_the_wallet_is_one_page(programmes: SandboxServer) -> None:
    connection = wallet(programmes)
    runs = synced(connection)
    assert [(name, run.state, run.pages) for name, run in runs.items()] == [
        ("offers", State.DONE, 1),
        ("customers", State.DONE, 1),
    ]
    assert Offer.objects.filter(status=Offer.Status.UNKNOWN).count() == 0
    anonymous = Customer.objects.filter(name__contains="#").first()
    assert anonymous is not None
    assert (anonymous.email, anonymous.phone, anonymous.standing.first_name) == (None, None, None)


@pytest.mark.parametrize("kind", ["drop_after", "truncate_200", "html_200", "error_before"])
@pytest.mark.parametrize("platform", ["shop", "wallet"])
def test_a_fault_withdraws_nothing_and_the_next_walk_is_whole(
    programmes: SandboxServer, platform: str, kind: str
) -> None:
    connection = smile(programmes, "2017") if platform == "shop" else wallet(programmes)
    vendor = "smile" if platform == "shop" else "smartpasses"
    synced(connection)
    before = list(Customer.objects.order_by("pk").values())
    programmes.fault(kind, method="GET", path="*customers*", times=9, vendor=vendor)
    jobs.request_all(connection, SyncRun.Trigger.MANUAL)
    work_to_end(connection)
    programmes.clear_faults()
    assert list(Customer.objects.order_by("pk").values()) == before
    SyncRun.objects.filter(connection=connection, state=State.REQUESTED).update(not_before=None)
    run = synced(connection)["customers"]
    assert (run.state, run.rows_created, run.rows_changed) == (State.DONE, 0, 0)
    assert list(Customer.objects.order_by("pk").values()) == before


def test_a_list_that_repeats_its_page_withdraws_nothing(programmes: SandboxServer) -> None:
    connection = smile(programmes, "current")
    synced(connection)
    before = list(Customer.objects.order_by("pk").values())
    programmes.fault("ignore_paging", method="GET", path="*/customers*", times=50, vendor="smile")
    run = synced(connection)["customers"]
    assert run.state == State.INCOMPLETE
    assert list(Customer.objects.order_by("pk").values()) == before


def test_balances_are_exact(programmes: SandboxServer) -> None:
    connection = smile(programmes, "current")
    synced(connection)
    customer = Customer.objects.order_by("pk").first()
    assert customer is not None
    assert customer.points_balance is not None
    programmes.act(
        "credit",
        {"customer_id": int(customer.remote_id), "points": 7, "description": "Ajuste no painel"},
        credential="sandbox_smile_current",
        vendor="smile",
    )
    before = customer.points_balance
    synced(connection)
    customer.refresh_from_db()
    assert customer.points_balance == before + Decimal(7)


def test_people_without_a_name_go_by_their_number_and_come_last(programmes: SandboxServer) -> None:
    connection = smile(programmes, "current")
    synced(connection)
    nameless = list(Customer.objects.filter(name__startswith="#").values_list("name", "remote_id"))
    assert nameless
    assert all(name == f"#{remote_id}" for name, remote_id in nameless)
    in_order = list(Customer.objects.order_by("name_search", "pk").values_list("name", flat=True))
    assert {name[0] for name in in_order[-len(nameless) :]} == {"#"}
