"""What we believe the programme's rule to be: its dated versions, the campaigns on top, and simulations.

The rule that counts lives at the platform and cannot be read; this is for estimates, eligibility and evidence
(`communication-and-rules.md` §1). A version in force, and a campaign that has begun, are never edited.
"""

from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from smartbis_admin.connections.models import Connection


class PaymentMethod(models.TextChoices):
    """How a sale was paid; the words of `smartpos.md` §2.1."""

    CREDIT = "credit", _("Crédito")
    DEBIT = "debit", _("Débito")
    PIX = "pix", _("Pix")
    MEAL_CARD = "voucher", _("Vale")
    CASH = "cash", _("Dinheiro")


class Terms(models.Model):
    """What a rule says, whether it is in force or only tried on past sales."""

    cashback_percent = models.DecimalField(
        _("percentual de cashback"), max_digits=6, decimal_places=3, default=0
    )
    points_per_brl = models.DecimalField(_("pontos por real"), max_digits=10, decimal_places=4, default=0)
    minimum_to_earn = models.DecimalField(
        _("valor mínimo para acumular"), max_digits=14, decimal_places=2, default=0
    )
    #: Cashback balance at which the platform issues a voucher by itself; None = never.
    voucher_threshold = models.DecimalField(
        _("saldo que gera voucher"), max_digits=14, decimal_places=2, null=True, blank=True
    )
    #: Days a voucher can be used, its last day included; None = not known.
    voucher_validity_days = models.PositiveSmallIntegerField(
        _("validade do voucher (dias)"), null=True, blank=True
    )
    #: BRL; None = any purchase.
    voucher_minimum_purchase = models.DecimalField(
        _("valor mínimo de compra do voucher"), max_digits=14, decimal_places=2, null=True, blank=True
    )
    #: Primary keys of stores whose sales earn nothing.
    excluded_stores: Any = models.JSONField(_("lojas que não acumulam"), default=list, blank=True)
    #: Words of `PaymentMethod` whose sales earn nothing.
    excluded_methods: Any = models.JSONField(
        _("formas de pagamento que não acumulam"), default=list, blank=True
    )
    #: Local days, both included, outside which nothing is earned; None = open.
    first_day = models.DateField(_("acumula desde"), null=True, blank=True)
    last_day = models.DateField(_("acumula até"), null=True, blank=True)

    class Meta:
        abstract = True


#: The columns of `Terms`, in the order people read them.
TERMS = (
    "cashback_percent",
    "points_per_brl",
    "minimum_to_earn",
    "voucher_threshold",
    "voucher_validity_days",
    "voucher_minimum_purchase",
    "excluded_stores",
    "excluded_methods",
    "first_day",
    "last_day",
)


class RuleVersion(Terms):
    """The rule of a connection from a moment until the next version's. Only ever added; one whose moment has
    not come may be cancelled.
    """

    connection = models.ForeignKey(
        Connection, verbose_name=_("conexão"), on_delete=models.CASCADE, related_name="rule_versions"
    )
    valid_from = models.DateTimeField(_("vale a partir de"))
    created_at = models.DateTimeField(_("quando"), default=timezone.now, editable=False)
    #: None: it was there before versions were kept.
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("quem"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )
    cancelled_at = models.DateTimeField(_("cancelada em"), null=True)
    cancelled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("cancelada por"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )

    class Meta:
        verbose_name = _("versão da regra")
        verbose_name_plural = _("versões da regra")
        ordering = ["-valid_from", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["connection", "valid_from"],
                condition=Q(cancelled_at=None),
                name="rule_version_one_at_a_time",
            )
        ]

    def __str__(self) -> str:
        return f"{self.connection} {self.valid_from:%Y-%m-%d %H:%M}"

    @property
    def is_future(self) -> bool:
        """Whether its moment has not come."""
        return self.valid_from > timezone.now()


class Campaign(models.Model):
    """A time in which sales that meet its conditions earn more. Empty conditions hold for every sale."""

    class Stage(models.TextChoices):
        """Where a campaign stands today, by its days and whether it was ended."""

        WAITING = "waiting", _("Agendada")
        RUNNING = "running", _("Em vigor")
        OVER = "over", _("Encerrada")

    connection = models.ForeignKey(
        Connection, verbose_name=_("conexão"), on_delete=models.CASCADE, related_name="campaigns"
    )
    name = models.CharField(_("nome"), max_length=80)
    #: Local days of the store (without one: of the account), both included.
    first_day = models.DateField(_("primeiro dia"))
    last_day = models.DateField(_("último dia"))
    #: 0 = Monday … 6 = Sunday; empty = every day.
    weekdays: Any = models.JSONField(_("dias da semana"), default=list, blank=True)
    #: Local times, the second one no longer included; the first later than the second: over midnight.
    from_time = models.TimeField(_("das"), null=True, blank=True)
    until_time = models.TimeField(_("às"), null=True, blank=True)
    #: Primary keys of stores; empty = every store, also where none is told.
    stores: Any = models.JSONField(_("lojas"), default=list, blank=True)
    #: Machine ids as the bridge tells them; empty = any sale.
    machines: Any = models.JSONField(_("maquininhas"), default=list, blank=True)
    category = models.CharField(_("categoria"), max_length=60, blank=True)
    cashback_multiplier = models.DecimalField(
        _("multiplicador do cashback"), max_digits=5, decimal_places=2, default=1
    )
    points_multiplier = models.DecimalField(
        _("multiplicador dos pontos"), max_digits=5, decimal_places=2, default=1
    )
    #: Whether it multiplies with others that stack; else the better one holds.
    stacks = models.BooleanField(_("multiplica-se com outras campanhas"), default=False)
    created_at = models.DateTimeField(_("criada em"), auto_now_add=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("criada por"), on_delete=models.PROTECT, related_name="+"
    )
    #: Ended before its last day, or cancelled before its first; sales from this moment on do not count.
    ended_at = models.DateTimeField(_("encerrada em"), null=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        verbose_name=_("encerrada por"),
        null=True,
        on_delete=models.PROTECT,
        related_name="+",
    )

    class Meta:
        verbose_name = _("campanha")
        verbose_name_plural = _("campanhas")
        ordering = ["-first_day", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(last_day__gte=models.F("first_day")), name="campaign_days"),
            models.CheckConstraint(
                condition=Q(cashback_multiplier__gte=1, points_multiplier__gte=1), name="campaign_gives_more"
            ),
        ]
        indexes = [models.Index(fields=["connection", "first_day", "last_day"], name="campaign_days_of")]

    def __str__(self) -> str:
        return self.name

    @property
    def stage(self) -> "Campaign.Stage":
        """Where it stands on the account's clock."""
        today = timezone.localdate(timezone=ZoneInfo(self.connection.time_zone))
        if self.ended_at is not None or self.last_day < today:
            return self.Stage.OVER
        return self.Stage.WAITING if self.first_day > today else self.Stage.RUNNING


class Simulation(Terms):
    """A rule that is only tried: what past sales would have brought with it, beside the rule of today.

    The row is the job: its position and the sums so far, so that any worker can go on where another stopped.
    """

    class State(models.TextChoices):
        RUNNING = "running", _("Calculando")
        DONE = "done", _("Concluída")

    connection = models.ForeignKey(
        Connection, verbose_name=_("conexão"), on_delete=models.CASCADE, related_name="+"
    )
    #: The rule it is compared with: the one in force when it was asked for. None: there was none.
    base = models.ForeignKey(RuleVersion, null=True, on_delete=models.CASCADE, related_name="+")
    #: Local days of the sales, both included.
    since = models.DateField(_("vendas desde"))
    until = models.DateField(_("vendas até"))
    #: Whether sales of files that were checked and never sent count too.
    with_files = models.BooleanField(_("incluir arquivos"), default=True)
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("quem"), on_delete=models.CASCADE, related_name="+"
    )
    created_at = models.DateTimeField(_("quando"), auto_now_add=True)
    state = models.CharField(_("situação"), max_length=8, choices=State, default=State.RUNNING)
    #: Sales known at the start, and looked at so far.
    expected_sales = models.PositiveIntegerField(default=0)
    position = models.PositiveIntegerField(default=0)
    #: Where to go on: {"source": …, "after": primary key}.
    cursor: Any = models.JSONField(default=dict)
    #: Sums as text, and the sales that differ most (`simulation.py`).
    result: Any = models.JSONField(default=dict)
    heartbeat_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("simulação")
        verbose_name_plural = _("simulações")
        ordering = ["-created_at", "-pk"]
        indexes = [
            models.Index(fields=["heartbeat_at"], condition=Q(state="running"), name="simulation_running")
        ]

    def __str__(self) -> str:
        return f"{self.connection} {self.since}–{self.until}"
