"""The client against the running sandbox: two independent readings of the contract must fit.

Each write × wire profile × fault; the sandbox's own log says how often an effect really happened.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any, NamedTuple

import msgspec
import pytest
from stdnum.br import cpf as cpf_numbers

from sandbox.testing import SECRET, SandboxServer
from smartbis_admin.api.capabilities import Resource
from smartbis_admin.api.errors import (
    ApiError,
    InDoubt,
    Malformed,
    NotAllowed,
    RateLimited,
    Refused,
    Unreachable,
)
from smartbis_admin.api.records import CustomerDraft, SaleDraft, VoucherRecord, VoucherStatus
from smartbis_admin.api.smartbis import wire
from smartbis_admin.api.walk import WalkOutcome, WalkState, iterate
from tests.api.support import Act, Bench

PROFILES = ["laravel", "bare", "items"]
CUSTOMERS = 200

pytestmark = pytest.mark.one_database


class Account:
    """One credential of the sandbox with things to use up in tests."""

    def __init__(self, server: SandboxServer, profile: str) -> None:
        self.server = server
        self.profile = profile
        self.bench = self.another()
        self.client = self.bench.client
        now = datetime.now(UTC)
        self.vouchers = [
            voucher
            for voucher in self.all(Resource.VOUCHERS)
            if voucher.status is VoucherStatus.ISSUED
            and voucher.expires_at > now + timedelta(hours=1)
            and (not voucher.starts_at or voucher.starts_at < now)
        ]
        self.customer = self.all(Resource.CUSTOMERS)[0]
        self.reward = self.all(Resource.REWARDS)[0]

    def another(self, *, read: float = 5, secret: str = SECRET) -> Bench:
        """Another client of the same account."""
        return Bench(self.server.base, read=read, key=f"sandbox-{self.profile}", secret=secret, token="")

    def all(self, resource: Resource) -> list[Any]:
        return [record for page in iterate(self.client.walk(resource)) for record in page.records]


@pytest.fixture(scope="module")
def server() -> Iterator[SandboxServer]:
    with SandboxServer().start(dataset="demo", customers=CUSTOMERS) as running:
        yield running


@pytest.fixture(scope="module")
def accounts(server: SandboxServer) -> Iterator[dict[str, Account]]:
    made = {profile: Account(server, profile) for profile in PROFILES}
    yield made
    for account in made.values():
        account.client.close()


@pytest.fixture(params=PROFILES)
def account(request: pytest.FixtureRequest, accounts: dict[str, Account]) -> Iterator[Account]:
    found = accounts[request.param]
    found.bench.slept.clear()
    yield found
    found.server.clear_faults()


_numbers = count(100_000_001)


def new_cpf() -> str:
    base = str(next(_numbers))
    return base + cpf_numbers._calc_check_digits(base + "00")


class Write(NamedTuple):
    """A write prepared: how it is made, and how it looks in the sandbox's log."""

    act: Act
    method: str
    path: str


def prepare(account: Account, name: str) -> Write:
    if name == "create_customer":
        draft = CustomerDraft(
            name="Zoé Nova", cpf=new_cpf(), phone="(11) 98888-0001", email="zoe@cliente.example"
        )
        return Write(lambda client: client.create_customer(draft), "POST", "customers")
    if name == "register_sale":
        sale = SaleDraft(amount=Decimal("0.01"), customer_remote_id=account.customer.remote_id)
        return Write(lambda client: client.register_sale(sale), "POST", "sales")
    if name == "set_stock":
        remote_id = account.reward.remote_id
        return Write(
            lambda client: client.set_stock(reward_remote_id=remote_id, stock=24),
            "PATCH",
            f"coupons/{remote_id}/stock",
        )
    if name == "create_category":
        category = f"Nova {next(_numbers)}"
        return Write(lambda client: client.create_category(name=category), "POST", "categories")
    code = account.vouchers.pop().remote_id
    return Write(lambda client: client.validate_voucher(code=code), "POST", f"vouchers/{code}/validate")


WRITES = ["create_customer", "register_sale", "set_stock", "create_category", "validate_voucher"]


def attempts_of(account: Account, write: Write, since: int) -> list[dict[str, Any]]:
    return [
        row
        for row in account.server.log()[since:]
        if row["method"] == write.method and row["path"] == f"/smartbis/v2/{write.path}"
    ]


def error_of(act: Act, bench: Bench) -> ApiError | None:
    try:
        act(bench.client)
    except ApiError as error:
        return error
    return None


class Expected(NamedTuple):
    """What a fault that strikes once does to a write. `committed` None: the contract does not say."""

    error: type[ApiError] | None
    committed: int | None
    attempts: int = 1


FAULTS = {
    "drop_before": Expected(InDoubt, 0),
    "drop_after": Expected(InDoubt, 1),
    "error_before": Expected(InDoubt, 0),
    "error_after": Expected(InDoubt, 1),
    "html_502": Expected(InDoubt, None),
    "html_200": Expected(InDoubt, None),
    "truncate_200": Expected(InDoubt, 1),
    "empty_200": Expected(None, 1),
    "unauthorized": Expected(None, 1, attempts=2),
    "rate_limit": Expected(None, 1, attempts=2),
}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("name", WRITES)
def test_write_against_fault(account: Account, name: str, fault: str) -> None:
    expected = FAULTS[fault]
    write = prepare(account, name)
    since = len(account.server.log())
    account.server.fault(fault, method=write.method, path=write.path)
    error = error_of(write.act, account.bench)
    attempts = attempts_of(account, write, since)
    if (name, account.profile, fault) == ("set_stock", "bare", "truncate_200"):
        # An empty 204 has no half: either reading is right, as long as it happened once.
        assert error is None or type(error) is InDoubt
    else:
        assert (type(error) if error else None) is expected.error
    assert len(attempts) == expected.attempts
    committed = sum(row["committed"] for row in attempts)
    assert committed <= 1
    if expected.committed is not None:
        assert committed == expected.committed
    assert len(account.bench.slept) == (1 if fault == "rate_limit" else 0)


@pytest.mark.parametrize("name", WRITES)
def test_write_that_is_done_but_answered_by_silence(account: Account, name: str) -> None:
    write = prepare(account, name)
    since = len(account.server.log())
    account.server.fault("stall_after", method=write.method, path=write.path)
    impatient = account.another(read=0.4)
    impatient.tokens.token = account.bench.tokens.token
    error = error_of(write.act, impatient)
    impatient.client.close()
    assert type(error) is InDoubt
    assert error.reason == "timeout"
    assert [row["committed"] for row in attempts_of(account, write, since)] == [True]


@pytest.mark.parametrize(
    ("fault", "error", "attempts"), [("rate_limit", RateLimited, 3), ("unauthorized", NotAllowed, 2)]
)
@pytest.mark.parametrize("name", WRITES)
def test_write_against_lasting_fault(
    account: Account, name: str, fault: str, error: type[ApiError], attempts: int
) -> None:
    write = prepare(account, name)
    since = len(account.server.log())
    account.server.fault(fault, method=write.method, path=write.path, times=9)
    assert type(error_of(write.act, account.bench)) is error
    assert [row["committed"] for row in attempts_of(account, write, since)] == [False] * attempts


@pytest.mark.parametrize("name", WRITES)
def test_write_without_fault_gives_its_record(account: Account, name: str) -> None:
    record = prepare(account, name).act(account.client)
    assert (record is None) == (name == "set_stock" and account.profile == "bare")


# --- Reads --------------------------------------------------------------------------------------------
READS: dict[str, tuple[Act, str]] = {
    "customers": (lambda client: client.walk(Resource.CUSTOMERS).fetch(), "customers"),
    "vouchers": (lambda client: client.walk(Resource.VOUCHERS).fetch(), "vouchers"),
}
RETRIED = [
    "drop_before",
    "drop_after",
    "error_before",
    "error_after",
    "html_502",
    "truncate_200",
    "unauthorized",
]


@pytest.mark.parametrize("fault", [*RETRIED, "rate_limit"])
@pytest.mark.parametrize("name", READS)
def test_read_survives_a_fault_that_strikes_once(account: Account, name: str, fault: str) -> None:
    act, path = READS[name]
    account.server.fault(fault, method="GET", path=path)
    page = act(account.client)
    assert page.row_count > 0
    assert page.issues == []
    assert account.server.state()["faults"] == []


@pytest.mark.parametrize(
    ("fault", "error", "attempts"),
    [
        ("drop_before", Unreachable, 4),
        ("error_before", Unreachable, 4),
        ("truncate_200", Unreachable, 4),
        ("html_502", Unreachable, 4),
        ("html_200", Malformed, 1),
        ("empty_200", Malformed, 1),
        ("rate_limit", RateLimited, 3),
        ("unauthorized", NotAllowed, 2),
    ],
)
@pytest.mark.parametrize("name", READS)
def test_read_against_lasting_fault(
    account: Account, name: str, fault: str, error: type[ApiError], attempts: int
) -> None:
    act, path = READS[name]
    since = len(account.server.log())
    account.server.fault(fault, method="GET", path=path, times=9)
    assert type(error_of(act, account.bench)) is error
    assert len(attempts_of(account, Write(act, "GET", path), since)) == attempts


def test_every_list_is_walked_whole_and_understood(account: Account) -> None:
    for resource in wire.LISTS:
        walk = account.client.walk(resource, per_page=20)
        pages = list(iterate(walk))
        ids = {record.remote_id for page in pages for record in page.records}
        assert (walk.outcome, walk.reason) == (WalkOutcome.COMPLETE, "")
        assert len(ids) == walk.state.rows > 0
        assert [issue for page in pages for issue in page.issues] == []
        probe = account.client.probe(resource)
        assert (
            set(probe.unknown)
            == {
                "laravel": set(),
                "bare": {"origin_system"} if resource is Resource.CUSTOMERS else set(),
                "items": {"links"},
            }[account.profile]
        )
        assert account.profile == "bare" or probe.missing == frozenset()


@pytest.mark.parametrize("per_page", [20, 30])
def test_walk_when_paging_is_ignored(account: Account, per_page: int) -> None:
    account.server.fault("ignore_paging", method="GET", path="customers", times=50)
    walk = account.client.walk(Resource.CUSTOMERS, per_page=per_page)
    ids = {record.remote_id for page in iterate(walk) for record in page.records}
    # Whatever the sandbox takes "ignored" to mean: complete only if every customer came.
    assert (walk.outcome is WalkOutcome.COMPLETE) == (len(ids) == total_customers(account))


def total_customers(account: Account) -> int:
    account.server.clear_faults()
    return len(account.all(Resource.CUSTOMERS))


def test_walk_cut_by_a_fault_goes_on_from_its_state(account: Account) -> None:
    walk = account.client.walk(Resource.CUSTOMERS, per_page=20)
    first = walk.fetch()
    assert first is not None
    walk.account(new=first.row_count)
    saved = msgspec.json.encode(walk.state)
    account.server.fault("error_before", method="GET", path="customers", times=9)
    with pytest.raises(Unreachable):
        walk.fetch()
    account.server.clear_faults()
    resumed = account.client.walk(Resource.CUSTOMERS, state=msgspec.json.decode(saved, type=WalkState))
    rest = [record.remote_id for page in iterate(resumed) for record in page.records]
    assert resumed.outcome is WalkOutcome.COMPLETE
    assert {record.remote_id for record in first.records}.isdisjoint(rest)


def test_find_customers(account: Account) -> None:
    cpf = account.customer.cpf
    found = account.client.find_customers(cpf=cpf)
    assert [record.remote_id for record in found.matches] == [account.customer.remote_id]
    assert found.filter_honoured is True
    nobody = account.client.find_customers(cpf=new_cpf())
    assert (nobody.matches, nobody.filter_honoured) == ([], True)
    account.server.fault("ignore_filter", method="GET", path="customers")
    unfiltered = account.client.find_customers(cpf=new_cpf())
    assert (unfiltered.matches, unfiltered.filter_honoured) == ([], False)


# --- What the platform says ---------------------------------------------------------------------------
def refused(account: Account, act: Act) -> Refused:
    error = error_of(act, account.bench)
    assert type(error) is Refused
    assert error.message
    assert error.status in (404, 422)
    return error


def code_in(account: Account, code: str) -> str:
    """Profile `bare` sends no codes, and messages are never parsed."""
    return "unknown" if account.profile == "bare" else code


def test_voucher_is_used_once(account: Account) -> None:
    code = account.vouchers.pop().remote_id
    done = account.client.validate_voucher(code=code)
    assert isinstance(done, VoucherRecord)
    assert (done.remote_id, done.status) == (code, VoucherStatus.USED)
    again = refused(account, lambda client: client.validate_voucher(code=code))
    assert again.code == code_in(account, "voucher_used")
    assert again.used_at == (None if account.profile == "bare" else done.used_at)


def test_refusals(account: Account) -> None:
    known = account.customer
    cases: list[tuple[Act, str, str]] = [
        (lambda client: client.validate_voucher(code="NADA-0000"), "voucher_not_found", ""),
        (lambda client: client.set_stock(reward_remote_id="999999", stock=1), "coupon_not_found", ""),
        (
            lambda client: client.create_customer(
                CustomerDraft(name="Outra", cpf=known.cpf, phone="11988880001", password="12345678")
            ),
            "customer_duplicate_cpf",
            "cpf",
        ),
        (
            lambda client: client.register_sale(SaleDraft(amount=Decimal(1), cpf=new_cpf())),
            "customer_not_found",
            "cpf",
        ),
    ]
    for act, code, field in cases:
        error = refused(account, act)
        assert error.code == code_in(account, code)
        assert not field or account.profile == "bare" or error.fields[field]


def test_sale_by_cpf_moves_the_balance_it_reports(account: Account) -> None:
    before = account.client.find_customers(cpf=account.customer.cpf).matches[0]
    sale = account.client.register_sale(SaleDraft(amount=Decimal("33.33"), cpf=account.customer.cpf))
    assert sale is not None
    assert (sale.customer_remote_id, sale.sale_amount) == (account.customer.remote_id, Decimal("33.33"))
    after = account.client.find_customers(cpf=account.customer.cpf).matches[0]
    assert after.points_balance - before.points_balance == sale.points_earned


def test_dry_run_is_an_alert(account: Account) -> None:
    code = account.vouchers.pop().remote_id
    credential = f"sandbox-{account.profile}"
    account.server.switch("validate_mode", "dry_run", credential=credential)
    error = error_of(lambda client: client.validate_voucher(code=code), account.bench)
    account.server.switch("validate_mode", "consume", credential=credential)
    assert type(error) is InDoubt
    assert error.alert == "dry_run"


def test_wrong_pair(account: Account) -> None:
    stranger = account.another(secret="wrong")
    error = error_of(lambda client: client.create_category(name="X"), stranger)
    stranger.client.close()
    assert type(error) is NotAllowed
