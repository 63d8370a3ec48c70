"""The list of vouchers, and of what was redeemed where and by whom."""

from typing import Any

from django.template.loader import render_to_string
from django.utils.translation import gettext_lazy as _

from smartbis_admin.ui.tables import (
    Column,
    DateColumn,
    DateTimeColumn,
    LinkColumn,
    MaskedCpfColumn,
    MoneyColumn,
    Table,
)
from vouchers.models import Redemption, Voucher


class VoucherTable(Table):
    """Vouchers. Codes are whole with `see_codes`, else only their end; hidden columns are for exports."""

    remote_id = LinkColumn("vouchers:detail", verbose_name=_("código"), orderable=False)
    status = Column(accessor="effective_status", verbose_name=_("situação"), orderable=False)
    customer = Column(accessor="customer__name", verbose_name=_("cliente"), orderable=False)
    cpf = MaskedCpfColumn(accessor="customer__cpf", verbose_name=_("CPF"), visible=False)
    reward_name = Column(orderable=False)
    value = MoneyColumn(orderable=False)
    minimum_purchase = MoneyColumn(visible=False)
    origin = Column(orderable=False, visible=False)
    issued_at = DateColumn()
    starts_at = DateColumn(visible=False)
    expires_at = DateColumn()
    used_at = DateTimeColumn()
    store_name = Column(visible=False)

    class Meta:
        model = Voucher
        fields = (
            "remote_id", "status", "customer", "cpf", "reward_name", "value", "minimum_purchase", "origin",
            "issued_at", "starts_at", "expires_at", "used_at", "store_name",
        )  # fmt: skip
        order_by = "-issued_at"

    def __init__(self, *args: Any, see_codes: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.see_codes = see_codes

    def render_remote_id(self, record: Voucher) -> str:
        return render_to_string(
            "vouchers/list_code.html", {"code": self.value_remote_id(record), "voucher": record}
        )

    def value_remote_id(self, record: Voucher) -> str:
        return record.remote_id if self.see_codes else record.masked_code

    def render_status(self, record: Voucher) -> str:
        return render_to_string("vouchers/status.html", {"voucher": record})

    def value_status(self, record: Voucher) -> str:
        return record.effective_status_label

    def render_expires_at(self, record: Voucher) -> str:
        return render_to_string("vouchers/expiry.html", {"voucher": record})

    def value_expires_at(self, record: Voucher) -> Any:
        return record.expires_at

    def render_used_at(self, record: Voucher) -> str:
        return render_to_string("vouchers/use.html", {"voucher": record})

    def value_used_at(self, record: Voucher) -> Any:
        return record.used_at


class RedeemedTable(Table):
    """Vouchers validated here, the newest first. Codes are their end alone: this is about people and places."""

    happened_at = DateTimeColumn(verbose_name=_("quando"))
    code = Column(accessor="masked_code", verbose_name=_("código"), orderable=False)
    reward = Column(accessor="voucher__reward_name", verbose_name=_("recompensa"), orderable=False)
    origin = Column(accessor="voucher__get_origin_display", verbose_name=_("origem"), orderable=False)
    value = MoneyColumn(accessor="voucher__value", verbose_name=_("valor"), orderable=False)
    customer = Column(accessor="voucher__customer__name", verbose_name=_("cliente"), orderable=False)
    store = Column(orderable=False)
    till = Column(accessor="till__name", verbose_name=_("ponto de caixa"), orderable=False)
    cashier = Column(verbose_name=_("quem validou"), orderable=False)

    class Meta:
        model = Redemption
        fields = (
            "happened_at", "code", "reward", "origin", "value", "customer", "store", "till", "cashier",
        )  # fmt: skip
        order_by = "-happened_at"
        template_name = "vouchers/redeemed_table.html"

    def render_code(self, record: Redemption) -> str:
        return render_to_string("vouchers/redeemed_code.html", {"redemption": record})

    def value_code(self, record: Redemption) -> str:
        return record.masked_code
