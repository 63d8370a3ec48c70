"""The bodies printed in Smile's document: the sandbox's have the same names and the same kinds of values."""

from datetime import datetime
from typing import Any

import pytest

from tests.sandbox.smile import documented
from tests.sandbox.smile.support import Smile


def kind(value: Any) -> Any:
    """What a value is; a time by its form, an object by its members, text by being text."""
    if isinstance(value, dict):
        return {name: kind(member) for name, member in value.items()}
    if isinstance(value, str) and value[10:11] == "T":
        assert value == f"{datetime.fromisoformat(value):%Y-%m-%dT%H:%M:%S.%f}"[:-3] + "Z"
        return "time"
    return type(value).__name__


def fits(served: Any, printed: Any, more: frozenset[str] = frozenset()) -> None:
    """Fail unless an object is built like the printed one; null fits everything, `more` may come on top."""
    assert set(served) - (more - set(printed)) == set(printed)
    for name, value in printed.items():
        mine = served[name]
        if mine is None or value is None:
            continue
        if isinstance(value, dict):
            fits(mine, value, more)
        else:
            assert kind(mine) == kind(value), name


@pytest.fixture
def served(each_smile: Smile) -> dict[str, Any]:
    """One object of every kind, as this edition serves it; those without a call come from their acts."""
    smile = each_smile
    smile.act("add_tier", [{"name": "Bronze", "milestone": 0}, {"name": "Prata", "milestone": 100}])
    ana = {
        "email": "ana@loja.example",
        "first_name": "Ana",
        "last_name": "Souza",
        "date_of_birth": "1990-05-17",
    }
    smile.act("add_customer", ana)
    smile.act("add_product", name="Frete", points_price=50, valid_days=9, usage_instructions="x")
    smile.act("credit", customer_id=1, points=200, internal_note="nota")
    bought = smile.post("points_products/21/purchase", {"customer_id": 1}).json()["points_purchase"]
    begun = smile.act("refer", customer_id=1, receiver_email="bia@loja.example")
    page = smile.get("customers?limit=1")
    return {
        "customer": smile.customer(),
        "metadata": page["metadata"],
        "points_product": smile.get("points_products/21")["points_product"],
        "points_purchase": bought,
        "points_transaction": smile.walk("points_transactions")[-1],
        "reward_fulfillment": smile.act(
            "fulfil", fulfillment_id=bought["reward_fulfillment"]["id"], used=True
        ),
        "referral": smile.act("refer", referral_id=begun["id"]),
        "vip_tier_change": smile.act("tier_changes", customer_id=1)[0],
    }


CURRENT_ONLY = documented.ADDED
WITH_STATUS = CURRENT_ONLY | {"vip_status"}


@pytest.mark.parametrize(
    ("name", "printed", "more"),
    [
        ("customer", documented.CUSTOMER, frozenset()),
        ("metadata", documented.METADATA, frozenset()),
        ("points_product", documented.POINTS_PRODUCT, frozenset()),
        ("points_transaction", documented.POINTS_TRANSACTION, frozenset()),
        ("reward_fulfillment", documented.REWARD_FULFILLMENT, CURRENT_ONLY),
        ("referral", documented.REFERRAL, WITH_STATUS),
        ("vip_tier_change", documented.VIP_TIER_CHANGE, CURRENT_ONLY),
    ],
)
def test_an_object_is_built_as_printed(
    served: dict[str, Any], name: str, printed: dict[str, Any], more: frozenset[str]
) -> None:
    fits(served[name], printed, more)


def test_a_purchase_is_built_as_printed(served: dict[str, Any], each_smile: Smile) -> None:
    printed = documented.POINTS_PURCHASE
    if each_smile.current:
        printed = {**printed, "reward_fulfillment": documented.REWARD_FULFILLMENT}
    fits(served["points_purchase"], printed, CURRENT_ONLY if each_smile.current else frozenset())


def test_the_older_tier_is_built_as_printed(old_smile: Smile) -> None:
    old_smile.act("add_tier", name="Bronze", milestone=0)
    old_smile.act("add_customer", email="ana@loja.example")
    fits(old_smile.customer(include="vip_tier")["vip_tier"], documented.VIP_TIER)
