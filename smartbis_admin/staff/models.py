"""People, places and accountability: users, stores and their rules, tills, shifts, PINs, the audit trail.

Knows nothing of customers, rewards or vouchers; what an audit event is about is named by text.
"""

from datetime import timedelta
from typing import Any, ClassVar

from django.contrib.auth.base_user import BaseUserManager
from django.contrib.auth.models import AbstractUser, Group, Permission
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import Concat, Lower
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from smartbis_admin.prepared import Prepared, Slot
from smartbis_admin.staff.access import ROLE_LABELS, Access, Role


class UserManager(BaseUserManager["User"]):
    """Makes users by e-mail."""

    use_in_migrations = True

    def get_by_natural_key(self, email: str | None) -> "User":
        """The person who signs in with this e-mail; capital letters do not matter."""
        return self.get(email__iexact=email)

    def get(self, *args: Any, **fields: Any) -> "User":
        """As ever; whoever is signed in, asked for at every request by their key alone, in prepared words."""
        if type(self) is UserManager and not args and fields.keys() == {"pk"} and self._db is None:
            found = _PERSON.first(pk=fields["pk"])
            if found is None:
                raise self.model.DoesNotExist("User matching query does not exist.")
            return found
        return super().get(*args, **fields)

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

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        """Whether the person has a permission, by role or given in person: one query for all of them.

        The same answer as Django's own backend gives, which asks more often.
        """
        if not self.is_active or self.is_superuser or obj is not None:
            return super().has_perm(perm, obj)
        return perm in self._permissions

    @cached_property
    def _permissions(self) -> frozenset[str]:
        person = self if "granted" in vars(self) else _PERSON.first(pk=self.pk)
        return frozenset((getattr(person, "granted", None) or "").split())

    @property
    def role_label(self) -> str:
        """The person's role as shown on screen; empty without one."""
        names = set(self.groups.values_list("name", flat=True))
        return next((str(ROLE_LABELS[role]) for role in Role if role.value in names), "")


class _Words(models.Subquery):
    """The texts a query gives, one after the other with spaces between."""

    template = "(SELECT string_agg(word, ' ') FROM (%(subquery)s) AS words)"

    def as_sqlite(self, compiler: Any, connection: Any) -> Any:
        return self.as_sql(compiler, connection, template=self.template.replace("string_agg", "group_concat"))


def _person() -> models.QuerySet[User]:
    """A person with all they are `granted`, by role and in person: every request asks for both."""
    pk = Slot("pk", models.BigIntegerField())
    roles = User.groups.through.objects.filter(user=pk).values("group")
    by_role = Group.permissions.through.objects.filter(group__in=roles).values("permission")
    in_person = User.user_permissions.through.objects.filter(user=pk).values("permission")
    rows = Permission.objects.filter(Q(pk__in=by_role) | Q(pk__in=in_person)).order_by()
    word = Concat("content_type__app_label", models.Value("."), "codename")
    granted = _Words(rows.annotate(word=word).values("word"), output_field=models.TextField())
    return User.objects.filter(pk=pk).annotate(granted=granted)


_PERSON = Prepared(_person)


class Store(models.Model):
    """A shop of the merchant, and the rules its tills work by."""

    class Contingency(models.TextChoices):
        """What a till does with a voucher while the platform cannot be reached."""

        REFUSE = "refuse", _("Recusar")
        ACCEPT = "accept", _("Aceitar dentro dos limites")

    name = models.CharField(_("nome"), max_length=80, unique=True)
    time_zone = models.CharField(_("fuso horário"), max_length=40, default="America/Sao_Paulo")
    is_active = models.BooleanField(_("ativa"), default=True)

    #: BRL; None: only flagged vouchers are shown before they are used.
    look_above = models.DecimalField(
        _("mostrar antes de validar acima de (R$)"), max_digits=12, decimal_places=2, null=True, blank=True
    )
    lock_after_minutes = models.PositiveSmallIntegerField(
        _("bloquear o caixa parado depois de (minutos)"), default=10, validators=[MinValueValidator(1)]
    )
    #: How long after its validation a reversal may still be asked for.
    reversal_hours = models.PositiveSmallIntegerField(_("prazo para pedir estorno (horas)"), default=24)
    contingency = models.CharField(
        _("sem conexão com a plataforma"),
        max_length=8,
        choices=Contingency,
        default=Contingency.REFUSE,
    )
    #: BRL a voucher may be worth at most; None: no voucher is accepted.
    contingency_max_value = models.DecimalField(
        _("valor máximo por voucher (R$)"), max_digits=12, decimal_places=2, null=True, blank=True
    )
    contingency_max_per_hour = models.PositiveSmallIntegerField(_("máximo de vouchers por hora"), default=0)
    contingency_needs_pin = models.BooleanField(_("exigir o PIN de um gestor"), default=True)
    #: How long a manager's release lasts at the most; it ends with the shift in any case.
    contingency_release_hours = models.PositiveSmallIntegerField(
        _("a liberação do gestor vale por (horas)"), default=4, validators=[MinValueValidator(1)]
    )

    class Meta:
        verbose_name = _("loja")
        verbose_name_plural = _("lojas")
        ordering = ["name", "pk"]

    def __str__(self) -> str:
        return self.name

    @property
    def lock_after(self) -> timedelta:
        """How long a till may stand idle before it locks itself."""
        return timedelta(minutes=self.lock_after_minutes)

    @property
    def reversal_window(self) -> timedelta:
        """How long after its validation a reversal may be asked for."""
        return timedelta(hours=self.reversal_hours)


class PastPolicy(models.Model):
    """A contingency policy a store had until it was changed: what happened before is judged by it."""

    store = models.ForeignKey(Store, on_delete=models.CASCADE, related_name="past_policies")
    until = models.DateTimeField()
    mode = models.CharField(max_length=8, choices=Store.Contingency)
    max_value = models.DecimalField(max_digits=12, decimal_places=2, null=True)
    max_per_hour = models.PositiveSmallIntegerField()
    needs_pin = models.BooleanField()

    class Meta:
        ordering = ["store", "until", "pk"]
        indexes = [models.Index(fields=["store", "until"], name="past_policy_until")]

    def __str__(self) -> str:
        return f"{self.store_id} until {self.until:%Y-%m-%d %H:%M}"


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


class Shift(models.Model):
    """One person's time at one till, from opening to closing. A till has one open shift at the most."""

    till = models.ForeignKey(
        Till, verbose_name=_("ponto de caixa"), on_delete=models.PROTECT, related_name="shifts"
    )
    cashier = models.ForeignKey(
        User, verbose_name=_("caixa"), on_delete=models.PROTECT, related_name="shifts"
    )
    opened_at = models.DateTimeField(_("aberto em"))
    #: The last sign of somebody at the till; the till locks itself some time after it.
    seen_at = models.DateTimeField(_("última atividade"))
    closed_at = models.DateTimeField(_("encerrado em"), null=True, blank=True)
    #: Who closed it: the cashier, whoever took the till over, or a manager.
    closed_by = models.ForeignKey(
        User, verbose_name=_("encerrado por"), null=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        verbose_name = _("turno")
        verbose_name_plural = _("turnos")
        ordering = ["-opened_at", "-pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["till"], condition=Q(closed_at=None), name="one_open_shift_per_till"
            )
        ]
        indexes = [models.Index(fields=["-opened_at", "-id"], name="shift_newest")]

    def __str__(self) -> str:
        return f"{self.till} · {self.cashier}"

    @property
    def is_open(self) -> bool:
        return self.closed_at is None


class Pin(models.Model):
    """The PIN with which a person shows at a till who they are: its hash, and the tries that failed."""

    user = models.OneToOneField(User, on_delete=models.CASCADE, primary_key=True, related_name="pin")
    hash = models.CharField(max_length=128)
    #: Wrong tries in a row.
    failures = models.PositiveSmallIntegerField(default=0)
    #: No try counts before this moment.
    locked_until = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"pin:{self.user_id}"


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
