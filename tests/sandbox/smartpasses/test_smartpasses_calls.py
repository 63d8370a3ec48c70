"""Every call of Smart Passes: the exact body when it works, the exact refusal when it does not."""

from typing import Any

import pytest

from sandbox.testing import PROGRAM, SandboxFailed
from tests.sandbox.smartpasses.support import ANA, CAFE, Passes

SHOWN = {"id": 1870, **ANA, "points": 0, "humanName": "Ana García"}
NOBODY = {"firstName": "", "lastName": "", "email": "", "phone": "", "points": 0}
CARD = {
    "url": "https://cards.example/p/1870",
    "serialNumber": "s-1870",
    "passTypeIdentifier": "pass.example.loyalty",
}
DRAFT = {"id": 301, **CAFE, "status": "Draft"}


@pytest.fixture
def furnished(passes: Passes) -> Passes:
    """Ana with five points, somebody anonymous, an offer in each status."""
    passes.act("add_customer", first_name="Ana", last_name="García", phone=ANA["phone"], points=5)
    passes.act("add_customer")
    statuses = ("Draft", "Published", "Cancelled")
    passes.act("add_offer", [{"name": status, "status": status} for status in statuses])
    return passes


# --- Customers --------------------------------------------------------------------------------------------
def test_a_customer_from_first_to_last(passes: Passes) -> None:
    assert passes.get("customers") == []
    made = passes.call("POST", "customers", ANA)
    assert (made.status_code, made.json()) == (200, {**SHOWN, "card": CARD})
    assert passes.get("customers") == [SHOWN]
    assert passes.get("customers/1870") == SHOWN
    changed = passes.call("PUT", "customers/1870", {"lastName": "García López", "points": 25})
    grown = {**SHOWN, "lastName": "García López", "points": 25, "humanName": "Ana García López"}
    assert (changed.status_code, changed.json()) == (200, grown)
    added = passes.call("POST", "customers/1870/points/add", {"points": 10})
    assert (added.status_code, added.json()) == (200, {"id": 1870, "points": 35})
    assert passes.get("customers/1870") == {**grown, "points": 35}
    assert passes.call("DELETE", "customers/1870").status_code == 200
    gone = passes.call("GET", "customers/1870")
    assert (gone.status_code, gone.json()) == (404, {"message": "Not found"})
    assert passes.get("customers") == []
    assert passes.committed() == 4
    # A number is never given twice.
    assert passes.call("POST", "customers", ANA).json()["id"] == 1871


def test_an_anonymous_customer_has_empty_texts_and_a_name_all_the_same(passes: Passes) -> None:
    made = passes.call("POST", "customers", {}).json()
    del made["card"]
    assert made == {"id": 1870, **NOBODY, "humanName": "Anónimo #1870"}
    assert passes.call("POST", "customers", {}).json()["humanName"] == "Anónimo #1871"
    named = passes.call("PUT", "customers/1870", {"firstName": "Bia"}).json()
    assert named == {"id": 1870, **NOBODY, "firstName": "Bia", "humanName": "Bia"}


def test_the_documents_own_example(passes: Passes) -> None:
    """Seed 002, list of customers: the same names and kinds of values, an anonymous customer first."""
    passes.act("add_customer")
    juan = {"first_name": "Juan", "last_name": "Pérez", "email": "j@example.com", "phone": "+529994116533"}
    passes.act("add_customer", {**juan, "points": 5})
    assert passes.get("customers") == [
        {"id": 1870, **NOBODY, "humanName": "Anónimo #1870"},
        {
            "id": 1871,
            "firstName": "Juan",
            "lastName": "Pérez",
            "email": "j@example.com",
            "phone": "+529994116533",
            "points": 5,
            "humanName": "Juan Pérez",
        },
    ]


@pytest.mark.parametrize("method", ["POST", "PUT"])
def test_a_phone_belongs_to_one(furnished: Passes, method: str) -> None:
    before = furnished.everything()
    path = "customers" if method == "POST" else "customers/1871"
    reply = furnished.call(method, path, {"firstName": "Bia", "phone": ANA["phone"]})
    refused = {"message": "Validation failed", "errors": [{"field": "phone", "reasons": ["already taken"]}]}
    assert (reply.status_code, reply.json()) == (422, refused)
    assert (furnished.everything(), furnished.committed()) == (before, 0)
    # One's own phone is no repeat.
    assert furnished.call("PUT", "customers/1870", {"phone": ANA["phone"]}).status_code == 200


# --- Offers -----------------------------------------------------------------------------------------------
def test_an_offer_from_first_to_last(passes: Passes) -> None:
    made = passes.call("POST", "offers", CAFE)
    assert (made.status_code, made.json()) == (200, DRAFT)
    assert passes.get("offers") == [DRAFT]
    changed = passes.call("POST", "offers/301", {"pointsCost": 12})
    assert changed.json() == {**DRAFT, "pointsCost": 12}
    published = passes.call("POST", "offers/301/publish")
    assert published.json() == {**DRAFT, "pointsCost": 12, "status": "Published"}
    assert passes.call("POST", "offers/301", {"name": "Café"}).json()["status"] == "Published"
    cancelled = passes.call("POST", "offers/301/cancel")
    ended = {**DRAFT, "name": "Café", "pointsCost": 12, "status": "Cancelled"}
    assert (cancelled.status_code, cancelled.json()) == (200, ended)
    assert passes.get("offers") == [ended]
    assert passes.committed() == 5


def test_a_draft_can_be_deleted(passes: Passes) -> None:
    least = passes.call("POST", "offers", {"name": "Café", "pointsCost": 0}).json()
    assert least == {**DRAFT, "name": "Café", "pointsCost": 0, "description": "", "autoClaim": False}
    assert passes.call("DELETE", "offers/301").status_code == 200
    assert passes.get("offers") == []


ONLY_DRAFT = "Only offers in Draft status can be {}"
ONLY_PUBLISHED = "Only Published offers can be cancelled"
WRONG = [
    ("POST", "offers/302/publish", None, ONLY_DRAFT.format("published")),
    ("POST", "offers/303/publish", None, ONLY_DRAFT.format("published")),
    ("POST", "offers/301/cancel", None, ONLY_PUBLISHED),
    ("POST", "offers/303/cancel", None, ONLY_PUBLISHED),
    ("DELETE", "offers/302", None, ONLY_DRAFT.format("deleted")),
    ("DELETE", "offers/303", None, ONLY_DRAFT.format("deleted")),
    ("POST", "offers/303", {"name": "Café"}, "A Cancelled offer can not be changed"),
]


@pytest.mark.parametrize(("method", "path", "body", "message"), WRONG)
def test_a_wrong_step_of_an_offer(furnished: Passes, method: str, path: str, body: Any, message: str) -> None:
    before = furnished.everything()
    reply = furnished.call(method, path, body)
    assert (reply.status_code, reply.json()) == (422, {"message": message})
    assert (furnished.everything(), furnished.committed()) == (before, 0)


# --- Refusals ---------------------------------------------------------------------------------------------
ALL_CALLS = [
    ("GET", "customers"),
    ("POST", "customers"),
    ("GET", "customers/1870"),
    ("PUT", "customers/1870"),
    ("DELETE", "customers/1870"),
    ("POST", "customers/1870/points/add"),
    ("GET", "offers"),
    ("POST", "offers"),
    ("POST", "offers/301"),
    ("DELETE", "offers/301"),
    ("POST", "offers/301/publish"),
    ("POST", "offers/301/cancel"),
]


@pytest.mark.parametrize(("method", "path"), ALL_CALLS)
def test_every_call_wants_the_key_and_the_programme(furnished: Passes, method: str, path: str) -> None:
    before = furnished.everything()
    body = {} if method in ("POST", "PUT") else None
    mine = furnished.headers
    for key in ({}, {"Authorization": "Bearer sandbox-app-key"}, {"Authorization": "other"}):
        furnished.headers = key
        reply = furnished.call(method, path, body)
        assert (reply.status_code, reply.json()) == (403, {"message": "Forbidden"})
    furnished.headers, furnished.program = mine, "4886905521176576"
    reply = furnished.call(method, path, body)
    assert (reply.status_code, reply.json()) == (404, {"message": "Not found"})
    furnished.program = PROGRAM
    assert (furnished.everything(), furnished.committed()) == (before, 0)


@pytest.mark.parametrize(
    ("method", "path"),
    [(method, path.replace("1870", "9").replace("301", "9")) for method, path in ALL_CALLS if "/" in path],
)
def test_who_is_not_there_is_not_found(furnished: Passes, method: str, path: str) -> None:
    body = {"points": 1} if path.endswith("/add") else {"name": "x"} if path == "offers/9" else None
    body = {"firstName": "x"} if method == "PUT" else body
    reply = furnished.call(method, path, body if method != "DELETE" else None)
    assert (reply.status_code, reply.json()) == (404, {"message": "Not found"})
    assert furnished.committed() == 0


@pytest.mark.parametrize(
    ("method", "path"), [("GET", "offers/301"), ("PUT", "offers/301"), ("POST", "broadcast"), ("GET", "")]
)
def test_what_nobody_documented_is_not_found(furnished: Passes, method: str, path: str) -> None:
    reply = furnished.call(method, path, {} if method != "GET" else None, checked=False)
    assert (reply.status_code, reply.json()) == (404, {"message": "Not found"})


INTEGER, KNOWN = "must be an integer", "is not a known parameter"
BAD = [
    ("POST", "customers", {"phone": "11988880001"}, {"phone": "has an invalid format"}),
    ("POST", "customers", {"phone": ""}, {"phone": "has an invalid format"}),
    ("POST", "customers", {"firstName": None}, {"firstName": "must be a string"}),
    ("POST", "customers", {"points": 5}, {"points": KNOWN}),
    ("POST", "customers", {"customFields": {}}, {"customFields": KNOWN}),
    ("PUT", "customers/1870", {}, {"body": "must change at least one field"}),
    ("PUT", "customers/1870", {"points": -1}, {"points": "must be between 0 and 1000000000000000"}),
    ("PUT", "customers/1870", {"humanName": "x", "id": 1}, {"humanName": KNOWN, "id": KNOWN}),
    ("POST", "customers/1870/points/add", {}, {"points": "is missing"}),
    ("POST", "customers/1870/points/add", {"points": 0}, {"points": "must be between 1 and 1000000000"}),
    ("POST", "customers/1870/points/add", {"points": "5"}, {"points": INTEGER}),
    ("POST", "customers/1870/points/add", {"points": 1.5}, {"points": INTEGER}),
    ("POST", "offers", {"name": "x"}, {"pointsCost": "is missing"}),
    ("POST", "offers", {**CAFE, "name": ""}, {"name": "must have 1 to 100000 characters"}),
    ("POST", "offers", {**CAFE, "autoClaim": "yes"}, {"autoClaim": "must be a boolean"}),
    ("POST", "offers", {**CAFE, "status": "Published"}, {"status": KNOWN}),
    ("POST", "offers/301", {}, {"body": "must change at least one field"}),
    ("POST", "offers/301/publish", {}, {"body": "must be empty"}),
]


@pytest.mark.parametrize(("method", "path", "body", "errors"), BAD)
def test_a_bad_body_is_refused_by_field(
    furnished: Passes, method: str, path: str, body: Any, errors: dict[str, str]
) -> None:
    before = furnished.everything()
    reply = furnished.call(method, path, body)
    listed = [{"field": field, "reasons": [reason]} for field, reason in errors.items()]
    assert (reply.status_code, reply.json()) == (422, {"message": "Validation failed", "errors": listed})
    assert (furnished.everything(), furnished.committed()) == (before, 0)


@pytest.mark.parametrize(("kind", "data"), [(None, b"{}"), ("text/plain", b"{}"), ("application/json", b"{")])
def test_a_body_is_json_and_says_so(passes: Passes, kind: str | None, data: bytes) -> None:
    headers = {} if kind is None else {"Content-Type": kind}
    reply = passes.call("POST", "customers", data=data, headers=headers)
    assert reply.status_code == 422
    assert passes.everything() == [[], []]


# --- Switches and acts ------------------------------------------------------------------------------------
def test_switches_change_what_is_only_assumed(furnished: Passes) -> None:
    for name, value in (("card_as", "list"), ("id_as", "string"), ("create_status", "201")):
        furnished.switch(name, value)
    furnished.switch("validation_status", "400")
    made = furnished.call("POST", "customers", {"firstName": "Caio"})
    assert (made.status_code, made.json()["id"], made.json()["card"][0]["serialNumber"]) == (
        201,
        "1872",
        "s-1872",
    )
    assert [row["id"] for row in furnished.get("customers")] == ["1870", "1871", "1872"]
    assert furnished.call("POST", "customers/1870/points/add", {"points": 1}).json() == {
        "id": "1870",
        "points": 6,
    }
    assert furnished.call("POST", "offers", CAFE).status_code == 200
    assert furnished.call("POST", "offers", {}).status_code == 400
    assert furnished.call("POST", "offers/303/publish").status_code == 400
    assert furnished.call("GET", "customers/9").status_code == 404


def test_acts(passes: Passes) -> None:
    nobody = passes.act("add_customer", points=7)
    assert (nobody["humanName"], nobody["points"]) == ("Anónimo #1870", 7)
    assert passes.act("set_points", customer_id=1870, points=3)["points"] == 3
    assert passes.act("edit_customer", customer_id=1870, first_name="Bia")["humanName"] == "Bia"
    passes.act("remove_customer", customer_id=1870)
    assert passes.everything() == [[], []]
    for action, args, reason in (
        ("set_points", {"customer_id": 1870, "points": 3}, "Not found"),
        ("set_points", {"customer_id": 1870}, "points is missing"),
        ("add_offer", {"name": "x", "status": "Gone"}, "status must be one of"),
        ("add_customer", {"cpf": "1"}, "unknown arguments: cpf"),
    ):
        with pytest.raises(SandboxFailed, match=reason):
            passes.act(action, args)
    assert passes.everything() == [[], []]
    assert passes.committed() == 0
