"""Keeps the Django groups of the four roles equal to the table in `access.py` after every migration."""

from typing import Any

from django.apps import AppConfig
from django.apps.registry import Apps
from django.apps.registry import apps as installed_apps

from smartbis_admin.staff.access import LABELS, ROLE_ACCESS


def keep_roles(*, app_config: AppConfig, apps: Apps = installed_apps, using: str, **kwargs: Any) -> None:
    """Create the permissions and groups that are missing; give each group exactly its role's permissions.

    Permissions of the role table that a group lost or gained by hand are put right, so that the table
    in the code is the whole truth. `post_migrate` receiver of the staff app; `flush` sends
    the signal without `apps`.
    """
    try:
        group_model = apps.get_model("auth", "Group")
        permission_model = apps.get_model("auth", "Permission")
        content_type_model = apps.get_model("contenttypes", "ContentType")
        apps.get_model("staff", "User")
    except LookupError:
        return
    content_type, _created = content_type_model.objects.using(using).get_or_create(
        app_label="staff", model="user"
    )
    permissions = {}
    for access, label in LABELS.items():
        permissions[access], _created = permission_model.objects.using(using).update_or_create(
            content_type=content_type, codename=access.codename, defaults={"name": str(label)}
        )
    for role, granted in ROLE_ACCESS.items():
        group, _created = group_model.objects.using(using).get_or_create(name=role.value)
        group.permissions.set([permissions[access] for access in granted])
