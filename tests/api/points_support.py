"""What the tests of the programmes' clients share: benches of both, their calls by name, documented bodies."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any, NamedTuple

from smartbis_admin.api.capabilities import Resource
from smartbis_admin.api.points import ActivityDraft, OfferDraft, PersonDraft, PointsDraft
from smartbis_admin.api.smartpasses import SmartPassesClient
from smartbis_admin.api.smile import SmileClient
from smartbis_admin.api.transport import Timeouts
from tests.api.support import CountingPace

SECRET_KEY, APP_KEY, PROGRAM = "sk_of-the-shop", "app-key-of-the-wallet", "4886905521176576"
EMAIL, PHONE, NOTE = "ana.garcia@example.com", "+525551234567", "Vizinha da gerente"
REFERENCE = "5b0c9a5e-3f0b-4a57-9c3a-0c9d4a1f7e10"
SINCE = datetime(2026, 3, 5, 17, 21, 40, 125_000, tzinfo=UTC)
#: Texts that must never reach a log line.
SECRETS = (SECRET_KEY, APP_KEY, PROGRAM, EMAIL, PHONE, NOTE, REFERENCE, "Ana", "García")

Act = Callable[[Any], Any]

CREDIT = PointsDraft(
    customer_remote_id="1",
    points_change=1000,
    description="Obrigado!",
    reference=REFERENCE,
    internal_note=NOTE,
)
ACTIVITY = ActivityDraft(
    customer_remote_id="2812211", token="activity_f57a9b5a8d0ac5", distinct_id="212993", happened_at=SINCE
)
PERSON = PersonDraft(first_name="Ana", last_name="García", email=EMAIL, phone=PHONE)
OFFER = OfferDraft(name="Café Gratis", description="Um café.", points_cost=10, auto_claim=True)


class Bench:
    """A client with everything it was given, so that a test can look at it."""

    def __init__(
        self, vendor: str, base_url: str, *, read: float = 1.0, key: str = "", program: str = ""
    ) -> None:
        self.slept: list[float] = []
        self.pace = CountingPace()
        common: dict[str, Any] = {
            "base_url": base_url,
            "pace": self.pace,
            "timeouts": Timeouts(connect=0.5, read=read, total=200),
            "sleep": self.slept.append,
        }
        self.client: Any = (
            SmileClient(secret_key=key or SECRET_KEY, **common)
            if vendor == "smile"
            else SmartPassesClient(app_key=key or APP_KEY, program_id=program or PROGRAM, **common)
        )


@contextmanager
def bench(vendor: str, base_url: str, **options: Any) -> Iterator[Bench]:
    """A bench whose connections are closed at the end."""
    made = Bench(vendor, base_url, **options)
    try:
        yield made
    finally:
        made.client.close()


class Known(NamedTuple):
    """A call of one vendor: how it is made and which right a key needs for it."""

    vendor: str
    act: Act
    #: Its reply is read as one object; the others are lists.
    single: bool = False
    scope: str = ""


def _walk(resource: Resource) -> Act:
    return lambda client: client.walk(resource).fetch()


SMILE_LISTS = {
    Resource.CUSTOMERS: "customer",
    Resource.POINTS_TRANSACTIONS: "points_transaction",
    Resource.FULFILMENTS: "reward_fulfillment",
    Resource.EARNING_RULES: "earning_rule",
    Resource.VIP_TIERS: "vip_tier",
    Resource.POINTS_PRODUCTS: "points_product",
}
WALLET_LISTS = (Resource.CUSTOMERS, Resource.OFFERS)

READS: dict[str, Known] = {
    **{
        f"smile_list_{resource}": Known("smile", _walk(resource), scope=f"{scope}:read")
        for resource, scope in SMILE_LISTS.items()
    },
    "smile_probe": Known("smile", lambda client: client.probe(Resource.CUSTOMERS), scope="customer:read"),
    "smile_find_customers": Known(
        "smile", lambda client: client.find_customers(email=EMAIL), scope="customer:read"
    ),
    "smile_transactions_of": Known(
        "smile", lambda client: client.transactions_of("1"), scope="points_transaction:read"
    ),
    "smile_fulfilments_of": Known(
        "smile", lambda client: client.fulfilments_of("1"), scope="reward_fulfillment:read"
    ),
    "smile_find_reference": Known(
        "smile",
        lambda client: client.find_reference(REFERENCE, customer_remote_id="1", since=SINCE),
        scope="points_transaction:read",
    ),
    "smile_read_customer": Known("smile", lambda client: client.read_customer("1"), True, "customer:read"),
    "smile_read_product": Known(
        "smile", lambda client: client.read_product("1"), True, "points_product:read"
    ),
    "smile_read_transaction": Known(
        "smile", lambda client: client.read_transaction("1"), True, "points_transaction:read"
    ),
    "smile_read_points_label": Known(
        "smile", lambda client: client.read_points_label(), True, "points_settings:read"
    ),
    **{f"wallet_list_{resource}": Known("smartpasses", _walk(resource)) for resource in WALLET_LISTS},
    "wallet_all": Known("smartpasses", lambda client: client.all(Resource.OFFERS)),
    "wallet_probe": Known("smartpasses", lambda client: client.probe(Resource.CUSTOMERS)),
    "wallet_read_customer": Known("smartpasses", lambda client: client.read_customer("1870"), True),
}
WRITES: dict[str, Known] = {
    "smile_change_points": Known(
        "smile", lambda client: client.change_points(CREDIT), True, "points_transaction:write"
    ),
    "smile_buy": Known(
        "smile",
        lambda client: client.buy(product_remote_id="21", customer_remote_id="1", points_to_spend=500),
        True,
        "points_purchase:write",
    ),
    "smile_send_activity": Known(
        "smile", lambda client: client.send_activity(ACTIVITY), True, "activity:write"
    ),
    "wallet_create_person": Known("smartpasses", lambda client: client.create_person(PERSON), True),
    "wallet_update_person": Known("smartpasses", lambda client: client.update_person("1870", PERSON), True),
    "wallet_add_points": Known("smartpasses", lambda client: client.add_points("1870", 10), True),
    "wallet_create_offer": Known("smartpasses", lambda client: client.create_offer(OFFER), True),
    "wallet_update_offer": Known("smartpasses", lambda client: client.update_offer("7", OFFER), True),
    "wallet_publish_offer": Known("smartpasses", lambda client: client.publish_offer("7"), True),
    "wallet_cancel_offer": Known("smartpasses", lambda client: client.cancel_offer("7"), True),
    # Their replies are not read at all.
    "wallet_delete_customer": Known("smartpasses", lambda client: client.delete_customer("1870")),
    "wallet_delete_offer": Known("smartpasses", lambda client: client.delete_offer("7")),
}
CALLS = READS | WRITES
