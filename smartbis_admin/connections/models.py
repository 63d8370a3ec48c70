"""Connections to platforms: where, with which credentials, how healthy; and the traffic state of each.

Knows platforms by name only; what one can do stands in `providers`.
"""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from smartbis_admin.api.capabilities import Capability, Resource
from smartbis_admin.connections.fields import EncryptedJSONField
from smartbis_admin.connections.providers import Provider, ProviderSpec, able_to, programmes, spec_of


class Colour(models.TextChoices):
    """Colours of the design system that tell programmes apart."""

    BLUE = "blue", _("azul")
    PURPLE = "purple", _("roxo")
    GREEN = "green", _("verde")
    ORANGE = "orange", _("laranja")
    PINK = "pink", _("rosa")
    TEAL = "teal", _("turquesa")


class ConnectionQuerySet(models.QuerySet["Connection"]):
    """Connections, chosen by what they can do."""

    def able_to(self, capability: Capability) -> "ConnectionQuerySet":
        """The active ones whose platform can do this, the oldest first."""
        return self.filter(is_active=True, provider__in=able_to(capability)).order_by("pk")

    def programmes(self) -> "ConnectionQuerySet":
        """Those a customer can be in, active or not; neither bridges nor channels of messages."""
        return self.filter(provider__in=programmes())


class Connection(models.Model):
    """One account on one platform."""

    provider = models.CharField(_("plataforma"), max_length=20, choices=Provider, default=Provider.SMARTBIS)
    name = models.CharField(_("nome"), max_length=60, unique=True)
    programme = models.CharField(
        _("programa"),
        max_length=60,
        blank=True,
        help_text=_("Como os clientes chamam o programa. Vazio: o nome da integração."),
    )
    colour = models.CharField(
        _("cor"),
        max_length=10,
        choices=Colour,
        default=Colour.BLUE,
        help_text=_("Distingue os programas nas listas e na página do cliente."),
    )
    base_url = models.URLField(_("endereço da API"))
    #: Provider's own keys, e.g. {"api_key": …, "api_secret": …}. Never shown again, never logged.
    credentials: Any = EncryptedJSONField()
    time_zone = models.CharField(
        _("fuso horário da conta"),
        max_length=40,
        default="America/Sao_Paulo",
        help_text=_("Vale para as datas que a plataforma envia sem fuso."),
    )
    is_active = models.BooleanField(_("ativa"), default=True)
    #: Settle a sale in doubt without a person when the evidence is strong (`smartbis-v2.md` §4.2).
    settle_sales_alone = models.BooleanField(
        _("resolver vendas sozinho quando a evidência é forte"), default=False
    )
    created_at = models.DateTimeField(auto_now_add=True)
    last_ok_at = models.DateTimeField(_("última resposta"), null=True, editable=False)
    last_error_at = models.DateTimeField(_("última falha"), null=True, editable=False)
    #: Class name of the last `ApiError`; words are made by the screens.
    last_error = models.CharField(max_length=40, blank=True, editable=False)
    #: Its cause in one word (`ApiError.reason`).
    last_error_cause = models.CharField(max_length=40, blank=True, editable=False)
    #: Lists the account said it does not have (an older edition of the API); not asked for by itself any more.
    absent_lists = models.JSONField(default=list, editable=False)
    #: Set when the credentials were refused twice: no traffic until a person replaces or retries them.
    blocked_at = models.DateTimeField(_("parada em"), null=True, editable=False)

    objects = ConnectionQuerySet.as_manager()

    class Meta:
        verbose_name = _("conexão")
        verbose_name_plural = _("conexões")
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.name

    @property
    def programme_name(self) -> str:
        """What people call the programme."""
        return self.programme or self.name

    @property
    def spec(self) -> ProviderSpec:
        """What its platform asks for and can do."""
        return spec_of(self.provider)

    @property
    def lists(self) -> list[Resource]:
        """The lists of its platform, without those the account does not have."""
        return [resource for resource in self.spec.lists if resource not in self.absent_lists]

    def can(self, capability: Capability) -> bool:
        """Whether its platform can do this."""
        return capability in self.spec.capabilities


class WireState(models.Model):
    """What all processes of a connection share on the wire: the token, and when the next call may leave."""

    connection = models.OneToOneField(
        Connection, on_delete=models.CASCADE, primary_key=True, related_name="wire"
    )
    #: {"value": …} or empty.
    token: Any = EncryptedJSONField()
    token_expires_at = models.DateTimeField(null=True)
    #: While in the future, one process is renewing the token; the others wait for it.
    renewing_until = models.DateTimeField(null=True)
    #: Theoretical arrival time of the next call (generic cell rate algorithm), Unix seconds.
    next_call_at = models.FloatField(default=0, db_default=0)

    def __str__(self) -> str:
        return f"wire of {self.connection_id}"
