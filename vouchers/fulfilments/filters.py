"""What the list of fulfilments can be narrowed down by."""

from datetime import datetime, time, timedelta

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from customers.models import Customer
from smartbis_admin.api.brazil import voucher_code_key
from smartbis_admin.sync.lists import MirrorFilterSet
from smartbis_admin.ui.filters import ChoiceFilter, PickedFilter, SearchFilter
from vouchers.filters import EXPIRING
from vouchers.fulfilments.models import Fulfilment


class FulfilmentFilter(MirrorFilterSet):
    """By the whole code, use, expiry and customer."""

    q = SearchFilter(method="having_code", help_text=_("Código do resgate"))
    usage = ChoiceFilter(label=_("Uso"), choices=Fulfilment.Usage, empty_label=_("Todos"))
    status = ChoiceFilter(label=_("Situação"), choices=Fulfilment.Status, empty_label=_("Todas"))
    expiring = ChoiceFilter(
        label=_("A vencer em"), choices=EXPIRING, empty_label=_("Qualquer data"), method="expiring_within"
    )
    customer_id = PickedFilter(label=_("Cliente"), queryset=Customer.objects.all(), method="of_one")

    class Meta:
        model = Fulfilment
        fields: tuple[str, ...] = ()

    def having_code(self, queryset: QuerySet[Fulfilment], name: str, value: str) -> QuerySet[Fulfilment]:
        """The whole code alone: a search by its beginning would spell out a hidden code letter by letter."""
        return queryset.filter(code_key=voucher_code_key(value)).exclude(code_key="")

    def expiring_within(self, queryset: QuerySet[Fulfilment], name: str, value: str) -> QuerySet[Fulfilment]:
        """Not known to be used, with expiry from now to the end of the day in so many days."""
        end = timezone.make_aware(
            datetime.combine(timezone.localdate() + timedelta(days=int(value)), time.max)
        )
        rows = queryset.filter(expires_at__gte=timezone.now(), expires_at__lte=end)
        return rows.exclude(usage=Fulfilment.Usage.USED)

    def of_one(self, queryset: QuerySet[Fulfilment], name: str, value: Customer) -> QuerySet[Fulfilment]:
        return queryset.filter(connection=value.connection_id, customer_remote_id=value.remote_id)
