"""What the screens of card machines' sales share: the trail above them, one sale, how its buyer is shown."""

from typing import Any

from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from customers.bridge.models import PosSale
from smartbis_admin.api.brazil import mask_cpf, mask_email, mask_phone
from smartbis_admin.staff.access import Access
from smartbis_admin.ui.navigation import may
from smartbis_admin.ui.views import AccessMixin, Breadcrumbs, Text

SALES = _("Vendas das maquininhas")
#: Who looks at the sales, and who decides about them.
LOOK, DECIDE = Access.SEE_OVERVIEW, Access.SETTLE_POS_SALES
ROWS = PosSale.objects.select_related(
    "bridge__connection",
    "bridge__target",
    "machine",
    "store",
    "customer",
    "connection",
    "write__sale",
    "write__actor",
    "linked_by",
)


def shown_buyer(sale: PosSale, user: Any) -> list[tuple[Text, str]]:
    """What the machine said of the buyer, masked; the name whole for who may see personal data."""
    name = sale.buyer_name if may(user, Access.SEE_PERSONAL_DATA) else sale.buyer_name.partition(" ")[0]
    lines: list[tuple[Text, str]] = [
        (_("Nome"), name),
        (_("CPF"), mask_cpf(sale.buyer_cpf)),
        (_("Telefone"), mask_phone(sale.buyer_phone) if sale.buyer_phone else ""),
        (_("E-mail"), mask_email(sale.buyer_email) if sale.buyer_email else ""),
    ]
    return [(label, text) for label, text in lines if text]


class OneSale(AccessMixin):
    """Base of what a person decides about one sale, `self.sale`."""

    abstract = True
    access = DECIDE

    @cached_property
    def sale(self) -> PosSale:
        return get_object_or_404(ROWS, pk=self.kwargs["pk"])

    def get_success_url(self) -> str:
        return reverse("bridge:detail", args=[self.kwargs["pk"]])

    @property
    def cancel_url(self) -> str:
        return self.get_success_url()

    def get_breadcrumbs(self) -> Breadcrumbs:
        return [(SALES, reverse("bridge:list")), (_("Venda"), self.get_success_url())]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        buyer = shown_buyer(self.sale, self.request.user)
        return super().get_context_data(sale=self.sale, buyer=buyer, **kwargs)
