"""The same things said in the three wire profiles give equal records (`smartbis-v2.md` §5).

The bodies are the contract's own examples, and for coupon, sale and category bodies made after its table.
Only fields a profile leaves out may be "not known".
"""

import json
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import msgspec
import pytest

from smartbis_admin.api import bearer
from smartbis_admin.api.capabilities import Resource
from smartbis_admin.api.errors import InDoubt, Refused
from smartbis_admin.api.ports import Token
from smartbis_admin.api.records import (
    UNSET,
    CategoryRecord,
    CustomerRecord,
    Page,
    Record,
    RewardRecord,
    RewardStatus,
    SaleRecord,
    VoucherOrigin,
    VoucherRecord,
    VoucherStatus,
)
from tests.api.support import (
    CODE,
    CPF,
    CUSTOMER_DRAFT,
    SALE_DRAFT,
    Bench,
    MemoryTokens,
    bench,
    reply,
    scripted,
)

PROFILES = ["laravel", "bare", "items"]

CUSTOMER = CustomerRecord(
    remote_id="18231",
    name="Cliente Exemplo Um",
    cpf=CPF,
    phone="+5511988880001",
    email=None,
    birth_date=date(1990, 5, 17),
    points_balance=Decimal("129.9"),
    cashback_balance=Decimal("6.5"),
    created_at=datetime(2026, 3, 1, 14, 5, 9, tzinfo=UTC),
    updated_at=datetime(2026, 3, 2, 11, 0, tzinfo=UTC),
)
CUSTOMERS = {
    "laravel": '{"data":[{"id":18231,"name":"Cliente Exemplo Um","cpf":"52998224725","phone":"11988880001","email":null,"birth_date":"1990-05-17","points_balance":"129.90","cashback_balance":"6.50","created_at":"2026-03-01T14:05:09.000000Z","updated_at":"2026-03-02T11:00:00.000000Z"}],"meta":{"current_page":1,"last_page":1,"per_page":50,"total":1}}',  # noqa: E501
    "bare": '[{"id":18231,"name":"Cliente Exemplo Um","cpf":"529.982.247-25","phone":"(11) 98888-0001","birth_date":"1990-05-17","points_balance":129.9,"cashback_balance":6.5,"created_at":"2026-03-01 11:05:09","updated_at":"2026-03-02 08:00:00","origin_system":"panel"}]',  # noqa: E501
    "items": '{"items":[{"id":"18231","name":"Cliente Exemplo Um","cpf":"52998224725","phone":"+5511988880001","email":null,"birthDate":"1990-05-17","pointsBalance":"129.9","cashbackBalance":"6.5","createdAt":"2026-03-01T11:05:09-03:00","updatedAt":"2026-03-02T08:00:00-03:00","links":{}}],"page":1,"pages":1,"total":1}',  # noqa: E501
}

VOUCHER = VoucherRecord(
    remote_id=CODE,
    status=VoucherStatus.USED,
    customer_remote_id="18231",
    reward_remote_id="41",
    reward_name="Café grátis",
    origin=VoucherOrigin.POINTS,
    value=None,
    minimum_purchase=None,
    issued_at=datetime(2026, 3, 1, 14, 5, 9, tzinfo=UTC),
    starts_at=None,
    expires_at=datetime(2026, 5, 31, 2, 59, 59, tzinfo=UTC),
    used_at=datetime(2026, 3, 5, 17, 31, 40, tzinfo=UTC),
    store="Loja Centro",
)
VALIDATED = {
    "laravel": '{"data":{"code":"VALE-7K2M-9Q","status":"used","customer_id":18231,"coupon_id":41,"coupon_name":"Café grátis","origin":"points","value":null,"minimum_purchase":null,"issued_at":"2026-03-01T14:05:09.000000Z","starts_at":null,"expires_at":"2026-05-31T02:59:59.000000Z","used_at":"2026-03-05T17:31:40.000000Z","store":"Loja Centro"}}',  # noqa: E501
    "bare": '{"code":"VALE-7K2M-9Q","status":"used","used_at":"2026-03-05 14:31:40"}',
    "items": '{"voucher":{"code":"VALE-7K2M-9Q","status":"USED","customerId":"18231","couponId":"41","couponName":"Café grátis","origin":"POINTS","value":null,"minimumPurchase":null,"issuedAt":"2026-03-01T11:05:09-03:00","startsAt":null,"expiresAt":"2026-05-30","usedAt":"2026-03-05T14:31:40-03:00","store":{"id":"7","name":"Loja Centro"},"links":{}}}',  # noqa: E501
}
VOUCHERS = {
    "laravel": '{"data":['
    + VALIDATED["laravel"][8:-1]
    + '],"meta":{"current_page":1,"last_page":1,"per_page":50,"total":1}}',
    "bare": '[{"code":"VALE-7K2M-9Q","status":"used","customer_id":18231,"coupon_id":41,"coupon_name":"Café grátis","origin":"points","issued_at":"2026-03-01 11:05:09","expires_at":"2026-05-30 23:59:59","used_at":"2026-03-05 14:31:40","store":"Loja Centro"}]',  # noqa: E501
    "items": '{"items":[' + VALIDATED["items"][11:-1] + '],"page":1,"pages":1,"total":1}',
}

REWARD = RewardRecord(
    remote_id="41",
    name="Café grátis",
    description="Um café coado.",
    image_url=None,
    category_remote_id="3",
    points_required=Decimal(80),
    stock=25,
    limit_per_customer=1,
    starts_at=datetime(2026, 3, 1, 3, 0, tzinfo=UTC),
    ends_at=datetime(2026, 6, 1, 2, 59, 59, tzinfo=UTC),
    rules="Um por cliente.",
    status=RewardStatus.ACTIVE,
    updated_at=datetime(2026, 3, 1, 14, 5, 9, tzinfo=UTC),
)
COUPON = {
    "laravel": '{"id":41,"name":"Café grátis","description":"Um café coado.","image_url":null,"category_id":3,"points_required":"80.00","stock":25,"limit_per_customer":1,"starts_at":"2026-03-01T03:00:00.000000Z","ends_at":"2026-06-01T02:59:59.000000Z","rules":"Um por cliente.","status":"active","updated_at":"2026-03-01T14:05:09.000000Z"}',  # noqa: E501
    "bare": '{"id":41,"name":"Café grátis","description":"Um café coado.","category_id":3,"points_required":80,"stock":25,"limit_per_customer":1,"starts_at":"2026-03-01 00:00:00","ends_at":"2026-05-31 23:59:59","rules":"Um por cliente.","status":"active","updated_at":"2026-03-01 11:05:09"}',  # noqa: E501
    "items": '{"id":"41","name":"Café grátis","description":"Um café coado.","imageUrl":null,"categoryId":"3","pointsRequired":"80","stock":25,"limitPerCustomer":1,"startsAt":"2026-03-01T00:00:00-03:00","endsAt":"2026-05-31","rules":"Um por cliente.","status":"ACTIVE","updatedAt":"2026-03-01T11:05:09-03:00","links":{}}',  # noqa: E501
}

SALE = SaleRecord(
    remote_id="90017",
    customer_remote_id="18231",
    sale_amount=Decimal("129.9"),
    cashback_amount=Decimal("6.5"),
    points_earned=Decimal("129.9"),
    vouchers=[],
    created_at=datetime(2026, 3, 1, 14, 5, 9, tzinfo=UTC),
)
SALE_REPLY = {
    "laravel": '{"data":{"id":90017,"customer_id":18231,"sale_amount":"129.90","cashback_amount":"6.50","points_earned":"129.90","vouchers":[],"created_at":"2026-03-01T14:05:09.000000Z"}}',  # noqa: E501
    "bare": '{"id":90017,"customer_id":18231,"sale_amount":129.9,"cashback_amount":6.5,"points_earned":129.9,"created_at":"2026-03-01 11:05:09"}',  # noqa: E501
    "items": '{"sale":{"id":"90017","customerId":"18231","saleAmount":"129.9","cashbackAmount":"6.5","pointsEarned":"129.9","vouchers":[],"createdAt":"2026-03-01T11:05:09-03:00","links":{}}}',  # noqa: E501
}

CATEGORY = CategoryRecord(remote_id="3", name="Bebidas", created_at=datetime(2026, 2, 1, 12, 0, tzinfo=UTC))
CATEGORY_ROW = {
    "laravel": '{"id":3,"name":"Bebidas","created_at":"2026-02-01T12:00:00.000000Z"}',
    "bare": '{"id":3,"name":"Bebidas","created_at":"2026-02-01 09:00:00"}',
    "items": '{"id":"3","name":"Bebidas","createdAt":"2026-02-01T09:00:00-03:00","links":{}}',
}


def as_list(profile: str, row: str) -> str:
    return {
        "laravel": '{"data":[%s],"meta":{"current_page":1,"last_page":1,"per_page":50,"total":1}}',
        "bare": "[%s]",
        "items": '{"items":[%s],"page":1,"pages":1,"total":1}',
    }[profile] % row


def as_single(profile: str, row: str, singular: str) -> str:
    return {"laravel": '{"data":%s}', "bare": "%s", "items": '{"' + singular + '":%s}'}[profile] % row


def without(record: Record, *left_out: str) -> Record:
    """The record as a profile gives it that leaves empty fields out."""
    return msgspec.structs.replace(record, **dict.fromkeys(left_out, UNSET))


def answered(body: str, act: Any, *, status: int = 200) -> Any:
    with scripted(reply(status, body.encode())) as server, bench(server.url) as it:
        return act(it)


def fetched(body: str, resource: Resource) -> Page[Any]:
    page: Page[Any] = answered(body, lambda it: it.client.walk(resource).fetch())
    return page


LISTS = {
    "customers": (Resource.CUSTOMERS, CUSTOMERS, CUSTOMER, ("email",)),
    "vouchers": (Resource.VOUCHERS, VOUCHERS, VOUCHER, ("value", "minimum_purchase", "starts_at")),
    "coupons": (
        Resource.REWARDS,
        {profile: as_list(profile, COUPON[profile]) for profile in PROFILES},
        REWARD,
        ("image_url",),
    ),
    "categories": (
        Resource.CATEGORIES,
        {profile: as_list(profile, CATEGORY_ROW[profile]) for profile in PROFILES},
        CATEGORY,
        (),
    ),
}


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize("name", LISTS)
def test_list(name: str, profile: str) -> None:
    resource, bodies, record, empty = LISTS[name]
    page = fetched(bodies[profile], resource)
    expected = without(record, *empty) if profile == "bare" else record
    assert page.records == [expected]
    assert page.issues == []
    assert page.row_count == 1
    assert page.number == 1
    assert page.total == (None if profile == "bare" else 1)
    extras = {
        "laravel": {},
        "bare": {"origin_system": 1} if name == "customers" else {},
        "items": {"links": 1},
    }
    assert page.unknown_fields == extras[profile]
    assert page.missing_fields == (frozenset(empty) if profile == "bare" else frozenset())


@pytest.mark.parametrize("profile", PROFILES)
def test_find_customers(profile: str) -> None:
    found = answered(CUSTOMERS[profile], lambda it: it.client.find_customers(cpf="529.982.247-25"))
    assert found.matches == [without(CUSTOMER, "email") if profile == "bare" else CUSTOMER]
    assert found.filter_honoured is True


@pytest.mark.parametrize("profile", PROFILES)
def test_filter_that_was_ignored_is_told(profile: str) -> None:
    found = answered(CUSTOMERS[profile], lambda it: it.client.find_customers(cpf="111.444.777-35"))
    assert found.matches == []
    assert found.filter_honoured is False


@pytest.mark.parametrize("profile", PROFILES)
def test_nobody_by_that_cpf(profile: str) -> None:
    empty = as_list(profile, "").replace('"total":1', '"total":0')
    found = answered(empty, lambda it: it.client.find_customers(cpf=CPF))
    assert found.matches == []
    assert found.filter_honoured is True


def test_row_without_readable_cpf_proves_nothing() -> None:
    body = '[{"id":1,"name":"Um","cpf":"123"}]'
    found = answered(body, lambda it: it.client.find_customers(cpf=CPF))
    assert (found.matches, found.filter_honoured) == ([], False)


@pytest.mark.parametrize("profile", PROFILES)
def test_create_customer(profile: str) -> None:
    row = json.dumps(
        (json.loads(CUSTOMERS[profile]).get("data") or json.loads(CUSTOMERS[profile]).get("items"))[0]
        if profile != "bare"
        else json.loads(CUSTOMERS[profile])[0]
    )
    made = answered(
        as_single(profile, row, "customer"),
        lambda it: it.client.create_customer(CUSTOMER_DRAFT),
        status=200 if profile == "bare" else 201,
    )
    assert made == (without(CUSTOMER, "email") if profile == "bare" else CUSTOMER)


@pytest.mark.parametrize("profile", PROFILES)
def test_register_sale(profile: str) -> None:
    made = answered(SALE_REPLY[profile], lambda it: it.client.register_sale(SALE_DRAFT), status=201)
    assert made == (without(SALE, "vouchers") if profile == "bare" else SALE)


@pytest.mark.parametrize("profile", PROFILES)
def test_sale_that_issued_a_voucher(profile: str) -> None:
    voucher = {
        "laravel": VALIDATED["laravel"][8:-1],
        "bare": VOUCHERS["bare"][1:-1],
        "items": VALIDATED["items"][11:-1],
    }[profile]
    body = json.loads(SALE_REPLY[profile])
    sale = body.get("data") or body.get("sale") or body
    sale["vouchers"] = [json.loads(voucher), {"status": "issued"}]
    made = answered(json.dumps(body), lambda it: it.client.register_sale(SALE_DRAFT))
    empty = ("value", "minimum_purchase", "starts_at")
    assert made.vouchers == [without(VOUCHER, *empty) if profile == "bare" else VOUCHER]


@pytest.mark.parametrize("profile", PROFILES)
def test_validate_voucher(profile: str) -> None:
    done = answered(VALIDATED[profile], lambda it: it.client.validate_voucher(code=CODE))
    if profile == "bare":
        assert done == VoucherRecord(remote_id=CODE, status=VoucherStatus.USED, used_at=VOUCHER.used_at)
    else:
        assert done == VOUCHER


@pytest.mark.parametrize("profile", PROFILES)
@pytest.mark.parametrize(("word", "alert"), [("issued", "dry_run"), ("consumido", "dry_run"), ("", "")])
def test_validation_that_did_not_consume_is_in_doubt(profile: str, word: str, alert: str) -> None:
    body = json.loads(VALIDATED[profile])
    voucher = body.get("data") or body.get("voucher") or body
    if word:
        voucher["status"] = word.upper() if profile == "items" else word
    else:
        del voucher["status"]
    with pytest.raises(InDoubt) as raised:
        answered(json.dumps(body), lambda it: it.client.validate_voucher(code=CODE))
    assert raised.value.alert == alert


def test_status_alone_is_enough_to_doubt() -> None:
    with pytest.raises(InDoubt) as raised:
        answered('{"status":"issued"}', lambda it: it.client.validate_voucher(code=CODE))
    assert raised.value.alert == "dry_run"


@pytest.mark.parametrize("profile", PROFILES)
def test_set_stock(profile: str) -> None:
    if profile == "bare":
        assert (
            answered("", lambda it: it.client.set_stock(reward_remote_id="41", stock=25), status=204) is None
        )
        return
    body = as_single(profile, COUPON[profile], "coupon")
    assert answered(body, lambda it: it.client.set_stock(reward_remote_id="41", stock=25)) == REWARD


@pytest.mark.parametrize("profile", PROFILES)
def test_create_category(profile: str) -> None:
    body = as_single(profile, CATEGORY_ROW[profile], "category")
    made = answered(body, lambda it: it.client.create_category(name="Bebidas"), status=201)
    assert made == CATEGORY


# --- Refusals ---------------------------------------------------------------------------------------
USED = {
    "laravel": '{"message":"Voucher já utilizado.","code":"voucher_used","used_at":"2026-03-05T17:31:40.000000Z"}',
    "bare": '{"error":"Voucher já utilizado."}',
    "items": '{"error":{"code":"VOUCHER_USED","message":"Voucher já utilizado.","fields":[],"usedAt":"2026-03-05T14:31:40-03:00"}}',  # noqa: E501
}
DUPLICATE = {
    "laravel": '{"message":"Os dados informados são inválidos.","code":"customer_duplicate_cpf","errors":{"cpf":["Este CPF já está cadastrado."]}}',  # noqa: E501
    "bare": '{"error":"Os dados informados são inválidos."}',
    "items": '{"error":{"code":"CUSTOMER_DUPLICATE_CPF","message":"Os dados informados são inválidos.","fields":[{"field":"cpf","messages":["Este CPF já está cadastrado."]}]}}',  # noqa: E501
}
BAD_SALE = {
    "laravel": '{"message":"Inválido.","code":"validation_failed","errors":{"sale_amount":["Maior que zero."],"customer_id":"Um só."}}',  # noqa: E501
    "items": '{"error":{"code":"VALIDATION_FAILED","message":"Inválido.","fields":[{"field":"saleAmount","messages":["Maior que zero."]},{"field":"customerId","message":"Um só."}]}}',  # noqa: E501
}


def refusal(body: str, act: Any) -> Refused:
    with pytest.raises(Refused) as raised:
        answered(body, act, status=422)
    assert raised.value.status == 422
    return raised.value


@pytest.mark.parametrize("profile", PROFILES)
def test_voucher_used(profile: str) -> None:
    refused = refusal(USED[profile], lambda it: it.client.validate_voucher(code=CODE))
    assert refused.message == "Voucher já utilizado."
    # Without a code the reason stays unknown: a message is never parsed.
    assert refused.code == ("unknown" if profile == "bare" else "voucher_used")
    assert refused.used_at == (None if profile == "bare" else VOUCHER.used_at)


@pytest.mark.parametrize("profile", PROFILES)
def test_duplicate_cpf(profile: str) -> None:
    refused = refusal(DUPLICATE[profile], lambda it: it.client.create_customer(CUSTOMER_DRAFT))
    assert refused.message == "Os dados informados são inválidos."
    bare = profile == "bare"
    assert refused.code == ("unknown" if bare else "customer_duplicate_cpf")
    assert refused.fields == ({} if bare else {"cpf": ["Este CPF já está cadastrado."]})


@pytest.mark.parametrize("profile", BAD_SALE)
def test_field_messages_come_under_our_names(profile: str) -> None:
    refused = refusal(BAD_SALE[profile], lambda it: it.client.register_sale(SALE_DRAFT))
    assert refused.code == "validation_failed"
    assert refused.fields == {"amount": ["Maior que zero."], "customer_remote_id": ["Um só."]}


@pytest.mark.parametrize(
    ("body", "message", "code"),
    [
        ('{"message":"a","error":"b","detail":"c"}', "a", "unknown"),
        ('{"error":"b","detail":"c"}', "b", "unknown"),
        ('{"detail":"c"}', "c", "unknown"),
        ('{"code":"VOUCHER_EXPIRED"}', "", "voucher_expired"),
        ('{"message":"a","code":422}', "a", "unknown"),
        ('{"message":"a","code":"brand_new"}', "a", "unknown"),
        ('{"error":{"message":"b","code":"voucher_cancelled"}}', "b", "voucher_cancelled"),
        ('{"errors":{"name":["Campo obrigatório."]}}', "", "unknown"),
        ('{"message":"a","code":"voucher_used","used_at":"ontem"}', "a", "voucher_used"),
    ],
)
def test_error_shapes(body: str, message: str, code: str) -> None:
    refused = refusal(body, lambda it: it.client.validate_voucher(code=CODE))
    assert (refused.message, refused.code, refused.used_at) == (message, code, None)


# --- Tokens -----------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("body", "lifetime"),
    [
        ('{"access_token":"sbx.8f1c2a","token_type":"Bearer","expires_in":3600}', 3600),
        ('{"access_token":"sbx.8f1c2a"}', 600),
        ('{"access_token":"sbx.8f1c2a","expires_in":"1800"}', 1800),
        ('{"access_token":"sbx.8f1c2a","expires_in":null}', 600),
        ('{"access_token":"sbx.8f1c2a","expires_in":-5}', 600),
        ('{"access_token":"sbx.8f1c2a","expires_in":999999999999}', 86_400),
    ],
)
def test_token(body: str, lifetime: int) -> None:
    before = datetime.now(UTC)
    token = answered(body, lambda it: it.client.fetch_token())
    assert token.value == "sbx.8f1c2a"
    assert 0 <= (token.expires_at - before).total_seconds() - lifetime < 5
    assert "sbx" not in repr(token)


def test_absolute_end_of_a_token_is_read_against_the_platforms_clock() -> None:
    """Their clock is a year ahead; the lifetime of one hour must come out all the same."""
    date_header = {"Date": "Mon, 01 Mar 2027 12:00:00 GMT"}
    body = {"access_token": "sbx.8f1c2a", "expiresAt": "2027-03-01T10:00:00-03:00"}
    before = datetime.now(UTC)
    with scripted(reply(200, body, headers=date_header)) as server, bench(server.url) as it:
        token = it.client.fetch_token()
        assert it.client.clock_skew is not None
        expected = datetime(2027, 3, 1, 12, 0, tzinfo=UTC) - before
        assert abs(it.client.clock_skew - expected.total_seconds()) < 5
    assert 0 <= (token.expires_at - before).total_seconds() - 3600 < 5


@pytest.mark.parametrize("seconds_left", [-1, 59])
def test_token_near_its_end_is_renewed_before_use(seconds_left: int) -> None:
    body = '{"access_token":"new","expires_in":3600}'
    with scripted(reply(200, body.encode()), reply(200, [])) as server, bench(server.url) as it:
        assert it.tokens.token is not None
        it.tokens.token = msgspec.structs.replace(
            it.tokens.token,
            expires_at=datetime.fromtimestamp(datetime.now(UTC).timestamp() + seconds_left, UTC),
        )
        it.client.walk(Resource.CATEGORIES).fetch()
        assert it.tokens.rejected == [None]
        assert server.requests[1].headers["authorization"] == "Bearer new"


def test_a_token_is_trusted_for_a_moment_and_a_refused_one_is_not(monkeypatch: pytest.MonkeyPatch) -> None:
    """Another process may have replaced it: after two seconds it is looked up again, after a 401 at once."""
    now = 0.0
    monkeypatch.setattr(bearer.time, "monotonic", lambda: now)
    store = MemoryTokens(Token("first", datetime.now(UTC) + timedelta(hours=1)))
    ours = bearer.BearerTokens(store, fetch=lambda: Token("third", datetime.now(UTC) + timedelta(hours=1)))

    def sent(rejected: str | None = None) -> str:
        return ours.header(rejected)[1]

    assert sent() == "Bearer first"
    store.token = Token("second", datetime.now(UTC) + timedelta(hours=1))
    now = 1.9
    assert sent() == "Bearer first"
    now = 2.0
    assert (sent(), store.rejected) == ("Bearer second", [])
    assert (sent("Bearer second"), store.rejected) == ("Bearer third", ["second"])
    assert sent() == "Bearer third"


# --- Rows -------------------------------------------------------------------------------------------
def page_of(it: Bench, resource: Resource = Resource.CUSTOMERS) -> Page[Any]:
    page = it.client.walk(resource).fetch()
    assert page is not None
    return page


BAD_ROWS = {
    "id_missing": ('{"name":"X"}', None, "id", "missing"),
    "id_null": ('{"id":null,"name":"X"}', None, "remote_id", "not_an_id"),
    "id_object": ('{"id":{},"name":"X"}', None, "remote_id", "not_an_id"),
    "id_true": ('{"id":true,"name":"X"}', None, "remote_id", "not_an_id"),
    "id_fraction": ('{"id":1.5,"name":"X"}', None, "remote_id", "not_an_id"),
    "id_blank": ('{"id":"","name":"X"}', None, "remote_id", "not_an_id"),
    "name_missing": ('{"id":2}', "2", "name", "missing"),
    "name_number": ('{"name":7,"id":2}', "2", "name", "not_text"),
    "balance_text": ('{"id":2,"name":"X","points_balance":"muitos"}', "2", "points_balance", "not_a_number"),
    "balance_object": ('{"points_balance":{},"name":"X","id":2}', "2", "points_balance", "not_a_number"),
    "balance_huge": (
        '{"id":2,"name":"X","points_balance":1e99}',
        "2",
        "points_balance",
        "number_out_of_range",
    ),
    "time_wrong": ('{"id":2,"name":"X","created_at":"ontem"}', "2", "created_at", "not_a_time"),
    "time_number": ('{"id":2,"name":"X","created_at":1772373909}', "2", "created_at", "not_a_time"),
    "date_wrong": ('{"id":2,"name":"X","birth_date":"17/05/1990"}', "2", "birth_date", "not_a_date"),
    "email_list": ('{"id":2,"name":"X","email":[]}', "2", "email", "not_text"),
    "not_an_object": ("7", None, "", "not_an_object"),
    "null": ("null", None, "", "not_an_object"),
    "not_utf8": ('{"id":2,"name":"\udcff"}', None, "", "not_json"),
    "number_beyond": ('{"id":2,"name":"X","points_balance":1E99999999999999999999}', None, "", "not_json"),
}


@pytest.mark.parametrize("case", BAD_ROWS)
@pytest.mark.parametrize("profile", PROFILES)
def test_one_bad_row_is_one_issue(profile: str, case: str) -> None:
    row, remote_id, field, problem = BAD_ROWS[case]
    good = '{"id":1,"name":"Um"}'
    body = as_list(profile, f"{good},{row},{good.replace('1', '3')}").encode("utf-8", "surrogateescape")
    with scripted(reply(200, body)) as server, bench(server.url) as it:
        page = page_of(it)
    assert [record.remote_id for record in page.records] == ["1", "3"]
    assert page.row_count == 3
    assert len(page.issues) == 1
    issue = page.issues[0]
    assert (issue.remote_id, issue.field, issue.problem, issue.row_lost) == (remote_id, field, problem, True)


@pytest.mark.parametrize(
    ("row", "field", "problem"),
    [
        ('{"id":1,"name":"Um","cpf":"111.444.777-36"}', "cpf", "invalid_cpf"),
        ('{"id":1,"name":"Um","cpf":"00000000000"}', "cpf", "invalid_cpf"),
        ('{"id":1,"name":"Um","phone":"123"}', "phone", "invalid_phone"),
    ],
)
def test_dirty_value_is_left_out_and_the_row_is_kept(row: str, field: str, problem: str) -> None:
    with scripted(reply(200, f"[{row}]".encode())) as server, bench(server.url) as it:
        page = page_of(it)
    assert page.records == [CustomerRecord(remote_id="1", name="Um")]
    assert [(issue.field, issue.problem, issue.row_lost) for issue in page.issues] == [
        (field, problem, False)
    ]


def test_name_that_is_null_keeps_the_row() -> None:
    with scripted(reply(200, b'[{"id":1,"name":null}]')) as server, bench(server.url) as it:
        page = page_of(it)
    assert page.records == [CustomerRecord(remote_id="1", name="")]
    assert [(issue.field, issue.problem, issue.row_lost) for issue in page.issues] == [
        ("name", "null", False)
    ]


def test_unknown_status_word_is_kept_as_text() -> None:
    body = b'[{"code":"A","status":"Bloqueado","origin":"sorteio"}]'
    with scripted(reply(200, body)) as server, bench(server.url) as it:
        page = page_of(it, Resource.VOUCHERS)
    assert page.issues == []
    assert page.records == [
        VoucherRecord(
            remote_id="A", status=VoucherStatus.UNKNOWN, status_word="Bloqueado", origin=VoucherOrigin.UNKNOWN
        )
    ]


def test_status_that_is_null_is_left_out_and_told() -> None:
    with (
        scripted(reply(200, b'[{"code":"A","status":null,"origin":null}]')) as server,
        bench(server.url) as it,
    ):
        page = page_of(it, Resource.VOUCHERS)
    assert page.records == [VoucherRecord(remote_id="A")]
    assert [(issue.field, issue.problem, issue.row_lost) for issue in page.issues] == [
        ("status", "null", False),
        ("origin", "null", False),
    ]


def test_null_differs_from_absent_and_zero() -> None:
    body = b'[{"id":1,"name":"a","stock":null},{"id":2,"name":"b"},{"id":3,"name":"c","stock":0}]'
    with scripted(reply(200, body)) as server, bench(server.url) as it:
        page = page_of(it, Resource.REWARDS)
    assert [record.stock for record in page.records] == [None, UNSET, 0]


def test_names_that_look_like_values_are_not_reported() -> None:
    row = b'{"id":1,"name":"a","52998224725":1,"um@cliente.example":2,"extra":3}'
    body = b"[" + row + b',{"id":2,"name":"b","extra":4}]'
    with scripted(reply(200, body)) as server, bench(server.url) as it:
        page = page_of(it)
    assert page.unknown_fields == {"…": 2, "extra": 2}


@pytest.mark.parametrize(
    "body",
    [
        '{"data":[{"id":1,"name":"Um"}]}',
        '{"items":[{"id":1,"name":"Um"}]}',
        '{"results":[{"id":1,"name":"Um"}]}',
        '{"customers":[{"id":1,"name":"Um"}]}',
        ' [ {"id":1,"name":"Um"} ] ',
        '{"data":{"id":1,"name":"Um"}}',
        '{"item":{"id":1,"name":"Um"}}',
        '{"result":{"id":1,"name":"Um"}}',
        '{"customer":{"id":1,"name":"Um"}}',
        '{"id":1,"name":"Um"}',
        '{"data" : \n [{"id":"1","name":"Um"}]}',
    ],
)
def test_every_envelope_of_a_list(body: str) -> None:
    assert fetched(body, Resource.CUSTOMERS).records == [CustomerRecord(remote_id="1", name="Um")]


@pytest.mark.parametrize("wrapper", ["%s", '{"data":%s}', '{"item":%s}', '{"result":%s}', '{"category":%s}'])
def test_every_envelope_of_a_single_object(wrapper: str) -> None:
    body = wrapper % '{"id":3,"name":"Bebidas"}'
    made = answered(body, lambda it: it.client.create_category(name="Bebidas"))
    assert made == CategoryRecord(remote_id="3", name="Bebidas")


@pytest.mark.parametrize("profile", PROFILES)
def test_probe(profile: str) -> None:
    probe = answered(CUSTOMERS[profile], lambda it: it.client.probe(Resource.CUSTOMERS))
    described = {
        "id", "name", "cpf", "phone", "email", "birth_date", "points_balance", "cashback_balance",
        "created_at", "updated_at",
    }  # fmt: skip
    left_out = {"email"} if profile == "bare" else set()
    assert probe.status == 200
    assert probe.row_count == 1
    assert probe.recognised == described - left_out
    assert probe.missing == left_out
    assert probe.unknown == {"laravel": {}, "bare": {"origin_system": 1}, "items": {"links": 1}}[profile]
    assert probe.latency_ms >= 0
    assert len(probe.reference) == 8


def test_probe_of_an_empty_list_calls_nothing_missing() -> None:
    probe = answered("[]", lambda it: it.client.probe(Resource.CUSTOMERS))
    assert (probe.row_count, probe.recognised, probe.missing, probe.unknown) == (
        0,
        frozenset(),
        frozenset(),
        {},
    )
