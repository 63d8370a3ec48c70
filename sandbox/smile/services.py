"""What Smile does to its data: points, purchases, activities, tiers, and what time does by itself.

Knows no HTTP and no wire format. Every effect is one transaction (BEGIN IMMEDIATE: whoever is inside is alone),
so that of two simultaneous requests each sees what the other did. Times in milliseconds. Refusals raise
`Refused`. Source: contract smile-v1 §3–§5.
"""

import hashlib
from collections.abc import Sequence
from typing import Any

from django.db import transaction
from django.db.models import F

from sandbox.keys import SPAN
from sandbox.smile import engine
from sandbox.smile.models import (
    CANDIDATE,
    MEMBER,
    UNTRACKED,
    UNUSED,
    VARIABLE,
    Activity,
    Customer,
    Owned,
    PointsProduct,
    PointsPurchase,
    PointsTransaction,
    Referral,
    Reward,
    RewardFulfillment,
    Serial,
    VipTier,
    VipTierChange,
)
from sandbox.smile.refusals import Refused, ShortBalance, not_found

ACTIVITY_TEXT = "Pedido na loja virtual"


def next_key(*, account: int, kind: type[Owned]) -> int:
    """Take the next key of a kind of object; inside a transaction."""
    serial = Serial.objects.filter(account_id=account, kind=kind.__name__)
    serial.update(next=F("next") + 1)
    taken: int = serial.values_list("next", flat=True).get()
    return account * SPAN + taken - 1


def tiers_of(account: int) -> list[VipTier]:
    """The tiers of a programme, lowest first."""
    return list(VipTier.objects.filter(account_id=account).order_by("milestone", "id"))


def find_customer(key: int) -> Customer:
    """The customer behind a key; refused when there is none."""
    customer = Customer.objects.filter(pk=key).first()
    if customer is None:
        raise not_found("The customer")
    return customer


def customer_of_email(*, account: int, email: str) -> Customer:
    """The customer an e-mail means: of several a member before others, then the oldest."""
    found = list(Customer.objects.filter(account_id=account, email_key=email.casefold()).order_by("id"))
    if not found:
        raise not_found("The customer")
    return min(found, key=lambda customer: customer.state != MEMBER)


def add_customer(*, account: int, now: int, **fields: Any) -> Customer:
    """A new customer of the shop, as the shop's platform feeds it."""
    with transaction.atomic():
        key = next_key(account=account, kind=Customer)
        fields.setdefault("created_at", now)
        customer = Customer(id=key, account_id=account, updated_at=now, **fields)
        customer.email_key = customer.email.casefold()
        if customer.points_balance:
            customer.points_expire_at = now + engine.POINTS_LAST
        _enter(customer, now)
        _save(customer, now)
    return customer


def set_state(*, customer: Customer, now: int, state: str) -> None:
    """Join the programme, leave it, be shut out; whoever is not in it has no tier."""
    customer.state = state
    if state == CANDIDATE:
        customer.vip_tier_id = customer.vip_tier_expires_at = None
    else:
        _enter(customer, now)
    _save(customer, now)


def change_points(
    *, customer_key: int, now: int, change: int, description: str, internal_note: str | None = None
) -> PointsTransaction:
    """Give or take points; more than the balance cannot be taken."""
    with transaction.atomic():
        customer = find_customer(customer_key)
        if customer.points_balance + change < 0:
            raise ShortBalance
        _move(customer, now, change)
        _save(customer, now)
        return PointsTransaction.objects.create(
            id=next_key(account=customer.account_id, kind=PointsTransaction),
            account_id=customer.account_id,
            customer_id=customer.pk,
            points_change=change,
            description=description,
            internal_note=internal_note,
            created_at=now,
            updated_at=now,
        )


def expire_points(*, customer: Customer, now: int, points: int | None = None) -> None:
    """Points end, all of them or some; nothing is written that anybody could read."""
    lost = customer.points_balance if points is None else min(points, customer.points_balance)
    customer.points_balance -= lost
    if not customer.points_balance:
        customer.points_expire_at = None
    _save(customer, now)


def purchase(
    *, account: int, now: int, product_key: int, customer_key: int, points_to_spend: int | None
) -> PointsPurchase:
    """Spend a customer's points on a product; the reward comes with it."""
    with transaction.atomic():
        product = PointsProduct.objects.select_related("reward").filter(pk=product_key).first()
        if product is None:
            raise not_found("The points product")
        price = _price(product, points_to_spend)
        change_points(
            customer_key=customer_key,
            now=now,
            change=-price,
            description=f"Troca de pontos: {product.reward.name}",
        )
        return PointsPurchase.objects.create(
            id=next_key(account=account, kind=PointsPurchase),
            account_id=account,
            customer_id=customer_key,
            points_product_id=product.pk,
            points_spent=price,
            reward_fulfillment=fulfil(customer_key=customer_key, now=now, reward=product.reward),
            created_at=now,
            updated_at=now,
        )


def _price(product: PointsProduct, points_to_spend: int | None) -> int:
    if product.exchange_type != VARIABLE:
        if points_to_spend is not None:
            raise Refused("points_to_spend only applies to variable points products.", 400)
        return product.points_price or 0
    if points_to_spend is None:
        raise Refused("points_to_spend is missing.", 400)
    least = product.variable_points_min or product.variable_points_step or 1
    most = product.variable_points_max
    if points_to_spend < least or (most is not None and points_to_spend > most):
        raise Refused(f"points_to_spend must be at least {least} and at most {most}.")
    if points_to_spend % (product.variable_points_step or 1):
        raise Refused(f"points_to_spend must be a multiple of {product.variable_points_step}.")
    return points_to_spend


def fulfil(*, customer_key: int | None, now: int, reward: Reward, **fields: Any) -> RewardFulfillment:
    """Put a reward into a customer's hands; inside a transaction."""
    key = next_key(account=reward.account_id, kind=RewardFulfillment)
    copied = ("name", "image_url", "action_text", "action_url", "usage_instructions", "terms_and_conditions")
    values: dict[str, Any] = {name: getattr(reward, name) for name in copied}
    values |= {
        "code": fulfillment_code(prefix=reward.code_prefix, key=key),
        "expires_at": None if reward.valid_days is None else now + reward.valid_days * engine.DAY,
        "fulfillment_status": reward.first_status,
        "usage_status": UNUSED if reward.tracked else UNTRACKED,
        **fields,
    }
    return RewardFulfillment.objects.create(
        id=key,
        account_id=reward.account_id,
        customer_id=customer_key,
        created_at=now,
        updated_at=now,
        **values,
    )


def fulfillment_code(*, prefix: str, key: int) -> str:
    """The code of a fulfilment, in the form of the documented example `discount-e26d02e39149`."""
    return f"{prefix}-{hashlib.blake2b(str(key).encode(), digest_size=6).hexdigest()}"


def record_activity(
    *, customer: Customer, now: int, token: str, distinct_id: str | None, created_on_origin_at: int | None
) -> tuple[Activity, bool]:
    """Take note of an activity, to be worked on later, and say whether it is a new one."""
    if token not in engine.ACTIVITIES:
        raise not_found("The activity type")
    account = customer.account_id
    with transaction.atomic():
        first = None
        if distinct_id is not None:
            first = Activity.objects.filter(account_id=account, token=token, distinct_id=distinct_id).first()
        if first is not None:
            return first, False
        activity = Activity.objects.create(
            id=next_key(account=account, kind=Activity),
            account_id=account,
            customer_id=customer.pk,
            token=token,
            distinct_id=distinct_id,
            created_on_origin_at=created_on_origin_at,
            due_at=now + engine.ACTIVITY_DELAY,
            created_at=now,
            updated_at=now,
        )
    return activity, True


def settle(*, account: int, now: int) -> None:
    """Do what time has brought: work on due activities, end points and tiers. Cheap when nothing is due."""
    activities = Activity.objects.filter(account_id=account, due_at__lte=now).order_by("due_at", "id")
    customers = Customer.objects.filter(account_id=account, due_at__lte=now).order_by("due_at", "id")
    if activities.exists():
        with transaction.atomic():
            for activity in activities:
                _work_on(activity)
    if customers.exists():
        with transaction.atomic():
            for customer in customers:
                _end_what_ended(customer, now)


def refer(*, sender: Customer, now: int, receiver_email: str, reward: Reward) -> Referral:
    """A friend asks for the welcome reward through a customer's link."""
    with transaction.atomic():
        return Referral.objects.create(
            id=next_key(account=sender.account_id, kind=Referral),
            account_id=sender.account_id,
            sender=sender,
            receiver_email=receiver_email,
            receiver_fulfillment=fulfil(customer_key=None, now=now, reward=reward),
            created_at=now,
            updated_at=now,
        )


def complete_referral(*, referral: Referral, now: int, receiver: Customer, reward: Reward) -> None:
    """The friend has ordered: the friend has an account now, and the customer a reward."""
    with transaction.atomic():
        referral.receiver = receiver
        referral.sender_fulfillment = fulfil(customer_key=referral.sender_id, now=now, reward=reward)
        referral.updated_at = now
        referral.save()
        RewardFulfillment.objects.filter(pk=referral.receiver_fulfillment_id).update(customer_id=receiver.pk)


def _work_on(activity: Activity) -> None:
    moment = activity.due_at or activity.created_at
    Activity.objects.filter(pk=activity.pk).update(due_at=None, updated_at=moment)
    began_at = activity.account.began_at
    if activity.created_on_origin_at is not None and activity.created_on_origin_at < began_at:
        return
    if Customer.objects.filter(pk=activity.customer_id).exists():
        change_points(
            customer_key=activity.customer_id,
            now=moment,
            change=engine.ACTIVITIES[activity.token],
            description=ACTIVITY_TEXT,
        )


def _end_what_ended(customer: Customer, now: int) -> None:
    if customer.points_expire_at is not None and customer.points_expire_at <= now:
        customer.points_balance, customer.points_expire_at = 0, None
    if customer.vip_tier_expires_at is not None and customer.vip_tier_expires_at <= now:
        year = engine.year_of(now)
        recent = customer.progress if customer.progress_year >= year - 1 else 0
        tiers = tiers_of(customer.account_id)
        level = engine.reached(tiers, recent)
        _step(customer, now, tiers, level)
        customer.vip_tier_expires_at = engine.keeps_until(level, year - 1)
    _save(customer, now)


def _enter(customer: Customer, now: int) -> None:
    """A member without a tier gets the lowest, when it asks for nothing."""
    if customer.state == MEMBER and customer.vip_tier_id is None:
        level = engine.reached(tiers_of(customer.account_id), 0)
        customer.vip_tier_id = level.pk if level else None


def _move(customer: Customer, now: int, change: int) -> None:
    customer.points_balance += change
    customer.points_expire_at = now + engine.POINTS_LAST if customer.points_balance else None
    if change <= 0 or customer.state != MEMBER:
        return
    year = engine.year_of(now)
    before = customer.progress if customer.progress_year == year else 0
    customer.progress, customer.progress_year = before + change, year
    tiers = tiers_of(customer.account_id)
    level = engine.reached(tiers, customer.progress)
    held = next((tier for tier in tiers if tier.pk == customer.vip_tier_id), None)
    if level is None or (held is not None and held.milestone > level.milestone):
        return
    if held is None or level.milestone > held.milestone:
        _step(customer, now, tiers, level)
        for key in level.entry_rewards:
            fulfil(customer_key=customer.pk, now=now, reward=Reward.objects.get(pk=key))
    customer.vip_tier_expires_at = engine.keeps_until(level, year)


def _step(customer: Customer, now: int, tiers: Sequence[VipTier], level: VipTier | None) -> None:
    """Move to a tier and write the change down; a tier one already has is none."""
    key = level.pk if level else None
    if key == customer.vip_tier_id:
        return
    held = next((tier for tier in tiers if tier.pk == customer.vip_tier_id), None)
    risen = level is not None and (held is None or level.milestone > held.milestone)
    name = level.name if level else ""
    VipTierChange.objects.create(
        id=next_key(account=customer.account_id, kind=VipTierChange),
        account_id=customer.account_id,
        customer_id=customer.pk,
        previous_tier_id=customer.vip_tier_id,
        current_tier_id=key,
        description=f"Alcançou {name}" if risen else f"Voltou para {name}".strip(),
        created_at=now,
        updated_at=now,
    )
    customer.vip_tier_id = key


def _save(customer: Customer, now: int) -> None:
    ends = [end for end in (customer.points_expire_at, customer.vip_tier_expires_at) if end is not None]
    customer.due_at = min(ends, default=None)
    customer.updated_at = now
    customer.save()
