"""One message to one person about one occasion, and everything that came of it."""

import uuid

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from customers.models import Consent, Customer
from smartbis_admin.writes.models import Write
from vouchers.outreach.models.plans import Campaign
from vouchers.outreach.models.texts import CHANNEL_CHOICES, Template
from vouchers.outreach.triggers import Language, Trigger


class Message(models.Model):
    """A person is written to once about an occasion of a trigger, and never again: two constraints say so."""

    class State(models.TextChoices):
        QUEUED = "queued", _("Na fila")
        SENDING = "sending", _("Enviando")
        SENT = "sent", _("Enviada")
        DELIVERED = "delivered", _("Entregue")
        READ = "read", _("Lida")
        FAILED = "failed", _("Falhou")
        DROPPED = "dropped", _("Não enviada")
        #: It may or may not have left; never sent again.
        IN_DOUBT = "in_doubt", _("A confirmar – não repita")
        #: Left out on purpose, to compare with.
        HELD_OUT = "held_out", _("Grupo de comparação")

    #: It left, as far as is known.
    REACHED = (State.SENT, State.DELIVERED, State.READ)

    class Reason(models.TextChoices):
        """Why somebody was left out, or a message was dropped or failed."""

        NO_CONSENT = "no_consent", _("Sem consentimento para o canal")
        OPTED_OUT = "opted_out", _("Pediu para não receber")
        BLOCKED = "blocked", _("Cliente bloqueado")
        GONE = "gone", _("Não está mais na plataforma")
        ANONYMISED = "anonymised", _("Cliente anonimizado")
        NO_ADDRESS = "no_address", _("Sem telefone ou e-mail")
        CAPPED = "capped", _("Recebeu esta mensagem há pouco tempo")
        ALREADY = "already", _("Já recebeu por esta ocasião")
        SAME_PERSON = "same_person", _("A mesma pessoa já está no público")
        NO_TEXT = "no_text", _("Falta o texto para o canal e o idioma")
        NO_CHANNEL = "no_channel", _("Nenhum canal conectado")
        MISSING_FIELD = "missing_field", _("Falta um dado que o texto usa")
        NOT_TRUE = "not_true", _("O motivo da mensagem deixou de valer")
        VOUCHER_GONE = "voucher_gone", _("O voucher não pode mais ser usado")
        TOO_LATE = "too_late", _("Passou da hora de enviar")
        STOPPED = "stopped", _("Interrompida por uma pessoa")
        SWITCHED_OFF = "switched_off", _("Mensagem automática desligada")
        REFUSED = "refused", _("Recusada pelo serviço de envio")
        UNDELIVERED = "undelivered", _("Não pôde ser entregue")
        NOT_DONE = "not_done", _("Não saiu, conforme conferido")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    trigger = models.CharField(_("gatilho"), max_length=20, choices=Trigger)
    campaign = models.ForeignKey(
        Campaign, verbose_name=_("campanha"), null=True, on_delete=models.PROTECT, related_name="messages"
    )
    customer = models.ForeignKey(
        Customer, verbose_name=_("cliente"), on_delete=models.PROTECT, related_name="messages"
    )
    #: Who they are in every programme, as a keyed hash (`people.person_key`).
    person = models.CharField(max_length=32)
    #: What it is about, e.g. `voucher:18`, `birthday:2026`; no personal data.
    occasion = models.CharField(max_length=80)
    channel = models.CharField(_("canal"), max_length=10, choices=CHANNEL_CHOICES)
    language = models.CharField(_("idioma"), max_length=5, choices=Language, default=Language.PT_BR)
    #: The version that was sent.
    template = models.ForeignKey(
        Template, verbose_name=_("texto"), null=True, on_delete=models.PROTECT, related_name="+"
    )
    #: What was sent, with codes masked.
    subject = models.CharField(_("assunto"), max_length=300, blank=True)
    body = models.TextField(_("texto enviado"), blank=True)

    state = models.CharField(_("situação"), max_length=10, choices=State, default=State.QUEUED)
    reason = models.CharField(_("motivo"), max_length=20, choices=Reason, blank=True)
    #: What exactly: a placeholder, a channel's error code.
    detail = models.CharField(max_length=60, blank=True)
    #: Time zone whose hours hold.
    zone = models.CharField(max_length=40)

    queued_at = models.DateTimeField(_("na fila desde"))
    not_before = models.DateTimeField()
    #: Dropped after this moment.
    expires_at = models.DateTimeField()
    #: Word of the worker that sends it, since when, and whether its call may have left.
    claim = models.CharField(max_length=32, blank=True)
    claimed_at = models.DateTimeField(null=True)
    left_at = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    #: The channel's id of it; empty until known.
    remote_id = models.CharField(max_length=200, blank=True)
    write = models.OneToOneField(
        Write, verbose_name=_("envio"), null=True, on_delete=models.PROTECT, related_name="contact"
    )
    sent_at = models.DateTimeField(_("enviada em"), null=True)
    delivered_at = models.DateTimeField(_("entregue em"), null=True)
    read_at = models.DateTimeField(_("lida em"), null=True)
    #: When it failed or was dropped.
    ended_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("mensagem")
        verbose_name_plural = _("mensagens")
        ordering = ["-queued_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["person", "trigger", "occasion"], name="message_once_per_person"),
            models.UniqueConstraint(
                fields=["customer", "trigger", "occasion"], name="message_once_per_customer"
            ),
        ]
        indexes = [
            models.Index(fields=["not_before", "id"], condition=Q(state="queued"), name="message_queue"),
            models.Index(fields=["claimed_at"], condition=Q(state="sending"), name="message_sending"),
            models.Index(fields=["channel"], condition=Q(state="in_doubt"), name="message_in_doubt"),
            models.Index(fields=["customer", "-queued_at", "-id"], name="message_of_customer"),
            models.Index(fields=["-queued_at", "-id"], name="message_newest"),
            models.Index(fields=["trigger", "-queued_at", "-id"], name="message_of_trigger"),
            models.Index(fields=["campaign", "state"], name="message_of_campaign"),
            models.Index(fields=["remote_id"], condition=~Q(remote_id=""), name="message_remote"),
        ]

    def __str__(self) -> str:
        return f"{self.trigger} {self.id}"

    @property
    def channel_label(self) -> str:
        """The channel in words."""
        return str(Consent.Channel(self.channel).label)


class Receipt(models.Model):
    """What a channel reported about a message; each status counts once, in whatever order they come."""

    class Status(models.TextChoices):
        SENT = "sent", _("Enviada")
        DELIVERED = "delivered", _("Entregue")
        READ = "read", _("Lida")
        FAILED = "failed", _("Falhou")

    message = models.ForeignKey(Message, on_delete=models.CASCADE, related_name="receipts")
    status = models.CharField(_("situação"), max_length=10, choices=Status)
    #: The channel's clock, and ours.
    at = models.DateTimeField(_("quando"))
    received_at = models.DateTimeField(_("recebido em"), auto_now_add=True)
    error_code = models.CharField(max_length=20, blank=True)

    class Meta:
        verbose_name = _("recibo")
        verbose_name_plural = _("recibos")
        ordering = ["at", "pk"]
        constraints = [models.UniqueConstraint(fields=["message", "status"], name="receipt_once")]

    def __str__(self) -> str:
        return f"{self.message_id} {self.status}"


class LastContact(models.Model):
    """When a person was last written to, by whichever trigger counts: the row two workers must agree on."""

    #: As `Message.person`.
    person = models.CharField(max_length=32, primary_key=True)
    at = models.DateTimeField()
    #: The message it was; one that did not leave gives its place back.
    message = models.UUIDField()

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M}"
