"""What Smile says no to, in both editions: the exact refusal, and that nothing changed."""

from typing import Any

import pytest

from sandbox.testing import SandboxServer
from tests.sandbox.smile.support import Smile, error, furnish, ready

# --- Refusals -------------------------------------------------------------------------------------------
SHORT = "The customer does not have enough points."
CHANGE = {"customer_id": 1, "points_change": 5, "description": "x"}
REFUSED = [
    ("GET", "customers/2", None, 404, "The customer could not be found."),
    ("GET", "customers/abc", None, 404, "The customer could not be found."),
    ("GET", "points_products/99", None, 404, "The points product could not be found."),
    ("GET", "points_transactions/1", None, 404, "The points transaction could not be found."),
    ("GET", "rewards", None, 404, "The requested resource could not be found."),
    ("DELETE", "customers/1", None, 404, "The requested resource could not be found."),
    ("GET", "customers?state=gone", None, 400, "state must be one of candidate, member, disabled."),
    ("GET", "customers?updated_at_min=soon", None, 400, "updated_at_min must be an ISO 8601 time."),
    ("GET", "points_products?exchange_type=x", None, 400, "exchange_type must be one of fixed, variable."),
    ("GET", "points_transactions?customer_id=x", None, 400, "customer_id must be an integer."),
    (
        "POST",
        "points_products/99/purchase",
        {"customer_id": 1},
        404,
        "The points product could not be found.",
    ),
    ("POST", "points_products/21/purchase", {"customer_id": 9}, 404, "The customer could not be found."),
    ("POST", "points_products/21/purchase", {}, 400, "customer_id is missing."),
    (
        "POST",
        "points_products/21/purchase",
        {"customer_id": 1, "points_to_spend": 500},
        400,
        "points_to_spend only applies to variable points products.",
    ),
    ("POST", "points_products/22/purchase", {"customer_id": 1}, 400, "points_to_spend is missing."),
    (
        "POST",
        "points_products/22/purchase",
        {"customer_id": 1, "points_to_spend": 250},
        None,
        "points_to_spend must be a multiple of 100.",
    ),
    (
        "POST",
        "points_products/22/purchase",
        {"customer_id": 1, "points_to_spend": 100},
        None,
        "points_to_spend must be at least 200 and at most 600.",
    ),
    (
        "POST",
        "points_products/22/purchase",
        {"customer_id": 1, "points_to_spend": 700},
        None,
        "points_to_spend must be at least 200 and at most 600.",
    ),
    ("POST", "points_transactions", {"points_transaction": {**CHANGE, "points_change": -701}}, None, SHORT),
    (
        "POST",
        "points_transactions",
        {"points_transaction": {**CHANGE, "customer_id": 7}},
        404,
        "The customer could not be found.",
    ),
    (
        "POST",
        "activities",
        {"activity": {"customer_id": 1, "token": "activity_other"}},
        404,
        "The activity type could not be found.",
    ),
    (
        "POST",
        "activities",
        {"activity": {"customer_id": 7, "token": "activity_order"}},
        404,
        "The customer could not be found.",
    ),
]


@pytest.mark.parametrize(("method", "path", "body", "status", "message"), REFUSED)
def test_a_refusal_says_why_and_changes_nothing(
    furnished: Smile, method: str, path: str, body: Any, status: int | None, message: str
) -> None:
    before = furnished.everything()
    reply = furnished.call(method, path, body)
    assert error(reply) == (status or furnished.failed, message)
    assert ("request_id" in reply.json()["error"]) == furnished.current
    assert reply.headers["Content-Type"] == "application/json"
    assert (furnished.everything(), furnished.committed()) == (before, 0)


@pytest.mark.parametrize("key", [None, "", "Bearer", "Bearer nobody", "sandbox_smile_current", "Basic x"])
def test_a_key_is_needed(smile: Smile, key: str | None) -> None:
    smile.headers = {} if key is None else {"Authorization": key}
    reply = smile.call("GET", "customers")
    assert error(reply) == (401, "Invalid credentials.")
    assert "request_id" in reply.json()["error"]


ABSENT = [
    ("GET", "reward_fulfillments"),
    ("GET", "earning_rules"),
    ("GET", "vip_tiers"),
    ("GET", "points_settings"),
    ("POST", "customer_identities/create_or_update"),
]


@pytest.mark.parametrize(("method", "path"), ABSENT)
def test_what_the_older_edition_does_not_have(old_smile: Smile, method: str, path: str) -> None:
    reply = old_smile.call(method, path, {} if method == "POST" else None)
    assert (reply.status_code, reply.json()) == (
        404,
        {"error": {"message": "The requested resource could not be found."}},
    )


SCOPED = [
    ("customer:read", "GET", "customers"),
    ("customer:read", "GET", "customers/1"),
    ("points_product:read", "GET", "points_products"),
    ("points_product:read", "GET", "points_products/21"),
    ("points_purchase:write", "POST", "points_products/21/purchase"),
    ("points_transaction:read", "GET", "points_transactions"),
    ("points_transaction:read", "GET", "points_transactions/1"),
    ("points_transaction:write", "POST", "points_transactions"),
    ("activity:write", "POST", "activities"),
    ("reward_fulfillment:read", "GET", "reward_fulfillments"),
    ("earning_rule:read", "GET", "earning_rules"),
    ("vip_tier:read", "GET", "vip_tiers"),
    ("points_settings:read", "GET", "points_settings"),
    ("customer_identity:write", "POST", "customer_identities/create_or_update"),
]


@pytest.mark.parametrize(("scope", "method", "path"), SCOPED)
def test_a_missing_scope_is_named(today: Smile, scope: str, method: str, path: str) -> None:
    if scope != "customer_identity:write":
        today.switch("missing_scope", scope)
    reply = today.call(method, path, {} if method == "POST" else None)
    assert error(reply) == (403, f"This API key does not have the required scope: {scope}.")
    assert today.committed() == 0


def test_who_may_not_read_may_not_write_and_the_older_keys_may_all(each_smile: Smile) -> None:
    furnish(each_smile)
    each_smile.switch("missing_scope", "points_transaction:read")
    reply = each_smile.post("points_transactions", {"points_transaction": CHANGE})
    assert reply.status_code == (403 if each_smile.current else 200)
    each_smile.switch("missing_scope", "points_transaction:write")
    assert each_smile.walk("points_transactions") == each_smile.walk("points_transactions")


@pytest.mark.parametrize("status", ["400", "402", "422"])
def test_a_short_balance_has_the_status_of_the_switch(furnished: Smile, status: str) -> None:
    furnished.switch("short_balance", status)
    body = {"points_transaction": {**CHANGE, "points_change": -701}}
    assert error(furnished.post("points_transactions", body)) == (int(status), SHORT)
    # Only the balance is meant, and the purchase meets it as well.
    furnished.act("expire_points", customer_id=1, points=600)
    assert error(furnished.post("points_products/21/purchase", {"customer_id": 1})) == (int(status), SHORT)
    spend = {"customer_id": 1, "points_to_spend": 250}
    assert furnished.post("points_products/22/purchase", spend).status_code == furnished.failed
    assert furnished.committed() == 0


# --- Strict on requests -----------------------------------------------------------------------------------
BAD_BODIES: list[tuple[str, Any, str]] = [
    ("points_transactions", CHANGE, "customer_id is not a known parameter."),
    ("points_transactions", {"points_transaction": []}, "points_transaction must be a JSON object."),
    ("points_transactions", {"points_transaction": CHANGE, "note": 1}, "note is not a known parameter."),
    (
        "points_transactions",
        {"points_transaction": {**CHANGE, "points_change": 0}},
        "points_change must not be zero.",
    ),
    (
        "points_transactions",
        {"points_transaction": {**CHANGE, "points_change": 1.5}},
        "points_change must be an integer.",
    ),
    (
        "points_transactions",
        {"points_transaction": {**CHANGE, "points_change": "5"}},
        "points_change must be an integer.",
    ),
    (
        "points_transactions",
        {"points_transaction": {**CHANGE, "points_change": 2**31}},
        "points_change must be between -2147483647 and 2147483647.",
    ),
    (
        "points_transactions",
        {"points_transaction": {**CHANGE, "customer_id": "1"}},
        "customer_id must be an integer.",
    ),
    (
        "points_transactions",
        {"points_transaction": {**CHANGE, "internal_note": None}},
        "internal_note must be a string.",
    ),
    (
        "points_transactions",
        {"points_transaction": {**CHANGE, "reason": "x"}},
        "reason is not a known parameter.",
    ),
    (
        "points_transactions",
        {"points_transaction": {**CHANGE, "description": ""}},
        "description must have 1 to 10000 characters.",
    ),
    (
        "points_products/21/purchase",
        {"points_purchase": {"customer_id": 1}},
        "points_purchase is not a known parameter.",
    ),
    ("activities", {"activity": {"customer_id": 1}}, "token is missing."),
    (
        "activities",
        {"activity": {"customer_id": 1, "token": "activity_order", "created_on_origin_at": "5/3"}},
        "created_on_origin_at must be an ISO 8601 time.",
    ),
]


@pytest.mark.parametrize(("path", "body", "message"), BAD_BODIES)
def test_a_bad_body_is_refused_by_name(furnished: Smile, path: str, body: Any, message: str) -> None:
    before = furnished.everything()
    status, text = error(furnished.post(path, body))
    assert status == 400
    assert message in text
    assert (furnished.everything(), furnished.committed()) == (before, 0)


@pytest.mark.parametrize(
    ("activity", "edition", "message"),
    [
        ({"properties": {}}, "current", "properties is not a known parameter."),
        ({"updated_on_origin_at": "2026-03-05"}, "current", "updated_on_origin_at is not a known parameter."),
        (
            {"customer_email": "a@b.example"},
            "current",
            "customer_id or customer_email is required, one of them.",
        ),
        ({"customer_email": "a@b.example"}, "2017", "customer_email is not a known parameter."),
    ],
)
def test_each_edition_has_its_own_fields_of_an_activity(
    sandbox: SandboxServer, activity: dict[str, Any], edition: str, message: str
) -> None:
    one = furnish(ready(sandbox, edition))
    body = {"activity": {"customer_id": 1, "token": "activity_order", **activity}}
    assert error(one.post("activities", body)) == (400, message)
    assert one.committed() == 0


@pytest.mark.parametrize(
    ("kind", "data", "message"),
    [
        (None, b"{}", "content_type must be application/json."),
        ("text/plain", b"{}", "content_type must be application/json."),
        ("application/json", b"", "body is not valid JSON."),
        ("application/json", b"[]", "body must be a JSON object."),
        ("application/json", b'{"customer_id": NaN}', "body is not valid JSON."),
    ],
)
def test_a_body_is_json_and_says_so(furnished: Smile, kind: str | None, data: bytes, message: str) -> None:
    headers = {} if kind is None else {"Content-Type": kind}
    reply = furnished.call("POST", "points_products/21/purchase", data=data, headers=headers)
    assert error(reply) == (400, message)
    assert furnished.committed() == 0
