"""The example bodies of Smile's published document, one per object, as printed there (shortened texts).

They stand for names and kinds of values, not for values: what the sandbox answers must be built the same way.
"""

from typing import Any

_CREATED = {"created_at": "2017-12-07T20:15:27.893Z", "updated_at": "2017-12-07T20:15:27.893Z"}
CUSTOMER: dict[str, Any] = {
    "id": 1,
    "first_name": "Jane",
    "last_name": "Bond",
    "email": "jane@smile.io",
    "state": "member",
    "date_of_birth": "1967-10-29",
    "points_balance": 5000,
    "referral_url": "http://i.refs.cc/j2Fw55",
    "vip_tier_id": None,
    "created_at": "2017-04-04T15:10:42.030Z",
    "updated_at": "2017-04-04T15:10:42.030Z",
}
METADATA = {"next_cursor": "aWQ6MixkaXJlY3Rpb246bmV4dA==", "previous_cursor": None}
REWARD = {
    "id": 228015,
    "name": "Free T-shirt",
    "description": None,
    "image_url": "https://platform-images.smilecdn.co/3755938.png",
    **_CREATED,
}
POINTS_PRODUCT = {
    "id": 133577,
    "exchange_type": "fixed",
    "exchange_description": "500 Pins",
    "points_price": 500,
    "variable_points_step": None,
    "variable_points_step_reward_value": None,
    "variable_points_min": None,
    "variable_points_max": None,
    "reward": REWARD,
    **_CREATED,
}
POINTS_PURCHASE = {
    "id": 81,
    "customer_id": 2,
    "points_product_id": 21,
    "points_spent": 500,
    "reward_fulfillment": {"id": 137, "name": "$5 off", "code": "discount-e26d02e39149", **_CREATED},
    **_CREATED,
}
REWARD_FULFILLMENT = {
    "id": 211231,
    "name": "Free shipping coupon",
    "code": "freeship-e26d02e39149",
    "image_url": "https://cdn.smile.io/assets/rewards/icon-9283449.png",
    "action_text": None,
    "action_url": None,
    "usage_instructions": "Use this discount code on your next order for free shipping!",
    "terms_and_conditions": "Reward expires on June 7, 2018.",
    "expires_at": "2018-06-07T23:59:59.999Z",
    "used_at": "2018-05-17T11:27:16.123Z",
    **_CREATED,
}
POINTS_TRANSACTION = {
    "id": 133577,
    "customer_id": 1,
    "points_change": 500,
    "description": "Placed an order",
    "internal_note": None,
    **_CREATED,
}
REFERRAL = {
    "id": 133577,
    "receiver_customer": CUSTOMER,
    "receiver_customer_email": "carmen@smile.io",
    "receiver_reward_fulfillment": REWARD_FULFILLMENT,
    "sender_customer": CUSTOMER,
    "sender_reward_fulfillment": REWARD_FULFILLMENT,
    **_CREATED,
}
VIP_TIER = {
    "id": 133577,
    "name": "Gold",
    "image_url": "https://platform-images.smilecdn.co/582j2kd82k2j.png",
}
VIP_TIER_CHANGE = {
    "id": 133577,
    "previous_vip_tier": {**VIP_TIER, "id": 8576, "name": "Silver"},
    "current_vip_tier": {**VIP_TIER, "id": 9378},
    "description": "Achieved Gold",
}
#: What today's edition adds to the older one's tiers and fulfilments, from the contract's table.
ADDED = frozenset({"milestone", "customer_id", "fulfillment_status", "usage_status"})
