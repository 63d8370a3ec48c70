"""What the lists of card machines' sales, machines, files and feed problems can be narrowed down by."""

from typing import Any

from django.db.models import Case, Count, F, OuterRef, Q, QuerySet, Subquery, Value, When
from django.utils.translation import gettext_lazy as _

from customers.bridge.models import Bridge, FeedIssue, PosFile, PosMachine, PosSale, PosStore, Road
from customers.bridge.tables import MACHINE_LOOKS
from customers.bridge.words import FLAGS, REASONS
from customers.models import Customer
from customers.search import search
from smartbis_admin.staff.models import Store
from smartbis_admin.ui.filters import (
    ChoiceFilter,
    DateRangeFilter,
    FilterSet,
    ModelChoiceFilter,
    PickedFilter,
    SearchFilter,
)

#: Sales one NSU is looked up for: it is unique on a terminal and a day only.
MOST_SLIPS = 500
OPEN, RESOLVED = "open", "resolved"
NOBODY = "nobody"


class PosSaleFilter(FilterSet):
    """The slip's numbers, state and why, machine, store, how it was paid and came, day, what stands out."""

    q = SearchFilter(
        method="find", help_text=_("NSU, ID da venda, ou CPF, telefone, e-mail ou nome do cliente")
    )
    state = ChoiceFilter(label=_("Situação"), choices=PosSale.State, empty_label=_("Todas"))
    reason = ChoiceFilter(
        label=_("Motivo"), choices=[(word, short) for word, (short, _long) in REASONS.items()]
    )
    flag = ChoiceFilter(
        label=_("Atenção"), choices=list(FLAGS.items()), empty_label=_("Qualquer"), method="keep_flag"
    )
    sold_at = DateRangeFilter(label=_("Quando"))
    machine = ModelChoiceFilter(
        label=_("Maquininha"),
        queryset=PosMachine.objects.order_by("label", "remote_id"),
        empty_label=_("Todas"),
    )
    store = ModelChoiceFilter(label=_("Loja"), queryset=Store.objects.all(), empty_label=_("Todas"))
    acquirer = ChoiceFilter(label=_("Adquirente"), choices=lambda: _acquirers())
    payment_method = ChoiceFilter(
        label=_("Forma de pagamento"), choices=PosSale.Method, empty_label=_("Todas")
    )
    road = ChoiceFilter(label=_("Origem"), choices=Road, empty_label=_("Todas"))
    customer_id = PickedFilter(label=_("Cliente"), queryset=Customer.objects.all(), method="of_one")

    class Meta:
        model = PosSale
        fields: tuple[str, ...] = ()

    def find(self, queryset: QuerySet[PosSale], name: str, value: str) -> QuerySet[PosSale]:
        """A number of the slip, each looked up in its own index; else whose sale it is."""
        text = value.strip()
        bridges = list(Bridge.objects.values_list("pk", flat=True))
        slips = [*PosSale.objects.filter(nsu=text).order_by().values_list("pk", flat=True)[:MOST_SLIPS]]
        slips += PosSale.objects.filter(bridge__in=bridges, remote_id=text).values_list("pk", flat=True)
        if text and slips:
            return queryset.filter(pk__in=slips)
        found = search(Customer.objects.order_by(), value, in_name_order=False)
        return queryset.filter(customer__pk__in=found.values("pk"))

    def keep_flag(self, queryset: QuerySet[PosSale], name: str, value: str) -> QuerySet[PosSale]:
        return queryset.filter(**{value: True})

    def of_one(self, queryset: QuerySet[PosSale], name: str, value: Customer) -> QuerySet[PosSale]:
        return queryset.filter(connection=value.connection_id, customer_remote_id=value.remote_id)


def _acquirers() -> list[tuple[str, str]]:
    """The acquirers of the known machines: few, while sales are many."""
    names = PosMachine.objects.exclude(acquirer="").order_by("acquirer").values_list("acquirer", flat=True)
    return [(name, name) for name in names.distinct()]


def with_standing(machines: QuerySet[PosMachine]) -> QuerySet[Any]:
    """Machines with where they stand (`tables.MACHINE_LOOKS`) and the store SmartPOS's store is mapped to."""
    mapped = PosStore.objects.filter(bridge=OuterRef("bridge"), remote_id=OuterRef("store_remote_id"))
    return machines.annotate(
        standing=Case(
            When(is_active=False, then=Value("off")), When(is_listed=True, then=Value("listed")), default=Value("met")
        ),
        mapped_store=Subquery(mapped.values("store__name")[:1]),
    )  # fmt: skip


def with_machines(stores: QuerySet[PosStore]) -> QuerySet[Any]:
    """SmartPOS's stores with the number of their machines."""
    standing = Q(bridge__machines__store_remote_id=F("remote_id"))
    return stores.annotate(machine_count=Count("bridge__machines", filter=standing))


class PosMachineFilter(FilterSet):
    """Name or serial, standing, store."""

    q = SearchFilter(method="find", help_text=_("Nome, código ou série do terminal"))
    standing = ChoiceFilter(
        label=_("Situação"),
        choices=[(word, look[2]) for word, look in MACHINE_LOOKS.items()],
        empty_label=_("Todas"),
    )
    store = ChoiceFilter(label=_("Loja"), choices=[(NOBODY, _("Sem loja"))], method="keep_without_store")
    bridge = PickedFilter(label=_("Integração"), queryset=Bridge.objects.select_related("connection"))

    class Meta:
        model = PosMachine
        fields: tuple[str, ...] = ()

    def find(self, queryset: QuerySet[PosMachine], name: str, value: str) -> QuerySet[PosMachine]:
        text = value.strip()
        return queryset.filter(
            Q(label__icontains=text) | Q(remote_id__icontains=text) | Q(terminal_serial__icontains=text)
        )

    def keep_without_store(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return queryset.filter(store=None, mapped_store=None)


class PosStoreFilter(FilterSet):
    """Mapped or not."""

    store = ChoiceFilter(label=_("Loja"), choices=[(NOBODY, _("Sem loja"))], method="keep_unmapped")

    class Meta:
        model = PosStore
        fields: tuple[str, ...] = ()

    def keep_unmapped(self, queryset: QuerySet[PosStore], name: str, value: str) -> QuerySet[PosStore]:
        return queryset.filter(store=None)


class PosFileFilter(FilterSet):
    """How far it is."""

    state = ChoiceFilter(label=_("Situação"), choices=PosFile.State, empty_label=_("Todas"))

    class Meta:
        model = PosFile
        fields = ("state",)


class FeedIssueFilter(FilterSet):
    """Open or put aside, road, whether the row was lost."""

    standing = ChoiceFilter(
        label=_("Situação"),
        choices=[(OPEN, _("Em aberto")), (RESOLVED, _("Arquivados"))],
        method="keep_standing",
    )
    road = ChoiceFilter(label=_("Origem"), choices=Road, empty_label=_("Todas"))
    last_at = DateRangeFilter(label=_("Última vez"))

    class Meta:
        model = FeedIssue
        fields: tuple[str, ...] = ()

    def keep_standing(self, queryset: QuerySet[Any], name: str, value: str) -> QuerySet[Any]:
        return queryset.filter(resolved_at__isnull=value == OPEN)
