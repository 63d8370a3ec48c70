"""The list of rewards, as rows or cards, and the page of one with its stock."""

from typing import Any

from django.db.models import Count, F, QuerySet
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from rewards.filters import CARDS, RewardFilter
from rewards.history import chart_points, stock_history
from rewards.models import Reward, reward_status_is, stock_level_is
from rewards.outlook import outlook
from rewards.tables import RewardTable
from rewards.views.stock import open_stock_writes
from smartbis_admin.api.capabilities import Capability, Resource
from smartbis_admin.connections.models import Connection
from smartbis_admin.staff.access import Access
from smartbis_admin.sync.lists import MirrorListView, known_at
from smartbis_admin.ui.navigation import Link
from smartbis_admin.ui.tables import Table
from smartbis_admin.ui.views import Breadcrumbs, DetailView

#: Shown where a platform has such.
OFFERS = Link(_("Ofertas"), "gift", "offers:list", Access.SEE_REWARDS)
#: Vouchers on a reward's page.
NEWEST = 20


class RewardListView(MirrorListView):
    """Rewards as rows or, with `layout=cards`, as cards."""

    access = Access.SEE_REWARDS
    queryset = Reward.objects.select_related("category", "watch")
    table_class, filter_class = RewardTable, RewardFilter
    template_name = "rewards/list.html"
    resource = Resource.REWARDS
    actions = (Link(_("Estoque por arquivo"), "file-spreadsheet", "rewards:stock_file", Access.CHANGE_STOCK),)
    empty_title = _("Nenhuma recompensa ainda")
    empty_text = _("As recompensas são criadas no painel da Smartbis e aparecem aqui depois de sincronizar.")

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        usable = Reward.objects.filter(withdrawn_at=None).filter(
            reward_status_is(Reward.Status.ACTIVE, timezone.now())
        )
        scarce = usable.aggregate(
            low=Count("pk", filter=stock_level_is(Reward.StockLevel.LOW)),
            out=Count("pk", filter=stock_level_is(Reward.StockLevel.OUT)),
        )
        context = super().get_context_data(scarce=scarce, **kwargs)
        if Connection.objects.able_to(Capability.EDIT_OFFERS).exists():
            context["actions"] = [*context["actions"], OFFERS]
        return context

    def get_table(self, queryset: QuerySet[Reward]) -> Table:
        table = super().get_table(queryset)
        if self.request.GET.get("layout") == CARDS:
            table.template_name = "rewards/cards.html"
        return table


class RewardDetailView(DetailView):
    """One reward: what the platform says, the vouchers issued of it, and every change of its stock."""

    access = Access.SEE_REWARDS
    queryset = Reward.objects.select_related("connection", "category", "watch")
    template_name = "rewards/detail.html"

    def get_breadcrumbs(self) -> Breadcrumbs:
        return [(_("Recompensas"), reverse("rewards:list"))]

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        reward: Reward = self.object
        newest = F("issued_at").desc(nulls_last=True)
        vouchers = reward.vouchers.select_related("customer").order_by(newest, "-pk")[:NEWEST]
        points = chart_points(reward)
        return super().get_context_data(
            known_at=known_at(reward, Resource.REWARDS),
            vouchers=list(vouchers),
            history=stock_history(reward),
            points=points,
            drawn_until=timezone.now(),
            outlook=outlook(reward),
            open_writes=open_stock_writes(reward),
            **kwargs,
        )
