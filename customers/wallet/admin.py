"""Wallet cards in the administration: to be read, never changed."""

from django.contrib import admin

from customers.wallet.models import Card
from smartbis_admin.ui.admin import ReadOnlyAdmin


@admin.register(Card)
class CardAdmin(ReadOnlyAdmin):
    list_display = ("customer_remote_id", "connection", "created_at")
    list_filter = ("connection",)
    list_select_related = ("connection",)
    search_fields = ("=customer_remote_id",)
