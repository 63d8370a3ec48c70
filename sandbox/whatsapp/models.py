"""What the sandbox's WhatsApp keeps: one number, its templates, what was sent, how people behave. Knows no HTTP.

Times are seconds since the epoch; phones are digits with the country. A message carries the moments at which it
becomes sent, delivered, read or failed; what it is now follows from the clock.
"""

# No admin and no form ever shows these rows by name.
# ruff: noqa: DJ008

from django.db import models

SENT, DELIVERED, READ, FAILED = "sent", "delivered", "read", "failed"
STATUSES = (SENT, DELIVERED, READ, FAILED)
ACCEPTED = "accepted"
APPROVED, PAUSED, DISABLED = "APPROVED", "PAUSED", "DISABLED"
TEMPLATE_STATUSES = (APPROVED, PAUSED, DISABLED, "PENDING", "REJECTED")
CATEGORIES = ("UTILITY", "MARKETING", "AUTHENTICATION")


class Number(models.Model):
    """The business' number; where its webhook is."""

    id = models.BigIntegerField(primary_key=True)
    display = models.CharField(max_length=20)
    webhook_url = models.TextField(default="")
    verify_token = models.TextField(default="")


class Template(models.Model):
    """A message template in one language; `{{1}}`… in the body, and at the end of the button's address, if any."""

    name = models.CharField(max_length=512)
    language = models.CharField(max_length=10)
    category = models.CharField(max_length=14)
    status = models.CharField(max_length=8, default=APPROVED)
    body = models.TextField()
    button_url = models.TextField(default="")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["name", "language"], name="whatsapp_template")]


class Recipient(models.Model):
    """Somebody who is not like everybody: cannot be reached, does not read, has written to us."""

    phone = models.CharField(max_length=15, unique=True)
    fails_with = models.IntegerField(null=True)
    delivers = models.BooleanField(default=True)
    reads = models.BooleanField(null=True)
    wrote_at = models.BigIntegerField(null=True)


class Message(models.Model):
    """A message that was accepted; `reference` is the caller's own word for it."""

    wamid = models.CharField(max_length=128, unique=True)
    phone = models.CharField(max_length=15, db_index=True)
    kind = models.CharField(max_length=8)
    template = models.CharField(max_length=512, default="")
    language = models.CharField(max_length=10, default="")
    category = models.CharField(max_length=14, default="")
    text = models.TextField()
    reference = models.CharField(max_length=512, default="", db_index=True)
    accepted_at = models.BigIntegerField()
    sent_at = models.BigIntegerField(null=True)
    delivered_at = models.BigIntegerField(null=True)
    read_at = models.BigIntegerField(null=True)
    failed_at = models.BigIntegerField(null=True)
    error = models.IntegerField(null=True)
