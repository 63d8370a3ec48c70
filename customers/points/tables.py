"""A customer's changes of points as columns."""

import re
from collections.abc import Mapping

from django.template.loader import render_to_string
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from customers.points.models import EarningRule, PointsTransaction, VipTier
from customers.points.writes import shown_change
from smartbis_admin.ui.formats import number
from smartbis_admin.ui.tables import Column, DateTimeColumn, NumberColumn, Table

_REFERENCE = re.compile(r"\A\[ref:[^\]]*\]\s*")


class StatementTable(Table):
    """Changes of a balance, the newest first. The reference of ours is left out of the note."""

    remote_created_at = DateTimeColumn()
    points_change = NumberColumn(orderable=False)
    description = Column(orderable=False)
    internal_note = Column(verbose_name=gettext_lazy("nota interna"), orderable=False)

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


class TierTable(Table):
    """The levels of a programme, from the lowest up; how many customers stand on each."""

    name = Column(orderable=False)
    milestone = NumberColumn(orderable=False)
    perks = Column(orderable=False)
    entry_rewards = Column(orderable=False)
    customer_count = NumberColumn(verbose_name=gettext_lazy("clientes"), orderable=False, empty_values=())

    class Meta:
        model = VipTier
        fields = ("name", "milestone", "perks", "entry_rewards", "customer_count")
        order_by = "milestone"

    def render_perks(self, value: str) -> str:
        return one_under_another(value)

    def render_entry_rewards(self, value: str) -> str:
        return one_under_another(value)

    def render_customer_count(self, record: VipTier) -> str:
        return number(getattr(record, "customer_count", 0) or 0)

    def value_customer_count(self, record: VipTier) -> int:
        return getattr(record, "customer_count", 0) or 0


class EarningRuleTable(Table):
    """How points are earned. Read alone: rules are changed in the platform's panel."""

    name = Column(orderable=False)
    points = Column(orderable=False)
    limit = Column(orderable=False, empty_values=())
    tiers = Column(
        accessor="tier_remote_ids", verbose_name=gettext_lazy("níveis"), orderable=False, empty_values=()
    )

    class Meta:
        model = EarningRule
        fields = ("name", "points", "limit", "tiers")
        order_by = "name"

    #: Names of tiers by connection and id, for whoever shows the table.
    tier_names: Mapping[tuple[int, str], str] = {}

    def render_points(self, record: EarningRule) -> str:
        points = "—" if record.points is None else number(record.points)
        if record.per_amount is None:
            return points
        return _("%(points)s a cada %(amount)s") % {"points": points, "amount": number(record.per_amount)}

    def value_points(self, record: EarningRule) -> object:
        return record.points

    def render_limit(self, record: EarningRule) -> str:
        if record.limit is None:
            return _("Sem limite")
        if record.limit_days is None:
            return ngettext("%(n)s vez", "%(n)s vezes", record.limit) % {"n": record.limit}
        values = {"times": record.limit, "days": record.limit_days}
        sentence = ngettext(
            "%(times)s vez em %(days)s dias", "%(times)s vezes em %(days)s dias", record.limit
        )
        return sentence % values

    def value_limit(self, record: EarningRule) -> str:
        return self.render_limit(record)

    def render_tiers(self, record: EarningRule) -> str:
        ids = record.tier_remote_ids.split()
        names = [self.tier_names.get((record.connection_id, one), one) for one in ids]
        return one_under_another("\n".join(names)) if names else _("Todos")

    def value_tiers(self, record: EarningRule) -> str:
        return ", ".join(record.tier_remote_ids.split())


def one_under_another(lines: str) -> str:
    """Lines as a list."""
    return render_to_string("customers/points/lines.html", {"lines": lines.splitlines()})
