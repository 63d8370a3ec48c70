"""Acts: changes behind the client's back, as Smile's panel, the shop's platform or the customer make them.

Source: contract README §4; argument names and the acts beyond the contract are documented in
`sandbox/README.md`. An act answers with the object in the shape of `smile-current`, whatever the credential is.
"""

from collections.abc import Callable, Mapping
from typing import Any

from django.db import transaction

from sandbox.arguments import Arguments
from sandbox.control.clock import clock
from sandbox.keys import key_of
from sandbox.smile import services
from sandbox.smile.auth import CREDENTIALS, CURRENT
from sandbox.smile.models import (
    FIXED,
    FULFILLMENT_STATUSES,
    ISSUED,
    MEMBER,
    PENDING,
    STATES,
    UNTRACKED,
    USED,
    VARIABLE,
    Customer,
    EarningRule,
    PointsProduct,
    Referral,
    Reward,
    RewardFulfillment,
    VipTier,
    VipTierChange,
)
from sandbox.smile.refusals import Refused
from sandbox.smile.wire import Show
from sandbox.vendors import ActRefused

Act = Callable[[int, int, Arguments], Any]
IMAGES = "https://images.example/"


def performed(act: Act) -> Callable[[str, Mapping[str, Any]], Any]:
    """The act as the register wants it: for a credential, refusing unknown arguments, all or nothing."""

    def perform(credential: str, given: Mapping[str, Any]) -> Any:
        account, now = CREDENTIALS[credential].account, clock.now() * 1000
        services.settle(account=account, now=now)
        try:
            with transaction.atomic(), Arguments(given) as arguments:
                return act(account, now, arguments)
        except Refused as refused:
            raise ActRefused(refused.message) from refused

    return perform


def add_customer(account: int, now: int, given: Arguments) -> Any:
    """A customer the shop feeds in; only the e-mail is required, and it may be taken."""
    customer = services.add_customer(
        account=account,
        now=now,
        email=given.text("email"),
        first_name=given.text("first_name", None),
        last_name=given.text("last_name", None),
        date_of_birth=given.text("date_of_birth", None),
        state=_word(given, "state", STATES, MEMBER),
        points_balance=given.integer("points_balance", 0),
        created_at=_moment(given, "created_at", now),
    )
    return _show(account, now).customer(customer)


def edit_customer(account: int, now: int, given: Arguments) -> Any:
    """Change what the shop knows of a customer; `new_email` because `email` finds the customer."""
    customer = _customer(account, given)
    for name in ("first_name", "last_name", "date_of_birth"):
        if given.has(name):
            setattr(customer, name, given.text(name))
    if given.has("new_email"):
        customer.email = given.text("new_email")
        customer.email_key = customer.email.casefold()
    customer.updated_at = now
    customer.save()
    return _show(account, now).customer(customer)


def credit(account: int, now: int, given: Arguments) -> Any:
    """Change a balance in the panel, up or down; `silent` as refunds do, without a transaction."""
    customer = _customer(account, given)
    points, silent = given.integer("points"), given.boolean("silent", False)
    description = given.text("description", "Ajuste manual")
    note = given.text("internal_note", None)
    if silent:
        balance = customer.points_balance + points
        if balance < 0:
            raise ActRefused("the balance is short")
        customer.points_balance, customer.updated_at = balance, now
        customer.save()
    else:
        services.change_points(
            customer_key=customer.pk, now=now, change=points, description=description, internal_note=note
        )
        customer.refresh_from_db()
    return _show(account, now).customer(customer)


def expire_points(account: int, now: int, given: Arguments) -> Any:
    """Let points end, all or some; no transaction tells of it."""
    customer = _customer(account, given)
    services.expire_points(customer=customer, now=now, points=given.integer("points", None))
    return _show(account, now).customer(customer)


def set_state(account: int, now: int, given: Arguments) -> Any:
    """Let a customer join, leave or be shut out."""
    customer = _customer(account, given)
    services.set_state(customer=customer, now=now, state=_word(given, "state", STATES))
    return _show(account, now).customer(customer)


def fulfil(account: int, now: int, given: Arguments) -> Any:
    """Give a customer a reward by name, or change a fulfilment: its status, its use."""
    if given.has("fulfillment_id"):
        key = key_of(account=account, public_id=given.text("fulfillment_id"))
        row = RewardFulfillment.objects.filter(pk=key).first()
        if row is None:
            raise ActRefused("there is no such fulfillment")
    else:
        customer = _customer(account, given)
        row = services.fulfil(customer_key=customer.pk, now=now, reward=_reward(account, now, given))
    if given.has("code"):
        row.code = given.text("code")
    if given.has("expires_at"):
        row.expires_at = _moment(given, "expires_at")
    row.fulfillment_status = _word(given, "status", FULFILLMENT_STATUSES, row.fulfillment_status)
    if not given.boolean("tracked", True):
        row.usage_status = UNTRACKED
    if given.boolean("used", False):
        row.usage_status, row.used_at = USED, _moment(given, "used_at", now)
    row.updated_at = now
    row.save()
    return _show(account, now).reward_fulfillment(row)


def add_product(account: int, now: int, given: Arguments) -> Any:
    """Define a points product: with `points_price` a fixed one, with `step` a slider."""
    variable = given.has("step")
    reward = _reward(account, now, given)
    price, step = given.integer("points_price", None), given.integer("step", None)
    if variable == (price is not None):
        raise ActRefused("give points_price or step, one of them")
    product = PointsProduct.objects.create(
        id=services.next_key(account=account, kind=PointsProduct),
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
    return _show(account, now).points_product(product)


def remove_product(account: int, now: int, given: Arguments) -> Any:
    """Make a points product vanish."""
    return _removed(PointsProduct, account, given.text("product_id"))


def remove_customer(account: int, now: int, given: Arguments) -> Any:
    """Make a customer vanish, as an erasure on request does."""
    return _removed(Customer, account, given.text("customer_id"))


def add_tier(account: int, now: int, given: Arguments) -> Any:
    """Define a tier; the rewards of its entry are made by name."""
    rewards = [
        _made_reward(account, now, Arguments({"name": name})) for name in given.raw("entry_rewards", [])
    ]
    tier = VipTier.objects.create(
        id=services.next_key(account=account, kind=VipTier),
        account_id=account,
        name=given.text("name"),
        image_url=f"{IMAGES}tier.png",
        milestone=given.integer("milestone"),
        perks=given.raw("perks", []),
        entry_rewards=[reward.pk for reward in rewards],
        created_at=now,
        updated_at=now,
    )
    return _show(account, now).tier(tier.pk)


def add_earning_rule(account: int, now: int, given: Arguments) -> Any:
    """Define a way to earn: `points` once, or `points` for every `per_amount`."""
    points, per_amount = given.integer("points"), given.integer("per_amount", None)
    fixed = {"type": "fixed", "fixed": {"value": points}}
    variable = {"type": "variable", "variable": {"value": points, "per_amount": per_amount}}
    rule = EarningRule.objects.create(
        id=services.next_key(account=account, kind=EarningRule),
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
    return _show(account, now).earning_rule(rule)


def refer(account: int, now: int, given: Arguments) -> Any:
    """A friend uses a customer's link; with `referral_id` the friend orders and both have their reward."""
    show = _show(account, now)
    if given.has("referral_id"):
        key = key_of(account=account, public_id=given.text("referral_id"))
        referral = Referral.objects.filter(pk=key).first()
        if referral is None or referral.receiver_id is not None:
            raise ActRefused("there is no such referral, or it is complete")
        receiver = services.add_customer(account=account, now=now, email=referral.receiver_email)
        reward = _made_reward(account, now, Arguments({"name": "Cupom por indicação"}))
        services.complete_referral(referral=referral, now=now, receiver=receiver, reward=reward)
        referral.refresh_from_db()
        return show.referral(referral)
    sender, friend = _customer(account, given), given.text("receiver_email")
    reward = _made_reward(account, now, Arguments({"name": "Cupom de boas-vindas"}))
    return show.referral(services.refer(sender=sender, now=now, receiver_email=friend, reward=reward))


def tier_changes(account: int, now: int, given: Arguments) -> Any:
    """A customer's steps between tiers, newest first; no call of the API lists them."""
    rows = VipTierChange.objects.filter(customer_id=_customer(account, given).pk).order_by("-pk")
    show = _show(account, now)
    return [show.tier_change(row) for row in rows]


def _show(account: int, now: int) -> Show:
    tiers = {tier.pk: tier for tier in services.tiers_of(account)}
    return Show(CURRENT, now, tiers, frozenset({"vip_status"}))


def _customer(account: int, given: Arguments) -> Customer:
    customer_id, email = given.text("customer_id", None), given.text("email", None)
    if (customer_id is None) == (email is None):
        raise ActRefused("give customer_id or email, one of them")
    if email is not None:
        return services.customer_of_email(account=account, email=email)
    return services.find_customer(key_of(account=account, public_id=customer_id))


def _reward(account: int, now: int, given: Arguments) -> Reward:
    """The reward of a points product, or a new one."""
    product_id = given.text("product_id", None)
    if product_id is None:
        return _made_reward(account, now, given)
    key = key_of(account=account, public_id=product_id)
    product = PointsProduct.objects.select_related("reward").filter(pk=key).first()
    if product is None:
        raise ActRefused("there is no such product")
    return product.reward


def _made_reward(account: int, now: int, given: Arguments) -> Reward:
    return Reward.objects.create(
        id=services.next_key(account=account, kind=Reward),
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


def _removed(kind: type[Customer] | type[PointsProduct], account: int, public_id: str) -> None:
    deleted, _ = kind._default_manager.filter(pk=key_of(account=account, public_id=public_id)).delete()
    if not deleted:
        raise ActRefused("there is nothing to remove")


def _word(given: Arguments, name: str, words: tuple[str, ...], default: str | None = None) -> str:
    word: str = given.text(name) if default is None else given.text(name, default)
    if word not in words:
        raise ActRefused(f"{name} must be one of {', '.join(words)}")
    return word


def _moment(given: Arguments, name: str, default: int | None = None) -> int | None:
    value = given.moment(name, None)
    return default if value is None else int(value) * 1000


ACTS = {
    act.__name__: performed(act)
    for act in (
        credit,
        expire_points,
        set_state,
        add_customer,
        fulfil,
        edit_customer,
        remove_customer,
        add_product,
        remove_product,
        add_tier,
        add_earning_rule,
        refer,
        tier_changes,
    )
}
