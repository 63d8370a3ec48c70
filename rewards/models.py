"""Mirrored rewards (coupon definitions) and their categories, and the history of stock we changed."""

from datetime import datetime

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from smartbis_admin.sync.models import Mirrored, remote_link
from smartbis_admin.writes.models import Write

#: At this many pieces or fewer a limited stock is low.
LOW_STOCK = 10


class Category(Mirrored):
    """A coupon category."""

    name = models.CharField(_("nome"), max_length=120)
    remote_created_at = models.DateTimeField(_("criada em"), null=True)

    class Meta:
        verbose_name = _("categoria")
        verbose_name_plural = _("categorias")
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["connection", "remote_id"], name="category_remote_unique")
        ]

    def __str__(self) -> str:
        return self.name


class Reward(Mirrored):
    """A reward as the platform last described it. `stock` None = unlimited."""

    class Status(models.TextChoices):
        ACTIVE = "active", _("Ativa")
        PAUSED = "paused", _("Pausada")
        ENDED = "ended", _("Encerrada")
        UNKNOWN = "unknown", _("Não reconhecida")

    class StockLevel(models.TextChoices):
        UNLIMITED = "unlimited", _("Ilimitado")
        ENOUGH = "enough", _("Suficiente")
        LOW = "low", _("Estoque baixo")
        OUT = "out", _("Sem estoque")

    name = models.CharField(_("nome"), max_length=200)
    description = models.TextField(_("descrição"), null=True)
    image_url = models.TextField(null=True)
    category_remote_id = models.CharField(max_length=128, null=True)
    category = remote_link("rewards.Category", "category_remote_id", related_name="rewards")
    points_required = models.DecimalField(_("pontos necessários"), max_digits=18, decimal_places=4, null=True)
    stock = models.PositiveIntegerField(_("estoque"), null=True)
    limit_per_customer = models.PositiveIntegerField(_("limite por cliente"), null=True)
    starts_at = models.DateTimeField(_("início"), null=True)
    ends_at = models.DateTimeField(_("fim"), null=True)
    rules = models.TextField(_("regras"), null=True)
    status = models.CharField(_("situação"), max_length=12, choices=Status, default=Status.UNKNOWN)
    #: The platform's own word when it is none of ours.
    status_word = models.CharField(max_length=40, blank=True)
    remote_updated_at = models.DateTimeField(_("atualizado na plataforma"), null=True)

    class Meta:
        verbose_name = _("recompensa")
        verbose_name_plural = _("recompensas")
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["connection", "remote_id"], name="reward_remote_unique")
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def image_link(self) -> str:
        """The image's address if a browser may be sent there, else an empty text."""
        url = self.image_url or ""
        return url if url.startswith(("https://", "http://")) else ""

    @property
    def effective_status(self) -> Status:
        """The status with the calendar applied: active past its last second counts as ended."""
        if self.status == self.Status.ACTIVE and self.ends_at and self.ends_at < timezone.now():
            return self.Status.ENDED
        return self.Status(self.status)

    @property
    def effective_status_label(self) -> str:
        """`effective_status` in words."""
        return str(self.effective_status.label)

    @property
    def stock_level(self) -> StockLevel:
        """How much is left, in one of four words."""
        if self.stock is None:
            return self.StockLevel.UNLIMITED
        if self.stock == 0:
            return self.StockLevel.OUT
        return self.StockLevel.LOW if self.stock <= LOW_STOCK else self.StockLevel.ENOUGH


def reward_status_is(status: str, now: datetime) -> Q:
    """The rows whose `effective_status` at `now` is this one."""
    if status == Reward.Status.ENDED:
        return Q(status=status) | Q(status=Reward.Status.ACTIVE, ends_at__lt=now)
    if status == Reward.Status.ACTIVE:
        return Q(status=status) & (Q(ends_at=None) | Q(ends_at__gte=now))
    return Q(status=status)


def stock_level_is(level: str) -> Q:
    """The rows whose `stock_level` is this one."""
    return {
        Reward.StockLevel.UNLIMITED: Q(stock=None),
        Reward.StockLevel.OUT: Q(stock=0),
        Reward.StockLevel.LOW: Q(stock__gt=0, stock__lte=LOW_STOCK),
        Reward.StockLevel.ENOUGH: Q(stock__gt=LOW_STOCK),
    }[Reward.StockLevel(level)]


class StockChange(models.Model):
    """One change of stock asked for here: what the person saw, what they wanted, what it became."""

    reward = models.ForeignKey(Reward, on_delete=models.PROTECT, related_name="stock_changes")
    write = models.OneToOneField(Write, on_delete=models.PROTECT, related_name="stock_change")
    #: None = unlimited.
    before = models.PositiveIntegerField(_("antes"), null=True)
    target = models.PositiveIntegerField(_("pedido"))
    after = models.PositiveIntegerField(_("depois"), null=True)

    class Meta:
        verbose_name = _("alteração de estoque")
        verbose_name_plural = _("alterações de estoque")
        ordering = ["-pk"]

    def __str__(self) -> str:
        return f"{self.before} → {self.target}"
