"""Who is written to and when: what acts by itself, what a person started, and what holds for both."""

from datetime import time
from decimal import Decimal
from typing import Any

from django.conf import settings
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from customers.models import Consent
from vouchers.outreach.triggers import Language, Trigger, spec_of

#: Half of an audience is the most that may be held out.
MOST_HELD_OUT = 50


def default_channels() -> list[str]:
    """The order in which channels are tried."""
    return [Consent.Channel.WHATSAPP.value, Consent.Channel.EMAIL.value]


class Preferences(models.Model):
    """What holds for every message: addresses of next steps, hours, and whether all is paused. One row."""

    portal_url = models.URLField(_("endereço do portal do cliente"), max_length=300, blank=True)
    talk_url = models.URLField(
        _("endereço para falar com a loja"),
        max_length=300,
        blank=True,
        help_text=_("Por exemplo https://wa.me/5511999999999"),
    )
    #: Local time of the store.
    opens_at = models.TimeField(_("enviar a partir de"), default=time(9))
    closes_at = models.TimeField(_("enviar até"), default=time(20))
    hours_apart = models.PositiveSmallIntegerField(
        _("horas entre dois contatos"), default=24, validators=[MinValueValidator(1)]
    )
    #: Nothing leaves while this is set.
    paused_at = models.DateTimeField(_("pausada em"), null=True)
    paused_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = _("preferências de comunicação")
        verbose_name_plural = _("preferências de comunicação")

    def __str__(self) -> str:
        return "preferences"


class Plan(models.Model):
    """What an automation and a campaign share."""

    #: `Consent.Channel` words; the first one through which a person may be reached is used.
    channels = models.JSONField(_("canais"), default=default_channels)
    #: Empty: by the country of the phone.
    language = models.CharField(_("idioma"), max_length=5, choices=Language, blank=True)
    held_out_percent = models.PositiveSmallIntegerField(
        _("grupo de comparação (%)"), default=0, validators=[MaxValueValidator(MOST_HELD_OUT)]
    )

    class Meta:
        abstract = True


class Automation(Plan):
    """What one trigger does by itself. Made with the contract's defaults when first asked for."""

    trigger = models.CharField(_("gatilho"), max_length=20, choices=Trigger, primary_key=True)
    is_on = models.BooleanField(_("ligada"), default=False)
    #: Nothing that happened before is written about.
    switched_on_at = models.DateTimeField(_("ligada em"), null=True)
    #: Name of a `Threshold` -> what a manager set instead of its default, as plain JSON.
    thresholds = models.JSONField(default=dict)
    #: The latest complete look through the mirror, and until when a worker has it.
    looked_at = models.DateTimeField(null=True)
    leased_until = models.DateTimeField(null=True)
    #: Reason word -> how many that look left out.
    left_out = models.JSONField(default=dict)

    class Meta:
        verbose_name = _("mensagem automática")
        verbose_name_plural = _("mensagens automáticas")
        ordering = ["trigger"]

    def __str__(self) -> str:
        return self.get_trigger_display()

    def threshold(self, name: str) -> Any:
        """What holds: a `Decimal` for money and percent, a number of days, or a tuple of them."""
        spec = spec_of(self.trigger).thresholds[name]
        value = self.thresholds.get(name, spec.default)
        if spec.unit == "days_list":
            return tuple(int(day) for day in value)
        return int(value) if spec.unit == "days" else Decimal(str(value))


class Campaign(Plan):
    """Messages a person starts: an audience, a text, a moment."""

    class State(models.TextChoices):
        DRAFT = "draft", _("Rascunho")
        #: A worker goes through the audience and counts.
        COUNTING = "counting", _("Contando o público")
        COUNTED = "counted", _("Pronta para confirmar")
        SCHEDULED = "scheduled", _("Agendada")
        #: A worker puts the messages into the queue.
        QUEUEING = "queueing", _("Preparando mensagens")
        RUNNING = "running", _("Enviando")
        PAUSED = "paused", _("Pausada")
        STOPPED = "stopped", _("Interrompida")
        DONE = "done", _("Concluída")

    #: States in which a worker goes through the audience.
    WALKING = (State.COUNTING, State.QUEUEING)

    name = models.CharField(_("nome"), max_length=80)
    trigger = models.CharField(_("gatilho"), max_length=20, choices=Trigger, default=Trigger.CAMPAIGN)
    #: `Template.name` of its texts; empty: those of the trigger.
    text_name = models.CharField(_("texto"), max_length=40, blank=True)
    #: Audience: who fits this trigger now, or who a filter of the customers' list finds (its query string).
    audience_trigger = models.CharField(_("público do gatilho"), max_length=20, choices=Trigger, blank=True)
    audience_query = models.CharField(_("filtro de clientes"), max_length=1000, blank=True)
    audience_name = models.CharField(_("público"), max_length=80, blank=True)
    scheduled_at = models.DateTimeField(_("agendada para"), null=True, blank=True)

    state = models.CharField(_("situação"), max_length=10, choices=State, default=State.DRAFT)
    #: The customer the walk has reached, and who walks until when.
    position = models.BigIntegerField(default=0)
    leased_until = models.DateTimeField(null=True)
    #: Of the walk: people found, to be written to, held out; and reason word -> how many were left out.
    found = models.PositiveIntegerField(_("encontrados"), default=0)
    reachable = models.PositiveIntegerField(_("alcançáveis"), default=0)
    held_out = models.PositiveIntegerField(_("no grupo de comparação"), default=0)
    by_channel = models.JSONField(default=dict)
    left_out = models.JSONField(default=dict)

    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("criada por"), on_delete=models.PROTECT, related_name="+"
    )
    created_at = models.DateTimeField(_("criada em"), auto_now_add=True)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+"
    )
    started_at = models.DateTimeField(_("início"), null=True)
    finished_at = models.DateTimeField(_("fim"), null=True)

    class Meta:
        verbose_name = _("campanha")
        verbose_name_plural = _("campanhas")
        ordering = ["-created_at", "-pk"]
        indexes = [models.Index(fields=["-created_at", "-id"], name="campaign_newest")]

    def __str__(self) -> str:
        return self.name
