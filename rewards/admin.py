"""The owner's look at the mirrors of rewards and at the stock history. Nothing here can be changed."""

from django.contrib import admin

from rewards.models import Category, Reward, StockChange, StockReading, StockWatch
from smartbis_admin.ui.admin import ReadOnlyAdmin


@admin.register(Category)
class CategoryAdmin(ReadOnlyAdmin):
    list_display = ("name", "connection", "remote_id", "stored_at", "withdrawn_at")
    list_filter = ("connection",)
    list_select_related = ("connection",)
    search_fields = ("name", "remote_id")


@admin.register(Reward)
class RewardAdmin(ReadOnlyAdmin):
    list_display = ("name", "connection", "remote_id", "status", "stock", "stored_at", "withdrawn_at")
    list_filter = ("connection", "status")
    list_select_related = ("connection",)
    search_fields = ("name", "remote_id")


@admin.register(StockChange)
class StockChangeAdmin(ReadOnlyAdmin):
    list_display = ("reward", "before", "target", "after", "write")
    list_select_related = ("reward", "write")
    raw_id_fields = ("reward", "write")


@admin.register(StockReading)
class StockReadingAdmin(ReadOnlyAdmin):
    list_display = ("reward", "stock", "at")
    list_select_related = ("reward",)
    raw_id_fields = ("reward",)


@admin.register(StockWatch)
class StockWatchAdmin(ReadOnlyAdmin):
    list_display = ("reward", "low_at", "went", "days", "measured_at")
    list_select_related = ("reward",)
    raw_id_fields = ("reward",)
