"""Every list of the program, walked: what leaves as a file is on record, whoever wrote the list."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from smartbis_admin.staff.models import AuditEvent, User
from smartbis_admin.ui.views import ListView
from tests.access.test_urlconf import DECLARED

LISTS = [
    (name, view)
    for name, entry, view in DECLARED
    if issubclass(view, ListView) and not entry.pattern.converters
]


def test_the_lists_are_found() -> None:
    assert {"customers:list", "customers:sale_list", "vouchers:list", "rewards:list"} <= {
        name for name, _ in LISTS
    }


@pytest.mark.parametrize(("name", "view"), LISTS, ids=[name for name, _ in LISTS])
@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_an_export_is_on_record(name: str, view: Any, kind: str, owner: User, owner_client: Client) -> None:
    response: Any = owner_client.get(reverse(name), {"export": kind})
    assert response["Content-Disposition"].startswith("attachment")
    assert b"".join(response.streaming_content)
    event = AuditEvent.objects.get(action="list.exported")
    assert (event.actor, event.subject) == (owner, f"list:{name}")
    assert event.details == {"format": kind, "filters": []}


def test_no_list_answers_with_a_file_by_itself() -> None:
    """`get` and `export` of the kit are where it is put on record."""
    assert [name for name, view in LISTS if view.export is not ListView.export] == []
