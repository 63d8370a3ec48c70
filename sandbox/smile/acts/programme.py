"""Acts on the programme: products, tiers, ways to earn, rewards given by hand, friends."""

from typing import Any

from sandbox.arguments import Arguments
from sandbox.keys import key_of
from sandbox.smile import services
from sandbox.smile.acts.given import customer_of, moment, removed, shown, word
from sandbox.smile.models import (
    FIXED,
    FULFILLMENT_STATUSES,
    ISSUED,
    PENDING,
    UNTRACKED,
    USED,
    VARIABLE,
    EarningRule,
    PointsProduct,
    Referral,
    Reward,
    RewardFulfillment,
    VipTier,
)
from sandbox.smile.rewards import fulfil as hand_over
from sandbox.smile.rewards import next_key
from sandbox.vendors import ActRefused

IMAGES = "https://images.example/"


def fulfil(account: int, now: int, given: Arguments) -> Any:
    """Give a customer a reward by name, or change a fulfilment: its status, its use."""
    if given.has("fulfillment_id"):
        key = key_of(account=account, public_id=given.text("fulfillment_id"))
        row = RewardFulfillment.objects.filter(pk=key).first()
        if row is None:
            raise ActRefused("there is no such fulfillment")
    else:
        customer = customer_of(account, given)
        row = hand_over(customer_key=customer.pk, now=now, reward=reward_of(account, now, given))
    if given.has("code"):
        row.code = given.text("code")
    if given.has("expires_at"):
        row.expires_at = moment(given, "expires_at")
    row.fulfillment_status = word(given, "status", FULFILLMENT_STATUSES, row.fulfillment_status)
    if not given.boolean("tracked", True):
        row.usage_status = UNTRACKED
    if given.boolean("used", False):
        row.usage_status, row.used_at = USED, moment(given, "used_at", now)
    row.updated_at = now
    row.save()
    return shown(account, now).reward_fulfillment(row)


def add_product(account: int, now: int, given: Arguments) -> Any:
    """Define a points product: with `points_price` a fixed one, with `step` a slider."""
    variable = given.has("step")
    reward = reward_of(account, now, given)
    price, step = given.integer("points_price", None), given.integer("step", None)
    if variable == (price is not None):
        raise ActRefused("give points_price or step, one of them")
    product = PointsProduct.objects.create(
        id=next_key(account=account, kind=PointsProduct),
        account_id=account,
        reward=reward,
        exchange_type=VARIABLE if variable else FIXED,
        exchange_description=given.text("exchange_description", f"{price or step} pontos"),
        points_price=price,
        variable_points_step=step,
        variable_points_step_reward_value=given.integer("step_value", 1) if variable else None,
        variable_points_min=given.integer("min", step) if variable else None,
        variable_points_max=given.integer("max", None) if variable else None,
        created_at=now,
        updated_at=now,
    )
    return shown(account, now).points_product(product)


def remove_product(account: int, now: int, given: Arguments) -> Any:
    """Make a points product vanish."""
    return removed(PointsProduct, account, given.text("product_id"))


def add_tier(account: int, now: int, given: Arguments) -> Any:
    """Define a tier; the rewards of its entry are made by name."""
    rewards = [
        made_reward(account, now, Arguments({"name": name})) for name in given.raw("entry_rewards", [])
    ]
    tier = VipTier.objects.create(
        id=next_key(account=account, kind=VipTier),
        account_id=account,
        name=given.text("name"),
        image_url=f"{IMAGES}tier.png",
        milestone=given.integer("milestone"),
        perks=given.raw("perks", []),
        entry_rewards=[reward.pk for reward in rewards],
        created_at=now,
        updated_at=now,
    )
    return shown(account, now).tier(tier.pk)


def add_earning_rule(account: int, now: int, given: Arguments) -> Any:
    """Define a way to earn: `points` once, or `points` for every `per_amount`."""
    points, per_amount = given.integer("points"), given.integer("per_amount", None)
    fixed = {"type": "fixed", "fixed": {"value": points}}
    variable = {"type": "variable", "variable": {"value": points, "per_amount": per_amount}}
    rule = EarningRule.objects.create(
        id=next_key(account=account, kind=EarningRule),
        account_id=account,
        name=given.text("name"),
        image_url=f"{IMAGES}rule.png",
        reward_value=fixed if per_amount is None else variable,
        earning_limit=given.raw("earning_limit", None),
        restricted_to_vip_tier_ids=given.raw("restricted_to_vip_tier_ids", []),
        enabled=given.boolean("enabled", True),
        created_at=now,
        updated_at=now,
    )
    return shown(account, now).earning_rule(rule)


def refer(account: int, now: int, given: Arguments) -> Any:
    """A friend uses a customer's link; with `referral_id` the friend orders and both have their reward."""
    show = shown(account, now)
    if given.has("referral_id"):
        key = key_of(account=account, public_id=given.text("referral_id"))
        referral = Referral.objects.filter(pk=key).first()
        if referral is None or referral.receiver_id is not None:
            raise ActRefused("there is no such referral, or it is complete")
        receiver = services.add_customer(account=account, now=now, email=referral.receiver_email)
        reward = made_reward(account, now, Arguments({"name": "Cupom por indicação"}))
        services.complete_referral(referral=referral, now=now, receiver=receiver, reward=reward)
        referral.refresh_from_db()
        return show.referral(referral)
    sender, friend = customer_of(account, given), given.text("receiver_email")
    reward = made_reward(account, now, Arguments({"name": "Cupom de boas-vindas"}))
    return show.referral(services.refer(sender=sender, now=now, receiver_email=friend, reward=reward))


def reward_of(account: int, now: int, given: Arguments) -> Reward:
    """The reward of a points product, or a new one."""
    product_id = given.text("product_id", None)
    if product_id is None:
        return made_reward(account, now, given)
    key = key_of(account=account, public_id=product_id)
    product = PointsProduct.objects.select_related("reward").filter(pk=key).first()
    if product is None:
        raise ActRefused("there is no such product")
    return product.reward


def made_reward(account: int, now: int, given: Arguments) -> Reward:
    """A new reward, as the arguments describe it."""
    return Reward.objects.create(
        id=next_key(account=account, kind=Reward),
        account_id=account,
        name=given.text("name"),
        description=given.text("description", None),
        image_url=given.text("image_url", f"{IMAGES}reward.png"),
        code_prefix=given.text("code_prefix", "premio"),
        usage_instructions=given.text("usage_instructions", None),
        terms_and_conditions=given.text("terms_and_conditions", None),
        valid_days=given.integer("valid_days", None),
        first_status=PENDING if given.boolean("pending", False) else ISSUED,
        tracked=given.boolean("tracked", True),
        created_at=now,
        updated_at=now,
    )
