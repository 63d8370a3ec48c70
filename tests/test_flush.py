"""What one test commits no other test meets."""

from django.contrib.auth.models import Group, Permission
from django.db import connection
from django_celery_beat.models import PeriodicTask

from smartbis_admin.staff.models import User
from tests.flush import Flush


def everything() -> dict[str, list[tuple[object, ...]]]:
    with connection.cursor() as cursor:
        rows = {}
        for table in connection.introspection.django_table_names(only_existing=True, include_views=False):
            cursor.execute(f'SELECT * FROM "{table}" ORDER BY 1')
            rows[table] = list(cursor.fetchall())
    return rows


def test_what_was_added_goes_and_what_was_changed_is_as_before(transactional_db: None) -> None:
    before, flush = everything(), Flush()
    assert {table for table, rows in before.items() if rows} >= {"auth_group", "auth_permission"}
    assert before["staff_user"] == []

    person = User.objects.create_user("ana@people.test", password="senha")
    person.groups.add(Group.objects.first())
    Group.objects.last().delete()
    Permission.objects.first().delete()
    PeriodicTask.objects.update(enabled=False)
    assert everything() != before
    flush()
    assert everything() == before
    flush()
    assert everything() == before
