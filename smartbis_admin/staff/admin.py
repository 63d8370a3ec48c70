"""The owner's administration of people and places. The audit trail can be read, never changed."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.contrib.auth.models import Group
from django.db.models import ManyToManyField, QuerySet
from django.forms import CheckboxSelectMultiple
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from smartbis_admin.staff.access import ROLE_LABELS, Role
from smartbis_admin.staff.models import AuditEvent, Store, Till, User
from smartbis_admin.staff.pins import clear_pin
from smartbis_admin.staff.stores import save_store
from smartbis_admin.ui.admin import ForOwners, ReadOnlyAdmin

# What a role may do stands in the code: a change made here would be undone by the next version.
admin.site.unregister(Group)


class _CreationForm(AdminUserCreationForm):
    class Meta:
        model = User
        fields = ("email",)


class _ChangeForm(UserChangeForm):
    class Meta:
        model = User
        fields = "__all__"


def _role_label(group: Group) -> str:
    return str(ROLE_LABELS[Role(group.name)]) if group.name in set(Role) else group.name


@admin.register(User)
class UserAdmin(ForOwners, DjangoUserAdmin):
    form = _ChangeForm
    add_form = _CreationForm
    ordering = ("email",)
    list_display = ("email", "first_name", "last_name", "is_active", "last_login")
    list_filter = ("is_active", "groups", "stores")
    search_fields = ("email", "first_name", "last_name")
    filter_horizontal = ()
    readonly_fields = ("last_login", "date_joined")
    actions = ("clear_pins",)
    fieldsets = (
        (None, {"fields": ("email", "password")}),
        (_("Pessoa"), {"fields": ("first_name", "last_name", "stores")}),
        (_("Perfil"), {"fields": ("is_active", "is_superuser", "groups")}),
        (_("Datas"), {"fields": ("last_login", "date_joined")}),
    )
    add_fieldsets = (
        (None, {"classes": ("wide",), "fields": ("email", "usable_password", "password1", "password2")}),
    )

    # Whoever may do everything is kept by their like alone, or the owner would be one press away from it.
    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        fields = super().get_readonly_fields(request, obj)
        return fields if request.user.is_superuser else (*fields, "is_superuser")

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        above = obj is not None and obj.is_superuser and not request.user.is_superuser
        return not above and super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return self.has_change_permission(request, obj)

    def formfield_for_manytomany(
        self, db_field: "ManyToManyField[Any, Any]", request: Any, **kwargs: Any
    ) -> Any:
        field: Any = super().formfield_for_manytomany(
            db_field, request, widget=CheckboxSelectMultiple(), **kwargs
        )
        if field is not None and db_field.name == "groups":
            field.label_from_instance = _role_label
        return field

    @admin.action(description=_("Apagar o PIN"), permissions=["change"])
    def clear_pins(self, request: HttpRequest, people: QuerySet[User]) -> None:
        cleared = sum(clear_pin(user=person, by=request.user) for person in people)  # type: ignore[arg-type]
        text = ngettext("%(count)s PIN apagado.", "%(count)s PINs apagados.", cleared)
        self.message_user(request, text % {"count": cleared})


class TillInline(ForOwners, admin.TabularInline):
    model = Till
    extra = 0


@admin.register(Store)
class StoreAdmin(ForOwners, admin.ModelAdmin):
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
