"""Machines and SmartPOS's stores: what was seen when, and in which of our stores each stands."""

from typing import Any

from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from customers.bridge import setting_up
from customers.bridge.filters import PosMachineFilter, PosStoreFilter, with_machines, with_standing
from customers.bridge.forms import StoreForm
from customers.bridge.models import PosMachine, PosStore
from customers.bridge.tables import PosMachineTable, PosStoreTable
from customers.bridge.views.base import LOOK, SALES
from smartbis_admin.staff.access import Access
from smartbis_admin.ui.views import AccessMixin, Breadcrumbs, FormView, ListView, Text

MACHINES, STORES = _("Maquininhas"), _("Lojas do SmartPOS")


class MachineListView(ListView):
    """Every machine, listed by SmartPOS or only met in a sale."""

    access = LOOK
    queryset = PosMachine.objects.select_related("store")
    table_class, filter_class = PosMachineTable, PosMachineFilter
    template_name = "bridge/machines.html"
    title = MACHINES
    empty_title = _("Nenhuma maquininha ainda")
    empty_text = _("As maquininhas aparecem depois da primeira leitura do SmartPOS.")

    def get_queryset(self) -> QuerySet[Any]:
        return with_standing(super().get_queryset())

    def get_breadcrumbs(self) -> Breadcrumbs:
        return [(SALES, reverse("bridge:list"))]


class StoreListView(ListView):
    """SmartPOS's stores, each with ours."""

    access = LOOK
    queryset = PosStore.objects.select_related("store")
    table_class, filter_class = PosStoreTable, PosStoreFilter
    template_name = "bridge/machines.html"
    title = STORES
    empty_title = _("Nenhuma loja ainda")
    empty_text = _("As lojas aparecem com as maquininhas e as vendas lidas do SmartPOS.")

    def get_queryset(self) -> QuerySet[Any]:
        return with_machines(super().get_queryset())

    def get_breadcrumbs(self) -> Breadcrumbs:
        return [(SALES, reverse("bridge:list")), (MACHINES, reverse("bridge:machines"))]


class PlaceView(AccessMixin):
    """Base of the two forms that say which of our stores something is. `row` is what it is about."""

    abstract = True
    access = Access.MANAGE_CONNECTIONS
    row: Any
    back = "machines"

    def get_title(self) -> Text:
        return str(self.row)

    def get_form_kwargs(self) -> dict[str, Any]:
        return super().get_form_kwargs() | {"row": self.row}  # type: ignore[misc]

    def get_success_url(self) -> str:
        return reverse(f"bridge:{self.back}")

    @property
    def cancel_url(self) -> str:
        return self.get_success_url()

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(row=self.row, **kwargs)


class MachineView(PlaceView, FormView):
    """In which of our stores a machine stands."""

    form_class = StoreForm
    template_name = "bridge/machine.html"
    success_message = _("Loja da maquininha guardada. As vendas que ainda não foram enviadas acompanham.")

    @cached_property
    def row(self) -> PosMachine:
        rows = with_standing(PosMachine.objects.select_related("store", "bridge__connection"))
        return get_object_or_404(rows, pk=self.kwargs["pk"])

    def get_breadcrumbs(self) -> Breadcrumbs:
        return [(SALES, reverse("bridge:list")), (MACHINES, reverse("bridge:machines"))]

    def save(self, form: StoreForm) -> None:
        store = form.cleaned_data["store"]
        setting_up.place_machine(machine=self.row, store=store, by=self.request.user)  # type: ignore[arg-type]


class StoreView(PlaceView, FormView):
    """Which of our stores SmartPOS's store is."""

    form_class = StoreForm
    back = "stores"
    success_message = _("Loja guardada. As vendas que ainda não foram enviadas acompanham.")

    @cached_property
    def row(self) -> PosStore:
        return get_object_or_404(PosStore.objects.select_related("store"), pk=self.kwargs["pk"])

    def get_breadcrumbs(self) -> Breadcrumbs:
        return [(SALES, reverse("bridge:list")), (STORES, reverse("bridge:stores"))]

    def save(self, form: StoreForm) -> None:
        store = form.cleaned_data["store"]
        setting_up.map_store(pos_store=self.row, store=store, by=self.request.user)  # type: ignore[arg-type]
