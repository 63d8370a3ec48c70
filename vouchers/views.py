"""The rooms of vouchers: the list, and one voucher with its whole life. The till has its own package."""

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from smartbis_admin.api.capabilities import Resource
from smartbis_admin.staff.access import Access
from smartbis_admin.sync.lists import MirrorListView, known_at
from smartbis_admin.ui.navigation import Link
from smartbis_admin.ui.qr import qr_svg
from smartbis_admin.ui.tables import Table
from smartbis_admin.ui.views import Breadcrumbs, DetailView, Text
from smartbis_admin.writes.models import Write
from vouchers.bulk import PRINT_QRS
from vouchers.filters import VoucherFilter
from vouchers.life import tell
from vouchers.models import Redemption, Voucher
from vouchers.tables import VoucherTable

#: Scans told on a voucher's page; the newest ones, should a code ever be scanned more often.
MOST_SCANS = 200


class VoucherListView(MirrorListView):
    """Vouchers. Only who may see personal data sees whole codes: a code is money to whoever holds it."""

    access = Access.SEE_VOUCHERS
    queryset = Voucher.objects.select_related("customer")
    table_class, filter_class = VoucherTable, VoucherFilter
    template_name = "vouchers/list.html"
    resource = Resource.VOUCHERS
    actions = (Link(_("Resgatados"), "clipboard-list", "vouchers:redeemed", Access.SEE_SHIFTS),)
    bulk_actions = (PRINT_QRS,)
    empty_title = _("Nenhum voucher ainda")
    empty_text = _("Os vouchers emitidos pela plataforma aparecem aqui depois de sincronizar.")

    @property
    def see_codes(self) -> bool:
        return self.request.user.may(Access.SEE_PERSONAL_DATA)  # type: ignore[union-attr]

    def get_table(self, queryset: QuerySet[Voucher]) -> Table:
        order = self.request.GET.get("sort")
        return self.table_class(
            queryset, order_by=order, see_codes=self.see_codes, **self.get_table_options()
        )

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        return super().get_context_data(today=timezone.localdate(), **kwargs)


class VoucherDetailView(DetailView):
    """One voucher: what it is worth to whom, its QR code, and everything that happened to it."""

    access = Access.SEE_VOUCHERS
    queryset = Voucher.objects.select_related("connection", "customer", "reward", "flag")
    template_name = "vouchers/detail.html"

    @property
    def see_code(self) -> bool:
        return self.request.user.may(Access.SEE_PERSONAL_DATA)  # type: ignore[union-attr]

    def get_title(self) -> Text:
        code = self.object.remote_id if self.see_code else self.object.masked_code
        return _("Voucher %(code)s") % {"code": code}

    def get_breadcrumbs(self) -> Breadcrumbs:
        return [(_("Vouchers"), reverse("vouchers:list"))]

    def get_scans(self) -> QuerySet[Redemption]:
        scans = self.object.redemptions.select_related(
            "voucher", "write", "cashier", "store", "till__store",
            "winner__cashier", "winner__store", "winner__till__store",
        )  # fmt: skip
        return scans.order_by("-received_at", "-pk")[:MOST_SCANS]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        voucher: Voucher = self.object
        scans = list(self.get_scans())
        usable = voucher.effective_status == Voucher.Status.ISSUED and not voucher.withdrawn_at
        return super().get_context_data(
            known_at=known_at(voucher, Resource.VOUCHERS),
            events=tell(voucher, scans),
            flag=getattr(voucher, "flag", None),
            valid_scan=next((scan for scan in scans if scan.state == Redemption.State.VALID), None),
            see_code=self.see_code,
            qr=qr_svg(voucher.remote_id) if usable and self.see_code else "",
            open_writes=self.get_open_writes(),
            **kwargs,
        )

    def get_open_writes(self) -> QuerySet[Write]:
        """Validations of this voucher of which it is unknown whether they happened."""
        return Write.objects.filter(
            redemption__connection=self.object.connection_id,
            redemption__code_sent=self.object.remote_id,
            state__in=Write.OPEN,
        ).select_related("actor")
