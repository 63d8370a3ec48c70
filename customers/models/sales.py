"""The sales registered through this program."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from smartbis_admin.connections.models import Connection
from smartbis_admin.staff.models import Store, Till
from smartbis_admin.sync.models import remote_link
from smartbis_admin.writes.models import Write


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
    #: What else is known of it, for the rule's conditions; empty: not told. Stays with us.
    machine = models.CharField(_("maquininha"), max_length=100, blank=True)
    #: A word of `rules.models.PaymentMethod`.
    payment_method = models.CharField(_("forma de pagamento"), max_length=10, blank=True)
    category = models.CharField(_("categoria"), max_length=60, blank=True)

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
