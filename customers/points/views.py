"""A customer's points: the statement with tier and referral link, a change of points, an activity."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from customers.models import Customer
from customers.points.filters import StatementFilter
from customers.points.forms import ActivityForm, AdjustForm
from customers.points.models import PointsTransaction, TierChange, VipTier
from customers.points.services import change_points, known_tokens, send_activity
from customers.points.tables import StatementTable
from customers.points.writes import shown_change
from smartbis_admin.api.capabilities import Capability, Resource
from smartbis_admin.connections.models import Connection
from smartbis_admin.staff.access import Access
from smartbis_admin.sync.lists import MirrorListView, known_at
from smartbis_admin.ui.formats import number
from smartbis_admin.ui.views import AccessMixin, Breadcrumbs, Text
from smartbis_admin.writes.models import Write
from smartbis_admin.writes.screens import WriteFormView

#: Changes of tier shown of a customer.
FEW = 5


class OfOneCustomer(AccessMixin):
    """Base of the screens about the points of one customer; a platform that cannot do it has no such page."""

    abstract = True
    capability: Capability

    @cached_property
    def customer(self) -> Customer:
        rows = Customer.objects.select_related("connection")
        able = Connection.objects.able_to(self.capability)
        return get_object_or_404(rows.filter(connection__in=able), pk=self.kwargs["pk"])

    def get_breadcrumbs(self) -> Breadcrumbs:
        return [
            (_("Clientes"), reverse("customers:list")),
            (self.customer.name, reverse("customers:detail", args=[self.customer.pk])),
        ]

    def get_success_url(self) -> str:
        return reverse("points:statement", args=[self.kwargs["pk"]])

    @property
    def cancel_url(self) -> str:
        return self.get_success_url()


def open_points_writes(customer: Customer) -> QuerySet[Write]:
    """What was sent about this customer's points and is not known to have happened."""
    return Write.objects.filter(
        connection=customer.connection_id,
        payload__customer_remote_id=customer.remote_id,
        state__in=Write.OPEN,
    ).select_related("actor")


def balance_too_short(customer: Customer, write: Write, points: int) -> Text | None:
    """Why a deduction was refused, when the balance read afterwards explains it."""
    balance = customer.points_balance
    if write.code != "short_balance" or balance is None or balance >= points:
        return None
    return _("O saldo não cobre isto: a plataforma diz agora %(balance)s pontos, e seriam %(points)s.") % {
        "balance": number(balance),
        "points": number(points),
    }


class StatementView(OfOneCustomer, MirrorListView):
    """The statement of one customer, with balance, tier and referral link above it."""

    access = Access.SEE_OVERVIEW
    capability = Capability.LIST_POINTS_TRANSACTIONS
    queryset = PointsTransaction.objects.all()
    table_class, filter_class = StatementTable, StatementFilter
    template_name = "customers/points/statement.html"
    resource = Resource.POINTS_TRANSACTIONS
    title = _("Extrato de pontos")
    empty_title = _("Nenhum movimento")
    empty_text = _(
        "Os movimentos aparecem depois de sincronizar. O saldo também muda sem movimento: pontos vencem."
    )
    several = False

    def get_queryset(self) -> QuerySet[PointsTransaction]:
        return PointsTransaction.objects.filter(
            connection=self.customer.connection_id, customer_remote_id=self.customer.remote_id
        )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        customer = self.customer
        levels = {row.remote_id: row for row in VipTier.objects.filter(connection=customer.connection_id)}
        tiers = {remote_id: row.name for remote_id, row in levels.items()}
        level = levels.get(customer.tier_remote_id or "")
        following = levels.get(customer.standing.next_tier_remote_id or "")
        changes = TierChange.objects.filter(
            connection=customer.connection_id, customer_remote_id=customer.remote_id
        ).order_by("-seen_at")[:FEW]
        may_act = self.request.user.has_perm(Access.CHANGE_POINTS) and customer.connection.is_active
        return super().get_context_data(**kwargs) | {
            "customer": customer,
            "known_at": self.get_known_at(),
            "open_writes": open_points_writes(customer),
            "tier": level,
            "next_tier": following,
            "tier_changes": [
                (row.seen_at, tiers.get(row.previous_remote_id or ""), tiers.get(row.current_remote_id or ""))
                for row in changes
            ],
            "may_adjust": may_act and customer.connection.can(Capability.DEDUCT_POINTS),
            "may_buy": may_act and customer.connection.can(Capability.BUY_POINTS_PRODUCT),
            "may_send": may_act and customer.connection.can(Capability.SEND_ACTIVITY),
        }

    def get_known_at(self) -> datetime:
        """When the platform last said the balance."""
        return known_at(self.customer, Resource.CUSTOMERS)


class AdjustView(OfOneCustomer, WriteFormView):
    """Add or deduct points."""

    access = Access.CHANGE_POINTS
    capability = Capability.DEDUCT_POINTS
    form_class = AdjustForm
    template_name = "customers/points/adjust.html"
    title = _("Ajustar pontos")
    submit_label = _("Ajustar pontos")
    refusals: ClassVar[Any] = {
        "not_found": ("", _("A plataforma não encontrou este cliente. Nada foi alterado.")),
    }

    def get_open_writes(self) -> Iterable[Write]:
        return open_points_writes(self.customer)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            customer=self.customer, known_at=known_at(self.customer, Resource.CUSTOMERS), **kwargs
        )

    def is_intent(self, write: Write, form: AdjustForm) -> bool:
        data = form.cleaned_data
        asked = {
            "customer_remote_id": self.customer.remote_id,
            "points_change": data["points_change"],
            "description": data["description"],
            "internal_note": data["whole_note"],
        }
        return (
            write.kind == "change_points"
            and write.connection_id == self.customer.connection_id
            and write.payload == asked
        )

    def perform(self, form: AdjustForm) -> Write:
        data = form.cleaned_data
        return change_points(
            id=data["write_id"],
            customer=self.customer,
            points_change=data["points_change"],
            description=data["description"],
            internal_note=data["whole_note"],
            actor=self.request.user,  # type: ignore[arg-type]
        )

    def get_done_message(self, write: Write) -> Text:
        change, balance = shown_change(write.payload["points_change"]), self.customer.points_balance
        if balance is None:
            return _("Pontos ajustados: %(change)s.") % {"change": change}
        return _("Pontos ajustados: %(change)s. Saldo agora: %(balance)s.") % {
            "change": change,
            "balance": number(balance),
        }

    def get_reasons(self, form: AdjustForm, write: Write) -> dict[str, list[Text]]:
        short = balance_too_short(self.customer, write, abs(write.payload["points_change"]))
        return {"points": [short]} if short else super().get_reasons(form, write)


class ActivityView(OfOneCustomer, WriteFormView):
    """Tell the programme what a customer did; the points come later."""

    access = Access.CHANGE_POINTS
    capability = Capability.SEND_ACTIVITY
    form_class = ActivityForm
    template_name = "customers/points/activity.html"
    title = _("Enviar atividade")
    submit_label = _("Enviar atividade")
    done_message = _("Atividade aceita pela plataforma. Os pontos dela chegam depois.")
    refusals: ClassVar[Any] = {
        "not_found": ("token", _("A plataforma não conhece este token ou este cliente. Confira no painel.")),
    }

    def get_open_writes(self) -> Iterable[Write]:
        return open_points_writes(self.customer)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            customer=self.customer, tokens=known_tokens(self.customer.connection), **kwargs
        )

    def is_intent(self, write: Write, form: ActivityForm) -> bool:
        asked = {"customer_remote_id": self.customer.remote_id, **form.asked()}
        return (
            write.kind == "send_activity"
            and write.connection_id == self.customer.connection_id
            and write.payload == asked
        )

    def perform(self, form: ActivityForm) -> Write:
        data = form.cleaned_data
        return send_activity(
            id=data["write_id"],
            customer=self.customer,
            token=data["token"],
            happened_at=data["happened_at"],
            actor=self.request.user,  # type: ignore[arg-type]
        )
