"""Mirrored vouchers, and every attempt to validate one (a redemption), refused ones included."""

import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from smartbis_admin.api.brazil import mask_voucher_code
from smartbis_admin.connections.models import Connection
from smartbis_admin.staff.models import Shift, Store, Till
from smartbis_admin.sync.models import Mirrored, remote_link
from smartbis_admin.writes.models import Write

#: This long before its last day a voucher is marked as about to expire (`expiring`, N = 7).
EXPIRES_SOON = timedelta(days=7)


class Voucher(Mirrored):
    """A voucher as the platform last described it. `remote_id` is its code, exactly as written there."""

    class Status(models.TextChoices):
        ISSUED = "issued", _("Emitido")
        USED = "used", _("Usado")
        EXPIRED = "expired", _("Vencido")
        CANCELLED = "cancelled", _("Cancelado")
        UNKNOWN = "unknown", _("Não reconhecido")

    class Origin(models.TextChoices):
        BALANCE = "balance", _("Saldo")
        POINTS = "points", _("Pontos")
        CASHBACK = "cashback", _("Cashback")
        PLAN = "plan", _("Plano")
        MANUAL = "manual", _("Manual")
        UNKNOWN = "unknown", _("Não reconhecida")

    #: The code in capitals without spaces and dashes, for finding what a person typed.
    code_key = models.CharField(max_length=128, editable=False)
    status = models.CharField(_("situação"), max_length=12, choices=Status, default=Status.UNKNOWN)
    #: The platform's own word when it is none of ours.
    status_word = models.CharField(max_length=40, blank=True)
    customer_remote_id = models.CharField(max_length=128, null=True)
    customer = remote_link("customers.Customer", "customer_remote_id", related_name="vouchers")
    reward_remote_id = models.CharField(max_length=128, null=True)
    reward = remote_link("rewards.Reward", "reward_remote_id", related_name="vouchers")
    reward_name = models.CharField(_("recompensa"), max_length=200, null=True)
    origin = models.CharField(_("origem"), max_length=12, choices=Origin, default=Origin.UNKNOWN)
    #: BRL; None when the benefit is not an amount.
    value = models.DecimalField(_("valor"), max_digits=14, decimal_places=2, null=True)
    minimum_purchase = models.DecimalField(
        _("valor mínimo de compra"), max_digits=14, decimal_places=2, null=True
    )
    issued_at = models.DateTimeField(_("emitido em"), null=True)
    starts_at = models.DateTimeField(_("vale a partir de"), null=True)
    #: Last second the voucher is valid.
    expires_at = models.DateTimeField(_("vence em"), null=True)
    used_at = models.DateTimeField(_("usado em"), null=True)
    store_name = models.CharField(_("loja do uso"), max_length=120, null=True)

    class Meta:
        verbose_name = _("voucher")
        verbose_name_plural = _("vouchers")
        ordering = ["-issued_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["connection", "remote_id"], name="voucher_remote_unique")
        ]
        indexes = [
            models.Index(F("issued_at").desc(), F("id").desc(), name="voucher_newest"),
            models.Index(fields=["code_key"], name="voucher_code_key"),
            models.Index(fields=["connection", "customer_remote_id"], name="voucher_customer"),
            models.Index(fields=["connection", "reward_remote_id", "issued_at"], name="voucher_reward"),
            models.Index(fields=["status", "issued_at", "id"], name="voucher_status"),
            models.Index(fields=["expires_at", "id"], name="voucher_expiry"),
            models.Index(fields=["expires_at", "id"], condition=Q(status="issued"), name="voucher_expiring"),
            models.Index(fields=["used_at", "id"], name="voucher_used"),
        ]

    def __str__(self) -> str:
        return self.remote_id

    @property
    def effective_status(self) -> str:
        """The status with the calendar applied: issued past its last second counts as expired."""
        return self.status_at(timezone.now())

    @property
    def effective_status_label(self) -> str:
        """`effective_status` in words."""
        return str(self.Status(self.effective_status).label)

    @property
    def expires_soon(self) -> bool:
        """Whether it can be used and its last day is at most `EXPIRES_SOON` away."""
        if self.effective_status != self.Status.ISSUED or self.expires_at is None:
            return False
        return timezone.localdate(self.expires_at) <= timezone.localdate() + EXPIRES_SOON

    @property
    def masked_code(self) -> str:
        """The last four characters of the code: a code is money to whoever holds it."""
        return mask_voucher_code(self.remote_id)

    def status_at(self, now: datetime) -> str:
        """`effective_status` at another moment (aware)."""
        if self.status == self.Status.ISSUED and self.expires_at and self.expires_at < now:
            return self.Status.EXPIRED
        return self.status


def voucher_status_is(status: str, now: datetime) -> Q:
    """The rows whose `status_at(now)` is this one."""
    expired_by_time = Q(status=Voucher.Status.ISSUED, expires_at__lt=now)
    if status == Voucher.Status.EXPIRED:
        return Q(status=status) | expired_by_time
    if status == Voucher.Status.ISSUED:
        return Q(status=status) & (Q(expires_at=None) | Q(expires_at__gte=now))
    return Q(status=status)


class VoucherFlag(models.Model):
    """A voucher a manager wants to be looked at before it is used. Ours alone: the platform has no flags."""

    voucher = models.OneToOneField(Voucher, on_delete=models.CASCADE, primary_key=True, related_name="flag")
    note = models.CharField(_("o que conferir"), max_length=200)
    flagged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("marcado por"), on_delete=models.PROTECT, related_name="+"
    )
    flagged_at = models.DateTimeField(_("marcado em"), auto_now_add=True)

    class Meta:
        verbose_name = _("voucher marcado")
        verbose_name_plural = _("vouchers marcados")

    def __str__(self) -> str:
        return self.note


class Redemption(models.Model):
    """One scan at a till and its verdict. At most one per voucher that is not refused."""

    class State(models.TextChoices):
        PENDING = "pending", _("Confirmando")
        VALID = "valid", _("Válido")
        USED = "used", _("Já usado")
        REFUSED = "refused", _("Recusado")
        IN_DOUBT = "in_doubt", _("A confirmar – não repita")
        #: The request never left, or it is settled that nothing happened: may be scanned again.
        NOT_DONE = "not_done", _("Não realizado")
        #: The benefit was handed over while a link was down; the platform has not been asked yet.
        CONTINGENCY = "contingency", _("Aceito em contingência")
        #: No voucher but a code or card of another programme (`vouchers.elsewhere`); no platform was asked.
        ELSEWHERE = "elsewhere", _("De outro programa")

    class Road(models.TextChoices):
        """Which link was down when a scan was accepted in contingency."""

        PLATFORM = "platform", _("Sem conexão com a plataforma")
        TILL = "till", _("Caixa sem conexão")

    #: States that hold the voucher: nobody else may try.
    HOLDING = (State.PENDING, State.VALID, State.IN_DOUBT, State.CONTINGENCY)

    #: Holding, and still unknown what happened.
    UNDECIDED = (State.PENDING, State.IN_DOUBT, State.CONTINGENCY)

    #: Made by the till, so that the same press twice is one scan.
    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    connection = models.ForeignKey(
        Connection, verbose_name=_("conexão"), on_delete=models.PROTECT, related_name="+"
    )
    #: The code as sent, in capitals.
    code = models.CharField(_("código"), max_length=128)
    voucher = remote_link("vouchers.Voucher", "code_sent", related_name="redemptions")
    #: The code exactly as sent to the platform (the mirror's text when it knows it).
    code_sent = models.CharField(max_length=128, blank=True)
    write = models.OneToOneField(
        Write, verbose_name=_("envio"), null=True, on_delete=models.PROTECT, related_name="redemption"
    )
    state = models.CharField(_("resultado"), max_length=12, choices=State, default=State.PENDING)
    #: Empty: the platform was asked before the benefit was handed over.
    road = models.CharField(_("contingência"), max_length=8, choices=Road, blank=True)
    #: Refusal: our code (`voucher_expired`, `voucher_not_found`, `blank_code`, …) and the vendor's sentence.
    #: Elsewhere: what it is (`vouchers.elsewhere.verdicts`) and the programme's name as it was.
    reason = models.CharField(_("motivo"), max_length=60, blank=True)
    message = models.TextField(blank=True)
    #: A refusal without a reason is looked up in the voucher list after this moment.
    refine_after = models.DateTimeField(null=True, db_index=True)
    #: With `used`: when the platform says it was used, and our redemption that used it, if it was ours.
    used_at = models.DateTimeField(null=True)
    winner = models.ForeignKey(
        "self", verbose_name=_("quem usou"), null=True, on_delete=models.PROTECT, related_name="losers"
    )

    cashier = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("caixa"), on_delete=models.PROTECT, related_name="+"
    )
    store = models.ForeignKey(
        Store, verbose_name=_("loja"), null=True, on_delete=models.PROTECT, related_name="+"
    )
    till = models.ForeignKey(
        Till, verbose_name=_("ponto de caixa"), null=True, on_delete=models.PROTECT, related_name="+"
    )
    shift = models.ForeignKey(
        Shift, verbose_name=_("turno"), null=True, on_delete=models.PROTECT, related_name="scans"
    )
    #: Both times: at the till, and when it reached us.
    happened_at = models.DateTimeField(_("quando"))
    received_at = models.DateTimeField(auto_now_add=True)
    decided_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("leitura")
        verbose_name_plural = _("leituras")
        ordering = ["-received_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["connection", "code"],
                condition=Q(state__in=["pending", "valid", "in_doubt", "contingency"]),
                name="one_redemption_per_voucher",
            )
        ]
        indexes = [
            models.Index(fields=["till", "-received_at"], name="redemption_till"),
            models.Index(
                fields=["till"],
                condition=Q(state__in=["pending", "in_doubt", "contingency"]),
                name="redemption_undecided",
            ),
            models.Index(fields=["-received_at", "-id"], name="redemption_newest"),
            models.Index(fields=["connection", "code_sent"], name="redemption_code"),
            models.Index(fields=["happened_at", "id"], condition=Q(state="valid"), name="redemption_valid"),
        ]

    def __str__(self) -> str:
        return f"{self.state} {self.id}"

    @property
    def masked_code(self) -> str:
        """The last four characters of the code."""
        return mask_voucher_code(self.code_sent)
