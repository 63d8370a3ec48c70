"""The owner's look at the mirror of vouchers and at every scan. Nothing here can be changed."""

from django.contrib import admin

from smartbis_admin.ui.admin import ReadOnlyAdmin
from vouchers.models import Redemption, Voucher


@admin.register(Voucher)
class VoucherAdmin(ReadOnlyAdmin):
    list_display = ("remote_id", "connection", "status", "issued_at", "expires_at", "used_at", "withdrawn_at")
    list_filter = ("connection", "status", "origin")
    list_select_related = ("connection",)
    search_fields = ("=code_key",)


@admin.register(Redemption)
class RedemptionAdmin(ReadOnlyAdmin):
    list_display = ("happened_at", "code", "state", "reason", "cashier", "till")
    list_filter = ("state", "store")
    list_select_related = ("cashier", "till__store")
    search_fields = ("=code",)
