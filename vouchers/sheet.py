"""A sheet of QR codes to print and cut: the vouchers picked in the list, or what a filter finds.

Codes are money to whoever holds them: only people who may see them whole get here, and each sheet is on record.
"""

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from smartbis_admin.staff.access import Access
from smartbis_admin.ui.journal import note
from smartbis_admin.ui.qr import qr_svg
from smartbis_admin.ui.views import Breadcrumbs, TemplateView
from vouchers.filters import VoucherFilter
from vouchers.models import Voucher, voucher_status_is

#: Vouchers on one sheet of several pages; more would only be printed by mistake.
MOST = 120
COLUMNS = (2, 3, 4, 5)
USUAL_COLUMNS = 3


class SheetView(TemplateView):
    """The sheet: `row` names vouchers, else the filters of the list do; `columns` how many stand in a row."""

    access = Access.SEE_PERSONAL_DATA
    template_name = "vouchers/sheet.html"
    title = _("Folha de QR")

    def get_breadcrumbs(self) -> Breadcrumbs:
        return [(_("Vouchers"), reverse("vouchers:list"))]

    def get_rows(self) -> QuerySet[Voucher]:
        """The vouchers asked for, whether they can be used or not."""
        query = self.request.GET
        asked = [int(pk) for pk in query.getlist("row") if pk.isascii() and pk.isdigit()]
        if "row" in query:
            return Voucher.objects.filter(pk__in=asked[: MOST + 1])
        return VoucherFilter(query, queryset=Voucher.objects.all(), request=self.request).qs

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        query = self.request.GET
        usable = self.get_rows().filter(voucher_status_is(Voucher.Status.ISSUED, timezone.now()))
        # Those that expire first are wanted first; without an expiry they come last.
        rows = list(
            usable.filter(withdrawn_at=None, expires_at__isnull=False).order_by("expires_at", "pk")[
                : MOST + 1
            ]
        )
        if len(rows) <= MOST:
            rows += usable.filter(withdrawn_at=None, expires_at=None).order_by("pk")[: MOST + 1 - len(rows)]
        shown = rows[:MOST]
        asked = query.get("columns", "")
        columns = int(asked) if asked in map(str, COLUMNS) else USUAL_COLUMNS
        if shown:
            note(self.request.user, "vouchers.sheet", "voucher", rows=len(shown))
        choices = []
        for choice in COLUMNS:
            other = query.copy()
            other["columns"] = str(choice)
            choices.append((choice, f"?{other.urlencode()}"))
        picked = len(query.getlist("row"))
        return super().get_context_data(
            vouchers=[(voucher, qr_svg(voucher.remote_id)) for voucher in shown],
            columns=columns,
            choices=choices,
            most=MOST,
            more=len(rows) > MOST or picked > MOST,
            left_out=max(min(picked, MOST) - len(shown), 0),
            **kwargs,
        )
