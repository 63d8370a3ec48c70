"""The owner's administration of this room: mirrored customers and sales to look at, the rule to enter."""

from django.contrib import admin

from customers.models import Customer, ProgrammeRule, Sale
from smartbis_admin.ui.admin import ReadOnlyAdmin


@admin.register(Customer)
class CustomerAdmin(ReadOnlyAdmin):
    list_display = ("name", "connection", "points_balance", "cashback_balance", "remote_created_at")
    list_select_related = ("connection",)
    search_fields = ("name_search__startswith", "=cpf", "=remote_id")
    ordering = ("name_search", "pk")


@admin.register(Sale)
class SaleAdmin(ReadOnlyAdmin):
    list_display = ("sold_at", "customer", "amount", "write", "store", "registered_by")
    list_select_related = ("customer", "write", "store", "registered_by")
    ordering = ("-sold_at", "-pk")


@admin.register(ProgrammeRule)
class ProgrammeRuleAdmin(admin.ModelAdmin):
    list_display = (
        "connection",
        "cashback_percent",
        "points_per_brl",
        "minimum_to_earn",
        "voucher_threshold",
    )
    list_select_related = ("connection",)
