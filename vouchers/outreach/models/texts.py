"""What is written: a text per occasion, channel and language, every version kept."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from customers.models import Consent
from vouchers.outreach.triggers import Action, Language, Trigger

#: Channels something can be sent through; the others of `Consent.Channel` are only recorded.
CHANNELS = (Consent.Channel.WHATSAPP, Consent.Channel.EMAIL)
CHANNEL_CHOICES = [(channel.value, channel.label) for channel in CHANNELS]


class Template(models.Model):
    """One version of a text; the highest of its place is in force. Rows are only ever added."""

    trigger = models.CharField(_("gatilho"), max_length=20, choices=Trigger)
    #: Which text of the trigger: empty for its own one, a word of a campaign's otherwise.
    name = models.CharField(_("nome do texto"), max_length=40, blank=True)
    channel = models.CharField(_("canal"), max_length=10, choices=CHANNEL_CHOICES)
    language = models.CharField(_("idioma"), max_length=5, choices=Language)
    version = models.PositiveIntegerField(_("versão"))
    #: E-mail only.
    subject = models.CharField(_("assunto"), max_length=150, blank=True)
    #: Placeholders in braces: `{nome}`. On WhatsApp what the template registered there says.
    body = models.TextField(_("texto"), max_length=2000)
    action = models.CharField(_("próximo passo"), max_length=10, choices=Action)
    action_label = models.CharField(_("texto do próximo passo"), max_length=40)
    #: Empty: the address of this step in `Preferences`, or our survey page.
    action_url = models.URLField(_("endereço do próximo passo"), max_length=300, blank=True)
    #: Name of the template registered at WhatsApp; its {{1}}, {{2}} … are our placeholders in the order in
    #: which the body first names them.
    whatsapp_name = models.CharField(_("modelo no WhatsApp"), max_length=100, blank=True)
    #: The registered template ends in a button whose address takes the last part of ours.
    whatsapp_button = models.BooleanField(_("o modelo tem botão com endereço"), default=False)
    created_at = models.DateTimeField(_("criado em"), auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("quem"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )

    class Meta:
        verbose_name = _("texto de mensagem")
        verbose_name_plural = _("textos de mensagens")
        ordering = ["trigger", "name", "channel", "language", "-version"]
        constraints = [
            models.UniqueConstraint(
                fields=["trigger", "name", "channel", "language", "version"], name="text_version_once"
            )
        ]

    def __str__(self) -> str:
        return f"{self.trigger} {self.name} {self.channel} {self.language} v{self.version}"
