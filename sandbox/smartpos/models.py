"""What the sandbox's SmartPOS keeps: machines, sales and customers of one merchant per credential. Knows no HTTP.

Units: money in centavos, times in seconds since the epoch. Whatever changes takes the account's next number of
change, so that a feed is one range of an index. Source: contract smartpos.md §2.1 and §2.2.
"""

# No admin and no form ever shows these rows by name.
# ruff: noqa: DJ008

from django.db import models

CREDIT, DEBIT, PIX, VOUCHER, CASH = "credit", "debit", "pix", "voucher", "cash"
METHODS = (CREDIT, DEBIT, PIX, VOUCHER, CASH)
APPROVED, CANCELLED, REFUNDED = "approved", "cancelled", "refunded"
STATUSES = (APPROVED, CANCELLED, REFUNDED)


class Account(models.Model):
    """One credential: its counters, the generation of its cursors, where its pushes go and how they are signed."""

    id = models.BigIntegerField(primary_key=True)
    client_id = models.CharField(max_length=40, unique=True)
    changes = models.BigIntegerField(default=0)
    sales = models.BigIntegerField(default=0)
    customers = models.BigIntegerField(default=0)
    cursors = models.IntegerField(default=1)
    push_url = models.TextField(default="")
    push_secrets = models.JSONField(default=list)


class Machine(models.Model):
    """A card machine."""

    account_id = models.BigIntegerField()
    code = models.CharField(max_length=80)
    acquirer = models.CharField(max_length=80)
    terminal_serial = models.CharField(max_length=80)
    label = models.CharField(max_length=120)
    store_id = models.CharField(max_length=80)
    active = models.BooleanField(default=True)
    last_seen_at = models.BigIntegerField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["account_id", "code"], name="smartpos_machine")]


class Sale(models.Model):
    """A sale of a machine; what is not known of the buyer is empty. `raw` is JSON that is given out instead."""

    account_id = models.BigIntegerField()
    code = models.CharField(max_length=200)
    change = models.BigIntegerField()
    machine = models.CharField(max_length=80)
    acquirer = models.CharField(max_length=80)
    terminal_serial = models.CharField(max_length=80)
    nsu = models.CharField(max_length=40, default="")
    authorization_code = models.CharField(max_length=40, default="")
    store_id = models.CharField(max_length=80)
    amount = models.BigIntegerField()
    installments = models.IntegerField(default=1)
    payment_method = models.CharField(max_length=7)
    status = models.CharField(max_length=9, default=APPROVED)
    sold_at = models.BigIntegerField()
    cpf = models.CharField(max_length=40, default="")
    phone = models.CharField(max_length=40, default="")
    email = models.CharField(max_length=254, default="")
    name = models.CharField(max_length=200, default="")
    raw = models.TextField(default="")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account_id", "code"], name="smartpos_sale"),
            models.UniqueConstraint(fields=["account_id", "change"], name="smartpos_sale_change"),
        ]


class Customer(models.Model):
    """Somebody SmartPOS knows; what is not known is empty."""

    account_id = models.BigIntegerField()
    code = models.CharField(max_length=80)
    change = models.BigIntegerField()
    cpf = models.CharField(max_length=40, default="")
    phone = models.CharField(max_length=40, default="")
    email = models.CharField(max_length=254, default="")
    name = models.CharField(max_length=200, default="")
    updated_at = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["account_id", "code"], name="smartpos_customer"),
            models.UniqueConstraint(fields=["account_id", "change"], name="smartpos_customer_change"),
        ]
