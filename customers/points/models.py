"""Mirrored changes of balances, tiers and earning rules; and the moves between tiers as we saw them."""

from typing import Any

from django.db import models
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from smartbis_admin.connections.models import Connection
from smartbis_admin.sync.models import Mirrored, remote_link


class PointsTransaction(Mirrored):
    """One change of a customer's balance; it is never edited, a correction is another one."""

    customer_remote_id = models.CharField(max_length=128, null=True)
    customer = remote_link("customers.Customer", "customer_remote_id", related_name="points_transactions")
    points_change = models.DecimalField(_("pontos"), max_digits=18, decimal_places=4, null=True)
    #: For the customer.
    description = models.CharField(_("descrição"), max_length=500, null=True)
    #: For staff; ours begin with the reference of the write.
    internal_note = models.TextField(_("nota interna"), null=True)
    remote_created_at = models.DateTimeField(_("quando"), null=True)
    remote_updated_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("movimento de pontos")
        verbose_name_plural = _("movimentos de pontos")
        ordering = ["-remote_created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["connection", "remote_id"], name="transaction_remote_unique")
        ]
        indexes = [
            models.Index(F("remote_created_at").desc(), F("id").desc(), name="transaction_newest"),
            models.Index(
                F("connection"),
                F("customer_remote_id"),
                F("remote_created_at").desc(),
                F("id").desc(),
                name="transaction_customer",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.points_change} {self.remote_id}"


class VipTier(Mirrored):
    """A level of a programme."""

    name = models.CharField(_("nome"), max_length=200)
    image_url = models.TextField(null=True)
    #: In points or money, as the programme counts; None = not known.
    milestone = models.DecimalField(_("a partir de"), max_digits=18, decimal_places=4, null=True)
    #: One perk a line.
    perks = models.TextField(_("vantagens"), blank=True, default="")
    #: One reward a line.
    entry_rewards = models.TextField(_("recompensas ao chegar"), blank=True, default="")

    class Meta:
        verbose_name = _("nível")
        verbose_name_plural = _("níveis")
        ordering = ["connection", F("milestone").asc(nulls_first=True), "pk"]
        constraints = [models.UniqueConstraint(fields=["connection", "remote_id"], name="tier_remote_unique")]

    def __str__(self) -> str:
        return self.name


class EarningRule(Mirrored):
    """A way to earn points."""

    name = models.CharField(_("nome"), max_length=200)
    image_url = models.TextField(null=True)
    action_text = models.CharField(max_length=200, null=True)
    action_url = models.TextField(null=True)
    #: Ids of the tiers it is for, one a line; empty = everybody.
    tier_remote_ids = models.TextField(blank=True, default="")
    points = models.DecimalField(_("pontos"), max_digits=18, decimal_places=4, null=True)
    #: Points are given for every so much; None = once.
    per_amount = models.DecimalField(_("a cada"), max_digits=18, decimal_places=4, null=True)
    #: So many times at most, in so many days; without days in a lifetime. None = no limit.
    limit = models.IntegerField(_("limite"), null=True)
    limit_days = models.IntegerField(_("dias"), null=True)

    class Meta:
        verbose_name = _("regra de pontos")
        verbose_name_plural = _("regras de pontos")
        ordering = ["connection", "name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["connection", "remote_id"], name="earning_rule_remote_unique")
        ]

    def __str__(self) -> str:
        return self.name


class TierChange(models.Model):
    """A customer's move between tiers, as two readings of ours showed it; the platform has no list of them."""

    connection = models.ForeignKey(Connection, on_delete=models.PROTECT, related_name="+")
    customer_remote_id = models.CharField(max_length=128)
    customer = remote_link("customers.Customer", "customer_remote_id", related_name="tier_changes")
    #: None: no tier.
    previous_remote_id = models.CharField(max_length=128, null=True)
    current_remote_id = models.CharField(max_length=128, null=True)
    #: When we saw it; it may have happened at any time since the reading before.
    seen_at = models.DateTimeField(_("visto em"), auto_now_add=True)

    class Meta:
        verbose_name = _("mudança de nível")
        verbose_name_plural = _("mudanças de nível")
        ordering = ["-seen_at", "-pk"]
        indexes = [
            models.Index(fields=["connection", "customer_remote_id", "-seen_at"], name="tier_change_customer")
        ]

    def __str__(self) -> str:
        return f"{self.previous_remote_id} → {self.current_remote_id}"


def lines(values: Any) -> str:
    """A list as the columns above keep it: one a line."""
    return "\n".join(" ".join(str(value).split()) for value in values)
