"""Rewards in the search box of every page."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from rewards.filters import having_name
from rewards.models import Reward
from smartbis_admin.staff.access import Access
from smartbis_admin.ui.omnibox import FEW, Hit, Searcher, register


def find_rewards(user: Any, text: str) -> list[Hit]:
    """Rewards whose name holds every word, by name."""
    rows = having_name(Reward.objects.filter(withdrawn_at=None), text).select_related("category")
    return [
        Hit(
            title=row.name,
            text=row.category.name if row.category else "",
            url=reverse("rewards:detail", args=[row.pk]),
        )
        for row in rows.order_by("name", "pk")[:FEW]
    ]


register(Searcher(_("Recompensas"), "gift", Access.SEE_REWARDS, find_rewards))
