"""Customers as the platform last described them."""

from typing import Any

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from smartbis_admin.sync.models import Mirrored


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
    sales: "models.QuerySet[Any]"
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
            # For people who may be the same one: see `duplicates.py`.
            models.Index(fields=["birth_date"], name="customer_birth_date"),
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
