"""Rewards customers got for points: the list, and the page of one with its code."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from smartbis_admin.api.capabilities import Resource
from smartbis_admin.staff.access import Access
from smartbis_admin.sync.lists import MirrorListView, known_at
from smartbis_admin.ui.navigation import Link, may
from smartbis_admin.ui.views import Breadcrumbs, DetailView
from vouchers.elsewhere.services import uses_of
from vouchers.fulfilments.filters import FulfilmentFilter
from vouchers.fulfilments.models import Fulfilment
from vouchers.fulfilments.tables import USAGE_LOOKS, FulfilmentTable


class FulfilmentListView(MirrorListView):
    """Every fulfilment, the newest first."""

    access = Access.SEE_VOUCHERS
    queryset = Fulfilment.objects.select_related("customer")
    table_class, filter_class = FulfilmentTable, FulfilmentFilter
    resource = Resource.FULFILMENTS
    actions = (Link(_("Usos anotados"), "clipboard-check", "elsewhere:list", Access.SEE_SHIFTS),)
    empty_title = _("Nenhum resgate")
    empty_text = _("Um resgate aparece quando pontos são trocados por uma recompensa, depois de sincronizar.")


class FulfilmentDetailView(DetailView):
    """One fulfilment: what it is, whether it was used, until when. The code only for who may act with it."""

    access = Access.SEE_VOUCHERS
    queryset = Fulfilment.objects.select_related("connection", "customer")
    template_name = "vouchers/fulfilments/detail.html"

    def get_breadcrumbs(self) -> Breadcrumbs:
        return [(_("Resgates"), reverse("fulfilments:list"))]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        row: Fulfilment = self.object
        tone, icon, word = USAGE_LOOKS[Fulfilment.Usage(row.usage)]
        return super().get_context_data(
            known_at=known_at(row, Resource.FULFILMENTS),
            see_code=bool(row.code) and may(self.request.user, Access.CHANGE_POINTS),
            tone=tone,
            usage_icon=icon,
            usage_word=word,
            uses=uses_of(row) if row.code_key else [],
            **kwargs,
        )
