"""Notes of uses as columns. Of a code the end alone is shown."""

import django_tables2 as tables
from django.utils.translation import gettext_lazy as _

from smartbis_admin.ui.tables import Column, DateTimeColumn, Table
from vouchers.elsewhere.models import LocalUse


class LocalUseTable(Table):
    """The newest first."""

    noted_at = DateTimeColumn()
    code = Column(accessor="scan__masked_code", verbose_name=_("código"), orderable=False)
    kind = Column(orderable=False)
    programme = Column(accessor="connection__programme_name", verbose_name=_("Programa"), orderable=False)
    till = Column(accessor="scan__till", verbose_name=_("ponto de caixa"), orderable=False)
    noted_by = Column(orderable=False)
    taken_back = tables.TemplateColumn(
        template_name="vouchers/elsewhere/taken_back.html",
        verbose_name=_("retirado"),
        orderable=False,
        empty_values=(),
    )

    class Meta:
        model = LocalUse
        fields = ("noted_at", "code", "kind", "programme", "till", "noted_by", "taken_back")
        order_by = "-noted_at"

    def value_taken_back(self, record: LocalUse) -> object:
        return record.taken_back_at
