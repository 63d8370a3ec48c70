"""The manager's screens about customers: the list, and a new one."""

from typing import Any, ClassVar

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from customers.bulk import ADD_TAG, REMOVE_TAG
from customers.filters import CustomerFilter
from customers.forms import CustomerForm
from customers.models import Customer
from customers.platforms import places
from customers.services import create_customer, customer_of, known_customer, refresh_customer
from customers.tables import CustomerTable, MaskedCustomerTable
from customers.tags import with_tags
from customers.views.counter import LOOKED_UP
from smartbis_admin.api.capabilities import Resource
from smartbis_admin.api.errors import ApiError
from smartbis_admin.staff.access import Access
from smartbis_admin.sync.lists import MirrorListView
from smartbis_admin.ui.navigation import Link, may
from smartbis_admin.ui.tables import Table
from smartbis_admin.ui.views import Breadcrumbs
from smartbis_admin.writes.models import Write
from smartbis_admin.writes.screens import WriteFormView

KNOWN = _("Este CPF já está cadastrado: este é o cliente.")


class CustomerListView(MirrorListView):
    """All customers. People who work at a counter look one up by CPF instead."""

    access = Access.SEE_CUSTOMERS
    queryset = with_tags(Customer.objects.all())
    table_class, filter_class = CustomerTable, CustomerFilter
    resource = Resource.CUSTOMERS
    actions: ClassVar[tuple[Link, ...]] = (
        Link(_("Cadastrar cliente"), "user-plus", "customers:create", Access.REGISTER_CUSTOMER),
        Link(_("Registrar venda"), "shopping-cart", "customers:lookup", Access.REGISTER_SALE),
        Link(_("Importar"), "upload", "imports:list", Access.REGISTER_CUSTOMER),
        Link(_("Etiquetas"), "tags", "customers:tag_list", Access.CARE_FOR_CUSTOMERS),
    )
    bulk_actions = (ADD_TAG, REMOVE_TAG)
    empty_title = _("Nenhum cliente ainda")
    empty_text = _("Os clientes aparecem aqui depois da primeira sincronização, ou quando você cadastra um.")

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not may(request.user, Access.SEE_OVERVIEW):
            return HttpResponseRedirect(reverse("customers:lookup"))
        return super().get(request, *args, **kwargs)

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not may(request.user, Access.SEE_OVERVIEW):
            return HttpResponseRedirect(reverse("customers:lookup"))
        return super().post(request, *args, **kwargs)

    @property
    def full(self) -> bool:
        """Whether the person sees phones and e-mails in full."""
        return may(self.request.user, Access.SEE_PERSONAL_DATA)

    def get_table(self, queryset: QuerySet[Any]) -> Table:
        query = self.request.GET
        table_class = CustomerTable if self.full else MaskedCustomerTable
        hidden: tuple[str, ...] = () if query.get("withdrawn") else ("withdrawn_at",)
        hidden += () if self.several else ("programmes",)
        return table_class(queryset, order_by=query.get("sort"), exclude=hidden, **self.get_table_options())


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

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(places=places(reverse("customers:create")), **kwargs)

    def get_initial(self) -> dict[str, Any]:
        """The CPF just looked up in vain, for whoever comes from there."""
        looked_up = self.request.session.get(LOOKED_UP) if "consulta" in self.request.GET else None
        return super().get_initial() | ({"cpf": looked_up} if looked_up else {})

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
