"""Releases of contingency by a manager, and every voucher that was accepted in it.

The scan (`Redemption`) holds the voucher; the row here holds why that was allowed, by whom, and who makes
good what the platform refuses afterwards.
"""

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from smartbis_admin.staff.models import Shift, Till
from vouchers.models import Redemption


class ContingencyRelease(models.Model):
    """A manager let one shift accept vouchers in contingency, until some moment or the end of the shift."""

    shift = models.ForeignKey(
        Shift, verbose_name=_("turno"), on_delete=models.PROTECT, related_name="releases"
    )
    manager = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("gestor"), on_delete=models.PROTECT, related_name="+"
    )
    at = models.DateTimeField(_("liberada em"))
    until = models.DateTimeField(_("vale até"))
    revoked_at = models.DateTimeField(_("revogada em"), null=True)
    revoked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("revogada por"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )

    class Meta:
        verbose_name = _("liberação de contingência")
        verbose_name_plural = _("liberações de contingência")
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.shift_id} {self.at:%Y-%m-%d %H:%M}"


class ContingencyUse(models.Model):
    """One voucher accepted in contingency. `services.follow` alone moves its state, after that of its scan."""

    class State(models.TextChoices):
        WAITING = "waiting", _("Aguardando envio")
        SENDING = "sending", _("Enviando")
        IN_DOUBT = "in_doubt", _("A confirmar – não repita")
        CONFIRMED = "confirmed", _("Confirmado")
        CONFLICT = "conflict", _("Conflito")
        SETTLED = "settled", _("Resolvido")

    class Breach(models.TextChoices):
        """What of the policy of its moment an acceptance broke, or why it is not offered."""

        REFUSED = "refused", _("A loja não aceita vouchers sem conexão.")
        NO_RELEASE = "no_release", _("Nenhum gestor liberou a contingência neste turno.")
        OLD_MIRROR = "old_mirror", _("A nossa cópia dos vouchers é antiga demais.")
        UNKNOWN_CODE = "unknown_code", _("O código não está na nossa cópia dos vouchers.")
        NOT_ISSUED = "not_issued", _("Na nossa cópia este voucher não pode ser usado.")
        EXPIRED = "expired", _("O voucher está vencido.")
        NOT_STARTED = "not_started", _("O voucher ainda não vale.")
        NO_AMOUNT = "no_amount", _("O benefício não tem valor em reais para comparar com o limite da loja.")
        TOO_DEAR = "too_dear", _("O voucher vale mais que o limite da loja sem conexão.")
        TOO_MANY = "too_many", _("Este ponto de caixa já aceitou o máximo de vouchers por hora.")
        OUTSIDE_SHIFT = "outside_shift", _("A leitura não aconteceu durante o turno.")

    class Resolution(models.TextChoices):
        STORE = "store", _("Assumido pela loja")
        CHARGED = "charged", _("Cobrado do cliente")
        PANEL = "panel", _("Resolvido no painel")

    #: States in which the platform still has to be asked or has not said yet.
    OPEN: ClassVar = (State.WAITING, State.SENDING, State.IN_DOUBT)

    redemption = models.OneToOneField(
        Redemption,
        verbose_name=_("leitura"),
        primary_key=True,
        on_delete=models.PROTECT,
        related_name="contingency",
    )
    till = models.ForeignKey(
        Till, verbose_name=_("ponto de caixa"), on_delete=models.PROTECT, related_name="+"
    )
    #: When the benefit was handed over: the till's clock, put right by ours.
    accepted_at = models.DateTimeField(_("aceito em"))
    #: Place in the queue of a till that had no link.
    position = models.PositiveIntegerField(default=0)
    #: The policy of that moment, as plain JSON values.
    policy: Any = models.JSONField(_("regra do momento"), default=dict)
    release = models.ForeignKey(
        ContingencyRelease, verbose_name=_("liberação"), null=True, on_delete=models.PROTECT, related_name="+"
    )
    #: Empty: within the policy.
    breach = models.CharField(_("fora da regra"), max_length=16, choices=Breach, blank=True)
    #: Who was signed in when a till without a link handed it over.
    handed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("entregue por"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )

    state = models.CharField(_("situação"), max_length=10, choices=State, default=State.WAITING)
    conflict_at = models.DateTimeField(_("conflito desde"), null=True)
    #: Who has to act on a conflict; None: the managers of the store.
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("responsável"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    #: When the mail about the conflict was claimed; one conflict is one mail.
    told_at = models.DateTimeField(null=True)
    resolution = models.CharField(_("solução"), max_length=8, choices=Resolution, blank=True)
    note = models.CharField(_("o que foi feito"), max_length=300, blank=True)
    resolved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("resolvido por"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    resolved_at = models.DateTimeField(_("resolvido em"), null=True)

    class Meta:
        verbose_name = _("aceite em contingência")
        verbose_name_plural = _("aceites em contingência")
        ordering = ["-accepted_at", "-pk"]
        indexes = [
            models.Index(fields=["till", "accepted_at"], name="contingency_till"),
            models.Index(
                fields=["accepted_at", "position"],
                condition=Q(state__in=["waiting", "sending", "in_doubt", "conflict"]),
                name="contingency_open",
            ),
            models.Index(fields=["-conflict_at", "redemption"], name="contingency_conflict"),
        ]

    def __str__(self) -> str:
        return f"{self.state} {self.pk}"
