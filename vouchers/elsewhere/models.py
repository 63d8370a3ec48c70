"""Uses of codes and cards that no till can validate, as a cashier noted them. The platforms know nothing of it."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from smartbis_admin.connections.models import Connection
from vouchers.models import Redemption


class LocalUse(models.Model):
    """One use that was noted; who, where and when stand in it and in its scan. One winner for a code."""

    class Kind(models.TextChoices):
        CODE = "code", _("Código")
        CARD = "card", _("Cartão")

    scan = models.OneToOneField(
        Redemption,
        verbose_name=_("leitura"),
        primary_key=True,
        on_delete=models.PROTECT,
        related_name="local_use",
    )
    connection = models.ForeignKey(
        Connection, verbose_name=_("conexão"), on_delete=models.PROTECT, related_name="+"
    )
    kind = models.CharField(_("o que foi lido"), max_length=8, choices=Kind)
    #: The code as `voucher_code_key` writes it, or the platform's id of the card's customer.
    key = models.CharField(max_length=200)
    #: Empty for a code, which is used once. A card is shown again on another day: the store's own date.
    once = models.CharField(max_length=10, blank=True, default="")
    noted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("anotado por"), on_delete=models.PROTECT, related_name="+"
    )
    noted_at = models.DateTimeField(_("anotado em"), auto_now_add=True)
    #: Set by a manager where it was noted by mistake; the code may be noted again.
    taken_back_at = models.DateTimeField(_("retirado em"), null=True)
    taken_back_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("retirado por"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )

    class Meta:
        verbose_name = _("uso anotado")
        verbose_name_plural = _("usos anotados")
        ordering = ["-noted_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["connection", "kind", "key", "once"],
                condition=Q(taken_back_at=None),
                name="one_use_noted",
            )
        ]
        indexes = [models.Index(fields=["-noted_at", "-scan"], name="local_use_newest")]

    def __str__(self) -> str:
        return f"{self.kind} {self.scan_id}"
