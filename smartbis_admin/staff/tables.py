"""The list of stores."""

from typing import Any

from django.utils.translation import gettext_lazy as _

from smartbis_admin.staff.models import Store
from smartbis_admin.ui.tables import Column, LinkColumn, MoneyColumn, NumberColumn, StatusColumn, Table


class StoreTable(Table):
    """Stores with how many tills they have and the rules that matter most."""

    name = LinkColumn("staff:store_detail")
    is_active = StatusColumn(
        {True: ("success", "circle-check", _("Ativa")), False: ("neutral", "ban", _("Desativada"))},
        verbose_name=_("situação"),
        orderable=False,
    )
    till_count = NumberColumn(verbose_name=_("pontos de caixa ativos"), orderable=False)
    look_above = MoneyColumn(verbose_name=_("mostrar antes de validar acima de"), orderable=False)
    contingency = Column(verbose_name=_("sem conexão com a plataforma"), orderable=False)

    class Meta:
        model = Store
        fields = ("name", "is_active", "till_count", "look_above", "contingency")
        order_by = "name"

    def render_contingency(self, record: Store) -> str:
        return record.get_contingency_display()

    def value_contingency(self, record: Store) -> Any:
        return record.get_contingency_display()
