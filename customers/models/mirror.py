"""Customers as the platform last described them."""

from typing import Any

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Lower
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from customers.standing import Standing, unpack
from smartbis_admin.api.records import CustomerState
from smartbis_admin.sync.models import Mirrored


class Customer(Mirrored):
    """A person of the loyalty programme, as the platform last described them."""

    class State(models.TextChoices):
        MEMBER = CustomerState.MEMBER.value, _("Participa")
        CANDIDATE = CustomerState.CANDIDATE.value, _("Ainda não participa")
        DISABLED = CustomerState.DISABLED.value, _("Bloqueado")
        UNKNOWN = CustomerState.UNKNOWN.value, _("Desconhecida")

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
    #: Set on platforms whose customers may be no member, or shut out.
    state = models.CharField(_("situação"), max_length=20, choices=State, blank=True, default="")
    #: The platform's own word while it is none of ours.
    state_word = models.CharField(max_length=80, blank=True, default="")
    tier_remote_id = models.CharField(max_length=128, null=True)
    #: What `standing.unpack` reads.
    standing_packed = models.TextField(blank=True, default="", editable=False)
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
            models.Index(
                fields=["connection", "tier_remote_id", "name_search", "id"],
                condition=Q(tier_remote_id__isnull=False),
                name="customer_tier",
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def first_name(self) -> str:
        """What is shown at the counter."""
        return self.name.split(" ", 1)[0]

    @cached_property
    def standing(self) -> Standing:
        """Tier, links and names, where the platform tells them."""
        return unpack(self.standing_packed)
