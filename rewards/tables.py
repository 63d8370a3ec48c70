"""The lists of rewards (as rows or as cards) and of categories."""

from typing import Any

from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from rewards.models import Category, Reward
from rewards.outlook import outlook
from smartbis_admin.ui.tables import Column, DateColumn, LinkColumn, NumberColumn, PointsColumn, Table


class RewardTable(Table):
    """Rewards. The hidden columns are for exports, where the period is two moments."""

    name = LinkColumn("rewards:detail")
    category = Column(accessor="category__name", verbose_name=_("categoria"))
    points_required = PointsColumn()
    stock = NumberColumn(empty_values=())
    out_on = Column(accessor="watch", verbose_name=_("acaba em"), empty_values=(), orderable=False)
    starts_at = DateColumn(visible=False)
    ends_at = DateColumn(visible=False)
    period = Column(
        accessor="ends_at", verbose_name=_("período de uso"), empty_values=(), exclude_from_export=True
    )
    status = Column(accessor="effective_status", order_by="status", verbose_name=_("situação"))
    limit_per_customer = NumberColumn(visible=False)
    remote_id = Column(visible=False)

    class Meta:
        model = Reward
        fields = (
            "name", "category", "points_required", "stock", "out_on", "period", "starts_at", "ends_at", "status",
        )  # fmt: skip
        order_by = "name"
        template_name = "rewards/table.html"

    def render_name(self, record: Reward) -> str:
        return render_to_string("rewards/name.html", {"reward": record})

    def value_name(self, value: str) -> str:
        return value

    def render_stock(self, record: Reward) -> str:
        return render_to_string("rewards/stock.html", {"reward": record})

    def value_stock(self, record: Reward) -> Any:
        return Reward.StockLevel.UNLIMITED.label if record.stock is None else record.stock

    def render_out_on(self, record: Reward) -> str:
        return render_to_string("rewards/out_on.html", {"outlook": outlook(record)})

    def value_out_on(self, record: Reward) -> Any:
        told = outlook(record)
        return told and told.out_on

    def render_period(self, record: Reward) -> str:
        return render_to_string("rewards/period.html", {"reward": record})

    def render_status(self, record: Reward) -> str:
        return render_to_string("rewards/status.html", {"reward": record})

    def value_status(self, record: Reward) -> str:
        return record.effective_status_label


class CategoryTable(Table):
    """Categories and how many rewards each holds."""

    name = Column(linkify=lambda record: f"{reverse('rewards:list')}?category={record.pk}")
    reward_count = NumberColumn(verbose_name=_("recompensas"))
    remote_created_at = DateColumn()

    class Meta:
        model = Category
        fields = ("name", "reward_count", "remote_created_at")
        order_by = "name"
