"""What customers say back: words by WhatsApp, kept for a short while, and answers to the survey."""

from django.core.validators import MaxValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from customers.models import Customer
from smartbis_admin.connections.models import Connection
from vouchers.outreach.models.messages import Message
from vouchers.outreach.models.texts import CHANNEL_CHOICES


class Incoming(models.Model):
    """A message a customer wrote to the store. Erased after `answers.KEPT`."""

    connection = models.ForeignKey(
        Connection, verbose_name=_("conexão"), on_delete=models.CASCADE, related_name="+"
    )
    remote_id = models.CharField(max_length=200)
    #: E.164.
    sender = models.CharField(_("de"), max_length=20)
    customer = models.ForeignKey(
        Customer, verbose_name=_("cliente"), null=True, on_delete=models.CASCADE, related_name="+"
    )
    text = models.TextField(_("texto"), max_length=4096)
    at = models.DateTimeField(_("quando"))
    received_at = models.DateTimeField(_("recebida em"), auto_now_add=True)
    #: It asked not to be written to any more, and that was recorded.
    is_opt_out = models.BooleanField(_("pediu para sair"), default=False)

    class Meta:
        verbose_name = _("mensagem recebida")
        verbose_name_plural = _("mensagens recebidas")
        ordering = ["-received_at", "-pk"]
        constraints = [models.UniqueConstraint(fields=["connection", "remote_id"], name="incoming_once")]
        indexes = [models.Index(fields=["-received_at", "-id"], name="incoming_newest")]

    def __str__(self) -> str:
        return str(self.pk)


class SurveyAnswer(models.Model):
    """An answer to the satisfaction survey: one per invitation; the latest word of the customer holds."""

    message = models.OneToOneField(
        Message, verbose_name=_("mensagem"), on_delete=models.PROTECT, related_name="answer"
    )
    customer = models.ForeignKey(
        Customer, verbose_name=_("cliente"), on_delete=models.PROTECT, related_name="survey_answers"
    )
    channel = models.CharField(_("canal"), max_length=10, choices=CHANNEL_CHOICES)
    score = models.PositiveSmallIntegerField(
        pgettext_lazy("score", "nota"), validators=[MaxValueValidator(10)]
    )
    comment = models.TextField(_("comentário"), max_length=1000, blank=True)
    answered_at = models.DateTimeField(_("respondida em"))

    class Meta:
        verbose_name = _("resposta da pesquisa")
        verbose_name_plural = _("respostas da pesquisa")
        ordering = ["-answered_at", "-pk"]
        constraints = [models.CheckConstraint(condition=models.Q(score__lte=10), name="score_up_to_ten")]
        indexes = [models.Index(fields=["-answered_at", "-id"], name="survey_newest")]

    def __str__(self) -> str:
        return str(self.score)
