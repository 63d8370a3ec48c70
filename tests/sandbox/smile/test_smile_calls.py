"""Every call of Smile in both editions: the exact body when it works."""

from typing import Any

import pytest

from tests.sandbox.smile.support import SHOWN_NOW, Smile, error, furnish

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
