"""Tiers and balances: what a change of points does to a customer, and what time takes away.

Changes the row it is handed; `save` writes it. Inside a transaction of the caller. Source: contract smile-v1 §4
(vip_status, vip_tier_change); the numbers are the engine's. Times in milliseconds.
"""

from collections.abc import Sequence

from sandbox.smile import engine
from sandbox.smile.models import MEMBER, Customer, Reward, VipTier, VipTierChange
from sandbox.smile.rewards import fulfil, next_key


def tiers_of(account: int) -> list[VipTier]:
    """The tiers of a programme, lowest first."""
    return list(VipTier.objects.filter(account_id=account).order_by("milestone", "id"))


def end_what_ended(customer: Customer, now: int) -> None:
    """Take away the points and the tiers whose time is over, each at its moment."""
    while customer.due_at is not None and customer.due_at <= now:
        at = customer.due_at
        if customer.points_expire_at == at:
            customer.points_balance, customer.points_expire_at = 0, None
        if customer.vip_tier_expires_at == at:
            year = engine.year_of(at + 1)
            recent = customer.progress if customer.progress_year >= year - 1 else 0
            tiers = tiers_of(customer.account_id)
            level = engine.reached(tiers, recent)
            _step(customer, at, tiers, level)
            customer.vip_tier_expires_at = engine.keeps_until(level, year - 1)
        save(customer, at)


def enter(customer: Customer, now: int) -> None:
    """A member without a tier gets the lowest, when it asks for nothing."""
    if customer.state == MEMBER and customer.vip_tier_id is None:
        level = engine.reached(tiers_of(customer.account_id), 0)
        customer.vip_tier_id = level.pk if level else None


def move(customer: Customer, now: int, change: int) -> None:
    """Change the balance; what is earned counts for the tier, which brings its rewards."""
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


def save(customer: Customer, now: int) -> None:
    """Write a changed customer, and when something of hers ends next."""
    ends = [end for end in (customer.points_expire_at, customer.vip_tier_expires_at) if end is not None]
    customer.due_at = min(ends, default=None)
    customer.updated_at = now
    customer.save()
