"""From a file to the platform: checked, sent once, taken back, resumed; each outcome against the sandbox."""

import uuid
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from customers.imports import import_kinds, reading, sending, services
from customers.imports.identity import write_id
from customers.imports.models import Import, ImportFile, ImportRow
from customers.imports.sending import follow_up, sweep, work
from customers.imports.services import ImportRefusedError, discard, pause, start, undo, upload
from customers.models import Customer, Sale
from customers.services import refresh_customer, register_sale
from sandbox.testing import SandboxServer
from smartbis_admin.connections.models import Connection
from smartbis_admin.staff.models import AuditEvent, User
from smartbis_admin.writes.models import Write
from smartbis_admin.writes.settling import settle_by_person
from tests.imports.conftest import CPFS, CUSTOMERS, csv_file, states

pytestmark = pytest.mark.django_db
SALES = [
    ["CPF", "Valor", "Data", "Cupom"],
    [CPFS[0], "100,00", "05/03/2026", "A1"],
    [CPFS[0], "50,00", "", "A2"],
]


def posted(sandbox: SandboxServer, what: str) -> int:
    """How many such calls reached the sandbox."""
    return sum(1 for call in sandbox.log() if call["method"] == "POST" and call["path"].endswith(what))


@pytest.fixture
def ana(sandbox: SandboxServer) -> None:
    sandbox.act("create_customer", name="Ana Prado", cpf=CPFS[0], phone="11988880001")


def test_a_file_of_customers_is_checked_then_sent(
    checked: Callable[..., Import], sandbox: SandboxServer, manager: User
) -> None:
    batch = checked()
    assert (batch.state, batch.rows_read, states(batch)) == ("checked", 2, [(2, "ready"), (3, "ready")])
    assert sandbox.log() == []
    start(batch=batch, by=manager)
    work(batch.pk)
    batch.refresh_from_db()
    assert (batch.state, states(batch)) == ("done", [(2, "done"), (3, "done")])
    assert posted(sandbox, "customers") == 2
    assert sorted(Customer.objects.values_list("name", "cpf", "phone")) == [
        ("Ana Prado", CPFS[0], "+5511988880001"),
        ("José Ávila", CPFS[1], "+5521977770002"),
    ]
    assert not ImportFile.objects.exists()
    assert [
        event.action for event in AuditEvent.objects.filter(action__startswith="import.").order_by("pk")
    ] == [
        "import.uploaded",
        "import.started",
    ]


def test_the_check_marks_errors_repeats_and_known_customers(
    checked: Callable[..., Import], connection: Connection
) -> None:
    Customer.objects.create(
        connection=connection, remote_id="1", content_hash=b"", name="Ana", name_search="ana", cpf=CPFS[0]
    )
    rows = [
        *CUSTOMERS,
        ["Outro Nome", CPFS[1], "11988880003", "", ""],
        ["", "111.111.111-11", "123", "não", "31/02/1990"],
    ]
    batch = checked(rows)
    assert list(batch.rows.values_list("number", "state", "problems")) == [
        (2, "known", [["cpf", "known"]]),
        (3, "ready", []),
        (4, "repeated", [["", "same_as_line", 3]]),
        (
            5,
            "invalid",
            [
                ["name", "required"],
                ["cpf", "invalid"],
                ["phone", "invalid"],
                ["email", "invalid"],
                ["birth_date", "invalid"],
            ],
        ),
    ]


def test_the_same_file_is_one_import(
    checked: Callable[..., Import], connection: Connection, manager: User
) -> None:
    batch = checked()
    again, new = upload(
        kind="customers", connection=connection, name="outro.csv", content=csv_file(CUSTOMERS), by=manager
    )
    assert (again.pk, new, Import.objects.count()) == (batch.pk, False, 1)


def test_the_same_rows_in_another_file_are_not_sent_again(
    checked: Callable[..., Import], sandbox: SandboxServer, manager: User, ana: None
) -> None:
    first = checked(SALES, "sales")
    start(batch=first, by=manager)
    work(first.pk)
    assert posted(sandbox, "sales") == 2
    second = checked([*SALES, [CPFS[0], "50,00", "", "A3"]], "sales")
    assert states(second) == [(2, "repeated"), (3, "repeated"), (4, "ready")]
    start(batch=second, by=manager)
    work(second.pk)
    assert posted(sandbox, "sales") == 3
    assert sorted(Sale.objects.values_list("amount", flat=True)) == [Decimal(50), Decimal(50), Decimal(100)]


def test_two_imports_checked_before_either_is_sent_send_their_common_row_once(
    checked: Callable[..., Import], sandbox: SandboxServer, manager: User, ana: None
) -> None:
    batches = [checked(SALES[:2], "sales"), checked([SALES[0], SALES[1], [], ["", "", "", ""]], "sales")]
    assert [states(batch) for batch in batches] == [[(2, "ready")]] * 2
    for batch in batches:
        start(batch=batch, by=manager)
        work(batch.pk)
    assert [states(batch) for batch in batches] == [[(2, "done")], [(2, "repeated")]]
    assert posted(sandbox, "sales") == 1


def test_a_sale_keeps_its_own_day_and_number(
    checked: Callable[..., Import], sandbox: SandboxServer, manager: User, ana: None
) -> None:
    batch = checked(SALES, "sales")
    assert [row.problems for row in batch.rows.all()] == [[["cpf", "not_here"]]] * 2
    start(batch=batch, by=manager)
    work(batch.pk)
    dated = Sale.objects.get(amount=100)
    assert timezone.localtime(dated.sold_at).strftime("%d/%m/%Y %H:%M") == "05/03/2026 12:00"
    assert timezone.now() - Sale.objects.get(amount=50).sold_at < timedelta(minutes=1)


def test_a_sale_of_nobody_is_refused_without_a_write(
    checked: Callable[..., Import], sandbox: SandboxServer, manager: User
) -> None:
    batch = checked(SALES[:2], "sales")
    start(batch=batch, by=manager)
    work(batch.pk)
    assert list(batch.rows.values_list("state", "problems")) == [("refused", [["cpf", "nobody"]])]
    assert (posted(sandbox, "sales"), Write.objects.count()) == (0, 0)


def test_a_customer_the_platform_has_already_is_known_and_not_an_error(
    checked: Callable[..., Import], sandbox: SandboxServer, manager: User, ana: None
) -> None:
    batch = checked()
    start(batch=batch, by=manager)
    work(batch.pk)
    assert list(batch.rows.values_list("state", "problems")) == [("known", [["cpf", "known"]]), ("done", [])]


def test_what_the_platform_refused_may_be_sent_by_another_file_as_a_new_intent(
    checked: Callable[..., Import],
    connection: Connection,
    sandbox: SandboxServer,
    manager: User,
    ana: None,
) -> None:
    stale = Customer.objects.create(
        connection=connection, remote_id="999", content_hash=b"", name="Ana", name_search="ana", cpf=CPFS[0]
    )
    refused = checked(SALES[:2], "sales")
    start(batch=refused, by=manager)
    work(refused.pk)
    row = refused.rows.get()
    assert (row.state, Write.objects.get().code) == ("refused", "customer_not_found")
    assert row.message
    assert Sale.objects.filter(write__state="done").count() == 0
    Sale.objects.update(customer_remote_id="gone")
    stale.delete()
    again = checked([SALES[0], SALES[1], ["", "", "", ""], SALES[2]], "sales")
    assert states(again) == [(2, "ready"), (4, "ready")]
    start(batch=again, by=manager)
    work(again.pk)
    assert states(again) == [(2, "done"), (4, "done")]
    assert sorted(Write.objects.values_list("state", flat=True)) == ["done", "done", "refused"]


def test_a_lost_answer_is_in_doubt_for_its_row_alone_and_followed_up(
    checked: Callable[..., Import], sandbox: SandboxServer, manager: User, ana: None
) -> None:
    batch = checked([*SALES[:2], [CPFS[1], "10,00", "", ""]], "sales")
    sandbox.act("create_customer", name="José Ávila", cpf=CPFS[1], phone="21977770002")
    start(batch=batch, by=manager)
    sandbox.fault("drop_after", method="POST", path="sales")
    work(batch.pk)
    batch.refresh_from_db()
    assert (batch.state, states(batch)) == ("done", [(2, "in_doubt"), (3, "done")])
    assert posted(sandbox, "sales") == 2
    # Asked to go on, nothing is sent again.
    with pytest.raises(ImportRefusedError):
        start(batch=batch, by=manager)
    write = Write.objects.get(state="in_doubt")
    assert batch.rows.get(number=2).write_id == write.pk
    settle_by_person(write=write, state=Write.State.DONE, by=manager, reason="vi no painel")
    sweep()
    assert states(batch) == [(2, "done"), (3, "done")]
    assert posted(sandbox, "sales") == 2


def test_a_platform_that_cannot_be_reached_leaves_the_rows_ready(
    checked: Callable[..., Import], connection: Connection, sandbox: SandboxServer, manager: User
) -> None:
    batch = checked()
    start(batch=batch, by=manager)
    good = connection.base_url
    Connection.objects.filter(pk=connection.pk).update(base_url="http://127.0.0.1:9/v2/")
    work(batch.pk)
    batch.refresh_from_db()
    assert (batch.state, batch.worker, states(batch)) == ("running", None, [(2, "ready"), (3, "ready")])
    Connection.objects.filter(pk=connection.pk).update(base_url=good)
    work(batch.pk)
    batch.refresh_from_db()
    assert (batch.state, batch.reason, states(batch)) == ("done", "", [(2, "done"), (3, "done")])
    assert posted(sandbox, "customers") == 2


def test_credentials_that_are_refused_pause_the_import(
    checked: Callable[..., Import], connection: Connection, manager: User, sandbox: SandboxServer
) -> None:
    batch = checked()
    connection.credentials = {"api_key": "sandbox-laravel", "api_secret": "wrong"}
    connection.save(update_fields=["credentials"])
    services_before = sandbox.log()
    start(batch=batch, by=manager)
    work(batch.pk)
    batch.refresh_from_db()
    assert (batch.state, batch.reason, states(batch)) == (
        "paused",
        "NotAllowed",
        [(2, "ready"), (3, "ready")],
    )
    assert posted(sandbox, "customers") == 0
    assert services_before == []


def test_a_row_waits_while_another_write_of_its_customer_is_open(
    checked: Callable[..., Import], connection: Connection, sandbox: SandboxServer, manager: User, ana: None
) -> None:
    batch = checked(SALES[:2], "sales")
    sandbox.fault("drop_after", method="POST", path="sales")
    start(batch=batch, by=manager)
    customer = _mirror(connection, sandbox)
    register_sale(id=uuid.uuid4(), customer=customer, amount=Decimal(7), actor=manager)
    work(batch.pk)
    batch.refresh_from_db()
    assert (batch.state, batch.reason, states(batch)) == ("running", "busy", [(2, "ready")])
    settle_by_person(
        write=Write.objects.get(state="in_doubt"), state=Write.State.DONE, by=manager, reason="vi no painel"
    )
    work(batch.pk)
    batch.refresh_from_db()
    assert (batch.state, states(batch)) == ("done", [(2, "done")])


def _mirror(connection: Connection, sandbox: SandboxServer) -> Customer:
    return refresh_customer(connection=connection, cpf=CPFS[0])[0]


def test_undo_takes_back_what_has_not_left_and_nothing_else(
    checked: Callable[..., Import], sandbox: SandboxServer, manager: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sending, "SLICE", -1.0)
    batch = checked()
    start(batch=batch, by=manager)
    work(batch.pk)
    assert states(batch) == [(2, "done"), (3, "ready")]
    assert undo(batch=batch, by=manager) == 1
    work(batch.pk)
    batch.refresh_from_db()
    assert (batch.state, states(batch)) == ("done", [(2, "done"), (3, "undone")])
    assert posted(sandbox, "customers") == 1


def test_a_row_taken_back_while_its_turn_comes_is_not_sent(
    checked: Callable[..., Import], sandbox: SandboxServer, manager: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = checked()
    start(batch=batch, by=manager)
    real = sending.next_intent

    def rival(*args: Any) -> Any:
        ImportRow.objects.filter(batch=batch, state="ready").update(state="undone")
        return real(*args)

    monkeypatch.setattr(sending, "next_intent", rival)
    work(batch.pk)
    assert states(batch) == [(2, "undone"), (3, "undone")]
    assert posted(sandbox, "customers") == 0


def test_pause_stops_after_the_row_on_its_way_and_start_goes_on(
    checked: Callable[..., Import], sandbox: SandboxServer, manager: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    batch = checked()
    start(batch=batch, by=manager)
    real = import_kinds.create_customer

    def pausing(**intent: Any) -> Write:
        monkeypatch.setattr(import_kinds, "create_customer", real)
        pause(batch=Import.objects.get(pk=batch.pk), by=manager)
        return real(**intent)

    monkeypatch.setattr(import_kinds, "create_customer", pausing)
    work(batch.pk)
    batch.refresh_from_db()
    assert (batch.state, batch.worker, states(batch)) == ("paused", None, [(2, "done"), (3, "ready")])
    start(batch=batch, by=manager)
    work(batch.pk)
    assert states(batch) == [(2, "done"), (3, "done")]
    assert posted(sandbox, "customers") == 2


class _Killed(BaseException):
    """The worker's process is gone."""


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_dead_worker_is_taken_over_and_no_row_is_sent_twice(
    checked: Callable[..., Import],
    sandbox: SandboxServer,
    manager: User,
    monkeypatch: pytest.MonkeyPatch,
    when: str,
) -> None:
    batch = checked()
    start(batch=batch, by=manager)
    real = import_kinds.create_customer

    def dying(**intent: Any) -> Write:
        if when == "after":
            real(**intent)
        raise _Killed

    monkeypatch.setattr(import_kinds, "create_customer", dying)
    with pytest.raises(_Killed):
        work(batch.pk)
    monkeypatch.setattr(import_kinds, "create_customer", real)
    assert states(batch) == [(2, "sending"), (3, "ready")]
    # Its lease still holds.
    work(batch.pk)
    assert states(batch) == [(2, "sending"), (3, "ready")]
    Import.objects.update(heartbeat_at=timezone.now() - services.STALE_AFTER)
    work(batch.pk)
    assert states(batch) == [(2, "done"), (3, "done")]
    assert posted(sandbox, "customers") == 2


def test_a_check_that_died_begins_again(checked: Callable[..., Import]) -> None:
    batch = checked()
    Import.objects.update(
        state="checking", worker=uuid.uuid4(), heartbeat_at=timezone.now() - services.STALE_AFTER
    )
    batch.rows.filter(number=3).delete()
    work(batch.pk)
    batch.refresh_from_db()
    assert (batch.state, states(batch)) == ("checked", [(2, "ready"), (3, "ready")])


def test_a_file_that_breaks_half_way_is_said_and_leaves_no_row(
    checked: Callable[..., Import], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "MAX_ROWS", 13)
    batch = checked([CUSTOMERS[0], *([CUSTOMERS[1]] * 14)])
    assert (batch.state, batch.reason, states(batch)) == ("mapping", "too_many_rows", [])


def test_discard_forgets_only_what_never_began(checked: Callable[..., Import], manager: User) -> None:
    batch = checked()
    discard(batch=batch, by=manager)
    assert (Import.objects.count(), ImportRow.objects.count(), ImportFile.objects.count()) == (0, 0, 0)
    batch = checked()
    start(batch=batch, by=manager)
    work(batch.pk)
    with pytest.raises(ImportRefusedError) as refusal:
        discard(batch=batch, by=manager)
    assert (refusal.value.reason, Import.objects.count(), ImportRow.objects.count()) == ("began", 1, 2)


def test_a_write_that_never_left_after_all_goes_on(
    checked: Callable[..., Import], manager: User, sandbox: SandboxServer
) -> None:
    batch = checked(CUSTOMERS[:2])
    start(batch=batch, by=manager)
    row = batch.rows.get()
    Write.objects.create(
        id=write_id(batch, row),
        connection=batch.connection,
        kind="create_customer",
        payload={"name": "Ana Prado", "cpf": CPFS[0], "phone": "+5511988880001"},
        state="not_sent",
        actor=manager,
    )
    batch.rows.update(state="in_doubt", write_id=write_id(batch, row))
    Import.objects.update(state="done")
    follow_up(batch)
    batch.refresh_from_db()
    assert (batch.state, states(batch)) == ("running", [(2, "ready")])
    work(batch.pk)
    assert states(batch) == [(2, "done")]
    assert (posted(sandbox, "customers"), Write.objects.count()) == (1, 1)
