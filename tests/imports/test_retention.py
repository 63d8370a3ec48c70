"""Rows of files are kept as long as the setting says, and no row somebody still waits for is lost."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import Settings

from customers.imports.models import Import, ImportFile, ImportRow
from customers.imports.sending import work
from customers.imports.services import start, upload
from customers.imports.tasks import erase_old
from customers.models import Customer
from sandbox.testing import SandboxServer
from smartbis_admin.connections.models import Connection
from smartbis_admin.staff.models import AuditEvent, User
from tests.imports.conftest import CUSTOMERS, csv_file

Checked = Callable[..., Import]


@pytest.fixture(autouse=True)
def _thirty_days(settings: Settings) -> None:
    settings.IMPORT_DAYS = 30


def age(batch: Import, days: int) -> None:
    then = timezone.now() - timedelta(days=days)
    Import.objects.filter(pk=batch.pk).update(created_at=then)
    Import.objects.filter(pk=batch.pk, finished_at__isnull=False).update(finished_at=then)


@pytest.fixture
def sent(checked: Checked, manager: User) -> Import:
    batch = checked([*CUSTOMERS, ["Zé", "111", "(11) 98888-0009", "", ""]])
    start(batch=batch, by=manager)
    work(batch.pk)
    batch.refresh_from_db()
    assert batch.state == "done"
    return batch


def test_a_finished_import_keeps_its_numbers_alone(
    sent: Import, manager: User, manager_client: Client, connection: Connection, sandbox: SandboxServer
) -> None:
    age(sent, 29)
    erase_old()
    assert sent.rows.count() == 3
    age(sent, 31)
    erase_old()
    erase_old()
    sent.refresh_from_db()
    assert (sent.rows.count(), sent.sample, sent.summary) == (0, [], {"done": 2, "invalid": 1})
    events = AuditEvent.objects.filter(action="import.erased").values_list("actor", "subject", "details")
    assert list(events) == [(None, f"import:{sent.pk}", {"rows": 3})]
    page = manager_client.get(reverse("imports:detail", args=[sent.pk])).content.decode()
    for text in ("As linhas deste arquivo foram apagadas em", "planilha.csv", "Feita", "Com erro"):
        assert text in page
    assert "para corrigir" not in page
    for name in ("errors", "columns"):
        assert manager_client.get(reverse(f"imports:{name}", args=[sent.pk])).status_code == 404

    # The ledger remembers: the same rows in another file are still never sent twice.
    Customer.objects.all().delete()
    again, new = upload(
        kind="customers",
        connection=connection,
        name="outra.csv",
        content=csv_file(CUSTOMERS) + b"\n",
        by=manager,
    )
    assert new
    manager_client.post(
        reverse("imports:columns", args=[again.pk]),
        {"has_header": "on"} | {name: str(column) for name, column in again.mapping.items()},
    )
    work(again.pk)
    assert set(again.rows.values_list("state", flat=True)) == {"repeated"}
    assert sandbox.committed("customers") == 2


@pytest.mark.parametrize("state", ["in_doubt", "ready", "sending"])
def test_rows_somebody_waits_for_keep_their_import(sent: Import, state: str) -> None:
    ImportRow.objects.filter(pk=sent.rows.all()[:1].get().pk).update(state=state)
    age(sent, 400)
    erase_old()
    assert sent.rows.count() == 3


def test_a_file_that_was_never_sent_is_forgotten(checked: Checked, manager: User) -> None:
    batch = checked()
    age(batch, 29)
    erase_old()
    assert ImportFile.objects.count() == 1
    age(batch, 31)
    erase_old()
    assert (Import.objects.count(), ImportRow.objects.count(), ImportFile.objects.count()) == (0, 0, 0)
    assert AuditEvent.objects.filter(action="import.erased", subject=f"import:{batch.pk}").count() == 1


def test_a_paused_import_is_work_that_goes_on(checked: Checked, manager: User) -> None:
    batch = checked()
    start(batch=batch, by=manager)
    Import.objects.filter(pk=batch.pk).update(state="paused")
    age(batch, 400)
    erase_old()
    assert batch.rows.count() == 2
