"""The programmes' clients against the running sandbox: its own log says how often an effect really happened."""

from collections.abc import Iterator
from itertools import count
from typing import Any, NamedTuple

import msgspec
import pytest

from sandbox.testing import APP_KEY, PROGRAM, SMILE_2017, SMILE_CURRENT, SandboxServer
from smartbis_admin.api.capabilities import Resource
from smartbis_admin.api.errors import (
    ApiError,
    InDoubt,
    Malformed,
    Misconfigured,
    NotAllowed,
    RateLimited,
    Refused,
    Unreachable,
)
from smartbis_admin.api.points import (
    ActivityDraft,
    ExchangeType,
    OfferDraft,
    OfferStatus,
    PersonDraft,
    PointsDraft,
)
from smartbis_admin.api.smartpasses.wire import LISTS as WALLET_LISTS
from smartbis_admin.api.smile.wire import LISTS as SMILE_LISTS
from smartbis_admin.api.walk import WalkOutcome, iterate
from tests.api.points_support import SINCE, Act, Bench

pytestmark = pytest.mark.one_database

ACCOUNTS = {"current": SMILE_CURRENT, "2017": SMILE_2017, "wallet": APP_KEY}
BASES = {"smile": "/smile/v1/", "smartpasses": f"/smartpasses/api/v1/loyalty/programs/{PROGRAM}/"}
ABSENT_IN_2017 = {Resource.FULFILMENTS, Resource.EARNING_RULES, Resource.VIP_TIERS}
_numbers = count(1)


class Account:
    """One account of the sandbox with somebody rich in it."""

    def __init__(self, server: SandboxServer, name: str) -> None:
        self.server, self.name = server, name
        self.vendor = "smartpasses" if name == "wallet" else "smile"
        self.bench = self.another()
        self.client = self.bench.client
        if self.vendor == "smile":
            server.switch("rate_limit", "off", credential=ACCOUNTS[name], vendor="smile")
            rich = self.act("add_customer", {"email": "rica@cliente.example", "points_balance": 900_000})
            self.customer = str(rich["id"])
            fixed = [
                row for row in self.all(Resource.POINTS_PRODUCTS) if row.exchange_type is ExchangeType.FIXED
            ]
            self.product = fixed[0]
        else:
            self.customer = str(self.act("add_customer", {"first_name": "Rita", "points": 10})["id"])

    def another(self, *, read: float = 5) -> Bench:
        base = self.server.smartpasses_base if self.vendor == "smartpasses" else self.server.smile_base
        return Bench(self.vendor, base, read=read, key=ACCOUNTS[self.name], program=PROGRAM)

    def act(self, action: str, args: dict[str, Any]) -> Any:
        return self.server.act(action, args, credential=ACCOUNTS[self.name], vendor=self.vendor)

    def all(self, resource: Resource) -> list[Any]:
        return [record for page in iterate(self.client.walk(resource)) for record in page.records]

    def log(self, since: int = 0) -> list[dict[str, Any]]:
        return self.server.log(self.vendor)[since:]


@pytest.fixture(scope="module")
def server() -> Iterator[SandboxServer]:
    with SandboxServer().start(dataset="demo", customers=60) as running:
        yield running


@pytest.fixture(scope="module")
def accounts(server: SandboxServer) -> Iterator[dict[str, Account]]:
    made = {name: Account(server, name) for name in ACCOUNTS}
    yield made
    for account in made.values():
        account.client.close()


class Write(NamedTuple):
    """A write prepared: how it is made, and how it looks in the sandbox's log."""

    act: Act
    method: str
    path: str


SMILE_WRITES = ["credit", "deduct", "buy", "activity"]
WALLET_WRITES = [
    "create_person",
    "update_person",
    "delete_customer",
    "add_points",
    "create_offer",
    "update_offer",
    "publish_offer",
    "cancel_offer",
    "delete_offer",
]
CASES = [(name, write) for name in ("current", "2017") for write in SMILE_WRITES] + [
    ("wallet", write) for write in WALLET_WRITES
]


def draft_of(account: Account, points: int) -> PointsDraft:
    return PointsDraft(
        customer_remote_id=account.customer,
        points_change=points,
        description="Ajuste",
        reference=f"00000000-0000-0000-0000-{next(_numbers):012}",
    )


def prepare(account: Account, name: str) -> Write:
    client, customer, number = account.client, account.customer, next(_numbers)
    if name in ("credit", "deduct"):
        draft = draft_of(account, 5 if name == "credit" else -5)
        return Write(lambda it: it.change_points(draft), "POST", "points_transactions")
    if name == "buy":
        product = account.product.remote_id
        return Write(
            lambda it: it.buy(product_remote_id=product, customer_remote_id=customer),
            "POST",
            f"points_products/{product}/purchase",
        )
    if name == "activity":
        event = ActivityDraft(
            customer_remote_id=customer, token="activity_order", distinct_id=f"order-{number}"
        )
        return Write(lambda it: it.send_activity(event), "POST", "activities")
    person = PersonDraft(first_name="Nova", phone=f"+55119{number:08}")
    if name == "create_person":
        return Write(lambda it: it.create_person(person), "POST", "customers")
    if name == "update_person":
        return Write(lambda it: it.update_person(customer, person), "PUT", f"customers/{customer}")
    if name == "delete_customer":
        gone = account.act("add_customer", {"first_name": "Vai"})["id"]
        return Write(lambda it: it.delete_customer(str(gone)), "DELETE", f"customers/{gone}")
    if name == "add_points":
        return Write(lambda it: it.add_points(customer, 3), "POST", f"customers/{customer}/points/add")
    offer = OfferDraft(name=f"Oferta {number}", description="Um café", points_cost=10, auto_claim=False)
    if name == "create_offer":
        return Write(lambda it: it.create_offer(offer), "POST", "offers")
    made = client.create_offer(offer).remote_id
    if name == "cancel_offer":
        client.publish_offer(made)
    known: dict[str, Write] = {
        "update_offer": Write(
            lambda it: it.update_offer(made, OfferDraft(points_cost=20)), "POST", f"offers/{made}"
        ),
        "publish_offer": Write(lambda it: it.publish_offer(made), "POST", f"offers/{made}/publish"),
        "cancel_offer": Write(lambda it: it.cancel_offer(made), "POST", f"offers/{made}/cancel"),
        "delete_offer": Write(lambda it: it.delete_offer(made), "DELETE", f"offers/{made}"),
    }
    return known[name]


def attempts_of(account: Account, write: Write, since: int) -> list[dict[str, Any]]:
    path = BASES[account.vendor] + write.path
    return [row for row in account.log(since) if (row["method"], row["path"]) == (write.method, path)]


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
    "unauthorized": Expected(NotAllowed, 0),
    "rate_limit": Expected(None, 1, attempts=2),
    "": Expected(None, 1),
}


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize(("name", "what"), CASES)
def test_write_against_fault(accounts: dict[str, Account], name: str, what: str, fault: str) -> None:
    account, expected = accounts[name], FAULTS[fault]
    write = prepare(account, what)
    since = len(account.log())
    if fault:
        account.server.fault(fault, method=write.method, path=f"*/{write.path}", vendor=account.vendor)
    error = error_of(write.act, account.bench)
    attempts = attempts_of(account, write, since)
    account.server.clear_faults()
    kind = type(error) if error else None
    if what.startswith("delete_") and fault in ("html_200", "truncate_200"):
        # Its reply is not read; whether half of nothing is a broken reply is the server's affair.
        assert kind in (None, InDoubt)
    else:
        assert kind is expected.error
    assert len(attempts) == expected.attempts
    committed = sum(row["committed"] for row in attempts)
    assert committed <= 1
    if expected.committed is not None:
        assert committed == expected.committed


@pytest.mark.parametrize(("name", "what"), CASES)
def test_write_that_is_done_but_answered_by_silence(
    accounts: dict[str, Account], name: str, what: str
) -> None:
    account = accounts[name]
    write = prepare(account, what)
    since = len(account.log())
    account.server.fault("stall_after", method=write.method, path=f"*/{write.path}", vendor=account.vendor)
    impatient = account.another(read=0.4)
    error = error_of(write.act, impatient)
    impatient.client.close()
    assert (type(error), error.reason if error else "") == (InDoubt, "timeout")
    assert [row["committed"] for row in attempts_of(account, write, since)] == [True]


@pytest.mark.parametrize(
    ("fault", "error", "attempts"),
    [
        ("drop_before", Unreachable, 4),
        ("error_before", Unreachable, 4),
        ("truncate_200", Unreachable, 4),
        ("html_502", Unreachable, 4),
        ("html_200", Malformed, 1),
        ("empty_200", Malformed, 1),
        ("rate_limit", RateLimited, 0),
        ("unauthorized", NotAllowed, 1),
    ],
)
@pytest.mark.parametrize("name", ACCOUNTS)
def test_read_against_lasting_fault(
    accounts: dict[str, Account], name: str, fault: str, error: type[ApiError], attempts: int
) -> None:
    account = accounts[name]
    read = Write(lambda client: client.walk(Resource.CUSTOMERS).fetch(), "GET", "customers")
    # The older edition refuses a word of today once; that is not what is counted here.
    read.act(account.client)
    since = len(account.log())
    account.server.fault(fault, method="GET", path="*/customers", times=9, vendor=account.vendor)
    met = error_of(read.act, account.bench)
    account.server.clear_faults()
    assert type(met) is error
    slow = 4 if account.vendor == "smile" else 3
    assert len(attempts_of(account, read, since)) == (attempts or slow)


@pytest.mark.parametrize("name", ACCOUNTS)
def test_every_list_is_walked_whole_and_understood(accounts: dict[str, Account], name: str) -> None:
    account = accounts[name]
    for resource in WALLET_LISTS if name == "wallet" else SMILE_LISTS:
        walk = account.client.walk(resource, per_page=7)
        if name == "2017" and resource in ABSENT_IN_2017:
            with pytest.raises(Refused) as refused:
                walk.fetch()
            assert refused.value.code == "not_offered"
            continue
        pages = list(iterate(walk))
        ids = {record.remote_id for page in pages for record in page.records}
        assert (walk.outcome, walk.reason) == (WalkOutcome.COMPLETE, "")
        assert len(ids) == walk.state.rows > 0
        assert [issue for page in pages for issue in page.issues] == []
        assert account.client.probe(resource).unknown == {}


def test_both_editions_tell_of_the_same_person_alike(accounts: dict[str, Account]) -> None:
    facts = {
        "email": "par@cliente.example",
        "first_name": "Par",
        "date_of_birth": "1004-05-17",
        "points_balance": 77,
        "created_at": "2026-03-05T17:31:40Z",
    }
    told = []
    for name in ("current", "2017"):
        remote_id = str(accounts[name].act("add_customer", facts)["id"])
        record = accounts[name].client.read_customer(remote_id)
        (found,) = accounts[name].client.find_customers(email="PAR@cliente.example")
        assert (found.remote_id, found.points_balance) == (remote_id, record.points_balance)
        told.append(record)
    same = ("name", "first_name", "last_name", "email", "birth_date", "points_balance", "state", "created_at")
    current, older = ({field: getattr(record, field) for field in same} for record in told)
    assert current == older
    assert older["birth_date"].year == 1004


@pytest.mark.parametrize("name", ["current", "2017"])
def test_a_change_whose_reply_was_lost_is_found_by_its_reference(
    accounts: dict[str, Account], name: str
) -> None:
    account = accounts[name]
    draft = draft_of(account, 11)
    account.server.fault("drop_after", method="POST", path="*/points_transactions", vendor="smile")
    with pytest.raises(InDoubt):
        account.client.change_points(draft)
    # Rows of others lie before it.
    for _other in range(3):
        account.client.change_points(draft_of(account, 1))
    found = account.client.find_reference(draft.reference, customer_remote_id=account.customer, since=SINCE)
    assert (found.points_change, found.customer_remote_id) == (11, account.customer)
    assert account.client.read_transaction(found.remote_id) == found
    unknown = draft_of(account, 1).reference
    assert account.client.find_reference(unknown, customer_remote_id=account.customer, since=SINCE) is None


@pytest.mark.parametrize("name", ["current", "2017"])
@pytest.mark.parametrize("status", ["edition", "400"])
def test_a_short_balance_changes_nothing(accounts: dict[str, Account], name: str, status: str) -> None:
    account = accounts[name]
    account.server.switch("short_balance", status, credential=ACCOUNTS[name], vendor="smile")
    before = account.client.read_customer(account.customer).points_balance
    for act in (
        lambda client: client.change_points(draft_of(account, -2_000_000)),
        lambda client: client.buy(
            product_remote_id=account.product.remote_id,
            customer_remote_id=str(account.act("add_customer", {"email": "sem@cliente.example"})["id"]),
        ),
    ):
        with pytest.raises(Refused) as refused:
            act(account.client)
        assert refused.value.code == "short_balance"
    account.server.switch("short_balance", "edition", credential=ACCOUNTS[name], vendor="smile")
    assert account.client.read_customer(account.customer).points_balance == before


def test_a_key_without_a_right_is_told_which(accounts: dict[str, Account]) -> None:
    account = accounts["current"]
    account.server.switch("missing_scope", "points_purchase:write", credential=SMILE_CURRENT, vendor="smile")
    error = error_of(prepare(account, "buy").act, account.bench)
    account.server.switch("missing_scope", "none", credential=SMILE_CURRENT, vendor="smile")
    assert type(error) is Misconfigured
    assert str(error).endswith("the key lacks points_purchase:write")


def test_an_activity_sent_twice_counts_once(accounts: dict[str, Account]) -> None:
    account = accounts["current"]
    event = ActivityDraft(
        customer_remote_id=account.customer, token="activity_order", distinct_id="order-twice"
    )
    first, second = account.client.send_activity(event), account.client.send_activity(event)
    assert (first.distinct_id, second) == ("order-twice", first)
    assert account.client.send_activity(msgspec.structs.replace(event, distinct_id="order-other")) != first


def test_the_life_of_an_offer(accounts: dict[str, Account]) -> None:
    client = accounts["wallet"].client
    made = client.create_offer(OfferDraft(name="Chá", description="", points_cost=5, auto_claim=True))
    assert made.status is OfferStatus.DRAFT
    changed = client.update_offer(made.remote_id, OfferDraft(points_cost=6))
    assert (changed.name, changed.points_cost) == ("Chá", 6)
    assert client.publish_offer(made.remote_id).status is OfferStatus.PUBLISHED
    for wrong in (client.publish_offer, client.delete_offer):
        with pytest.raises(Refused) as refused:
            wrong(made.remote_id)
        assert refused.value.status == 422
    assert client.cancel_offer(made.remote_id).status is OfferStatus.CANCELLED
    for act in (
        lambda: client.cancel_offer(made.remote_id),
        lambda: client.update_offer(made.remote_id, OfferDraft(points_cost=7)),
    ):
        with pytest.raises(Refused):
            act()
    (seen,) = [offer for offer in client.all(Resource.OFFERS) if offer.remote_id == made.remote_id]
    assert (seen.status, seen.points_cost) == (OfferStatus.CANCELLED, 6)
    draft = client.create_offer(OfferDraft(name="Mate", description="", points_cost=5, auto_claim=True))
    for _time in range(2):
        client.delete_offer(draft.remote_id)
    assert draft.remote_id not in {offer.remote_id for offer in client.all(Resource.OFFERS)}
