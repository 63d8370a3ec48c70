"""One customer: everything the platform told us and everything we know ourselves."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Case, F, Q, QuerySet, Value, When
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from customers.consents import consents_now
from customers.duplicates import duplicates_of
from customers.models import Customer, Note
from customers.persons.services import person_of
from customers.services import refresh_customer
from customers.tables import SaleTable
from customers.tags import tags_in_use
from customers.timeline import timeline
from customers.wallet.models import Card
from smartbis_admin.api.brazil import mask_email, mask_phone
from smartbis_admin.api.capabilities import Capability, Resource
from smartbis_admin.api.errors import ApiError
from smartbis_admin.connections.words import explain
from smartbis_admin.staff.access import Access
from smartbis_admin.staff.services import audit
from smartbis_admin.sync.lists import known_at
from smartbis_admin.ui.navigation import may
from smartbis_admin.ui.qr import qr_svg
from smartbis_admin.ui.views import ActionView, Breadcrumbs, DetailView, Text
from smartbis_admin.writes.models import Write

#: Rows shown of a customer's vouchers and sales.
FEW = 6


def open_writes_of(customer: Customer) -> QuerySet[Write]:
    """What was sent about a customer and is not known to have happened. Open writes are always few."""
    about = Q(subject__in=[f"customer:{customer.remote_id}", f"cpf:{customer.cpf}"])
    about |= Q(payload__customer_remote_id=customer.remote_id)
    return Write.objects.filter(
        about, connection=customer.connection_id, state__in=Write.OPEN
    ).select_related("actor")


class CustomerDetailView(DetailView):
    """One customer: identity, balances, vouchers, sales, what is open. At the counter only the least."""

    access = Access.SEE_CUSTOMERS
    queryset = Customer.objects.select_related("connection")

    @cached_property
    def at_counter(self) -> bool:
        """Whether the person only serves customers: first name, masked CPF, balance on request.

        Whoever counts the addresses up sees that much of each customer; accepted, because the till, which
        knows the customer from a voucher, leads here without a CPF.
        """
        return not may(self.request.user, Access.SEE_OVERVIEW)

    def get_title(self) -> Text:
        return self.object.first_name if self.at_counter else self.object.name

    def get_breadcrumbs(self) -> Breadcrumbs:
        if self.at_counter:
            return [(_("Consultar cliente"), reverse("customers:lookup"))]
        return [(_("Clientes"), reverse("customers:list"))]

    def get_template_names(self) -> list[str]:
        return ["customers/counter.html" if self.at_counter else "customers/detail.html"]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        customer: Customer = self.object
        context = {
            "data_age": known_at(customer, Resource.CUSTOMERS),
            "open_writes": open_writes_of(customer),
            "can_sell": customer.connection.is_active and customer.connection.can(Capability.REGISTER_SALE),
            "by_cpf": customer.connection.can(Capability.FIND_CUSTOMER_BY_CPF),
        }
        if not self.at_counter:
            full = may(self.request.user, Access.SEE_PERSONAL_DATA)
            if full:
                audit(
                    actor=self.request.user,  # type: ignore[arg-type]
                    action="customer.viewed",
                    subject=f"customer:{customer.pk}",
                )
            context |= {
                "full": full,
                "has_points": customer.connection.is_active
                and customer.connection.can(Capability.LIST_POINTS_TRANSACTIONS),
                "masked_phone": mask_phone(customer.phone) if customer.phone else "",
                "masked_email": mask_email(customer.email) if customer.email else "",
                **_vouchers(customer),
                **_sales(customer),
                **self._care(customer, full=full),
                **_wallet(customer),
                "person": person_of(customer),
                "lists_vouchers": customer.connection.can(Capability.LIST_VOUCHERS),
                "takes_sales": customer.connection.can(Capability.REGISTER_SALE),
            }
        return super().get_context_data(**context, **kwargs)

    def _care(self, customer: Customer, *, full: bool) -> dict[str, Any]:
        """What we know ourselves: tags, consents, notes, duplicates, and the newest of the timeline."""
        caring = may(self.request.user, Access.CARE_FOR_CUSTOMERS)
        worn = list(
            customer.taggings.filter(removed_at=None, tag__archived_at=None)
            .select_related("tag")
            .order_by("tag__name", "pk")
        )
        has = {row.tag_id for row in worn}
        notes = (
            customer.notes.filter(deleted_at=None).select_related("author") if full else Note.objects.none()
        )
        shown = list(notes.order_by("-created_at", "-pk")[: FEW + 1])
        return {
            "caring": caring,
            "worn": worn,
            "tags_to_put": [tag for tag in tags_in_use() if tag.pk not in has] if caring else [],
            "consents": consents_now(customer),
            "notes": shown[:FEW],
            "more_notes": len(shown) > FEW,
            "duplicates": duplicates_of(customer) if caring else [],
            "events": timeline(
                customer, viewer=self.request.user, known_at=known_at(customer, Resource.CUSTOMERS), size=FEW
            ),
        }


def _vouchers(customer: Customer) -> dict[str, Any]:
    """The customer's vouchers: usable ones first, the next to expire on top."""
    usable = Q(status="issued") & (Q(expires_at=None) | Q(expires_at__gte=timezone.now()))
    rows = (
        customer.vouchers.filter(withdrawn_at=None)
        .annotate(rank=Case(When(usable, then=Value(0)), default=Value(1)))
        .annotate(ends=Case(When(usable, then=F("expires_at")), default=Value(None)))
        .order_by("rank", F("ends").asc(nulls_last=True), F("issued_at").desc(nulls_last=True), "-pk")
    )
    shown = list(rows[: FEW + 1])
    return {"vouchers": shown[:FEW], "more_vouchers": len(shown) > FEW}


def _wallet(customer: Customer) -> dict[str, Any]:
    """The customer's card, on platforms that have such."""
    if not customer.connection.can(Capability.DELETE_CUSTOMER):
        return {}
    rows = Card.objects.filter(connection=customer.connection_id, customer_remote_id=customer.remote_id)
    card = rows.first()
    return {"wallet": True, "card": card, "card_qr": qr_svg(card.url) if card else ""}


def _sales(customer: Customer) -> dict[str, Any]:
    """The customer's sales registered here, the newest first, as a table."""
    rows = customer.sales.select_related("write", "store", "registered_by")
    shown = list(rows.order_by("-sold_at", "-pk")[: FEW + 1])
    table = SaleTable(rows, exclude=("customer",), orderable=False)
    table.show(shown[:FEW])
    return {"sales": table if shown else None, "more_sales": len(shown) > FEW}


class CustomerRefreshView(ActionView):
    """Ask the platform about one customer, now."""

    access = Access.SEE_CUSTOMERS

    @cached_property
    def customer(self) -> Customer:
        return get_object_or_404(Customer.objects.select_related("connection"), pk=self.kwargs["pk"])

    def get_success_url(self) -> str:
        return reverse("customers:detail", args=[self.customer.pk])

    def perform(self) -> Text | None:
        if not self.customer.cpf:
            raise ValidationError(_("A plataforma só encontra clientes por CPF, e este não tem CPF."))
        try:
            rows = refresh_customer(connection=self.customer.connection, cpf=self.customer.cpf)
        except ApiError as error:
            raise ValidationError(explain(type(error).__name__, error.reason)) from error
        if self.customer in rows:
            return _("Atualizado: é o que a plataforma diz agora.")
        messages.warning(
            self.request,
            _("A plataforma não mostrou este cliente agora. Os dados aqui continuam como estavam."),
        )
        return None
