"""Filters of the lists of vouchers and of what was redeemed."""

from datetime import datetime, time, timedelta

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from customers.models import Customer
from customers.search import search
from rewards.models import Reward
from smartbis_admin.api.brazil import voucher_code_key
from smartbis_admin.staff.models import Store, User
from smartbis_admin.sync.lists import MirrorFilterSet
from smartbis_admin.ui.filters import (
    ChoiceFilter,
    DateRangeFilter,
    FilterSet,
    ModelChoiceFilter,
    PickedFilter,
    SearchFilter,
    TextFilter,
)
from vouchers.models import Redemption, Voucher, voucher_status_is

#: "A vencer em N dias" (`communication-and-rules.md` §4, `expiring`).
EXPIRING = [("7", _("7 dias")), ("15", _("15 dias")), ("30", _("30 dias"))]


class VoucherFilter(MirrorFilterSet):
    """By code, status, expiry, customer, reward, origin, the three days of its life, and store."""

    q = SearchFilter(method="having_code", help_text=_("Código do voucher"))
    status = ChoiceFilter(label=_("Situação"), choices=Voucher.Status, method="having_status")
    expiring = ChoiceFilter(
        label=_("A vencer em"),
        choices=EXPIRING,
        empty_label=_("Qualquer data"),
        method="expiring_within",
    )
    customer = TextFilter(label=_("Cliente"), help_text=_("CPF ou nome"), method="of_customer")
    customer_id = PickedFilter(label=_("Cliente"), queryset=Customer.objects.all(), method="of_one")
    reward = ModelChoiceFilter(
        label=_("Recompensa"), queryset=Reward.objects.all(), empty_label=_("Todas"), method="of_reward"
    )
    origin = ChoiceFilter(label=_("Origem"), choices=Voucher.Origin, empty_label=_("Todas"))
    issued_at = DateRangeFilter(label=_("Emitido em"))
    expires_at = DateRangeFilter(label=_("Vence em"))
    used_at = DateRangeFilter(label=_("Usado em"))
    store = TextFilter(label=_("Loja do uso"), field_name="store_name", lookup_expr="icontains")

    class Meta:
        model = Voucher
        fields: tuple[str, ...] = ()

    def having_code(self, queryset: QuerySet[Voucher], name: str, value: str) -> QuerySet[Voucher]:
        """The whole code alone: a search by its beginning would spell out a hidden code letter by letter."""
        return queryset.filter(code_key=voucher_code_key(value))

    def having_status(self, queryset: QuerySet[Voucher], name: str, value: str) -> QuerySet[Voucher]:
        return queryset.filter(voucher_status_is(value, timezone.now()))

    def expiring_within(self, queryset: QuerySet[Voucher], name: str, value: str) -> QuerySet[Voucher]:
        """Issued, with expiry from now to the end of the day in so many days."""
        last_day = timezone.localdate() + timedelta(days=int(value))
        end = timezone.make_aware(datetime.combine(last_day, time.max))
        return queryset.filter(
            status=Voucher.Status.ISSUED, expires_at__gte=timezone.now(), expires_at__lte=end
        )

    def of_customer(self, queryset: QuerySet[Voucher], name: str, value: str) -> QuerySet[Voucher]:
        found = search(Customer.objects.order_by(), value, in_name_order=False)
        return queryset.filter(customer__pk__in=found.values("pk"))

    def of_one(self, queryset: QuerySet[Voucher], name: str, value: Customer) -> QuerySet[Voucher]:
        return queryset.filter(connection=value.connection_id, customer_remote_id=value.remote_id)

    def of_reward(self, queryset: QuerySet[Voucher], name: str, value: Reward) -> QuerySet[Voucher]:
        return queryset.filter(connection=value.connection_id, reward_remote_id=value.remote_id)


class RedeemedFilter(FilterSet):
    """By day, store, person, reward and origin. Without a day: the last `USUAL_DAYS`."""

    #: Days shown when none are chosen, today included.
    USUAL_DAYS = 30

    happened_at = DateRangeFilter(label=_("Resgatado em"))
    store = ModelChoiceFilter(label=_("Loja"), queryset=Store.objects.all(), empty_label=_("Todas"))
    cashier = ModelChoiceFilter(
        label=_("Quem validou"),
        queryset=User.objects.filter(shifts__isnull=False).distinct().order_by("first_name", "email"),
    )
    reward = ModelChoiceFilter(
        label=_("Recompensa"), queryset=Reward.objects.all(), empty_label=_("Todas"), method="of_reward"
    )
    origin = ChoiceFilter(
        label=_("Origem"), choices=Voucher.Origin, empty_label=_("Todas"), field_name="voucher__origin"
    )

    class Meta:
        model = Redemption
        fields: tuple[str, ...] = ()

    @property
    def has_days(self) -> bool:
        """Whether somebody chose a period."""
        chosen = self.form.cleaned_data.get("happened_at") if self.form.is_valid() else None
        return bool(chosen and (chosen.start or chosen.stop))

    def filter_queryset(self, queryset: QuerySet[Redemption]) -> QuerySet[Redemption]:
        found = super().filter_queryset(queryset)
        if self.has_days:
            return found
        first = timezone.localdate() - timedelta(days=self.USUAL_DAYS - 1)
        return found.filter(happened_at__gte=timezone.make_aware(datetime.combine(first, time.min)))

    def of_reward(self, queryset: QuerySet[Redemption], name: str, value: Reward) -> QuerySet[Redemption]:
        return queryset.filter(connection=value.connection_id, voucher__reward_remote_id=value.remote_id)
