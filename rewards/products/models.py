"""Mirrored points products and offers."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from smartbis_admin.api.points import ExchangeType, OfferStatus
from smartbis_admin.sync.models import Mirrored


class PointsProduct(Mirrored):
    """Something points can buy: at one price, or for a sum the customer chooses in steps."""

    class Exchange(models.TextChoices):
        FIXED = ExchangeType.FIXED.value, _("Preço fixo")
        VARIABLE = ExchangeType.VARIABLE.value, _("Valor à escolha")
        UNKNOWN = ExchangeType.UNKNOWN.value, _("Não reconhecido")

    exchange_type = models.CharField(_("troca"), max_length=12, choices=Exchange, default=Exchange.UNKNOWN)
    #: The platform's own word while it is none of ours.
    exchange_word = models.CharField(max_length=80, blank=True, default="")
    exchange_description = models.CharField(_("descrição da troca"), max_length=200, null=True)
    #: Points; for fixed ones.
    price = models.DecimalField(_("preço em pontos"), max_digits=18, decimal_places=4, null=True)
    #: Points; for variable ones.
    step = models.DecimalField(_("passo"), max_digits=18, decimal_places=4, null=True)
    step_value = models.DecimalField(_("valor de um passo"), max_digits=18, decimal_places=4, null=True)
    minimum = models.DecimalField(_("mínimo"), max_digits=18, decimal_places=4, null=True)
    maximum = models.DecimalField(_("máximo"), max_digits=18, decimal_places=4, null=True)
    reward_name = models.CharField(_("recompensa"), max_length=200, null=True)
    reward_description = models.TextField(_("descrição"), null=True)
    image_url = models.TextField(null=True)
    remote_created_at = models.DateTimeField(null=True)
    remote_updated_at = models.DateTimeField(_("atualizado na plataforma"), null=True)

    class Meta:
        verbose_name = _("produto de pontos")
        verbose_name_plural = _("produtos de pontos")
        ordering = ["reward_name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["connection", "remote_id"], name="points_product_remote_unique")
        ]

    def __str__(self) -> str:
        return self.reward_name or self.remote_id


class Offer(Mirrored):
    """An offer of a wallet programme: draft, published, cancelled, never back."""

    class Status(models.TextChoices):
        DRAFT = OfferStatus.DRAFT.value, _("Rascunho")
        PUBLISHED = OfferStatus.PUBLISHED.value, _("Publicada")
        CANCELLED = OfferStatus.CANCELLED.value, _("Cancelada")
        UNKNOWN = OfferStatus.UNKNOWN.value, _("Não reconhecida")

    name = models.CharField(_("nome"), max_length=200)
    description = models.TextField(_("descrição"), null=True)
    points_cost = models.DecimalField(_("preço em pontos"), max_digits=18, decimal_places=4, null=True)
    auto_claim = models.BooleanField(_("resgate automático"), null=True)
    status = models.CharField(_("situação"), max_length=12, choices=Status, default=Status.UNKNOWN)
    #: The platform's own word while it is none of ours.
    status_word = models.CharField(max_length=80, blank=True, default="")

    class Meta:
        verbose_name = _("oferta")
        verbose_name_plural = _("ofertas")
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["connection", "remote_id"], name="offer_remote_unique")
        ]

    def __str__(self) -> str:
        return self.name
