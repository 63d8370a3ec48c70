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
from customers.bridge.tables import PosMachineTable, PosStoreTable, SeenMachineTable, SeenStoreTable
from customers.bridge.views.base import LOOK, SALES
from smartbis_admin.staff.access import Access
from smartbis_admin.ui.navigation import may
from smartbis_admin.ui.tables import Table
from smartbis_admin.ui.views import AccessMixin, Breadcrumbs, FormView, ListView, Text

#: Who says where a machine stands.
PLACE = Access.MANAGE_CONNECTIONS
MACHINES, STORES = _("Maquininhas"), _("Lojas do SmartPOS")


class PlacesView(ListView):
    """Base of the two lists: each row leads to its form for who may say where it stands."""

    abstract = True
    access = LOOK
    template_name = "bridge/machines.html"
    #: The table without links.
    seen_class: type[Table]

    def get_table(self, queryset: QuerySet[Any]) -> Table:
        table_class = self.table_class if may(self.request.user, PLACE) else self.seen_class
        return table_class(queryset, order_by=self.request.GET.get("sort"), **self.get_table_options())


class MachineListView(PlacesView):
    """Every machine, listed by SmartPOS or only met in a sale."""

    queryset = PosMachine.objects.select_related("store")
    table_class, filter_class, seen_class = PosMachineTable, PosMachineFilter, SeenMachineTable
    title = MACHINES
    empty_title = _("Nenhuma maquininha ainda")
    empty_text = _("As maquininhas aparecem depois da primeira leitura do SmartPOS.")

    def get_queryset(self) -> QuerySet[Any]:
        return with_standing(super().get_queryset())

    def get_breadcrumbs(self) -> Breadcrumbs:
        return [(SALES, reverse("bridge:list"))]


class StoreListView(PlacesView):
    """SmartPOS's stores, each with ours."""

    queryset = PosStore.objects.select_related("store")
    table_class, filter_class, seen_class = PosStoreTable, PosStoreFilter, SeenStoreTable
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
    access = PLACE
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
    success_message = _("Loja da maquininha salva. As vendas que ainda não foram enviadas acompanham.")

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
    success_message = _("Loja salva. As vendas que ainda não foram enviadas acompanham.")

    @cached_property
    def row(self) -> PosStore:
        return get_object_or_404(PosStore.objects.select_related("store"), pk=self.kwargs["pk"])

    def get_breadcrumbs(self) -> Breadcrumbs:
        return [(SALES, reverse("bridge:list")), (STORES, reverse("bridge:stores"))]

    def save(self, form: StoreForm) -> None:
        store = form.cleaned_data["store"]
        setting_up.map_store(pos_store=self.row, store=store, by=self.request.user)  # type: ignore[arg-type]
