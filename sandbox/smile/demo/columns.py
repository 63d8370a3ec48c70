"""The columns of the tables the demo fills, in the order in which it fills them. Pure data."""

CUSTOMER = (
    "id", "account_id", "first_name", "last_name", "email", "email_key", "state", "date_of_birth",
    "points_balance", "points_expire_at", "vip_tier_id", "vip_tier_expires_at", "progress", "progress_year",
    "due_at", "created_at", "updated_at",
)  # fmt: skip
TRANSACTION = (
    "id", "account_id", "customer_id", "points_change", "description", "internal_note", "created_at",
    "updated_at",
)  # fmt: skip
FULFILLMENT = (
    "id", "account_id", "customer_id", "name", "code", "image_url", "usage_instructions",
    "terms_and_conditions", "expires_at", "used_at", "fulfillment_status", "usage_status", "created_at",
    "updated_at",
)  # fmt: skip
PURCHASE = (
    "id", "account_id", "customer_id", "points_product_id", "points_spent", "reward_fulfillment_id",
    "created_at", "updated_at",
)  # fmt: skip
CHANGE = (
    "id", "account_id", "customer_id", "previous_tier_id", "current_tier_id", "description", "created_at",
    "updated_at",
)  # fmt: skip
REFERRAL = (
    "id", "account_id", "sender_id", "receiver_id", "receiver_email", "receiver_fulfillment_id",
    "sender_fulfillment_id", "created_at", "updated_at",
)  # fmt: skip
REWARD = (
    "id", "account_id", "name", "description", "image_url", "code_prefix", "usage_instructions",
    "terms_and_conditions", "valid_days", "first_status", "tracked", "created_at", "updated_at",
)  # fmt: skip
PRODUCT = (
    "id", "account_id", "reward_id", "exchange_type", "exchange_description", "points_price",
    "variable_points_step", "variable_points_step_reward_value", "variable_points_min", "variable_points_max",
    "created_at", "updated_at",
)  # fmt: skip
TIER = (
    "id", "account_id", "name", "image_url", "milestone", "perks", "entry_rewards", "created_at", "updated_at",
)  # fmt: skip
RULE = (
    "id", "account_id", "name", "image_url", "restricted_to_vip_tier_ids", "reward_value", "earning_limit",
    "enabled", "created_at", "updated_at",
)  # fmt: skip
