"""Fulfilments as columns. Of a code the end alone is shown: the page of one shows it whole."""

from django.utils.translation import gettext_lazy as _

from smartbis_admin.ui.tables import Column, DateColumn, LinkColumn, StatusColumn, Table
from vouchers.fulfilments.models import Fulfilment

#: A use: tone, icon, word. What nobody tells us is not "not used" (`smile-v1.md` §6.10).
USAGE_LOOKS = {
    Fulfilment.Usage.USED: ("neutral", "check", Fulfilment.Usage.USED.label),
    Fulfilment.Usage.UNUSED: ("success", "ticket", Fulfilment.Usage.UNUSED.label),
    Fulfilment.Usage.UNTRACKED: ("neutral", "help-circle", Fulfilment.Usage.UNTRACKED.label),
    Fulfilment.Usage.UNKNOWN: ("neutral", "help-circle", Fulfilment.Usage.UNTRACKED.label),
}


class FulfilmentTable(Table):
    """The newest first."""

    name = LinkColumn("fulfilments:detail", orderable=False)
    code = Column(accessor="masked_code", verbose_name=_("código"), orderable=False)
    customer = Column(accessor="customer__name", verbose_name=_("cliente"), orderable=False)
    usage = StatusColumn(USAGE_LOOKS, orderable=False)
    status = Column(orderable=False, visible=False)
    remote_created_at = DateColumn()
    expires_at = DateColumn()

    class Meta:
        model = Fulfilment
        fields = ("name", "code", "customer", "usage", "status", "remote_created_at", "expires_at")
        order_by = "-remote_created_at"
