"""The manager's screens about customers: the list, one customer, a new one."""

from typing import Any, ClassVar

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Case, F, Q, QuerySet, Value, When
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from customers.filters import CustomerFilter
from customers.forms import CustomerForm
from customers.models import Customer
from customers.services import create_customer, customer_of, known_customer, refresh_customer
from customers.tables import CustomerTable, MaskedCustomerTable, SaleTable
from smartbis_admin.api.brazil import mask_email, mask_phone
from smartbis_admin.api.capabilities import Resource
from smartbis_admin.api.errors import ApiError
from smartbis_admin.connections.words import explain
from smartbis_admin.staff.access import Access
from smartbis_admin.staff.services import audit
from smartbis_admin.sync.lists import MirrorListView, known_at
from smartbis_admin.ui.navigation import Link, may
from smartbis_admin.ui.tables import Table
from smartbis_admin.ui.views import ActionView, Breadcrumbs, DetailView, Text
from smartbis_admin.writes.models import Write
from smartbis_admin.writes.screens import WriteFormView

#: Rows shown of a customer's vouchers and sales.
FEW = 6
KNOWN = _("Este CPF já está cadastrado: este é o cliente.")


def open_writes_of(customer: Customer) -> QuerySet[Write]:
    """What was sent about a customer and is not known to have happened. Open writes are always few."""
    about = Q(subject__in=[f"customer:{customer.remote_id}", f"cpf:{customer.cpf}"])
    about |= Q(payload__customer_remote_id=customer.remote_id)
    return Write.objects.filter(
        about, connection=customer.connection_id, state__in=Write.OPEN
    ).select_related("actor")


class CustomerListView(MirrorListView):
    """All customers. People who work at a counter look one up by CPF instead."""

    access = Access.SEE_CUSTOMERS
    queryset = Customer.objects.all()
    table_class, filter_class = CustomerTable, CustomerFilter
    resource = Resource.CUSTOMERS
    actions: ClassVar[tuple[Link, ...]] = (
        Link(_("Cadastrar cliente"), "user-plus", "customers:create", Access.REGISTER_CUSTOMER),
        Link(_("Registrar venda"), "shopping-cart", "customers:lookup", Access.REGISTER_SALE),
        Link(_("Vendas"), "receipt", "customers:sale_list", Access.SEE_OVERVIEW),
        Link(_("Importar"), "upload", "imports:list", Access.REGISTER_CUSTOMER),
    )
    empty_title = _("Nenhum cliente ainda")
    empty_text = _("Os clientes aparecem aqui depois da primeira sincronização, ou quando você cadastra um.")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not may(request.user, Access.SEE_OVERVIEW):
            return HttpResponseRedirect(reverse("customers:lookup"))
        return super().get(request, *args, **kwargs)

    @property
    def full(self) -> bool:
        """Whether the person sees phones and e-mails in full."""
        return may(self.request.user, Access.SEE_PERSONAL_DATA)

    def get_table(self, queryset: QuerySet[Any]) -> Table:
        query = self.request.GET
        table_class = CustomerTable if self.full else MaskedCustomerTable
        hidden = () if query.get("withdrawn") else ("withdrawn_at",)
        return table_class(queryset, order_by=query.get("sort"), exclude=hidden)


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
                "masked_phone": mask_phone(customer.phone) if customer.phone else "",
                "masked_email": mask_email(customer.email) if customer.email else "",
                **_vouchers(customer),
                **_sales(customer),
            }
        return super().get_context_data(**context, **kwargs)


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


class CustomerCreateView(WriteFormView):
    """Register a customer at the platform. A CPF that is known already leads to its customer instead."""

    access = Access.REGISTER_CUSTOMER
    form_class = CustomerForm
    template_name = "customers/create.html"
    title = _("Cadastrar cliente")
    submit_label = _("Cadastrar cliente")
    done_message = _("Cliente cadastrado na plataforma.")
    refusals: ClassVar[Any] = {
        "customer_duplicate_cpf": (
            "cpf",
            _("A plataforma já tem um cliente com este CPF, mas não o mostrou agora."),
        )
    }
    #: The customer the form ends at, where it was known before.
    known: Customer | None = None

    def get_breadcrumbs(self) -> Breadcrumbs:
        return [(_("Clientes"), reverse("customers:list"))]

    @property
    def cancel_url(self) -> str:
        return reverse("customers:list")

    def get_open_writes(self) -> QuerySet[Write]:
        rows = Write.objects.filter(kind="create_customer", state__in=Write.OPEN, actor=self.request.user.pk)
        return rows.select_related("actor")

    def is_intent(self, write: Write, form: CustomerForm) -> bool:
        asked = form.cleaned_data
        born = asked["birth_date"]
        wanted = {
            "name": asked["name"],
            "cpf": asked["cpf"],
            "phone": asked["phone"],
            "email": asked["email"] or None,
            "birth_date": born.isoformat() if born else None,
        }
        known = {name: write.payload.get(name) for name in wanted}
        same = (write.kind, write.connection_id) == ("create_customer", asked["connection"].pk)
        return same and known == wanted

    def save(self, form: CustomerForm) -> Any:
        asked = form.cleaned_data
        if not Write.objects.filter(pk=asked["write_id"]).exists():
            self.known = known_customer(cpf=asked["cpf"], connection=asked["connection"])
        if self.known:
            messages.info(self.request, KNOWN)
            return None
        return super().save(form)

    def perform(self, form: CustomerForm) -> Write:
        asked = form.cleaned_data
        return create_customer(
            id=asked["write_id"],
            connection=asked["connection"],
            name=asked["name"],
            cpf=asked["cpf"],
            phone=asked["phone"],
            email=asked["email"] or None,
            birth_date=asked["birth_date"],
            password=asked["password"],
            actor=self.request.user,  # type: ignore[arg-type]
        )

    def declined(self, form: CustomerForm, write: Write) -> None:
        if write.code == "customer_duplicate_cpf":
            self.known = self._ask_for(write)
            if self.known:
                messages.info(self.request, KNOWN)
                return
        super().declined(form, write)

    @staticmethod
    def _ask_for(write: Write) -> Customer | None:
        """The customer the platform says it has, as far as it lets itself be asked."""
        try:
            rows = refresh_customer(connection=write.connection, cpf=write.payload["cpf"])
        except ApiError:
            return None
        return rows[0] if rows else None

    def get_success_url(self) -> str:
        write: Write | None = self.result
        customer = self.known
        if customer is None and write is not None and write.state == Write.State.DONE:
            customer = customer_of(write)
        if customer:
            return reverse("customers:detail", args=[customer.pk])
        # Not known here yet: the open one is shown above a new form, a done one comes with the next listing.
        is_open = write is not None and write.is_open
        return reverse("customers:create" if is_open else "customers:list")
