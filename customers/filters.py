"""What a list of customers or of sales can be narrowed down by."""

from datetime import date, datetime, time

from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _
from django_filters import DateFilter

from customers.consents import consenting
from customers.models import Consent, Customer, Sale, Tag
from customers.search import search
from customers.tables import SALE_LOOKS
from customers.tags import tagged
from smartbis_admin.staff.models import Store, User
from smartbis_admin.sync.lists import MirrorFilterSet
from smartbis_admin.ui.filters import (
    ChoiceFilter,
    DateRangeFilter,
    FilterSet,
    ModelChoiceFilter,
    PickedFilter,
    SearchFilter,
)
from smartbis_admin.ui.forms import DateInput
from smartbis_admin.writes.models import Write

WITH, WITHOUT = "with", "without"
GIVEN, TAKEN_BACK = "given", "withdrawn"
#: A channel of `Consent` and which of the two words holds for it.
CONSENTS = [
    (f"{channel}:{word}", format_lazy(text, channel=label))
    for word, text in ((GIVEN, _("Dado: {channel}")), (TAKEN_BACK, _("Retirado: {channel}")))
    for channel, label in Consent.Channel.choices
]


def _confirmed_sales() -> QuerySet[Sale]:
    """The sales of the customer outside, as far as the platform confirmed them."""
    return Sale.objects.filter(
        connection=OuterRef("connection"),
        customer_remote_id=OuterRef("remote_id"),
        write__state=Write.State.DONE,
    )


class CustomerFilter(MirrorFilterSet):
    """The search box, balances, CPF, day of registration."""

    q = SearchFilter(method="find", help_text=_("CPF, telefone, e-mail ou nome"))
    balance = ChoiceFilter(
        label=_("Saldo"),
        choices=[("cashback", _("Com cashback")), ("points", _("Com pontos"))],
        method="keep_balance",
    )
    cpf = ChoiceFilter(
        label=_("CPF"), choices=[(WITH, _("Com CPF")), (WITHOUT, _("Sem CPF"))], method="keep_cpf"
    )
    registered = DateRangeFilter(field_name="remote_created_at", label=_("Cliente desde"))
    bought = DateRangeFilter(label=_("Comprou em"), method="keep_buyers")
    idle_since = DateFilter(label=_("Já comprou, mas não desde"), widget=DateInput, method="keep_idle")
    tag = ModelChoiceFilter(
        label=_("Etiqueta"),
        queryset=Tag.objects.filter(archived_at=None),
        empty_label=_("Todas"),
        method="keep_tag",
    )
    consent = ChoiceFilter(label=_("Consentimento"), choices=CONSENTS, method="keep_consent")

    class Meta:
        model = Customer
        fields = ("q", "balance", "cpf", "registered", "bought", "idle_since", "tag", "consent", "withdrawn")

    def find(self, queryset: QuerySet[Customer], name: str, value: str) -> QuerySet[Customer]:
        by_name = self.data.get("sort", "name") in ("name", "-name")
        return search(queryset, value, in_name_order=by_name)

    def keep_buyers(self, queryset: QuerySet[Customer], name: str, value: slice) -> QuerySet[Customer]:
        """With a sale of ours, confirmed by the platform, in these days."""
        sales = _confirmed_sales()
        if value.start:
            sales = sales.filter(sold_at__gte=value.start)
        if value.stop:
            sales = sales.filter(sold_at__lte=value.stop)
        return queryset.filter(Exists(sales))

    def keep_idle(self, queryset: QuerySet[Customer], name: str, value: date) -> QuerySet[Customer]:
        sales = _confirmed_sales()
        since = timezone.make_aware(datetime.combine(value, time.min))
        return queryset.filter(Exists(sales), ~Exists(sales.filter(sold_at__gte=since)))

    def keep_balance(self, queryset: QuerySet[Customer], name: str, value: str) -> QuerySet[Customer]:
        return queryset.filter(**{f"{value}_balance__gt": 0})

    def keep_tag(self, queryset: QuerySet[Customer], name: str, value: Tag) -> QuerySet[Customer]:
        return tagged(queryset, value)

    def keep_consent(self, queryset: QuerySet[Customer], name: str, value: str) -> QuerySet[Customer]:
        channel, _sign, word = value.partition(":")
        return consenting(queryset, channel, is_given=word == GIVEN)

    def keep_cpf(self, queryset: QuerySet[Customer], name: str, value: str) -> QuerySet[Customer]:
        return queryset.filter(cpf__isnull=value == WITHOUT)


class SaleFilter(FilterSet):
    """Whose, day, what became of it, store, who registered it."""

    q = SearchFilter(method="of_customer", help_text=_("CPF, telefone, e-mail ou nome do cliente"))
    customer_id = PickedFilter(label=_("Cliente"), queryset=Customer.objects.all(), method="of_one")
    sold_at = DateRangeFilter(label=_("Quando"))
    state = ChoiceFilter(
        field_name="write__state",
        label=_("Situação"),
        empty_label=_("Todas"),
        choices=[(state.value, look[2]) for state, look in SALE_LOOKS.items()],
    )
    store = ModelChoiceFilter(label=_("Loja"), empty_label=_("Todas"), queryset=Store.objects.all())
    registered_by = ModelChoiceFilter(
        label=_("Registrada por"),
        empty_label=_("Todos"),
        queryset=User.objects.order_by("first_name", "email"),
    )

    class Meta:
        model = Sale
        fields = ("q", "customer_id", "sold_at", "state", "store", "registered_by")

    def of_customer(self, queryset: QuerySet[Sale], name: str, value: str) -> QuerySet[Sale]:
        found = search(Customer.objects.order_by(), value, in_name_order=False)
        return queryset.filter(customer__pk__in=found.values("pk"))

    def of_one(self, queryset: QuerySet[Sale], name: str, value: Customer) -> QuerySet[Sale]:
        return queryset.filter(connection=value.connection_id, customer_remote_id=value.remote_id)
