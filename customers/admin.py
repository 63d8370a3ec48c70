"""The owner's administration of this room: to look at."""

from django.contrib import admin

from customers.models import Consent, Customer, Sale, Tag
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


@admin.register(Consent)
class ConsentAdmin(ReadOnlyAdmin):
    list_display = ("customer", "channel", "is_given", "said_on", "source", "recorded_by")
    list_select_related = ("customer", "recorded_by")
    ordering = ("-pk",)


@admin.register(Tag)
class TagAdmin(ReadOnlyAdmin):
    list_display = ("name", "color", "created_by", "archived_at")
    list_select_related = ("created_by",)
