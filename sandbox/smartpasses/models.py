"""What the sandbox's Smart Passes keeps: one programme, its customers and offers. Knows nothing of HTTP.

Lists are in the order of `id`; `number` is what the outside calls a row. Nothing has a time, because the API
tells none. Source: contract smartpasses-v1 §3.
"""

# No admin and no form ever shows these rows by name.
# ruff: noqa: DJ008

from django.db import models
from django.db.models import Q

FIRST_CUSTOMER = 1870
FIRST_OFFER = 301
DRAFT, PUBLISHED, CANCELLED = "Draft", "Published", "Cancelled"
STATUSES = (DRAFT, PUBLISHED, CANCELLED)


class Serial(models.Model):
    """The next number of each kind; there is one row."""

    next_customer = models.BigIntegerField()
    next_offer = models.BigIntegerField()


class Customer(models.Model):
    """A holder of a wallet card; anonymous until a name is known. Empty texts, never null."""

    number = models.BigIntegerField(unique=True)
    first_name = models.TextField(default="")
    last_name = models.TextField(default="")
    email = models.TextField(default="")
    phone = models.CharField(max_length=16, default="")
    points = models.BigIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["phone"], condition=~Q(phone=""), name="smartpasses_phone")
        ]


class Offer(models.Model):
    """A reward on the wallet card: Draft, then Published, then Cancelled."""

    number = models.BigIntegerField(unique=True)
    name = models.TextField()
    description = models.TextField(default="")
    points_cost = models.BigIntegerField()
    auto_claim = models.BooleanField(default=False)
    status = models.CharField(max_length=9, default=DRAFT)
