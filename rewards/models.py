"""Mirrored rewards (coupon definitions) and their categories; the stock we changed, saw and watch over."""

from datetime import datetime

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from smartbis_admin.sync.models import Mirrored, remote_link
from smartbis_admin.writes.models import Write


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
        return self.StockLevel.LOW if self.stock <= self.low_at else self.StockLevel.ENOUGH

    @property
    def low_at(self) -> int:
        """At this many pieces or fewer the stock is low. A list selects `watch` along."""
        watch: StockWatch | None = getattr(self, "watch", None)
        own = watch.low_at if watch else None
        return settings.LOW_STOCK if own is None else own


def reward_status_is(status: str, now: datetime) -> Q:
    """The rows whose `effective_status` at `now` is this one."""
    if status == Reward.Status.ENDED:
        return Q(status=status) | Q(status=Reward.Status.ACTIVE, ends_at__lt=now)
    if status == Reward.Status.ACTIVE:
        return Q(status=status) & (Q(ends_at=None) | Q(ends_at__gte=now))
    return Q(status=status)


def stock_level_is(level: str) -> Q:
    """The rows whose `stock_level` is this one."""
    usual = Q(watch__low_at=None)
    low = usual & Q(stock__lte=settings.LOW_STOCK) | Q(stock__lte=F("watch__low_at"))
    enough = usual & Q(stock__gt=settings.LOW_STOCK) | Q(stock__gt=F("watch__low_at"))
    return {
        Reward.StockLevel.UNLIMITED: Q(stock=None),
        Reward.StockLevel.OUT: Q(stock=0),
        Reward.StockLevel.LOW: Q(stock__gt=0) & low,
        Reward.StockLevel.ENOUGH: Q(stock__gt=0) & enough,
    }[Reward.StockLevel(level)]


class StockWatch(models.Model):
    """What we keep about a reward's stock ourselves: when to warn, and how fast it goes. No sync touches it."""

    reward = models.OneToOneField(Reward, on_delete=models.PROTECT, primary_key=True, related_name="watch")
    #: None = the program's setting (`LOW_STOCK`).
    low_at = models.PositiveIntegerField(_("avisar com estoque até"), null=True)
    #: Vouchers of it issued in the `days` before `measured_at`; see `outlook.py`.
    went = models.PositiveIntegerField(default=0)
    days = models.PositiveSmallIntegerField(default=0)
    #: None = not measured yet.
    measured_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("acompanhamento de estoque")
        verbose_name_plural = _("acompanhamentos de estoque")

    def __str__(self) -> str:
        return str(self.reward_id)


class StockReading(models.Model):
    """A stock the platform told, kept when it differs from the one before: the line of the chart."""

    reward = models.ForeignKey(Reward, on_delete=models.PROTECT, related_name="stock_readings")
    #: None = unlimited.
    stock = models.PositiveIntegerField(_("estoque"), null=True)
    at = models.DateTimeField(_("quando"))

    class Meta:
        verbose_name = _("estoque informado")
        verbose_name_plural = _("estoques informados")
        ordering = ["-at", "-pk"]
        # Who notes the same reading twice at once notes it once.
        constraints = [models.UniqueConstraint(fields=["reward", "at"], name="stock_reading_once")]

    def __str__(self) -> str:
        return f"{self.stock} {self.at:%Y-%m-%d %H:%M}"


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
