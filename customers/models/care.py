"""What we know of a customer ourselves and the platform does not: notes, tags, consents, who is not whom.

None of it ever leaves; a customer that is anonymised loses all of it but the consents' dates.
"""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from customers.models.mirror import Customer


class Note(models.Model):
    """A remark of a member of the staff. A deleted one can be brought back for a while, then it is gone."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="notes")
    text = models.TextField(_("nota"), max_length=2000)
    author = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("quem"), on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(_("quando"))
    edited_at = models.DateTimeField(_("alterada em"), null=True)
    deleted_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("nota")
        verbose_name_plural = _("notas")
        ordering = ["-created_at", "-pk"]
        indexes = [
            models.Index(fields=["customer", "-created_at", "-id"], name="note_of_customer"),
            models.Index(fields=["deleted_at"], condition=Q(deleted_at__isnull=False), name="note_deleted"),
        ]

    def __str__(self) -> str:
        return str(self.pk)


class Tag(models.Model):
    """A word of the company for some of its customers. One that is no longer used is archived, not deleted."""

    class Color(models.TextChoices):
        GRAY = "gray", _("Cinza")
        BLUE = "blue", _("Azul")
        GREEN = "green", _("Verde")
        AMBER = "amber", _("Amarelo")
        RED = "red", _("Vermelho")
        VIOLET = "violet", _("Roxo")

    name = models.CharField(_("nome"), max_length=30)
    color = models.CharField(_("cor"), max_length=6, choices=Color, default=Color.GRAY)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("criada por"), on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(_("criada em"), auto_now_add=True)
    archived_at = models.DateTimeField(_("arquivada em"), null=True)

    class Meta:
        verbose_name = _("etiqueta")
        verbose_name_plural = _("etiquetas")
        ordering = ["name", "pk"]
        constraints = [models.UniqueConstraint(Lower("name"), name="tag_name_unique_ci")]

    def __str__(self) -> str:
        return self.name


class Tagging(models.Model):
    """A tag on a customer, from when to when and by whom."""

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="taggings")
    tag = models.ForeignKey(Tag, on_delete=models.PROTECT, related_name="taggings")
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    added_at = models.DateTimeField()
    removed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    removed_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("uso de etiqueta")
        verbose_name_plural = _("usos de etiquetas")
        ordering = ["added_at", "pk"]
        constraints = [
            # Also what the list is narrowed down by.
            models.UniqueConstraint(
                fields=["tag", "customer"], condition=Q(removed_at=None), name="one_tagging_at_a_time"
            )
        ]

    def __str__(self) -> str:
        return f"{self.tag_id}:{self.customer_id}"


class Consent(models.Model):
    """One thing a customer said about being written to: given or withdrawn, when, where, with what proof.

    Rows are only ever added: what holds for a channel is its latest row by day (`consents.py`).
    Source: `communication-and-rules.md` §2.
    """

    class Channel(models.TextChoices):
        WHATSAPP = "whatsapp", _("WhatsApp")
        EMAIL = "email", _("E-mail")
        SMS = "sms", _("SMS")
        PHONE = "phone", _("Telefone")

    class Source(models.TextChoices):
        STORE = "store", _("Na loja")
        PAPER = "paper", _("Formulário em papel")
        SITE = "site", _("No site")
        MESSAGE = "message", _("Por mensagem")
        CALL = "call", _("Por telefone")
        OTHER = "other", _("Outra")

    customer = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="consents")
    channel = models.CharField(_("canal"), max_length=10, choices=Channel)
    is_given = models.BooleanField(_("consentimento dado"))
    #: The local day the customer said so; it may lie before the day it is recorded.
    said_on = models.DateField(_("data"))
    source = models.CharField(_("origem"), max_length=10, choices=Source)
    proof = models.CharField(_("prova"), max_length=500, blank=True)
    #: None: the customer themselves, by a link or a reply.
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("registrado por"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    recorded_at = models.DateTimeField(_("registrado em"), auto_now_add=True)

    class Meta:
        verbose_name = _("consentimento")
        verbose_name_plural = _("consentimentos")
        ordering = ["-said_on", "-pk"]
        indexes = [
            models.Index(fields=["customer", "channel", "-said_on", "-id"], name="consent_latest"),
            models.Index(fields=["channel", "is_given"], name="consent_by_channel"),
        ]

    def __str__(self) -> str:
        return f"{self.customer_id}:{self.channel}"


class NotSamePerson(models.Model):
    """Two customers a person has said not to be one, for good. The lower key comes first."""

    first = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    second = models.ForeignKey(Customer, on_delete=models.CASCADE, related_name="+")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("não é a mesma pessoa")
        verbose_name_plural = _("não são a mesma pessoa")
        constraints = [
            models.UniqueConstraint(fields=["first", "second"], name="pair_once"),
            models.CheckConstraint(condition=Q(first__lt=F("second")), name="pair_in_order"),
        ]

    def __str__(self) -> str:
        return f"{self.first_id}:{self.second_id}"
