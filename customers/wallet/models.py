"""Addresses of wallet cards, which the platform tells once: when it creates a customer."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from smartbis_admin.connections.models import Connection
from smartbis_admin.sync.models import remote_link


class Card(models.Model):
    """Where a customer takes the card from. Gone with the customer."""

    connection = models.ForeignKey(Connection, on_delete=models.CASCADE, related_name="+")
    customer_remote_id = models.CharField(max_length=128)
    customer = remote_link("customers.Customer", "customer_remote_id", related_name="cards")
    url = models.TextField(_("endereço do cartão"))
    #: Its number as a scanner may read it, in capitals without spaces and dashes; empty: not told.
    serial_key = models.CharField(_("número do cartão"), max_length=128, blank=True, default="")
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("cartão")
        verbose_name_plural = _("cartões")
        constraints = [
            models.UniqueConstraint(fields=["connection", "customer_remote_id"], name="card_of_customer")
        ]
        indexes = [models.Index(fields=["serial_key"], name="card_serial_key")]

    def __str__(self) -> str:
        return self.customer_remote_id
