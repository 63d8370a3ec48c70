"""What a points programme is like: its tiers with their perks, and how points are earned. To be read alone."""

from typing import Any

from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from customers.models import Customer
from customers.points.filters import EarningRuleFilter, TierFilter
from customers.points.models import EarningRule, VipTier
from customers.points.tables import EarningRuleTable, TierTable
from smartbis_admin.api.capabilities import Resource
from smartbis_admin.staff.access import Access
from smartbis_admin.sync.lists import MirrorListView
from smartbis_admin.ui.navigation import Link
from smartbis_admin.ui.tables import Table
from smartbis_admin.ui.views import Breadcrumbs


class _OfProgramme(MirrorListView):
    """What both lists share."""

    abstract = True
    access = Access.SEE_REWARDS

    def get_breadcrumbs(self) -> Breadcrumbs:
        return [(_("Produtos de pontos"), reverse("products:list"))]


def _counted() -> Subquery:
    rows = Customer.objects.filter(
        connection=OuterRef("connection"), tier_remote_id=OuterRef("remote_id"), withdrawn_at=None
    )
    counted = rows.order_by().values("tier_remote_id").annotate(count=Count("pk"))
    return Subquery(counted.values("count"), output_field=IntegerField())


class TierListView(_OfProgramme):
    """The tiers of every programme that has some."""

    queryset = VipTier.objects.annotate(customer_count=_counted())
    table_class, filter_class = TierTable, TierFilter
    resource = Resource.VIP_TIERS
    actions = (Link(_("Regras de pontos"), "list", "points:rules", Access.SEE_REWARDS),)
    empty_title = _("Nenhum nível")
    empty_text = _("Os níveis são criados no painel da Smile.io e aparecem depois de sincronizar.")


class EarningRuleListView(_OfProgramme):
    """How points are earned, in every programme that tells it."""

    queryset = EarningRule.objects.all()
    table_class, filter_class = EarningRuleTable, EarningRuleFilter
    resource = Resource.EARNING_RULES
    actions = (Link(_("Níveis"), "award", "points:tiers", Access.SEE_REWARDS),)
    empty_title = _("Nenhuma regra de pontos")
    empty_text = _("As regras de pontos são criadas no painel da Smile.io e aparecem depois de sincronizar.")

    def get_table(self, queryset: QuerySet[Any]) -> Table:
        table: Any = super().get_table(queryset)
        tiers = VipTier.objects.values_list("connection_id", "remote_id", "name")
        table.tier_names = {(connection, remote_id): name for connection, remote_id, name in tiers}
        return table
