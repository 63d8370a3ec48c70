"""A customer's changes of points as columns."""

import re

from django.utils.translation import gettext_lazy as _

from customers.points.models import PointsTransaction
from customers.points.writes import shown_change
from smartbis_admin.ui.tables import Column, DateTimeColumn, NumberColumn, Table

_REFERENCE = re.compile(r"\A\[ref:[^\]]*\]\s*")


class StatementTable(Table):
    """Changes of a balance, the newest first. The reference of ours is left out of the note."""

    remote_created_at = DateTimeColumn()
    points_change = NumberColumn(orderable=False)
    description = Column(orderable=False)
    internal_note = Column(verbose_name=_("nota interna"), orderable=False)

    class Meta:
        model = PointsTransaction
        fields = ("remote_created_at", "points_change", "description", "internal_note")
        order_by = "-remote_created_at"

    def render_points_change(self, record: PointsTransaction) -> str:
        return shown_change(record.points_change) if record.points_change is not None else "—"

    def value_points_change(self, record: PointsTransaction) -> object:
        return record.points_change

    def render_internal_note(self, value: str) -> str:
        return _REFERENCE.sub("", value) or "—"

    def value_internal_note(self, value: str) -> str:
        return _REFERENCE.sub("", value)
