"""What the sandbox's Smartbis keeps. Knows nothing of HTTP or of wire formats.

Units: money in centavos, points in 1/10000 point, times in whole seconds since the epoch (UTC). Every
credential has its own account, and an account owns a span of primary keys: a key carries its account, a
listing of one account is one range, and the same public ids (key modulo `SPAN`) exist in several accounts.
"""

# No admin and no form ever shows these rows by name.
# ruff: noqa: DJ008

from django.db import models

# The first of each kind is the contract's example.
FIRST_CUSTOMER = 18_231
FIRST_SALE = 90_017
FIRST_COUPON = 41
FIRST_CATEGORY = 3


class Account(models.Model):
    """One credential's world: the row count of each list and the next public id of each kind."""

    id = models.BigIntegerField(primary_key=True)
    credential = models.CharField(max_length=40, unique=True)
    customers = models.BigIntegerField()
    coupons = models.BigIntegerField()
    categories = models.BigIntegerField()
    vouchers = models.BigIntegerField()
    next_customer = models.BigIntegerField()
    next_sale = models.BigIntegerField()
    next_coupon = models.BigIntegerField()
    next_category = models.BigIntegerField()
    next_voucher = models.BigIntegerField()


class Owned(models.Model):
    """A row of one account; the key lies in the account's span (vouchers excepted)."""

    id = models.BigIntegerField(primary_key=True)
    account = models.ForeignKey(Account, models.CASCADE, db_index=False)

    class Meta:
        abstract = True

    def read_at(self, now: int) -> None:
        """Set what depends on the time of reading; most rows have nothing of the kind."""


class Customer(Owned):
    """A person of the programme."""

    name = models.CharField(max_length=120)
    cpf = models.CharField(max_length=11, null=True)
    phone = models.CharField(max_length=11, null=True)
    email = models.CharField(max_length=254, null=True)
    birth_date = models.CharField(max_length=10, null=True)
    points_balance = models.BigIntegerField(default=0)
    cashback_balance = models.BigIntegerField(default=0)
    created_at = models.BigIntegerField()
    updated_at = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "cpf"], name="customer_cpf")]


class Category(Owned):
    """A group of coupons; `name_key` is the name without case."""

    name = models.CharField(max_length=80)
    name_key = models.CharField(max_length=240)
    created_at = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "name_key"], name="category_name")]


class Coupon(Owned):
    """A reward's definition; `paused` is the panel's doing, being ended follows from `ends_at`."""

    name = models.CharField(max_length=120)
    description = models.TextField(null=True)
    image_url = models.TextField(null=True)
    category_id = models.BigIntegerField(null=True)
    points_required = models.BigIntegerField(null=True)
    stock = models.BigIntegerField(null=True)
    limit_per_customer = models.BigIntegerField(null=True)
    starts_at = models.BigIntegerField(null=True)
    ends_at = models.BigIntegerField(null=True)
    rules = models.TextField(null=True)
    paused = models.BooleanField(default=False)
    updated_at = models.BigIntegerField()

    status_word: str

    def read_at(self, now: int) -> None:
        """Set `status_word` as the outside sees it at `now`."""
        ended = self.ends_at is not None and now > self.ends_at
        self.status_word = "ended" if ended else "paused" if self.paused else "active"


class Sale(Owned):
    """A registered sale and what the rule gave for it; no call reads it back."""

    customer_id = models.BigIntegerField()
    sale_amount = models.BigIntegerField()
    cashback_amount = models.BigIntegerField()
    points_earned = models.BigIntegerField()
    created_at = models.BigIntegerField()


class Voucher(Owned):
    """An issued code; `code_key` is the code without case. `expired` is never stored, the clock says it."""

    ISSUED, USED, CANCELLED = "issued", "used", "cancelled"

    id = models.BigAutoField(primary_key=True)
    code = models.CharField(max_length=64)
    code_key = models.CharField(max_length=192)
    status = models.CharField(max_length=9, default=ISSUED)
    customer_id = models.BigIntegerField(null=True)
    coupon_id = models.BigIntegerField(null=True)
    coupon_name = models.CharField(max_length=120, null=True)
    origin = models.CharField(max_length=8)
    value = models.BigIntegerField(null=True)
    minimum_purchase = models.BigIntegerField(null=True)
    issued_at = models.BigIntegerField()
    starts_at = models.BigIntegerField(null=True)
    expires_at = models.BigIntegerField(null=True)
    used_at = models.BigIntegerField(null=True)
    store = models.CharField(max_length=80, null=True)

    status_word: str

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account", "code_key"], name="voucher_code")]
        indexes = [
            models.Index(fields=["account", "issued_at", "code"], name="voucher_order"),
            models.Index(fields=["customer_id", "coupon_id"], name="voucher_customer"),
        ]

    def read_at(self, now: int) -> None:
        """Set `status_word` as the outside sees it at `now`: an issued voucher past its last second is
        expired."""
        late = self.expires_at is not None and now > self.expires_at
        self.status_word = "expired" if late and self.status == self.ISSUED else self.status
