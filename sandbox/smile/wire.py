"""The two editions' replies: every wire name, format and envelope of Smile stands here and nowhere else.

Source: contract smile-v1 §1, §4 and §5. Rows come from `models`; nothing is stored or decided here. `Show` holds
what one reply needs beside its rows: the edition, the time, the tiers, what the caller wants included.
"""

import hashlib
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from sandbox.keys import SPAN
from sandbox.smile import engine
from sandbox.smile.auth import CURRENT, OLD
from sandbox.smile.models import (
    MEMBER,
    Activity,
    Customer,
    EarningRule,
    PointsProduct,
    PointsPurchase,
    PointsTransaction,
    Referral,
    Reward,
    RewardFulfillment,
    VipTier,
    VipTierChange,
)
from sandbox.smile.refusals import Refused
from sandbox.times import utc_second
from sandbox.vendors import Reply, json_reply

CREATED = {CURRENT: 201, OLD: 200}
FAILED = {CURRENT: 422, OLD: 402}


def time(moment: int | None) -> str | None:
    """ISO 8601 with milliseconds and `Z`."""
    return None if moment is None else f"{utc_second(moment // 1000)}.{moment % 1000:03d}Z"


def number(key: int | None) -> int | None:
    """The public id behind a key."""
    return None if key is None else key % SPAN


def refusal(profile: str, refused: Refused) -> Reply:
    """The reply for a refusal; today's edition names the request."""
    error = {"message": refused.message}
    if profile == CURRENT:
        error["request_id"] = str(uuid.uuid4())
    return json_reply({"error": error}, refused.status or FAILED[profile])


def referral_url(key: int) -> str:
    """A customer's link for friends."""
    return f"https://refs.example/{hashlib.blake2b(str(key).encode(), digest_size=4).hexdigest()}"


@dataclass(frozen=True)
class Show:
    """Turns rows into objects of one edition at one moment."""

    profile: str
    now: int
    tiers: Mapping[int, VipTier] = field(default_factory=dict)
    include: frozenset[str] = frozenset()

    @property
    def current(self) -> bool:
        """Whether today's edition is spoken."""
        return self.profile == CURRENT

    def customer(self, row: Customer) -> dict[str, Any]:
        """A customer, with the tier when it is asked for."""
        shown = {
            "id": number(row.pk),
            "first_name": row.first_name,
            "last_name": row.last_name,
            "email": row.email,
            "state": row.state,
            "date_of_birth": row.date_of_birth,
            "points_balance": row.points_balance,
            "referral_url": referral_url(row.pk),
            "vip_tier_id": number(row.vip_tier_id),
            **_times(row),
        }
        if "vip_tier" in self.include:
            shown["vip_tier"] = self.tier(row.vip_tier_id)
        if "vip_status" in self.include:
            shown["vip_status"] = self._status(row)
        return shown

    def tier(self, key: int | None) -> dict[str, Any] | None:
        """A tier by its key."""
        row = None if key is None else self.tiers.get(key)
        if row is None:
            return None
        shown = {"id": number(row.pk), "name": row.name, "image_url": row.image_url}
        return {**shown, "milestone": float(row.milestone)} if self.current else shown

    def listed_tier(self, row: VipTier, rewards: Mapping[int, Reward]) -> dict[str, Any]:
        """A tier of the list, with perks and entry rewards when they are asked for."""
        shown = self.tier(row.pk) or {}
        if "perks" in self.include:
            shown["perks"] = [{"name": perk} for perk in row.perks]
        if "entry_rewards" in self.include:
            shown["entry_rewards"] = [self.reward(rewards[key]) for key in row.entry_rewards]
        return shown

    def reward(self, row: Reward) -> dict[str, Any]:
        """A reward."""
        names = ("name", "description", "image_url")
        return {"id": number(row.pk), **_plain(row, names), **_times(row)}

    def points_product(self, row: PointsProduct) -> dict[str, Any]:
        """A points product with its reward."""
        names = (
            "exchange_type",
            "exchange_description",
            "points_price",
            "variable_points_step",
            "variable_points_step_reward_value",
            "variable_points_min",
            "variable_points_max",
        )
        shown = {"id": number(row.pk), **_plain(row, names), "reward": self.reward(row.reward)}
        return {**shown, **_times(row)}

    def points_purchase(self, row: PointsPurchase) -> dict[str, Any]:
        """A purchase; the older edition's example shows its fulfilment cut down to name and code."""
        given = self.reward_fulfillment(row.reward_fulfillment)
        if not self.current:
            given = {name: given[name] for name in ("id", "name", "code", "created_at", "updated_at")}
        return {
            "id": number(row.pk),
            "customer_id": number(row.customer_id),
            "points_product_id": number(row.points_product_id),
            "points_spent": row.points_spent,
            "reward_fulfillment": given,
            **_times(row),
        }

    def points_transaction(self, row: PointsTransaction) -> dict[str, Any]:
        """A points transaction."""
        names = ("points_change", "description", "internal_note")
        return {
            "id": number(row.pk),
            "customer_id": number(row.customer_id),
            **_plain(row, names),
            **_times(row),
        }

    def reward_fulfillment(self, row: RewardFulfillment) -> dict[str, Any]:
        """A fulfilment; today's edition says whose it is and how it stands."""
        names = ("name", "code", "image_url", "action_text", "action_url")
        texts = ("usage_instructions", "terms_and_conditions")
        shown = {"id": number(row.pk), **_plain(row, names), **_plain(row, texts)}
        if self.current:
            shown["customer_id"] = number(row.customer_id)
            shown |= _plain(row, ("fulfillment_status", "usage_status"))
        return {**shown, "expires_at": time(row.expires_at), "used_at": time(row.used_at), **_times(row)}

    def activity(self, row: Activity) -> dict[str, Any]:
        """An activity; the older edition documents none."""
        return {
            "id": number(row.pk),
            "customer_id": number(row.customer_id),
            "token": row.token,
            "distinct_id": row.distinct_id,
            "created_on_origin_at": time(row.created_on_origin_at),
            **_times(row),
        }

    def earning_rule(self, row: EarningRule) -> dict[str, Any]:
        """A way to earn points."""
        names = ("name", "image_url", "action_text", "action_url", "restricted_to_vip_tier_ids")
        return {
            "id": number(row.pk),
            **_plain(row, names),
            "reward": {"type": "points"},
            **_plain(row, ("reward_value", "earning_limit")),
        }

    def referral(self, row: Referral) -> dict[str, Any]:
        """A referral with both sides."""
        return {
            "id": number(row.pk),
            "receiver_customer": self.customer(row.receiver) if row.receiver else None,
            "receiver_customer_email": row.receiver_email,
            "receiver_reward_fulfillment": self.reward_fulfillment(row.receiver_fulfillment),
            "sender_customer": self.customer(row.sender),
            "sender_reward_fulfillment": (
                self.reward_fulfillment(row.sender_fulfillment) if row.sender_fulfillment else None
            ),
            **_times(row),
        }

    def tier_change(self, row: VipTierChange) -> dict[str, Any]:
        """A step between tiers."""
        return {
            "id": number(row.pk),
            "previous_vip_tier": self.tier(row.previous_tier_id),
            "current_vip_tier": self.tier(row.current_tier_id),
            "description": row.description,
        }

    def _status(self, row: Customer) -> dict[str, Any]:
        """What is reached, until when, and what is missing; all null for who is not in the programme."""
        inside = row.state == MEMBER and bool(self.tiers)
        year = engine.year_of(self.now)
        progress = row.progress if row.progress_year == year else 0
        held = self.tiers.get(row.vip_tier_id or 0)
        later = engine.following(list(self.tiers.values()), held) if inside else None
        keep = None if held is None or not inside else max(0, held.milestone - progress)
        shown: dict[str, Any] = {
            "vip_tier_id": number(row.vip_tier_id),
            "vip_tier_expires_at": time(row.vip_tier_expires_at),
            "progress_value": float(progress) if inside else None,
            "current_vip_period_end": time(engine.year_end(year)) if inside else None,
            "delta_to_retain_vip_tier": None if keep is None else float(keep),
            "next_vip_tier_id": number(later.pk) if later else None,
            "delta_to_next_vip_tier": float(max(0, later.milestone - progress)) if later else None,
        }
        if "vip_status.vip_tier" in self.include:
            shown["vip_tier"] = self.tier(row.vip_tier_id)
        if "vip_status.next_vip_tier" in self.include:
            shown["next_vip_tier"] = self.tier(later.pk) if later else None
        return shown


def _plain(row: Any, names: Iterable[str]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in names}


def _times(row: Any) -> dict[str, Any]:
    return {"created_at": time(row.created_at), "updated_at": time(row.updated_at)}
