"""What Smile does to its data: points, purchases, activities, tiers, and what time does by itself.

Knows no HTTP and no wire format. Every effect is one transaction (BEGIN IMMEDIATE: whoever is inside is alone),
so that of two simultaneous requests each sees what the other did. Times in milliseconds. Refusals raise
`Refused`. Source: contract smile-v1 §3–§5.
"""

from typing import Any

from django.db import transaction

from sandbox.smile import engine
from sandbox.smile.models import (
    CANDIDATE,
    MEMBER,
    VARIABLE,
    Activity,
    Customer,
    PointsProduct,
    PointsPurchase,
    PointsTransaction,
    Referral,
    Reward,
    RewardFulfillment,
)
from sandbox.smile.refusals import Refused, ShortBalance, not_found
from sandbox.smile.rewards import fulfil, next_key
from sandbox.smile.tiers import end_what_ended, enter, move, save

ACTIVITY_TEXT = "Pedido na loja virtual"


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
        enter(customer, now)
        save(customer, now)
    return customer


def set_state(*, customer: Customer, now: int, state: str) -> None:
    """Join the programme, leave it, be shut out; whoever is not in it has no tier."""
    customer.state = state
    if state == CANDIDATE:
        customer.vip_tier_id = customer.vip_tier_expires_at = None
    else:
        enter(customer, now)
    save(customer, now)


def change_points(
    *, customer_key: int, now: int, change: int, description: str, internal_note: str | None = None
) -> PointsTransaction:
    """Give or take points; more than the balance cannot be taken."""
    with transaction.atomic():
        customer = find_customer(customer_key)
        if customer.points_balance + change < 0:
            raise ShortBalance
        move(customer, now, change)
        save(customer, now)
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
    save(customer, now)


def refund(*, customer: Customer, now: int, points: int) -> None:
    """Change a balance as a refund does, up or down: no transaction, and nothing for the tier."""
    if customer.points_balance + points < 0:
        raise ShortBalance
    customer.points_balance += points
    customer.points_expire_at = now + engine.POINTS_LAST if customer.points_balance else None
    save(customer, now)


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
                end_what_ended(customer, now)


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
