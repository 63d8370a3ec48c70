"""The administration of the rule: to look at. It is changed on its own screens, which keep versions."""

from django.contrib import admin

from customers.rules.models import Campaign, RuleVersion
from smartbis_admin.ui.admin import ReadOnlyAdmin


@admin.register(RuleVersion)
class RuleVersionAdmin(ReadOnlyAdmin):
    list_display = (
        "connection",
        "valid_from",
        "cashback_percent",
        "points_per_brl",
        "minimum_to_earn",
        "voucher_threshold",
        "created_by",
    )
    list_select_related = ("connection", "created_by")
    ordering = ("-valid_from", "-pk")


@admin.register(Campaign)
class CampaignAdmin(ReadOnlyAdmin):
    list_display = ("name", "connection", "first_day", "last_day", "created_by", "ended_at")
    list_select_related = ("connection", "created_by")
    ordering = ("-first_day", "-pk")
