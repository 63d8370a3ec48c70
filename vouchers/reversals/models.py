"""Reversal cases: who asked for one, why, who approved it and what was done in the platform's panel.

A case never touches the redemption it is about: the API has no undo (`smartbis-v2.md` §4), so the
platform keeps the voucher used and so do we.
"""

from typing import ClassVar

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from vouchers.models import Redemption


class ReversalCase(models.Model):
    """One request to make good a validation, from asking to the proof that it was done by hand."""

    class State(models.TextChoices):
        OPEN = "open", _("Aberto")
        AT_PANEL = "at_panel", _("No painel")
        CONFIRMED = "confirmed", _("Confirmado")
        DECLINED = "declined", _("Negado")

    class Reason(models.TextChoices):
        WRONG_VOUCHER = "wrong_voucher", _("Voucher errado")
        SALE_CANCELLED = "sale_cancelled", _("A venda foi cancelada")
        NOT_DELIVERED = "not_delivered", _("O benefício não foi entregue")
        OTHER = "other", _("Outro motivo")

    class Result(models.TextChoices):
        """What was done for the customer in the panel."""

        NEW_VOUCHER = "new_voucher", _("Novo voucher emitido")
        BALANCE_RETURNED = "balance_returned", _("Saldo devolvido por ajuste")
        REFUSED_THERE = "refused_there", _("A plataforma não fez o estorno")

    #: States in which somebody still has to act.
    ACTIVE: ClassVar = (State.OPEN, State.AT_PANEL)

    #: One case a validation: what was decided about it stays decided.
    redemption = models.OneToOneField(
        Redemption, verbose_name=_("leitura"), on_delete=models.PROTECT, related_name="reversal"
    )
    state = models.CharField(_("situação"), max_length=10, choices=State, default=State.OPEN)
    reason = models.CharField(_("motivo"), max_length=16, choices=Reason)
    note = models.CharField(_("o que aconteceu"), max_length=300)
    opened_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("pedido por"), on_delete=models.PROTECT, related_name="+"
    )
    opened_at = models.DateTimeField(_("pedido em"), auto_now_add=True)
    #: The manager who approved or declined it.
    approver = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("decidido por"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    approved_at = models.DateTimeField(_("decidido em"), null=True)
    result = models.CharField(_("feito no painel"), max_length=16, choices=Result, blank=True)
    #: What the panel shows now, in the words of whoever looked.
    evidence = models.CharField(_("o que o painel mostra"), max_length=300, blank=True)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("confirmado por"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    confirmed_at = models.DateTimeField(_("confirmado em"), null=True)

    class Meta:
        verbose_name = _("estorno")
        verbose_name_plural = _("estornos")
        ordering = ["-opened_at", "-pk"]
        indexes = [models.Index(fields=["-opened_at", "-id"], name="reversal_newest")]

    def __str__(self) -> str:
        return f"{self.state} {self.pk}"
