"""The mirror watched in a real browser: live progress that outlives a reload and a walk through other pages, and a
run stopped within a page. The worker is frozen between two pages, so that nothing depends on time.
"""

import threading
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import pytest
from django.db import connections
from playwright.sync_api import Page, expect

from customers.models import Customer
from smartbis_admin.connections.models import Connection
from smartbis_admin.connections.services import create_connection
from smartbis_admin.staff.models import User
from smartbis_admin.sync.engine import execute, walking
from smartbis_admin.sync.models import Drift, SyncRun
from tests.sync.platform import Platform, changed, claimed, customers, sync

PATIENCE = 60


def connect() -> Connection:
    return create_connection(
        by=None, provider="smartbis", name="Conta", base_url="http://127.0.0.1:9/v2/", credentials={}
    )


class Worker:
    """Walks a list of sixty rows, ten a page, and stops before the third and the fifth until it is told to go on."""

    def __init__(self, run: SyncRun) -> None:
        self.platform = Platform(customers(60))
        self._gates = {number: threading.Event() for number in (3, 5)}
        self._arrived = {number: threading.Event() for number in (3, 5)}
        self.platform.hooks = {number: lambda number=number: self._stop(number) for number in self._gates}
        self._thread = threading.Thread(target=self._work, args=[run])
        self._thread.start()

    def _work(self, run: SyncRun) -> None:
        try:
            execute(run, client=self.platform)
        finally:
            connections.close_all()

    def _stop(self, number: int) -> None:
        self._arrived[number].set()
        assert self._gates[number].wait(PATIENCE)

    def wait_before(self, number: int) -> None:
        assert self._arrived[number].wait(PATIENCE)

    def go_on_at(self, number: int) -> None:
        self._gates[number].set()

    def end(self) -> None:
        for gate in self._gates.values():
            gate.set()
        self._thread.join(PATIENCE)


@pytest.fixture
def worker(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[Worker]:
    monkeypatch.setattr(walking, "PER_PAGE", 10)
    made = Worker(claimed(connect()))
    yield made
    made.end()


SIZES = pytest.mark.parametrize(("width", "height", "dark"), [(1280, 860, False), (360, 740, True)])


@SIZES
def test_progress_goes_on_and_is_cancelled_within_a_page(
    width: int,
    height: int,
    dark: bool,
    worker: Worker,
    manager: User,
    open_page: Callable[..., Page],
    sign_in: Callable[[Page, User], None],
    axe: Callable[[Page], None],
    shot: Callable[..., Any],
) -> None:
    page = open_page(width, height, dark=dark)
    sign_in(page, manager)
    row = page.get_by_role("row", name="Clientes")
    worker.wait_before(3)
    page.goto("/sincronizacao/")
    expect(row).to_contain_text("20 linhas · 2 páginas")
    expect(row).to_contain_text("limite de 10.000 páginas/s")
    expect(row.get_by_role("progressbar")).to_have_attribute("value", "33")
    axe(page)
    shot(page, f"sync-running-{width}", full_page=True)
    page.reload()
    expect(row).to_contain_text("20 linhas · 2 páginas")
    page.goto("/clientes/")
    page.goto("/sincronizacao/")

    worker.go_on_at(3)
    expect(row).to_contain_text("40 linhas · 4 páginas")
    worker.wait_before(5)
    row.get_by_role("button", name="Cancelar").click()
    expect(page.get_by_role("region", name="Avisos")).to_contain_text("Cancelamento pedido")
    expect(row).to_contain_text("Cancelando: para antes da próxima página.")
    axe(page)
    worker.go_on_at(5)
    expect(row).to_contain_text("Cancelada")
    worker.end()
    run = SyncRun.objects.get()
    assert (run.state, run.pages, Customer.objects.count()) == (SyncRun.State.CANCELLED, 4, 40)
    # The fifth page had come and the sixth was on its way; neither is stored.
    assert worker.platform.served == [1, 2, 3, 4, 5, 6]
    shot(page, f"sync-cancelled-{width}", full_page=True)


@SIZES
def test_drift_is_looked_at_and_acknowledged_after_a_preview(
    width: int,
    height: int,
    dark: bool,
    transactional_db: None,
    manager: User,
    open_page: Callable[..., Page],
    sign_in: Callable[[Page, User], None],
    axe: Callable[[Page], None],
    shot: Callable[..., Any],
) -> None:
    account, rows = connect(), customers(8)
    sync(account, Platform(rows))
    rows[1] = changed(rows[1], name="Maria das Dores Albuquerque", email="maria@example.test", phone=None)
    rows[2] = changed(rows[2], cashback_balance=Decimal("1250.00"), points_balance=Decimal("3.25"))
    sync(account, Platform(rows[:7]))
    page = open_page(width, height, dark=dark)
    sign_in(page, manager)

    def look(name: str) -> None:
        axe(page)
        shot(page, f"drift-{name}-{width}", full_page=True)

    page.goto("/sincronizacao/divergencias/")
    expect(page.get_by_role("link", name="Maria das Dores Albuquerque")).to_be_visible()
    look("list")
    page.get_by_role("link", name="Cliente 3").click()
    for text in ("R$ 1,00", "R$ 1.250,00", "Ler de novo"):
        expect(page.get_by_text(text).first).to_be_visible()
    look("detail")
    page.go_back()
    page.get_by_role("checkbox", name="Selecionar todas as linhas desta página").check()
    page.get_by_role("button", name="Marcar como conferidas").click()
    expect(page.get_by_text("Vai acontecer com 3 linhas.")).to_be_visible()
    look("preview")
    assert Drift.objects.filter(state="open").count() == 3
    page.get_by_role("button", name="Confirmar").click()
    expect(page.get_by_text("3 linhas alteradas.")).to_be_visible()
    assert not Drift.objects.filter(state="open").exists()
