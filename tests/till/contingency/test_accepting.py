"""While the platform is away: what is offered, what is accepted, and what the policy forbids."""

import threading
import uuid
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connections
from django.test import Client
from django.utils import timezone

from sandbox.testing import SandboxServer
from smartbis_admin.connections.models import Connection
from smartbis_admin.staff.models import AuditEvent, Shift, Store, Till, User
from smartbis_admin.staff.stores import save_store
from smartbis_admin.sync.models import SyncRun
from tests.till.conftest import CODE, validations
from tests.till.contingency.conftest import PIN, SCRIPT, cut, nothing_happened, told
from tests.till.test_pages import words
from vouchers.contingency import accepting
from vouchers.contingency.accepting import NotAcceptedError, accept
from vouchers.contingency.models import ContingencyRelease, ContingencyUse
from vouchers.contingency.policy import Policy, policy_of, release_at
from vouchers.models import Redemption, Voucher, VoucherFlag
from vouchers.till.verdicts import verdict_of

Breach = ContingencyUse.Breach
Accepted = Callable[..., Redemption]


def read(client: Client, code: str = CODE, **more: Any) -> Any:
    sent = {"scan": str(uuid.uuid4()), "code": code} | more
    return client.post("/caixa/ler/", sent, **SCRIPT)


def say_yes(client: Client, scan: Redemption, **how: Any) -> Any:
    sent = {"scan": str(scan.pk), "code": scan.code_sent, "contingency": "1"}
    return client.post("/caixa/ler/", sent, **(how or SCRIPT))


# --- At the till ------------------------------------------------------------------------------------------
def test_it_is_offered_and_only_a_yes_accepts(
    at_till: Client, issued: list[str], connection: Connection, sandbox: SandboxServer, shift: Shift
) -> None:
    with cut(connection):
        asked = read(at_till).content.decode()
        assert words(asked) == [
            "Sem conexão com a plataforma",
            "Validar em contingência?",
            "Para aceitar: Enter ou o botão. Ler outro voucher desiste deste.",
        ]
        scan = Redemption.objects.get()
        assert f'data-kind="offer" data-scan="{scan.pk}"' in asked
        assert "data-offer" in asked
        assert told(scan) == ("not_done", "not_sent", "")
        assert nothing_happened()
        answer = say_yes(at_till, scan).content.decode()
    assert words(answer) == [
        "Aceito em contingência",
        "Ainda não confirmado pela plataforma.",
        "Entregue o benefício. A confirmação aparece sozinha nas últimas leituras.",
    ]
    assert 'data-kind="contingency"' in answer
    assert "Válido" not in answer
    assert told(scan) == ("contingency", "", "waiting")
    use = ContingencyUse.objects.get()
    assert (scan.road, use.till, use.release, use.breach) == ("platform", shift.till, None, "")
    assert use.policy == {"mode": "accept", "max_value": "50.00", "max_per_hour": 3, "needs_pin": False}
    event = AuditEvent.objects.get(action="contingency.accepted")
    assert (event.actor, event.subject) == (shift.cashier, f"redemption:{scan.pk}")
    assert validations(sandbox) == []
    # The same yes again, and a page without script, change nothing and say the same.
    page = say_yes(at_till, scan, HTTP_ACCEPT="text/html")
    assert page.url == f"/caixa/leituras/{scan.pk}/"
    assert "Aceito em contingência" in at_till.get(page.url).content.decode()
    assert ContingencyUse.objects.count() == 1
    status = at_till.get("/caixa/leituras/", **SCRIPT).content.decode()
    assert "1 em contingência" in status
    assert "Contingência: aceitar dentro dos limites" in status


def test_another_till_reads_who_accepted_it_where_and_when(
    accepted: Accepted, scan: Callable[..., Redemption], other_till: Till, shift: Shift
) -> None:
    first = accepted()
    second = scan(till=other_till)
    assert told(second) == ("refused", "in_contingency", "")
    assert second.winner == first
    assert second.write is None
    verdict = accepting_words(second)
    when = timezone.localtime(first.happened_at).strftime("%d/%m/%Y %H:%M")
    assert verdict == (
        "used",
        "Já aceito em contingência",
        f"Em {when}, Loja Centro · Caixa 1, por Caio. A plataforma ainda não confirmou.",
    )
    again = scan(till=shift.till)
    assert accepting_words(again)[:2] == ("contingency", "Aceito em contingência")


def accepting_words(scan: Redemption) -> tuple[str, str, str]:
    verdict = verdict_of(scan)
    return str(verdict.kind), str(verdict.word), str(verdict.reason)


#: What is wrong -> what the till says.
FORBIDDEN: dict[str, tuple[str, str]] = {
    "refused": ("A loja não aceita vouchers sem conexão.", "Não entregue o benefício."),
    "no_release": (
        "Nenhum gestor liberou a contingência neste turno.",
        "Um gestor libera com o PIN, neste ponto de caixa.",
    ),
    "old_mirror": ("A nossa cópia dos vouchers é antiga demais.", "Não entregue o benefício."),
    "unknown_code": ("O código não está na nossa cópia dos vouchers.", "Confira o código e leia de novo."),
    "not_issued": ("Na nossa cópia este voucher não pode ser usado.", "Não entregue o benefício."),
    "expired": ("O voucher está vencido.", "Não entregue o benefício."),
    "not_started": ("O voucher ainda não vale.", "Não entregue o benefício."),
    "no_amount": (
        "O benefício não tem valor em reais para comparar com o limite da loja.",
        "Não entregue o benefício.",
    ),
    "too_dear": (
        "O voucher vale mais que o limite da loja sem conexão.",
        "Não entregue o benefício e chame o gestor.",
    ),
    "too_many": (
        "Este ponto de caixa já aceitou o máximo de vouchers por hora.",
        "Não entregue o benefício e chame o gestor.",
    ),
}


def forbid(breach: str, accepted: Accepted) -> None:
    now = timezone.now()
    match breach:
        case "refused":
            Store.objects.update(contingency="refuse")
        case "no_release":
            Store.objects.update(contingency_needs_pin=True)
        case "old_mirror":
            SyncRun.objects.update(finished_at=now - timedelta(hours=25))
        case "unknown_code":
            Voucher.objects.filter(remote_id=CODE).delete()
        case "not_issued":
            Voucher.objects.update(status=Voucher.Status.USED)
        case "expired":
            Voucher.objects.update(expires_at=now - timedelta(seconds=1))
        case "not_started":
            Voucher.objects.update(starts_at=now + timedelta(minutes=1))
        case "no_amount":
            Voucher.objects.update(value=None)
        case "too_dear":
            Voucher.objects.filter(remote_id=CODE).update(value=Decimal("50.01"))
        case "too_many":
            for n in range(1, 4):
                accepted(f"VALE-000{n}")


@pytest.mark.parametrize("breach", FORBIDDEN)
def test_what_the_policy_forbids_is_not_offered_and_not_accepted(
    breach: str, at_till: Client, accepted: Accepted, connection: Connection, sandbox: SandboxServer
) -> None:
    forbid(breach, accepted)
    before = ContingencyUse.objects.count()
    with cut(connection):
        page = read(at_till).content.decode()
        assert words(page) == ["Sem conexão – não validar", *FORBIDDEN[breach]]
        assert "data-offer" not in page
        scan = Redemption.objects.get(code=CODE)
        # Somebody says yes all the same.
        assert words(say_yes(at_till, scan).content.decode())[1] == FORBIDDEN[breach][0]
    assert told(scan) == ("not_done", "not_sent", "")
    assert ContingencyUse.objects.count() == before
    assert validations(sandbox) == []


def test_a_policy_that_changed_between_the_offer_and_the_yes_counts(
    at_till: Client, issued: list[str], connection: Connection, sandbox: SandboxServer
) -> None:
    with cut(connection):
        read(at_till)
        scan = Redemption.objects.get()
        Store.objects.update(contingency="refuse")
        assert words(say_yes(at_till, scan).content.decode())[0] == "Sem conexão – não validar"
    assert nothing_happened()


@pytest.mark.parametrize("way", ["late", "another_shift", "answered", "another_till"])
def test_a_yes_to_what_is_over_accepts_nothing(
    way: str, at_till: Client, issued: list[str], connection: Connection, shift: Shift, other_shift: Shift
) -> None:
    with cut(connection):
        read(at_till)
        scan = Redemption.objects.get()
        match way:
            case "late":
                Redemption.objects.update(received_at=timezone.now() - timedelta(minutes=6))
            case "another_shift":
                Redemption.objects.update(shift=other_shift)
            case "answered":
                Redemption.objects.update(state="refused", reason="voucher_cancelled")
            case "another_till":
                Redemption.objects.update(till=other_shift.till)
        page = say_yes(at_till, scan).content.decode()
    assert words(page)[:2] == ["Sem conexão – não validar", "Passou tempo demais desde a leitura."]
    assert nothing_happened()


def test_an_answer_that_was_lost_is_never_offered(
    at_till: Client, issued: list[str], sandbox: SandboxServer
) -> None:
    """The platform may have used the voucher: that is in doubt, and no matter for a contingency."""
    sandbox.fault("drop_after", method="POST", path="vouchers/*/validate")
    assert words(read(at_till).content.decode())[0] == "Confirmando"
    scan = Redemption.objects.get()
    assert words(say_yes(at_till, scan).content.decode())[0] == "Sem conexão – não validar"
    assert told(scan) == ("in_doubt", "", "")


def test_a_voucher_somebody_took_meanwhile_is_lost(
    at_till: Client,
    issued: list[str],
    connection: Connection,
    scan: Callable[..., Redemption],
    other_till: Till,
) -> None:
    with cut(connection):
        read(at_till)
    mine = Redemption.objects.get()
    rival = scan(till=other_till)
    assert told(rival) == ("valid", "", "")
    page = say_yes(at_till, mine).content.decode()
    assert words(page)[0] == "Já usado"
    assert told(mine) == ("used", "voucher_used", "")
    assert mine.winner == rival
    assert mine.road == ""


# --- Limits at the same moment ----------------------------------------------------------------------------
def wait_in_the_gap(monkeypatch: pytest.MonkeyPatch, people: int) -> None:
    """Everybody counts before anybody stores: the gap the till's lock closes."""
    barrier, real = threading.Barrier(people), accepting.accepted_since

    def counted(*args: Any) -> Any:
        found = real(*args)
        barrier.wait(30)
        return found

    monkeypatch.setattr(accepting, "accepted_since", counted)
    monkeypatch.setattr(accepting, "one_at_a_time", lambda till: nullcontext())
    monkeypatch.setattr(accepting, "_hold", unguarded_hold)


def unguarded_hold(scan: Redemption, now: Any) -> bool:
    Redemption.objects.filter(pk=scan.pk).update(road="platform", state="contingency")
    return True


def accept_at_once(scans: list[Redemption], shift: Shift) -> list[str]:
    def go(scan: Redemption) -> str:
        try:
            accept(scan=scan, shift=shift, by=shift.cashier)
            return "accepted"
        except NotAcceptedError as error:
            return error.code
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(scans)) as pool:
        return sorted(pool.map(go, scans))


@pytest.fixture
def unsent(
    transactional_db: None,
    scan: Callable[..., Redemption],
    connection: Connection,
    shift: Shift,
    sandbox: SandboxServer,
    issued: list[str],
) -> Callable[[int], list[Redemption]]:
    """Readings that found no platform, each of another voucher."""

    def make(count: int) -> list[Redemption]:
        template = Voucher.objects.get(remote_id=issued[1])
        for n in range(count):
            template.pk, template.remote_id, template.code_key = None, f"MUITO-{n}", f"MUITO{n}"
            template.save(force_insert=True)
        with cut(connection):
            return [scan(f"MUITO-{n}", shift=shift, till=shift.till) for n in range(count)]

    return make


def test_twenty_at_once_are_as_many_as_allowed(
    unsent: Callable[[int], list[Redemption]], shift: Shift
) -> None:
    assert accept_at_once(unsent(20), shift) == ["accepted"] * 3 + ["too_many"] * 17
    assert ContingencyUse.objects.count() == Redemption.objects.filter(state="contingency").count() == 3


def test_without_the_lock_all_of_them_are(
    unsent: Callable[[int], list[Redemption]], shift: Shift, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The proof that the lock matters: counted side by side, everybody is below the limit."""
    scans = unsent(5)
    wait_in_the_gap(monkeypatch, 5)
    monkeypatch.setattr(
        Redemption.objects.__class__, "select_for_update", lambda self, **how: self.get_queryset()
    )
    assert accept_at_once(scans, shift) == ["accepted"] * 5


def test_one_voucher_accepted_at_twenty_tills_is_accepted_once(
    transactional_db: None,
    scan: Callable[..., Redemption],
    connection: Connection,
    store: Store,
    manager: User,
    issued: list[str],
) -> None:
    shifts = [
        Shift.objects.create(
            till=Till.objects.create(store=store, name=f"Fila {n}"),
            cashier=manager,
            opened_at=timezone.now(),
            seen_at=timezone.now(),
        )
        for n in range(20)
    ]
    with cut(connection):
        scans = [scan(shift=shift, till=shift.till) for shift in shifts]

    def go(pair: tuple[Redemption, Shift]) -> str:
        try:
            return str(accept(scan=pair[0], shift=pair[1], by=manager).state)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(20) as pool:
        states = sorted(pool.map(go, zip(scans, shifts, strict=True)))
    assert states == ["contingency"] + ["refused"] * 19
    assert ContingencyUse.objects.count() == 1
    losers = Redemption.objects.filter(state="refused")
    assert set(losers.values_list("reason", "winner")) == {
        ("in_contingency", ContingencyUse.objects.get().pk)
    }


def test_the_pages_of_the_voucher_and_its_customer_show_it(
    accepted: Accepted, manager_client: Client, sandbox: SandboxServer
) -> None:
    scan = accepted()
    voucher = Voucher.objects.get(remote_id=CODE)
    for page in (f"/vouchers/{voucher.pk}/", f"/clientes/{voucher.customer.pk}/"):
        answer = manager_client.get(page)
        assert answer.status_code == 200
        assert "Aceito em contingência" in answer.content.decode(), page
    assert told(scan)[2] == "waiting"


# --- Policies and releases --------------------------------------------------------------------------------
def test_a_policy_is_that_of_its_moment(store: Store, owner: User) -> None:
    before = timezone.now()
    store.contingency_max_per_hour, store.contingency_needs_pin = 9, True
    save_store(store, by=owner, changed=["contingency_max_per_hour", "contingency_needs_pin"])
    store.name = "Loja Nova"
    save_store(store, by=owner, changed=["name"])
    assert policy_of(store, before) == Policy(True, Decimal(50), 3, False)
    assert policy_of(store) == policy_of(store, timezone.now()) == Policy(True, Decimal(50), 9, True)
    assert store.past_policies.count() == 1


def test_a_release_lasts_until_its_end_its_shift_or_its_revoking(
    shift: Shift, released: ContingencyRelease, manager_client: Client, releaser: User
) -> None:
    now = timezone.now()
    assert release_at(shift) == released
    assert release_at(shift, released.at - timedelta(seconds=1)) is None
    assert release_at(shift, released.until) is None
    url = f"/caixa/turnos/{shift.pk}/revogar/"
    assert manager_client.post(url, {"confirmed": "1"}).status_code in (200, 302)
    assert release_at(shift) is None
    assert release_at(shift, now) == released
    assert AuditEvent.objects.get(action="contingency.revoked").actor == releaser
    ContingencyRelease.objects.update(revoked_at=None)
    shift.closed_at = now
    assert release_at(shift) is None


def test_a_manager_releases_with_the_pin_and_nobody_else(
    at_till: Client, releaser: User, shift: Shift, cashier: User, connection: Connection
) -> None:
    Store.objects.update(contingency_needs_pin=True, contingency_release_hours=2)
    page = at_till.get("/caixa/contingencia/liberar/").content.decode()
    assert "até R$\xa050,00, no máximo 3 por hora" in page
    assert "Vale por 2 horas, até o fim do turno no máximo." in page
    assert f'value="{releaser.pk}"' in page
    assert f'value="{cashier.pk}"' not in page
    wrong = at_till.post("/caixa/contingencia/liberar/", {"manager": releaser.pk, "pin": "9999"})
    assert "O PIN não confere." in wrong.content.decode()
    assert not ContingencyRelease.objects.exists()
    releaser.pin.refresh_from_db()
    assert releaser.pin.failures == 1
    good = at_till.post("/caixa/contingencia/liberar/", {"manager": releaser.pk, "pin": PIN})
    assert good.url == "/caixa/"
    release = ContingencyRelease.objects.get()
    assert (release.shift, release.manager) == (shift, releaser)
    assert release.until - release.at == timedelta(hours=2)
    event = AuditEvent.objects.get(action="contingency.released")
    assert (event.actor, event.subject) == (releaser, f"shift:{shift.pk}")
    assert "por Marta" in at_till.get("/caixa/leituras/", **SCRIPT).content.decode()


def test_pins_of_managers_are_throttled_like_all(at_till: Client, releaser: User, store: Store) -> None:
    Store.objects.update(contingency_needs_pin=True)
    typed = {"manager": releaser.pk, "pin": "9999"}
    pages = [at_till.post("/caixa/contingencia/liberar/", typed).content.decode() for _try in range(6)]
    assert "PIN bloqueado por 15 minutos depois de 5 erros." in pages[-1]
    good = at_till.post("/caixa/contingencia/liberar/", typed | {"pin": PIN}).content.decode()
    assert "PIN bloqueado por 15 minutos depois de 5 erros." in good
    assert not ContingencyRelease.objects.exists()


def test_a_released_acceptance_names_its_release(accepted: Accepted, released: ContingencyRelease) -> None:
    scan = accepted()
    assert told(scan) == ("contingency", "", "waiting")
    assert ContingencyUse.objects.get().release == released


def test_a_marked_voucher_is_looked_at_before_it_is_offered(
    at_till: Client, issued: list[str], connection: Connection, manager: User
) -> None:
    VoucherFlag.objects.create(
        voucher=Voucher.objects.get(remote_id=CODE), note="Documento", flagged_by=manager
    )
    with cut(connection):
        assert words(read(at_till).content.decode())[0] == "Confira"
        assert words(read(at_till).content.decode())[0] == "Sem conexão com a plataforma"
