"""What Smile's replies are read as, in both editions, and the exact bytes of what is sent there.

The bodies are the examples of the vendor's published text and, for today's edition, of the contract's tables.
"""

from contextlib import suppress
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any
from zoneinfo import ZoneInfo

import msgspec
import pytest

from smartbis_admin.api.capabilities import Resource
from smartbis_admin.api.errors import Malformed, Refused
from smartbis_admin.api.points import (
    ActivityRecord,
    CatalogueReward,
    EarningRuleRecord,
    ExchangeType,
    FulfilmentRecord,
    FulfilmentStatus,
    PointsLabel,
    PointsProductRecord,
    PointsTransactionRecord,
    PurchaseRecord,
    ReferralRecord,
    Usage,
    VipTierChangeRecord,
    VipTierRecord,
)
from smartbis_admin.api.records import UNSET, CustomerRecord, CustomerState
from smartbis_admin.api.shapes import Shape
from smartbis_admin.api.smile import wire
from smartbis_admin.api.smile.wire import objects, rules
from tests.api.points_support import ACTIVITY, CREDIT, NOTE, REFERENCE, SECRET_KEY, SINCE, bench
from tests.api.support import Request, reply, scripted
from tests.sandbox.smile import documented

MADE = {
    "created_at": datetime(2017, 12, 7, 20, 15, 27, 893_000, tzinfo=UTC),
    "updated_at": datetime(2017, 12, 7, 20, 15, 27, 893_000, tzinfo=UTC),
}
JANE = CustomerRecord(
    remote_id="1",
    name="Jane Bond",
    first_name="Jane",
    last_name="Bond",
    email="jane@smile.io",
    birth_date=date(1967, 10, 29),
    points_balance=Decimal(5000),
    state=CustomerState.MEMBER,
    referral_url="http://i.refs.cc/j2Fw55",
    tier_remote_id=None,
    created_at=datetime(2017, 4, 4, 15, 10, 42, 30_000, tzinfo=UTC),
    updated_at=datetime(2017, 4, 4, 15, 10, 42, 30_000, tzinfo=UTC),
)
SHIRT = CatalogueReward(
    remote_id="228015",
    name="Free T-shirt",
    description=None,
    image_url="https://platform-images.smilecdn.co/3755938.png",
    **MADE,
)
COUPON = FulfilmentRecord(
    remote_id="211231",
    name="Free shipping coupon",
    code="freeship-e26d02e39149",
    image_url="https://cdn.smile.io/assets/rewards/icon-9283449.png",
    action_text=None,
    action_url=None,
    usage_instructions="Use this discount code on your next order for free shipping!",
    terms_and_conditions="Reward expires on June 7, 2018.",
    expires_at=datetime(2018, 6, 7, 23, 59, 59, 999_000, tzinfo=UTC),
    used_at=datetime(2018, 5, 17, 11, 27, 16, 123_000, tzinfo=UTC),
    **MADE,
)
GOLD = VipTierRecord(
    remote_id="133577", name="Gold", image_url="https://platform-images.smilecdn.co/582j2kd82k2j.png"
)
DOCUMENTED: dict[str, tuple[Shape[Any], Any, Any]] = {
    "customer": (objects.PERSON, documented.CUSTOMER, JANE),
    "points_product": (
        objects.POINTS_PRODUCT,
        documented.POINTS_PRODUCT,
        PointsProductRecord(
            remote_id="133577",
            exchange_type=ExchangeType.FIXED,
            exchange_description="500 Pins",
            price=Decimal(500),
            step=None,
            step_value=None,
            minimum=None,
            maximum=None,
            reward=SHIRT,
            **MADE,
        ),
    ),
    "points_purchase": (
        objects.POINTS_PURCHASE,
        documented.POINTS_PURCHASE,
        PurchaseRecord(
            remote_id="81",
            customer_remote_id="2",
            product_remote_id="21",
            points_spent=Decimal(500),
            fulfilment=FulfilmentRecord(remote_id="137", name="$5 off", code="discount-e26d02e39149", **MADE),
            **MADE,
        ),
    ),
    "points_transaction": (
        objects.POINTS_TRANSACTION,
        documented.POINTS_TRANSACTION,
        PointsTransactionRecord(
            remote_id="133577",
            customer_remote_id="1",
            points_change=Decimal(500),
            description="Placed an order",
            internal_note=None,
            **MADE,
        ),
    ),
    "reward_fulfillment": (objects.FULFILMENT_SHAPE, documented.REWARD_FULFILLMENT, COUPON),
    "referral": (
        objects.REFERRAL,
        documented.REFERRAL,
        ReferralRecord(
            remote_id="133577",
            receiver=JANE,
            receiver_email="carmen@smile.io",
            receiver_fulfilment=COUPON,
            sender=JANE,
            sender_fulfilment=COUPON,
            **MADE,
        ),
    ),
    "vip_tier": (objects.VIP_TIER, documented.VIP_TIER, GOLD),
    "vip_tier_change": (
        objects.VIP_TIER_CHANGE,
        documented.VIP_TIER_CHANGE,
        VipTierChangeRecord(
            remote_id="133577",
            previous=msgspec.structs.replace(GOLD, remote_id="8576", name="Silver"),
            current=msgspec.structs.replace(GOLD, remote_id="9378"),
            description="Achieved Gold",
        ),
    ),
}


@pytest.mark.parametrize("name", DOCUMENTED)
def test_documented_example_is_read_exactly(name: str) -> None:
    shape, body, expected = DOCUMENTED[name]
    assert shape.read_record(body, ZoneInfo("UTC")) == (expected, [])


def test_replies_of_the_calls_are_the_same_records() -> None:
    product, transaction = DOCUMENTED["points_product"], DOCUMENTED["points_transaction"]
    purchase = DOCUMENTED["points_purchase"]
    activity = {
        "id": 133577,
        "customer_id": 2812211,
        "token": "activity_f57a9b5a8d0ac5",
        "properties": {"grand_total": 115.0, "discount_codes": [{"code": "5off-j2n5jduwjttj"}]},
        "distinct_id": "212993",
        "created_on_origin_at": "2017-04-04T15:10:42.030Z",
        "updated_on_origin_at": "2017-04-04T15:10:42.030Z",
        "created_at": "2017-12-07T20:15:27.893Z",
        "updated_at": "2017-12-07T20:15:27.893Z",
    }
    script = [
        reply(200, {"customer": documented.CUSTOMER}),
        reply(200, {"points_product": product[1]}),
        reply(200, {"points_transaction": transaction[1]}),
        reply(200, {"points_settings": {"points_label": {"one": "Estrela", "other": "Estrelas"}}}),
        reply(201, {"points_transaction": transaction[1]}),
        reply(200, {"points_purchase": purchase[1]}),
        reply(201, {"activity": activity}),
    ]
    with scripted(*script) as server, bench("smile", server.url) as it:
        assert it.client.read_customer("1") == JANE
        assert it.client.read_product("133577") == product[2]
        assert it.client.read_transaction("133577") == transaction[2]
        assert it.client.read_points_label() == PointsLabel(one="Estrela", other="Estrelas")
        assert it.client.change_points(CREDIT) == transaction[2]
        assert it.client.buy(product_remote_id="21", customer_remote_id="2") == purchase[2]
        assert it.client.send_activity(ACTIVITY) == ActivityRecord(
            remote_id="133577",
            customer_remote_id="2812211",
            token="activity_f57a9b5a8d0ac5",
            distinct_id="212993",
            happened_at=datetime(2017, 4, 4, 15, 10, 42, 30_000, tzinfo=UTC),
            **MADE,
        )


STATUS = {
    "vip_tier_id": 9378,
    "vip_tier_expires_at": "2026-12-31T23:59:59.999Z",
    "progress_value": 120.5,
    "current_vip_period_end": "2026-12-31",
    "delta_to_retain_vip_tier": None,
    "next_vip_tier_id": 9379,
    "delta_to_next_vip_tier": 379.5,
    "next_vip_tier": {"id": 9379, "name": "Diamond"},
}


def read(shape: Shape[Any], body: Any) -> Any:
    """The record of an object, as it comes through the client."""
    with scripted(reply(200, {shape.plural: [body], "metadata": {"next_cursor": None}})) as server:
        resource = next(key for key, where in wire.LISTS.items() if where.shape is shape)
        with bench("smile", server.url) as it:
            page = it.client.walk(resource).fetch()
    assert page.issues == []
    return page.records[0]


def test_both_editions_give_the_same_customer_with_a_tier() -> None:
    old = read(
        objects.PERSON,
        {**documented.CUSTOMER, "vip_tier_id": 9378, "vip_tier": {**documented.VIP_TIER, "id": 9378}},
    )
    now = read(objects.PERSON, {**documented.CUSTOMER, "vip_tier_id": 9378, "vip_status": STATUS})
    assert old == msgspec.structs.replace(JANE, tier_remote_id="9378")
    assert now == msgspec.structs.replace(
        old,
        tier_expires_at=datetime(2026, 12, 31, 23, 59, 59, 999_000, tzinfo=UTC),
        tier_progress=Decimal("120.5"),
        tier_period_ends_at=datetime(2026, 12, 31, 23, 59, 59, tzinfo=UTC),
        to_keep_tier=None,
        next_tier_remote_id="9379",
        to_next_tier=Decimal("379.5"),
    )
    without_word = {key: value for key, value in documented.CUSTOMER.items() if key != "vip_tier_id"}
    assert read(objects.PERSON, {**without_word, "vip_status": STATUS}) == now


def test_what_only_todays_edition_tells() -> None:
    fulfilment = {**documented.REWARD_FULFILLMENT, "customer_id": "7"}
    words = {"fulfillment_status": "canceled", "usage_status": "untracked"}
    assert read(objects.FULFILMENT_SHAPE, fulfilment | words) == msgspec.structs.replace(
        COUPON, customer_remote_id="7", status=FulfilmentStatus.CANCELLED, usage=Usage.UNTRACKED
    )
    odd = read(objects.FULFILMENT_SHAPE, fulfilment | {"fulfillment_status": "lost", "usage_status": "half"})
    assert (odd.status, odd.status_word) == (FulfilmentStatus.UNKNOWN, "lost")
    assert (odd.usage, odd.usage_word) == (Usage.UNKNOWN, "half")
    tier = {
        **documented.VIP_TIER,
        "milestone": 99.9,
        "perks": [{"name": "Frete grátis"}],
        "entry_rewards": [documented.REWARD],
    }
    assert read(objects.VIP_TIER, tier) == msgspec.structs.replace(
        GOLD, milestone=Decimal("99.9"), perks=["Frete grátis"], entry_rewards=[SHIRT]
    )
    variable = {
        **documented.POINTS_PRODUCT,
        "exchange_type": "variable",
        "points_price": None,
        "variable_points_step": 100,
        "variable_points_step_reward_value": 1.5,
        "variable_points_min": 100,
        "variable_points_max": 1000,
    }
    product = read(objects.POINTS_PRODUCT, variable)
    assert (product.exchange_type, product.price) == (ExchangeType.VARIABLE, None)
    assert (product.step, product.step_value) == (Decimal(100), Decimal("1.5"))
    assert (product.minimum, product.maximum) == (Decimal(100), Decimal(1000))


RULE: dict[str, Any] = {
    "id": 5,
    "name": "Compra",
    "image_url": "https://x.example/a.png",
    "action_text": None,
    "action_url": None,
    "restricted_to_vip_tier_ids": [9378],
    "reward": {"type": "points"},
}
RULE_RECORD = EarningRuleRecord(
    remote_id="5",
    name="Compra",
    image_url="https://x.example/a.png",
    action_text=None,
    action_url=None,
    tier_remote_ids=["9378"],
)


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (
            {
                "reward_value": {"type": "variable", "variable": {"value": 5, "per_amount": 1}},
                "earning_limit": {
                    "max": 2,
                    "type": "rolling",
                    "rolling": {"unit": "day", "unit_count": 30},
                },
            },
            {"points": Decimal(5), "per_amount": Decimal(1), "limit": 2, "limit_days": 30},
        ),
        (
            {
                "reward_value": {"type": "fixed", "fixed": {"value": 100}},
                "earning_limit": {"max": 1, "type": "lifetime"},
            },
            {"points": Decimal(100), "per_amount": None, "limit": 1, "limit_days": None},
        ),
        ({"earning_limit": None}, {"limit": None, "limit_days": None}),
        ({}, {}),
    ],
)
def test_earning_rule(given: dict[str, Any], expected: dict[str, Any]) -> None:
    assert read(rules.EARNING_RULE, RULE | given) == msgspec.structs.replace(RULE_RECORD, **expected)


@pytest.mark.parametrize(
    ("shape", "good", "odd", "lost"),
    [
        (rules.EARNING_RULE, RULE, {"reward_value": {"type": "other"}}, False),
        (rules.EARNING_RULE, RULE, {"earning_limit": 3}, False),
        (rules.EARNING_RULE, RULE, {"restricted_to_vip_tier_ids": "9378"}, True),
        (objects.PERSON, documented.CUSTOMER, {"vip_status": "gold"}, False),
        (objects.PERSON, documented.CUSTOMER, {"vip_tier": {"name": "without id"}}, False),
        (objects.PERSON, documented.CUSTOMER, {"email": 7}, True),
        (objects.VIP_TIER, documented.VIP_TIER, {"perks": "Frete"}, True),
    ],
)
def test_an_odd_value_costs_itself_or_its_row_and_says_so(
    shape: Shape[Any], good: dict[str, Any], odd: dict[str, Any], lost: bool
) -> None:
    body = {shape.plural: [{**good, **odd}, {**good, "id": 2}], "metadata": {"next_cursor": ""}}
    resource = next(key for key, where in wire.LISTS.items() if where.shape is shape)
    with scripted(reply(200, body)) as server, bench("smile", server.url) as it:
        page = it.client.walk(resource).fetch()
    assert [issue.row_lost for issue in page.issues] == [lost]
    assert [record.remote_id for record in page.records] == (["2"] if lost else [str(good["id"]), "2"])


# --- What is sent --------------------------------------------------------------------------------------
def sent(act: Any, *script: Any) -> list[Request]:
    with scripted(*(script or (reply(200, {}),))) as server, bench("smile", server.url) as it:
        # Only the request is looked at.
        with suppress(Malformed):
            act(it.client)
        return server.requests


WRITTEN = {
    "points": (
        lambda client: client.change_points(CREDIT),
        "POST /v2/v1/points_transactions HTTP/1.1",
        '{"points_transaction":{"customer_id":1,"points_change":1000,"description":"Obrigado!",'
        f'"internal_note":"[ref:{REFERENCE}] {NOTE}"}}}}',
    ),
    "points_without_note": (
        lambda client: client.change_points(
            msgspec.structs.replace(CREDIT, internal_note="", points_change=-5, customer_remote_id="a/1")
        ),
        "POST /v2/v1/points_transactions HTTP/1.1",
        '{"points_transaction":{"customer_id":"a/1","points_change":-5,"description":"Obrigado!",'
        f'"internal_note":"[ref:{REFERENCE}]"}}}}',
    ),
    "buy_fixed": (
        lambda client: client.buy(product_remote_id="2/1", customer_remote_id="90071992547409931"),
        "POST /v2/v1/points_products/2%2F1/purchase HTTP/1.1",
        '{"customer_id":90071992547409931}',
    ),
    "buy_variable": (
        lambda client: client.buy(product_remote_id="21", customer_remote_id="007", points_to_spend=500),
        "POST /v2/v1/points_products/21/purchase HTTP/1.1",
        '{"customer_id":"007","points_to_spend":500}',
    ),
    "activity": (
        lambda client: client.send_activity(ACTIVITY),
        "POST /v2/v1/activities HTTP/1.1",
        '{"activity":{"customer_id":2812211,"token":"activity_f57a9b5a8d0ac5","distinct_id":"212993",'
        '"created_on_origin_at":"2026-03-05T17:21:40.125000Z"}}',
    ),
    "activity_now": (
        lambda client: client.send_activity(msgspec.structs.replace(ACTIVITY, happened_at=None)),
        "POST /v2/v1/activities HTTP/1.1",
        '{"activity":{"customer_id":2812211,"token":"activity_f57a9b5a8d0ac5","distinct_id":"212993"}}',
    ),
}


@pytest.mark.parametrize("name", WRITTEN)
def test_exact_request_of_a_write(name: str) -> None:
    act, line, body = WRITTEN[name]
    (request,) = sent(act)
    assert (request.line, request.body.decode()) == (line, body)
    assert request.headers["authorization"] == f"Bearer {SECRET_KEY}"
    assert request.headers["content-type"] == "application/json"


ASKED = {
    "customers": (
        lambda client: client.walk(Resource.CUSTOMERS, since=SINCE, per_page=999).fetch(),
        "v1/customers?include=vip_status&updated_at_min=2026-03-05T17%3A21%3A40.125Z&limit=250",
    ),
    "transactions": (
        lambda client: client.walk(Resource.POINTS_TRANSACTIONS, customer_remote_id="7", per_page=50).fetch(),
        "v1/points_transactions?customer_id=7&limit=50",
    ),
    "fulfilments": (
        lambda client: client.walk(Resource.FULFILMENTS).fetch(),
        "v1/reward_fulfillments?limit=250",
    ),
    "rules": (lambda client: client.walk(Resource.EARNING_RULES).fetch(), "v1/earning_rules?limit=250"),
    "tiers": (
        lambda client: client.walk(Resource.VIP_TIERS).fetch(),
        "v1/vip_tiers?include=perks%2Centry_rewards",
    ),
    "products": (
        lambda client: client.walk(Resource.POINTS_PRODUCTS, per_page=20).fetch(),
        "v1/points_products?page=1&page_size=20",
    ),
    "product": (lambda client: client.read_product("21"), "v1/points_products/21"),
    "transaction": (lambda client: client.read_transaction("21"), "v1/points_transactions/21"),
    "settings": (lambda client: client.read_points_label(), "v1/points_settings"),
    "customer": (
        lambda client: client.read_customer("1"),
        "v1/customers/1?include=vip_status%2Cvip_status.vip_tier%2Cvip_status.next_vip_tier",
    ),
    "by_email": (
        lambda client: client.find_customers(email=" Ana+1@example.com "),
        "v1/customers?email=Ana%2B1%40example.com&limit=250",
    ),
    "probe": (
        lambda client: client.probe(Resource.POINTS_PRODUCTS),
        "v1/points_products?page_size=5",
    ),
}


@pytest.mark.parametrize("name", ASKED)
def test_exact_request_of_a_read(name: str) -> None:
    act, address = ASKED[name]
    (request,) = sent(act)
    assert request.line == f"GET /v2/{address} HTTP/1.1"
    assert request.body == b""


REFUSED_HERE = {
    "invalid_points": lambda client: client.change_points(msgspec.structs.replace(CREDIT, points_change=0)),
    "blank_description": lambda client: client.change_points(
        msgspec.structs.replace(CREDIT, description=" ")
    ),
    "description_too_long": lambda client: client.change_points(
        msgspec.structs.replace(CREDIT, description="a" * 251)
    ),
    "blank_token": lambda client: client.send_activity(msgspec.structs.replace(ACTIVITY, token=" ")),
    "nothing_to_spend": lambda client: client.buy(
        product_remote_id="1", customer_remote_id="1", points_to_spend=0
    ),
}


@pytest.mark.parametrize("name", REFUSED_HERE)
def test_what_cannot_be_valid_does_not_leave(name: str) -> None:
    with scripted(reply(201, {})) as server, bench("smile", server.url) as it:
        with pytest.raises(Refused) as raised:
            REFUSED_HERE[name](it.client)
        assert raised.value.code == ("invalid_points" if name == "nothing_to_spend" else name)
        assert (raised.value.status, server.requests) == (0, [])


# --- Refusals ------------------------------------------------------------------------------------------
@pytest.mark.parametrize("status", [400, 402, 422])
@pytest.mark.parametrize("spends", [True, False])
def test_a_short_balance_is_one_refusal_in_both_editions(status: int, spends: bool) -> None:
    body = {"error": {"message": "Insufficient points.", "request_id": "req-1"}}
    draft = msgspec.structs.replace(CREDIT, points_change=-5) if spends else CREDIT
    with scripted(reply(status, body)) as server, bench("smile", server.url) as it:
        with pytest.raises(Refused) as raised:
            it.client.change_points(draft)
        if spends:
            with pytest.raises(Refused) as bought:
                it.client.buy(product_remote_id="1", customer_remote_id="1")
            assert bought.value.code == "short_balance"
    refused = raised.value
    assert refused.code == ("short_balance" if spends else "unknown")
    assert (refused.status, refused.message) == (status, "Insufficient points.")
    assert refused.vendor_reference == "req-1"


def test_the_older_error_has_no_id_of_the_call() -> None:
    answer = reply(402, {"error": {"message": "No.", "request_id": 7}})
    with scripted(answer) as server, bench("smile", server.url) as it, pytest.raises(Refused) as raised:
        it.client.change_points(CREDIT)
    assert raised.value.vendor_reference == ""


# --- Words of today that the older edition refuses ---------------------------------------------------------
WRONG_WORD = reply(400, {"error": {"message": "Invalid include."}})
EMPTY = reply(200, {"customers": [], "metadata": {"next_cursor": None}})


def test_what_may_come_along_is_left_out_once_the_account_refused_its_words() -> None:
    with scripted(WRONG_WORD, EMPTY) as server, bench("smile", server.url) as it:
        for _time in range(2):
            it.client.walk(Resource.CUSTOMERS).fetch()
        assert ["include" in request.line for request in server.requests] == [True, False, False]


def test_a_refused_cursor_says_nothing_of_the_words_beside_it() -> None:
    with scripted(WRONG_WORD, WRONG_WORD, EMPTY) as server, bench("smile", server.url) as it:
        with pytest.raises(Refused) as raised:
            it.client.walk(Resource.CUSTOMERS).fetch()
        assert raised.value.status == 400
        it.client.walk(Resource.CUSTOMERS).fetch()
        assert ["include" in request.line for request in server.requests] == [True, False, True]


# --- Looking for one ------------------------------------------------------------------------------------------
def test_by_email_exactly_members_first_then_the_oldest_without_the_disabled() -> None:
    rows = [
        {"id": 100, "email": "ana@example.com", "state": "candidate"},
        {"id": 20, "email": "ANA@example.com", "state": "member"},
        {"id": 3, "email": "Ana@Example.com", "state": "member"},
        {"id": 4, "email": "ana@example.com", "state": "disabled"},
        {"id": 5, "email": "ana@example.com.br", "state": "member"},
        {"id": 6, "email": None, "state": "member"},
    ]
    with scripted(reply(200, {"customers": rows})) as server, bench("smile", server.url) as it:
        found = it.client.find_customers(email="ana@example.com")
    assert [record.remote_id for record in found] == ["3", "20", "100"]


def transactions(*notes: str | None, cursor: str | None, start: int = 1) -> Any:
    rows = [
        {"id": start + place, "customer_id": 1, "points_change": 5, "internal_note": note}
        for place, note in enumerate(notes)
    ]
    return reply(200, {"points_transactions": rows, "metadata": {"next_cursor": cursor}})


def test_a_reference_on_a_later_page_is_found() -> None:
    script = [
        transactions(None, f"paid [ref:{REFERENCE}]", "[ref:other] x", cursor="b"),
        transactions(f"[ref:{REFERENCE}] {NOTE}", cursor="", start=9),
    ]
    with scripted(*script) as server, bench("smile", server.url) as it:
        found = it.client.find_reference(REFERENCE, customer_remote_id="1", since=SINCE)
        assert found.remote_id == "9"
        first, second = (request.line for request in server.requests)
        where = "customer_id=1&limit=250"
        assert "updated_at_min=2026-03-05T17%3A21%3A40.125Z" in first
        assert (where in first, "cursor=b" in second) == (True, True)


@pytest.mark.parametrize(
    "row",
    [{"customer_id": 1}, {"id": 8, "points_change": "many"}, {"id": 9, "internal_note": 7}, "text"],
)
def test_a_list_with_a_row_that_cannot_be_read_proves_no_absence(row: Any) -> None:
    body = {"points_transactions": [row], "metadata": {"next_cursor": None}}
    with (
        scripted(reply(200, body)) as server,
        bench("smile", server.url) as it,
        pytest.raises(Malformed) as raised,
    ):
        it.client.find_reference(REFERENCE, customer_remote_id="1", since=SINCE)
    assert raised.value.reason == "cut"


def test_a_probe_says_what_was_recognised() -> None:
    row = {**documented.CUSTOMER, "origin_system": "x"}
    with scripted(reply(200, {"customers": [row]})) as server, bench("smile", server.url) as it:
        found = it.client.probe(Resource.CUSTOMERS)
        assert it.client.clock_skew is None
        assert repr(it.client).find(SECRET_KEY) == -1
    assert (found.status, found.row_count) == (200, 1)
    assert found.missing == {"vip_status"}
    assert found.unknown == {"origin_system": 1}
    assert set(documented.CUSTOMER) <= found.recognised


def test_what_was_not_said_is_not_known() -> None:
    assert read(objects.PERSON, {"id": 1}) == CustomerRecord(remote_id="1", name="#1", email=UNSET)
