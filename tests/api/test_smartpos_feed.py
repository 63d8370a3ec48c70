"""What is read from the card machines' bridge: every call against every fault, exact requests, rows of every kind."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
import structlog

from smartbis_admin.api.capabilities import Reading
from smartbis_admin.api.errors import (
    ApiError,
    CursorExpired,
    Malformed,
    Misconfigured,
    NotAllowed,
    RateLimited,
    Refused,
)
from smartbis_admin.api.pos import (
    BadRow,
    FeedPage,
    PosBuyer,
    PosCustomerRecord,
    PosMachineRecord,
    PosMethod,
    PosSaleRecord,
    PosStatus,
)
from tests.api.bridge_support import CLIENT, FEEDS, SALE, SECRET, SECRETS, pos
from tests.api.support import TOKEN, Answer, reply, scripted
from tests.api.test_faults import FAULTS

SALE_RECORD = PosSaleRecord(
    id="pos-000001",
    amount=Decimal("129.90"),
    status=PosStatus.APPROVED,
    sold_at=datetime(2026, 3, 5, 17, 21, 40, tzinfo=UTC),
    machine_id="m-1",
    acquirer="Mercado Pago",
    terminal_serial="TS-0099",
    nsu="000123",
    authorization_code="045611",
    store_id="loja-centro",
    installments=3,
    payment_method=PosMethod.CREDIT,
    customer=PosBuyer(cpf="529.982.247-25", phone="11988880001", name="Ana Lima"),
)


@pytest.mark.parametrize("fault", FAULTS)
@pytest.mark.parametrize("name", FEEDS)
def test_call_against_fault(name: str, fault: str) -> None:
    given = FAULTS[fault]
    kind, reason = given.read
    with (
        scripted(given.answer) as server,
        pos(server.url) as it,
        structlog.testing.capture_logs() as log,
    ):
        with pytest.raises(ApiError) as raised:
            FEEDS[name](it.client)
        attempts = server.connections if given.answer.unread else len(server.requests)
    assert (type(raised.value), raised.value.reason) == (kind, reason)
    assert raised.value.__cause__ is None
    assert raised.value.__context__ is None
    assert attempts == (given.reads or 4) == len(log)
    written = f"{log} {raised.value}"
    assert [secret for secret in SECRETS if secret in written] == []


@pytest.mark.parametrize(
    ("name", "line"),
    [
        ("sales", "GET /v2/v1/sales?limit=500"),
        ("machines", "GET /v2/v1/machines"),
        ("customers", "GET /v2/v1/customers"),
        ("probe", "GET /v2/v1/sales?limit=5"),
    ],
)
def test_requests(name: str, line: str) -> None:
    with scripted(reply(200, [])) as server, pos(server.url) as it:
        FEEDS[name](it.client)
        [request] = server.requests
        assert (request.line, request.body) == (f"{line} HTTP/1.1", b"")
        assert request.headers["authorization"] == f"Bearer {TOKEN}"
        assert it.pace.calls == 1


@pytest.mark.parametrize(
    ("asked", "query"),
    [(0, "limit=1"), (7, "limit=7"), (900, "limit=500")],
)
def test_limit_and_cursor_are_sent_as_they_may_be(asked: int, query: str) -> None:
    with scripted(reply(200, [])) as server, pos(server.url) as it:
        it.client.sales(cursor="a/b=", limit=asked)
        assert server.requests[0].line == f"GET /v2/v1/sales?{query}&cursor=a%2Fb%3D HTTP/1.1"


# --- Authorising ------------------------------------------------------------------------------------------
GRANTED = reply(200, {"access_token": "fresh", "token_type": "Bearer", "expires_in": 3600})


@pytest.mark.parametrize("name", FEEDS)
def test_a_401_authorises_once_and_repeats_once(name: str) -> None:
    with scripted(reply(401), GRANTED, reply(200, [])) as server, pos(server.url) as it:
        FEEDS[name](it.client)
        first, asked, second = server.requests
        assert first.line == second.line
        assert asked.line == "POST /v2/v1/authorize HTTP/1.1"
        assert asked.body == (
            f'{{"client_id":"{CLIENT}","client_secret":"{SECRET}","grant_type":"client_credentials"}}'.encode()
        )
        assert "authorization" not in asked.headers
        assert second.headers["authorization"] == "Bearer fresh"
        assert it.slept == []


@pytest.mark.parametrize("name", FEEDS)
def test_a_second_401_is_final(name: str) -> None:
    with scripted(reply(401), GRANTED, reply(401)) as server, pos(server.url) as it:
        with pytest.raises(NotAllowed) as raised:
            FEEDS[name](it.client)
        assert (raised.value.reason, len(server.requests)) == ("credentials", 3)


@pytest.mark.parametrize(
    ("answer", "kind"),
    [
        (reply(401, {"error": "invalid_client"}), NotAllowed),
        (reply(400, {"error": "invalid_client"}), NotAllowed),
        (reply(200, b"<html>"), Misconfigured),
        (reply(200, {"access_token": "a b"}), Misconfigured),
        (reply(200, {"token": "x"}), Misconfigured),
        (reply(200, []), Misconfigured),
    ],
)
def test_a_token_that_cannot_be_had(answer: Answer, kind: type[ApiError]) -> None:
    with scripted(answer) as server, pos(server.url, token="") as it:
        with pytest.raises(kind):
            it.client.machines()
        assert [request.line for request in server.requests] == ["POST /v2/v1/authorize HTTP/1.1"]


# --- Pace -------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("name", FEEDS)
def test_a_429_waits_as_told_and_holds_the_others_back(name: str) -> None:
    slow = reply(429, headers={"Retry-After": "7"})
    with scripted(slow, reply(200, [])) as server, pos(server.url) as it:
        FEEDS[name](it.client)
        assert (it.slept, it.pace.penalties, it.pace.calls) == ([7.0], [7.0], 2)


def test_a_429_that_lasts_says_how_long_to_wait() -> None:
    with scripted(reply(429, headers={"Retry-After": "30"})) as server, pos(server.url) as it:
        with pytest.raises(RateLimited) as raised:
            it.client.sales(cursor=None)
        assert (raised.value.retry_after, len(server.requests)) == (30.0, 3)


# --- Cursors ----------------------------------------------------------------------------------------------
@pytest.mark.parametrize("body", [b"", b"<html>gone</html>", {"error": "cursor_expired", "message": "velho"}])
@pytest.mark.parametrize("name", ["sales", "customers"])
def test_a_cursor_that_is_too_old(name: str, body: Any) -> None:
    with scripted(reply(410, body)) as server, pos(server.url) as it:
        with pytest.raises(CursorExpired) as raised:
            getattr(it.client, name)(cursor="old")
        assert len(server.requests) == 1
        assert (raised.value.reason, raised.value.__context__) == ("cursor", None)


def test_what_is_refused_otherwise_is_told() -> None:
    with scripted(reply(400, {"error": "bad_cursor", "message": "Cursor inválido."})) as server:
        with pos(server.url) as it, pytest.raises(Refused) as raised:
            it.client.sales(cursor="x")
        assert (raised.value.status, raised.value.message) == (400, "Cursor inválido.")


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"sales": [], "next_cursor": "c2"}, "c2"),
        ({"sales": [], "nextCursor": "c2"}, "c2"),
        ({"sales": [], "next_cursor": 42}, "42"),
        ({"sales": [], "next_cursor": None}, None),
        ({"sales": [], "next_cursor": ""}, None),
        ({"sales": []}, None),
        # Asked again with the same cursor for ever: there is nothing further now.
        ({"sales": [], "next_cursor": "c1"}, None),
        ({"data": [], "next_cursor": "c2"}, "c2"),
        ([], None),
    ],
)
def test_where_a_feed_goes_on(body: Any, expected: str | None) -> None:
    with scripted(reply(200, body)) as server, pos(server.url) as it:
        assert it.client.sales(cursor="c1") == FeedPage([], [], expected)


@pytest.mark.parametrize("cursor", [True, 1.5, ["c"], {"c": 1}])
def test_a_cursor_of_no_known_kind_is_a_fault_and_not_the_end(cursor: Any) -> None:
    with scripted(reply(200, {"sales": [], "next_cursor": cursor})) as server, pos(server.url) as it:
        with pytest.raises(Malformed) as raised:
            it.client.sales(cursor=None)
        assert raised.value.reason == "unexpected"


@pytest.mark.parametrize("body", [b"", {"message": "manutenção"}, "x", 7, None, {"sales": None}])
@pytest.mark.parametrize("name", FEEDS)
def test_what_is_no_list_is_never_no_data(name: str, body: Any) -> None:
    with scripted(reply(200, body)) as server, pos(server.url) as it, pytest.raises(Malformed):
        FEEDS[name](it.client)


# --- Rows -------------------------------------------------------------------------------------------------
def sales_of(*rows: Any) -> FeedPage[PosSaleRecord]:
    with scripted(reply(200, {"sales": list(rows), "next_cursor": None})) as server, pos(server.url) as it:
        page: FeedPage[PosSaleRecord] = it.client.sales(cursor=None)
    return page


def test_a_sale_as_the_contract_has_it() -> None:
    assert sales_of(SALE) == FeedPage([SALE_RECORD])
    assert repr(SALE_RECORD.customer) == "PosBuyer(…)"


def test_camel_case_unknown_fields_and_numbers_for_text() -> None:
    [record] = sales_of(
        {
            "id": 7,
            "machineId": 12,
            "terminalSerial": "T",
            "authorizationCode": None,
            "storeId": " centro ",
            "amount": 129.9,
            "paymentMethod": "PIX",
            "status": "Approved",
            "soldAt": "2026-03-05T17:21:40Z",
            "tip": "1.00",
        }
    ).records
    assert record == PosSaleRecord(
        id="7",
        amount=Decimal("129.90"),
        status=PosStatus.APPROVED,
        sold_at=datetime(2026, 3, 5, 17, 21, 40, tzinfo=UTC),
        machine_id="12",
        terminal_serial="T",
        store_id="centro",
        payment_method=PosMethod.PIX,
    )
    assert sales_of(SALE | {"tip": 1}, SALE | {"tip": 2}).unknown_fields == {"tip": 2}


@pytest.mark.parametrize(
    ("field", "value", "expected"),
    [
        ("amount", "129,90", {"amount": Decimal("129.90")}),
        ("amount", 130, {"amount": Decimal("130.00")}),
        ("amount", "-5.00", {"amount": Decimal("-5.00")}),
        ("amount", "0", {"amount": Decimal("0.00")}),
        ("status", "canceled", {"status": PosStatus.CANCELLED}),
        ("status", "REFUNDED", {"status": PosStatus.REFUNDED}),
        ("status", "chargeback", {"status": PosStatus.UNKNOWN, "status_word": "chargeback"}),
        ("status", None, {"status": PosStatus.UNKNOWN}),
        ("payment_method", "voucher", {"payment_method": PosMethod.VOUCHER}),
        ("payment_method", "boleto", {"payment_method": PosMethod.UNKNOWN, "payment_word": "boleto"}),
        ("payment_method", None, {"payment_method": PosMethod.UNKNOWN}),
        ("sold_at", "2026-03-05T14:21:40", {}),
        ("sold_at", "2026-03-05", {"sold_at": datetime(2026, 3, 5, 3, tzinfo=UTC)}),
        ("nsu", None, {"nsu": ""}),
        ("nsu", 123, {"nsu": "123"}),
        ("installments", None, {"installments": 1}),
        ("installments", "12", {"installments": 12}),
        ("installments", 0, {"installments": 1}),
        ("customer", None, {"customer": None}),
        ("customer", {}, {"customer": None}),
        ("customer", {"cpf": " ", "name": ""}, {"customer": None}),
        ("customer", "Ana", {"customer": None}),
        ("customer", {"cpf": 52998224725}, {"customer": PosBuyer(cpf="52998224725")}),
        ("customer", {"cpf": ["5"], "email": "A@b.example "}, {"customer": PosBuyer(email="A@b.example")}),
        ("customer", {"name": "x" * 255, "phone": "11"}, {"customer": PosBuyer(phone="11")}),
    ],
)
def test_values_are_read_tolerantly(field: str, value: Any, expected: dict[str, Any]) -> None:
    [record] = sales_of(SALE | {field: value}).records
    assert record == PosSaleRecord(
        **{name: getattr(SALE_RECORD, name) for name in PosSaleRecord.__slots__} | expected
    )


@pytest.mark.parametrize(
    ("change", "bad"),
    [
        ({"id": None}, BadRow(None, "id", "not_an_id")),
        ({"id": ""}, BadRow(None, "id", "not_an_id")),
        ({"id": "  "}, BadRow(None, "id", "not_an_id")),
        ({"id": "x" * 121}, BadRow(None, "id", "too_long")),
        ({"amount": None}, BadRow("pos-000001", "amount", "not_a_number")),
        ({"amount": ""}, BadRow("pos-000001", "amount", "missing")),
        ({"amount": "abc"}, BadRow("pos-000001", "amount", "not_a_number")),
        ({"amount": "10.005"}, BadRow("pos-000001", "amount", "not_in_cents")),
        ({"amount": "10000000000"}, BadRow("pos-000001", "amount", "number_out_of_range")),
        ({"amount": "1e29"}, BadRow("pos-000001", "amount", "number_out_of_range")),
        ({"amount": True}, BadRow("pos-000001", "amount", "not_a_number")),
        ({"sold_at": "05/03/2026 14:21"}, BadRow("pos-000001", "sold_at", "not_a_time")),
        ({"sold_at": ""}, BadRow("pos-000001", "sold_at", "missing")),
        ({"sold_at": 1767225600}, BadRow("pos-000001", "sold_at", "not_a_time")),
        ({"status": 3}, BadRow("pos-000001", "status", "not_a_word")),
        ({"store_id": "x" * 121}, BadRow("pos-000001", "store_id", "too_long")),
        ({"nsu": {"a": 1}}, BadRow("pos-000001", "nsu", "not_text")),
    ],
)
def test_a_bad_row_is_named_and_never_costs_the_others(change: dict[str, Any], bad: BadRow) -> None:
    page = sales_of(SALE | change, SALE | {"id": "pos-000002"})
    assert [record.id for record in page.records] == ["pos-000002"]
    assert page.bad == [bad]


@pytest.mark.parametrize("field", ["id", "amount", "sold_at", "status"])
def test_what_a_sale_cannot_be_without(field: str) -> None:
    row = {name: value for name, value in SALE.items() if name != field}
    known = None if field == "id" else "pos-000001"
    assert sales_of(row).bad == [BadRow(known, field, "missing")]


def test_what_is_no_object_is_a_bad_row() -> None:
    assert sales_of(7, SALE) == FeedPage([SALE_RECORD], [BadRow(None, "", "not_an_object")])


def test_machines() -> None:
    rows = [
        {
            "id": "m-1",
            "acquirer": "Stone",
            "terminal_serial": "S1",
            "label": "Balcão",
            "store_id": "c",
            "active": False,
            "last_seen_at": "2026-03-05T14:00:00-03:00",
        },
        {"id": 2, "label": None, "active": "talvez", "last_seen_at": None},
        {"label": "sem id"},
    ]
    with scripted(reply(200, {"machines": rows})) as server, pos(server.url) as it:
        assert it.client.machines() == FeedPage(
            [
                PosMachineRecord(
                    "m-1", "Stone", "S1", "Balcão", "c", False, datetime(2026, 3, 5, 17, tzinfo=UTC)
                ),
                PosMachineRecord("2"),
            ],
            [BadRow(None, "id", "missing")],
        )


def test_customers() -> None:
    rows = [
        {"id": "c-1", "cpf": "529.982.247-25", "name": "Ana", "updated_at": "2026-03-05T14:00:00-03:00"},
        {"id": "c-2"},
    ]
    with scripted(reply(200, {"customers": rows, "next_cursor": "n"})) as server, pos(server.url) as it:
        assert it.client.customers(cursor=None) == FeedPage(
            [
                PosCustomerRecord(
                    "c-1",
                    cpf="529.982.247-25",
                    name="Ana",
                    updated_at=datetime(2026, 3, 5, 17, tzinfo=UTC),
                ),
                PosCustomerRecord("c-2"),
            ],
            next_cursor="n",
        )


def test_trying_shows_what_was_recognised() -> None:
    with scripted(reply(200, {"sales": [SALE | {"tip": 1}]})) as server, pos(server.url) as it:
        probe = it.client.probe(Reading.POS_SALES)
    assert (probe.row_count, probe.recognised, probe.missing, probe.unknown) == (
        1,
        frozenset(SALE),
        frozenset(),
        {"tip": 1},
    )
