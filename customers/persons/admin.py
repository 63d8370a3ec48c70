"""Answers to "É a mesma pessoa?" in the administration: to be read, never changed."""

from django.contrib import admin

from customers.persons.models import SamePerson
from smartbis_admin.ui.admin import ReadOnlyAdmin


@admin.register(SamePerson)
class SamePersonAdmin(ReadOnlyAdmin):
    list_display = ("first", "second", "is_same", "by", "at")
    list_filter = ("is_same",)
    list_select_related = ("first", "second", "by")
