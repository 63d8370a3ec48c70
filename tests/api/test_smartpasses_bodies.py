"""What Smart Passes' replies are read as, and the exact bytes of what is sent there.

The bodies are the examples of the vendor's published text; where it has none, of the contract's tables.
"""

from decimal import Decimal
from typing import Any

import msgspec
import pytest

from smartbis_admin.api.capabilities import Resource
from smartbis_admin.api.errors import Malformed, Refused
from smartbis_admin.api.points import BalanceRecord, OfferDraft, OfferRecord, OfferStatus, PersonDraft
from smartbis_admin.api.records import CustomerRecord
from tests.api.points_support import APP_KEY, OFFER, PERSON, PROGRAM, bench
from tests.api.support import reply, scripted

ANONYMOUS = {
    "id": 1869,
    "firstName": "",
    "lastName": "",
    "email": "",
    "phone": "",
    "points": 0,
    "humanName": "Anónimo #1869",
}
JUAN = {
    "id": 1870,
    "firstName": "Juan",
    "lastName": "Pérez",
    "email": "juan.perez@example.com",
    "phone": "+529994116533",
    "points": 5,
    "humanName": "Juan Pérez",
}
ANONYMOUS_RECORD = CustomerRecord(
    remote_id="1869",
    name="Anónimo #1869",
    first_name=None,
    last_name=None,
    email=None,
    phone=None,
    points_balance=Decimal(0),
)
JUAN_RECORD = CustomerRecord(
    remote_id="1870",
    name="Juan Pérez",
    first_name="Juan",
    last_name="Pérez",
    email="juan.perez@example.com",
    phone="+529994116533",
    points_balance=Decimal(5),
)
COFFEE = {
    "id": "6629146321223680",
    "name": "Café Gratis",
    "description": "Canjea 10 puntos por un café americano.",
    "pointsCost": 10,
    "autoClaim": True,
    "status": "Draft",
}
COFFEE_RECORD = OfferRecord(
    remote_id="6629146321223680",
    name="Café Gratis",
    description="Canjea 10 puntos por un café americano.",
    points_cost=Decimal(10),
    auto_claim=True,
    status=OfferStatus.DRAFT,
)


def test_documented_list_of_customers_is_read_exactly() -> None:
    lists = reply(200, [ANONYMOUS, JUAN])
    with scripted(lists, lists, reply(200, JUAN)) as server, bench("smartpasses", server.url) as it:
        page = it.client.walk(Resource.CUSTOMERS).fetch()
        assert (page.records, page.issues) == ([ANONYMOUS_RECORD, JUAN_RECORD], [])
        assert (page.missing_fields, page.unknown_fields) == (frozenset(), {})
        assert it.client.all(Resource.CUSTOMERS) == [ANONYMOUS_RECORD, JUAN_RECORD]
        assert it.client.read_customer("1870") == JUAN_RECORD


@pytest.mark.parametrize("identifier", [1870, "1870"])
@pytest.mark.parametrize("status", [200, 201])
@pytest.mark.parametrize("in_list", [False, True])
def test_a_new_customer_brings_address_and_number_of_the_card(
    identifier: Any, status: int, in_list: bool
) -> None:
    card = {"url": "https://x.example/c", "serialNumber": "s-1"}
    body = {**JUAN, "id": identifier, "card": [{}, card] if in_list else card}
    with scripted(reply(status, body)) as server, bench("smartpasses", server.url) as it:
        assert it.client.create_person(PERSON) == msgspec.structs.replace(
            JUAN_RECORD, card_url="https://x.example/c", card_serial="s-1"
        )


@pytest.mark.parametrize(
    ("phone", "expected", "issues"),
    [
        ("+52 999 411-6533", "+529994116533", 0),
        ("(11) 98888-0001", "+5511988880001", 0),
        (" ", None, 0),
        ("12", "unset", 1),
        (12, "lost", 1),
    ],
)
def test_phone_of_any_country(phone: Any, expected: str | None, issues: int) -> None:
    with scripted(reply(200, [{**JUAN, "phone": phone}])) as server, bench("smartpasses", server.url) as it:
        page = it.client.walk(Resource.CUSTOMERS).fetch()
    assert len(page.issues) == issues
    if expected == "lost":
        assert page.records == []
    else:
        wanted = msgspec.UNSET if expected == "unset" else expected
        assert page.records[0].phone == wanted


@pytest.mark.parametrize(
    ("word", "status", "kept"),
    [
        ("DRAFT", OfferStatus.DRAFT, msgspec.UNSET),
        ("published", OfferStatus.PUBLISHED, msgspec.UNSET),
        ("Cancelled", OfferStatus.CANCELLED, msgspec.UNSET),
        ("canceled", OfferStatus.CANCELLED, msgspec.UNSET),
        ("Paused", OfferStatus.UNKNOWN, "Paused"),
    ],
)
def test_offers(word: str, status: OfferStatus, kept: Any) -> None:
    rows = [{**COFFEE, "status": word}, {**COFFEE, "id": 2, "autoClaim": "yes"}]
    with scripted(reply(200, rows)) as server, bench("smartpasses", server.url) as it:
        page = it.client.walk(Resource.OFFERS).fetch()
        probe = it.client.probe(Resource.OFFERS)
    assert page.records[0] == msgspec.structs.replace(COFFEE_RECORD, status=status, status_word=kept)
    assert page.records[1].auto_claim is msgspec.UNSET
    assert [(issue.field, issue.row_lost) for issue in page.issues] == [("auto_claim", False)]
    assert (probe.row_count, probe.missing, probe.unknown) == (2, frozenset(), {})


@pytest.mark.parametrize("row", ["text", {"firstName": "Ana"}, {**JUAN, "email": 7}])
def test_a_list_with_a_row_that_cannot_be_read_proves_no_absence(row: Any) -> None:
    with scripted(reply(200, [JUAN, row])) as server, bench("smartpasses", server.url) as it:
        with pytest.raises(Malformed) as raised:
            it.client.all(Resource.CUSTOMERS)
        assert raised.value.reason == "unexpected"
        assert it.client.walk(Resource.CUSTOMERS).fetch().records == [JUAN_RECORD]


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"id": 1870, "points": 15}, BalanceRecord(remote_id="1870", points_balance=Decimal(15))),
        ({"points": "15"}, BalanceRecord(remote_id="1870", points_balance=Decimal(15))),
        ({"data": {"points": 15}}, BalanceRecord(remote_id="1870", points_balance=Decimal(15))),
        ({"points": None}, None),
        ({"points": "many"}, None),
    ],
)
def test_added_points_give_the_new_balance(body: Any, expected: BalanceRecord | None) -> None:
    with scripted(reply(200, body)) as server, bench("smartpasses", server.url) as it:
        assert it.client.add_points("1870", 10) == expected


# --- What is sent ------------------------------------------------------------------------------------------------
PERSON_BODY = (
    '{"firstName":"Ana","lastName":"García","email":"ana.garcia@example.com","phone":"+525551234567"}'
)
OFFER_BODY = '{"name":"Café Gratis","description":"Um café.","pointsCost":10,"autoClaim":true}'
SENT: dict[str, tuple[Any, str, str, str]] = {
    "create_person": (lambda client: client.create_person(PERSON), "POST", "customers", PERSON_BODY),
    "update_person": (
        lambda client: client.update_person("18/70", PersonDraft(last_name="García López", phone="")),
        "PUT",
        "customers/18%2F70",
        '{"lastName":"García López","phone":""}',
    ),
    "delete_customer": (lambda client: client.delete_customer("1870"), "DELETE", "customers/1870", ""),
    "add_points": (
        lambda client: client.add_points("1870", 10),
        "POST",
        "customers/1870/points/add",
        '{"points":10}',
    ),
    "create_offer": (lambda client: client.create_offer(OFFER), "POST", "offers", OFFER_BODY),
    "update_offer": (
        lambda client: client.update_offer("7", OfferDraft(auto_claim=False, points_cost=0)),
        "POST",
        "offers/7",
        '{"pointsCost":0,"autoClaim":false}',
    ),
    "publish_offer": (lambda client: client.publish_offer("7"), "POST", "offers/7/publish", ""),
    "cancel_offer": (lambda client: client.cancel_offer("7"), "POST", "offers/7/cancel", ""),
    "delete_offer": (lambda client: client.delete_offer("7"), "DELETE", "offers/7", ""),
}


@pytest.mark.parametrize("name", SENT)
def test_exact_request(name: str) -> None:
    act, method, path, body = SENT[name]
    with scripted(reply(200, {})) as server, bench("smartpasses", server.url) as it:
        act(it.client)
        (request,) = server.requests
    assert request.line == f"{method} /v2/programs/{PROGRAM}/{path} HTTP/1.1"
    assert request.body.decode() == body
    assert request.headers["authorization"] == APP_KEY


REFUSED_HERE: dict[str, tuple[Any, str]] = {
    "nobody": (lambda client: client.create_person(PersonDraft()), "nothing_given"),
    "no_change": (lambda client: client.update_person("1", PersonDraft()), "nothing_given"),
    "phone": (lambda client: client.create_person(PersonDraft(phone="11988880001")), "invalid_phone"),
    "no_points": (lambda client: client.add_points("1", 0), "invalid_points"),
    "take_away": (lambda client: client.add_points("1", -1), "invalid_points"),
    "no_cost": (lambda client: client.create_offer(OfferDraft(name="A")), "invalid_points"),
    "negative_cost": (
        lambda client: client.update_offer("1", OfferDraft(points_cost=-1)),
        "invalid_points",
    ),
    "no_name": (lambda client: client.create_offer(OfferDraft(points_cost=1)), "blank_name"),
    "blank_name": (lambda client: client.update_offer("1", OfferDraft(name=" ")), "blank_name"),
    "same_offer": (lambda client: client.update_offer("1", OfferDraft()), "nothing_given"),
}


@pytest.mark.parametrize("name", REFUSED_HERE)
def test_what_cannot_be_valid_does_not_leave(name: str) -> None:
    act, code = REFUSED_HERE[name]
    with scripted(reply(200, {})) as server, bench("smartpasses", server.url) as it:
        with pytest.raises(Refused) as raised:
            act(it.client)
        assert (raised.value.code, raised.value.status, server.requests) == (code, 0, [])


@pytest.mark.parametrize("status", [400, 422])
def test_a_refusal_names_its_fields(status: int) -> None:
    body = {"message": "Datos no válidos", "errors": [{"field": "firstName", "reasons": ["Muy corto"]}]}
    with scripted(reply(status, body)) as server, bench("smartpasses", server.url) as it:
        with pytest.raises(Refused) as raised:
            it.client.create_person(PERSON)
        assert it.client.clock_skew is None
    assert (raised.value.message, raised.value.status) == ("Datos no válidos", status)
    assert raised.value.fields == {"first_name": ["Muy corto"]}


def test_a_refused_deletion_is_told() -> None:
    answer = reply(422, {"message": "Solo borradores"})
    with scripted(answer) as server, bench("smartpasses", server.url) as it, pytest.raises(Refused) as raised:
        it.client.delete_offer("7")
    assert (raised.value.status, raised.value.message) == (422, "Solo borradores")
