"""The owner's administration of people and places. The audit trail can be read, never changed."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from smartbis_admin.staff.models import AuditEvent, Store, Till, User
from smartbis_admin.staff.pins import clear_pin
from smartbis_admin.staff.stores import save_store
from smartbis_admin.ui.admin import ReadOnlyAdmin


class _CreationForm(AdminUserCreationForm):
    class Meta:
        model = User
        fields = ("email",)


class _ChangeForm(UserChangeForm):
    class Meta:
        model = User
        fields = "__all__"


@admin.register(User)
class UserAdmin(DjangoUserAdmin):
    form = _ChangeForm
    add_form = _CreationForm
    ordering = ("email",)
    list_display = ("email", "first_name", "last_name", "is_active", "last_login")
    list_filter = ("is_active", "groups", "stores")
    search_fields = ("email", "first_name", "last_name")
    filter_horizontal = ("groups", "stores")
    actions = ("clear_pins",)
    fieldsets = (
        (None, {"fields": ("email", "password")}),
        (_("Pessoa"), {"fields": ("first_name", "last_name", "stores")}),
        (_("Perfil"), {"fields": ("is_active", "is_staff", "is_superuser", "groups")}),
        (_("Datas"), {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = (
        (None, {"classes": ("wide",), "fields": ("email", "usable_password", "password1", "password2")}),
    )

    @admin.action(description=_("Apagar o PIN"), permissions=["change"])
    def clear_pins(self, request: HttpRequest, people: QuerySet[User]) -> None:
        cleared = sum(clear_pin(user=person, by=request.user) for person in people)  # type: ignore[arg-type]
        text = ngettext("%(count)s PIN apagado.", "%(count)s PINs apagados.", cleared)
        self.message_user(request, text % {"count": cleared})


class TillInline(admin.TabularInline):
    model = Till
    extra = 0


@admin.register(Store)
class StoreAdmin(admin.ModelAdmin):
    list_display = ("name", "time_zone", "is_active")
    inlines = (TillInline,)

    def save_model(self, request: HttpRequest, obj: Store, form: Any, change: bool) -> None:
        save_store(obj, by=request.user, changed=form.changed_data)  # type: ignore[arg-type]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


@admin.register(AuditEvent)
class AuditEventAdmin(ReadOnlyAdmin):
    list_display = ("at", "actor", "action", "subject")
    list_filter = ("action",)
    list_select_related = ("actor",)
    date_hierarchy = "at"
