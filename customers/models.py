"""Mirrored customers and the sales registered through this program. Knows nothing of rewards or vouchers."""

from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from smartbis_admin.connections.models import Connection
from smartbis_admin.staff.models import Store, Till
from smartbis_admin.sync.models import Mirrored, remote_link
from smartbis_admin.writes.models import Write


class Customer(Mirrored):
    """A person of the loyalty programme, as the platform last described them."""

    name = models.CharField(_("nome"), max_length=200)
    #: Words of the name as `search.fold_name` writes them.
    name_search = models.CharField(max_length=200, editable=False)
    #: 11 digits.
    cpf = models.CharField(_("CPF"), max_length=11, null=True)
    #: E.164.
    phone = models.CharField(_("telefone"), max_length=20, null=True)
    email = models.CharField(_("e-mail"), max_length=254, null=True)
    birth_date = models.DateField(_("data de nascimento"), null=True)
    points_balance = models.DecimalField(_("saldo de pontos"), max_digits=18, decimal_places=4, null=True)
    cashback_balance = models.DecimalField(_("saldo de cashback"), max_digits=14, decimal_places=2, null=True)
    remote_created_at = models.DateTimeField(_("cliente desde"), null=True)
    remote_updated_at = models.DateTimeField(_("atualizado na plataforma"), null=True)

    # Set by the relations that point here; vouchers belong to a room that this one does not know.
    sales: "models.QuerySet[Sale]"
    vouchers: "models.QuerySet[Any]"

    class Meta:
        verbose_name = _("cliente")
        verbose_name_plural = _("clientes")
        ordering = ["name_search", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["connection", "remote_id"], name="customer_remote_unique")
        ]
        indexes = [
            # The third column lets a search by name be counted from the index alone.
            models.Index(fields=["name_search", "id", "withdrawn_at"], name="customer_name"),
            models.Index(fields=["cpf"], name="customer_cpf"),
            models.Index(fields=["phone"], name="customer_phone"),
            models.Index(Lower("email"), name="customer_email_ci"),
            models.Index(F("remote_created_at").desc(), F("id").desc(), name="customer_newest"),
            models.Index(
                fields=["name_search", "id"],
                condition=Q(withdrawn_at__isnull=False),
                name="customer_withdrawn",
            ),
            models.Index(fields=["points_balance", "id"], name="customer_points"),
            models.Index(fields=["cashback_balance", "id"], name="customer_cashback"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def first_name(self) -> str:
        """What is shown at the counter."""
        return self.name.split(" ", 1)[0]


class ProgrammeRule(models.Model):
    """What we believe the platform's rule to be, for estimates and evidence only; the real one lives there.

    Source: `communication-and-rules.md` §1.
    """

    connection = models.OneToOneField(
        Connection, verbose_name=_("conexão"), on_delete=models.CASCADE, related_name="rule"
    )
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

    class Meta:
        verbose_name = _("regra do programa")
        verbose_name_plural = _("regras do programa")

    def __str__(self) -> str:
        return str(self.connection)


class Sale(models.Model):
    """A sale registered through this program. Its fate is its write's; the benefit is the platform's."""

    connection = models.ForeignKey(
        Connection, verbose_name=_("conexão"), on_delete=models.PROTECT, related_name="+"
    )
    write = models.OneToOneField(
        Write, verbose_name=_("envio"), on_delete=models.PROTECT, related_name="sale"
    )
    customer_remote_id = models.CharField(max_length=128)
    customer = remote_link("customers.Customer", "customer_remote_id", related_name="sales")
    amount = models.DecimalField(_("valor da venda"), max_digits=14, decimal_places=2)
    #: Local rule preview, labelled as such; never added to real benefits.
    cashback_estimate = models.DecimalField(max_digits=14, decimal_places=2, null=True)
    points_estimate = models.DecimalField(max_digits=18, decimal_places=4, null=True)
    sold_at = models.DateTimeField(_("quando"), db_index=True)
    store = models.ForeignKey(Store, verbose_name=_("loja"), null=True, on_delete=models.PROTECT)
    till = models.ForeignKey(Till, verbose_name=_("ponto de caixa"), null=True, on_delete=models.PROTECT)
    registered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name=_("registrada por"), on_delete=models.PROTECT, related_name="+"
    )

    #: From the platform's answer; None = not known.
    remote_id = models.CharField(_("id na plataforma"), max_length=128, blank=True)
    cashback_amount = models.DecimalField(_("cashback"), max_digits=14, decimal_places=2, null=True)
    points_earned = models.DecimalField(_("pontos"), max_digits=18, decimal_places=4, null=True)
    #: Codes of the vouchers this sale issued.
    voucher_codes = models.JSONField(_("vouchers emitidos"), default=list)

    class Meta:
        verbose_name = _("venda")
        verbose_name_plural = _("vendas")
        ordering = ["-sold_at", "-pk"]
        constraints = [models.CheckConstraint(condition=Q(amount__gt=0), name="sale_amount_positive")]
        indexes = [
            models.Index(fields=["connection", "customer_remote_id", "-sold_at"], name="sale_customer")
        ]

    def __str__(self) -> str:
        return f"{self.amount} {self.sold_at:%Y-%m-%d}"
