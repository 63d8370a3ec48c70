"""People, places and accountability: users, stores, tills and the audit trail.

Knows nothing of customers, rewards or vouchers; what an audit event is about is named by text.
"""

from typing import Any, ClassVar

from django.contrib.auth.base_user import BaseUserManager
from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from smartbis_admin.staff.access import ROLE_LABELS, Access, Role


class UserManager(BaseUserManager["User"]):
    """Makes users by e-mail."""

    use_in_migrations = True

    def get_by_natural_key(self, email: str | None) -> "User":
        """The person who signs in with this e-mail; capital letters do not matter."""
        return self.get(email__iexact=email)

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        user = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        return self.create_user(email, password, is_staff=True, is_superuser=True, **fields)


class User(AbstractUser):
    """A person who signs in by e-mail. What they may do comes from their role (a group)."""

    username = None  # type: ignore[assignment]
    email = models.EmailField(_("e-mail"), unique=True)
    stores: "models.ManyToManyField[Store, Any]" = models.ManyToManyField(
        "Store", verbose_name=_("lojas"), blank=True, help_text=_("Onde a pessoa trabalha. Vazio: todas.")
    )

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects: ClassVar[UserManager] = UserManager()  # type: ignore[assignment]

    class Meta:
        verbose_name = _("usuário")
        verbose_name_plural = _("usuários")
        constraints = [models.UniqueConstraint(Lower("email"), name="user_email_unique_ci")]

    def __str__(self) -> str:
        return self.get_full_name() or self.email

    def may(self, access: Access) -> bool:
        """Whether the person has this permission."""
        return self.has_perm(access.value)

    @property
    def role_label(self) -> str:
        """The person's role as shown on screen; empty without one."""
        names = set(self.groups.values_list("name", flat=True))
        return next((str(ROLE_LABELS[role]) for role in Role if role.value in names), "")


class Store(models.Model):
    """A shop of the merchant."""

    name = models.CharField(_("nome"), max_length=80, unique=True)
    time_zone = models.CharField(_("fuso horário"), max_length=40, default="America/Sao_Paulo")
    is_active = models.BooleanField(_("ativa"), default=True)

    class Meta:
        verbose_name = _("loja")
        verbose_name_plural = _("lojas")
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.name


class Till(models.Model):
    """A place in a store where vouchers are validated (not the person who stands there)."""

    store = models.ForeignKey(Store, verbose_name=_("loja"), on_delete=models.PROTECT, related_name="tills")
    name = models.CharField(_("nome"), max_length=40)
    is_active = models.BooleanField(_("ativo"), default=True)

    class Meta:
        verbose_name = _("ponto de caixa")
        verbose_name_plural = _("pontos de caixa")
        ordering = ["store__name", "name", "pk"]
        constraints = [models.UniqueConstraint(fields=["store", "name"], name="till_unique_in_store")]

    def __str__(self) -> str:
        return f"{self.store} · {self.name}"


class AuditEvent(models.Model):
    """Who did what, when. Rows are only ever added; details hold no personal data and no secret."""

    at = models.DateTimeField(_("quando"), auto_now_add=True, db_index=True)
    actor = models.ForeignKey(
        User, verbose_name=_("quem"), null=True, on_delete=models.PROTECT, related_name="+"
    )
    #: Dotted verb, e.g. `connection.credentials_replaced`.
    action = models.CharField(_("ação"), max_length=60)
    #: What it was done to, e.g. `connection:3`.
    subject = models.CharField(_("objeto"), max_length=120, blank=True)
    details = models.JSONField(_("detalhes"), default=dict, blank=True)

    class Meta:
        verbose_name = _("evento de auditoria")
        verbose_name_plural = _("trilha de auditoria")
        ordering = ["-at", "-pk"]

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M} {self.action} {self.subject}"
