"""Keys of new rows, and rewards that go into a customer's hands. Inside a transaction of the caller.

Source: contract smile-v1 §4 (reward_fulfillment). Times in milliseconds.
"""

import hashlib
from typing import Any

from django.db.models import F

from sandbox.keys import SPAN
from sandbox.smile import engine
from sandbox.smile.models import UNTRACKED, UNUSED, Owned, Reward, RewardFulfillment, Serial


def next_key(*, account: int, kind: type[Owned]) -> int:
    """Take the next key of a kind of object."""
    serial = Serial.objects.filter(account_id=account, kind=kind.__name__)
    serial.update(next=F("next") + 1)
    taken: int = serial.values_list("next", flat=True).get()
    return account * SPAN + taken - 1


def fulfil(*, customer_key: int | None, now: int, reward: Reward, **fields: Any) -> RewardFulfillment:
    """Put a reward into a customer's hands."""
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
