"""Every list call in every profile against every fault of the platform: nothing wrongly withdrawn, no row lost,
the same rows in the end as after an undisturbed run, and one clear line for a person.

The walks run outside any transaction, so that one page is asked for ahead as in a worker.
"""

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from pytest_django import Settings

from sandbox.testing import SandboxServer
from smartbis_admin.connections.models import Connection
from smartbis_admin.connections.services import drop_token
from smartbis_admin.sync.models import SyncRun
from smartbis_admin.sync.words import explain_run
from tests.conftest import PROFILES
from tests.sync.platform import mirror
from tests.sync.shop import NOW, PATHS, ROWS, add_category, client_of, open_shop, walk

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("pages_of_ten")]

DONE = "Concluída"
FEWER = (
    "Incompleta: A plataforma enviou menos linhas do que disse ter. O que chegou foi guardado e nada foi retirado. "
    "Sincronize de novo mais tarde."
)
REPEATED = (
    "Incompleta: A plataforma repetiu uma página da lista. O que chegou foi guardado e nada foi retirado. "
    "Sincronize de novo mais tarde."
)
FALSE_END = (
    "Incompleta: A plataforma deu a lista por encerrada antes da última linha. O que chegou foi guardado e nada foi "
    "retirado. Sincronize de novo mais tarde."
)
CUT = "Falhou: A resposta da plataforma veio vazia ou cortada. Tente de novo em instantes."
NO_JSON = (
    "Falhou: O endereço respondeu com uma página em vez de dados. Confira o endereço da API na integração."
)
REFUSED = "Falhou: A plataforma não aceitou as credenciais. Substitua as credenciais na integração."
SERVER = "Na fila: A plataforma está com problemas. Tente de novo em instantes."
BROKEN = "Na fila: A conexão com a plataforma caiu no meio da resposta. Tente de novo em instantes."
SLOWER = "Na fila: A plataforma pediu para ir mais devagar. Tente de novo em instantes."


@dataclass(frozen=True)
class Fault:
    """What goes wrong at the second page (of a whole list, and with totals, at the first) and the line it leaves:
    in lists with an envelope (profiles `laravel` and `items`), in bare pages, and where the bare list comes as a
    whole whatever page is asked for."""

    enveloped: str
    bare: str | None = None
    whole: str | None = None
    #: Of the sandbox: kind and how many requests meet it. Else `act` changes the platform.
    kind: str = ""
    times: int = 1
    act: Callable[["Cell"], object] | None = None
    #: Lists it can happen to.
    lists: tuple[str, ...] = tuple(ROWS)

    def line(self, cell: "Cell") -> str:
        if cell.profile != "bare":
            return self.enveloped
        lines = [
            self.enveloped,
            self.bare,
            self.whole if cell.is_whole else None,
        ]
        return [line for line in lines if line is not None][-1]


@dataclass
class Cell:
    """One list of one profile."""

    sandbox: SandboxServer
    profile: str
    resource: str
    make_connection: Callable[..., Connection]
    made: int = 0
    removed: set[str] = field(default_factory=set)
    connection: Connection = field(init=False)

    @property
    def credential(self) -> str:
        return f"sandbox-{self.profile}"

    @property
    def is_whole(self) -> bool:
        """Whether the platform sends the whole list whatever page is asked for."""
        return self.profile == "bare" and self.resource in ("categories", "rewards")

    def connect(self) -> Connection:
        """A connection to it, with a mirror of its own."""
        connection = self.make_connection(self.profile)
        Connection.objects.filter(pk=connection.pk).update(name=f"Conta {connection.pk}")
        return connection

    def append(self) -> None:
        """A row at the end of the list."""
        self.made += 1
        name = f"Nova {self.made}"
        if self.resource == "categories":
            add_category(self.sandbox, self.sandbox.token(self.credential), name)
            return
        acts: dict[str, tuple[str, dict[str, Any]]] = {
            "rewards": ("create_coupon", {"name": name}),
            "customers": ("create_customer", {"name": name}),
            "vouchers": ("issue_voucher", {"code": f"Z-{self.made}"}),
        }
        act, args = acts[self.resource]
        self.sandbox.act(act, args, credential=self.credential)

    def put_in_front(self) -> None:
        """A row before all others, which every page moves on by (a voucher issued earlier)."""
        self.made += 1
        self.sandbox.clock(NOW - timedelta(hours=self.made))
        self.sandbox.act("issue_voucher", {"code": f"A-{self.made}"}, credential=self.credential)
        self.sandbox.clock(NOW)

    def take_first(self) -> None:
        """The first row vanishes, so that the first row of the second page moves to a page already read."""
        first = mirror(self.resource, self.connection)[len(self.removed)]["id"]
        self.removed.add(first)
        acts = {
            "rewards": ("remove_coupon", "coupon_id"),
            "customers": ("remove_customer", "customer_id"),
            "vouchers": ("remove_voucher", "code"),
        }
        act, name = acts[self.resource]
        self.sandbox.act(act, {name: first}, credential=self.credential)


def burst(kind: str, line: str, times: int = 50) -> Fault:
    """A fault that lasts longer than the client repeats a read."""
    return Fault(line, kind=kind, times=times)


def blip(kind: str, times: int = 1) -> Fault:
    """A fault that a repeated read gets over."""
    return Fault(DONE, kind=kind, times=times)


FAULTS: dict[str, Fault] = {
    "cut page": Fault(FEWER, bare=FALSE_END, whole=DONE, kind="cut_page"),
    "repeated page": Fault(REPEATED, whole=DONE, kind="repeat_page"),
    "endless paging": Fault(REPEATED, whole=DONE, kind="ignore_paging", times=50),
    "rows come at the end": Fault(DONE, act=Cell.append),
    "rows come at the front": Fault(FEWER, bare=DONE, act=Cell.put_in_front, lists=("vouchers",)),
    "rows go from the front": Fault(
        FEWER, bare=DONE, act=Cell.take_first, lists=("rewards", "customers", "vouchers")
    ),
    "total too low": Fault(FALSE_END, bare=DONE, kind="total_less", times=50),
    "total too high": Fault(FEWER, bare=DONE, kind="total_more", times=50),
    "cut JSON": Fault(CUT, kind="cut_json"),
    "cut reply": blip("truncate_200"),
    "cut reply, again and again": burst("truncate_200", BROKEN),
    "empty reply": Fault(CUT, kind="empty_200"),
    "page of another site": Fault(NO_JSON, kind="html_200"),
    "wrong type in a row": Fault(DONE, kind="wrong_type"),
    "401": blip("unauthorized"),
    "401 twice": Fault(REFUSED, kind="unauthorized", times=2),
    "429": blip("rate_limit"),
    "429 without Retry-After": blip("rate_limit_silent"),
    "429 again and again": burst("rate_limit", SLOWER),
    "429 without Retry-After again and again": burst("rate_limit_silent", SLOWER),
    "5xx, three times": blip("error_before", times=3),
    "5xx again and again": burst("error_after", SERVER),
    "502 of a proxy": blip("html_502"),
    "dropped": blip("drop_after"),
    "dropped again and again": burst("drop_before", BROKEN),
    "stalled read": blip("stall_after"),
}


@pytest.fixture
def cell(
    request: pytest.FixtureRequest,
    sandbox: SandboxServer,
    make_connection: Callable[..., Connection],
    settings: Settings,
) -> Cell:
    """One list of one profile; the brake is off, or it would hide a wrong withdrawal."""
    settings.SYNC_BRAKE_ROWS = 10_000
    profile, resource = request.param
    return Cell(sandbox, profile, resource, make_connection)


@pytest.mark.parametrize(
    "cell",
    [
        # What the wire makes of a fault is no matter of the database: one profile is enough for the second.
        pytest.param(
            (profile, name),
            id=f"{profile}-{name}",
            marks=() if profile == PROFILES[0] else pytest.mark.one_database,
        )
        for profile in PROFILES
        for name in ROWS
    ],
    indirect=True,
)
def test_no_fault_of_the_platform_loses_or_withdraws_a_row(cell: Cell, subtests: pytest.Subtests) -> None:
    open_shop(cell.sandbox, cell.credential, cell.resource)
    expected = undisturbed_mirror(cell)
    assert len(expected) == ROWS[cell.resource]
    for name, fault in FAULTS.items():
        if fault.kind:
            with subtests.test(name):
                assert disturb(cell, fault) == expected
    for name, fault in FAULTS.items():
        if fault.act and cell.resource in fault.lists:
            open_shop(cell.sandbox, cell.credential, cell.resource)
            with subtests.test(name):
                found = disturb(cell, fault)
                there = undisturbed_mirror(cell)
                assert len(there) == ROWS[cell.resource] - len(cell.removed) + cell.made
                assert [row for row in found if row["id"] not in cell.removed] == there


def undisturbed_mirror(cell: Cell) -> list[dict[str, Any]]:
    """What a first load gives that nothing disturbs."""
    connection = cell.connect()
    with closing(client_of(connection)) as client:
        undisturbed(connection, client, cell.resource)
    return mirror(cell.resource, connection)


def disturb(cell: Cell, fault: Fault) -> list[dict[str, Any]]:
    """A first load and two later walks in a row, all disturbed, and one that nothing disturbs: its mirror."""
    connection, resource = cell.connect(), cell.resource
    cell.connection, cell.made, cell.removed = connection, 0, set()
    patience = 0.5 if fault.kind == "stall_after" else 20
    with closing(client_of(connection, read=patience)) as client:
        if fault.act is Cell.take_first:
            # What goes away must have been known.
            walk(connection, client, resource)

        def meddle() -> None:
            if fault.kind:
                cell.sandbox.fault(fault.kind, method="GET", path=PATHS[resource], times=fault.times)
            elif fault.act:
                fault.act(cell)

        def disturbed() -> None:
            page = 1 if cell.is_whole or fault.kind.startswith("total_") else 2
            run = walk(connection, client, resource, {page: meddle})
            cell.sandbox.clear_faults()
            assert line_of(run) == fault.line(cell)
            assert run.rows_held == 0
            connection.refresh_from_db()
            if connection.blocked_at is not None:
                Connection.objects.filter(pk=connection.pk).update(blocked_at=None)
                drop_token(connection)

        disturbed()
        undisturbed(connection, client, resource)
        for _again in range(1 if patience < 1 else 2):
            disturbed()
            gone = {row["id"] for row in mirror(resource, connection) if row["withdrawn"]}
            assert gone <= cell.removed
        undisturbed(connection, client, resource)
    return mirror(resource, connection)


def undisturbed(connection: Connection, client: Any, resource: str) -> None:
    """A run that nothing disturbs."""
    run = walk(connection, client, resource)
    assert (line_of(run), run.issue_count) == (DONE, 0)


def line_of(run: SyncRun) -> str:
    """What the screens say of a run: its state, and why."""
    lines = [str(run.get_state_display()), explain_run(run)]
    return ": ".join(line for line in lines if line)
