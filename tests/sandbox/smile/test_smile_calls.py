"""Every call of Smile in both editions: the exact body when it works, the exact refusal when it does not."""

from typing import Any

import pytest

from sandbox.testing import SandboxServer
from tests.sandbox.smile.support import SHOWN_NOW, Smile, error, ready

TIMES = {"created_at": SHOWN_NOW, "updated_at": SHOWN_NOW}
ANA: dict[str, Any] = {
    "id": 1,
    "first_name": "Ana",
    "last_name": "Souza",
    "email": "Ana@Loja.example",
    "state": "member",
    "date_of_birth": "1004-05-17",
    "points_balance": 700,
    "referral_url": "https://refs.example/3b6bd8a4",
    "vip_tier_id": 8576,
    **TIMES,
}
TIER = {"id": 8576, "name": "Bronze", "image_url": "https://images.example/tier.png"}
SILVER = {**TIER, "id": 8577, "name": "Prata"}
REWARD = {
    "id": 228016,
    "name": "R$ 10 de desconto",
    "description": None,
    "image_url": "https://images.example/reward.png",
    **TIMES,
}
FIXED = {
    "id": 21,
    "exchange_type": "fixed",
    "exchange_description": "500 pontos",
    "points_price": 500,
    "variable_points_step": None,
    "variable_points_step_reward_value": None,
    "variable_points_min": None,
    "variable_points_max": None,
    "reward": REWARD,
    **TIMES,
}
SLIDER = {
    "id": 22,
    "exchange_type": "variable",
    "exchange_description": "100 pontos",
    "points_price": None,
    "variable_points_step": 100,
    "variable_points_step_reward_value": 2,
    "variable_points_min": 200,
    "variable_points_max": 600,
    "reward": {**REWARD, "id": 228017, "name": "Vale"},
    **TIMES,
}
RULE = {
    "id": 11,
    "name": "Compre na loja",
    "image_url": "https://images.example/rule.png",
    "action_text": None,
    "action_url": None,
    "restricted_to_vip_tier_ids": [8577],
    "reward": {"type": "points"},
    "reward_value": {"type": "variable", "variable": {"value": 1, "per_amount": 2}},
    "earning_limit": {"max": 1, "type": "rolling", "rolling": {"unit": "day", "unit_count": 30}},
}
ONCE = {"max": 1, "type": "lifetime"}
GIFT = {"code_prefix": "desconto", "valid_days": 30, "usage_instructions": "Use na loja."}


def furnish(smile: Smile) -> Smile:
    """Tiers, two products, a rule and Ana with 700 points."""
    smile.act("add_tier", name="Bronze", milestone=0, perks=["Ofertas"])
    smile.act("add_tier", name="Prata", milestone=500, entry_rewards=["Brinde"])
    smile.act("add_product", {"name": "R$ 10 de desconto", "points_price": 500, **GIFT})
    smile.act("add_product", name="Vale", step=100, step_value=2, min=200, max=600)
    limit = {"max": 1, "type": "rolling", "rolling": {"unit": "day", "unit_count": 30}}
    rule = {"name": "Compre na loja", "points": 1, "per_amount": 2, "earning_limit": limit}
    smile.act("add_earning_rule", {**rule, "restricted_to_vip_tier_ids": [8577]})
    smile.act("add_earning_rule", name="Desligada", points=20, enabled=False)
    ana = {"first_name": "Ana", "last_name": "Souza", "email": "Ana@Loja.example"}
    smile.act("add_customer", {**ana, "points_balance": 700, "date_of_birth": "1004-05-17"})
    return smile


@pytest.fixture
def furnished(each_smile: Smile) -> Smile:
    return furnish(each_smile)


@pytest.fixture
def today(smile: Smile) -> Smile:
    return furnish(smile)


# --- Reading --------------------------------------------------------------------------------------------
def test_a_customer_and_the_list(furnished: Smile) -> None:
    ana = furnished.customer()
    assert ana == {**ANA, "referral_url": ana["referral_url"]}
    assert ana["referral_url"].startswith("https://refs.example/")
    ends = {"next_cursor": None, "previous_cursor": None}
    assert furnished.get("customers") == {"customers": [ana], "metadata": ends}


def test_the_tier_comes_on_request(old_smile: Smile) -> None:
    furnish(old_smile)
    assert old_smile.customer(include="vip_tier")["vip_tier"] == TIER
    [row] = old_smile.get("customers?include=vip_tier")["customers"]
    assert row["vip_tier"] == TIER
    old_smile.act("add_customer", email="b@loja.example", state="candidate")
    assert old_smile.customer(2, "vip_tier")["vip_tier"] is None


def test_the_standing_comes_on_request(today: Smile) -> None:
    status = {
        "vip_tier_id": 8576,
        "vip_tier_expires_at": None,
        "progress_value": 0.0,
        "current_vip_period_end": "2027-01-01T02:59:59.999Z",
        "delta_to_retain_vip_tier": 0.0,
        "next_vip_tier_id": 8577,
        "delta_to_next_vip_tier": 500.0,
    }
    assert today.customer(include="vip_status")["vip_status"] == status
    [row] = today.get("customers?include=vip_status")["customers"]
    assert row["vip_status"] == status
    parts = {"vip_tier": {**TIER, "milestone": 0.0}, "next_vip_tier": {**SILVER, "milestone": 500.0}}
    both = today.customer(include="vip_status.vip_tier,vip_status.next_vip_tier")["vip_status"]
    assert both == {**status, **parts}
    today.act("add_customer", email="b@loja.example", state="candidate")
    assert set(today.customer(2, "vip_status")["vip_status"].values()) == {None}


def test_products(furnished: Smile) -> None:
    assert furnished.get("points_products") == {"points_products": [FIXED, SLIDER]}
    assert furnished.get("points_products?exchange_type=variable") == {"points_products": [SLIDER]}
    assert furnished.get("points_products/21") == {"points_product": FIXED}


def test_rules_tiers_and_settings(today: Smile) -> None:
    assert today.get("earning_rules") == {
        "earning_rules": [RULE],
        "metadata": {"next_cursor": "", "previous_cursor": None},
    }
    bronze, silver = ({**TIER, "milestone": 0.0}, {**SILVER, "milestone": 500.0})
    assert today.get("vip_tiers") == {"vip_tiers": [bronze, silver]}
    entry = {**REWARD, "id": 228015, "name": "Brinde"}
    assert today.get("vip_tiers?include=perks,entry_rewards") == {
        "vip_tiers": [
            {**bronze, "perks": [{"name": "Ofertas"}], "entry_rewards": []},
            {**silver, "perks": [], "entry_rewards": [entry]},
        ]
    }
    label = {"one": "ponto", "other": "pontos"}
    assert today.get("points_settings") == {"points_settings": {"points_label": label}}


# --- Writing --------------------------------------------------------------------------------------------
@pytest.mark.parametrize(("change", "balance"), [(300, 1000), (-700, 0)])
def test_points_are_given_and_taken(furnished: Smile, change: int, balance: int) -> None:
    wish = {"customer_id": 1, "points_change": change, "description": "Cortesia", "internal_note": "[ref:x]"}
    reply = furnished.post("points_transactions", {"points_transaction": wish})
    made = {"id": 133577, **wish, **TIMES}
    assert (reply.status_code, reply.json()) == (furnished.created, {"points_transaction": made})
    assert furnished.customer()["points_balance"] == balance
    assert furnished.get("points_transactions/133577") == {"points_transaction": made}
    ends = {"next_cursor": None, "previous_cursor": None}
    assert furnished.get("points_transactions?customer_id=1") == {
        "points_transactions": [made],
        "metadata": ends,
    }
    assert furnished.committed("/points_transactions") == 1


def test_only_today_a_description_may_be_missing(furnished: Smile) -> None:
    wish = {"points_transaction": {"customer_id": 1, "points_change": 1}}
    reply = furnished.post("points_transactions", wish)
    if furnished.current:
        made = reply.json()["points_transaction"]
        assert (reply.status_code, made["description"], made["internal_note"]) == (201, "", None)
    else:
        assert error(reply) == (400, "description is missing.")
        assert furnished.committed() == 0


@pytest.mark.parametrize(("product", "spend", "price"), [(21, None, 500), (22, 400, 400)])
def test_a_purchase(furnished: Smile, product: int, spend: int | None, price: int) -> None:
    body = {"customer_id": 1} if spend is None else {"customer_id": 1, "points_to_spend": spend}
    reply = furnished.post(f"points_products/{product}/purchase", body)
    bought = reply.json()["points_purchase"]
    given = bought.pop("reward_fulfillment")
    assert reply.status_code == furnished.created
    assert bought == {
        "id": 81,
        "customer_id": 1,
        "points_product_id": product,
        "points_spent": price,
        **TIMES,
    }
    name = "Vale" if spend else "R$ 10 de desconto"
    prefix, _, scattered = given["code"].partition("-")
    assert (prefix, len(scattered)) == ("premio" if spend else "desconto", 12)
    short = {"id": 137, "name": name, "code": given["code"], **TIMES}
    whole = {
        **short,
        "image_url": "https://images.example/reward.png",
        "action_text": None,
        "action_url": None,
        "usage_instructions": None if spend else "Use na loja.",
        "terms_and_conditions": None,
        "expires_at": None if spend else "2026-04-04T17:31:40.000Z",
        "used_at": None,
        "customer_id": 1,
        "fulfillment_status": "issued",
        "usage_status": "unused",
    }
    assert given == (whole if furnished.current else short)
    assert furnished.customer()["points_balance"] == 700 - price
    [spent] = furnished.walk("points_transactions")
    assert (spent["points_change"], spent["description"]) == (-price, f"Troca de pontos: {name}")
    if furnished.current:
        ends = {"next_cursor": "", "previous_cursor": None}
        listed = furnished.get("reward_fulfillments?customer_id=1")
        assert listed == {"reward_fulfillments": [whole], "metadata": ends}
    assert furnished.committed("/purchase") == 1


def test_an_activity(furnished: Smile) -> None:
    wish = {"token": "activity_order", "customer_id": 1, "distinct_id": "212993"}
    wish["created_on_origin_at"] = "2026-03-05T14:00:00-03:00"
    extra = {} if furnished.current else {"properties": {"grand_total": 115.0}}
    reply = furnished.post("activities", {"activity": {**wish, **extra}})
    assert reply.status_code == furnished.created
    shown = {"id": 133577, **wish, "created_on_origin_at": "2026-03-05T17:00:00.000Z", **TIMES}
    assert reply.json() == ({"activity": shown} if furnished.current else {})
    assert furnished.committed("/activities") == 1


def test_today_an_activity_may_name_an_e_mail(today: Smile) -> None:
    wish = {"token": "activity_order", "customer_email": "ana@loja.example"}
    made = today.post("activities", {"activity": wish}).json()["activity"]
    assert (made["customer_id"], made["distinct_id"], made["created_on_origin_at"]) == (1, None, None)


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
