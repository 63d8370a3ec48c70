"""Renewing a token: once while it is quick, and nobody waits long for a process that does not come back."""

import threading
from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from smartbis_admin.api.ports import Token
from smartbis_admin.connections import wire
from smartbis_admin.connections.models import Connection, WireState
from smartbis_admin.connections.services import create_connection
from smartbis_admin.connections.wire import RENEWAL_LEASE, DatabaseTokenStore


@pytest.fixture
def account(db: None) -> Connection:
    return create_connection(
        by=None, provider="smartbis", name="Conta", base_url="http://127.0.0.1:9/v2/", credentials={}
    )


def token(value: str) -> Token:
    return Token(value, timezone.now() + timedelta(hours=1))


def test_who_died_renewing_is_waited_for_two_seconds(
    account: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    with time_machine.travel(timezone.now(), tick=False) as clock:
        monkeypatch.setattr(wire.time, "sleep", clock.shift)
        began = timezone.now()
        WireState.objects.update(renewing_until=began + RENEWAL_LEASE)
        assert DatabaseTokenStore(account.pk).renew(None, lambda: token("mine")).value == "mine"
        assert timedelta(seconds=2) <= timezone.now() - began < timedelta(seconds=2.2)
    assert WireState.objects.get().renewing_until is None


def test_who_comes_back_late_touches_nothing_of_who_took_over(
    account: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    store, seen = DatabaseTokenStore(account.pk), []

    with time_machine.travel(timezone.now(), tick=False) as clock:
        monkeypatch.setattr(wire.time, "sleep", clock.shift)

        def slow() -> Token:
            clock.shift(RENEWAL_LEASE.total_seconds() + 1)
            seen.append(store.renew(None, lambda: token("of the second")).value)
            # And a third is at it by now.
            WireState.objects.update(renewing_until=timezone.now() + RENEWAL_LEASE)
            return token("of the first")

        assert store.renew(None, slow).value == "of the first"
        stored, wire_state = store.get(), WireState.objects.get()
        assert seen == ["of the second"]
        assert stored is not None
        assert stored.value == "of the second"
        assert wire_state.renewing_until == timezone.now() + RENEWAL_LEASE


def test_who_waits_for_a_slow_platform_is_heard_of(
    transactional_db: None, account: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(wire, "RENEWAL_LEASE", timedelta(seconds=0.4))
    beaten, rounds = threading.Event(), []

    def slow() -> Token:
        first = WireState.objects.get().renewing_until
        while WireState.objects.get().renewing_until == first and len(rounds) < 200:
            rounds.append(beaten.wait(0.05))
        return token("mine")

    assert DatabaseTokenStore(account.pk).renew(None, slow).value == "mine"
    assert 0 < len(rounds) < 200
    assert (WireState.objects.get().renewing_until, WireState.objects.get().token) == (
        None,
        {"value": "mine"},
    )
