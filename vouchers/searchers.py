"""Vouchers in the search box of every page: by the whole code alone, which is never spelt out again."""

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from smartbis_admin.api.brazil import mask_voucher_code, voucher_code_key
from smartbis_admin.staff.access import Access
from smartbis_admin.ui.omnibox import FEW, Hit, Searcher, register
from vouchers.models import Voucher


def find_vouchers(user: Any, text: str) -> list[Hit]:
    """The vouchers with this code; case, spaces and dashes do not matter."""
    key = voucher_code_key(text)
    rows = Voucher.objects.filter(code_key=key).order_by("pk") if key else Voucher.objects.none()
    return [
        Hit(
            title=mask_voucher_code(row.remote_id),
            text=row.reward_name or "",
            url=reverse("vouchers:detail", args=[row.pk]),
        )
        for row in rows[:FEW]
    ]


register(Searcher(_("Vouchers"), "ticket", Access.SEE_VOUCHERS, find_vouchers))
