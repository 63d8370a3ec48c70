"""What the sandbox's Smile.io keeps. Knows nothing of HTTP or of wire formats.

Units: points whole, times in milliseconds since the epoch (UTC). Every credential has its own account; keys
lie in the account's span (`sandbox.keys`) and grow with the time of creation, so that the newest rows of a list
are its highest keys. Source: contract smile-v1 §4.
"""

# No admin and no form ever shows these rows by name.
# ruff: noqa: DJ008

from django.db import models
from django.db.models import Q

CANDIDATE, MEMBER, DISABLED = "candidate", "member", "disabled"
STATES = (CANDIDATE, MEMBER, DISABLED)
PENDING, ISSUED, FAILED = "pending", "issued", "failed"
FULFILLMENT_STATUSES = (PENDING, ISSUED, "cancelled", FAILED)
UNUSED, USED, UNTRACKED = "unused", "used", "untracked"
USAGE_STATUSES = (USED, UNUSED, UNTRACKED)
FIXED, VARIABLE = "fixed", "variable"


class Account(models.Model):
    """One credential's programme: when it began, the names of its points."""

    id = models.BigIntegerField(primary_key=True)
    credential = models.CharField(max_length=40, unique=True)
    began_at = models.BigIntegerField()
    label_one = models.CharField(max_length=40)
    label_other = models.CharField(max_length=40)


class Serial(models.Model):
    """The next public id of one kind of object in one account."""

    account = models.ForeignKey(Account, models.CASCADE, db_index=False)
    kind = models.CharField(max_length=40)
    next = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "kind"], name="smile_serial")]


class Owned(models.Model):
    """A row of one account."""

    id = models.BigIntegerField(primary_key=True)
    account = models.ForeignKey(Account, models.CASCADE, db_index=False)
    created_at = models.BigIntegerField()
    updated_at = models.BigIntegerField()

    class Meta:
        abstract = True


class VipTier(Owned):
    """A level of the programme, reached by points earned in a calendar year; perks are texts."""

    name = models.CharField(max_length=80)
    image_url = models.TextField()
    milestone = models.BigIntegerField()
    perks = models.JSONField(default=list)
    entry_rewards = models.JSONField(default=list)


class Reward(Owned):
    """What a customer can get, and how a fulfilment of it looks."""

    name = models.CharField(max_length=120)
    description = models.TextField(null=True)
    image_url = models.TextField()
    code_prefix = models.CharField(max_length=40, default="premio")
    action_text = models.TextField(null=True)
    action_url = models.TextField(null=True)
    usage_instructions = models.TextField(null=True)
    terms_and_conditions = models.TextField(null=True)
    valid_days = models.IntegerField(null=True)
    first_status = models.CharField(max_length=9, default=ISSUED)
    tracked = models.BooleanField(default=True)


class PointsProduct(Owned):
    """A reward with its price in points: one price, or a slider."""

    reward = models.ForeignKey(Reward, models.CASCADE)
    exchange_type = models.CharField(max_length=8)
    exchange_description = models.TextField()
    points_price = models.BigIntegerField(null=True)
    variable_points_step = models.BigIntegerField(null=True)
    variable_points_step_reward_value = models.BigIntegerField(null=True)
    variable_points_min = models.BigIntegerField(null=True)
    variable_points_max = models.BigIntegerField(null=True)


class EarningRule(Owned):
    """A way to earn points, as it is shown to customers."""

    name = models.CharField(max_length=120)
    image_url = models.TextField()
    action_text = models.TextField(null=True)
    action_url = models.TextField(null=True)
    restricted_to_vip_tier_ids = models.JSONField(default=list)
    reward_value = models.JSONField()
    earning_limit = models.JSONField(null=True)
    enabled = models.BooleanField(default=True)


class Customer(Owned):
    """A customer of the shop; `email_key` is the e-mail without case, and not unique.

    `progress` are the points earned in the calendar year `progress_year`. `due_at` is the earlier of the two
    moments at which something ends by itself: the points, the tier.
    """

    first_name = models.CharField(max_length=120, null=True)
    last_name = models.CharField(max_length=120, null=True)
    email = models.CharField(max_length=254)
    email_key = models.CharField(max_length=762)
    state = models.CharField(max_length=9, default=MEMBER)
    date_of_birth = models.CharField(max_length=10, null=True)
    points_balance = models.BigIntegerField(default=0)
    points_expire_at = models.BigIntegerField(null=True)
    vip_tier_id = models.BigIntegerField(null=True)
    vip_tier_expires_at = models.BigIntegerField(null=True)
    progress = models.BigIntegerField(default=0)
    progress_year = models.IntegerField(default=0)
    due_at = models.BigIntegerField(null=True)

    class Meta:
        indexes = [
            models.Index(fields=["account", "email_key"], name="smile_customer_email"),
            models.Index(fields=["account", "due_at"], name="smile_customer_due"),
        ]


class PointsTransaction(Owned):
    """A change of a balance that somebody can read about; expiry makes none."""

    customer_id = models.BigIntegerField()
    points_change = models.BigIntegerField()
    description = models.TextField()
    internal_note = models.TextField(null=True)

    class Meta:
        indexes = [models.Index(fields=["customer_id", "id"], name="smile_transaction_customer")]


class RewardFulfillment(Owned):
    """A reward in a customer's hands; a friend who has not ordered yet is no customer."""

    customer_id = models.BigIntegerField(null=True)
    name = models.CharField(max_length=120)
    code = models.CharField(max_length=80)
    image_url = models.TextField()
    action_text = models.TextField(null=True)
    action_url = models.TextField(null=True)
    usage_instructions = models.TextField(null=True)
    terms_and_conditions = models.TextField(null=True)
    expires_at = models.BigIntegerField(null=True)
    used_at = models.BigIntegerField(null=True)
    fulfillment_status = models.CharField(max_length=9, default=ISSUED)
    usage_status = models.CharField(max_length=9, default=UNUSED)

    class Meta:
        indexes = [models.Index(fields=["customer_id", "id"], name="smile_fulfillment_customer")]


class PointsPurchase(Owned):
    """Points that became a reward; no call reads it back."""

    customer_id = models.BigIntegerField()
    points_product_id = models.BigIntegerField()
    points_spent = models.BigIntegerField()
    reward_fulfillment = models.ForeignKey(RewardFulfillment, models.CASCADE, db_index=False)


class Activity(Owned):
    """Something a customer did; `due_at` is when it is worked on, null once it was."""

    customer_id = models.BigIntegerField()
    token = models.CharField(max_length=120)
    distinct_id = models.CharField(max_length=254, null=True)
    created_on_origin_at = models.BigIntegerField(null=True)
    due_at = models.BigIntegerField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account", "token", "distinct_id"], name="smile_activity_once")
        ]
        indexes = [
            models.Index(
                fields=["account", "due_at"], name="smile_activity_due", condition=Q(due_at__isnull=False)
            )
        ]


class Referral(Owned):
    """A customer who brought a friend; the friend's side fills after the first order."""

    sender = models.ForeignKey(Customer, models.CASCADE, related_name="+", db_index=False)
    receiver = models.ForeignKey(Customer, models.CASCADE, null=True, related_name="+", db_index=False)
    receiver_email = models.CharField(max_length=254)
    receiver_fulfillment = models.ForeignKey(
        RewardFulfillment, models.CASCADE, related_name="+", db_index=False
    )
    sender_fulfillment = models.ForeignKey(
        RewardFulfillment, models.CASCADE, null=True, related_name="+", db_index=False
    )


class VipTierChange(Owned):
    """A customer's step from one tier to another; no call of the API lists it."""

    customer_id = models.BigIntegerField()
    previous_tier_id = models.BigIntegerField(null=True)
    current_tier_id = models.BigIntegerField(null=True)
    description = models.TextField()

    class Meta:
        indexes = [models.Index(fields=["customer_id", "id"], name="smile_change_customer")]
