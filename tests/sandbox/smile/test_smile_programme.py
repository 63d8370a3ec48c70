"""What the programme does by itself: activities that take their time, tiers, points that end, friends; the acts."""

from typing import Any

import pytest

from sandbox.testing import SandboxFailed
from tests.sandbox.smile.support import Smile, error

ORDER = {"customer_id": 1, "token": "activity_order"}


@pytest.fixture
def member(each_smile: Smile) -> Smile:
    """A programme with three tiers and one member without points."""
    tiers = [("Bronze", 0), ("Prata", 150), ("Ouro", 300)]
    each_smile.act("add_tier", [{"name": name, "milestone": milestone} for name, milestone in tiers])
    each_smile.act("add_customer", email="ana@loja.example")
    return each_smile


def order(smile: Smile, **more: Any) -> Any:
    return smile.post("activities", {"activity": {**ORDER, **more}})


def test_an_activity_gives_its_points_two_seconds_later(member: Smile) -> None:
    assert order(member).status_code == member.created
    member.sandbox.clock("2026-03-05T17:31:41Z")
    assert member.customer()["points_balance"] == 0
    member.sandbox.clock("2026-03-05T17:31:42Z")
    customer = member.customer()
    assert (customer["points_balance"], customer["updated_at"]) == (100, "2026-03-05T17:31:42.000Z")
    [row] = member.walk("points_transactions")
    assert (row["points_change"], row["description"], row["created_at"]) == (
        100,
        "Pedido na loja virtual",
        "2026-03-05T17:31:42.000Z",
    )
    # Looked at much later it is still the moment at which it was worked on.
    assert order(member).status_code == member.created
    member.sandbox.clock("2026-03-09T12:00:00Z")
    assert [row["created_at"][:19] for row in member.walk("points_transactions")] == [
        "2026-03-05T17:31:44",
        "2026-03-05T17:31:42",
    ]


@pytest.mark.parametrize(
    ("happened", "points"), [("2023-12-31T23:59:59Z", 0), ("2024-01-01T00:00:00Z", 100), ("2026-03-04", 100)]
)
def test_what_happened_before_the_programme_gives_nothing(member: Smile, happened: str, points: int) -> None:
    assert order(member, created_on_origin_at=happened).status_code == member.created
    member.sandbox.clock("2026-03-05T17:31:42Z")
    assert member.customer()["points_balance"] == points


def test_a_repeated_activity_is_the_first_one(member: Smile) -> None:
    first = order(member, distinct_id="9")
    member.sandbox.clock("2026-03-05T17:31:50Z")
    again = order(member, distinct_id="9")
    assert again.status_code == first.status_code
    if member.current:
        # It was worked on meanwhile, and is the same one.
        worked_on = {**first.json()["activity"], "updated_at": "2026-03-05T17:31:42.000Z"}
        assert again.json() == {"activity": worked_on}
    else:
        assert again.json() == {}
    order(member, distinct_id="10")
    order(member)
    member.sandbox.clock("2026-03-05T17:32:00Z")
    assert member.customer()["points_balance"] == 300
    assert member.committed("/activities") == 3


def test_a_repeated_activity_may_be_rejected(member: Smile) -> None:
    member.switch("distinct_repeat", "reject")
    order(member, distinct_id="9")
    text = "An activity with this token and distinct_id already exists."
    assert error(order(member, distinct_id="9")) == (422, text)
    member.sandbox.clock("2026-03-05T17:32:00Z")
    assert (member.customer()["points_balance"], member.committed("/activities")) == (100, 1)


def test_tiers_are_reached_kept_and_lost(smile: Smile) -> None:
    smile.act(
        "add_tier",
        [
            {"name": "Bronze", "milestone": 0},
            {"name": "Prata", "milestone": 150, "entry_rewards": ["Brinde"]},
            {"name": "Ouro", "milestone": 300},
        ],
    )
    smile.act("add_customer", email="ana@loja.example")
    smile.act("credit", customer_id=1, points=200)
    # Spending does not lower what was reached.
    smile.act("credit", customer_id=1, points=-200)

    def standing() -> tuple[Any, ...]:
        status = smile.customer(include="vip_status")["vip_status"]
        return tuple(
            status[name]
            for name in (
                "vip_tier_id",
                "vip_tier_expires_at",
                "progress_value",
                "delta_to_retain_vip_tier",
                "next_vip_tier_id",
                "delta_to_next_vip_tier",
            )
        )

    assert standing() == (8577, "2028-01-01T02:59:59.999Z", 200.0, 0.0, 8578, 100.0)
    assert [row["name"] for row in smile.walk("reward_fulfillments")] == ["Brinde"]
    smile.sandbox.clock("2027-06-01T12:00:00Z")
    assert standing() == (8577, "2028-01-01T02:59:59.999Z", 0.0, 150.0, 8578, 300.0)
    smile.act("credit", customer_id=1, points=150)
    assert standing() == (8577, "2029-01-01T02:59:59.999Z", 150.0, 0.0, 8578, 150.0)
    smile.act("credit", customer_id=1, points=150)
    assert standing() == (8578, "2029-01-01T02:59:59.999Z", 300.0, 0.0, None, None)
    smile.sandbox.clock("2030-06-01T12:00:00Z")
    assert standing() == (8576, None, 0.0, 0.0, 8577, 150.0)
    customer = smile.customer()
    assert (customer["vip_tier_id"], customer["updated_at"]) == (8576, "2029-01-01T02:59:59.999Z")
    steps = smile.act("tier_changes", customer_id=1)
    names = [(row["previous_vip_tier"]["name"], row["current_vip_tier"]["name"]) for row in steps]
    assert names == [("Ouro", "Bronze"), ("Prata", "Ouro"), ("Bronze", "Prata")]
    assert [row["description"] for row in steps] == ["Voltou para Bronze", "Alcançou Ouro", "Alcançou Prata"]


def test_points_end_a_year_after_the_last_change(member: Smile) -> None:
    member.act("credit", customer_id=1, points=70)
    member.sandbox.clock("2026-09-05T12:00:00Z")
    member.act("credit", customer_id=1, points=30)
    member.sandbox.clock("2027-09-05T11:59:59Z")
    assert member.customer()["points_balance"] == 100
    # Looked at much later, they ended all the same when they were due.
    member.sandbox.clock("2027-10-01T12:00:00Z")
    customer = member.customer()
    assert (customer["points_balance"], customer["updated_at"]) == (0, "2027-09-05T12:00:00.000Z")
    # Nobody can read about it: the sum of the transactions is not the balance.
    assert [row["points_change"] for row in member.walk("points_transactions")] == [30, 70]


def test_acts_that_change_a_customer(member: Smile) -> None:
    assert member.act("credit", email="ANA@loja.example", points=50)["points_balance"] == 50
    assert member.act("credit", customer_id=1, points=-20, silent=True)["points_balance"] == 30
    assert len(member.walk("points_transactions")) == 1
    assert member.act("expire_points", customer_id=1, points=10)["points_balance"] == 20
    assert member.act("expire_points", customer_id=1)["points_balance"] == 0
    gone = member.act("set_state", customer_id=1, state="candidate")
    assert (gone["state"], gone["vip_tier_id"]) == ("candidate", None)
    assert member.act("set_state", customer_id=1, state="member")["vip_tier_id"] == 8576
    edited = member.act("edit_customer", customer_id=1, first_name="Ana", new_email="b@loja.example")
    assert (edited["first_name"], edited["email"]) == ("Ana", "b@loja.example")
    assert member.get("customers?email=b@loja.example")["customers"][0]["id"] == 1
    member.act("remove_customer", customer_id=1)
    assert member.get("customers")["customers"] == []
    assert member.committed() == 0


@pytest.mark.parametrize(
    ("action", "args", "reason"),
    [
        ("credit", {"customer_id": 1, "points": -1}, "enough points"),
        ("credit", {"customer_id": 1, "points": -1, "silent": True}, "enough points"),
        ("credit", {"customer_id": 9, "points": 1}, "could not be found"),
        ("credit", {"points": 1}, "customer_id or email"),
        ("set_state", {"customer_id": 1, "state": "gone"}, "state must be one of"),
        ("add_customer", {"email": "a@b.example", "colour": "blue"}, "unknown arguments: colour"),
        ("add_product", {"name": "X"}, "points_price or step"),
        ("fulfil", {"fulfillment_id": 9}, "no such fulfillment"),
        ("remove_product", {"product_id": 9}, "nothing to remove"),
        ("refer", {"referral_id": 1}, "no such referral"),
    ],
)
def test_an_act_that_makes_no_sense_is_refused(
    member: Smile, action: str, args: dict[str, Any], reason: str
) -> None:
    before = member.everything()
    with pytest.raises(SandboxFailed, match=reason):
        member.act(action, args)
    assert member.everything() == before


def test_fulfilments_can_be_given_and_changed(smile: Smile) -> None:
    smile.act("add_customer", email="ana@loja.example")
    smile.act("add_product", name="Caneca", points_price=10, pending=True, tracked=False)
    given = smile.act("fulfil", customer_id=1, product_id=21, code="CANECA-1")
    assert (given["fulfillment_status"], given["usage_status"], given["used_at"]) == (
        "pending",
        "untracked",
        None,
    )
    smile.act("fulfil", fulfillment_id=137, status="issued", used=True, used_at="2026-03-05T10:00:00Z")
    [row] = smile.walk("reward_fulfillments")
    assert (row["code"], row["fulfillment_status"], row["usage_status"], row["used_at"]) == (
        "CANECA-1",
        "issued",
        "used",
        "2026-03-05T10:00:00.000Z",
    )


def test_a_friend_and_the_one_who_brought_her(smile: Smile) -> None:
    smile.act("add_customer", email="ana@loja.example")
    begun = smile.act("refer", customer_id=1, receiver_email="bia@loja.example")
    assert (begun["receiver_customer"], begun["sender_reward_fulfillment"]) == (None, None)
    # The friend is no customer yet, and her coupon is nobody's.
    assert smile.walk("reward_fulfillments") == []
    done = smile.act("refer", referral_id=begun["id"])
    assert done["receiver_customer"]["email"] == "bia@loja.example"
    owners = [(row["customer_id"], row["name"]) for row in smile.walk("reward_fulfillments")]
    assert owners == [(1, "Cupom por indicação"), (2, "Cupom de boas-vindas")]


def test_of_several_with_an_e_mail_the_member_is_meant(smile: Smile) -> None:
    for state in ("disabled", "candidate", "member", "member"):
        smile.act("add_customer", email="casa@loja.example", state=state)
    body = {"activity": {"token": "activity_order", "customer_email": "Casa@loja.example"}}
    assert smile.post("activities", body).json()["activity"]["customer_id"] == 3
    body["activity"]["customer_email"] = "nobody@loja.example"
    assert error(smile.post("activities", body)) == (404, "The customer could not be found.")
