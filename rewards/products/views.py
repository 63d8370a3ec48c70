"""Points products: the list, the choice of one for a customer, the purchase and its code."""

from collections.abc import Iterable
from typing import Any, ClassVar

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from customers.models import Customer
from customers.points.views import OfOneCustomer, balance_too_short, open_points_writes
from rewards.products.filters import ProductFilter
from rewards.products.forms import BuyForm
from rewards.products.models import PointsProduct
from rewards.products.services import buy_product
from rewards.products.tables import ProductTable
from smartbis_admin.api.capabilities import Capability, Resource
from smartbis_admin.staff.access import Access
from smartbis_admin.sync.lists import MirrorListView, known_at
from smartbis_admin.ui.formats import number
from smartbis_admin.ui.navigation import Link
from smartbis_admin.ui.views import Breadcrumbs, DetailView, TemplateView, Text
from smartbis_admin.writes.models import Write
from smartbis_admin.writes.screens import WriteFormView


class ProductListView(MirrorListView):
    """What points buy, on every platform that has such products."""

    access = Access.SEE_REWARDS
    queryset = PointsProduct.objects.all()
    table_class, filter_class = ProductTable, ProductFilter
    resource = Resource.POINTS_PRODUCTS
    actions = (
        Link(_("Níveis"), "award", "points:tiers", Access.SEE_REWARDS),
        Link(_("Regras de pontos"), "list", "points:rules", Access.SEE_REWARDS),
    )
    empty_title = _("Nenhum produto de pontos")
    empty_text = _(
        "Os produtos de pontos são criados no painel da Smile.io e aparecem depois de sincronizar."
    )


class ForCustomer(OfOneCustomer):
    """Base of the screens that buy for one customer."""

    abstract = True
    access = Access.CHANGE_POINTS
    capability = Capability.BUY_POINTS_PRODUCT

    def get_breadcrumbs(self) -> Breadcrumbs:
        statement = reverse("points:statement", args=[self.customer.pk])
        return [*super().get_breadcrumbs(), (_("Extrato de pontos"), statement)]

    @property
    def products(self) -> QuerySet[PointsProduct]:
        """What can be bought: of the customer's programme, still listed, of a kind we know."""
        rows = PointsProduct.objects.filter(connection=self.customer.connection_id, withdrawn_at=None)
        return rows.exclude(exchange_type=PointsProduct.Exchange.UNKNOWN).select_related("connection")


class ChooseView(ForCustomer, TemplateView):
    """Which product to buy for this customer."""

    template_name = "rewards/products/choose.html"
    title = _("Trocar pontos")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        balance = self.customer.points_balance
        rows = []
        for product in self.products.order_by("reward_name", "pk"):
            least = (
                product.minimum if product.exchange_type == PointsProduct.Exchange.VARIABLE else product.price
            )
            missing = (
                least - balance if least is not None and balance is not None and least > balance else None
            )
            rows.append((product, missing))
        return super().get_context_data(
            customer=self.customer,
            known_at=known_at(self.customer, Resource.CUSTOMERS),
            rows=rows,
            open_writes=open_points_writes(self.customer),
            **kwargs,
        )


class BuyView(ForCustomer, WriteFormView):
    """Buy one product for a customer. No call takes it back, which is said before."""

    form_class = BuyForm
    template_name = "rewards/products/buy.html"
    title = _("Trocar pontos")
    submit_label = _("Trocar pontos")
    refusals: ClassVar[Any] = {
        "product_changed": (
            "",
            _("O produto mudou na plataforma. Nada foi trocado: confira e escolha de novo."),
        ),
        "product_gone": ("", _("A plataforma não oferece mais este produto. Nada foi trocado.")),
        "customer_gone": ("", _("A plataforma não encontrou este cliente. Nada foi trocado.")),
        "not_found": ("", _("A plataforma não encontrou este produto ou este cliente. Nada foi trocado.")),
    }

    @cached_property
    def product(self) -> PointsProduct:
        return get_object_or_404(self.products, pk=self.kwargs["product"])

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"product": self.product}

    def get_initial(self) -> dict[str, Any]:
        variable = self.product.exchange_type == PointsProduct.Exchange.VARIABLE
        points = self.product.minimum if variable else self.product.price
        return {"points": int(points)} if points is not None else {}

    def get_open_writes(self) -> Iterable[Write]:
        return open_points_writes(self.customer)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(
            customer=self.customer,
            known_at=known_at(self.customer, Resource.CUSTOMERS),
            product=self.product,
            **kwargs,
        )

    def get_success_url(self) -> str:
        write: Write | None = getattr(self, "bought", None)
        if write is None:
            return super().get_success_url()
        return reverse("products:purchase", args=[write.pk])

    def is_intent(self, write: Write, form: BuyForm) -> bool:
        asked = (self.customer.remote_id, self.product.remote_id, form.cleaned_data["points"])
        kept = tuple(
            write.payload.get(name) for name in ("customer_remote_id", "product_remote_id", "points")
        )
        return (
            write.kind == "buy_points_product"
            and write.connection_id == self.customer.connection_id
            and kept == asked
        )

    def perform(self, form: BuyForm) -> Write:
        self.bought = buy_product(
            id=form.cleaned_data["write_id"],
            product=self.product,
            customer=self.customer,
            points=form.cleaned_data["points"],
            actor=self.request.user,  # type: ignore[arg-type]
        )
        return self.bought

    def get_done_message(self, write: Write) -> Text:
        balance = self.customer.points_balance
        if balance is None:
            return _("Pontos trocados.")
        return _("Pontos trocados. Saldo agora: %(balance)s.") % {"balance": number(balance)}

    def form_invalid(self, form: BuyForm) -> Any:
        product = self.product
        if product.exchange_type == PointsProduct.Exchange.FIXED and product.price is not None:
            # The price shown now is the one the next press agrees to.
            form.renew(points=str(int(product.price)))
        return super().form_invalid(form)

    def get_reasons(self, form: BuyForm, write: Write) -> dict[str, list[Text]]:
        del self.bought, self.product  # the mirror holds what the platform says now
        short = balance_too_short(self.customer, write, write.payload["points"])
        return {"__all__": [short]} if short else super().get_reasons(form, write)


class PurchaseView(DetailView):
    """One purchase made here: what became of it, and the code to hand over."""

    access = Access.CHANGE_POINTS
    queryset = Write.objects.filter(kind="buy_points_product").select_related("connection", "actor")
    template_name = "rewards/products/purchase.html"
    title = _("Troca de pontos")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        write: Write = self.object
        customer = Customer.objects.filter(
            connection=write.connection_id, remote_id=write.payload["customer_remote_id"]
        ).first()
        got = write.result.get("fulfilment") or {}
        return super().get_context_data(
            customer=customer,
            code=got.get("code") or "",
            expires_at=parse_datetime(got.get("expires_at") or ""),
            instructions=got.get("usage_instructions") or "",
            done=write.state == Write.State.DONE,
            open_writes=[write] if write.is_open else [],
            **kwargs,
        )
