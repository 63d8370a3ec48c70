"""Mirrored fulfilments: a reward a customer got for points, usually a code used at the online shop."""

from django.db import models
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from smartbis_admin.api.brazil import mask_voucher_code
from smartbis_admin.api.points import FulfilmentStatus
from smartbis_admin.api.points import Usage as UsageWord
from smartbis_admin.sync.models import Mirrored, remote_link


class Fulfilment(Mirrored):
    """A reward a customer got, as the platform last described it."""

    class Status(models.TextChoices):
        PENDING = FulfilmentStatus.PENDING.value, _("Pendente")
        ISSUED = FulfilmentStatus.ISSUED.value, _("Emitido")
        CANCELLED = FulfilmentStatus.CANCELLED.value, _("Cancelado")
        FAILED = FulfilmentStatus.FAILED.value, _("Falhou")
        UNKNOWN = FulfilmentStatus.UNKNOWN.value, _("Não reconhecido")

    class Usage(models.TextChoices):
        USED = UsageWord.USED.value, _("Usado")
        UNUSED = UsageWord.UNUSED.value, _("Não usado")
        UNTRACKED = UsageWord.UNTRACKED.value, _("Uso não rastreado")
        UNKNOWN = UsageWord.UNKNOWN.value, _("Não reconhecido")

    name = models.CharField(_("recompensa"), max_length=200, null=True)
    code = models.CharField(_("código"), max_length=200, null=True)
    #: The code in capitals without spaces and dashes, for finding what a person typed.
    code_key = models.CharField(max_length=200, editable=False, blank=True, default="")
    customer_remote_id = models.CharField(max_length=128, null=True)
    customer = remote_link("customers.Customer", "customer_remote_id", related_name="fulfilments")
    status = models.CharField(_("situação"), max_length=12, choices=Status, default=Status.UNKNOWN)
    status_word = models.CharField(max_length=80, blank=True, default="")
    usage = models.CharField(_("uso"), max_length=12, choices=Usage, default=Usage.UNKNOWN)
    usage_word = models.CharField(max_length=80, blank=True, default="")
    image_url = models.TextField(null=True)
    action_text = models.CharField(max_length=200, null=True)
    action_url = models.TextField(null=True)
    usage_instructions = models.TextField(_("como usar"), null=True)
    terms_and_conditions = models.TextField(_("condições"), null=True)
    expires_at = models.DateTimeField(_("vence em"), null=True)
    #: None also where nobody tells the platform.
    used_at = models.DateTimeField(_("usado em"), null=True)
    remote_created_at = models.DateTimeField(_("emitido em"), null=True)
    remote_updated_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("resgate")
        verbose_name_plural = _("resgates")
        ordering = ["-remote_created_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["connection", "remote_id"], name="fulfilment_remote_unique")
        ]
        indexes = [
            models.Index(F("remote_created_at").desc(), F("id").desc(), name="fulfilment_newest"),
            models.Index(fields=["code_key"], name="fulfilment_code_key"),
            models.Index(
                F("connection"),
                F("customer_remote_id"),
                F("remote_created_at").desc(),
                F("id").desc(),
                name="fulfilment_customer",
            ),
            models.Index(fields=["expires_at", "id"], name="fulfilment_expiry"),
        ]

    def __str__(self) -> str:
        return self.name or self.remote_id

    @property
    def masked_code(self) -> str:
        """The last four characters of the code: a code is money to whoever holds it."""
        return mask_voucher_code(self.code or "")
