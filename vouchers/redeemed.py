"""What was redeemed where and by whom: vouchers validated by this system, with sums by store, person and reward.

A voucher used at another place (the panel, another programme) has no row here; the list of vouchers has it.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import Count, QuerySet
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from smartbis_admin.staff.access import Access
from smartbis_admin.ui.views import Breadcrumbs, ListView
from vouchers.filters import RedeemedFilter
from vouchers.models import Redemption
from vouchers.sums import as_decimal, exact_sum
from vouchers.tables import RedeemedTable

#: Lines of each sum; the rest is one line.
MOST_LINES = 8


@dataclass(frozen=True)
class Line:
    """One store, person or reward. `label` empty: not told."""

    label: str
    count: int
    value: Decimal


@dataclass(frozen=True)
class Sums:
    """The redemptions of the filter added up by one thing; `rest` is what lies beyond the first lines."""

    title: str | Promise
    lines: list[Line]
    rest: Line | None


class RedeemedListView(ListView):
    """Redemptions of a period, with who, where and what."""

    access = Access.SEE_SHIFTS
    queryset = Redemption.objects.filter(state=Redemption.State.VALID).select_related(
        "voucher__customer", "store", "till", "cashier"
    )
    table_class, filter_class = RedeemedTable, RedeemedFilter
    template_name = "vouchers/redeemed.html"
    title = _("Resgatados")
    empty_title = _("Nada resgatado neste período")
    empty_text = _(
        "Aqui aparece cada voucher validado no caixa: onde, quando e por quem. Escolha outro período."
    )

    def get_breadcrumbs(self) -> Breadcrumbs:
        return [(_("Vouchers"), reverse("vouchers:list"))]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found = kwargs["filters"].qs
        whole = found.order_by().aggregate(count=Count("pk"), value=exact_sum("voucher__value"))
        return super().get_context_data(
            count=whole["count"],
            value=as_decimal(whole["value"]),
            sums=list(all_sums(found)) if whole["count"] else [],
            usual_days=None if kwargs["filters"].has_days else RedeemedFilter.USUAL_DAYS,
            **kwargs,
        )


def all_sums(found: QuerySet[Redemption]) -> Iterator[Sums]:
    """By store, by person, by reward. One query each."""
    for title, names in (
        (_("Por loja"), ("store__name",)),
        (_("Por quem validou"), ("cashier__first_name", "cashier__last_name", "cashier__email")),
        (_("Por recompensa"), ("voucher__reward_name",)),
    ):
        rows = found.order_by().values_list(*names).annotate(n=Count("pk"), value=exact_sum("voucher__value"))
        lines = [
            Line(_label(row[: len(names)]), row[-2], as_decimal(row[-1]))
            for row in rows.order_by("-n", *names)
        ]
        shown, beyond = lines[:MOST_LINES], lines[MOST_LINES:]
        rest = Line("", sum(line.count for line in beyond), sum((line.value for line in beyond), Decimal()))
        yield Sums(title, shown, rest if beyond else None)


def _label(names: tuple[str | None, ...]) -> str:
    """A person by name, or by e-mail without one; anything else by its only name."""
    *full, last = names
    return " ".join(filter(None, full)) or last or ""
