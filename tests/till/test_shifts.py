"""Shifts: one open per till, handed over by PIN, locked when idle, closed with a summary."""

import threading
import uuid
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connections, transaction
from django.db import connection as database
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from sandbox.testing import SandboxServer
from smartbis_admin.connections.models import Connection
from smartbis_admin.staff import shifts
from smartbis_admin.staff.access import Role
from smartbis_admin.staff.models import AuditEvent, Pin, Shift, Store, Till, User
from smartbis_admin.staff.pins import (
    LOCKED_FOR,
    MOST_FAILURES,
    PinLockedError,
    WrongPinError,
    set_pin,
    verify_pin,
)
from smartbis_admin.staff.shifts import TillTakenError, close_shift, open_shift
from tests.conftest import signed_in
from tests.till.conftest import CODE, effects, validations
from vouchers.models import Redemption
from vouchers.till.shift_summary import summarise

TILL, PLACE, SCRIPT = "/caixa/", "/caixa/ponto/", {"HTTP_HX_REQUEST": "true"}
PIN = "4071"


@pytest.fixture
def at_till(cashier_client: Client, till: Till, connection: Connection) -> Client:
    """Caio with his shift open at the first till."""
    cashier_client.post(PLACE, {"till": till.pk})
    return cashier_client


@pytest.fixture
def ana(make_person: Callable[..., User]) -> User:
    """A second cashier, with a PIN."""
    person = make_person("ana", Role.CASHIER)
    set_pin(user=person, pin=PIN)
    return person


def read(client: Client, code: str = CODE, **how: Any) -> Any:
    return client.post("/caixa/ler/", {"scan": str(uuid.uuid4()), "code": code}, **(SCRIPT | how))


def idle(minutes: int, person: User) -> None:
    """Let a till stand idle, its cashier signed in long ago."""
    then = timezone.now() - timedelta(minutes=minutes)
    Shift.objects.update(seen_at=then)
    User.objects.filter(pk=person.pk).update(last_login=then)


# --- Opening and closing ----------------------------------------------------------------------------------
def test_choosing_the_till_opens_the_shift_and_scans_belong_to_it(
    at_till: Client, cashier: User, till: Till, voucher: str
) -> None:
    shift = Shift.objects.get()
    assert (shift.cashier, shift.till, shift.closed_at) == (cashier, till, None)
    read(at_till)
    read(at_till, "NAO-EXISTE")
    assert list(Redemption.objects.values_list("shift", flat=True)) == [shift.pk, shift.pk]
    assert [event.actor for event in AuditEvent.objects.filter(action="shift.opened")] == [cashier]


def test_choosing_the_same_till_again_goes_on_with_the_shift(at_till: Client, till: Till) -> None:
    at_till.post(PLACE, {"till": till.pk})
    assert Shift.objects.count() == 1


def test_the_database_keeps_one_open_shift_per_till(cashier: User, manager: User, till: Till) -> None:
    open_shift(till=till, cashier=cashier)
    now = timezone.now()
    with pytest.raises(IntegrityError), transaction.atomic():
        Shift.objects.create(till=till, cashier=manager, opened_at=now, seen_at=now)


def test_somebody_elses_shift_is_never_ended_unasked(
    at_till: Client, manager: User, till: Till, voucher: str, sandbox: SandboxServer
) -> None:
    client = signed_in(manager)
    assert client.post(PLACE, {"till": till.pk}).status_code == 302
    page = client.get(TILL).content.decode()
    assert "Caio está neste ponto de caixa" in page
    assert read(client).headers["HX-Redirect"] == TILL
    plain = client.post("/caixa/ler/", {"scan": str(uuid.uuid4()), "code": CODE}).content.decode()
    assert "A leitura não foi validada. Leia de novo depois de abrir o caixa." in plain
    assert Shift.objects.get().closed_at is None
    assert Redemption.objects.count() == 0
    assert validations(sandbox) == []


def test_taking_a_till_over_ends_the_shift_that_was_shown(
    at_till: Client, cashier: User, manager: User, till: Till
) -> None:
    first = Shift.objects.get()
    client = signed_in(manager)
    client.post(PLACE, {"till": till.pk})
    client.post("/caixa/turno/abrir/", {"instead_of": first.pk})
    first.refresh_from_db()
    assert (first.closed_by, first.is_open) == (manager, False)
    assert Shift.objects.get(closed_at=None).cashier == manager
    assert "Marta está neste ponto de caixa" in at_till.get(TILL).content.decode()


def test_a_shift_opened_meanwhile_is_not_meant(at_till: Client, manager: User, ana: User, till: Till) -> None:
    shown = Shift.objects.get()
    close_shift(shift=shown, by=shown.cashier)
    anas = open_shift(till=till, cashier=ana)
    client = signed_in(manager)
    client.post(PLACE, {"till": till.pk})
    client.post("/caixa/turno/abrir/", {"instead_of": shown.pk})
    with pytest.raises(TillTakenError):
        open_shift(till=till, cashier=manager, instead_of=shown)
    assert Shift.objects.get(closed_at=None) == anas


def test_two_who_open_at_once_get_one_shift(
    transactional_db: None, cashier: User, manager: User, till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both have seen that nobody stands there before either opens; the loser learns who does."""
    real, gate = shifts.open_shift_at, threading.Barrier(2, timeout=30)
    looked = threading.local()
    outcome: dict[int, str] = {}

    def look(place: Till) -> Shift | None:
        found = real(place)
        if not getattr(looked, "once", False):
            looked.once = True
            gate.wait()
        return found

    def go(person: User) -> None:
        try:
            open_shift(till=till, cashier=person)
            outcome[person.pk] = "opened"
        except TillTakenError as error:
            outcome[person.pk] = str(error.shift.cashier_id)
        finally:
            connections.close_all()

    monkeypatch.setattr(shifts, "open_shift_at", look)
    threads = [threading.Thread(target=go, args=(person,)) for person in (cashier, manager)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    winner = Shift.objects.get().cashier_id
    loser = ({cashier.pk, manager.pk} - {winner}).pop()
    assert outcome == {winner: "opened", loser: str(winner)}


def test_closing_shows_the_summary_and_the_till_asks_for_a_new_shift(
    at_till: Client, voucher: str, sandbox: SandboxServer
) -> None:
    read(at_till)
    read(at_till, "NAO-EXISTE")
    assert "Resumo do turno" in at_till.get("/caixa/turno/encerrar/").content.decode()
    assert Shift.objects.get().is_open
    shift = Shift.objects.get()
    answer = at_till.post("/caixa/turno/encerrar/")
    assert answer.url == f"/caixa/turnos/{shift.pk}/"
    page = at_till.get(answer.url).content.decode()
    assert 'Não encontrado: <span class="num">1</span>' in page
    assert "Nenhum turno aberto aqui" in at_till.get(TILL).content.decode()
    before = len(sandbox.log())
    assert read(at_till).headers["HX-Redirect"] == TILL
    assert len(sandbox.log()) == before


def test_the_summary_counts_every_scan_once(at_till: Client, voucher: str, sandbox: SandboxServer) -> None:
    sandbox.act("issue_voucher", [{"code": "VALE-0002"}, {"code": "VALE-0003"}])
    sandbox.act("use_voucher", code="VALE-0003")
    read(at_till)
    read(at_till)
    read(at_till, "VALE-0003")
    read(at_till, "NAO-EXISTE")
    read(at_till, "7")
    sandbox.fault("drop_after", method="POST", path="vouchers/*")
    read(at_till, "VALE-0002")
    summary = summarise(Shift.objects.get().scans.all())
    counts = (summary.valid, summary.repeated, summary.used, summary.refused, summary.in_doubt)
    assert counts == (1, 1, 1, 2, 1)
    assert sorted((str(label), count) for label, count in summary.reasons) == [
        ("Código em branco", 1),
        ("Não encontrado", 1),
    ]
    assert summary.total == Redemption.objects.count() == 6


def test_the_csv_has_a_line_per_scan_without_whole_codes(at_till: Client, voucher: str) -> None:
    read(at_till)
    read(at_till, "NAO-EXISTE")
    answer = at_till.get(f"/caixa/turnos/{Shift.objects.get().pk}/?export=csv")
    text = b"".join(answer.streaming_content).decode() if answer.streaming else answer.content.decode()
    assert CODE not in text
    lines = text.strip().splitlines()
    assert len(lines) == 3
    assert "voucher_not_found" in lines[1]
    assert "Válido" in lines[2]


def test_only_ones_own_shift_unless_a_manager(
    at_till: Client, ana: User, manager_client: Client, viewer_client: Client
) -> None:
    path = f"/caixa/turnos/{Shift.objects.get().pk}/"
    found = [
        client.get(path).status_code for client in (at_till, manager_client, signed_in(ana), viewer_client)
    ]
    assert found == [200, 200, 404, 403]
    assert signed_in(ana).post(f"{path}encerrar/", {"confirmed": "1"}).status_code == 403
    assert Shift.objects.get().is_open


def test_a_manager_closes_a_forgotten_shift(at_till: Client, manager: User, manager_client: Client) -> None:
    path = f"/caixa/turnos/{Shift.objects.get().pk}/encerrar/"
    manager_client.post(path)
    assert Shift.objects.get().is_open
    manager_client.post(path, {"confirmed": "1"})
    assert Shift.objects.get().closed_by == manager


# --- Locking ------------------------------------------------------------------------------------------------
def test_an_idle_till_locks_itself_and_validates_nothing(
    at_till: Client, cashier: User, voucher: str, sandbox: SandboxServer
) -> None:
    idle(11, cashier)
    assert at_till.get("/caixa/leituras/", **SCRIPT).headers["HX-Redirect"] == TILL
    assert "Caixa bloqueado" in at_till.get(TILL).content.decode()
    assert read(at_till).headers["HX-Redirect"] == TILL
    assert (Redemption.objects.count(), validations(sandbox)) == (0, [])


def test_asking_what_is_new_is_no_sign_of_life(at_till: Client, cashier: User) -> None:
    idle(9, cashier)
    seen = Shift.objects.get().seen_at
    assert at_till.get("/caixa/leituras/", **SCRIPT).status_code == 200
    assert Shift.objects.get().seen_at == seen
    assert at_till.get(TILL).status_code == 200
    assert Shift.objects.get().seen_at > seen


def test_the_time_to_lock_is_the_stores(at_till: Client, cashier: User) -> None:
    Store.objects.update(lock_after_minutes=30)
    idle(20, cashier)
    assert "Caixa bloqueado" not in at_till.get(TILL).content.decode()


def test_the_pin_unlocks(at_till: Client, cashier: User) -> None:
    set_pin(user=cashier, pin=PIN)
    idle(11, cashier)
    wrong = at_till.post("/caixa/turno/desbloquear/", {"pin": "9999"})
    assert "O PIN não confere." in wrong.content.decode()
    assert "Caixa bloqueado" in at_till.get(TILL).content.decode()
    assert at_till.post("/caixa/turno/desbloquear/", {"pin": PIN}).url == TILL
    assert "Caixa bloqueado" not in at_till.get(TILL).content.decode()


def test_signing_in_again_unlocks_whoever_has_no_pin(at_till: Client, cashier: User) -> None:
    idle(11, cashier)
    assert "Entrar de novo com a senha" in at_till.get(TILL).content.decode()
    again = signed_in(cashier)
    again.cookies["till"] = at_till.cookies["till"].value
    assert "Caixa bloqueado" not in again.get(TILL).content.decode()


# --- Switching by PIN -----------------------------------------------------------------------------------------
def test_switching_hands_over_the_till_the_shift_and_the_session(
    at_till: Client, cashier: User, ana: User, voucher: str
) -> None:
    answer = at_till.post("/caixa/turno/trocar/", {"cashier": ana.pk, "pin": PIN})
    assert answer.url == TILL
    assert read(at_till).status_code == 200
    scan = Redemption.objects.get()
    assert (scan.cashier, scan.shift.cashier) == (ana, ana)
    assert Shift.objects.get(cashier=cashier).closed_by == ana
    assert at_till.session["_auth_user_id"] == str(ana.pk)


def test_a_wrong_pin_changes_nothing(at_till: Client, cashier: User, ana: User) -> None:
    page = at_till.post("/caixa/turno/trocar/", {"cashier": ana.pk, "pin": "9999"}).content.decode()
    assert "O PIN não confere." in page
    assert "9999" not in page
    assert Shift.objects.get().cashier == cashier
    assert at_till.session["_auth_user_id"] == str(cashier.pk)


def test_a_pin_never_opens_the_back_office(
    at_till: Client, cashier: User, manager: User, owner: User
) -> None:
    for person in (manager, owner):
        set_pin(user=person, pin=PIN)
        assert at_till.post("/caixa/turno/trocar/", {"cashier": person.pk, "pin": PIN}).status_code == 200
    assert at_till.session["_auth_user_id"] == str(cashier.pk)
    assert Shift.objects.get().cashier == cashier


def test_only_cashiers_of_the_store_are_offered(at_till: Client, ana: User) -> None:
    assert "Ana" in at_till.get("/caixa/turno/trocar/").content.decode()
    ana.stores.set([Store.objects.create(name="Loja Praia")])
    assert "Nenhum caixa desta loja tem PIN" in at_till.get("/caixa/turno/trocar/").content.decode()


# --- PINs -----------------------------------------------------------------------------------------------------
def test_a_pin_is_hashed_and_locked_after_failures(ana: User) -> None:
    assert PIN not in Pin.objects.get().hash
    for _try in range(MOST_FAILURES - 1):
        with pytest.raises(WrongPinError):
            verify_pin(user=ana, pin="9999")
    with pytest.raises(PinLockedError):
        verify_pin(user=ana, pin="9999")
    with pytest.raises(PinLockedError):
        verify_pin(user=ana, pin=PIN)
    assert AuditEvent.objects.filter(action="pin.locked", subject=f"user:{ana.pk}").count() == 1
    Pin.objects.update(locked_until=timezone.now() - timedelta(seconds=1))
    verify_pin(user=ana, pin=PIN)
    assert (Pin.objects.get().failures, Pin.objects.get().locked_until) == (0, None)
    assert timedelta(minutes=15) == LOCKED_FOR


def test_the_right_pin_forgets_failures(ana: User) -> None:
    with pytest.raises(WrongPinError):
        verify_pin(user=ana, pin="9999")
    verify_pin(user=ana, pin=PIN)
    assert Pin.objects.get().failures == 0


def test_nobody_without_a_pin_gets_in(cashier: User) -> None:
    with pytest.raises(WrongPinError):
        verify_pin(user=cashier, pin="")


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ({"password": "errada", "pin": PIN, "again": PIN}, "A senha não confere."),
        (
            {"password": "senha", "pin": "1234", "again": "1234"},
            "Este PIN é fácil de adivinhar. Escolha outro.",
        ),
        (
            {"password": "senha", "pin": "0000", "again": "0000"},
            "Este PIN é fácil de adivinhar. Escolha outro.",
        ),
        ({"password": "senha", "pin": "407", "again": "407"}, "O PIN tem de 4 a 8 números."),
        ({"password": "senha", "pin": PIN, "again": "4072"}, "Os dois PINs são diferentes."),
    ],
)
def test_a_bad_pin_is_not_kept(typed: dict[str, str], says: str, cashier_client: Client) -> None:
    assert says in cashier_client.post("/meu-pin/", typed).content.decode()
    assert Pin.objects.count() == 0


def test_a_good_pin_is_kept(cashier: User, cashier_client: Client) -> None:
    cashier_client.post("/meu-pin/", {"password": "senha", "pin": PIN, "again": PIN})
    verify_pin(user=cashier, pin=PIN)
    assert PIN not in str(list(AuditEvent.objects.values()))


# --- The manager's view -----------------------------------------------------------------------------------------
def test_all_tills_today_and_one_cashiers_scans(
    at_till: Client, ana: User, cashier: User, other_till: Till, voucher: str, manager_client: Client
) -> None:
    read(at_till)
    theirs = signed_in(ana)
    theirs.post(PLACE, {"till": other_till.pk})
    read(theirs, "NAO-EXISTE")
    page = manager_client.get("/caixa/turnos/").content.decode()
    assert "Loja Centro · Caixa 1" in page
    assert "Loja Centro · Caixa 2" in page
    rows = manager_client.get("/caixa/turnos/leituras/", {"cashier": ana.pk}).content.decode()
    assert "…ISTE" in rows
    assert "…M-9Q" not in rows
    assert CODE not in rows


def test_lists_cost_the_same_with_many_rows(
    manager_client: Client, connection: Connection, cashier: User, store: Store
) -> None:
    for path in ("/caixa/turnos/", "/caixa/turnos/leituras/"):
        counts = []
        for more in (2, 30):
            for n in range(more):
                place = Till.objects.create(store=store, name=f"{path} {more} {n}")
                shift = open_shift(till=place, cashier=cashier)
                code = f"MANY-{place.pk}"
                Redemption.objects.create(
                    connection=connection, code=code, code_sent=code, state="used", reason="voucher_used",
                    cashier=cashier, till=place, store=store, shift=shift, happened_at=timezone.now(),
                )  # fmt: skip
            with CaptureQueriesContext(database) as queries:
                assert manager_client.get(path).status_code == 200
            counts.append(len(queries))
        assert counts[0] == counts[1] <= 17


@pytest.mark.parametrize("path", ["/caixa/turnos/", "/caixa/turnos/leituras/", "/lojas/"])
def test_managers_screens_are_closed_to_cashiers(path: str, cashier_client: Client) -> None:
    assert cashier_client.get(path).status_code == 403


def test_every_scan_of_the_till_has_its_effect_once(
    at_till: Client, voucher: str, sandbox: SandboxServer
) -> None:
    read(at_till)
    assert effects(sandbox) == 1


def test_the_owner_clears_a_forgotten_pin_and_nobody_else(
    owner: User, owner_client: Client, manager_client: Client, ana: User
) -> None:
    Pin.objects.update(failures=MOST_FAILURES)
    typed = {"action": "clear_pins", "_selected_action": [ana.pk, owner.pk]}
    assert manager_client.post("/admin/staff/user/", typed).status_code == 302
    assert Pin.objects.filter(user=ana).exists()
    User.objects.filter(pk=owner.pk).update(is_superuser=True)
    page = owner_client.post("/admin/staff/user/", typed, follow=True).content.decode()
    assert "1 PIN apagado." in page
    assert not Pin.objects.exists()
    event = AuditEvent.objects.get(action="pin.cleared")
    assert (event.actor, event.subject) == (owner, f"user:{ana.pk}")
