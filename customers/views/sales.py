"""Sales: the list, one sale with what it brought, and registering one."""

from decimal import Decimal
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from customers.filters import SaleFilter
from customers.forms import SaleForm
from customers.models import Customer, Sale
from customers.rules.services import campaign_categories
from customers.rules.words import INELIGIBLE
from customers.services import estimate_benefit, estimate_voucher, find_double, register_sale
from customers.tables import SALE_LOOKS, SaleTable
from customers.views.detail import open_writes_of
from smartbis_admin.staff.access import Access
from smartbis_admin.staff.models import Store
from smartbis_admin.staff.places import last_place, name_place
from smartbis_admin.ui.navigation import Link, may
from smartbis_admin.ui.views import AccessMixin, Breadcrumbs, DetailView, ListView, Text
from smartbis_admin.writes.models import Write
from smartbis_admin.writes.screens import WriteFormView


class SaleListView(ListView):
    """Every sale registered through this program."""

    access = Access.SEE_OVERVIEW
    queryset = Sale.objects.select_related("write", "customer", "store", "registered_by")
    table_class, filter_class = SaleTable, SaleFilter
    actions: ClassVar[tuple[Link, ...]] = (
        Link(_("Registrar venda"), "shopping-cart", "customers:lookup", Access.REGISTER_SALE),
    )
    empty_title = _("Nenhuma venda registrada")
    empty_text = _(
        "Aqui ficam as vendas registradas por este sistema. Consulte um cliente para registrar a primeira."
    )


class SaleDetailView(DetailView):
    """One sale: what became of it, the benefit the platform gave, the vouchers it issued. Printable."""

    access = Access.SEE_CUSTOMERS
    template_name = "customers/sale.html"
    queryset = Sale.objects.select_related("write__actor", "customer", "store", "till", "registered_by")
    slug_field, slug_url_kwarg = "write_id", "write"
    title = _("Venda")

    @cached_property
    def at_counter(self) -> bool:
        return not may(self.request.user, Access.SEE_OVERVIEW)

    def get_breadcrumbs(self) -> Breadcrumbs:
        customer: Customer | None = self.object.customer
        start: Breadcrumbs = (
            [(_("Consultar cliente"), reverse("customers:lookup"))]
            if self.at_counter
            else [(_("Vendas"), reverse("customers:sale_list"))]
        )
        if customer is None:
            return start
        name = customer.first_name if self.at_counter else customer.name
        return [*start, (name, reverse("customers:detail", args=[customer.pk]))]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        sale: Sale = self.object
        tone, icon, word = SALE_LOOKS[Write.State(sale.write.state)]
        return super().get_context_data(
            at_counter=self.at_counter,
            tone=tone,
            state_icon=icon,
            state_word=word,
            open_writes=[sale.write] if sale.write.is_open else [],
            vouchers=_issued(sale),
            **kwargs,
        )


def _issued(sale: Sale) -> list[Any]:
    """The vouchers a sale issued, in the order the platform named them."""
    if not sale.voucher_codes or sale.customer is None:
        return []
    rows = {row.remote_id: row for row in sale.customer.vouchers.filter(remote_id__in=sale.voucher_codes)}
    return [rows[code] for code in sale.voucher_codes if code in rows]


class OneCustomer(AccessMixin):
    """Base of the screens that register a sale for one customer."""

    abstract = True
    access = Access.REGISTER_SALE

    @cached_property
    def customer(self) -> Customer:
        rows = Customer.objects.filter(connection__is_active=True).select_related("connection")
        return get_object_or_404(rows, pk=self.kwargs["pk"])

    def expected(self, amount: Decimal, store: Store | None, category: str) -> dict[str, Any]:
        """The benefit our rule expects for an amount, for the estimate on screen."""
        expected = estimate_benefit(self.customer.connection, amount, store=store, category=category)
        voucher = estimate_voucher(self.customer, expected) if expected else None
        why = INELIGIBLE.get(expected.why, "") if expected else ""
        return {"amount": amount, "estimate": expected, "voucher_estimate": voucher, "why": why}


class EstimateView(OneCustomer):
    """The expected benefit of an amount while it is typed. Asks nobody but our own rule."""

    def get(self, request: HttpRequest, pk: int) -> HttpResponse:
        categories = campaign_categories(self.customer.connection)
        form = SaleForm(request.GET, user=request.user, categories=categories)  # type: ignore[arg-type]
        form.full_clean()
        typed = form.cleaned_data
        context: dict[str, Any] = {"amount": typed.get("amount")}
        if context["amount"] is not None:
            context = self.expected(typed["amount"], typed["store"], typed["category"])
        return render(request, "customers/estimate.html", context)


class SaleCreateView(OneCustomer, WriteFormView):
    """Register a sale: the amount, then a page to confirm it, then one write."""

    form_class = SaleForm
    template_name = "customers/sale_form.html"
    title = _("Registrar venda")
    submit_label = _("Continuar")
    done_message = _("Venda registrada na plataforma.")
    refusals: ClassVar[Any] = {
        "customer_not_found": ("", _("A plataforma não encontrou este cliente. Nada foi registrado.")),
    }

    @cached_property
    def at_counter(self) -> bool:
        return not may(self.request.user, Access.SEE_OVERVIEW)

    def get_breadcrumbs(self) -> Breadcrumbs:
        name: Text = self.customer.first_name if self.at_counter else self.customer.name
        start = (
            (_("Consultar cliente"), reverse("customers:lookup"))
            if self.at_counter
            else (_("Clientes"), reverse("customers:list"))
        )
        return [start, (name, reverse("customers:detail", args=[self.customer.pk]))]

    @property
    def cancel_url(self) -> str:
        return reverse("customers:detail", args=[self.customer.pk])

    def get_form_kwargs(self) -> dict[str, Any]:
        place = last_place(self.request)
        categories = campaign_categories(self.customer.connection)
        return super().get_form_kwargs() | {
            "user": self.request.user,
            "place": place,
            "categories": categories,
        }

    def get_open_writes(self) -> QuerySet[Write]:
        return open_writes_of(self.customer)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(customer=self.customer, at_counter=self.at_counter, **kwargs)

    def form_valid(self, form: SaleForm) -> HttpResponse:
        posted, data = self.request.POST, form.cleaned_data
        if "place" in posted:
            name_place(self.request, posted["place"])
        if "edit" in posted:
            return self.render_to_response(self.get_context_data(form=form))
        double = find_double(customer=self.customer, amount=data["amount"], besides=data["write_id"])
        if "confirmed" not in posted or (double and "repeat" not in posted):
            context = self.get_context_data(
                form=form,
                double=double,
                asked_before="confirmed" in posted,
                **self.expected(data["amount"], data["store"], data["category"]),
            )
            return render(self.request, "customers/sale_confirm.html", context | data)
        return super().form_valid(form)

    def is_intent(self, write: Write, form: SaleForm) -> bool:
        here = ("register_sale", self.customer.connection_id, self.customer.remote_id)
        if here != (write.kind, write.connection_id, write.payload.get("customer_remote_id")):
            return False
        asked = form.cleaned_data
        there = (Decimal(write.payload["amount"]), write.payload.get("category", ""))
        return there == (asked["amount"], asked["category"])

    def perform(self, form: SaleForm) -> Write:
        asked = form.cleaned_data
        sale = register_sale(
            id=asked["write_id"],
            customer=self.customer,
            amount=asked["amount"],
            actor=self.request.user,  # type: ignore[arg-type]
            store=asked["store"],
            till=asked["till"],
            category=asked["category"],
        )
        return sale.write

    def get_success_url(self) -> str:
        return reverse("customers:sale_detail", args=[self.result.pk])
