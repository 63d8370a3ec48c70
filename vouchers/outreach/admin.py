"""Communication in the administration: to be read, never changed."""

from django.contrib import admin

from smartbis_admin.ui.admin import ReadOnlyAdmin
from vouchers.outreach.models import Campaign, Message, SurveyAnswer, Template


@admin.register(Message)
class MessageAdmin(ReadOnlyAdmin):
    list_display = ("queued_at", "trigger", "channel", "state", "reason", "customer")
    list_filter = ("state", "trigger", "channel")
    list_select_related = ("customer",)


@admin.register(Campaign)
class CampaignAdmin(ReadOnlyAdmin):
    list_display = ("name", "state", "reachable", "created_by", "created_at")
    list_filter = ("state",)
    list_select_related = ("created_by",)


@admin.register(Template)
class TemplateAdmin(ReadOnlyAdmin):
    list_display = ("trigger", "name", "channel", "language", "version", "created_at")
    list_filter = ("trigger", "channel", "language")


@admin.register(SurveyAnswer)
class SurveyAnswerAdmin(ReadOnlyAdmin):
    list_display = ("answered_at", "customer", "score", "channel")
    list_select_related = ("customer",)
